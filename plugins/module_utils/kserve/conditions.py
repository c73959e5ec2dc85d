# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an object is ready, still on its way, or never will be.

Every predicate takes a whole object, or None where there is none, and the API server's time in seconds since the epoch.
What cannot be cured by waiting is ``failed``, but only once it has stood for :data:`SETTLED_AFTER` seconds where
another controller, or another person, may be about to correct it.
"""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timezone

from ansible_collections.llamastack.maas.plugins.module_utils.base import service_url

Object = t.Mapping[str, t.Any]

READY = "ready"
WAITING = "waiting"
FAILED = "failed"
SCALED = "scaled to 0"
SCALED_REASON = "ScaledToZero"

# Reasons of our own for a service that is ready and cannot be called.
NO_URL = "NoURL"
UNUSABLE_URL = "UnusableURL"

SETTLED_AFTER = 30.0
"""Seconds after which what looks final is taken to be final."""

CRASHES_UNTIL_HOPELESS = 3

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

_IMAGE_NEVER = ("InvalidImageName", "ErrImageNeverPull")
_IMAGE_PULL = ("ErrImagePull", "ImagePullBackOff")
_IMAGE_REFUSED = re.compile(
    r"not found|manifest unknown|unauthorized|denied|forbidden|invalid reference", re.IGNORECASE
)

_NO_PAIRING = re.compile(r"^(Awaiting governance pairing$|No active subscription and auth policy pairing)")
_MODEL_ABSENT = re.compile(r"model references are invalid or (missing|unavailable)")


class Readiness(t.NamedTuple):
    """``state`` is :data:`READY`, :data:`WAITING`, :data:`FAILED` or :data:`SCALED` (nothing runs, as it was asked).

    ``what`` is the object or its part that decides it.

    ``reason`` is one word, ``message`` a sentence. Of something ready, ``message`` says what is still open although it
    counts as ready.
    """

    state: str
    what: str
    reason: str = ""
    message: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}: {self.message}" if self.message else f"{self.what}: {self.reason}"


def seconds(timestamp: str | None) -> float | None:
    """A time of the API, with or without fractions, as seconds since the epoch."""
    if not timestamp:
        return None
    form = "%Y-%m-%dT%H:%M:%S.%fZ" if "." in timestamp else "%Y-%m-%dT%H:%M:%SZ"
    return datetime.strptime(timestamp, form).replace(tzinfo=timezone.utc).timestamp()


def conditions_of(obj: Object) -> dict[str, Object]:
    """The conditions of an object by type."""
    return {condition["type"]: condition for condition in (obj.get("status") or {}).get("conditions") or []}


def first_open(found: t.Sequence[Readiness]) -> Readiness:
    """What decides about the whole: the first that failed, else awaited, else scaled to 0, else the first with a message."""
    for state in (FAILED, WAITING, SCALED):
        for readiness in found:
            if readiness.state == state:
                return readiness
    return next((readiness for readiness in found if readiness.message), found[0])


def inference_service(obj: Object | None, what: str, now: float) -> Readiness:
    """An LLMInferenceService is ready when its controller has seen it as it is, says so, and published a URL.

    Up to KServe 0.20, ``PresetsCombined`` is no part of ``Ready``, and an old pod keeps ``Ready`` true after an edit:
    :func:`deployment` is needed too.
    """
    absent = _absent(obj, what)
    if absent or obj is None:
        return absent
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
        final = reason in _FINAL_SERVICE_REASONS and _settled(condition, now)
        return Readiness(
            FAILED if final else WAITING, f"{what}, {name}", reason, condition.get("message") or "no message"
        )
    if not status.get("url"):
        return Readiness(
            WAITING, what, NO_URL, "it is ready, but has no URL: its Gateway has neither address nor hostname"
        )
    unfit = service_url.problem(status["url"])
    if unfit:
        final = _settled(conditions["Ready"], now)
        message = f"it is ready, but its URL {status['url']} cannot be used: {unfit}"
        return Readiness(FAILED if final else WAITING, what, UNUSABLE_URL, message)
    return Readiness(READY, what)


def deployment(obj: Object | None, what: str, now: float) -> Readiness:
    """A Deployment is ready when all its pods are of the newest template and available, and no older one is left.

    Without replicas it has no pod to look for.
    """
    if obj is None:
        return Readiness(WAITING, what, "NotFound", "KServe has not made it yet")
    status = obj.get("status") or {}
    if (status.get("observedGeneration") or 0) < obj["metadata"].get("generation", 0):
        return Readiness(WAITING, what, "NotObserved", "the rollout has not started yet")
    wanted = obj["spec"].get("replicas", 1)
    if wanted == 0:
        return Readiness(SCALED, what, SCALED_REASON, "it has 0 replicas, so nothing answers")
    conditions = conditions_of(obj)
    progressing = conditions.get("Progressing") or {}
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return Readiness(FAILED, what, "ProgressDeadlineExceeded", progressing.get("message") or "")
    failure = conditions.get("ReplicaFailure") or {}
    if failure.get("status") == "True":
        state = FAILED if _settled(failure, now) else WAITING
        return Readiness(state, what, failure.get("reason") or "ReplicaFailure", failure.get("message") or "")
    updated = status.get("updatedReplicas") or 0
    available = status.get("availableReplicas") or 0
    old = (status.get("replicas") or 0) - updated
    if updated < wanted:
        return Readiness(WAITING, what, "RollingOut", f"{updated} of {wanted} pods are of the newest revision")
    if available < wanted or status.get("unavailableReplicas"):
        return Readiness(WAITING, what, "RollingOut", f"{available} of {wanted} pods are available")
    if old > 0:
        return Readiness(WAITING, what, "RollingOut", f"{old} pods of the revision before are still there")
    return Readiness(READY, what)


def current_pods(pods: t.Sequence[Object], rollout: Object | None) -> list[Object]:
    """The pods of a Deployment's newest revision.

    A broken pod of the revision before stays until the new one is available, and must not count against it.
    """
    status = (rollout or {}).get("status") or {}
    if rollout is None or not status.get("updatedReplicas"):
        return []
    if (status.get("observedGeneration") or 0) < rollout["metadata"].get("generation", 0):
        return []
    alive = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    if not alive:
        return []
    newest = max(alive, key=lambda pod: pod["metadata"]["creationTimestamp"])
    revision = _template_hash(newest)
    return [pod for pod in alive if _template_hash(pod) == revision]


def pod(obj: Object, what: str, now: float) -> Readiness:
    """A pod fails when its image, its configuration or its process cannot be corrected by trying again."""
    status = obj.get("status") or {}
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        waiting = (container.get("state") or {}).get("waiting")
        if not waiting:
            continue
        reason, message = waiting.get("reason") or "Waiting", waiting.get("message") or ""
        final = (
            reason in _IMAGE_NEVER
            or (reason in _IMAGE_PULL and bool(_IMAGE_REFUSED.search(message)))
            or (reason == "CreateContainerConfigError" and _age(obj, now) >= SETTLED_AFTER)
            or (reason == "CrashLoopBackOff" and container.get("restartCount", 0) >= CRASHES_UNTIL_HOPELESS)
        )
        part = f"{what}, container {container['name']}"
        if final or reason not in ("ContainerCreating", "PodInitializing"):
            return Readiness(FAILED if final else WAITING, part, reason, message)
    scheduled = conditions_of(obj).get("PodScheduled") or {}
    if scheduled.get("status") == "False":
        return Readiness(WAITING, what, scheduled.get("reason") or "Unscheduled", scheduled.get("message") or "")
    ready = conditions_of(obj).get("Ready") or {}
    if ready.get("status") == "True":
        return Readiness(READY, what)
    phase = status.get("phase") or "Pending"
    return Readiness(WAITING, what, phase, "its container does not answer the probes yet" if phase == "Running" else "")


def registration(obj: Object | None, kind: str, what: str, scope: str, now: float) -> Readiness:
    """An object by which a model is registered with Models-as-a-Service.

    What only the other scope can bring is success where ``scope`` says that others run that one.
    """
    absent = _absent(obj, what)
    if absent or obj is None:
        return absent
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
    if scope == "platform" and _model_is_absent(obj, message):
        return Readiness(READY, what, phase, f"its {kind} waits for the model, which is not deployed yet")
    final = phase == "Invalid" or (phase == "Failed" and kind == "MaaSModelRef" and _settled(ready, now))
    return Readiness(FAILED if final else WAITING, f"{what}, phase {phase}", reason, message)


_READY_PHASE = {"MaaSModelRef": "Ready", "MaaSAuthPolicy": "Active", "MaaSSubscription": "Active"}


def awaits_pairing(ref: Object) -> bool:
    """Whether a MaaSModelRef lacks nothing but an auth policy and a subscription that name it."""
    conditions = conditions_of(ref)
    attached, running = conditions.get("GovernanceAttached") or {}, conditions.get("RuntimeReady") or {}
    if attached and running:
        return attached["status"] == "False" and running["status"] == "True"
    return bool(_NO_PAIRING.search((conditions.get("Ready") or {}).get("message") or ""))


def _model_is_absent(obj: Object, message: str) -> bool:
    statuses = (obj.get("status") or {}).get("modelRefStatuses") or []
    if statuses:
        return all(not entry.get("ready") and entry.get("reason") == "NotFound" for entry in statuses) or bool(
            _MODEL_ABSENT.search(message)
        )
    return bool(_MODEL_ABSENT.search(message))


def _absent(obj: Object | None, what: str) -> Readiness | None:
    if obj is None:
        return Readiness(FAILED, what, "NotFound", "it does not exist")
    if obj["metadata"].get("deletionTimestamp"):
        holding = ", ".join(obj["metadata"].get("finalizers") or []) or "none"
        return Readiness(FAILED, what, "Deleting", f"it is being deleted (finalizers: {holding})")
    return None


def _settled(condition: Object, now: float) -> bool:
    since = seconds(condition.get("lastTransitionTime"))
    return since is not None and now - since >= SETTLED_AFTER


def _age(obj: Object, now: float) -> float:
    return now - (seconds(obj["metadata"].get("creationTimestamp")) or now)


def _template_hash(obj: Object) -> str | None:
    return (obj["metadata"].get("labels") or {}).get("pod-template-hash")
