# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phases and conditions of generation B2, step by step."""

from __future__ import annotations

import pytest

from sandbox.maas import b2_status, b_status, selection
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
        "granted": False,
        "subscribed": False,
        "tenants": ["models-as-a-service"],
        "now": NOW,
    }
    return b2_status.model_ref_status(ref or model_ref("gem", phase=""), **{**cluster, **given})


PAIRED = {"granted": True, "subscribed": True}


def pairing(governed: bool) -> dict[str, bool]:
    return PAIRED if governed else {"granted": True}


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
    status = status_of(**pairing(governed), service=service("gem", ready=ready))
    assert (status["phase"], told(status)) == (phase, condition)
    assert told(status, "GovernanceAttached")[0] == str(governed)
    assert told(status, "RuntimeReady")[0] == str(ready)
    assert ("endpoint" in status) is (phase == "Ready")


def test_model_reference_that_lost_its_pairing():
    """Reason NoPairingFound where no policy of the model is left, GovernanceGap in other orders."""
    ref = model_ref("gem", status=status_of(**PAIRED))
    assert told(status_of(ref, subscribed=True), "GovernanceAttached")[1] == "NoPairingFound"
    status = status_of(ref, granted=True)
    assert status["phase"] == "Pending"
    assert told(status, "GovernanceAttached") == ("False", "GovernanceGap", "Governance pairing lost")
    assert "endpoint" not in status
    never = told(status_of(), "GovernanceAttached")
    assert never == ("False", "NoPairingFound", "No active subscription and auth policy pairing found")


def test_model_reference_keeps_its_alias_and_old_conditions_when_the_route_goes():
    before = status_of(**PAIRED)
    status = status_of(model_ref("gem", status=before), route=None, **PAIRED, now=LATER)
    assert status["resolvedModelAlias"] == "publishers/llm/models/gem"
    assert told(status, "GovernanceAttached") == told(before, "GovernanceAttached")
    assert (status["phase"], "endpoint" in status) == ("Pending", False)


def test_model_reference_reads_the_alias_from_the_addresses():
    assert "resolvedModelAlias" not in status_of(service=service("gem", addresses=False))
    assert status_of()["resolvedModelAlias"] == "publishers/llm/models/gem"


def test_endpoint_is_the_body_routing_address_on_a_hostname_of_the_route():
    ready = service("gem", host="maas.test:8443")
    assert status_of(**PAIRED, service=ready)["endpoint"] == "https://maas.test:8443/"
    by_host = route("gem", hostnames=["maas.test"])
    assert status_of(**PAIRED, service=ready, route=by_host)["endpoint"] == "https://maas.test:8443/"


def test_endpoint_falls_back_to_a_path_without_the_namespace():
    by_host = route("gem", hostnames=["other.test"])
    assert status_of(**PAIRED, route=by_host)["endpoint"] == "https://other.test/gem"


def test_endpoint_override_wins():
    ref = model_ref("gem", phase="", endpointOverride="https://mine/x")
    assert status_of(ref, **PAIRED)["endpoint"] == "https://mine/x"
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
    status = b2_status.policy_status(policy("p", keys("gem", "gpt")), refs, None, NOW)
    assert (status["phase"], told(status)[2]) == (phase, message)
    assert told(status, "ConflictingAuthPolicy")[0] == "False"


@pytest.mark.parametrize("name", ['a"b', "CORP\\jdoe"])
def test_policy_that_names_what_cannot_be_held(name):
    """Names with a double quote or a backslash: Failed / ReconcileFailed "invalid subject …"."""
    problem = b_status.unwritable_subject(policy("p", keys("gem"), users=(name,)))
    assert b_status.unwritable_subject(policy("p", keys("gem"), groups=(name,))) == problem
    status = b2_status.policy_status(policy("p", keys("gem")), {("llm", "gem")}, problem, NOW)
    assert (status["phase"], told(status)[1]) == ("Failed", "ReconcileFailed")
    assert "invalid subject" in told(status)[2]


def subscribed(
    routed: tuple[str, ...], exist: tuple[str, ...] = ("gem", "gpt"), others: tuple = (), wanted: dict | None = None
) -> dict:
    refs = {("llm", name): model_ref(name) for name in exist}
    with_route = {("llm", name): route(name) for name in routed}
    wanted = wanted or subscription("free", keys("gem", "gpt"), phase=None)
    return b_status.subscription_status(wanted, refs, with_route, [wanted, *others], KEY, NOW)


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


def test_subscription_limits_that_are_not_written_name_their_cause():
    """tokenRateLimitStatuses message ends with the cause."""
    _gem, gpt = subscribed(("gem",), exist=("gem",))["tokenRateLimitStatuses"]
    assert gpt["message"].endswith(": MaaSModelRef not found: llm/gpt")
    _gem, gpt = subscribed(("gem",))["tokenRateLimitStatuses"]
    assert gpt["message"].endswith(": HTTPRoute not found yet: for LLMInferenceService gpt in namespace llm")


TOO_LONG = subscription("free", keys("gem"), phase=None, limits=((5, "1m"), (5, "8785h")))


def test_subscription_with_a_window_that_is_too_long_has_no_limits_and_is_degraded():
    """Longest window 8784h (366 days): all limits are left out; Degraded `TokenRateLimitPolicy not created yet`."""
    status = subscribed(("gem",), wanted=TOO_LONG)
    assert (status["phase"], told(status)[2]) == ("Degraded", "1 of 1 TokenRateLimitPolicies not accepted")
    (limits,) = status["tokenRateLimitStatuses"]
    assert (limits["ready"], limits["reason"]) == (False, "NotFound")
    assert limits["message"] == "TokenRateLimitPolicy not created yet"
    longest = subscription("free", keys("gem"), phase=None, limits=((5, "8784h"),))
    assert subscribed(("gem",), wanted=longest)["phase"] == "Active"


def test_subscription_with_a_window_that_is_too_long_is_active_without_limits_beside_another():
    """Longest window 8784h (366 days): Active without limit beside another subscription."""
    status = subscribed(("gem",), wanted=TOO_LONG, others=(subscription("other", keys("gem")),))
    assert status["phase"] == "Active"
    assert selection.limits_of(TOO_LONG, ("llm", "gem")) == []


def test_subscription_of_a_model_on_another_gateway_fails():
    """A subscription whose model's route hangs on another gateway: Failed, for every subscription that names it."""
    elsewhere = {("llm", "gem"): route("gem", gateway={"name": "x", "namespace": "y"}), ("llm", "gpt"): route("gpt")}
    refs = {key: model_ref(key[1]) for key in elsewhere}
    wanted = subscription("free", keys("gem", "gpt"), phase=None)
    status = b_status.subscription_status(wanted, refs, elsewhere, [wanted], KEY, NOW)
    assert status["phase"] == "Failed"
    text = (
        "failed to reconcile TokenRateLimitPolicies: model llm/gem is not attached to tenant gateway for subscription"
    )
    assert told(status)[2].startswith(text)
    assert "does not reference tenant Gateway openshift-ingress/maas-default-gateway" in told(status)[2]


def test_subscription_counts_missing_models_by_their_bare_names():
    """Same model name in two namespaces in one subscription, one missing: `2 of 3`."""
    wanted = subscription("free", keys("gem", "other/gem", "gpt"), phase=None)
    status = subscribed(("gem", "gpt"), wanted=wanted)
    assert (status["phase"], told(status)[2]) == ("Degraded", "2 of 3 model references are invalid or unavailable")


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
