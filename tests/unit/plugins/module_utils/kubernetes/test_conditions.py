# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import conditions
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import (
    FAILED,
    READY,
    SCALED,
    WAITING,
    Readiness,
)

NOW = conditions.seconds("2026-11-21T15:40:00Z")
JUST_NOW = "2026-11-21T15:39:55Z"
LONG_AGO = "2026-11-21T15:32:00Z"


def condition(name, status="True", reason=None, message="", since=LONG_AGO, generation=None):
    found = {"type": name, "status": status, "reason": reason, "message": message, "lastTransitionTime": since}
    return {**found, "observedGeneration": generation} if generation else found


def rollout(*changed, generation=1, observed=1, replicas=1, updated=1, available=1, total=1, **status):
    return {
        "metadata": {"name": "gem-kserve", "generation": generation},
        "spec": {"replicas": replicas},
        "status": {
            "observedGeneration": observed,
            "replicas": total,
            "updatedReplicas": updated,
            "availableReplicas": available,
            "conditions": list(changed),
            **status,
        },
    }


def pod(
    name="gem-kserve-1-a",
    state=None,
    *,
    revision="1",
    ready=False,
    restarts=0,
    created=LONG_AGO,
    deleted=None,
    phase="Running",
):
    return {
        "metadata": {
            "name": name,
            "creationTimestamp": created,
            "labels": {"pod-template-hash": revision},
            **({"deletionTimestamp": deleted} if deleted else {}),
        },
        "status": {
            "phase": phase,
            "conditions": [condition("Ready", "True" if ready else "False")],
            "containerStatuses": [
                {"name": "main", "state": state or {"running": {}}, "ready": ready, "restartCount": restarts}
            ],
        },
    }


def waiting(reason, message=""):
    return {"waiting": {"reason": reason, "message": message}}


@pytest.mark.parametrize(
    "obj, state, message",
    [
        (rollout(), READY, ""),
        (None, WAITING, "KServe has not made it yet"),
        (rollout(generation=2), WAITING, "the rollout has not started yet"),
        # The old pod is still there and available: KServe says Ready already.
        (rollout(updated=0), WAITING, "0 of 1 pods are of the newest revision"),
        (rollout(total=2, available=1), WAITING, "1 pods of the revision before are still there"),
        (rollout(available=0, unavailableReplicas=1), WAITING, "0 of 1 pods are available"),
        (rollout(replicas=0, updated=0, available=0, total=0), SCALED, "it has 0 replicas, so nothing answers"),
        # The pods that it had may take their time to go.
        (rollout(replicas=0, updated=1, available=1, total=1), SCALED, "it has 0 replicas, so nothing answers"),
        (
            rollout(condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota", JUST_NOW), updated=0),
            WAITING,
            "exceeded quota",
        ),
        (
            rollout(condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota"), updated=0),
            FAILED,
            "exceeded quota",
        ),
        (rollout(condition("Progressing", "False", "ProgressDeadlineExceeded", "too late")), FAILED, "too late"),
    ],
)
def test_a_deployment(obj, state, message):
    found = conditions.deployment(obj, "Deployment", NOW)
    assert (found.state, found.message) == (state, message)


def test_only_pods_of_the_newest_revision_count():
    old, new = pod("old", revision="1"), pod("new", revision="2", created=JUST_NOW)
    assert conditions.current_pods([old, new], rollout()) == [new]


@pytest.mark.parametrize("deployment", [None, rollout(updated=0), rollout(generation=2)])
def test_before_the_rollout_has_begun_no_pod_counts(deployment):
    assert conditions.current_pods([pod()], deployment) == []


def test_a_pod_that_is_going_does_not_count():
    assert conditions.current_pods([pod(deleted=JUST_NOW)], rollout()) == []


@pytest.mark.parametrize(
    "obj, state",
    [
        (pod(ready=True), READY),
        (pod(), WAITING),
        (pod(state=waiting("ContainerCreating"), phase="Pending"), WAITING),
        (pod(state=waiting("InvalidImageName")), FAILED),
        (pod(state=waiting("ErrImagePull", "manifest unknown")), FAILED),
        (pod(state=waiting("ImagePullBackOff", "Back-off pulling image: unauthorized")), FAILED),
        (pod(state=waiting("ErrImagePull", "dial tcp: i/o timeout")), WAITING),
        (pod(state=waiting("CreateContainerConfigError", 'secret "x" not found')), FAILED),
        (pod(state=waiting("CreateContainerConfigError"), created=JUST_NOW), WAITING),
        (pod(state=waiting("CrashLoopBackOff"), restarts=2), WAITING),
        (pod(state=waiting("CrashLoopBackOff"), restarts=3), FAILED),
    ],
)
def test_a_pod(obj, state):
    assert conditions.pod(obj, "pod", NOW).state == state


def test_a_failure_decides_before_what_is_awaited_and_a_note_is_not_lost():
    ready, awaited, failed = Readiness(READY, "a"), Readiness(WAITING, "b"), Readiness(FAILED, "c")
    noted = Readiness(READY, "d", "Pending", "still open")
    assert conditions.first_open([ready, awaited, failed]) == failed
    assert conditions.first_open([ready, awaited]) == awaited
    scaled = Readiness(SCALED, "e")
    assert conditions.first_open([ready, scaled, awaited]) == awaited
    assert conditions.first_open([ready, scaled]) == scaled
    assert conditions.first_open([scaled, awaited, failed]) == failed
    assert conditions.first_open([ready, noted]) == noted
    assert conditions.first_open([ready]) == ready


@pytest.mark.parametrize("text", ["2026-11-21T15:40:00Z", "2026-11-21T15:40:00.000000Z"])
def test_times_of_the_api(text):
    assert conditions.seconds(text) == NOW


def replicas(*, generation=1, observed=1, wanted=1, updated=1, ready=1, current="r1", update="r1"):
    return {
        "metadata": {"name": "postgres", "generation": generation},
        "spec": {"replicas": wanted},
        "status": {
            "observedGeneration": observed,
            "updatedReplicas": updated,
            "readyReplicas": ready,
            "currentRevision": current,
            "updateRevision": update,
        },
    }


@pytest.mark.parametrize(
    "obj, state, message",
    [
        (replicas(), READY, ""),
        (None, WAITING, "it is not made yet"),
        (replicas(generation=2), WAITING, "the rollout has not started yet"),
        (replicas(wanted=0, ready=0), SCALED, "it has 0 replicas, so nothing answers"),
        (replicas(ready=0), WAITING, "0 of 1 pods are ready"),
        (replicas(updated=0, update="r2"), WAITING, "0 of 1 pods are of the newest revision"),
        # As the controller leaves it when all are of one revision: the count of updated ones is not kept up.
        (replicas(updated=0), READY, ""),
    ],
)
def test_a_stateful_set(obj, state, message):
    found = conditions.stateful_set(obj, "StatefulSet", NOW, "it is not made yet")
    assert (found.state, found.message) == (state, message)


@pytest.mark.parametrize(
    "obj, state, reason",
    [
        (None, WAITING, "NotFound"),
        ({"metadata": {}, "status": {"phase": "Bound"}}, READY, ""),
        ({"metadata": {}, "status": {"phase": "Pending"}}, WAITING, "Pending"),
        ({"metadata": {}}, WAITING, "Pending"),
        ({"metadata": {}, "status": {"phase": "Lost"}}, FAILED, "Lost"),
    ],
)
def test_a_claim(obj, state, reason):
    found = conditions.claim(obj, "claim", NOW)
    assert (found.state, found.reason) == (state, reason)
