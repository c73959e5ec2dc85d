# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phases and conditions of MaaSModelRef, MaaSAuthPolicy and MaaSSubscription in generation B2: pure functions.

Each takes the object and what it depends on and returns its whole new status. ``now`` is an RFC 3339 time.

Imitated as observed on v0.2.1: pairing means that a policy and a subscription exist and name the reference, whatever
their phases; an address or alias that is gone is kept or emptied as there; a policy is Active at once.

Deviations: TokenRateLimitPolicies and AuthPolicies are not made, a subscription counts them as accepted for every
model that has a route; kind ExternalModel is Failed as ``Unsupported``; no condition ConflictingAuthPolicy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .conditions import condition_of, is_true, with_condition
from .selection import ModelKey, Object, model_keys

ROUTE_LABELS = {
    "app.kubernetes.io/component": "llminferenceservice-router",
    "app.kubernetes.io/part-of": "llminferenceservice",
}
#: Addresses of a service that lead through the gateway, the preferred first.
ADDRESSES = ("gateway-external-model-routing", "gateway-external")


def route_of(ref: Object, routes: Iterable[Object]) -> Object | None:
    """The HTTPRoute that KServe made for the service of a reference."""
    wanted = {**ROUTE_LABELS, "app.kubernetes.io/name": ref["spec"]["modelRef"]["name"]}
    for route in routes:
        labels = route["metadata"].get("labels") or {}
        if route["metadata"]["namespace"] == ref["metadata"]["namespace"] and wanted.items() <= labels.items():
            return route
    return None


def model_ref_status(
    ref: Object,
    *,
    route: Object | None,
    service: Object | None,
    gateway: Object | None,
    gateway_key: tuple[str, str],
    governed: bool,
    tenants: Iterable[str],
    now: str,
) -> Object:
    """The status of a MaaSModelRef.

    :arg gateway_key: name and namespace of the tenant's gateway, which ``route`` must reference.
    :arg governed: whether a policy and a subscription name the reference.
    :arg tenants: names of the AITenants there are.
    """
    status = dict(ref.get("status") or {})
    tenant = ref["spec"].get("tenantRef")
    if tenant and tenant not in tenants:
        text = f'resolve tenant gateway for namespace {ref["metadata"]["namespace"]}: AITenant "{tenant}" not found'
        return _failed(ref, status, f"Failed to reconcile HTTPRoute: {text} in namespace ai-tenants", now)
    if tenant:
        status["resolvedTenantRef"] = tenant
    if ref["spec"]["modelRef"]["kind"] != "LLMInferenceService":
        text = f"kind not implemented: {ref['spec']['modelRef']['kind']}"
        return _failed(ref, status, text, now, reason="Unsupported")
    if route is None:
        return _ref_phase(ref, status, "Pending", "Waiting for HTTPRoute to be created", now)
    found = _gateways_of(route)
    status.update(_route_status(route, gateway_key if gateway_key in found else found[0] if found else ("", "")))
    if gateway_key not in found:
        return _failed(ref, status, f"Failed to reconcile HTTPRoute: {_wrong_gateway(route, gateway_key, status)}", now)
    if service is None:
        text = f"LLMInferenceService {ref['spec']['modelRef']['name']} not found"
        in_namespace = f"in namespace {ref['metadata']['namespace']}"
        return _failed(ref, status, f"Failed to update model status: {text} {in_namespace}", now)
    if alias := _alias(service):
        status["resolvedModelAlias"] = alias
    ready = is_true(service, "Ready")
    status["conditions"] = _governance(ref, status.get("conditions"), governed, now)
    status["conditions"] = with_condition(
        status["conditions"],
        "RuntimeReady",
        ready,
        "RuntimeHealthy" if ready else "RuntimeHealthFailure",
        "Backend is healthy" if ready else "Backend is not ready",
        generation=ref["metadata"]["generation"],
        now=now,
    )
    phase, message = _PHASES[governed, ready]
    status = _ref_phase(ref, status, phase, message, now)
    if phase == "Ready":
        override = ref["spec"].get("endpointOverride")
        status["endpoint"] = override or endpoint(ref, service, gateway, status.get("httpRouteHostnames") or [])
    return status


_PHASES = {
    (True, True): ("Ready", "Governed and runtime-healthy"),
    (True, False): ("Unhealthy", "Governed but backend is not ready"),
    (False, True): ("Pending", "Awaiting governance pairing"),
    (False, False): ("Pending", "Awaiting governance pairing and backend readiness"),
}


def endpoint(ref: Object, service: Object, gateway: Object | None, hostnames: list[str]) -> str:
    """The endpoint of a model: an address of its service on one of the route's hostnames, the port being ignored."""
    addresses = (service.get("status") or {}).get("addresses") or []
    wanted = {each.lower() for each in hostnames}
    for name in ADDRESSES:
        urls = [each["url"] for each in addresses if each.get("name") == name and each.get("url")]
        urls = [url for url in urls if not wanted or (urlsplit(url).hostname or "") in wanted]
        if urls:
            return next((url for url in urls if url.startswith("https://")), urls[0])
    if not wanted:
        urls = [each["url"] for each in addresses if each.get("url")]
        own = (service.get("status") or {}).get("url")
        with_path = [url for url in [*urls, *([own] if own else [])] if len(urlsplit(url).path) > 1]
        for url in [*with_path, *urls, *([own] if own else [])]:
            return url
    host = next(iter(hostnames), None) or _gateway_host(gateway)
    return f"https://{host}/{ref['metadata']['name']}"


def policy_status(policy: Object, refs: set[ModelKey], now: str) -> Object:
    """The status of a MaaSAuthPolicy, ``refs`` being the references that exist."""
    named = model_keys(policy)
    missing = [key for key in named if key not in refs]
    if len(missing) == len(named):
        phase, message = "Failed", f"all {len(named)} model references are invalid or missing"
    elif missing:
        phase, message = "Degraded", f"{len(missing)} of {len(named)} model references are missing"
    else:
        phase, message = "Active", "successfully reconciled"
    return _grant_phase(policy, dict(policy.get("status") or {}), phase, message, now)


def subscription_status(
    subscription: Object, refs: Mapping[ModelKey, Object], routed: set[ModelKey], others: Iterable[Object], now: str
) -> Object:
    """The status of a MaaSSubscription.

    :arg refs: the references that exist and are not being deleted.
    :arg routed: those of them whose service has a route.
    :arg others: all subscriptions of the namespace, this one may be among them.
    """
    named = list(dict.fromkeys(model_keys(subscription)))
    status = dict(subscription.get("status") or {})
    status["modelRefStatuses"] = [_model_status(key, key in refs, key in routed) for key in named]
    status["tokenRateLimitStatuses"] = [_limit_status(key, key in routed) for key in named]
    unusable = len([key for key in named if key not in routed])
    if unusable == len(named):
        phase, message = "Failed", f"all {len(named)} model references are invalid or unavailable"
    elif unusable:
        phase, message = "Degraded", f"{unusable} of {len(named)} model references are invalid or unavailable"
    else:
        phase, message = "Active", "successfully reconciled"
    status = _grant_phase(subscription, status, phase, message, now)
    status["conditions"] = _shared_priority(subscription, status["conditions"], others, now)
    return status


def _model_status(key: ModelKey, exists: bool, routed: bool) -> Object:
    status: dict[str, Any] = {"namespace": key[0], "name": key[1], "ready": routed}
    if routed:
        return {**status, "reason": "Valid"}
    text = f"MaaSModelRef {key[0]}/{key[1]} not found"
    return {**status, "reason": "NotFound", "message": _NO_ROUTE if exists else text}


_NO_ROUTE = "HTTPRoute not found yet; TokenRateLimitPolicy cannot be created"


def _limit_status(key: ModelKey, routed: bool) -> Object:
    status = {"model": key[1], "name": f"maas-trlp-{key[1]}", "namespace": key[0], "ready": routed}
    return {**status, "reason": "Accepted"} if routed else {**status, "reason": "BackendNotReady", "message": _NO_ROUTE}


def _shared_priority(
    subscription: Object, conditions: list[Object], others: Iterable[Object], now: str
) -> list[Object]:
    priority = subscription["spec"].get("priority", 0)
    own = subscription["metadata"]
    peers = sorted(
        f"{each['metadata']['namespace']}/{each['metadata']['name']}"
        for each in others
        if each["metadata"]["name"] != own["name"]
        and each["spec"].get("priority", 0) == priority
        and not each["metadata"].get("deletionTimestamp")
    )
    return with_condition(
        conditions,
        "SpecPriorityDuplicate",
        bool(peers),
        "SharedPriority" if peers else "NoDuplicatePeers",
        f"spec.priority {priority} is shared with: {', '.join(peers)}" if peers else "",
        generation=own["generation"],
        now=now,
    )


def _governance(ref: Object, conditions: list[Object] | None, governed: bool, now: str) -> list[Object]:
    before = condition_of({"status": {"conditions": conditions}}, "GovernanceAttached")
    if governed:
        reason, message = "GovernancePaired", "Active governance pairing found"
    elif before and before["reason"] in ("GovernancePaired", "GovernanceGap"):
        reason, message = "GovernanceGap", "Governance pairing lost"
    else:
        reason, message = "NoPairingFound", "No active subscription and auth policy pairing found"
    generation = ref["metadata"]["generation"]
    return with_condition(conditions, "GovernanceAttached", governed, reason, message, generation=generation, now=now)


def _failed(ref: Object, status: Object, message: str, now: str, reason: str = "") -> Object:
    return _ref_phase(ref, status, "Failed", message, now, reason)


def _ref_phase(ref: Object, status: Object, phase: str, message: str, now: str, reason: str = "") -> Object:
    """Set the phase and the Ready condition; only a Ready model has an endpoint."""
    reason = reason or {"Ready": "Reconciled", "Failed": "ReconcileFailed"}.get(phase, "BackendNotReady")
    generation = ref["metadata"]["generation"]
    conditions = with_condition(
        status.get("conditions"), "Ready", phase == "Ready", reason, message, generation=generation, now=now
    )
    return {
        **{key: value for key, value in status.items() if key != "endpoint"},
        "phase": phase,
        "conditions": conditions,
    }


def _grant_phase(obj: Object, status: Object, phase: str, message: str, now: str) -> Object:
    """Set the phase and the Ready condition of a policy or a subscription."""
    ready, reason = {
        "Active": (True, "Reconciled"),
        "Degraded": (False, "PartialFailure"),
        "Failed": (False, "ReconcileFailed"),
    }[phase]
    generation = obj["metadata"]["generation"]
    conditions = with_condition(
        status.get("conditions"), "Ready", ready, reason, message, generation=generation, now=now
    )
    return {**status, "phase": phase, "conditions": conditions}


def _gateways_of(route: Object) -> list[tuple[str, str]]:
    """Name and namespace of every parent of a route."""
    namespace = route["metadata"]["namespace"]
    return [(each["name"], each.get("namespace", namespace)) for each in route["spec"].get("parentRefs") or []]


def _route_status(route: Object, gateway: tuple[str, str]) -> Object:
    status = {
        "httpRouteName": route["metadata"]["name"],
        "httpRouteNamespace": route["metadata"]["namespace"],
        "httpRouteGatewayName": gateway[0],
        "httpRouteGatewayNamespace": gateway[1],
    }
    hostnames = route["spec"].get("hostnames")
    return {**status, "httpRouteHostnames": hostnames} if hostnames else status


def _wrong_gateway(route: Object, wanted: tuple[str, str], status: Object) -> str:
    expected = f"{wanted[1]}/{wanted[0]}"
    found = f"{status['httpRouteGatewayNamespace']}/{status['httpRouteGatewayName']}"
    return (
        f"HTTPRoute {route['metadata']['namespace']}/{route['metadata']['name']} does not reference gateway "
        f"(expected: {expected}, found: {found}). The LLMInferenceService must be configured to use {expected}"
    )


def _alias(service: Object) -> str | None:
    addresses = (service.get("status") or {}).get("addresses") or []
    for name in ADDRESSES:
        for address in addresses:
            if address.get("name") == name and address.get("models"):
                return address["models"][0]["name"]
    return None


def _gateway_host(gateway: Object | None) -> str | None:
    if gateway is None:
        return None
    listeners = [each["hostname"] for each in gateway["spec"]["listeners"] if each.get("hostname")]
    addresses = [each["value"] for each in (gateway.get("status") or {}).get("addresses") or []]
    return next(iter([*listeners, *addresses]), None)
