# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an object of Kubernetes itself is ready, still on its way, or never will be.

Every predicate takes a whole object, or None where there is none, and the API server's time in seconds since the epoch.
What cannot be cured by waiting is ``failed``, but only once it has stood for :data:`SETTLED_AFTER` seconds where
another controller, or another person, may be about to correct it.
"""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timezone

Object = t.Mapping[str, t.Any]

READY = "ready"
WAITING = "waiting"
FAILED = "failed"
SCALED = "scaled to 0"
SCALED_REASON = "ScaledToZero"

SETTLED_AFTER = 30.0
"""Seconds after which what looks final is taken to be final."""

CRASHES_UNTIL_HOPELESS = 3

_IMAGE_NEVER = ("InvalidImageName", "ErrImageNeverPull")
_IMAGE_PULL = ("ErrImagePull", "ImagePullBackOff")
_IMAGE_REFUSED = re.compile(
    r"not found|manifest unknown|unauthorized|denied|forbidden|invalid reference", re.IGNORECASE
)


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


def deployment(obj: Object | None, what: str, now: float, missing: str = "KServe has not made it yet") -> Readiness:
    """A Deployment is ready when all its pods are of the newest template and available, and no older one is left.

    Without replicas it has no pod to look for. ``missing`` says why it may not be there yet.
    """
    if obj is None:
        return Readiness(WAITING, what, "NotFound", missing)
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
        state = FAILED if settled(failure, now) else WAITING
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


def stateful_set(obj: Object | None, what: str, now: float, missing: str) -> Readiness:
    """A StatefulSet is ready when all its pods are of the newest revision and ready."""
    if obj is None:
        return Readiness(WAITING, what, "NotFound", missing)
    status = obj.get("status") or {}
    if (status.get("observedGeneration") or 0) < obj["metadata"].get("generation", 0):
        return Readiness(WAITING, what, "NotObserved", "the rollout has not started yet")
    wanted = obj["spec"].get("replicas", 1)
    if wanted == 0:
        return Readiness(SCALED, what, SCALED_REASON, "it has 0 replicas, so nothing answers")
    updated, ready = status.get("updatedReplicas") or 0, status.get("readyReplicas") or 0
    if status.get("currentRevision") != status.get("updateRevision") and updated < wanted:
        return Readiness(WAITING, what, "RollingOut", f"{updated} of {wanted} pods are of the newest revision")
    if ready < wanted:
        return Readiness(WAITING, what, "RollingOut", f"{ready} of {wanted} pods are ready")
    return Readiness(READY, what)


def claim(obj: Object | None, what: str, now: float) -> Readiness:
    """A PersistentVolumeClaim is ready when a volume is bound to it."""
    phase = ((obj or {}).get("status") or {}).get("phase") or "Pending"
    if obj is None:
        return Readiness(WAITING, what, "NotFound", "it is not made yet")
    if phase == "Bound":
        return Readiness(READY, what)
    return Readiness(FAILED if phase == "Lost" else WAITING, what, phase, "no volume is bound to it")


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


def absent(obj: Object | None, what: str) -> Readiness | None:
    """What there is to say of an object that is not there, or is going; None of any other."""
    if obj is None:
        return Readiness(FAILED, what, "NotFound", "it does not exist")
    if obj["metadata"].get("deletionTimestamp"):
        holding = ", ".join(obj["metadata"].get("finalizers") or []) or "none"
        return Readiness(FAILED, what, "Deleting", f"it is being deleted (finalizers: {holding})")
    return None


def settled(condition: Object, now: float) -> bool:
    """Whether a condition has stood for so long that nobody is about to correct it."""
    since = seconds(condition.get("lastTransitionTime"))
    return since is not None and now - since >= SETTLED_AFTER


def _age(obj: Object, now: float) -> float:
    return now - (seconds(obj["metadata"].get("creationTimestamp")) or now)


def _template_hash(obj: Object) -> str | None:
    return (obj["metadata"].get("labels") or {}).get("pod-template-hash")
