# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a namespace holds anything that its deletion would take from somebody."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref

# What Kubernetes, OpenShift and OpenShift AI put into every namespace by themselves.
_DEFAULTS = {
    "ConfigMap": re.compile(
        r"kube-root-ca\.crt|openshift-service-ca\.crt|istio-ca-root-cert"
        r"|odh-trusted-ca-bundle|odh-kserve-custom-ca-bundle"
        r"|config-(service|trusted)-cabundle"
    ),
    "ServiceAccount": re.compile(r"default|builder|deployer|pipeline"),
    "Secret": re.compile(r"(default|builder|deployer|pipeline)-(token|dockercfg)-[a-z0-9]{5}"),
    "RoleBinding": re.compile(r"system:(deployers|image-builders|image-pullers)|admin|openshift-pipelines-edit"),
}
# Records and views of other objects.
_NO_CONTENT = ("Event", "PodMetrics", "PackageManifest", "Endpoints", "EndpointSlice")
# OLM copies the ClusterServiceVersions of cluster-wide operators into every namespace.
_COPIED = "olm.copiedFrom"


def listable_kinds(discovery: t.Iterable[t.Mapping[str, t.Any]]) -> list[tuple[str, str]]:
    """Version and kind of all that a namespace can hold, each kind once.

    ``discovery``: the API's aggregated discovery documents, of ``/api`` and ``/apis``.
    """
    kinds: dict[tuple[str, str], str] = {}
    for document in discovery:
        for group in document.get("items") or []:
            name = (group.get("metadata") or {}).get("name")
            for version in group.get("versions") or []:
                for resource in version.get("resources") or []:
                    kind = (resource.get("responseKind") or {}).get("kind")
                    if (
                        resource.get("scope") != "Namespaced"
                        or "list" not in resource.get("verbs", [])
                        or kind in _NO_CONTENT
                    ):
                        continue
                    # The first version is the preferred one.
                    kinds.setdefault((name or "", kind), f"{name}/{version['version']}" if name else version["version"])
    return [(api_version, kind) for (_group, kind), api_version in kinds.items()]


def of_others(objects: t.Iterable[t.Mapping[str, t.Any]], doomed: t.Collection[Ref]) -> list[Ref]:
    """The objects that are neither ``doomed``, nor made by the platform, nor made for another object."""
    found = []
    going = {_regardless_of_version(ref) for ref in doomed}
    for obj in objects:
        ref = Ref.of(obj)
        metadata = obj["metadata"]
        default = _DEFAULTS.get(ref.kind)
        if (
            _regardless_of_version(ref) in going
            or metadata.get("ownerReferences")
            or _COPIED in (metadata.get("labels") or {})
        ):
            continue
        if default and default.fullmatch(ref.name):
            continue
        found.append(ref)
    return found


def _regardless_of_version(ref: Ref) -> tuple[str, ...]:
    group = ref.api_version.rpartition("/")[0]
    return group, ref.kind, ref.namespace or "", ref.name
