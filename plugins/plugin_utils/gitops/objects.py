# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects that a deployment by Argo CD or kubectl has beside ours: where credentials come from, and what Argo CD follows.

None of them carries our labels. The operators copy labels to the Secret that they make, which would then look like one
of ours, to be changed and deleted.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.plugin_utils.gitops.options import APPLICATION, APPLICATION_SET

Object = t.Dict[str, t.Any]
Instance = t.Mapping[str, t.Any]

# Has Argo CD compare by what applying again would change. Else, where it applies server-side, it works that out itself,
# and takes the defaults in the definition of a kind for differences that never go.
_COMPARE = {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}

# What stands in a SealedSecret until somebody has sealed a value. It is no base64, so that the controller says so.
UNSEALED = "SEAL-ME"


def external_secret(instance: Instance, options: t.Mapping[str, t.Any]) -> Object:
    """The ExternalSecret that fetches the instance's credentials from a store: one property for each field."""
    secret = instance["credentials"]["secret"]["name"]
    remote = options["remote_key"].format(namespace=instance["namespace"], instance=instance["name"])
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": secret, "namespace": instance["namespace"]},
        "spec": {
            "secretStoreRef": dict(options["store"]),
            "target": {"name": secret},
            "data": [
                {"secretKey": field["key"], "remoteRef": {"key": remote, "property": field["field"]}}
                for field in instance["credentials"]["fields"]
            ],
        },
    }


def sealed_secret(instance: Instance) -> Object:
    """The SealedSecret of the instance's credentials, which ``kubeseal --merge-into`` fills."""
    metadata = {"name": instance["credentials"]["secret"]["name"], "namespace": instance["namespace"]}
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": metadata,
        "spec": {
            "encryptedData": {field["key"]: UNSEALED for field in instance["credentials"]["fields"]},
            "template": {"type": "Opaque", "metadata": dict(metadata)},
        },
    }


def argocd_objects(options: t.Mapping[str, str], namespace: str, has_shared: bool) -> list[Object]:
    """What makes Argo CD follow the files: one Application of all, or one for each instance.

    For the latter an ApplicationSet goes by the directories, and an Application of its own has what is shared,
    C(has_shared), so that no name of an instance is taken.
    """
    if options["kind"] != APPLICATION_SET:
        return [_argocd(APPLICATION, options, _application(options, options["path"], namespace))]
    made = {
        "goTemplate": True,
        "goTemplateOptions": ["missingkey=error"],
        "generators": [
            {
                "git": {
                    "repoURL": options["repo_url"],
                    "revision": options["revision"],
                    "directories": [{"path": _within(options, "overlays/*")}],
                }
            }
        ],
        "template": {
            "metadata": {"name": options["name"] + "-{{ .path.basename }}", "annotations": dict(_COMPARE)},
            "spec": _application(options, "{{ .path.path }}", namespace),
        },
    }
    shared = _argocd(APPLICATION, options, _application(options, _within(options, "shared"), namespace))
    return [shared] * has_shared + [_argocd(APPLICATION_SET, options, made)]


def _argocd(kind: str, options: t.Mapping[str, str], spec: dict[str, t.Any]) -> Object:
    metadata: dict[str, t.Any] = {"name": options["name"], "namespace": options["namespace"]}
    if kind == APPLICATION:
        metadata["annotations"] = dict(_COMPARE)
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def _within(options: t.Mapping[str, str], path: str) -> str:
    return path if options["path"] == "." else f"{options['path']}/{path}"


def _application(options: t.Mapping[str, str], path: str, namespace: str) -> dict[str, t.Any]:
    return {
        "project": options["project"],
        "source": {"repoURL": options["repo_url"], "targetRevision": options["revision"], "path": path},
        "destination": {"server": options["server"], "namespace": namespace},
        "syncPolicy": {
            # An overlay that is gone is an instance to be removed.
            "automated": {"prune": True, "selfHeal": True},
            # As this collection applies them. A client's apply would show what webhooks fill in as a difference.
            "syncOptions": ["ServerSideApply=true"],
        },
    }
