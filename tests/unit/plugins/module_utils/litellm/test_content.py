# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import (
    FAILURE_CONNECTION,
    FAILURE_TLS,
    TransportError,
)
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import content, info, keys
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.content import Content, Present
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.writing import Reader

from .conftest import actions

CREDENTIALS = {"openai": {"api_key": "the-key-of-openai-1"}}
MINI = {
    "name": "openai-prod/gpt-4o-mini",
    "model": "openai/gpt-4o-mini",
    "mode": "chat",
    "credential": "openai",
    "params": {"api_base": "https://api.example.com/v1", "tpm": "100", "input_cost_per_token": "0.000001"},
    "max_output_tokens": 4096,
}
GRANITE = {"name": "granite-8b", "model": "hosted_vllm/granite-8b", "params": {"api_base": "https://g.example.com/v1"}}
OPS = {"name": "ops", "order": ["granite-8b", MINI["name"]], "on_context": [MINI["name"]], "cooldown": 60}
PRIVATE = {"name": "ops-private", "order": ["granite-8b"]}
SCIENCE = {"id": "science", "models": [MINI["name"], "ops"], "budget": 100, "budget_duration": "30d"}
ANN = {"id": "ann", "team": "science", "budget": 20, "models": ["ops"]}
NOTEBOOK = {
    "alias": "notebook",
    "team": "science",
    "models": [MINI["name"]],
    "budget": 5,
    "tpm": 20000,
    "duration": "30d",
    "value": "sk-the-value-of-notebook",
}
ALL = {
    "models": [MINI, GRANITE],
    "routes": [OPS, PRIVATE],
    "teams": [SCIENCE],
    "users": [ANN],
    "keys": [NOTEBOOK],
    "credentials": CREDENTIALS,
}


def changed(entry, **values):
    """An entry with other values; None leaves one out."""
    return {key: value for key, value in {**entry, **values}.items() if value is not None}


def with_model(**values):
    return {**ALL, "models": [changed(MINI, **values), GRANITE]}


def test_all_of_it_is_brought_once(gateway):
    assert set(gateway.bring(**ALL).values()) == {"created"}
    assert set(gateway.bring(**ALL).values()) == {"unchanged"}
    assert (gateway.writes, len(gateway.reads)) == ([], 5)
    assert {row["model_name"] for row in gateway.models.values()} == {MINI["name"], "granite-8b", "ops", "ops-private"}
    assert gateway.settings["context_window_fallbacks"] == [{"ops": [MINI["name"]]}]
    assert gateway.users["ann"]["teams"] == ["science"]
    (member,) = gateway.teams["science"]["team_memberships"]
    assert (member["litellm_budget_table"]["max_budget"], member["litellm_budget_table"]["allowed_models"]) == (
        20.0,
        ["ops"],
    )


def test_check_mode_writes_nothing_and_says_the_same(gateway):
    run, error = gateway.run(check=True, **ALL)
    assert (error, gateway.writes) == (None, [])
    before = run.results()
    gateway.run(**ALL)
    after = gateway.run(check=True, **ALL)[0].results()
    assert before["changed"] and not after["changed"]
    assert {each["action"] for each in before["objects"]} == {"created"}


def test_the_second_run_reads_little_of_much(gateway):
    models = [{"name": f"m{number}", "model": f"openai/m{number}"} for number in range(100)]
    teams = [{"id": f"t{number}", "models": ["m1"]} for number in range(50)]
    keys = [
        {"alias": f"k{number}", "team": f"t{number % 50}", "value": f"sk-0123456789-{number:04}"}
        for number in range(200)
    ]
    gateway.bring(models=models, teams=teams, keys=keys)
    assert set(gateway.bring(models=models, teams=teams, keys=keys, prune=True).values()) == {"unchanged"}
    assert gateway.writes == [] and len(gateway.reads) <= 12


def test_no_difference_and_no_result_shows_a_credential(gateway):
    run, _error = gateway.run(**ALL)
    later, _error = gateway.run(**{**ALL, "credentials": {"openai": {"api_key": "another-key-12345"}}})
    text = json.dumps([run.results(), run.diffs(), later.results(), later.diffs()])
    assert "the-key-of-openai" not in text and "another-key" not in text and NOTEBOOK["value"] not in text
    assert actions(later)[f"model {MINI['name']}"] == "updated" and "(hidden, new)" in text


def test_a_provider_key_is_written_when_it_changed_and_only_then(gateway):
    gateway.bring(**ALL)
    new = {**ALL, "credentials": {"openai": {"api_key": "another-key-12345"}}}
    found = gateway.bring(**new)
    # The route has a deployment of the model, too.
    assert {name for name, action in found.items() if action == "updated"} == {f"model {MINI['name']}", "route ops"}
    keys = {row["litellm_params"].get("api_key") for row in gateway.models.values()}
    assert keys == {None, "another-key-12345"}
    assert set(gateway.bring(**new).values()) == {"unchanged"}


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"mode": "completion"}, ["model_info.mode"]),
        ({"max_output_tokens": 10}, ["model_info.max_output_tokens"]),
        ({"model": "openai/other"}, ["litellm_params.model"]),
        ({"params": {**MINI["params"], "tpm": 7}}, ["litellm_params.tpm"]),
        ({"params": {**MINI["params"], "timeout": "30"}}, ["litellm_params.timeout"]),
    ],
)
def test_a_changed_parameter_is_changed_in_place(gateway, values, fields):
    gateway.bring(**ALL)
    ids = set(gateway.models)
    run, error = gateway.run(**with_model(**values))
    (found,) = [each for each in run.results()["objects"] if each["name"] == MINI["name"]]
    assert (error, found["action"], found["fields"]) == (None, "updated", fields)
    assert set(gateway.models) == ids
    assert set(gateway.bring(**with_model(**values)).values()) == {"unchanged"}


@pytest.mark.parametrize(
    "values", [{"params": {"api_base": "https://api.example.com/v1"}}, {"max_output_tokens": None}]
)
def test_a_parameter_that_is_taken_away_replaces_the_model_whose_name_never_goes(gateway, values):
    gateway.bring(**ALL)
    seen = []

    def look(_document):
        # Asked before each deletion: who else serves the name?
        seen.append(sorted(row["model_name"] for row in gateway.models.values()))

    gateway.wrong["/model/delete"] = look
    found = gateway.bring(**with_model(**values))
    assert found[f"model {MINI['name']}"] == found["route ops"] == "replaced"
    assert len(seen) == 2 and all(names.count(MINI["name"]) + names.count("ops") >= 4 for names in seen[:1])
    assert [row["model_name"] for row in gateway.models.values()].count(MINI["name"]) == 1
    assert set(gateway.bring(**with_model(**values)).values()) == {"unchanged"}


def test_the_way_back_finds_an_id_that_is_free(gateway):
    less = with_model(params={"api_base": "https://api.example.com/v1"})
    gateway.bring(**less)
    gateway.bring(**ALL)  # in place, so the id is that of less
    assert gateway.bring(**less)[f"model {MINI['name']}"] == "replaced"
    assert set(gateway.bring(**less).values()) == {"unchanged"}


def test_a_run_that_was_killed_between_new_and_old_is_carried_on(gateway):
    gateway.bring(**ALL)
    less = with_model(max_output_tokens=None)
    gateway.wrong["/model/delete"] = lambda _document: (503, {})
    _run, error = gateway.run(**less)
    assert "could not be brought" in error
    del gateway.wrong["/model/delete"]
    assert len(gateway.models) == 7
    gateway.bring(**less)
    assert len(gateway.models) == 5


def test_what_others_have_set_stays(gateway):
    gateway.bring(**ALL)
    for row in gateway.models.values():
        row["litellm_params"]["rpm"] = 3
    gateway.teams["science"].update(rpm_limit=9)
    gateway.teams["science"]["metadata"]["note"] = "of others"
    gateway.settings["context_window_fallbacks"].append({"theirs": ["x"]})
    assert set(gateway.bring(**ALL).values()) == {"unchanged"}
    gateway.bring(**{**ALL, "teams": [changed(SCIENCE, budget=7)], "routes": [changed(OPS, on_context=None), PRIVATE]})
    assert gateway.teams["science"]["rpm_limit"] == 9 and gateway.teams["science"]["metadata"]["note"] == "of others"
    assert gateway.settings["context_window_fallbacks"] == [{"theirs": ["x"]}]


LESS = {
    **ALL,
    "teams": [changed(SCIENCE, budget=None, budget_duration=None)],
    "users": [changed(ANN, budget=None, models=None)],
    "keys": [changed(NOTEBOOK, budget=None, tpm=None, duration=None)],
}


def test_a_limit_that_is_asked_for_no_more_is_taken_away(gateway):
    gateway.bring(**ALL)
    found = gateway.bring(**LESS)
    assert [found[name] for name in ("team science", "user ann", "key notebook")] == ["updated"] * 3
    assert gateway.teams["science"]["max_budget"] is gateway.users["ann"]["max_budget"] is None
    assert gateway.users["ann"]["models"] == ["all-proxy-models"]
    assert gateway.teams["science"]["team_memberships"][0]["litellm_budget_table"] is None
    key = gateway.keys["notebook"]
    assert (key["max_budget"], key["tpm_limit"], key["expires"]) == (None, None, None)
    assert set(gateway.bring(**LESS).values()) == {"unchanged"}


def test_a_200_that_took_nothing_away_is_an_error_in_every_run(gateway):
    gateway.old = True
    gateway.bring(**ALL)
    for _time in range(2):
        run, error = gateway.run(**LESS)
        assert "user ann: LiteLLM answered that it was done, and it is not: budget is 20.0, not none" in error
        assert actions(run)["user ann"] == "failed"
    gateway.old = False
    gateway.bring(**LESS)


def test_the_old_release_gets_the_period_of_a_membership_by_its_budget(gateway):
    gateway.old = True
    users = [{**ANN, "budget_duration": "7d"}]
    run, error = gateway.run(**{**ALL, "users": users})
    assert error is None
    (member,) = gateway.teams["science"]["team_memberships"]
    assert member["litellm_budget_table"]["budget_duration"] == "7d"
    run, error = gateway.run(**{**ALL, "users": users})
    assert (error, run.results()["changed"]) == (None, False)
    assert any("keeps no models of a member: those of user ann" in warning for warning in run.warnings)


def test_a_user_changes_teams(gateway):
    other = {**SCIENCE, "id": "other"}
    gateway.bring(**{**ALL, "teams": [SCIENCE, other]})
    moved = {**ALL, "teams": [SCIENCE, other], "users": [changed(ANN, team="other")]}
    assert gateway.bring(**moved)["user ann"] == "updated"
    assert gateway.users["ann"]["teams"] == ["other"]
    assert set(gateway.bring(**moved).values()) == {"unchanged"}


def test_lists_of_models_know_none_from_all(gateway):
    teams = [{"id": "all"}, {"id": "none", "models": []}]
    gateway.bring(teams=teams)
    assert (gateway.teams["all"]["models"], gateway.teams["none"]["models"]) == ([], ["no-default-models"])
    assert set(gateway.bring(teams=teams).values()) == {"unchanged"}


# Names


def test_all_names_that_do_not_exist_are_reported_at_once_before_anything_is_written(gateway):
    asked = {
        **ALL,
        "routes": [changed(OPS, on_context=["granit-8b"])],
        "users": [changed(ANN, team="sciense")],
        "keys": [changed(NOTEBOOK, models=["gpt-4o-mini"], user="anne", team="x")],
    }
    _run, error = gateway.run(**asked)
    assert error.splitlines() == [
        "Nothing was written:",
        "- users[0] (ann).team: there is no team sciense; did you mean science?",
        "- keys[0] (notebook).models[0]: there is no model or route gpt-4o-mini; did you mean openai-prod/gpt-4o-mini?",
        "- keys[0] (notebook).team: there is no team x; known: science",
        "- keys[0] (notebook).user: there is no user anne; did you mean ann?",
        "- routes[0] (ops).on_context[0]: there is no model or route granit-8b; did you mean granite-8b?",
    ]
    assert gateway.writes == []


def test_what_is_pruned_is_no_name_any_more(gateway):
    gateway.bring(**ALL)
    _run, error = gateway.run(**{**ALL, "models": [GRANITE], "routes": [PRIVATE], "prune": True})
    assert "teams[0] (science).models[0]: there is no model or route openai-prod/gpt-4o-mini" in error
    assert "teams[0] (science).models[1]: there is no model or route ops" in error


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"models": [MINI, MINI]}, "models: name openai-prod/gpt-4o-mini is there 2 times"),
        (
            {"routes": [{"name": "r", "order": ["granit-8b"]}]},
            "order[0]: there is no model granit-8b in models; did you",
        ),
        ({"routes": [{"name": "r", "order": []}]}, "routes[0] (r).order: must name at least one model"),
        ({"routes": [{"name": "granite-8b", "order": ["granite-8b"]}]}, "is the name of a model, too"),
        ({"routes": [{"name": "r", "order": ["granite-8b"] * 2}]}, "order: names a model twice"),
        ({"models": [changed(MINI, credential="opena")]}, "credential: did you mean openai?"),
        ({"models": [changed(MINI, params={"api_key": "sk-123"})]}, "params.api_key: is a credential: hand it over"),
        ({"models": [changed(MINI, params={"input_cost_per_token": 0.15})]}, "Then it is 1.5e-07"),
        ({"models": [changed(MINI, info={"output_cost_per_token": -1})]}, "not below 0"),
        ({"models": [changed(MINI, max_output_tokens=0)]}, "max_output_tokens: must be at least 1"),
        ({"keys": [{**NOTEBOOK, "secret": {"name": "s"}}]}, "one of them is"),
        ({"keys": [changed(NOTEBOOK, tpm=-1)]}, "keys[0] (notebook).tpm: must not be below 0"),
        ({"teams": [{"id": "t", "budget_duration": "1d"}]}, "budget_duration: has no budget to go with"),
    ],
)
def test_what_a_list_says_wrong_is_reported_without_a_request(gateway, what, said):
    _run, error = gateway.run(**{**ALL, **what})
    assert error.startswith("Nothing was written: the lists cannot be used as they are:") and said in error
    assert gateway.sent == []


@pytest.mark.parametrize("price", [0.0006, "0.00000015", 0])
def test_a_price_that_models_have_is_taken(gateway, price):
    gateway.bring(models=[changed(GRANITE, params={"output_cost_per_token": price})])


def test_a_priced_model_without_a_limit_is_warned_of(gateway):
    run, _error = gateway.run(models=[changed(GRANITE, params={"output_cost_per_token": 1e-6})])
    assert run.warnings == [
        "model granite-8b has a price and no max_output_tokens: for every call that names no limit, a key with a budget"
        " sets aside the price of 16384 tokens"
    ]


def test_a_key_that_its_team_takes_a_model_from_is_warned_of(gateway):
    run, _error = gateway.run(**{**ALL, "keys": [changed(NOTEBOOK, models=["granite-8b"])]})
    assert run.warnings[-1] == "key notebook cannot call granite-8b: its team science has no such model"


def test_who_may_call_a_route_and_not_what_answers_a_long_context_is_warned_of(gateway):
    run, _error = gateway.run(**{**ALL, "teams": [changed(SCIENCE, models=["ops"])], "keys": []})
    said = "may call route ops and not openai-prod/gpt-4o-mini, so a context that is too long for the route is refused"
    assert [warning for warning in run.warnings if said in warning] == [f"team science {said} there"]
    run, _error = gateway.run(**ALL)
    assert not any(said in warning for warning in run.warnings)


def test_a_key_that_expired_is_warned_of_and_left_alone(gateway):
    gateway.bring(**ALL)
    gateway.keys["notebook"]["expires"] = "2020-01-01T00:00:00Z"
    run, error = gateway.run(**ALL)
    assert (error, run.results()["changed"]) == (None, False)
    assert run.warnings[-1].startswith("key notebook expired at 2020-01-01T00:00:00Z.")


@pytest.mark.parametrize("name", ["ops-private", "*", ""])
def test_a_route_that_the_router_would_leave_is_refused(gateway, name):
    gateway.settings["fallbacks"] = [{name: ["far-away"]} if name else "far-away"]
    name = name or "*"
    _run, error = gateway.run(**ALL)
    assert f"fall back from {name} to far-away, so calls of this route would go there, too" in error
    assert gateway.writes == []


# Whose it is


def of_others(gateway):
    row = {"model_name": MINI["name"], "litellm_params": {"model": "openai/x"}, "model_info": {"id": "theirs"}}
    gateway.models["theirs"] = row
    team = {"team_id": "science", "models": [], "metadata": {}, "members_with_roles": [], "team_memberships": []}
    gateway.teams["science"] = team
    gateway.users["ann"] = {"user_id": "ann", "models": [], "metadata": {}, "teams": []}
    gateway.keys["notebook"] = {"key_alias": "notebook", "token": "0" * 64, "metadata": {}, "models": []}


def test_all_objects_of_others_are_refused_at_once(gateway):
    of_others(gateway)
    _run, error = gateway.run(**ALL)
    for name in (f"model {MINI['name']}", "team science", "user ann", "key notebook"):
        assert f"- {name} exists in LiteLLM and is not managed by this collection. To have it managed" in error
    assert gateway.writes == []


def test_they_are_adopted_on_request_under_their_own_id(gateway):
    gateway.bring(keys=[changed(NOTEBOOK, team=None, models=None)])
    token = gateway.keys["notebook"]["token"]
    of_others(gateway)
    gateway.keys["notebook"]["token"] = token
    found = gateway.bring(**ALL, adopt=True)
    assert {name for name, action in found.items() if action == "adopted"} == {
        f"model {MINI['name']}",
        "team science",
        "user ann",
        "key notebook",
    }
    assert gateway.models["theirs"]["litellm_params"]["model"] == "openai/gpt-4o-mini"
    assert set(gateway.bring(**ALL).values()) == {"unchanged"}


def test_a_key_of_others_is_not_adopted_without_its_value(gateway):
    of_others(gateway)
    _run, error = gateway.run(**ALL, adopt=True)
    assert "key notebook exists in LiteLLM with another value than the one of its Secret" in error


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "there is no value in its Secret team-a/k, key V"), ("sk-x", "than the one of its Secret team-a/k, key V")],
)
def test_the_secret_that_wants_the_value_of_an_adopted_key_is_named(value, said):
    entry = {"alias": "theirs", "secret": {"namespace": "team-a", "name": "k", "key": "V"}}
    rows = [{"key_alias": "theirs", "token": "1", "metadata": {}}]
    _operations, (why,) = keys.plan([entry], rows, {"theirs": value}, set_name="default", adopt=True, prune=False)
    assert said in why and "To adopt it, put its value there" in why


def test_what_belongs_to_another_set_is_not_adopted(gateway):
    gateway.bring(**ALL, set_name="other")
    _run, error = gateway.run(**ALL, adopt=True)
    assert error.count("belongs to instance set other. Change it through that list") == 7


def test_a_model_of_the_configuration_file_is_named_as_such(gateway):
    of_others(gateway)
    gateway.models["theirs"]["model_info"]["db_model"] = False
    _run, error = gateway.run(models=[MINI], credentials=CREDENTIALS, adopt=True)
    assert f"model {MINI['name']} stands in the configuration file of LiteLLM" in error


def test_two_deployments_of_others_are_not_adopted_as_one_model(gateway):
    of_others(gateway)
    gateway.models["second"] = {**gateway.models["theirs"], "model_info": {"id": "second"}}
    _run, error = gateway.run(models=[MINI], credentials=CREDENTIALS, adopt=True)
    assert "exists in LiteLLM as several deployments of others" in error


def route_of_others(gateway, *models):
    for number, (model, base) in enumerate(models):
        params = {"model": model, **({"api_base": base} if base else {})}
        info = {"id": f"theirs-{number}"}
        gateway.models[info["id"]] = {"model_name": "ops", "litellm_params": params, "model_info": info}


GRANITE_BASE = GRANITE["params"]["api_base"]


@pytest.mark.parametrize(
    "theirs",
    [
        [("openai/gpt-4o-mini", None), ("openai/granite-8b", f"{GRANITE_BASE}/")],
        [("hosted_vllm/granite-8b", GRANITE_BASE)],
    ],
)
def test_deployments_of_others_become_a_route_of_the_same_models(gateway, theirs):
    route_of_others(gateway, *theirs)
    asked = {"models": [MINI, GRANITE], "routes": [OPS], "credentials": CREDENTIALS}
    assert gateway.bring(**asked, adopt=True)["route ops"] == "adopted"
    rows = [row for row in gateway.models.values() if row["model_name"] == "ops"]
    found = {row["litellm_params"]["order"]: row["model_info"]["member"] for row in rows}
    assert found == {1: "granite-8b", 2: MINI["name"]}
    assert {f"theirs-{number}" for number in range(len(theirs))} <= {row["model_info"]["id"] for row in rows}
    assert set(gateway.bring(**asked).values()) == {"unchanged"}


@pytest.mark.parametrize(
    "theirs",
    [
        [("openai/gpt-4o", None)],
        [("hosted_vllm/granite-8b", "https://elsewhere.example.com/v1")],
        [("hosted_vllm/granite-8b", GRANITE_BASE), ("hosted_vllm/granite-8b", GRANITE_BASE)],
    ],
)
def test_deployments_of_other_models_become_no_route(gateway, theirs):
    route_of_others(gateway, *theirs)
    asked = {"models": [MINI, GRANITE], "routes": [OPS], "credentials": CREDENTIALS}
    _run, error = gateway.run(**asked, adopt=True)
    assert "route ops exists in LiteLLM as" in error
    assert gateway.writes == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (401, {"error": {"message": "Invalid API key provided."}}),
            "LiteLLM does not take the master key. Where litemaas",
        ),
        ((503, "<html>no application</html>"), "Check that the URL leads to LiteLLM"),
        (
            TransportError(FAILURE_CONNECTION, "Name or service not known"),
            "Check the URL, and that a proxy or firewall",
        ),
        (TransportError(FAILURE_TLS, "self-signed"), "Give the CA that signed the gateway's certificate"),
    ],
)
def test_a_gateway_that_lets_nothing_in_is_an_error_that_says_what_to_do(gateway, answer, said):
    gateway.wrong["/key/list"] = lambda _document: answer
    _run, error = gateway.run(**ALL)
    assert error.startswith("Nothing was written: GET ") and f". {said}" in error
    assert error.endswith(" llamastack.maas.litemaas_diagnose finds out more.") and gateway.writes == []


def test_what_is_wrong_with_one_request_is_said_as_it_is(gateway):
    gateway.wrong["/key/list"] = lambda _document: (422, {"detail": "size is too large"})
    _run, error = gateway.run(**ALL)
    assert error.endswith("answered 422: size is too large")


# What leaves the lists


def test_nothing_is_deleted_unless_asked_for_and_then_only_ours(gateway):
    ours = set(gateway.bring(**ALL))
    gateway.teams["theirs"] = {"team_id": "theirs", "models": [], "metadata": {}, "members_with_roles": []}
    gateway.models["theirs"] = {
        "model_name": "x",
        "litellm_params": {"model": "openai/x"},
        "model_info": {"id": "theirs"},
    }
    for lists in ({"models": [GRANITE]}, {}):
        run, error = gateway.run(is_whole=True, **lists)
        assert (error, run.results()["changed"]) == (None, False)
        left = ours - {f"model {each['name']}" for each in lists.get("models", [])}
        assert {f"{each['kind']} {each['name']}" for each in run.leftovers()} == left
    found = gateway.bring(models=[GRANITE], prune=True)
    assert {action for name, action in found.items() if name != "model granite-8b"} == {"deleted"}
    assert (len(gateway.models), set(gateway.teams), gateway.users, gateway.keys) == (2, {"theirs"}, {}, {})
    # What is named goes after what names it.
    order = ["/config/update", "/fallback/ops", "/key/delete", "/user/delete", "/team/delete", *["/model/delete"] * 4]
    assert [path for path, _document in gateway.writes] == order


def test_a_team_with_keys_of_others_stays(gateway):
    gateway.bring(**ALL)
    gateway.keys["theirs"] = {
        "key_alias": "theirs",
        "team_id": "science",
        "token": "1",
        "metadata": {},
        "user_id": "ann",
    }
    _run, error = gateway.run(prune=True)
    assert "team science is used by keys that are not managed by this instance set" in error
    assert "user ann is used by keys" in error and "theirs" in error
    assert gateway.writes == []


def test_a_model_that_others_name_stays(gateway):
    gateway.bring(**ALL)
    gateway.keys["theirs"] = {"key_alias": "theirs", "token": "1", "metadata": {}, "models": [MINI["name"]]}
    _run, error = gateway.run(prune=True)
    assert f"model {MINI['name']} is named by others than this instance set: key theirs" in error


def test_the_team_of_litemaas_is_never_deleted(gateway):
    team = "a0000000-0000-4000-8000-000000000001"
    gateway.bring(teams=[{"id": team}])
    _run, error = gateway.run(prune=True)
    assert f"team {team} is the one of the backend of LiteMaaS, and is never deleted" in error
    assert team in gateway.teams


@pytest.mark.parametrize("kind", ["model", "route", "team", "user", "key", "budget"])
def test_one_object_is_deleted_by_its_name(gateway, kind):
    budgets = [{"id": "guests", "budget": 3}]
    gateway.bring(**ALL, budgets=budgets)
    name = {"model": MINI["name"], "route": "ops", "team": "science", "user": "ann", "key": "notebook"}.get(
        kind, "guests"
    )
    assert gateway.bring(absent={(kind, name)}) == {f"{kind} {name}": "deleted"}
    assert gateway.bring(absent={(kind, name)}) == {}


def test_a_route_that_loses_a_member_was_changed(gateway):
    gateway.bring(**ALL)
    shorter = {**ALL, "routes": [changed(OPS, order=["granite-8b"]), PRIVATE]}
    assert gateway.bring(**shorter)["route ops"] == "updated"
    assert [row["model_name"] for row in gateway.models.values()].count("ops") == 1


# A LiteLLM that does not do as it says


def test_an_answer_that_was_lost_makes_nothing_twice(gateway):
    for path in ("/model/new", "/team/new", "/user/new", "/key/generate"):
        gateway.lost("POST", path, times=9)
    assert set(gateway.bring(**ALL).values()) == {"created"}
    assert len(gateway.models) == 5


def test_what_never_arrived_is_sent_again(gateway):
    left = [2]

    def reset(_document):
        left[0] -= 1
        return TransportError("connection", "connection reset by peer") if left[0] >= 0 else None

    gateway.wrong["/key/generate"] = reset
    assert gateway.bring(**ALL)["key notebook"] == "created"


def test_a_refusal_is_reported_with_its_reason_and_what_was_not_tried(gateway):
    gateway.wrong["/team/new"] = lambda _document: (400, {"error": {"message": "no budget may be so odd"}})
    run, error = gateway.run(**ALL)
    assert "- team science: POST https://litellm.example.com/team/new answered 400: no budget may be so odd" in error
    found = actions(run)
    assert (found["team science"], found["key notebook"]) == ("failed", "not attempted")
    assert found["model granite-8b"] == "created"
    assert gateway.now == 0, "what is refused for good is not waited for"


def test_another_replica_that_lags_is_waited_for(gateway):
    gateway.bring(**ALL)
    old = json.dumps(gateway.models)

    def stale(_document):
        if gateway.now < 20 and any(path.startswith("/model/") for path, _body in gateway.writes):
            rows = list(json.loads(old).values())
            for row in rows:
                row["litellm_params"].pop("api_key", None)
                row["model_info"]["db_model"] = True
            return 200, {"data": rows, "total_pages": 1}
        return None

    gateway.wrong["/v2/model/info"] = stale
    assert gateway.bring(**with_model(mode="completion"))[f"model {MINI['name']}"] == "updated"
    assert gateway.now >= 20


def test_a_model_that_another_replica_made_is_found_by_its_id(gateway):
    gateway.bring(models=[GRANITE])

    def elsewhere(document):
        gateway.post_model_new(document)
        gateway.models[document["model_info"]["id"]]["elsewhere"] = True
        return 200, {}

    gateway.wrong["/model/new"] = elsewhere
    assert gateway.bring(**ALL)[f"model {MINI['name']}"] == "created"
    assert gateway.now == 0


def test_a_model_that_is_stored_and_not_served_is_taken_back(gateway):
    def not_live(document):
        gateway.post_model_new(document)
        gateway.models[document["model_info"]["id"]]["elsewhere"] = True
        return 500, {"error": {"message": "saved to the database, but not live", "type": "auth_error"}}

    gateway.wrong["/model/new"] = not_live
    _run, error = gateway.run(models=[GRANITE])
    assert "- model granite-8b: POST https://litellm.example.com/model/new answered 500: saved to the database" in error
    assert gateway.models == {}


def test_a_wrong_salt_is_found_before_models_are_written_twice(gateway):
    gateway.bring(**ALL)
    gateway.wrong_salt = True
    _run, error = gateway.run(**ALL)
    assert error.startswith("Nothing was written: LiteLLM has models in its database and can read none of them")
    assert gateway.writes == []


def test_a_litellm_that_cannot_be_asked_is_named(gateway):
    gateway.wrong["/key/list"] = lambda _document: (401, {"error": {"message": "no", "type": "auth_error"}})
    _run, error = gateway.run(**ALL)
    assert error.startswith("Nothing was written: GET https://litellm.example.com/key/list")


# Keys and their Secrets


def test_a_key_with_another_value_than_its_secret_is_replaced_and_what_was_spent_stays(gateway):
    gateway.bring(**ALL)
    gateway.keys["notebook"]["spend"] = 4.5
    new = {**ALL, "keys": [changed(NOTEBOOK, value="sk-another-value-entirely")]}
    assert gateway.bring(**new)["key notebook"] == "replaced"
    assert gateway.keys["notebook"]["spend"] == 4.5
    assert set(gateway.bring(**new).values()) == {"unchanged"}


def test_a_key_without_a_value_that_does_not_exist_is_refused(gateway):
    _run, error = gateway.run(**{**ALL, "keys": [changed(NOTEBOOK, value=None)]})
    assert "key notebook does not exist, and has neither a Secret nor a value that it could get" in error


@pytest.mark.parametrize("value", ["sk-short", "0123456789abcdefghi"])
def test_a_value_that_litellm_refuses_is_refused_without_being_shown(gateway, value):
    _run, error = gateway.run(**{**ALL, "keys": [changed(NOTEBOOK, value=value)]})
    assert "key notebook: value is no key for LiteLLM: it must begin with sk-" in error and value not in error


def test_an_expiry_that_somebody_took_away_comes_back(gateway):
    gateway.bring(**ALL)
    gateway.keys["notebook"]["expires"] = None
    assert gateway.bring(**ALL)["key notebook"] == "updated"
    assert gateway.keys["notebook"]["expires"]


def test_a_user_of_no_models_may_call_what_the_team_may(gateway):
    for none in ([], ["no-default-models"]):
        run, error = gateway.run(**{**ALL, "users": [{**ANN, "models": none}]})
        assert error is None
        assert gateway.users["ann"]["models"] == ["no-default-models"]
        budget = gateway.teams["science"]["team_memberships"][0]["litellm_budget_table"]
        assert not budget["allowed_models"]
    assert not gateway.run(**{**ALL, "users": [{**ANN, "models": []}]})[0].results()["changed"]


@pytest.mark.parametrize(("version", "is_kept"), [("1.77.7", False), ("1.80.0", True), ("1.81.0", True), (None, True)])
def test_a_release_that_does_not_limit_a_team_and_a_model_is_not_given_such_limits(gateway, version, is_kept):
    said = {"status": "connected"} if version is None else {"status": "connected", "litellm_version": version}
    gateway.wrong["/health/readiness"] = lambda _document: (200, said)
    team = {"id": "science", "models": ["granite-8b"], "model_tpm": {"granite-8b": 100}}
    _run, error = gateway.run(models=[GRANITE], teams=[team])
    assert (error is None) == is_kept
    if not is_kept:
        assert "teams[0] (science).model_tpm: LiteLLM 1.77.7 keeps no limits" in error
        assert gateway.writes == []


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("api_key", True),
        ("aws_secret_access_key", True),
        ("aws_access_key_id", True),
        ("aws_session_token", True),
        ("azure_ad_token", True),
        ("client_secret", True),
        ("vertex_credentials", True),
        ("extra_headers", True),
        ("max_tokens", False),
        ("input_cost_per_token", False),
        ("vertex_project", False),
        ("aws_region_name", False),
        ("litellm_credential_name", False),
        ("api_base", False),
    ],
)
def test_a_parameter_that_litellm_does_not_give_back_is_a_credential(gateway, name, is_secret):
    model = changed(GRANITE, params={name: "value-of-it-1234"})
    _run, error = gateway.run(models=[model], check=True)
    assert (error is not None and "is a credential" in error) == is_secret
    run, error = gateway.run(
        models=[changed(GRANITE, params=None, credential="c")], credentials={"c": {name: "v" * 20}}
    )
    assert error is None
    (row,) = gateway.models.values()
    assert row["model_info"]["secret_hash"] and row["litellm_params"][name] == "v" * 20


def test_a_team_without_an_alias_is_seen_by_its_id(gateway):
    gateway.bring(teams=[{"id": "science"}])
    assert gateway.teams["science"]["team_alias"] == "science"
    gateway.teams["science"]["team_alias"] = "renamed by hand"
    assert gateway.bring(teams=[{"id": "science"}]) == {"team science": "unchanged"}


@pytest.mark.parametrize("words", [["all-proxy-models"], ["all-proxy-models", "all-team-models"]])
def test_litellms_word_for_all_models_is_what_an_empty_list_is(gateway, words):
    lists = {
        "models": [GRANITE],
        "teams": [{"id": "all", "models": words}],
        "users": [{"id": "ann", "team": "all", "models": words}],
        "keys": [{"alias": "k", "models": words, "value": NOTEBOOK["value"]}],
    }
    narrow = {
        kind: [{**entry, "models": ["granite-8b"]} if "model" not in entry else entry for entry in entries]
        for kind, entries in lists.items()
    }
    assert set(gateway.bring(**lists).values()) == {"created"}
    assert set(gateway.bring(**lists).values()) == {"unchanged"}
    gateway.bring(**narrow)
    assert gateway.keys["k"]["models"] == gateway.users["ann"]["models"] == ["granite-8b"]
    assert gateway.bring(**lists)["key k"] == "updated"
    assert "all-proxy-models" in gateway.keys["k"]["models"] and "all-proxy-models" in gateway.users["ann"]["models"]
    assert set(gateway.bring(**lists).values()) == {"unchanged"}


def shown_of(gateway):
    present = Present()
    client = Litellm(gateway.send, "https://litellm.example.com", "sk-master-key-of-a-test")
    Reader(client, Content()).read({info.list_of(name) for name in info.SHOWN}, present)
    return {name: show(getattr(present, info.list_of(name))) for name, show in info.SHOWN.items()}


def test_what_is_there_is_shown_in_the_words_of_the_lists_and_without_a_credential(gateway):
    gateway.bring(**ALL)
    shown = shown_of(gateway)
    (key,) = shown["virtual_keys"]
    assert (key["alias"], key["team"], key["user"], key["budget"], key["set"]) == (
        "notebook",
        "science",
        None,
        5.0,
        "default",
    )
    assert {row["name"]: row["route"] for row in shown["models"]} == {
        MINI["name"]: False,
        "granite-8b": False,
        "ops": True,
        "ops-private": True,
    }
    assert shown["settings"] == {"context_window_fallbacks": [{"ops": [MINI["name"]]}]}
    assert NOTEBOOK["value"] not in json.dumps(shown) and "the-key-of-openai" not in json.dumps(shown)


def differences(gateway, **lists):
    asked, present = Content(**lists), Present()
    client = Litellm(gateway.send, "https://litellm.example.com", "sk-master-key-of-a-test")
    Reader(client, asked).read(asked.needs, present)
    return content.differences(asked, present)


# What a status knows of credentials.
UNSEEN = {**ALL, "credentials": {"openai": {"api_key": None}}}


def test_what_was_brought_is_what_the_lists_ask_for(gateway):
    gateway.bring(**ALL)
    assert differences(gateway, **UNSEEN) == {}
    assert gateway.bring(**ALL)["model openai-prod/gpt-4o-mini"] == "unchanged"


@pytest.mark.parametrize(
    ("kind", "entry", "values", "fields"),
    [
        ("team", SCIENCE, {"budget": 120, "models": ["ops"]}, ["models", "budget"]),
        ("team", SCIENCE, {"budget": None, "budget_duration": None}, ["budget", "budget_duration"]),
        ("user", ANN, {"team": None}, ["team"]),
        ("key", NOTEBOOK, {"tpm": None, "user": "ann"}, ["user", "tpm"]),
        ("key", NOTEBOOK, {"duration": "7d"}, ["duration"]),
        ("model", GRANITE, {"model": "hosted_vllm/granite-9b"}, ["litellm_params.model"]),
        ("model", GRANITE, {"params": {"api_base": "https://h.example.com/v1"}}, ["litellm_params.api_base"]),
        (
            "model",
            MINI,
            {"params": {**MINI["params"], "input_cost_per_token": "0.000002"}},
            ["litellm_params.input_cost_per_token"],
        ),
        ("model", MINI, {"max_output_tokens": None}, ["model_info.max_output_tokens"]),
        ("model", MINI, {"credential": None}, ["litellm_params.api_key"]),
        ("model", GRANITE, {"credential": "openai"}, ["litellm_params.api_key"]),
        ("route", OPS, {"order": ["granite-8b"]}, [f"order.{MINI['name']}"]),
        (
            "route",
            OPS,
            {"order": OPS["order"][::-1]},
            [f"order.{each}.litellm_params.order" for each in OPS["order"][::-1]],
        ),
        ("route", OPS, {"cooldown": 5}, [f"order.{each}.litellm_params.cooldown_time" for each in OPS["order"]]),
        ("route", OPS, {"on_context": None}, ["on_context"]),
    ],
)
def test_what_would_be_written_is_a_difference(gateway, kind, entry, values, fields):
    gateway.bring(**ALL)
    lists = {**UNSEEN, f"{kind}s": [changed(each, **values) if each is entry else each for each in ALL[f"{kind}s"]]}
    assert differences(gateway, **lists)[kind, next(iter(entry.values()))] == fields


def test_what_the_lists_do_not_name_and_what_is_missing_is_no_difference(gateway):
    gateway.bring(**ALL)
    gateway.teams["science"]["rpm_limit"] = 7
    missing = {
        "models": [*ALL["models"], {**GRANITE, "name": "another"}],
        "routes": [*ALL["routes"], {**OPS, "name": "ops-2"}],
        "users": [{"id": "bob", "team": "science"}],
        "keys": [{"alias": "another", "tpm": 1}],
    }
    assert differences(gateway, **{**UNSEEN, **missing}) == {}
