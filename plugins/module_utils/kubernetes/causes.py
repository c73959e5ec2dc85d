# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why the pods of a Deployment or StatefulSet do not come up: causes that Kubernetes itself shows.

What there is to do is the caller's to say: it differs by what the pods are for.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import Explanation
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import (
    READY,
    Object,
    claim,
    conditions_of,
    seconds,
)

# As the LimitRanger admission of Kubernetes says it.
_AGAINST_LIMITS = re.compile(r"(maximum|minimum) \w+ usage per|max limit to request ratio")
_PULL_TROUBLE = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")


class PodEvidence:
    """What is known of a workload: its Deployment or StatefulSet, its pods of the newest revision, and their events."""

    deployment: Object | None
    pods: t.Sequence[Object]
    own_events: t.Sequence[Object]
    """Oldest first, see C(by_time)."""

    def containers(self) -> list[Object]:
        """The status of every container of every pod."""
        return [
            container
            for pod in self.pods
            for group in ("initContainerStatuses", "containerStatuses")
            for container in (pod.get("status") or {}).get(group) or []
        ]

    def waiting_containers(self, *reasons: str) -> list[Object]:
        """The ``waiting`` states with one of these reasons."""
        waiting = [(container.get("state") or {}).get("waiting") or {} for container in self.containers()]
        return [state for state in waiting if state.get("reason") in reasons]

    def event(self, pattern: str, *reasons: str) -> re.Match[str] | None:
        """The latest own event of one of the reasons whose message matches."""
        for event in reversed(self.own_events):
            found = re.search(pattern, event.get("message") or "", re.IGNORECASE | re.DOTALL)
            if found and (not reasons or event.get("reason") in reasons):
                return found
        return None


def by_time(events: t.Iterable[Object]) -> list[Object]:
    """The events, oldest first."""
    return sorted(events, key=_time_of)


def _time_of(event: Object) -> float:
    series = (event.get("series") or {}).get("lastObservedTime")
    for value in (
        event.get("lastTimestamp"),
        series,
        event.get("eventTime"),
        event["metadata"].get("creationTimestamp"),
    ):
        if value:
            return seconds(value) or 0.0
    return 0.0


def unbound_claim(
    claims: t.Iterable[Object], events: t.Iterable[Object], now: float, remedy: str
) -> Explanation | None:
    """A claim that no volume is bound to. C(events) are those of the namespace."""
    for obj in claims:
        name = obj["metadata"]["name"]
        found = claim(obj, f"PersistentVolumeClaim {name}", now)
        if found.state == READY:
            continue
        about = [
            each
            for each in by_time(events)
            if (each.get("involvedObject") or {}).get("kind") == "PersistentVolumeClaim"
        ]
        said = [each.get("message") or "" for each in about if each["involvedObject"].get("name") == name]
        wanted = (obj.get("spec") or {}).get("storageClassName")
        of = f"of storage class {wanted}" if wanted else "which names no storage class"
        seen = f"PersistentVolumeClaim {name}, {of}, is {found.reason}" + (f": {said[-1]}" if said else "")
        return Explanation("the claim has no volume", seen, remedy)
    return None


def image(evidence: PodEvidence, remedy: str) -> Explanation | None:
    """An image that cannot be pulled."""
    for state in evidence.waiting_containers(*_PULL_TROUBLE):
        shown = evidence.event(r"failed to pull.*", "Failed")
        seen = shown.group(0) if shown else f"{state['reason']}: {state.get('message')}"
        return Explanation("the image cannot be pulled", seen, remedy)
    return None


def _replica_failure(evidence: PodEvidence) -> str:
    failure = conditions_of(evidence.deployment).get("ReplicaFailure") or {} if evidence.deployment else {}
    if failure.get("status") == "True":
        return failure.get("message") or ""
    shown = evidence.event(r".*", "FailedCreate")
    return shown.group(0) if shown and not evidence.pods else ""


def quota(evidence: PodEvidence, remedy: str) -> Explanation | None:
    """A quota that leaves no room for the pod."""
    message = _replica_failure(evidence)
    return (
        Explanation("the quota of the namespace is used up", message, remedy) if "exceeded quota" in message else None
    )


def limit_range(evidence: PodEvidence, remedy: str) -> Explanation | None:
    """A LimitRange that does not allow what the pod asks for."""
    message = _replica_failure(evidence)
    if not _AGAINST_LIMITS.search(message):
        return None
    return Explanation("the LimitRange of the namespace does not allow these resources", message, remedy)


def pod_refused(evidence: PodEvidence, remedy: str) -> Explanation | None:
    """An admission that refuses the pod for another reason."""
    message = _replica_failure(evidence)
    if not message or "exceeded quota" in message or _AGAINST_LIMITS.search(message):
        return None
    return Explanation("the cluster refuses the pod", message, remedy)


def unschedulable(evidence: PodEvidence, remedy: str) -> Explanation | None:
    """A pod that no node takes."""
    for pod in evidence.pods:
        scheduled = conditions_of(pod).get("PodScheduled") or {}
        if scheduled.get("status") == "False":
            seen = scheduled.get("message") or scheduled.get("reason") or "PodScheduled False"
            return Explanation("no node takes the pod", seen, remedy)
    return None


def container_config(evidence: PodEvidence, remedy: str) -> Explanation | None:
    """A container that cannot be made for want of a Secret or ConfigMap."""
    for state in evidence.waiting_containers("CreateContainerConfigError"):
        cause = "a Secret or ConfigMap that the container needs is missing or lacks a key"
        return Explanation(cause, state.get("message") or state["reason"], remedy)
    return None


def mount(evidence: PodEvidence, remedy: str) -> Explanation | None:
    """A volume that cannot be mounted."""
    shown = evidence.event(r"MountVolume\.SetUp failed.*", "FailedMount")
    if shown is None or any(container.get("started") for container in evidence.containers()):
        return None
    return Explanation("a volume cannot be mounted", shown.group(0), remedy)


def out_of_memory(evidence: PodEvidence, remedy: str) -> Explanation | None:
    """A container that the kernel ended."""
    for container in evidence.containers():
        for state in (container.get("state") or {}, container.get("lastState") or {}):
            if (state.get("terminated") or {}).get("reason") == "OOMKilled":
                seen = f"container {container['name']} was OOMKilled, {container.get('restartCount', 0)} restarts"
                return Explanation("the container needs more memory than its limit", seen, remedy)
    return None


def crash(evidence: PodEvidence) -> str:
    """What shows that a container ends as often as it is started; empty where none does."""
    for container in evidence.containers():
        ended = (container.get("lastState") or {}).get("terminated") or (container.get("state") or {}).get("terminated")
        if ended and container.get("restartCount") and ended.get("reason") != "OOMKilled":
            seen = f"container {container['name']} exited with code {ended.get('exitCode')}"
            return f"{seen}, {container['restartCount']} restarts"
    return ""
