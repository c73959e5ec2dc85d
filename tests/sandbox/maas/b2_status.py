# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phases and conditions of MaaSModelRef, MaaSAuthPolicy and MaaSSubscription in generation B2: pure functions.

Each takes the object and what it depends on and returns its whole new status. ``now`` is an RFC 3339 time.

Imitated as observed on v0.2.1: pairing means that a policy and a subscription exist and name the reference, whatever
their phases; an address or alias that is gone is kept or emptied as there; a policy is Active at once.

Deviation: kind ExternalModel is Failed as ``Unsupported``. What is common to the releases of B stands in ``b_status``.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from . import b_status
from .conditions import condition_of, is_true, with_condition
from .selection import ModelKey, Object, model_keys

#: Addresses of a service that lead through the gateway, the preferred first.
ADDRESSES = ("gateway-external-model-routing", "gateway-external")


def model_ref_status(
    ref: Object,
    *,
    route: Object | None,
    service: Object | None,
    gateway: Object | None,
    gateway_key: tuple[str, str],
    granted: bool,
    subscribed: bool,
    tenants: Iterable[str],
    now: str,
) -> Object:
    """The status of a MaaSModelRef.

    :arg gateway_key: name and namespace of the tenant's gateway, which ``route`` must reference.
    :arg granted: whether a policy names the reference.
    :arg subscribed: whether a subscription does.
    :arg tenants: names of the AITenants there are.
    """
    status = dict(ref.get("status") or {})
    tenant = ref["spec"].get("tenantRef")
    if tenant and tenant not in tenants:
        text = f'resolve tenant gateway for namespace {ref["metadata"]["namespace"]}: AITenant "{tenant}" not found'
        return _not_ready(ref, status, "Failed", f"Failed to reconcile HTTPRoute: {text} in namespace ai-tenants", now)
    if tenant:
        status["resolvedTenantRef"] = tenant
    if ref["spec"]["modelRef"]["kind"] != "LLMInferenceService":
        return b_status.unsupported_ref(ref, status, now)
    if route is None:
        return _not_ready(ref, status, "Pending", b_status.NO_ROUTE_YET, now)
    status.update(b_status.route_fields(route, gateway_key))
    if problem := b_status.wrong_gateway(route, gateway_key):
        return _not_ready(ref, status, "Failed", problem, now)
    if service is None:
        return _not_ready(ref, status, "Failed", b_status.no_service(ref), now)
    if alias := _alias(service):
        status["resolvedModelAlias"] = alias
    ready = is_true(service, "Ready")
    governed = granted and subscribed
    status["conditions"] = _governance(ref, status.get("conditions"), governed, granted, now)
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
    if phase != "Ready":
        return _not_ready(ref, status, phase, message, now)
    override = ref["spec"].get("endpointOverride")
    status["endpoint"] = override or endpoint(ref, service, gateway, status.get("httpRouteHostnames") or [])
    return b_status.ref_phase(ref, status, phase, message, now)


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


def policy_status(policy: Object, refs: set[ModelKey], unwritable: str | None, now: str) -> Object:
    """The status of a MaaSAuthPolicy.

    :arg refs: the references that exist.
    :arg unwritable: why the gateway's policy, which all of them make together, cannot be written.
    """
    named = model_keys(policy)
    missing = [key for key in named if key not in refs]
    if unwritable:
        phase, message = "Failed", unwritable
    elif len(missing) == len(named):
        phase, message = "Failed", f"all {len(named)} model references are invalid or missing"
    elif missing:
        phase, message = "Degraded", f"{len(missing)} of {len(named)} model references are missing"
    else:
        phase, message = "Active", "successfully reconciled"
    status = b_status.grant_phase(policy, dict(policy.get("status") or {}), phase, message, now)
    return b_status.without_conflict(policy, status, now)


def _governance(ref: Object, conditions: list[Object] | None, governed: bool, granted: bool, now: str) -> list[Object]:
    before = condition_of({"status": {"conditions": conditions}}, "GovernanceAttached")
    if governed:
        reason, message = "GovernancePaired", "Active governance pairing found"
    elif granted and before and before["reason"] in ("GovernancePaired", "GovernanceGap"):
        reason, message = "GovernanceGap", "Governance pairing lost"
    else:
        reason, message = "NoPairingFound", "No active subscription and auth policy pairing found"
    generation = ref["metadata"]["generation"]
    return with_condition(conditions, "GovernanceAttached", governed, reason, message, generation=generation, now=now)


def _not_ready(ref: Object, status: Object, phase: str, message: str, now: str) -> Object:
    """Only a Ready model has an endpoint."""
    return b_status.without_endpoint(b_status.ref_phase(ref, status, phase, message, now))


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
