# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster is, as far as an installation of LiteMaaS depends on it, and what there is of one. What may not be read is
unknown, never absent. Of the values of Secrets, only the name of the user is returned."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import (
    Cluster,
    KindNotServed,
    in_parallel,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import conditions_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import owner_of, selector
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import (
    decode,
    fingerprint,
    revision_of,
)
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names

Object = t.Dict[str, t.Any]

ABSENT, OURS, UNMANAGED, UNKNOWN = "absent", "ours", "unmanaged", "unknown"

ROUTE_API, INGRESS_API = "route.openshift.io/v1", "networking.k8s.io/v1"
_DEFAULT_CLASS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_DEFAULT_INGRESS_CLASS = ("ingressclass.kubernetes.io/is-default-class",)
# How Argo CD marks what it applies; an Application of another namespace than its own has that before it, with _.
_ARGO_TRACKING, _ARGO_LABEL = "argocd.argoproj.io/tracking-id", "argocd.argoproj.io/instance"
# What needs no escape in the part of a URL before the host.
_FIT_FOR_URL = re.compile(r"[A-Za-z0-9._~-]+\Z")


def read(cluster: Cluster, namespace: str, set_name: str, secrets: t.Sequence[str], salt_secret: str | None) -> Object:
    """Everything, as M(llamastack.maas.litemaas_info) returns it. Raises ApiError where the API server does not answer."""
    routes = cluster.serves(ROUTE_API, "Route")
    route, ingress = (ROUTE_API, "Route"), (INGRESS_API, "Ingress")
    ours = selector(namespace, names.set_label(set_name))
    questions: dict[str, t.Callable[[], t.Any]] = {
        "namespace": lambda: cluster.get("v1", "Namespace", namespace),
        "storage": lambda: cluster.list("storage.k8s.io/v1", "StorageClass"),
        "classes": lambda: cluster.list(INGRESS_API, "IngressClass"),
        "oauth": lambda: cluster.request("GET", "/.well-known/oauth-authorization-server") if routes else {},
        "server": lambda: cluster.get("apps/v1", "StatefulSet", names.POSTGRES, namespace),
        "claim": lambda: cluster.get("v1", "PersistentVolumeClaim", names.claim_of(), namespace),
        "salt": lambda: cluster.get("v1", "ConfigMap", names.LITELLM_SALT, namespace),
        "jobs": lambda: cluster.list("batch/v1", "Job", namespace, labels=ours, metadata_only=True),
        "gateway": lambda: cluster.get(*route, names.LITELLM, namespace) if routes else None,
        "pages": lambda: cluster.get(*route, names.APP_ROUTE, namespace) if routes else None,
        "gateway_ingress": lambda: cluster.get(*ingress, names.LITELLM, namespace),
        "pages_ingress": lambda: cluster.get(*ingress, names.APP_ROUTE, namespace),
        "litellm": lambda: cluster.get("apps/v1", "Deployment", names.LITELLM, namespace, metadata_only=True),
    }
    wanted = list(dict.fromkeys([*secrets, *([salt_secret] if salt_secret else [])]))
    calls = [*questions.values(), *(lambda n=name: cluster.get("v1", "Secret", n, namespace) for name in wanted)]
    answers = in_parallel(calls)
    for answer in answers:
        if isinstance(answer, ApiError) and answer.status not in (403, 404) and not isinstance(answer, KindNotServed):
            raise answer
    found = dict(zip(questions, answers))
    in_cluster = dict(zip(wanted, answers[len(questions) :]))
    return {
        "namespace": namespace,
        "namespace_state": state_of_namespace(found["namespace"], namespace, set_name),
        "openshift": routes,
        "routes": routes,
        "oauth_issuer": (_known(found["oauth"]) or {}).get("issuer"),
        "storage_classes": _classes(found["storage"], _DEFAULT_CLASS),
        "ingress_classes": _classes(found["classes"], _DEFAULT_INGRESS_CLASS),
        "secrets": {name: describe(in_cluster[name], namespace, set_name) for name in wanted},
        "revisions": {name: revision_of(each) for name, each in in_cluster.items() if isinstance(each, dict)},
        "salt": {
            "stored": ((_known(found["salt"]) or {}).get("data") or {}).get(names.FINGERPRINT),
            "now": salt_of(_known(in_cluster.get(salt_secret or ""))),
        },
        "database": database(_known(found["server"]), found["claim"], namespace, set_name),
        "jobs": sorted(each["metadata"]["name"] for each in _known(found["jobs"]) or []),
        "routes_readable": not isinstance(found["gateway"], ApiError),
        "url": url_of(_known(found["gateway"])) or url_of(_known(found["gateway_ingress"])),
        "app_url": url_of(_known(found["pages"])) or url_of(_known(found["pages_ingress"])),
        "user": text_of(_known(in_cluster.get(salt_secret or "")), names.UI_USERNAME),
        "applications": applications(_known(found[each]) for each in ("server", "litellm", "gateway", "pages", "salt")),
    }


def _known(answer: t.Any) -> t.Any:
    return None if isinstance(answer, ApiError) else answer


def state_of(answer: t.Any, namespace: str, set_name: str) -> str:
    """Whether an object is there, and whose it is."""
    if isinstance(answer, ApiError):
        return UNKNOWN
    if answer is None:
        return ABSENT
    owner = owner_of(answer)
    ours = owner is not None and (owner.namespace, owner.set) == (namespace, names.set_label(set_name))
    return OURS if ours else UNMANAGED


def state_of_namespace(answer: t.Any, namespace: str, set_name: str) -> str:
    """As C(state_of). One that the set does not manage is used as it is."""
    return state_of(answer, namespace, set_name)


def _classes(answer: t.Any, marks: t.Sequence[str]) -> list[Object] | None:
    """The classes of a kind that belong to no namespace, None where they may not be listed."""
    if isinstance(answer, ApiError):
        return None
    return [
        {
            "name": each["metadata"]["name"],
            "default": any((each["metadata"].get("annotations") or {}).get(mark) == "true" for mark in marks),
            "created": each["metadata"].get("creationTimestamp") or "",
        }
        for each in answer
    ]


def describe(answer: t.Any, namespace: str, set_name: str) -> Object:
    """A Secret without its values; C(exists) is None for one that may not be read."""
    state = state_of(answer, namespace, set_name)
    data = (answer.get("data") or {}) if isinstance(answer, dict) else {}
    return {
        "exists": None if state == UNKNOWN else state != ABSENT,
        "managed": state == OURS,
        "fields": sorted(data),
        "empty_fields": sorted(key for key, value in data.items() if not value),
        "unfit_for_url": sorted(key for key, value in data.items() if not _FIT_FOR_URL.match(decode(value))),
    }


def salt_of(secret: Object | None) -> str | None:
    """The fingerprint of the salt that a Secret holds."""
    value = text_of(secret, names.SALT_KEY)
    return fingerprint(value) if value else None


def text_of(secret: Object | None, field: str) -> str | None:
    """The value of a field."""
    return decode(((secret or {}).get("data") or {}).get(field) or "") or None


def applications(objects: t.Iterable[Object | None]) -> list[str]:
    """The Applications of Argo CD that apply one of the objects, by the marks that it leaves."""
    found = set()
    for obj in objects:
        metadata = (obj or {}).get("metadata") or {}
        tracked = (metadata.get("annotations") or {}).get(_ARGO_TRACKING, "").partition(":")[0]
        found |= {tracked, (metadata.get("labels") or {}).get(_ARGO_LABEL) or ""}
    return sorted(found - {""})


def database(server: Object | None, claim: t.Any, namespace: str, set_name: str) -> Object:
    """What there is of the server that we deploy: its image, and the claim that holds its data."""
    found: Object = {"claim_state": state_of(claim, namespace, set_name)}
    templates = ((server or {}).get("spec") or {}).get("volumeClaimTemplates") or []
    spec = next((each["spec"] for each in templates if each["metadata"]["name"] == names.POSTGRES_CLAIM), None)
    if server is not None:
        containers = server["spec"]["template"]["spec"]["containers"]
        found["image"] = next((each["image"] for each in containers if each["name"] == names.POSTGRES), None)
    elif isinstance(claim, dict):
        spec = claim["spec"]
    if spec is not None:
        found["storage"] = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
        found["storage_class"] = spec.get("storageClassName")
    return found


def url_of(exposing: Object | None) -> str | None:
    """Where a Route or an Ingress is found; None where it is not admitted, or has no host yet."""
    if exposing is None:
        return None
    if exposing["kind"] == "Route":
        for entry in (exposing.get("status") or {}).get("ingress") or []:
            admitted = conditions_of({"status": entry}).get("Admitted") or {}
            if admitted.get("status") == "True" and entry.get("host"):
                return f"{'https' if exposing['spec'].get('tls') else 'http'}://{entry['host']}"
        return None
    spec = exposing.get("spec") or {}
    host = next((rule["host"] for rule in spec.get("rules") or [] if rule.get("host")), None)
    return f"{'https' if spec.get('tls') else 'http'}://{host}" if host else None
