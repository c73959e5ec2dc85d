# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kserve import conditions
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import (
    FAILED,
    READY,
    WAITING,
    Readiness,
    seconds,
)

NOW = seconds("2026-11-21T15:40:00Z")
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


def test_predicates_change_nothing():
    obj = service()
    before = copy.deepcopy(obj)
    look_at_service(obj)
    assert obj == before
