# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest


def entry(id_, owner="llm/openai-prod", **changes):
    return {"id": id_, "object": "model", "owned_by": owner, "url": "u", "ready": True, **changes}


MINI, BIG = "openai-prod/gpt-4o-mini", "openai-prod/gpt-4o"


def test_publishes_no_id_of_its_own(b1):
    assert b1.published_id("llm", "openai-prod") is None


@pytest.mark.parametrize(
    ("path", "accepted"),
    [("/v1/models", True), ("/v1/chat/completions", False), ("/v1/models/x", False), ("/v1/health", False)],
)
def test_a_users_token_may_only_list(b1, path, accepted):
    assert b1.accepts_user_token(path) is accepted


def test_users_call_the_instance(b1):
    assert b1.client_base_url("https://maas.example.com", "https://maas.example.com/llm/x/") == (
        "https://maas.example.com/llm/x/v1"
    )


class TestVisible:
    @pytest.fixture
    def see(self, b1, instances):
        def see(*listed, **changes):
            instance = instances(**{"listed_ids": [MINI, BIG], "published_id": None, **changes})
            return b1.visibility(b1.read_list({"data": list(listed)}), instance)

        return see

    def test_is_every_id_of_the_instance_itself(self, see):
        seen = see(entry(MINI), entry(BIG), entry(BIG, owner="llm-b/openai-prod"), entry("x/y", owner="llm/x"))
        assert (seen.ids, seen.missing, seen.complete, seen.partial) == ([BIG, MINI], [], True, False)

    def test_an_id_comes_once_for_each_subscription(self, see):
        seen = see(
            entry(MINI, subscriptions=[{"name": "z"}]), entry(MINI, subscriptions=[{"name": "a"}]), listed_ids=[MINI]
        )
        assert (seen.ids, seen.subscriptions, seen.complete) == ([MINI], ("a", "z"), True)

    def test_the_same_ids_of_another_owner_are_not_its_own(self, see):
        seen = see(entry(MINI, owner="llm/another"), entry(BIG, owner="openai-prod"))
        assert (seen.ids, seen.missing, seen.complete, seen.partial) == ([], [BIG, MINI], False, False)

    def test_a_part_leaves_it_to_the_instances_own_list(self, see):
        seen = see(entry(MINI))
        assert (seen.ids, seen.missing, seen.complete, seen.partial) == ([MINI], [BIG], False, True)

    def test_without_models_any_of_its_ids_will_do(self, see):
        assert see(entry(MINI), listed_ids=[]).complete
        empty = see(listed_ids=[])
        assert not empty.complete
        assert not empty.partial

    def test_one_that_lists_nothing_appears_as_its_reference(self, see):
        seen = see(entry("openai-prod"), listed_ids=[])
        assert (seen.ids, seen.complete, seen.partial) == ([], False, True)
        assert seen.note == "listed as openai-prod: it lists no model of its own"

    def test_not_ready(self, see):
        seen = see(entry(MINI, ready=False), entry(BIG, ready=False))
        assert (seen.ids, seen.not_ready, seen.missing) == ([], [BIG, MINI], [])
        assert not seen.complete
        assert not seen.partial

    def test_the_prefix_decides_not_the_name(self, see):
        seen = see(entry("team-a/gpt-4o"), entry("openai-prod"), model_prefix="team-a", listed_ids=[])
        assert (seen.ids, seen.complete) == (["team-a/gpt-4o"], True)
