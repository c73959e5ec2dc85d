# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status of a pod as a kubelet reports it, made from what is known of its containers. Pure: times are handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


class BackOff:
    """A delay that doubles with every failure and starts anew after a quiet time of twice its maximum."""

    def __init__(self, initial: float = 10.0, maximum: float = 300.0) -> None:
        self._initial, self._maximum = initial, maximum
        self._delay = 0.0
        self._since = 0.0

    def wait(self, failed_at: float) -> float:
        """Seconds to wait after a failure: 0 the first time, then ``initial`` doubling up to ``maximum``."""
        if failed_at - self._since > 2 * self._maximum:
            self._delay = 0.0
        delay, self._since = self._delay, failed_at + self._delay
        self._delay = min(self._maximum, self._delay * 2 or self._initial)
        return delay


@dataclass
class Container:
    """What is known of one container; ``state`` and ``last_state`` are in the API's own shape."""

    name: str
    image: str
    state: dict[str, Any] = field(default_factory=lambda: {"waiting": {"reason": "ContainerCreating"}})
    last_state: dict[str, Any] = field(default_factory=dict)
    ready: bool = False
    started: bool = False
    restarts: int = 0
    id: str = ""

    def wait(self, reason: str, message: str = "") -> None:
        """Now waiting; an end that came before becomes the last state."""
        if "terminated" in self.state:
            self.last_state = self.state
        self.state = {"waiting": {"reason": reason} | ({"message": message} if message else {})}

    def create(self, id: str) -> None:
        """Made (anew) as ``id``, about to start."""
        if "terminated" in self.state:
            self.last_state = self.state
        if self.last_state:
            self.restarts += 1
        self.id = id

    def run(self, now: float, started: bool, ready: bool) -> None:
        """Now running; ``started`` and ``ready`` where no probe has to say so."""
        self.state = {"running": {"startedAt": timestamp(now)}}
        self.started, self.ready = started, ready

    def end(self, exit_code: int, started: float, now: float, reason: str = "", message: str = "") -> None:
        """Now terminated."""
        self.ready = self.started = False
        end = {
            "exitCode": exit_code,
            "reason": reason or ("Completed" if exit_code == 0 else "Error"),
            "startedAt": timestamp(started),
            "finishedAt": timestamp(now),
            "containerID": self.id,
        }
        self.state = {"terminated": end | ({"message": message} if message else {})}

    def lose(self, status: Mapping[str, Any], now: float) -> None:
        """What an earlier kubelet reported of it is all that is left: the container went with the node."""
        self.restarts = status["restartCount"]
        if status.get("containerID"):
            self.id = status["containerID"]
            self.end(255, now, now, reason="Unknown")

    @property
    def exit_code(self) -> int | None:
        """Of a container that has ended and waits for nothing."""
        return self.state["terminated"]["exitCode"] if "terminated" in self.state else None

    def status(self) -> dict[str, Any]:
        """An entry of ``status.containerStatuses``."""
        return {
            "name": self.name,
            "image": self.image,
            "imageID": self.image if self.id else "",
            "containerID": self.id,
            "state": self.state,
            "lastState": self.last_state,
            "ready": self.ready,
            "started": self.started,
            "restartCount": self.restarts,
        }


def restarts(policy: str, exit_code: int) -> bool:
    """Whether a container that ended so is started again."""
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)


def phase(policy: str, containers: Sequence[Container], preparing: Sequence[Container] = ()) -> str:
    """Pending, Running, Succeeded or Failed; ``preparing`` are the init containers."""
    if any(each.exit_code and not restarts(policy, each.exit_code) for each in preparing):
        return "Failed"
    if not initialized(preparing):
        return "Pending"
    codes = [container.exit_code for container in containers]
    if all(code is not None and not restarts(policy, code) for code in codes):
        return "Failed" if any(codes) else "Succeeded"
    if any("waiting" in each.state and not each.last_state for each in containers):
        return "Pending"
    return "Running"


def initialized(preparing: Sequence[Container]) -> bool:
    """Whether all init containers have succeeded."""
    return all(each.exit_code == 0 for each in preparing)


def pod_status(
    pod: Mapping[str, Any],
    containers: Sequence[Container],
    before: Mapping[str, Any],
    now: float,
    final: bool = False,
    preparing: Sequence[Container] = (),
) -> dict[str, Any]:
    """``phase``, ``conditions``, ``containerStatuses`` and ``initContainerStatuses`` of a scheduled pod.

    :arg before: the status reported last; a condition that did not change keeps its time.
    :arg final: the pod is being deleted and its containers do not come back.
    """
    reached = phase("Never" if final else pod["spec"].get("restartPolicy", "Always"), containers, preparing)
    completed = {"reason": "PodCompleted"} if reached == "Succeeded" else {}
    ready = {"status": "True"}
    if unready := [each.name for each in containers if not each.ready]:
        message = f"containers with unready status: [{' '.join(unready)}]"
        ready = {"status": "False"} | (completed or {"reason": "ContainersNotReady", "message": message})
    prepared = {"status": "True"} | completed
    if waiting := [each.name for each in preparing if each.exit_code != 0]:
        message = f"containers with incomplete status: [{' '.join(waiting)}]"
        prepared = {"status": "False", "reason": "ContainersNotInitialized", "message": message}
    conditions = {
        "PodReadyToStartContainers": {"status": str(any(each.id for each in (*preparing, *containers)) and not final)},
        "Initialized": prepared,
        "Ready": ready,
        "ContainersReady": ready,
        "PodScheduled": {"status": "True"},
    }
    return {
        "phase": reached,
        "conditions": dated(conditions, before.get("conditions") or [], now),
        "containerStatuses": [each.status() for each in containers],
        **({"initContainerStatuses": [each.status() for each in preparing]} if preparing else {}),
    }


def dated(
    conditions: Mapping[str, Mapping[str, Any]], before: Sequence[Mapping[str, Any]], now: float
) -> list[dict[str, Any]]:
    """Conditions as a list, each with the time at which its status last changed."""
    known = {condition["type"]: condition for condition in before}
    result = []
    for kind, condition in conditions.items():
        old = known.get(kind, {})
        changed = old.get("status") != condition["status"] or "lastTransitionTime" not in old
        since = timestamp(now) if changed else old["lastTransitionTime"]
        result.append({"type": kind, **condition, "lastTransitionTime": since})
    return result


def timestamp(seconds: float) -> str:
    """Seconds since the epoch as the API writes a time.

    >>> timestamp(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(seconds: float) -> str:
    """Whole seconds as Go prints them.

    >>> duration(10), duration(80), duration(300)
    ('10s', '1m20s', '5m0s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
