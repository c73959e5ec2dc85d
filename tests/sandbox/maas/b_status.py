# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the status of the kinds of generation B has in common on its releases: pure functions.

Imitated: which HTTPRoute belongs to a reference, what is wrong with it, the phases of a subscription and of the models
that it names; names of groups and users that no policy can hold; a window of more than 366 days, for which none of the
limits of that subscription and model are written.

Deviations: AuthPolicies and TokenRateLimitPolicies are not made; one that would be written counts as accepted. The texts
about a name that cannot be held, and of condition ConflictingAuthPolicy, are assumed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .conditions import with_condition
from .selection import ModelKey, Object, key_of, limits_of, model_keys

ROUTE_LABELS = {
    "app.kubernetes.io/component": "llminferenceservice-router",
    "app.kubernetes.io/part-of": "llminferenceservice",
}
NO_ROUTE_YET = "Waiting for HTTPRoute to be created"


def route_of(ref: Object, routes: Iterable[Object]) -> Object | None:
    """The HTTPRoute that KServe made for the service of a reference."""
    namespace, service = ref["metadata"]["namespace"], ref["spec"]["modelRef"]["name"]
    own = (each for each in routes if each["metadata"]["namespace"] == namespace and is_route_of(each, service))
    return next(own, None)


def is_route_of(route: Object, service: str) -> bool:
    """Whether KServe made a route for a service of its namespace."""
    wanted = {**ROUTE_LABELS, "app.kubernetes.io/name": service}
    return wanted.items() <= (route["metadata"].get("labels") or {}).items()


def route_fields(route: Object, gateway: tuple[str, str]) -> Object:
    """What the status of a reference tells of its route, which should have ``gateway`` (name, namespace)."""
    found = gateways_of(route)
    gateway = gateway if gateway in found else found[0] if found else ("", "")
    status = {
        "httpRouteName": route["metadata"]["name"],
        "httpRouteNamespace": route["metadata"]["namespace"],
        "httpRouteGatewayName": gateway[0],
        "httpRouteGatewayNamespace": gateway[1],
    }
    hostnames = route["spec"].get("hostnames")
    return {**status, "httpRouteHostnames": hostnames} if hostnames else status


def wrong_gateway(route: Object, wanted: tuple[str, str]) -> str | None:
    """Why the route is not one of the gateway ``wanted``, None when it is."""
    found = gateways_of(route)
    if wanted in found:
        return None
    name, namespace = found[0] if found else ("", "")
    expected = f"{wanted[1]}/{wanted[0]}"
    where = f"{route['metadata']['namespace']}/{route['metadata']['name']}"
    return (
        f"Failed to reconcile HTTPRoute: HTTPRoute {where} does not reference gateway (expected: {expected}, "
        f"found: {namespace}/{name}). The LLMInferenceService must be configured to use {expected}"
    )


def no_service(ref: Object) -> str:
    """That the service of a reference is not there."""
    name = ref["spec"]["modelRef"]["name"]
    namespace = ref["metadata"]["namespace"]
    return f"Failed to update model status: LLMInferenceService {name} not found in namespace {namespace}"


def unsupported_ref(ref: Object, status: Object, now: str) -> Object:
    """The status of a reference to a kind that is not imitated."""
    text = f"kind not implemented: {ref['spec']['modelRef']['kind']}"
    return without_endpoint(ref_phase(ref, status, "Failed", text, now, reason="Unsupported"))


def gateways_of(route: Object) -> list[tuple[str, str]]:
    """Name and namespace of every parent of a route."""
    namespace = route["metadata"]["namespace"]
    return [(each["name"], each.get("namespace", namespace)) for each in route["spec"].get("parentRefs") or []]


def ref_phase(ref: Object, status: Object, phase: str, message: str, now: str, reason: str = "") -> Object:
    """Set the phase and the Ready condition of a reference."""
    reason = reason or {"Ready": "Reconciled", "Failed": "ReconcileFailed"}.get(phase, "BackendNotReady")
    generation = ref["metadata"]["generation"]
    conditions = with_condition(
        status.get("conditions"), "Ready", phase == "Ready", reason, message, generation=generation, now=now
    )
    return {**status, "phase": phase, "conditions": conditions}


def without_endpoint(status: Object) -> Object:
    """A status whose endpoint is emptied."""
    return {key: value for key, value in status.items() if key != "endpoint"}


def grant_phase(obj: Object, status: Object, phase: str, message: str, now: str) -> Object:
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


def unwritable_subject(policy: Object) -> str | None:
    """Why the gateway's policy cannot be written with the groups and users of a MaaSAuthPolicy, None where it can."""
    subjects = policy["spec"]["subjects"]
    names = [*(each["name"] for each in subjects.get("groups") or []), *(subjects.get("users") or [])]
    bad = next((name for name in names if '"' in name or "\\" in name), None)
    return None if bad is None else f"failed to reconcile AuthPolicies: invalid subject {json.dumps(bad)}"


def without_conflict(policy: Object, status: Object, now: str) -> Object:
    """The status of a policy with its condition ConflictingAuthPolicy: there is never another policy here."""
    generation = policy["metadata"]["generation"]
    conditions = with_condition(
        status["conditions"], "ConflictingAuthPolicy", False, "NoConflict", "", generation=generation, now=now
    )
    return {**status, "conditions": conditions}


def subscription_status(
    subscription: Object,
    refs: Mapping[ModelKey, Object],
    routed: Mapping[ModelKey, Object],
    others: Iterable[Object],
    gateway: tuple[str, str],
    now: str,
) -> Object:
    """The status of a MaaSSubscription.

    :arg refs: the references that exist and are not being deleted.
    :arg routed: the routes of the services of those of them that have one.
    :arg others: all subscriptions of the namespace, this one may be among them.
    :arg gateway: name and namespace of the gateway that the routes should have.
    """
    named = list(dict.fromkeys(model_keys(subscription)))
    others = list(others)
    limited = {
        key
        for each in [subscription, *others]
        if not each["metadata"].get("deletionTimestamp")
        for key in model_keys(each)
        if limits_of(each, key)
    }
    status = dict(subscription.get("status") or {})
    status["modelRefStatuses"] = [_model_status(key, key in refs, key in routed) for key in named]
    status["tokenRateLimitStatuses"] = [
        _limit_status(key, refs.get(key), key in routed, key in limited) for key in named
    ]
    # Whoever counts them goes by the bare name.
    bad_names = {name for namespace, name in named if (namespace, name) not in routed}
    unusable = len([key for key in named if key[1] in bad_names])
    unlimited = len([each for each in status["tokenRateLimitStatuses"] if not each["ready"]])
    elsewhere = next((key for key in named if key in routed and gateway not in gateways_of(routed[key])), None)
    if elsewhere:
        phase, message = "Failed", _other_gateway(subscription, elsewhere, routed[elsewhere], gateway)
    elif unusable == len(named):
        phase, message = "Failed", f"all {len(named)} model references are invalid or unavailable"
    elif unusable:
        phase, message = "Degraded", f"{unusable} of {len(named)} model references are invalid or unavailable"
    elif unlimited:
        phase, message = "Degraded", f"{unlimited} of {len(named)} TokenRateLimitPolicies not accepted"
    else:
        phase, message = "Active", "successfully reconciled"
    status = grant_phase(subscription, status, phase, message, now)
    status["conditions"] = _shared_priority(subscription, status["conditions"], others, now)
    return status


def _other_gateway(subscription: Object, key: ModelKey, route: Object, gateway: tuple[str, str]) -> str:
    model, of = "/".join(key), "/".join(key_of(subscription))
    return (
        f"failed to reconcile TokenRateLimitPolicies: model {model} is not attached to tenant gateway for subscription "
        f"{of}: HTTPRoute {'/'.join(key_of(route))} does not reference tenant Gateway {gateway[1]}/{gateway[0]}"
    )


def _model_status(key: ModelKey, exists: bool, routed: bool) -> Object:
    status: dict[str, Any] = {"namespace": key[0], "name": key[1], "ready": routed}
    if routed:
        return {**status, "reason": "Valid"}
    text = f"MaaSModelRef {key[0]}/{key[1]} not found"
    return {**status, "reason": "NotFound", "message": _NO_ROUTE if exists else text}


_NO_ROUTE = "HTTPRoute not found yet; TokenRateLimitPolicy cannot be created"


def _limit_status(key: ModelKey, ref: Object | None, routed: bool, limited: bool) -> Object:
    status = {"model": key[1], "name": f"maas-trlp-{key[1]}", "namespace": key[0], "ready": routed and limited}
    if ref is None:
        text = f"{_NO_ROUTE}: MaaSModelRef not found: {'/'.join(key)}"
        return {**status, "reason": "BackendNotReady", "message": text}
    if not routed:
        service = ref["spec"]["modelRef"]["name"]
        text = f"{_NO_ROUTE}: HTTPRoute not found yet: for LLMInferenceService {service} in namespace {key[0]}"
        return {**status, "reason": "BackendNotReady", "message": text}
    if not limited:
        return {**status, "reason": "NotFound", "message": "TokenRateLimitPolicy not created yet"}
    return {**status, "reason": "Accepted"}


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
