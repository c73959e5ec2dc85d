# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generation A: tiers, and the RBAC that the annotation of a service brings."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.kube import ApiError
from sandbox.maas import a_controller, a_platform
from sandbox.maas.a_tiers import ANNOTATION, access_names, access_objects, admitted, parse, tier_of
from sandbox.maas.faults import Faults

from sandbox_tests.maas_objects import Objects, service

CONFIG = """
- {name: free, displayName: Free Tier, level: 1, groups: ["system:authenticated"]}
- {name: enterprise, level: 20, groups: [enterprise-users]}
- {name: premium, level: 10, groups: [data-science, premium-users]}
"""
TIERS = parse(CONFIG)


def annotated(text: str | None) -> dict:
    there = service("gem")
    there["metadata"] |= {"uid": "1", "annotations": {} if text is None else {ANNOTATION: text}}
    return there


@pytest.mark.parametrize(
    ("groups", "tier"),
    [
        (["system:authenticated"], "free"),
        (["system:authenticated", "data-science"], "premium"),
        (["data-science", "enterprise-users"], "enterprise"),
        (["system:authenticated", "system:serviceaccounts:maas-default-gateway-tier-premium"], "premium"),
    ],
)
def test_the_highest_level_wins_and_accounts_belong_to_their_tier(groups, tier):
    """Tier mapping: highest `level` wins; ServiceAccounts of a tier's namespace are in that tier."""
    assert tier_of(TIERS, groups).name == tier


def test_somebody_in_none_of_the_groups_has_no_tier():
    assert tier_of(TIERS, ["x"]) is None


@pytest.mark.parametrize(
    ("annotation", "tiers"),
    [
        ("[]", ["enterprise", "premium", "free"]),
        ('["premium","enterprise"]', ["premium", "enterprise"]),
        (None, None),
        ('["gold"]', None),
        ("premium", None),
        ('{"a": 1}', None),
    ],
)
def test_what_the_annotation_means(annotation, tiers):
    """Annotation: `[]` all tiers, a list those, absent none."""
    found = admitted(annotated(annotation), TIERS)
    assert (found and [tier.name for tier in found]) == tiers


def test_the_role_and_the_binding_of_a_service():
    """Annotation: Role with verb post on the service, RoleBinding to groups system:serviceaccounts:…-tier-<tier>."""
    role, binding = access_objects(annotated("[]"), TIERS[-1:])
    assert role["metadata"]["name"] == "gem-model-post-access"
    assert role["rules"] == [
        {
            "apiGroups": ["serving.kserve.io"],
            "resources": ["llminferenceservices"],
            "resourceNames": ["gem"],
            "verbs": ["post"],
        }
    ]
    assert binding["metadata"]["name"] == "gem-model-post-access-tier-binding"
    assert [each["name"] for each in binding["subjects"]] == ["system:serviceaccounts:maas-default-gateway-tier-free"]
    assert binding["roleRef"]["name"] == "gem-model-post-access"
    assert {each["metadata"]["ownerReferences"][0]["uid"] for each in (role, binding)} == {"1"}


def test_long_names_fit():
    assert all(len(name) <= 63 for name in access_names("x" * 60))


class ApiServer:
    """Notes what is applied and deleted; ``fails`` times it does not answer."""

    def __init__(self, fails: int = 0) -> None:
        self.calls: list[tuple[str, str]] = []
        self.fails = fails

    async def apply(self, obj: dict, *, manager: str) -> None:
        if self.fails:
            self.fails -= 1
            raise ApiError("PATCH", 500, "", "")
        assert manager == "odh-model-controller"
        self.calls.append(("apply", obj["metadata"]["name"]))

    async def delete(self, resource: str, name: str, _namespace: str) -> None:
        self.calls.append(("delete", name))
        raise ApiError("DELETE", 404, "NotFound", resource)


async def tiers() -> list:
    return TIERS


def reconciled(api: ApiServer, before: dict | None, after: dict | None, paused: bool = False) -> list[str]:
    """What the controller did after a change."""

    async def run() -> None:
        objects, switches = Objects({a_platform.SERVICES: []}), Faults()
        controller = a_controller.Controller(api, objects, tiers, switches)
        task = asyncio.create_task(controller.run())
        await asyncio.sleep(0)
        if paused:
            switches.update({"controllers_paused": True})
        objects.objects[a_platform.SERVICES] = [after] if after else []
        for listener in objects.listeners:
            listener(a_platform.SERVICES, before, after)
        await asyncio.sleep(0.05)
        task.cancel()

    asyncio.run(run())
    return [f"{verb} {name}" for verb, name in api.calls]


APPLIED = ["apply gem-model-post-access", "apply gem-model-post-access-tier-binding"]


def test_access_comes_and_goes_with_the_annotation():
    assert reconciled(ApiServer(), None, annotated("[]")) == APPLIED
    gone = reconciled(ApiServer(), annotated("[]"), annotated(None))
    assert gone == ["delete gem-model-post-access", "delete gem-model-post-access-tier-binding"]


def test_only_the_annotation_counts_and_a_service_on_its_way_out_is_left_alone():
    assert reconciled(ApiServer(), annotated("[]"), annotated("[]")) == []
    going = annotated("[]")
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert reconciled(ApiServer(), None, going) == []
    assert reconciled(ApiServer(), annotated("[]"), None) == []


def test_a_paused_controller_does_nothing_and_a_failure_is_tried_again(monkeypatch):
    assert reconciled(ApiServer(), None, annotated("[]"), paused=True) == []
    monkeypatch.setattr(a_controller, "RETRY_SECONDS", 0.001)
    assert reconciled(ApiServer(fails=1), None, annotated("[]")) == APPLIED
