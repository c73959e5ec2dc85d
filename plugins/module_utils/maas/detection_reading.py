# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What shows the generation of MaaS and its gateway: discovery, schemas and the objects that may be read."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.maas import detection
from ansible_collections.llamastack.maas.plugins.module_utils.maas.connection import MaasModule
from ansible_collections.llamastack.maas.plugins.module_utils.maas.detection import Detected, GatewayState
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known

# Where the installers of generation A put the ConfigMap of tiers.
_TIERS = "tier-to-group-mapping"
_TIERS_NAMESPACES = ("maas-api", "redhat-ods-applications", "opendatahub")

# For one answer of MaaS, in seconds.
_TIMEOUT = 30.0

Object = t.Dict[str, t.Any]

UNREADABLE = object()


def allowed(call: t.Callable[[], t.Any]) -> t.Any:
    """What ``call`` returns, or UNREADABLE where the caller lacks the permission."""
    try:
        return call()
    except ApiError as exc:
        if exc.status == 403:
            return UNREADABLE
        raise


def storage_initializer(cluster: Cluster) -> bool | None:
    path = f"/openapi/v3/apis/{ownership.INFERENCE_SERVICE_API}"
    schemas = allowed(lambda: cluster.request("GET", path))
    return None if schemas is UNREADABLE else detection.has_storage_initializer(schemas)


def gateway_state(cluster: Cluster, kinds: dict[str, list[str]], gateway: dict[str, str]) -> GatewayState:
    if not kinds["Gateway"]:
        return GatewayState(exists=False)
    found = allowed(lambda: cluster.get(kinds["Gateway"][0], "Gateway", gateway["name"], gateway["namespace"]))
    return GatewayState(exists=None) if found is UNREADABLE else detection.gateway_state(found)


def has_tiers(cluster: Cluster) -> bool | None:
    found = [allowed(lambda n=namespace: cluster.get("v1", "ConfigMap", _TIERS, n)) for namespace in _TIERS_NAMESPACES]
    if any(isinstance(answer, dict) for answer in found):
        return True
    return None if UNREADABLE in found else False


def find_url(
    cluster: Cluster, kinds: dict[str, list[str]], gateway: dict[str, str], state: GatewayState
) -> tuple[str | None, str | None]:
    """URL and where it was found."""
    if state.url:
        return state.url, f"listener of Gateway {gateway['namespace']}/{gateway['name']}"
    if state.exists is False:
        return None, None
    if kinds["Route"]:
        routes = allowed(lambda: cluster.list(kinds["Route"][0], "Route", gateway["namespace"]))
        url = None if routes is UNREADABLE else detection.route_url(routes, gateway["name"])
        if url:
            return url, f"Route in namespace {gateway['namespace']}"
    if kinds["Ingress"]:
        ingress = allowed(lambda: cluster.get(kinds["Ingress"][0], "Ingress", "cluster"))
        url = None if ingress is UNREADABLE else detection.conventional_url(ingress)
        if url:
            return url, "domain of the cluster's applications"
    return None, None


def problems_with(detected: Detected) -> list[str]:
    """Why the collection cannot work with this generation."""
    if detected.generation is None:
        return [detected.evidence]
    return [] if detected.generation in known.NAMES else [detected.evidence]


def given_generation(given: str) -> Detected:
    """What a person says that it is: a generation, or a release of the platform."""
    try:
        return Detected(known.get(given).name, "given, not detected")
    except ValueError as exc:
        return Detected(given, f"generation: {exc}")


def ask_maas(module: MaasModule, cluster: Cluster, url: str | None, undecided: Detected) -> Detected:
    """What MaaS itself shows of its generation, where it can be asked."""
    token = module.params["token"] or cluster.own_token()
    if not (module.params["ask_maas"] and url and token):
        return undecided
    client = module.connect(_TIMEOUT, url)({"Authorization": f"Bearer {token}"})
    return detection.generation_by_answers(client.request(detection.SUBSCRIPTIONS), client.request(detection.HEALTH))


def read(module: MaasModule, cluster: Cluster) -> Object:
    params, gateway = module.params, module.params["gateway"]
    kinds = detection.served(cluster.discovery()[1])
    state = gateway_state(cluster, kinds, gateway)
    url, source = (module.url, "given") if module.url else find_url(cluster, kinds, gateway, state)
    if params["generation"]:
        detected = given_generation(params["generation"])
    else:
        tiers = None if kinds["MaaSModelRef"] else has_tiers(cluster)
        detected = detection.generation(kinds, tiers=tiers, gateway=state.exists)
        if detected.maas_can_tell:
            detected = ask_maas(module, cluster, url, detected)
    settings = {
        "generation": detected.generation,
        "service_version": detection.service_version(kinds),
        "storage_initializer": storage_initializer(cluster) if kinds["LLMInferenceService"] else None,
        "namespace_labels": state.namespace_labels or {},
    }
    return {
        "generation": detected.generation,
        "settings": settings,
        "evidence": detected.evidence,
        "problems": [*detection.problems(kinds), *problems_with(detected)],
        "kinds": kinds,
        "gateway": {
            **gateway,
            "exists": state.exists,
            "programmed": state.programmed,
            "message": state.message,
            "namespace_labels": state.namespace_labels,
        },
        "url": url,
        "url_source": source,
    }
