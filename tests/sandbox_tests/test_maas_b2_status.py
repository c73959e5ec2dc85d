# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phases and conditions of generation B2, step by step."""

from __future__ import annotations

import pytest

from sandbox.maas import b2_status, b_status
from sandbox.maas.conditions import condition_of, status_patch, with_condition

from sandbox_tests.maas_objects import GATEWAY, NOW, gateway, keys, model_ref, policy, route, service, subscription

LATER = "2026-11-21T13:00:00Z"
KEY = (GATEWAY["name"], GATEWAY["namespace"])


def status_of(ref: dict | None = None, **given: object) -> dict:
    """Status of a reference whose route and service are right and which nobody governs, but for what is given."""
    cluster = {
        "route": route("gem"),
        "service": service("gem"),
        "gateway": gateway(),
        "gateway_key": KEY,
        "governed": False,
        "tenants": ["models-as-a-service"],
        "now": NOW,
    }
    return b2_status.model_ref_status(ref or model_ref("gem", phase=""), **{**cluster, **given})


def told(status: dict, condition: str = "Ready") -> tuple:
    found = condition_of({"status": status}, condition)
    return found and (found["status"], found["reason"], found["message"])


def test_model_reference_without_a_route():
    status = status_of(route=None, service=None)
    assert status["phase"] == "Pending"
    assert told(status) == ("False", "BackendNotReady", "Waiting for HTTPRoute to be created")
    assert told(status, "GovernanceAttached") is None


def test_model_reference_on_another_gateway():
    status = status_of(route=route("gem", gateway={"name": "x", "namespace": "y"}))
    expected = "openshift-ingress/maas-default-gateway"
    assert status["phase"] == "Failed"
    assert told(status)[1] == "ReconcileFailed"
    assert f"does not reference gateway (expected: {expected}, found: y/x)" in told(status)[2]
    assert told(status)[2].endswith(f"The LLMInferenceService must be configured to use {expected}")
    assert status["httpRouteGatewayName"] == "x"


def test_model_reference_with_an_unknown_tenant():
    status = status_of(model_ref("gem", phase="", tenantRef="x"))
    assert status["phase"] == "Failed"
    assert 'AITenant "x" not found in namespace ai-tenants' in told(status)[2]


@pytest.mark.parametrize(
    ("governed", "ready", "phase", "condition"),
    [
        (False, False, "Pending", ("False", "BackendNotReady", "Awaiting governance pairing and backend readiness")),
        (False, True, "Pending", ("False", "BackendNotReady", "Awaiting governance pairing")),
        (True, True, "Ready", ("True", "Reconciled", "Governed and runtime-healthy")),
        (True, False, "Unhealthy", ("False", "BackendNotReady", "Governed but backend is not ready")),
    ],
)
def test_model_reference_by_pairing_and_health(governed, ready, phase, condition):
    status = status_of(governed=governed, service=service("gem", ready=ready))
    assert (status["phase"], told(status)) == (phase, condition)
    assert told(status, "GovernanceAttached")[0] == str(governed)
    assert told(status, "RuntimeReady")[0] == str(ready)
    assert ("endpoint" in status) is (phase == "Ready")


def test_model_reference_that_lost_its_pairing():
    ref = model_ref("gem", status=status_of(governed=True))
    status = status_of(ref)
    assert status["phase"] == "Pending"
    assert told(status, "GovernanceAttached") == ("False", "GovernanceGap", "Governance pairing lost")
    assert "endpoint" not in status
    never = told(status_of(), "GovernanceAttached")
    assert never == ("False", "NoPairingFound", "No active subscription and auth policy pairing found")


def test_model_reference_keeps_its_alias_and_old_conditions_when_the_route_goes():
    before = status_of(governed=True)
    status = status_of(model_ref("gem", status=before), route=None, governed=True, now=LATER)
    assert status["resolvedModelAlias"] == "publishers/llm/models/gem"
    assert told(status, "GovernanceAttached") == told(before, "GovernanceAttached")
    assert (status["phase"], "endpoint" in status) == ("Pending", False)


def test_model_reference_reads_the_alias_from_the_addresses():
    assert "resolvedModelAlias" not in status_of(service=service("gem", addresses=False))
    assert status_of()["resolvedModelAlias"] == "publishers/llm/models/gem"


def test_endpoint_is_the_body_routing_address_on_a_hostname_of_the_route():
    ready = service("gem", host="maas.test:8443")
    assert status_of(governed=True, service=ready)["endpoint"] == "https://maas.test:8443/"
    by_host = route("gem", hostnames=["maas.test"])
    assert status_of(governed=True, service=ready, route=by_host)["endpoint"] == "https://maas.test:8443/"


def test_endpoint_falls_back_to_a_path_without_the_namespace():
    by_host = route("gem", hostnames=["other.test"])
    assert status_of(governed=True, route=by_host)["endpoint"] == "https://other.test/gem"


def test_endpoint_override_wins():
    ref = model_ref("gem", phase="", endpointOverride="https://mine/x")
    assert status_of(ref, governed=True)["endpoint"] == "https://mine/x"
    assert "endpoint" not in status_of(ref)


def test_a_kind_that_is_not_imitated_fails():
    status = status_of(model_ref("gem", phase="", modelRef={"kind": "ExternalModel", "name": "x"}))
    assert (status["phase"], told(status)[1]) == ("Failed", "Unsupported")


@pytest.mark.parametrize(
    ("refs", "phase", "message"),
    [
        ({("llm", "gem"), ("llm", "gpt")}, "Active", "successfully reconciled"),
        ({("llm", "gem")}, "Degraded", "1 of 2 model references are missing"),
        (set(), "Failed", "all 2 model references are invalid or missing"),
    ],
)
def test_policy_phases(refs, phase, message):
    status = b2_status.policy_status(policy("p", keys("gem", "gpt")), refs, NOW)
    assert (status["phase"], told(status)[2]) == (phase, message)


def subscribed(routed: tuple[str, ...], exist: tuple[str, ...] = ("gem", "gpt"), others: tuple = ()) -> dict:
    refs = {("llm", name): model_ref(name) for name in exist}
    with_route = {("llm", name) for name in routed}
    wanted = subscription("free", keys("gem", "gpt"), phase=None)
    return b_status.subscription_status(wanted, refs, with_route, [wanted, *others], NOW)


@pytest.mark.parametrize(
    ("routed", "phase", "condition"),
    [
        (("gem", "gpt"), "Active", ("True", "Reconciled", "successfully reconciled")),
        (("gem",), "Degraded", ("False", "PartialFailure", "1 of 2 model references are invalid or unavailable")),
        ((), "Failed", ("False", "ReconcileFailed", "all 2 model references are invalid or unavailable")),
    ],
)
def test_subscription_phases(routed, phase, condition):
    status = subscribed(routed)
    assert (status["phase"], told(status)) == (phase, condition)
    assert [each["ready"] for each in status["modelRefStatuses"]] == [name in routed for name in ("gem", "gpt")]


def test_subscription_tells_missing_references_from_missing_routes():
    status = subscribed(("gem",), exist=("gem",))
    gem, gpt = status["modelRefStatuses"]
    assert gem == {"namespace": "llm", "name": "gem", "ready": True, "reason": "Valid"}
    assert (gpt["reason"], gpt["message"]) == ("NotFound", "MaaSModelRef llm/gpt not found")
    assert [each["reason"] for each in status["tokenRateLimitStatuses"]] == ["Accepted", "BackendNotReady"]


def test_subscriptions_of_one_priority_are_told_so():
    shared = subscribed(
        ("gem", "gpt"), others=(subscription("x", keys("gem")), subscription("y", keys("gem"), priority=1))
    )
    text = "spec.priority 0 is shared with: models-as-a-service/x"
    assert told(shared, "SpecPriorityDuplicate") == ("True", "SharedPriority", text)
    assert told(subscribed(("gem",)), "SpecPriorityDuplicate") == ("False", "NoDuplicatePeers", "")


def test_the_route_of_a_reference_is_found_by_three_labels_in_its_namespace():
    there = route("gem")
    assert b_status.route_of(model_ref("gem"), [route("gpt"), there]) is there
    assert b_status.route_of(model_ref("gem", "other"), [there]) is None
    del there["metadata"]["labels"]["app.kubernetes.io/component"]
    assert b_status.route_of(model_ref("gem"), [there]) is None


def test_a_condition_moves_its_time_only_with_its_status():
    first = with_condition(None, "Ready", True, "A", "", generation=1, now=NOW)
    second = with_condition(first, "Ready", True, "B", "x", generation=2, now=LATER)
    third = with_condition(second, "Ready", False, "C", "", generation=2, now=LATER)
    assert [each[0]["lastTransitionTime"] for each in (first, second, third)] == [NOW, NOW, LATER]
    assert second[0]["observedGeneration"] == 2


def test_a_status_patch_names_what_goes():
    assert status_patch({"a": 1, "b": 2}, {"a": 1}) == {"a": 1, "b": None}
    assert status_patch({"a": 1}, {"a": 1}) is None
    assert status_patch(None, {"a": 1}) == {"a": 1}
