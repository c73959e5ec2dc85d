# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import jobs
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import FAILED, READY, WAITING
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.modules import kube_job


class FakeCluster:
    """Has one Job, which is made by an apply."""

    def __init__(self, found: dict[str, Any] | None = None) -> None:
        self.found = found
        self.applied = 0

    def get(self, *_ref: Any) -> dict[str, Any] | None:
        return self.found

    def apply(self, obj: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
        self.applied += 1
        self.found = None if dry_run else obj
        return obj

    def list(self, *_group: Any, **_how: Any) -> list[dict[str, Any]]:
        return []


def to_run(**labelled: str) -> dict[str, Any]:
    metadata = {"name": "dump", "namespace": "litemaas", "labels": labelled}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}


OURS = labels("database", "litemaas", "litemaas.default")


def test_a_job_is_made_once_and_a_look_says_what_it_waits_for() -> None:
    cluster = FakeCluster()
    run = kube_job.Run(cluster, to_run(**OURS), check_mode=False)  # type: ignore[arg-type]
    assert not run.look().done and run.changed and "it has no pod yet" in run.message()
    assert not run.look().done and cluster.applied == 1
    cluster.found = None
    with pytest.raises(kube_job.JobRefused, match="was deleted while it was waited for"):
        run.look()
    assert cluster.applied == 1, "what it does would be done twice"


def test_in_check_mode_a_job_is_only_tried() -> None:
    run = kube_job.Run(FakeCluster(), to_run(**OURS), check_mode=True)  # type: ignore[arg-type]
    assert run.look().done and run.changed


@pytest.mark.parametrize("found", [None, to_run()], ids=["absent", "there"])
def test_a_job_without_labels_of_ours_is_neither_made_nor_taken_for_ours(found: Any) -> None:
    cluster = FakeCluster(found)
    with pytest.raises(kube_job.JobRefused, match="lacks the labels"):
        kube_job.Run(cluster, to_run(), check_mode=False).look()  # type: ignore[arg-type]
    assert not cluster.applied


def job(*conditions: dict[str, str], **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "dump"}, "status": {"conditions": list(conditions), **status}}


def pod(name: str = "dump-1", created: str = "2026-12-01T04:00:00Z", **status: Any) -> dict[str, Any]:
    containers = [{"name": "backup"}]
    return {
        "metadata": {"name": name, "creationTimestamp": created},
        "spec": {"containers": containers},
        "status": status,
    }


COMPLETE = {"type": "Complete", "status": "True"}
FAILURE = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "Job has reached the limit"}


def test_a_job_is_done_or_has_failed_by_its_condition() -> None:
    assert jobs.state_of(job(COMPLETE), []).state == READY
    failed = jobs.state_of(job(FAILURE), [pod()])
    assert (failed.state, failed.reason, failed.message) == (
        FAILED,
        "BackoffLimitExceeded",
        "Job has reached the limit",
    )


@pytest.mark.parametrize(
    ("pods", "reason", "message"),
    [
        ([], "NoPod", "it has no pod yet"),
        ([pod()], "Running", "its pod runs"),
        (
            [
                pod(
                    containerStatuses=[
                        {"name": "backup", "state": {"waiting": {"reason": "ErrImagePull", "message": "denied"}}}
                    ]
                )
            ],
            "ErrImagePull",
            "denied",
        ),
        (
            [pod(initContainerStatuses=[{"name": "w", "state": {"waiting": {"reason": "PodInitializing"}}}])],
            "Running",
            "its pod runs",
        ),
        (
            [
                pod(
                    conditions=[
                        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no volume"}
                    ]
                )
            ],
            "Unschedulable",
            "no volume",
        ),
    ],
)
def test_what_a_job_waits_for_is_told_by_its_pod(pods: list[dict[str, Any]], reason: str, message: str) -> None:
    found = jobs.state_of(job(), pods)
    assert (found.state, found.reason, found.message) == (WAITING, reason, message)


def test_the_newest_pod_and_the_container_that_failed_are_asked() -> None:
    old = pod("old", "2026-12-01T03:00:00Z")
    assert jobs.newest([old, pod()])["metadata"]["name"] == "dump-1"
    assert jobs.newest([]) is None
    assert jobs.container_to_ask(pod()) == "backup"
    failed = pod(initContainerStatuses=[{"name": "wait", "state": {"terminated": {"exitCode": 2}}}])
    assert jobs.container_to_ask(failed) == "wait"


@pytest.mark.parametrize(
    ("log", "found"),
    [
        (["a", 'result: {"id": "1"}', "b"], {"id": "1"}),
        (['result: {"id": "1"}', 'result: {"id": "2"}'], {"id": "2"}),
        (["result: {"], {}),
        (["result: 3"], {}),
        (["nothing"], {}),
        ([], {}),
    ],
)
def test_the_result_is_the_last_line_that_says_so(log: list[str], found: dict[str, str]) -> None:
    assert jobs.result_in(log) == found
