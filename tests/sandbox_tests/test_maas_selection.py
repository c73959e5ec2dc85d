# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may use which model: subscriptions, policies, model references of generation B."""

from __future__ import annotations

import pytest

from sandbox.maas import selection
from sandbox.maas.selection import SelectionError

from sandbox_tests.maas_objects import keys, model_ref, policy, subscription

ALICE = ("alice", ["data-science"])
GEM = {("llm", "gem")}


def chosen(*subscriptions: dict, **wanted: object) -> str:
    """Name of the chosen subscription, or code and text of the refusal."""
    try:
        return selection.select(subscriptions, *ALICE, **wanted)["metadata"]["name"]
    except SelectionError as error:
        return f"{error.code}: {error}"


def mine(name: str, *models: str, **more: object) -> dict:
    return subscription(name, keys(*(models or ("gem",))), groups=("data-science",), **more)


def test_selection_takes_the_only_one_that_fits_the_model():
    assert chosen(mine("a", "gpt"), mine("b"), model="llm/gem", models=GEM) == "b"


@pytest.mark.parametrize("name", ["b", "models-as-a-service/b"])
def test_selection_takes_the_one_that_is_named(name):
    assert chosen(mine("a"), mine("b"), requested=name, model="llm/gem", models=GEM) == "b"


def test_selection_refusals():
    two = (mine("a"), mine("b"))
    foreign = subscription("c", keys("gem"), users=("bob",))
    asked = {"model": "llm/gem", "models": GEM}
    assert chosen(*two, **asked).startswith("multiple_subscriptions: user has access to multiple subscriptions")
    assert chosen(foreign, **asked) == "not_found: no matching subscription found for user"
    assert chosen(foreign, requested="c", **asked) == "access_denied: access denied to requested subscription"
    assert chosen(requested="x", **asked) == "not_found: requested subscription not found"
    missing = chosen(mine("a", "gpt"), requested="a", **asked)
    assert missing == "model_not_in_subscription: subscription a does not include model llm/gem"


@pytest.mark.parametrize(
    ("phase", "text"),
    [
        ("Failed", "subscription is in Failed phase (allowed: Active, Degraded)"),
        ("Pending", "subscription is in Pending phase (allowed: Active, Degraded)"),
        (None, "subscription is in unreconciled phase (allowed: Active, Degraded)"),
        ("Degraded", "subscription rate limiting policies are not ready"),
    ],
)
def test_selection_for_inference_needs_a_usable_phase(phase, text):
    assert chosen(mine("a", phase=phase), model="llm/gem", models=GEM) == f"model_unhealthy: {text}"


def test_selection_allows_a_degraded_subscription_whose_limits_are_in_force():
    degraded = mine("a", phase="Degraded")
    degraded["status"]["tokenRateLimitStatuses"] = [{"model": "gem", "ready": True}]
    assert chosen(degraded, model="llm/gem", models=GEM) == "a"


@pytest.mark.parametrize(
    ("identity", "found"),
    [
        ("llm/gem", GEM),
        ("publishers/llm/models/gem-model", GEM),
        ("gem", GEM),
        ("gem-model", set()),
        ("llm/unknown", {("llm", "unknown")}),
        ("publishers/llm/models/unknown", set()),
    ],
)
def test_a_model_is_found_by_reference_or_alias_but_not_by_its_short_name(identity, found):
    ref = model_ref("gem", status={"phase": "Ready", "resolvedModelAlias": "publishers/llm/models/gem-model"})
    assert selection.resolve(identity, [ref]) == found


def test_a_policy_grants_by_group_or_user_and_not_while_it_goes():
    policies = [
        policy("a", keys("gem"), groups=("data-science",)),
        policy("b", keys("gpt"), users=("alice",)),
        policy("c", keys("other"), users=("bob",)),
        policy("d", keys("gone"), users=("alice",), deletionTimestamp="2026-01-01T00:00:00Z"),
    ]
    assert selection.granted(policies, *ALICE) == {("llm", "gem"), ("llm", "gpt")}


@pytest.mark.parametrize(("phase", "counts"), [("Active", True), ("Degraded", True), ("Pending", False), (None, False)])
def test_a_subscription_counts_by_phase_and_no_more_once_it_goes(phase, counts):
    assert selection.usable(mine("a", phase=phase)) is counts
    assert not selection.usable(mine("a", phase=phase, deletionTimestamp="2026-01-01T00:00:00Z"))


def test_an_empty_owner_owns_nothing():
    assert selection.owned([subscription("a", keys("gem"))], *ALICE) == []


def test_priority_then_largest_limit_then_name():
    order = [
        mine("d", priority=5),
        mine("c", limits=((900, "1m"),)),
        mine("a"),
        mine("b"),
    ]
    assert selection.by_priority(order[::-1]) == order


def test_limits_in_seconds():
    several = mine("a", limits=((10, "30s"), (20, "5m"), (30, "24h")))
    assert selection.limits_of(several, ("llm", "gem")) == [(10, 30), (20, 300), (30, 86400)]
    assert selection.limits_of(several, ("llm", "gpt")) == []
