# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import litemaas_status
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports.litemaas_status import Gateway, as_text, of

NOW = "2026-12-01T12:00:00Z"
CONTENT = {
    "models": [{"name": "a", "model": "openai/x"}, {"name": "granite", "model": "hosted_vllm/g"}],
    "routes": [{"name": "ops", "order": ["granite", "a"], "on_context": ["a"]}],
    "teams": [{"id": "science"}, {"id": "late"}],
    "users": [],
    "keys": [
        {"alias": alias, "secret": {"name": f"{alias}-key", "namespace": "team-a", "key": "api-key"}}
        for alias in ("notebook", "old", "shut", "poor", "new")
    ],
}
ACCOUNT = {
    "models": [],
    "budget": None,
    "budget_duration": None,
    "tpm": None,
    "rpm": None,
    "spend": 0.0,
    "set": "default",
}
KEY = {**ACCOUNT, "team": "science", "user": None, "expires": None, "blocked": False}
FOUND = {
    "models": [
        {"name": "a", "model": "openai/x", "set": "default"},
        {"name": "granite", "model": "hosted_vllm/g", "set": "default"},
        {"name": "theirs", "model": "openai/y", "set": None},
    ],
    "teams": [{**ACCOUNT, "id": "science", "spend": 12.5, "budget": 100, "budget_duration": "30d", "tpm": 5000}],
    "users": [{**ACCOUNT, "id": "guest", "set": None}],
    "virtual_keys": [
        {**KEY, "alias": "notebook", "expires": "2026-12-31T04:25:08Z", "spend": 0.25, "budget": 5},
        {**KEY, "alias": "old", "expires": "2026-11-30T00:00:00+00:00"},
        {**KEY, "alias": "shut", "blocked": True},
        {**KEY, "alias": "poor", "spend": 5.0, "budget": 5.0},
        {**KEY, "alias": None, "set": None},
        {**KEY, "alias": "proof-1234-calls", "set": None},
    ],
}
PROGRAMS = {
    "litellm": {"ready": True, "state": "ready"},
    "postgres": {
        "ready": False,
        "state": "waiting",
        "what": "StatefulSet",
        "reason": "RollingOut",
        "message": "0 of 1",
    },
}
SERVED = {
    "granite": {
        "kind": "InferenceService",
        "namespace": "private-ai",
        "name": "granite",
        "state": "scaled to 0",
        "reason": "it has no replicas",
    }
}
PLACES = {"LiteLLM": "https://litellm.example.com/v1", "Admin page": "https://litellm.example.com/ui, as admin"}


def status(**changes):
    given = {"content": CONTENT, "found": FOUND, "programs": PROGRAMS, "served": SERVED, "set": "default", "now": NOW}
    return of(Gateway(**{**given, "proof_prefix": "proof-", "differences": {}, **changes}))


def test_every_thing_has_its_state():
    found = status()
    assert {name: each["state"] for name, each in found["models"].items()} == {
        "a": "ready",
        "granite": "scaled to 0",
        "ops": "absent",
        "theirs": "ready",
    }
    assert {name: each["state"] for name, each in found["teams"].items()} == {"science": "ready", "late": "absent"}
    states = {name: each["state"] for name, each in found["keys"].items()}
    assert states.pop("(without alias, 5)") == "ready"
    assert states == {"notebook": "ready", "old": "expired", "shut": "blocked", "poor": "used up", "new": "absent"}
    assert found["programs"]["postgres"] == {"state": "waiting", "reason": "StatefulSet: RollingOut: 0 of 1"}


def test_what_is_in_the_list_and_what_is_ours_are_two_things():
    found = status()["models"]
    assert (found["a"]["in_list"], found["a"]["managed"]) == (True, True)
    assert (found["theirs"]["in_list"], found["theirs"]["managed"]) == (False, False)
    assert status(set="other")["models"]["a"]["managed"] is False


def test_the_table_shows_spend_budget_and_end():
    lines = as_text(status(), "table", PLACES).splitlines()
    (notebook,) = [line for line in lines if line.startswith("notebook")]
    assert notebook.split() == ["notebook", "ready", "0.2500", "5", "2026-12-31", "04:25", "agree"]
    (science,) = [line for line in lines if line.startswith("science")]
    assert science.split() == "science 12.5000 100 per 30d agree".split()
    assert any("Secret team-a/notebook-key, key api-key" in line for line in lines)
    assert any("not managed by this collection" in line for line in lines if line.startswith("theirs"))
    assert lines[-2:] == [
        "LiteLLM     https://litellm.example.com/v1",
        "Admin page  https://litellm.example.com/ui, as admin",
    ]
    assert max(map(len, lines)) <= 100


def test_what_the_list_has_otherwise_is_named():
    differences = {
        ("models", "a"): [f"order.openai-prod/gpt-4o-{number}.litellm_params.order" for number in range(3)],
        ("teams", "science"): ["budget", "models"],
        ("keys", "notebook"): ["tpm"],
    }
    found = status(differences=differences)
    assert found["teams"]["science"]["differences"] == ["budget", "models"]
    assert found["keys"]["poor"]["differences"] == []
    lines = as_text(found, "table", PLACES).splitlines()
    assert {line.split()[0] for line in lines if line.endswith("  differs")} == {"a", "science", "notebook"}
    below = [" ".join(line.split()) for line in lines if line.startswith("  differs")]
    assert below[1:] == ["differs budget, models", "differs tpm"] and "gpt-4o-0.litellm_params.order" in below[0]
    assert max(map(len, lines)) <= 100


def test_data_is_nothing_but_the_data():
    document = json.loads(as_text(status(), "json", PLACES))
    assert document["keys"]["poor"]["spend"] == 5.0
    assert document["litellm"] == "https://litellm.example.com/v1"
    assert as_text(status(), "yaml", PLACES).startswith("litellm:")


def test_the_page_names_what_is_not_usable_first():
    page = as_text(status(), "html", PLACES, NOW)
    assert page.lower().startswith("<!doctype html>")
    assert page.index("key old") < page.index("key notebook")
    assert "https://litellm.example.com/v1" in page and NOW in page


def test_a_gateway_that_could_not_be_asked_is_not_shown_as_empty():
    found = status(found=None)
    assert found["models"] is None and found["keys"] is None
    assert "PROGRAM" in as_text(found, "table", PLACES) and "MODEL" not in as_text(found, "table", PLACES)


@pytest.mark.parametrize("form", ["table", "html", "json", "yaml"])
def test_nothing_at_all_is_no_error(form):
    empty = {name: [] for name in CONTENT}
    assert as_text(of(Gateway(empty, {name: [] for name in FOUND}, None, {}, "default", NOW, {}, "proof-")), form, {})


@pytest.mark.parametrize("state", ["wrong", "mixed"])
def test_a_wrong_salt_key_is_shown_among_the_programs(state):
    found = status(found={**FOUND, "salt": {"state": state, "detail": "of 16 stored values, 0 can be decrypted"}})
    assert found["programs"]["salt key"]["state"] == "failed"
    assert "0 can be decrypted" in as_text(found, "table", PLACES)


@pytest.mark.parametrize("state", ["right", "empty", "unknown"])
def test_of_any_other_salt_key_nothing_is_said(state):
    assert "salt key" not in status(found={**FOUND, "salt": {"state": state, "detail": ""}})["programs"]


def test_its_title():
    assert litemaas_status.TITLE in as_text(status(), "html", PLACES)
