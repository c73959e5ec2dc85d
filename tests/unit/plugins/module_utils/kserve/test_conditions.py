# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kserve import conditions
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.conditions import (
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


def service(*changed, generation=1, observed=1, url="https://maas/llm/gem", **metadata):
    """As KServe 0.20 leaves a service that is ready; ``changed`` conditions take the place of those of their type."""
    names = [
        "GatewaysReady",
        "HTTPRoutesReady",
        "MainWorkloadReady",
        "PresetsCombined",
        "Ready",
        "RouterReady",
        "WorkloadsReady",
    ]
    found = {**{name: condition(name) for name in names}, **{entry["type"]: entry for entry in changed}}
    return {
        "metadata": {"name": "gem", "generation": generation, **metadata},
        "status": {"conditions": list(found.values()), "observedGeneration": observed, "url": url},
    }


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


def registered(phase, *found, generation=1, **status):
    return {
        "metadata": {"name": "gem", "namespace": "llm", "generation": generation},
        "status": {**({"phase": phase} if phase else {}), "conditions": list(found), **status},
    }


def look_at_service(obj):
    return conditions.inference_service(obj, "service", NOW)


def test_a_ready_service():
    assert look_at_service(service()) == Readiness(READY, "service")


def test_the_specific_condition_is_named_rather_than_the_sum():
    obj = service(
        condition("MainWorkloadReady", "False", "MinimumReplicasUnavailable", "no pod"),
        condition("WorkloadsReady", "False", "MinimumReplicasUnavailable"),
        condition("Ready", "False", "MinimumReplicasUnavailable"),
    )
    assert look_at_service(obj) == Readiness(
        WAITING, "service, MainWorkloadReady", "MinimumReplicasUnavailable", "no pod"
    )


@pytest.mark.parametrize(
    "obj, state, reason",
    [
        (None, FAILED, "NotFound"),
        (service(deletionTimestamp=LONG_AGO, finalizers=["a/b"]), FAILED, "Deleting"),
        (service(annotations={"serving.kserve.io/stop": "true"}), FAILED, "Stopped"),
        (service(generation=2), WAITING, "NotObserved"),
        ({"metadata": {"generation": 1}}, WAITING, "NotObserved"),
        ({"metadata": {"generation": 1}, "status": {"observedGeneration": 1}}, WAITING, "NoCondition"),
        (service(url=""), WAITING, "NoURL"),
        (service(url="http://maas/llm/gem"), FAILED, "UnusableURL"),
        (service(url="https://gem.llm.svc.cluster.local"), FAILED, "UnusableURL"),
        (service(condition("Ready", since=JUST_NOW), url="http://maas/llm/gem"), WAITING, "UnusableURL"),
        (service(condition("PresetsCombined", "False", "ConfigNotFound")), WAITING, "ConfigNotFound"),
        (
            service(condition("PresetsCombined", "False", "CombineBaseError", since=LONG_AGO)),
            FAILED,
            "CombineBaseError",
        ),
        (
            service(condition("PresetsCombined", "False", "CombineBaseError", since=JUST_NOW)),
            WAITING,
            "CombineBaseError",
        ),
        (service(condition("PresetsCombined", "Unknown")), READY, ""),
        (service(condition("GatewaysReady", "False", "RefsInvalid", since=JUST_NOW)), WAITING, "RefsInvalid"),
        (service(condition("GatewaysReady", "False", "RefsInvalid")), FAILED, "RefsInvalid"),
        (service(condition("GatewaysReady", "False", "GatewaysNotReady")), WAITING, "GatewaysNotReady"),
        (service(condition("Ready", "Unknown", "NewObservedGenFailure")), WAITING, "NewObservedGenFailure"),
    ],
)
def test_a_service_that_is_not_ready(obj, state, reason):
    found = look_at_service(obj)
    assert (found.state, found.reason) == (state, reason)


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


PAIRING = "Awaiting governance pairing"
# The first form has its own conditions, the second is how releases without them say it.
UNPAIRED = [
    registered(
        "Pending",
        condition("Ready", "False", "AwaitingGovernance", PAIRING),
        condition("GovernanceAttached", "False", "NoPairingFound"),
        condition("RuntimeReady", "True"),
    ),
    registered("Pending", condition("Ready", "False", "Pending", PAIRING)),
    registered(
        "Pending", condition("Ready", "False", "Pending", "No active subscription and auth policy pairing found")
    ),
]
UNPAIRED_AND_DOWN = registered("Pending", condition("Ready", "False", "Pending", f"{PAIRING} and backend readiness"))
NO_MODEL = "all 1 model references are invalid or unavailable"


def look_at_registration(obj, kind="MaaSModelRef", scope="all"):
    return conditions.registration(obj, kind, kind, scope, NOW)


@pytest.mark.parametrize("obj", UNPAIRED)
def test_pairing_is_awaited_only_by_who_runs_both_halves(obj):
    assert look_at_registration(obj).state == WAITING
    found = look_at_registration(obj, scope="project")
    assert found.state == READY and "no auth policy and subscription" in found.message


def test_a_project_still_waits_for_its_own_backend():
    assert look_at_registration(UNPAIRED_AND_DOWN, scope="project").state == WAITING


@pytest.mark.parametrize(
    "kind, message",
    [("MaaSSubscription", NO_MODEL), ("MaaSAuthPolicy", "all 1 model references are invalid or missing")],
)
def test_the_platform_does_not_wait_for_the_model(kind, message):
    obj = registered("Failed", condition("Ready", "False", "Failed", message))
    assert look_at_registration(obj, kind).state == WAITING
    found = look_at_registration(obj, kind, scope="platform")
    assert found.state == READY and found.message == f"its {kind} waits for the model, which is not deployed yet"


def test_the_platform_waits_for_its_own_gateway():
    obj = registered(
        "Pending", condition("Ready", "Unknown", "Waiting", "Waiting for gateway AuthPolicy x to be accepted")
    )
    assert look_at_registration(obj, "MaaSAuthPolicy", "platform").state == WAITING


@pytest.mark.parametrize(
    "obj, kind, state, reason",
    [
        (registered("Ready", condition("Ready")), "MaaSModelRef", READY, ""),
        (registered("Active", condition("Ready")), "MaaSSubscription", READY, ""),
        (None, "MaaSModelRef", FAILED, "NotFound"),
        (registered(None), "MaaSSubscription", WAITING, "NoPhase"),
        (
            registered("Active", condition("Ready", generation=1), generation=2),
            "MaaSSubscription",
            WAITING,
            "NotObserved",
        ),
        (
            registered("Unhealthy", condition("Ready", "False", "BackendNotReady")),
            "MaaSModelRef",
            WAITING,
            "BackendNotReady",
        ),
        (
            registered("Failed", condition("Ready", "False", "ReconcileFailed")),
            "MaaSModelRef",
            FAILED,
            "ReconcileFailed",
        ),
        (
            registered("Failed", condition("Ready", "False", "ReconcileFailed", since=JUST_NOW)),
            "MaaSModelRef",
            WAITING,
            "ReconcileFailed",
        ),
        (
            registered("Degraded", condition("Ready", "False", "NotAccepted")),
            "MaaSSubscription",
            WAITING,
            "NotAccepted",
        ),
        (registered("Invalid", condition("Ready", "False", "BadSpec")), "MaaSSubscription", FAILED, "BadSpec"),
        (registered(None), "ServiceAccount", READY, ""),
    ],
)
def test_a_registration(obj, kind, state, reason):
    found = look_at_registration(obj, kind)
    assert (found.state, found.reason) == (state, reason)


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


def test_predicates_change_nothing():
    obj = service()
    before = copy.deepcopy(obj)
    look_at_service(obj)
    assert obj == before
