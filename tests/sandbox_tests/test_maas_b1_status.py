# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generation B1: phases and conditions of MaaSModelRef and MaaSAuthPolicy."""

from __future__ import annotations

import pytest

from sandbox.maas import b1_status
from sandbox.maas.b1_controller import ENFORCE_SECONDS, Statuses
from sandbox.maas.controller import Item
from sandbox.maas.resources import GATEWAY, POLICIES, REFS, ROUTES, SERVICES, SUBSCRIPTIONS, TENANT

from sandbox_tests.maas_objects import NOW, Objects, keys, model_ref, policy, route, service, subscription

GEM = ("llm", "gem")


def ref_status(ref: dict | None = None, **given: object) -> dict:
    cluster = {"route": route("gem"), "service": service("gem"), "gateway_key": GATEWAY, "now": NOW}
    return b1_status.model_ref_status(ref or model_ref("gem", phase=""), **{**cluster, **given})


def ready(status: dict) -> tuple[str, str, str]:
    """Phase, and reason and message of the condition Ready, which a reference has alone."""
    condition, *others = status["conditions"]
    assert [condition["type"], *(each["type"] for each in others)] in (["Ready"], ["Ready", "ConflictingAuthPolicy"])
    return status["phase"], condition["reason"], condition["message"]


def test_a_reference_is_ready_without_pairing_at_the_path_url():
    """Observed of MaaSModelRef on B1: one condition; Ready as soon as route and service are; the path URL."""
    status = ref_status()
    assert ready(status)[:2] == ("Ready", "Reconciled")
    assert status["endpoint"] == "https://maas.test/llm/gem"
    assert "resolvedModelAlias" not in status


def test_a_reference_waits_for_its_route_and_then_for_its_backend():
    """Observed of MaaSModelRef: the two messages of phase Pending."""
    assert ready(ref_status(route=None)) == ("Pending", "BackendNotReady", "Waiting for HTTPRoute to be created")
    waiting = ref_status(service=service("gem", ready=False))
    assert ready(waiting) == ("Pending", "BackendNotReady", "Waiting for backend to become ready")


@pytest.mark.parametrize("change", [{"service": service("gem", ready=False)}, {"route": None}])
def test_a_reference_loses_its_endpoint_with_its_backend_or_route(change):
    """v0.1.1: endpoint emptied while the service is not Ready, or when the route is gone: not in the list at all."""
    was_ready = model_ref("gem", status=ref_status())
    status = ref_status(was_ready, **change)
    assert (status["phase"], "endpoint" in status) == ("Pending", False)


def test_a_route_on_another_gateway_fails():
    """Observed of MaaSModelRef: route on another gateway."""
    phase, reason, message = ready(ref_status(route=route("gem", gateway={"name": "other", "namespace": "x"})))
    assert (phase, reason) == ("Failed", "ReconcileFailed")
    assert "does not reference gateway (expected: openshift-ingress/maas-default-gateway, found: x/other)" in message


def test_of_two_addresses_of_one_name_that_of_the_path_counts():
    there = service("gem")
    there["status"]["addresses"] = [
        {"name": "gateway-external", "url": "https://maas.test/publishers/llm/models/gem"},
        {"name": "gateway-external", "url": "https://maas.test/llm/gem"},
    ]
    assert b1_status.endpoint(model_ref("gem"), there) == "https://maas.test/llm/gem"
    assert b1_status.endpoint(model_ref("gem", endpointOverride="https://x"), there) == "https://x"
    assert b1_status.endpoint(model_ref("gem"), service("gem", addresses=False)) is None


@pytest.mark.parametrize(
    ("refs", "routed", "enforced", "phase", "policies"),
    [
        ({GEM}, {GEM}, {GEM}, "Active", [(True, "AcceptedEnforced")]),
        ({GEM}, {GEM}, set(), "Degraded", [(False, "NotEnforced")]),
        ({GEM}, set(), {GEM}, "Degraded", []),
        (set(), set(), set(), "Failed", []),
    ],
)
def test_a_policy_is_degraded_until_its_auth_policy_is_enforced(refs, routed, enforced, phase, policies):
    """Observed of MaaSAuthPolicy on v0.1.1: Degraded until accepted and enforced; `status.authPolicies[]` lists it."""
    status = b1_status.policy_status(policy("p", keys("gem")), refs, routed, enforced, NOW)
    assert status["phase"] == phase
    assert [(each["ready"], each["reason"]) for each in status["authPolicies"]] == policies
    assert {each["name"] for each in status["authPolicies"]} <= {"maas-auth-gem"}


def test_a_policy_whose_references_are_all_missing_says_so():
    """Observed of MaaSAuthPolicy: `all 1 model references are invalid or missing`."""
    status = b1_status.policy_status(policy("p", keys("gem")), set(), set(), set(), NOW)
    assert ready(status)[2] == "all 1 model references are invalid or missing"


def test_a_policy_of_models_without_a_route_says_so():
    """v0.1.1: route gone -> policy Degraded `no generated AuthPolicies attached to models`."""
    status = b1_status.policy_status(policy("p", keys("gem")), {GEM}, set(), {GEM}, NOW)
    assert (status["phase"], ready(status)[2]) == ("Degraded", "no generated AuthPolicies attached to models")


@pytest.mark.parametrize("subjects", [{"users": ("CORP\\jdoe",)}, {"groups": ('the "best"',)}])
def test_a_policy_with_a_name_that_cannot_be_held_fails(subjects):
    """Names with a double quote or a backslash: Failed / ReconcileFailed "invalid subject …"."""
    status = b1_status.policy_status(policy("p", keys("gem"), **subjects), {GEM}, {GEM}, {GEM}, NOW)
    phase, reason, message = ready(status)
    assert (phase, reason) == ("Failed", "ReconcileFailed")
    assert "invalid subject" in message


def test_models_whose_auth_policy_is_in_force():
    refs = {GEM, ("llm", "gpt")}
    there = policy("p", keys("gem", "gpt"))
    there["status"] = b1_status.policy_status(there, refs, refs, {GEM}, NOW)
    assert b1_status.enforced_models([there, policy("q", keys("gem"))]) == {GEM}


class World:
    """Statuses over objects that a test changes, and a clock that it moves."""

    item = Item(POLICIES, TENANT, "p")

    def __init__(self) -> None:
        self.policy = policy("p", keys("gem"))
        self.objects = Objects(
            {
                REFS: [model_ref("gem")],
                ROUTES: [route("gem")],
                SERVICES: [service("gem")],
                POLICIES: [self.policy],
                SUBSCRIPTIONS: [subscription("free", keys("gem"))],
            }
        )
        self.now = 0.0
        self.statuses = Statuses(self.objects, lambda: self.now)

    def look(self) -> str:
        return self.statuses.of(self.item, self.policy, NOW)["phase"]


def test_an_auth_policy_is_in_force_some_time_after_it_came():
    world = World()
    assert world.look() == "Degraded"
    assert world.statuses.look_again(world.item) is not None
    world.now += ENFORCE_SECONDS
    assert world.look() == "Active"
    assert world.statuses.look_again(world.item) is None


def test_an_auth_policy_stays_without_its_route_and_goes_with_its_reference():
    """Observed of MaaSAuthPolicy on v0.1.1: stays when the route goes, removed with the ref."""
    world = World()
    world.look()
    world.now += ENFORCE_SECONDS
    world.objects.objects[ROUTES] = []
    assert world.look() == "Degraded"
    world.objects.objects[ROUTES] = [route("gem")]
    assert world.look() == "Active"
    world.objects.objects[REFS] = []
    assert world.look() == "Failed"
    world.objects.objects[REFS], world.objects.objects[ROUTES] = [model_ref("gem")], [route("gem")]
    assert world.look() == "Degraded"


def test_subscriptions_and_references_are_looked_at_too():
    world = World()
    free = world.objects.objects[SUBSCRIPTIONS][0]
    assert world.statuses.of(Item(SUBSCRIPTIONS, TENANT, "free"), free, NOW)["phase"] == "Active"
    there = model_ref("gem", phase="")
    assert world.statuses.of(Item(REFS, "llm", "gem"), there, NOW)["phase"] == "Ready"
    assert world.statuses.look_again(Item(REFS, "llm", "gem")) is None
