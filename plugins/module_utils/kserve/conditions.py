# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a service of KServe, or what registers it, is ready, still on its way, or never will be.

As the predicates of ``kubernetes/conditions.py``.
"""

from __future__ import annotations

import re

from ansible_collections.llamastack.maas.plugins.module_utils.base import service_url
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import (
    FAILED,
    READY,
    WAITING,
    Object,
    Readiness,
    absent,
    conditions_of,
    settled,
)

# Reasons of our own for a service that is ready and cannot be called.
NO_URL = "NoURL"
UNUSABLE_URL = "UnusableURL"

# The specific ones first: the others only sum them up.
_SERVICE_CONDITIONS = (
    "PresetsCombined",
    "GatewaysReady",
    "MainWorkloadReady",
    "HTTPRoutesReady",
    "WorkloadsReady",
    "RouterReady",
    "Ready",
)
# Reconcile errors that only a change of the object, or of the platform, takes away.
_FINAL_SERVICE_REASONS = (
    "CombineBaseError",
    "GatewayPreconditionNotMet",
    "HTTPRouteReconcileError",
    "ReconcileSingleNodeWorkloadError",
    "RefsInvalid",
)
STOPPED = "Stopped"
_STOP_ANNOTATION = "serving.kserve.io/stop"

_NO_PAIRING = re.compile(r"^(Awaiting governance pairing$|No active subscription and auth policy pairing)")
_MODEL_ABSENT = re.compile(r"model references are invalid or (missing|unavailable)")


def inference_service(obj: Object | None, what: str, now: float) -> Readiness:
    """An LLMInferenceService is ready when its controller has seen it as it is, says so, and published a URL.

    Up to KServe 0.20, ``PresetsCombined`` is no part of ``Ready``, and an old pod keeps ``Ready`` true after an edit:
    :func:`deployment` is needed too.
    """
    gone = absent(obj, what)
    if gone or obj is None:
        return gone
    if (obj["metadata"].get("annotations") or {}).get(_STOP_ANNOTATION) == "true":
        return Readiness(FAILED, what, STOPPED, f"annotation {_STOP_ANNOTATION} is true")
    status = obj.get("status") or {}
    generation = obj["metadata"].get("generation")
    if status.get("observedGeneration") != generation:
        return Readiness(WAITING, what, "NotObserved", f"KServe has not observed generation {generation} yet")
    conditions = conditions_of(obj)
    for name in _SERVICE_CONDITIONS:
        condition = conditions.get(name)
        if condition is None and name != "Ready":
            continue
        if condition is None:
            return Readiness(WAITING, what, "NoCondition", "KServe has not set the condition Ready yet")
        if condition["status"] == "True" or (name == "PresetsCombined" and condition["status"] != "False"):
            continue
        reason = condition.get("reason") or condition["status"]
        final = reason in _FINAL_SERVICE_REASONS and settled(condition, now)
        return Readiness(
            FAILED if final else WAITING, f"{what}, {name}", reason, condition.get("message") or "no message"
        )
    if not status.get("url"):
        return Readiness(
            WAITING, what, NO_URL, "it is ready, but has no URL: its Gateway has neither address nor hostname"
        )
    unfit = service_url.problem(status["url"])
    if unfit:
        final = settled(conditions["Ready"], now)
        message = f"it is ready, but its URL {status['url']} cannot be used: {unfit}"
        return Readiness(FAILED if final else WAITING, what, UNUSABLE_URL, message)
    return Readiness(READY, what)


def registration(obj: Object | None, kind: str, what: str, scope: str, now: float) -> Readiness:
    """An object by which a model is registered with Models-as-a-Service.

    What only the other scope can bring is success where ``scope`` says that others run that one.
    """
    gone = absent(obj, what)
    if gone or obj is None:
        return gone
    wanted = _READY_PHASE.get(kind)
    if wanted is None:
        return Readiness(READY, what)
    phase = (obj.get("status") or {}).get("phase")
    ready = conditions_of(obj).get("Ready") or {}
    if not phase:
        return Readiness(WAITING, what, "NoPhase", "no controller has set a phase")
    seen = ready.get("observedGeneration")
    if seen is not None and seen < obj["metadata"].get("generation", 0):
        return Readiness(
            WAITING,
            what,
            "NotObserved",
            f"the phase {phase} is of generation {seen}, the last change is not observed yet",
        )
    if phase == wanted:
        return Readiness(READY, what)
    reason = ready.get("reason") or phase
    message = ready.get("message") or f"phase {phase}"
    if scope == "project" and kind == "MaaSModelRef" and awaits_pairing(obj):
        return Readiness(READY, what, phase, f"{message}: no auth policy and subscription of the platform names it yet")
    if scope == "platform" and _model_isabsent(obj, message):
        return Readiness(READY, what, phase, f"its {kind} waits for the model, which is not deployed yet")
    final = phase == "Invalid" or (phase == "Failed" and kind == "MaaSModelRef" and settled(ready, now))
    return Readiness(FAILED if final else WAITING, f"{what}, phase {phase}", reason, message)


_READY_PHASE = {"MaaSModelRef": "Ready", "MaaSAuthPolicy": "Active", "MaaSSubscription": "Active"}


def awaits_pairing(ref: Object) -> bool:
    """Whether a MaaSModelRef lacks nothing but an auth policy and a subscription that name it."""
    conditions = conditions_of(ref)
    attached, running = conditions.get("GovernanceAttached") or {}, conditions.get("RuntimeReady") or {}
    if attached and running:
        return attached["status"] == "False" and running["status"] == "True"
    return bool(_NO_PAIRING.search((conditions.get("Ready") or {}).get("message") or ""))


def _model_isabsent(obj: Object, message: str) -> bool:
    statuses = (obj.get("status") or {}).get("modelRefStatuses") or []
    if statuses:
        return all(not entry.get("ready") and entry.get("reason") == "NotFound" for entry in statuses) or bool(
            _MODEL_ABSENT.search(message)
        )
    return bool(_MODEL_ABSENT.search(message))
