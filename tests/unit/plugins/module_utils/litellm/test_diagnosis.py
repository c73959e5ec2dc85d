# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import datetime, timezone

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import TransportError
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import answers, diagnosis
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.diagnosis import KeyHolders
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.stored import Stored

from .fake_litellm import MASTER, FakeLitellm, deployment

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=timezone.utc)
ROWS = [deployment("a"), deployment("b", "openai/b-of-the-provider")]
STORED = Stored(ROWS, {})
HTML = {"content-type": "text/html; charset=utf-8"}
GOOD = answers.Meaning(answers.OK, "", "")
SERVED = {"kind": "InferenceService", "namespace": "ai", "name": "a", "state": "ready", "reason": ""}


def states(links):
    return {link.link: link.state for link in links}


def broken(links):
    return next(link for link in links if link.state == "broken")


def gateway(**instead):
    litellm = FakeLitellm()
    litellm.instead.update({("GET", path.replace("__", "/")): answer for path, answer in instead.items()})
    return litellm


def test_a_gateway_in_good_order():
    assert states(diagnosis.gateway(FakeLitellm().connect(MASTER))) == {
        "url": "ok",
        "database": "ok",
        "master_key": "ok",
        "salt": "ok",
    }


@pytest.mark.parametrize(
    "path, answer, link, cause",
    [
        ("/health/liveliness", TransportError("refused", "connection refused"), "url", "no answer came"),
        ("/health/liveliness", (503, "no healthy upstream"), "url", "something before LiteLLM answers"),
        ("/health/liveliness", (200, "<!DOCTYPE html>", HTML), "url", "something before LiteLLM answers"),
        ("/health/readiness", (503, {"db": "disconnected"}), "database", "no connection to its database"),
        ("/health/readiness", (200, {"db": "Not connected"}), "database", "no connection to its database"),
        ("/router/settings", (401, {"error": {"type": "token_not_found_in_db"}}), "master_key", "not take the master"),
    ],
)
def test_the_first_broken_link_of_a_gateway(path, answer, link, cause):
    litellm = FakeLitellm()
    litellm.instead["GET", path] = answer
    links = diagnosis.gateway(litellm.connect(MASTER))
    found = broken(links)
    assert found.link == link and cause in found.cause and found.evidence and found.remedy
    assert {each.state for each in links[links.index(found) + 1 :]} <= {"skipped"}
    assert [each.link for each in links] == ["url", "database", "master_key", "salt"]


@pytest.mark.parametrize("salt, state", [((16, 0), "broken"), ((16, 15), "ok"), ((0, 0), "skipped")])
def test_a_wrong_salt_is_a_broken_link(salt, state):
    litellm = FakeLitellm()
    litellm.salt = salt
    assert states(diagnosis.gateway(litellm.connect(MASTER)))["salt"] == state


def test_a_model_that_answers():
    links = diagnosis.model({"name": "a", "model": "openai/gpt-4o-mini"}, STORED, SERVED, lambda name, mode: GOOD)
    assert states(links) == {"served": "ok", "stored": "ok", "call": "ok"}


@pytest.mark.parametrize(
    "state, cause", [("scaled to 0", "scaled to 0, so nothing answers"), ("not ready", "the model is not ready")]
)
def test_a_model_of_kserve_that_does_not_run_is_not_called(state, cause):
    def ask(name, mode):
        raise AssertionError(name)

    served = {**SERVED, "state": state, "reason": "it has no replicas"}
    links = diagnosis.model({"name": "a"}, STORED, served, ask)
    assert cause in broken(links).cause and "it has no replicas" in broken(links).evidence
    assert states(links)["call"] == "skipped"


def test_a_model_that_is_not_reached():
    refused = answers.Meaning(answers.MODEL_DOWN, "LiteLLM does not reach the model", "500", "Check that it runs")
    links = diagnosis.model({"name": "a"}, STORED, None, lambda name, mode: refused)
    assert states(links) == {"stored": "ok", "call": "broken"}
    assert broken(links).cause == "LiteLLM does not reach the model"


def test_a_model_that_litellm_has_not():
    links = diagnosis.model({"name": "absent"}, STORED, None, lambda name, mode: GOOD)
    assert states(links) == {"stored": "broken", "call": "skipped"}


def test_a_route_whose_first_model_sleeps_is_not_called():
    rows = [deployment("r", member="b", order=1)]
    route = {"name": "r", "order": ["b"]}
    links = diagnosis.route(route, Stored(rows, {}), {}, {"b": "scaled to 0"}, lambda name, mode: GOOD)
    assert states(links) == {"stored": "ok", "call": "skipped"}
    links = diagnosis.route(route, Stored(rows, {}), {"b": "embedding"}, {}, lambda name, mode: GOOD)
    assert states(links)["call"] == "ok"


def row(**more):
    return {"key_alias": "notebook", "models": ["a"], "team_id": None, "user_id": None, **more}


def callers(*keys, teams=(), users=()):
    return KeyHolders.of(list(keys), teams, users, ROWS)


def key(found, entry=None, **further):
    return diagnosis.key(entry or {"alias": "notebook", "models": ["a"]}, callers(found, **further), NOW)


def test_a_key_in_good_order():
    assert states(key(row())) == {"key": "ok", "valid": "ok", "models": "ok"}


def test_a_key_that_is_not_there():
    assert states(diagnosis.key({"alias": "x"}, callers(row()), NOW)) == {
        "key": "broken",
        "valid": "skipped",
        "models": "skipped",
    }


TEAM = {"team_id": "t", "models": []}


@pytest.mark.parametrize(
    "found, teams, users, cause",
    [
        (row(blocked=True), [], [], "the key is blocked"),
        (row(expires="2026-12-01T11:59:00Z"), [], [], "the key has expired"),
        (row(spend=5.0, max_budget=5.0), [], [], "the budget of the key is used up"),
        (row(team_id="t"), [{**TEAM, "spend": 9, "max_budget": 8}], [], "the budget of the team is used up"),
        (row(user_id="u"), [], [{"user_id": "u", "spend": 1, "max_budget": 0.5}], "the budget of the user is used up"),
        (row(models=["b"]), [], [], "the list of the key does not allow the model: a"),
        (row(team_id="t"), [{**TEAM, "models": ["b"]}], [], "the list of the team does not allow the model: a"),
        (row(user_id="u"), [], [{"user_id": "u", "models": ["no-default-models"]}], "through a team only"),
    ],
)
def test_what_is_wrong_with_a_key(found, teams, users, cause):
    links = key(found, teams=teams, users=users)
    assert cause in broken(links).cause and broken(links).remedy


def test_a_budget_of_the_user_does_not_count_beside_a_team():
    users = [{"user_id": "u", "spend": 1, "max_budget": 0.5}]
    assert states(key(row(team_id="t", user_id="u"), teams=[TEAM], users=users))["valid"] == "ok"


@pytest.mark.parametrize(
    "name, told",
    [("c", "LiteLLM takes any name in a list"), ("openai/b-of-the-provider", "its public name is b")],
)
def test_a_name_that_is_none(name, told):
    links = key(row(models=[name]), {"alias": "notebook", "models": [name]})
    assert broken(links).cause == f"there is no model {name}" and told in broken(links).evidence


def test_a_key_of_others_is_named_where_a_list_keeps_it_from_what_it_is_for():
    user = {"user_id": "u", "models": ["no-default-models"]}
    own = diagnosis.other_key(row(models=["a"], user_id="u"), callers(row(), users=[user]), NOW)
    assert broken(own).cause.endswith(": a")
    everything = diagnosis.other_key(row(models=[], user_id="u"), callers(row(), users=[user]), NOW)
    assert broken(everything).cause.endswith(": a, b")


@pytest.mark.parametrize("found", [row(models=["b"]), row(expires="2026-12-01T11:59:00Z"), row(blocked=True)])
def test_a_key_of_others_that_works_or_has_ended_is_not_named(found):
    assert diagnosis.other_key(found, callers(found), NOW) == []
