# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a rendering has to be given, checked and completed.

The other verbs read from the cluster what the objects depend on, and roll pods by what the Secrets hold. Whoever
renders has no cluster to ask, so he says both.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, nearest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import instances, variables

EXTERNAL_SECRET = "ExternalSecret"
SEALED_SECRET = "SealedSecret"
_STORES = ("SecretStore", "ClusterSecretStore")

APPLICATION = "Application"
APPLICATION_SET = "ApplicationSet"

_CLUSTER_KEYS = ("generation", *variables.FROM_CLUSTER)
_SERVICE_VERSION = re.compile(r"serving\.kserve\.io/v[0-9][a-z0-9]*\Z")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")

# Where a field of a Secret is in the store of ExternalSecrets: fit for the stores that allow no slash in a name.
_REMOTE_KEY = "{namespace}-{instance}"

Settings = t.Mapping[str, t.Any]


class Options(t.NamedTuple):
    """C(secrets): kind, store {name, kind}, remote_key; or None. C(revisions): by C(<namespace>/<Secret>).

    C(argocd): kind, name, namespace, project, repo_url, revision, path, server; or None.
    """

    secrets: dict[str, t.Any] | None = None
    revisions: t.Mapping[str, str] = {}
    argocd: dict[str, str] | None = None


def complete(settings: Settings, normalised: t.Sequence[t.Mapping[str, t.Any]]) -> tuple[Options, Findings]:
    """The options of a rendering from the settings of the run, and what is wrong with them."""
    findings = Findings()
    at = _places(findings)
    _check_cluster(settings, at("render_cluster"))
    options = Options(
        secrets=_secrets(settings["render_secrets"], at("render_secrets")),
        revisions=_revisions(settings, normalised, at("render_revisions")),
        argocd=_argocd(settings, at("render_argocd")),
    )
    return options, findings


def refuse_empty(normalised: t.Sequence[t.Any], findings: Findings) -> None:
    """An empty list would take every overlay away, and whoever applies them every instance."""
    if not normalised:
        findings.at(instances.PATH).error(
            "is empty, so that every overlay would be removed, and every instance by what applies them; if that is "
            "meant, delete the directory"
        )


def _places(findings: Findings) -> t.Callable[[str], Findings]:
    return lambda name: findings.at(variables.PREFIX + name)


def _check_cluster(settings: Settings, findings: Findings) -> None:
    findings.refuse_unknown_keys(settings["render_cluster"], _CLUSTER_KEYS)
    needed = ["generation"]
    if settings["scope"] != "platform":
        needed += ["service_version", "storage_initializer"]
    if settings["scope"] != "project":
        needed += ["namespace_labels"]
    missing = [key for key in needed if settings.get(key) is None]
    if missing:
        findings.error(
            f"lacks {', '.join(missing)}. Rendering asks no cluster, so it must be given; where the cluster may be read,"
            " `ansible localhost -m llamastack.maas.maas_info` prints all of it as settings"
        )
    checks: dict[str, tuple[t.Callable[[t.Any], bool], str]] = {
        "service_version": (_is_service_version, "must be a version such as serving.kserve.io/v1alpha2"),
        "storage_initializer": (lambda value: isinstance(value, bool), "must be true or false"),
        "namespace_labels": (_is_labels, "must be a mapping of label to text, {} for none"),
    }
    for key, (is_sound, message) in checks.items():
        if settings.get(key) is not None and not is_sound(settings[key]):
            findings.at(key).error(message)


def _is_service_version(value: t.Any) -> bool:
    return isinstance(value, str) and bool(_SERVICE_VERSION.match(value))


def _is_labels(value: t.Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for pair in value.items() for each in pair)


def _secrets(given: Settings, findings: Findings) -> dict[str, t.Any] | None:
    if not given:
        return None
    findings.refuse_unknown_keys(given, ("kind", "store", "remote_key"))
    findings.at("kind").require_one_of(given.get("kind"), (EXTERNAL_SECRET, SEALED_SECRET))
    if given.get("kind") != EXTERNAL_SECRET:
        for key in ("store", "remote_key"):
            if key in given:
                findings.at(key).error(f"is for {EXTERNAL_SECRET} only")
        return {"kind": given.get("kind")}
    return {
        "kind": EXTERNAL_SECRET,
        "store": _store(given.get("store"), findings.at("store")),
        "remote_key": _remote_key(given.get("remote_key", _REMOTE_KEY), findings.at("remote_key")),
    }


def _store(given: t.Any, findings: Findings) -> dict[str, str]:
    store = {"kind": _STORES[0], **given} if isinstance(given, dict) else {}
    findings.refuse_unknown_keys(store, ("name", "kind"))
    if not isinstance(store.get("name"), str):
        findings.error("must be a mapping with the name of the store and, where it is not a SecretStore, its kind")
        return {}
    variables.check_object_name(store["name"], findings.at("name"))
    findings.at("kind").require_one_of(store["kind"], _STORES)
    return store


def _remote_key(given: t.Any, findings: Findings) -> str:
    try:
        given.format(namespace="", instance="")
    except (AttributeError, KeyError, IndexError, ValueError):
        findings.error("must be text that may hold {namespace} and {instance}, and nothing else in braces")
    return given


def _revisions(settings: Settings, normalised: t.Iterable[t.Mapping[str, t.Any]], findings: Findings) -> dict[str, str]:
    secrets = [each["credentials"]["secret"] for each in normalised]
    known = {secret["name"] for secret in secrets if secret}
    revisions = {}
    for name, value in settings["render_revisions"].items():
        # A date without quotes has become one; text of it is what was written.
        if known and name not in known:
            findings.at(str(name)).error(f"no instance uses a Secret of that name; {nearest(str(name), known)}")
        elif isinstance(value, (dict, list, bool)) or not _REVISION.match(str(value)):
            findings.at(str(name)).error("must be up to 63 letters, digits, dots, underscores and hyphens")
        revisions[f"{settings['namespace']}/{name}"] = str(value)
    return revisions


def _argocd(settings: Settings, findings: Findings) -> dict[str, str] | None:
    given = settings["render_argocd"]
    if not given:
        return None
    defaults = {
        "kind": APPLICATION,
        "name": f"llamastack-maas-{settings['namespace']}",
        "namespace": "openshift-gitops",
        "project": "default",
        "repo_url": None,
        "revision": "HEAD",
        "path": ".",
        "server": "https://kubernetes.default.svc",
    }
    findings.refuse_unknown_keys(given, defaults)
    complete = {**defaults, **given}
    for key, value in complete.items():
        if not isinstance(value, str) or not value:
            findings.at(key).error("must be text" if key != "repo_url" else "must be the URL of the git repository")
    findings.at("kind").require_one_of(complete["kind"], (APPLICATION, APPLICATION_SET))
    if isinstance(complete["path"], str):
        if complete["path"].startswith("/") or ".." in complete["path"].split("/"):
            findings.at("path").error("must be the directory of the files within the repository")
        complete["path"] = complete["path"].strip("/") or "."
    variables.check_object_name(complete["name"], findings.at("name"))
    if not ownership.is_dns_1123(str(complete["namespace"])):
        findings.at("namespace").error("must be the namespace of Argo CD")
    return complete
