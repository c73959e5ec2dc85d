# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phases and conditions of MaaSModelRef, MaaSAuthPolicy and MaaSSubscription in generation B1: pure functions.

Each takes the object and what it depends on and returns its whole new status. ``now`` is an RFC 3339 time.

Imitated as observed on v0.1.1: a reference has the one condition Ready and needs no pairing; its endpoint is the path
URL among the addresses of its service; a policy is Degraded until the AuthPolicy ``maas-auth-<reference>`` of each of
its models is accepted and enforced, which ``status.authPolicies`` lists, those of models with a route only; only a Ready
reference has an endpoint. Subscriptions are those of B2.

Deviations: the message of a policy that waits for its AuthPolicies is assumed; kind ExternalModel is Failed as
``Unsupported``. KServe v0.20 names two addresses ``gateway-external``: the one whose path is that of the service
counts.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from . import b_status
from .conditions import is_true
from .selection import ModelKey, Object, key_of, model_keys

ADDRESS = "gateway-external"


def model_ref_status(
    ref: Object, *, route: Object | None, service: Object | None, gateway_key: tuple[str, str], now: str
) -> Object:
    """The status of a MaaSModelRef; ``gateway_key`` is name and namespace of the gateway that ``route`` must have."""
    status = dict(ref.get("status") or {})
    if ref["spec"]["modelRef"]["kind"] != "LLMInferenceService":
        return b_status.unsupported_ref(ref, status, now)
    if route is None:
        return _not_ready(ref, status, "Pending", b_status.NO_ROUTE_YET, now)
    status.update(b_status.route_fields(route, gateway_key))
    if problem := b_status.wrong_gateway(route, gateway_key):
        return _not_ready(ref, status, "Failed", problem, now)
    if service is None:
        return _not_ready(ref, status, "Failed", b_status.no_service(ref), now)
    if not is_true(service, "Ready"):
        return _not_ready(ref, status, "Pending", "Waiting for backend to become ready", now)
    if found := endpoint(ref, service):
        status["endpoint"] = found
    return b_status.ref_phase(ref, status, "Ready", "Successfully reconciled", now)


def _not_ready(ref: Object, status: Object, phase: str, message: str, now: str) -> Object:
    return b_status.without_endpoint(b_status.ref_phase(ref, status, phase, message, now))


def endpoint(ref: Object, service: Object) -> str | None:
    """The path URL of a service at the gateway."""
    if override := ref["spec"].get("endpointOverride"):
        return override
    addresses = (service.get("status") or {}).get("addresses") or []
    urls = [each["url"] for each in addresses if each.get("name") == ADDRESS and each.get("url")]
    path = "/" + "/".join(key_of(service))
    own = [url for url in urls if urlsplit(url).path.rstrip("/") == path]
    return next(iter([*own, *urls]), None)


def policy_status(
    policy: Object, refs: set[ModelKey], routed: set[ModelKey], enforced: set[ModelKey], now: str
) -> Object:
    """The status of a MaaSAuthPolicy.

    :arg refs: the references that exist.
    :arg routed: those of them whose service has a route, so that there can be an AuthPolicy.
    :arg enforced: those whose AuthPolicy is in force.
    """
    named = list(dict.fromkeys(model_keys(policy)))
    status = dict(policy.get("status") or {})
    status["authPolicies"] = [_auth_policy(key, key in enforced) for key in named if key in refs & routed]
    missing = len([key for key in named if key not in refs])
    waiting = len([each for each in status["authPolicies"] if not each["ready"]])
    if problem := b_status.unwritable_subject(policy):
        phase, message = "Failed", problem
    elif missing == len(named):
        phase, message = "Failed", f"all {missing} model references are invalid or missing"
    elif missing:
        phase, message = "Degraded", f"{missing} of {len(named)} model references are missing"
    elif not status["authPolicies"]:
        phase, message = "Degraded", "no generated AuthPolicies attached to models"
    elif waiting:
        phase, message = "Degraded", f"{waiting} of {len(named)} AuthPolicies not accepted and enforced"
    else:
        phase, message = "Active", "successfully reconciled"
    return b_status.without_conflict(policy, b_status.grant_phase(policy, status, phase, message, now), now)


def enforced_models(policies: list[Object]) -> set[ModelKey]:
    """The models whose AuthPolicy is in force, by the status of the policies that name them."""
    return {
        (each["modelNamespace"], each["model"])
        for policy in policies
        for each in (policy.get("status") or {}).get("authPolicies") or []
        if each["ready"]
    }


def _auth_policy(key: ModelKey, enforced: bool) -> Object:
    status = {"model": key[1], "modelNamespace": key[0], "name": f"maas-auth-{key[1]}", "namespace": key[0]}
    if enforced:
        return {**status, "ready": True, "reason": "AcceptedEnforced"}
    return {**status, "ready": False, "reason": "NotEnforced", "message": "waiting for the AuthPolicy to be enforced"}
