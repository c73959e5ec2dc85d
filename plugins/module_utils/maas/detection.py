# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which platform this is, found from what every authenticated user may read.

CustomResourceDefinitions, the platform's ConfigMaps and its Gateway are closed to somebody who owns but a namespace.
API discovery and the published schemas are open. What may not be read is unknown (None), never absent (False).
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, Request
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.a import GenerationA
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.b1 import GenerationB1
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.b2 import GenerationB2

Object = t.Mapping[str, t.Any]

_GROUPS = {
    "LLMInferenceService": "serving.kserve.io",
    "MaaSModelRef": "maas.opendatahub.io",
    "MaaSAuthPolicy": "maas.opendatahub.io",
    "MaaSSubscription": "maas.opendatahub.io",
    "MaasTenantConfig": "maas.opendatahub.io",
    "Gateway": "gateway.networking.k8s.io",
    "HTTPRoute": "gateway.networking.k8s.io",
    "Route": "route.openshift.io",
    "Ingress": "config.openshift.io",
}

# What distinguishes a MaaS with subscriptions from one without. Neither changes anything, and both want a credential.
SUBSCRIPTIONS = Request("GET", "/maas-api/v1/subscriptions")
HEALTH = Request("GET", "/maas-api/health")


class Detected(t.NamedTuple):
    """``generation`` is None where nothing decides; ``evidence`` says what decided, or what to do.

    ``maas_can_tell`` says that the answers to :data:`SUBSCRIPTIONS` and :data:`HEALTH` may decide, see
    :func:`generation_by_answers`.
    """

    generation: str | None
    evidence: str
    maas_can_tell: bool = False


class GatewayState(t.NamedTuple):
    """What a Gateway reports about itself; None where it does not, or may not be read."""

    exists: bool | None
    programmed: bool | None = None
    message: str = ""
    url: str | None = None
    namespace_labels: t.Mapping[str, str] | None = None


def served(discovery: Object) -> dict[str, list[str]]:
    """For each kind of interest its versions, preferred first; none for one that is absent.

    ``discovery``: the aggregated discovery document of ``/apis``.
    """
    found: dict[str, list[str]] = {kind: [] for kind in _GROUPS}
    for group in discovery.get("items") or []:
        name = (group.get("metadata") or {}).get("name")
        for version in group.get("versions") or []:
            for resource in version.get("resources") or []:
                kind = (resource.get("responseKind") or {}).get("kind")
                if _GROUPS.get(kind) == name:
                    found[kind].append(f"{name}/{version['version']}")
    return found


def problems(kinds: t.Mapping[str, t.Sequence[str]]) -> list[str]:
    """Why nothing can be deployed here at all."""
    services = kinds["LLMInferenceService"]
    if not services:
        return [
            "The cluster serves no LLMInferenceService (serving.kserve.io): KServe with LLM support is not installed."
            " It comes with OpenShift AI 3.2 and later."
        ]
    wanted = ownership.INFERENCE_SERVICE_API
    if wanted not in services:
        return [
            f"The cluster serves LLMInferenceService as {', '.join(services)}, not as {wanted}, which this collection"
            " reads."
        ]
    return []


def generation(kinds: t.Mapping[str, t.Sequence[str]], *, tiers: bool | None, gateway: bool | None) -> Detected:
    """The generation of MaaS. ``tiers`` and ``gateway``: whether its ConfigMap of tiers and its Gateway exist.

    The kinds come first: the ConfigMap of generation A stays behind when a cluster is upgraded.
    """
    if kinds["MaaSModelRef"]:
        missing = [kind for kind in ("MaaSAuthPolicy", "MaaSSubscription") if not kinds[kind]]
        if missing:
            return Detected(
                None, f"Models-as-a-Service is installed in part: MaaSModelRef is served, {' and '.join(missing)} not."
            )
        if kinds["MaasTenantConfig"]:
            return Detected(GenerationB2.name, "the cluster serves MaaSModelRef and MaasTenantConfig")
        return Detected(GenerationB1.name, "the cluster serves MaaSModelRef, and no MaasTenantConfig")
    if tiers:
        return Detected(
            GenerationA.name, "the cluster serves no MaaSModelRef and has the ConfigMap tier-to-group-mapping"
        )
    if not kinds["Gateway"]:
        return Detected(
            None,
            "Models-as-a-Service is not installed: the cluster serves neither its kinds (maas.opendatahub.io), nor"
            " those of the Gateway API that it stands on.",
        )
    if tiers is False and gateway is False:
        return Detected(
            None,
            "Models-as-a-Service is not installed: the cluster has neither its kinds (maas.opendatahub.io), nor its"
            " ConfigMap tier-to-group-mapping, nor its Gateway.",
        )
    return Detected(
        None,
        "The generation of Models-as-a-Service is not known: the cluster does not serve its kinds"
        f" (maas.opendatahub.io), and whether generation {GenerationA.name} ({GenerationA.platforms()}) is installed may"
        f" not be read. Set llamastack_maas_generation: {GenerationA.name} if it is; with llamastack_maas_url and a"
        " bearer token (llamastack_maas_token, or that of the kubeconfig) MaaS itself is asked.",
        maas_can_tell=True,
    )


def generation_by_answers(subscriptions: Answer, health: Answer) -> Detected:
    """The generation of the MaaS that answered, in a cluster that does not serve the kinds of the later ones."""
    if subscriptions.status == 200 and isinstance(subscriptions.json(), list):
        return Detected(
            None,
            f"{subscriptions.describe()}: that is a Models-as-a-Service with subscriptions, whose kinds this cluster"
            " does not serve. llamastack_maas_url belongs to another cluster than the kubeconfig does.",
        )
    if subscriptions.status == 404 and health.status == 200 and health.json() == {"status": "healthy"}:
        return Detected(
            GenerationA.name,
            f"the cluster serves no MaaSModelRef, and its Models-as-a-Service knows no subscriptions"
            f" ({subscriptions.describe()})",
        )
    asked = health if subscriptions.status == 404 else subscriptions
    return Detected(
        None,
        "The generation of Models-as-a-Service is not known: the cluster does not serve its kinds"
        f" (maas.opendatahub.io), and {asked.describe()}. Check llamastack_maas_url and the token, or set"
        f" llamastack_maas_generation: {GenerationA.name} if it is that of {GenerationA.platforms()}.",
    )


def service_version(kinds: t.Mapping[str, t.Sequence[str]]) -> str:
    """The version in which an LLMInferenceService is written: the stored one where it is served.

    Written in an older version, an object is converted there and back, which loses the parts of its status that this
    version does not know. Then even an unchanged object is written, and its status is gone until the controller has
    made it anew.
    """
    stored = ownership.INFERENCE_SERVICE_STORED_API
    return stored if stored in kinds["LLMInferenceService"] else ownership.INFERENCE_SERVICE_API


def has_storage_initializer(schemas: Object) -> bool | None:
    """Whether an LLMInferenceService can be configured to load no model, by the OpenAPI v3 document of its version."""
    for schema in ((schemas.get("components") or {}).get("schemas") or {}).values():
        for kind in schema.get("x-kubernetes-group-version-kind") or []:
            if kind.get("kind") == "LLMInferenceService":
                spec = (schema.get("properties") or {}).get("spec") or {}
                return "storageInitializer" in (spec.get("properties") or {})
    return None


def gateway_state(obj: Object | None) -> GatewayState:
    """What the Gateway ``obj`` reports; None stands for a Gateway that does not exist."""
    if obj is None:
        return GatewayState(exists=False)
    conditions = {entry["type"]: entry for entry in (obj.get("status") or {}).get("conditions") or []}
    programmed = conditions.get("Programmed") or {}
    listener = _https_listener(obj)
    return GatewayState(
        exists=True,
        programmed=programmed.get("status") == "True",
        message=programmed.get("message") or "",
        url=_listener_url(listener),
        namespace_labels=_namespace_labels(listener),
    )


def _https_listener(gateway: Object) -> Object:
    listeners = (gateway.get("spec") or {}).get("listeners") or [{}]
    return next((listener for listener in listeners if listener.get("protocol") == "HTTPS"), listeners[0])


def _listener_url(listener: Object) -> str | None:
    hostname = listener.get("hostname")
    if not hostname or hostname.startswith("*"):
        return None
    return url_of(hostname, listener.get("port", 443))


def _namespace_labels(listener: Object) -> dict[str, str]:
    """The labels that a namespace needs for its routes to be admitted."""
    admitted = (listener.get("allowedRoutes") or {}).get("namespaces") or {}
    if admitted.get("from") != "Selector":
        return {}
    return dict((admitted.get("selector") or {}).get("matchLabels") or {})


def route_url(routes: t.Iterable[Object], gateway: str) -> str | None:
    """The URL of the OpenShift Route to the Gateway's Service, which is named after the Gateway and its class."""
    for route in routes:
        spec = route.get("spec") or {}
        target = (spec.get("to") or {}).get("name") or ""
        if spec.get("host") and (target == gateway or target.startswith(f"{gateway}-")):
            return url_of(spec["host"])
    return None


def conventional_url(ingress: Object | None) -> str | None:
    """Where Models-as-a-Service is by convention: ``maas.`` and the domain of the cluster's applications."""
    domain = ((ingress or {}).get("spec") or {}).get("domain")
    return url_of(f"maas.{domain}") if domain else None


def url_of(host: str, port: int = 443) -> str:
    """The URL of a host that is reached by HTTPS."""
    return f"https://{host}" if port == 443 else f"https://{host}:{port}"
