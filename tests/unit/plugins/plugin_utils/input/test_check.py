# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.check import Needs, blocked
from tools.built import check

ENTRY = {"name": "openai-prod", "provider": "openai", "api_key_env": "UNIT_TEST_KEY", "models": ["gpt-4o"]}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIT_TEST_KEY", "sk-proj-0123456789abcdefghij")


def test_a_good_list_has_no_message() -> None:
    checked = check([ENTRY], settings={"generation": "b2"}, names=["llamastack_maas_instances"])
    assert (checked.problems, checked.warnings, checked.message) == ([], [], "")
    assert checked.instances[0]["published_id"] == "publishers/llm/models/openai-prod"
    assert checked.settings["namespace"] == "llm"


def test_problems_of_every_kind_come_in_one_message() -> None:
    checked = check(
        [{**ENTRY, "replicas": 0}],
        settings={"namespace": "LLM", "providers": {"own": {}}},
        names=["llamastack_maas_namspace"],
    )
    assert [line.split(":")[0] for line in checked.message.splitlines()] == [
        "llamastack_maas_namspace",
        "llamastack_maas_namespace",
        "llamastack_maas_providers.own",
        "llamastack_maas_instances[0].replicas",
    ]


def test_any_problem_leaves_no_instance() -> None:
    assert check([ENTRY], settings={"set": "a b"}).instances == []
    assert check([ENTRY], names=["llamastack_maas_namspace"]).instances == []


def test_the_environment_is_read_at_that_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNIT_TEST_KEY")
    assert "UNIT_TEST_KEY is not set" in check([ENTRY]).message
    assert not check([ENTRY], credentials=False).problems


def test_secrets_are_checked_where_something_is_known() -> None:
    entry = {"name": "a", "provider": "openai", "credentials_secret": {"name": "corp"}, "models": ["m"]}
    assert "there is no Secret corp" in check([entry], secrets={"corp": {"exists": False, "fields": []}}).message


@pytest.mark.parametrize(
    ("given", "settings", "needs", "is_blocked"),
    [
        ("", {}, Needs(), True),
        (None, {}, Needs(list_needed=False), False),
        ([], {}, Needs(), False),
        ("- {", {}, Needs(), True),
        ([ENTRY], {"kubernetes": "x"}, Needs(), True),
        ([{**ENTRY, "replicas": 0}], {"set": "a b"}, Needs(), False),
    ],
)
def test_only_what_the_cluster_is_asked_with_and_a_list_that_is_not_there_block(given, settings, needs, is_blocked):
    assert blocked(given, settings, {}, needs) == is_blocked
