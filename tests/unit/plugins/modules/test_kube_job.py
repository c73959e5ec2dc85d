# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module kube_job, beside a cluster that loses Jobs, logs and answers."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.modules import kube_job

JOB = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "dump", "namespace": "litemaas", "labels": labels("database", "litemaas", "default")},
    "spec": {},
}
POD = {"metadata": {"name": "dump-1"}, "spec": {"containers": [{"name": "dump"}]}}
LOST = ApiError("GET", "https://api/x", 0, "connection refused")
DENIED = ApiError("GET", "https://api/x", 403, "forbidden")


class Cluster:
    """Answers what it is told to, in turn; the last one again and again. An error is raised."""

    def __init__(self, jobs: list[Any], apply: Any = None, pods: list[Any] | None = None, log: Any = ()) -> None:
        self._jobs = jobs
        self._apply = apply
        self._pods = [POD] if pods is None else pods
        self._log = log
        self.applied = 0

    def get(self, *_what: Any) -> Any:
        return self._answer(self._jobs.pop(0) if len(self._jobs) > 1 else self._jobs[0])

    def apply(self, obj: Any, **_how: Any) -> Any:
        self.applied += 1
        return self._answer(self._apply or obj)

    def list(self, *_what: Any, **_how: Any) -> Any:
        return self._pods

    def log(self, *_what: Any, **_how: Any) -> Any:
        return self._answer(self._log)

    @staticmethod
    def _answer(answer: Any) -> Any:
        if isinstance(answer, ApiError):
            raise answer
        return answer


def job(condition: str = "") -> dict[str, Any]:
    conditions = [{"type": condition, "status": "True"}] if condition else []
    return {**JOB, "status": {"conditions": conditions}}


@pytest.fixture
def run(monkeypatch, run_module):
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    def start(cluster: Cluster, timeout: float = 60, **how: Any) -> dict[str, Any]:
        monkeypatch.setattr(kube_job, "Cluster", lambda module: cluster)
        return run_module(kube_job, job=JOB, wait_timeout=timeout, **how)

    return start


def test_a_job_is_made_and_says_what_it_came_to(run):
    cluster = Cluster([None, job(), job("Complete")], log=["a", 'result: {"id": "1"}'])
    done = run(cluster)
    assert not done.get("failed")
    assert (done["changed"], done["open"], done["result"], cluster.applied) == (True, False, {"id": "1"}, 1)


def test_an_api_server_that_is_away_for_a_while_is_waited_for(run):
    done = run(Cluster([None, LOST, job(), LOST, job("Complete")], log=["a"]))
    assert not done.get("failed") and done["log"] == ["a"]


@pytest.mark.parametrize(
    ("cluster", "is_open", "changed", "said"),
    [
        (Cluster([None, job("Failed")], log=["why"]), False, True, "why"),
        # It goes on after the wait is over, or may do so.
        (Cluster([None, job()]), True, True, "its pod runs"),
        (Cluster([None, DENIED]), True, True, "forbidden"),
        (Cluster([None], apply=LOST), True, False, "API server does not answer"),
        # It was never made.
        (Cluster([None], apply=DENIED), False, False, "forbidden"),
        (Cluster([DENIED]), False, False, "forbidden"),
        # What it came to is not known.
        (Cluster([None, job("Complete")], pods=[]), False, True, "Its pod is gone"),
        (Cluster([None, job("Complete")], log=DENIED), False, True, "Its log cannot be read"),
    ],
)
def test_what_is_not_known_to_be_complete_fails(run, monkeypatch, cluster, is_open, changed, said):
    times = iter(range(0, 10_000, 10))
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    done = run(cluster)
    assert done["failed"] and said in done["msg"]
    assert (done["open"], done["changed"], done["result"]) == (is_open, changed, {})


def test_a_job_that_was_deleted_is_not_made_again(run):
    cluster = Cluster([None, job(), None])
    done = run(cluster)
    assert done["failed"] and "was deleted while it was waited for" in done["msg"]
    assert (done["open"], cluster.applied) == (True, 1)


def test_in_check_mode_nothing_is_waited_for(run):
    done = run(Cluster([None]), _ansible_check_mode=True)
    assert (done["changed"], done["open"], done.get("failed")) == (True, False, None)
