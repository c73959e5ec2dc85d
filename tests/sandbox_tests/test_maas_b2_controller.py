# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controllers of generation B2: which events lead to another look, and what a look writes."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.maas.b2_controller import Statuses
from sandbox.maas.b2_platform import TENANTS
from sandbox.maas.controller import FINALIZERS, RETRY_SECONDS, Controller, Item, affected, without_empty
from sandbox.maas.faults import Faults
from sandbox.maas.resources import GATEWAYS, POLICIES, REFS, ROUTES, SERVICES, SUBSCRIPTIONS, TENANT

from sandbox_tests.maas_objects import (
    ApiServer,
    Objects,
    gateway,
    keys,
    model_ref,
    policy,
    route,
    service,
    subscription,
)

REF, POLICY = Item(REFS, "llm", "gem"), Item(POLICIES, TENANT, "p")
FREE, OTHER = Item(SUBSCRIPTIONS, TENANT, "free"), Item(SUBSCRIPTIONS, TENANT, "other")


def world(**more: list[dict]) -> Objects:
    objects = {
        REFS: [model_ref("gem")],
        POLICIES: [policy("p", keys("gem"))],
        SUBSCRIPTIONS: [subscription("free", keys("gem")), subscription("other", keys("gpt"))],
        ROUTES: [route("gem")],
        SERVICES: [service("gem")],
        GATEWAYS: [gateway()],
        TENANTS: [],
    }
    return Objects({**objects, **more})


def changed(obj: dict, **metadata: object) -> dict:
    return {**obj, "metadata": {**obj["metadata"], **metadata}}


def test_a_reference_is_looked_at_with_all_that_name_it():
    ref = model_ref("gem")
    assert affected(REFS, None, ref, world()) == {REF, POLICY, FREE}
    assert affected(REFS, ref, None, world()) == {REF, POLICY, FREE}


def test_a_status_or_an_annotation_of_a_reference_concerns_only_those_that_name_it():
    ref = model_ref("gem")
    assert affected(REFS, ref, changed(ref, annotations={"a": "b"}), world()) == {POLICY, FREE}


def test_a_policy_or_subscription_concerns_the_models_that_it_names_or_named():
    before = policy("p", keys("gem"))
    after = changed(policy("p", keys("gpt")), generation=2)
    assert affected(POLICIES, before, after, world()) == {POLICY, REF, Item(REFS, "llm", "gpt")}
    assert affected(POLICIES, before, changed(before, labels={"a": "b"}), world()) == set()


def test_a_tenant_concerns_every_reference_and_another_resource_none():
    assert Statuses(world()).affected(TENANTS) == [REF]
    assert Statuses(world()).affected(ROUTES) == []


def test_priorities_are_compared_when_a_subscription_comes():
    assert affected(SUBSCRIPTIONS, None, subscription("free", keys("gem")), world()) == {FREE, OTHER, REF}


def test_any_event_of_a_route_concerns_its_namespace():
    assert affected(ROUTES, route("gem"), route("gem"), world()) == {REF, POLICY, FREE}
    assert affected(ROUTES, None, route("gem", "elsewhere"), world()) == set()


@pytest.mark.parametrize(
    ("before", "after", "looked_at"),
    [
        (service("gem", ready=False), service("gem"), True),
        (service("gem"), changed(service("gem"), generation=2), True),
        (service("gem", addresses=False), service("gem"), False),
        (service("gem"), None, True),
    ],
)
def test_a_service_concerns_its_reference_only_by_readiness_and_generation(before, after, looked_at):
    """Addresses that come after Ready stay unseen until the next event."""
    assert affected(SERVICES, before, after, world()) == ({REF} if looked_at else set())


class Run:
    """A controller that works until nothing is left to do."""

    def __init__(self, objects: Objects) -> None:
        self.api, self.objects = ApiServer(), objects
        for resource, kind in objects.objects.items():
            for each in kind:
                metadata = {"resourceVersion": "1", **each["metadata"]}
                self.api.objects[resource, metadata.get("namespace", ""), metadata["name"]] = {
                    **each,
                    "metadata": metadata,
                }

    def written(self, **faults: object) -> dict[tuple[str, str], list[dict]]:
        async def work() -> None:
            switches = Faults()
            switches.update(faults)
            task = asyncio.create_task(
                Controller(self.api, self.objects, Statuses(self.objects), switches, delay=0).run()
            )
            for _turn in range(200):
                await asyncio.sleep(0)
            task.cancel()

        asyncio.run(work())
        found: dict[tuple[str, str], list[dict]] = {}
        for resource, name, patch in self.api.written:
            found.setdefault((resource, name), []).append(patch)
        return found


def test_a_look_sets_the_finalizer_and_then_the_status():
    written = Run(world()).written()
    finalizer, status = written[REFS, "gem"]
    assert finalizer["metadata"]["finalizers"] == [FINALIZERS[REFS]]
    assert finalizer["metadata"]["resourceVersion"] == "1"
    assert status["status"]["phase"] == "Ready"
    assert written[POLICIES, "p"][1]["status"]["phase"] == "Active"
    assert written[SUBSCRIPTIONS, "free"][1]["status"]["phase"] == "Active"
    assert written[SUBSCRIPTIONS, "other"][1]["status"]["phase"] == "Failed"


def test_a_finalizer_is_written_with_the_whole_object_without_what_is_empty():
    """Empty lists do not survive: the controller writes the whole object to add its finalizer."""
    there = policy("p", keys("gem"), groups=("data-science",))
    assert there["spec"]["subjects"]["users"] == []
    written = Run(world(**{POLICIES: [there]})).written()[POLICIES, "p"][0]
    assert written["spec"] == {"modelRefs": keys("gem"), "subjects": {"groups": [{"name": "data-science"}]}}
    assert without_empty({"a": "", "b": {}, "c": [{"d": []}], "e": 0}) == {"b": {}, "c": [{}], "e": 0}


def test_one_policy_with_a_name_that_cannot_be_held_fails_all_of_the_tenant():
    """Names with a double quote or a backslash, v0.2.1: every other policy of the tenant fails at its next reconcile."""
    good, bad = policy("p", keys("gem"), groups=("a",)), policy("q", keys("gpt"), users=("CORP\\jdoe",))
    objects = world(**{POLICIES: [good, bad]})
    written = Run(objects).written()
    for name in ("p", "q"):
        assert written[POLICIES, name][1]["status"]["phase"] == "Failed"
    assert Statuses(objects).look_again(POLICY) == RETRY_SECONDS
    objects.objects[POLICIES].remove(bad)
    assert Run(objects).written()[POLICIES, "p"][1]["status"]["phase"] == "Active"
    assert Statuses(objects).look_again(POLICY) is None


def test_a_deleted_object_loses_our_finalizer_and_keeps_others():
    going = changed(model_ref("gem"), finalizers=["x/y", FINALIZERS[REFS]], deletionTimestamp="2026-01-01T00:00:00Z")
    written = Run(world(**{REFS: [going]})).written()
    (left,) = written[REFS, "gem"]
    assert left["metadata"]["finalizers"] == ["x/y"]
    assert written[SUBSCRIPTIONS, "free"][1]["status"]["phase"] == "Failed"


def test_absent_controllers_do_nothing():
    assert Run(world()).written(controllers_paused=True) == {}


def test_a_lost_status_leaves_a_subscription_without_a_phase_until_its_spec_changes():
    written = Run(world()).written(subscriptions_without_phase=["free"])
    assert ["metadata" in each for each in written[SUBSCRIPTIONS, "free"]] == [True]
    again = changed(subscription("free", keys("gem")), generation=2)
    written = Run(world(**{SUBSCRIPTIONS: [again]})).written(subscriptions_without_phase=["free"])
    assert written[SUBSCRIPTIONS, "free"][1]["status"]["phase"] == "Active"


def test_objects_outside_the_tenant_are_never_touched():
    elsewhere = changed(subscription("free", keys("gem")), namespace="llm")
    assert (SUBSCRIPTIONS, "free") not in Run(world(**{SUBSCRIPTIONS: [elsewhere]})).written()
