# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from sandbox.node.events import Limiter
from sandbox.node.status import BackOff, Container, duration, phase, pod_status


def container(*, ready: bool = True, running: bool = True, code: int | None = None) -> Container:
    made = Container("main", "image")
    made.create("id")
    if running:
        made.run(0, started=True, ready=ready)
    if code is not None:
        made.end(code, 0, 1)
    return made


def conditions(status: dict[str, Any]) -> dict[str, str]:
    return {condition["type"]: condition["status"] for condition in status["conditions"]}


def test_back_off_doubles_up_to_its_maximum() -> None:
    back_off, now, waits = BackOff(10, 300), 1000.0, []
    for _crash in range(8):
        waits.append(back_off.wait(now))
        now += waits[-1] + 1
    assert waits == [0, 10, 20, 40, 80, 160, 300, 300]


def test_back_off_starts_anew_after_a_quiet_time() -> None:
    back_off = BackOff(10, 300)
    assert [back_off.wait(1000), back_off.wait(1001)] == [0, 10]
    assert back_off.wait(1011 + 600) == 20
    assert back_off.wait(1631 + 601) == 0


@pytest.mark.parametrize(("seconds", "text"), [(10, "10s"), (80, "1m20s"), (300, "5m0s")])
def test_durations_read_as_in_go(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_restarted_container_remembers_its_end() -> None:
    crashed = container(code=3)
    assert crashed.status()["state"]["terminated"]["reason"] == "Error"
    crashed.wait("CrashLoopBackOff", "back-off 10s")
    crashed.create("id2")
    crashed.run(20, started=False, ready=False)
    status = crashed.status()
    assert status["restartCount"] == 1
    assert status["lastState"]["terminated"]["exitCode"] == 3
    assert status["lastState"]["terminated"]["containerID"] == "id"
    assert list(status["state"]) == ["running"]


def test_a_container_that_another_kubelet_ran_counts_as_restarted() -> None:
    found = Container("main", "image")
    found.lose({"restartCount": 2, "containerID": "old"}, 5)
    found.create("new")
    found.run(6, started=True, ready=True)
    assert found.restarts == 3
    assert found.last_state["terminated"]["exitCode"] == 255


@pytest.mark.parametrize(
    ("policy", "containers", "expected"),
    [
        ("Always", [Container("a", "i")], "Pending"),
        ("Always", [container()], "Running"),
        ("Always", [container(), Container("a", "i")], "Pending"),
        ("Always", [container(code=0)], "Running"),
        ("Never", [container(code=0)], "Succeeded"),
        ("Never", [container(code=0), container(code=1)], "Failed"),
        ("OnFailure", [container(code=1)], "Running"),
        ("OnFailure", [container(code=0)], "Succeeded"),
    ],
)
def test_phase(policy: str, containers: list[Container], expected: str) -> None:
    assert phase(policy, containers) == expected


def test_conditions_of_a_pod_that_becomes_ready_keep_their_times() -> None:
    pod = {"spec": {}}
    before = pod_status(pod, [container(ready=False)], {}, 0)
    unready = next(each for each in before["conditions"] if each["type"] == "Ready")
    assert unready["reason"] == "ContainersNotReady"
    assert unready["message"] == "containers with unready status: [main]"
    after = pod_status(pod, [container()], before, 60)
    times = {each["type"]: each["lastTransitionTime"] for each in after["conditions"]}
    assert times["Ready"] == times["ContainersReady"] == "1970-01-01T00:01:00Z"
    assert times["PodScheduled"] == "1970-01-01T00:00:00Z"
    assert set(conditions(after).values()) == {"True"}


def test_a_deleted_pod_ends_failed_or_succeeded() -> None:
    assert pod_status({"spec": {}}, [container(code=143)], {}, 0, final=True)["phase"] == "Failed"
    assert pod_status({"spec": {}}, [container(code=0)], {}, 0, final=True)["phase"] == "Succeeded"


def test_events_about_one_object_come_in_a_burst_and_then_slowly() -> None:
    limiter = Limiter(burst=3, refill=300)
    assert [limiter.allows("a", 0) for _event in range(4)] == [True, True, True, False]
    assert limiter.allows("b", 0)
    assert not limiter.allows("a", 299)
    assert limiter.allows("a", 300)
