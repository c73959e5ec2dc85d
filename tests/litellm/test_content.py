# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Content as data on a real LiteLLM: what the modules write, what LiteLLM does then, and that a second run only reads.

Each test has an instance set and names of its own, and leaves those of others alone.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest
import requests
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible_collections.llamastack.maas.plugins.modules import (
    litellm_budget,
    litellm_content,
    litellm_info,
    litellm_key,
    litellm_model,
    litellm_route,
    litellm_team,
    litellm_user,
)
from real_litellm.gateway import Gateway, LiteLLM
from real_litellm.proxy import proxied

CORP = "https://llm.corp.example/v1"
_numbers = itertools.count(1)


class Content:
    """What one test has in one LiteLLM."""

    def __init__(self, gateway: Gateway, litellm: LiteLLM, capsys: pytest.CaptureFixture[str]):
        self.gateway, self.litellm, self._capsys = gateway, litellm, capsys
        self.name = f"c{next(_numbers)}"
        self.url = litellm.url
        self.credentials = {
            "corp": {"api_key": gateway.provider_keys["compatible"][0]},
            "openai": {"api_key": gateway.provider_keys["openai"][0]},
        }

    @property
    def corp(self) -> dict:
        """A model of the provider whose chat is corp-chat."""
        params = {"api_base": CORP, "num_retries": 0}
        return {"name": f"{self.name}/corp", "model": "openai/corp-chat", "mode": "chat", "credential": "corp"} | {
            "params": params
        }

    @property
    def openai(self) -> dict:
        return {"name": f"{self.name}/mini", "model": "openai/gpt-4o-mini", "mode": "chat", "credential": "openai"}

    def module(self, module: ModuleType, *, check: bool = False, **arguments) -> dict:
        """What a module returns, that of a failure, too."""
        common = {"url": self.url, "token": self.litellm.key, "_ansible_check_mode": check, "_ansible_diff": True}
        if module is not litellm_info:
            common["set"] = self.name
        with patch_module_args({**common, **arguments}), pytest.raises(SystemExit):
            module.main()
        return json.loads(self._capsys.readouterr().out)

    def bring(self, *, credentials: dict | None = None, **lists) -> dict:
        """What the batch module returns, where it did not fail."""
        given = self.credentials if credentials is None else credentials
        result = self.module(litellm_content, credentials=given, **lists)
        assert not result.get("failed"), result["msg"]
        return result

    def value(self) -> str:
        return f"sk-{self.name}-{next(_numbers):016}"

    def key(self, models: list[str] | None = None) -> str:
        """A virtual key for these models, of the test's own making."""
        value = self.value()
        arguments = {"alias": f"{self.name}-{next(_numbers)}", "value": value}
        result = self.module(litellm_key, models=models, **arguments)
        assert not result.get("failed"), result["msg"]
        return value

    def chat(self, model: str, key: str | None = None) -> requests.Response:
        body = {"model": model, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 5}
        headers = {"Authorization": f"Bearer {key or self.litellm.key}"}
        return requests.post(f"{self.url}/v1/chat/completions", json=body, headers=headers, timeout=120)

    def deployments(self, name: str) -> list[dict]:
        _status, body = self.litellm.call("GET", "/v2/model/info?size=1000")
        return [row for row in body["data"] if row["model_name"] == name]

    def row(self, path: str, items: str | None = None, **match: str) -> dict | None:
        _status, body = self.litellm.call("GET", path)
        rows = body[items] if items else body
        return next((row for row in rows if match.items() <= row.items()), None)

    @contextmanager
    def fault(self, provider: str, fault: str) -> Iterator[None]:
        """For the time of a block, a far provider does wrong."""
        admin = self.gateway.provider_admin
        requests.post(f"{admin}/faults", json={"provider": provider, "fault": fault}, timeout=10).raise_for_status()
        try:
            yield
        finally:
            requests.delete(f"{admin}/faults", timeout=10).raise_for_status()

    def arrived(self) -> list[tuple[str, str]]:
        """Provider and name of the key of all chats since the last call."""
        admin = self.gateway.provider_admin
        found = requests.get(f"{admin}/requests", timeout=10).json()["requests"]
        requests.delete(f"{admin}/requests", timeout=10).raise_for_status()
        return [(each["provider"], each["key"]) for each in found]


@pytest.fixture(params=[("gateway", "litellm"), ("old_gateway", "old_litellm")], ids=["new", "old"])
def each(request: pytest.FixtureRequest, capsys) -> Iterator[Content]:
    """On each release."""
    yield from made(*(request.getfixturevalue(name) for name in request.param), capsys)


@pytest.fixture
def content(gateway: Gateway, litellm: LiteLLM, capsys) -> Iterator[Content]:
    """On the newest release."""
    yield from made(gateway, litellm, capsys)


def made(gateway: Gateway, litellm: LiteLLM, capsys) -> Iterator[Content]:
    content = Content(gateway, litellm, capsys)
    content.arrived()
    yield content
    content.url = litellm.url
    content.module(litellm_content, prune=True)


def actions(result: dict) -> dict[str, str]:
    return {f"{each['kind']} {each['name']}": each["action"] for each in result["objects"]}


def everything(content: Content) -> dict:
    """Lists with one object of each kind at least, and every field."""
    name = content.name
    return {
        "models": [
            {
                **content.corp,
                "max_output_tokens": 64,
                "params": {**content.corp["params"], "tpm": "1000", "input_cost_per_token": "0.000001"},
            },
            content.openai,
        ],
        "routes": [
            {
                "name": f"{name}-ops",
                "order": [content.corp["name"], content.openai["name"]],
                "on_context": [content.openai["name"]],
                "cooldown": 1,
                "timeout": 20,
            }
        ],
        "teams": [
            {
                "id": f"{name}-team",
                "alias": f"Team {name}",
                "models": [content.corp["name"], f"{name}-ops"],
                "budget": 100,
                "budget_duration": "30d",
                "tpm": 100000,
                "rpm": 1000,
                "model_tpm": {content.corp["name"]: 5000},
            }
        ],
        "users": [
            {"id": f"{name}-ann", "team": f"{name}-team", "budget": 20, "budget_duration": "7d", "tpm": 900, "rpm": 90}
        ],
        "keys": [
            {
                "alias": f"{name}-notebook",
                "team": f"{name}-team",
                "user": f"{name}-ann",
                "models": [content.corp["name"]],
                "budget": 5,
                "budget_duration": "1d",
                "tpm": 20000,
                "rpm": 100,
                "duration": "30d",
            }
        ],
    }


def with_values(content: Content, lists: dict) -> dict:
    """The lists for the single modules, which take a value of a key where there is no cluster."""
    return {**lists, "keys": [{**key, "value": content.value()} for key in lists["keys"]]}


SINGLE = {
    "models": litellm_model,
    "routes": litellm_route,
    "teams": litellm_team,
    "users": litellm_user,
    "keys": litellm_key,
}


def single(content: Content, lists: dict, **how) -> list[dict]:
    """The same lists, brought by the single modules."""
    results = []
    for name, module in SINGLE.items():
        for entry in lists[name]:
            arguments = {key: value for key, value in entry.items() if key != "credential"}
            if name == "models":
                arguments["credentials"] = content.credentials[entry["credential"]]
            if name == "routes":
                arguments |= {"models": lists["models"], "credentials": content.credentials}
            results.append(content.module(module, **arguments, **how))
    return results


def test_everything_is_there_after_one_run_and_the_second_only_reads(each):
    lists = everything(each)
    keys = with_values(each, lists)["keys"]
    lists["keys"] = []
    planned = each.module(litellm_content, check=True, credentials=each.credentials, **lists)
    assert planned["changed"] and set(actions(planned).values()) == {"created"}
    assert each.deployments(each.corp["name"]) == []
    result = each.bring(**lists)
    assert actions(result) == actions(planned)
    (key,) = keys
    assert actions(each.module(litellm_key, **key)) == {f"key {key['alias']}": "created"}

    with proxied(each.litellm.url) as proxy:
        each.url = proxy.url
        second = each.bring(**{**lists, "keys": [{name: key[name] for name in key if name != "value"}]})
    assert (second["changed"], set(actions(second).values()), second["diff"]) == (False, {"unchanged"}, [])
    assert proxy.writes == [] and len(proxy.reads) <= 12
    # It shows no value, neither of the key nor of the provider's.
    text = json.dumps([planned, result, second])
    for value in (key["value"], *each.gateway.provider_keys["compatible"], *each.gateway.provider_keys["openai"]):
        assert value not in text
    each.url = each.litellm.url
    answer = each.chat(each.corp["name"], key["value"])
    assert answer.status_code == 200, answer.text
    assert each.chat(each.openai["name"], key["value"]).json()["error"]["type"].endswith("model_access_denied")


def test_the_single_modules_do_the_same(content):
    lists = with_values(content, everything(content))
    assert {actions(result).popitem()[1] for result in single(content, lists, check=True) if "objects" in result} >= {
        "created"
    }
    results = single(content, lists)
    assert [result.get("msg") for result in results if result.get("failed")] == []
    assert all(result["changed"] for result in results)
    assert not any(result["changed"] for result in single(content, lists))
    keys = [{name: value for name, value in key.items() if name != "value"} for key in lists["keys"]]
    assert not content.bring(**{**lists, "keys": keys})["changed"]


def test_what_is_asked_for_no_more_is_taken_away(content):
    lists = with_values(content, everything(content))
    single(content, lists)
    name = content.name
    less = {
        "models": [{**content.corp}, content.openai],
        "routes": [{"name": f"{name}-ops", "order": [content.corp["name"]]}],
        "teams": [{"id": f"{name}-team", "models": lists["teams"][0]["models"]}],
        "users": [{"id": f"{name}-ann", "team": f"{name}-team"}],
        "keys": [{"alias": f"{name}-notebook", "team": f"{name}-team"}],
    }
    found = actions(content.bring(**less))
    assert found[f"model {content.corp['name']}"] == "replaced"
    assert found[f"model {content.openai['name']}"] == "unchanged"
    (model,) = content.deployments(content.corp["name"])
    assert "tpm" not in model["litellm_params"] or model["litellm_params"]["tpm"] is None
    assert len(content.deployments(f"{name}-ops")) == 1
    team = content.row("/team/list", team_id=f"{name}-team")
    assert (team["max_budget"], team["budget_duration"], team["tpm_limit"], team["rpm_limit"]) == (None,) * 4
    assert "model_tpm_limit" not in team["metadata"]
    (member,) = [each for each in team["team_memberships"] if each["user_id"] == f"{name}-ann"]
    assert member["litellm_budget_table"] is None
    user = content.row("/user/list?page_size=100", "users", user_id=f"{name}-ann")
    assert (user["max_budget"], user["budget_duration"], user["tpm_limit"]) == (None,) * 3
    key = content.row("/key/list?return_full_object=true&size=100", "keys", key_alias=f"{name}-notebook")
    assert (key["max_budget"], key["tpm_limit"], key["expires"], key["user_id"], key["models"]) == (
        None,
        None,
        None,
        None,
        [],
    )
    assert not content.bring(**less)["changed"]


def test_the_old_release_keeps_the_limit_of_a_user_and_the_module_says_so(old_gateway, old_litellm, capsys):
    for content in made(old_gateway, old_litellm, capsys):
        name = f"{content.name}-bob"
        content.module(litellm_user, id=name, budget=20)
        for _time in range(2):
            result = content.module(litellm_user, id=name, settle_timeout=2)
            assert (
                f"user {name}: LiteLLM answered that it was done, and it is not: budget is 20.0, not none"
                in result["msg"]
            )
        assert not content.module(litellm_user, id=name, budget=30).get("failed")


def test_a_public_name_is_there_at_every_moment_of_a_replacement(content):
    model = {**content.corp, "params": {**content.corp["params"], "tpm": 1000}}
    content.bring(models=[model])
    (before,) = content.deployments(model["name"])
    missing, stop = [], threading.Event()

    def watch() -> None:
        session = requests.Session()
        headers = {"Authorization": f"Bearer {content.litellm.key}"}
        while not stop.is_set():
            body = session.get(f"{content.litellm.url}/v1/models", headers=headers, timeout=60).json()
            missing.append(model["name"] not in {each["id"] for each in body["data"]})

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        assert actions(content.bring(models=[content.corp]))[f"model {model['name']}"] == "replaced"
    finally:
        stop.set()
        watcher.join()
    (after,) = content.deployments(model["name"])
    assert before["model_info"]["id"] != after["model_info"]["id"]
    assert len(missing) > 1 and not any(missing)


def test_a_changed_key_of_a_provider_reaches_it_and_the_same_one_is_not_written(content):
    content.bring(models=[content.corp])
    (before,) = content.deployments(content.corp["name"])
    assert content.chat(content.corp["name"]).status_code == 200
    new = {"corp": {"api_key": content.gateway.provider_keys["compatible"][1]}}
    result = content.bring(models=[content.corp], credentials=new)
    assert (result["counts"], result["objects"][0]["fields"]) == (
        {"models": {"updated": 1}},
        ["litellm_params.api_key"],
    )
    assert content.chat(content.corp["name"]).status_code == 200
    assert content.arrived() == [("compatible", "compatible"), ("compatible", "compatible_2")]
    (after,) = content.deployments(content.corp["name"])
    assert before["model_info"]["id"] == after["model_info"]["id"]
    assert not content.bring(models=[content.corp], credentials=new)["changed"]


def test_a_model_that_litellm_cannot_serve_is_an_error_and_leaves_nothing(each):
    model = {"name": f"{each.name}/odd", "model": "no-such-provider/x"}
    result = each.module(litellm_content, models=[model], settle_timeout=3)
    assert f"model {model['name']}: " in result["msg"] and actions(result) == {f"model {model['name']}": "failed"}
    assert each.deployments(model["name"]) == []
    count = each.gateway.postgres.sql(
        f"SELECT count(*) FROM \"LiteLLM_ProxyModelTable\" WHERE model_name = '{model['name']}'",
        each.litellm.database_url.rpartition("/")[2],
    )
    assert count == "0"


# Routes


def route(content: Content, *members: str, **more) -> dict:
    return {"name": f"{content.name}-route", "order": list(members), **more}


@pytest.mark.parametrize("fault", ["unreachable", "refuse", "500", "401", "429"])
def test_the_second_model_of_a_route_answers_where_the_first_one_fails(content, fault):
    ops = route(content, content.corp["name"], content.openai["name"], cooldown=1, timeout=20)
    content.bring(models=[content.corp, content.openai], routes=[ops])
    key = content.key([ops["name"]])
    (first,) = [each for each in content.deployments(ops["name"]) if each["litellm_params"]["order"] == 1]
    answer = content.chat(ops["name"], key)
    assert (answer.status_code, answer.headers["x-litellm-model-id"]) == (200, first["model_info"]["id"])
    content.arrived()
    with content.fault("compatible", fault):
        answer = content.chat(ops["name"], key)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-litellm-model-id"] != first["model_info"]["id"]
    assert content.arrived()[-1] == ("openai", "openai")


def test_a_route_of_one_model_never_leaves_it(content):
    private = {"name": f"{content.name}-private", "order": [content.corp["name"]]}
    ops = route(content, content.corp["name"], content.openai["name"])
    content.bring(models=[content.corp, content.openai], routes=[ops, private])
    key = content.key([private["name"]])
    assert content.chat(private["name"], key).status_code == 200
    for fault in ("refuse", "500", "401", "429"):
        with content.fault("compatible", fault):
            assert content.chat(private["name"], key).status_code >= 400
    assert {provider for provider, _key in content.arrived()} == {"compatible"}


@contextmanager
def small_context() -> Iterator[str]:
    """A server of one model whose context is always too small."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            error = {"message": "This model's maximum context length is 1 tokens.", "code": "context_length_exceeded"}
            content = json.dumps({"error": {**error, "type": "invalid_request_error", "param": "messages"}}).encode()
            self.send_response(400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def test_a_context_that_is_too_long_goes_where_the_route_says_and_nowhere_else(content):
    with small_context() as url:
        small = {**content.corp, "name": f"{content.name}/small", "params": {"api_base": url, "num_retries": 0}}
        with_one = route(content, small["name"], on_context=[content.openai["name"]])
        without = {"name": f"{content.name}-without", "order": [small["name"]]}
        content.bring(models=[small, content.openai], routes=[with_one, without])
        key = content.key([with_one["name"], without["name"], content.openai["name"]])
        assert content.chat(with_one["name"], key).status_code == 200
        assert content.arrived() == [("openai", "openai")]
        # Who may not call the other model is not taken there.
        assert content.chat(with_one["name"], content.key([with_one["name"]])).status_code == 400
        assert content.arrived() == []
        assert content.chat(without["name"], key).status_code == 400
        assert content.arrived() == []
        content.bring(models=[small, content.openai], routes=[route(content, small["name"]), without])
        assert content.chat(with_one["name"], key).status_code == 400


# Whose it is


def test_content_that_plain_http_made_is_refused_and_adopted_on_request(each):
    name, call = each.name, each.litellm.call
    value = each.value()
    params = {"model": "openai/corp-chat", "api_base": CORP, "api_key": each.gateway.provider_keys["compatible"][0]}
    for path, body in (
        ("/model/new", {"model_name": each.corp["name"], "litellm_params": params}),
        ("/team/new", {"team_id": f"{name}-team", "metadata": {"note": "theirs"}}),
        ("/user/new", {"user_id": f"{name}-ann", "auto_create_key": False}),
        ("/key/generate", {"key_alias": f"{name}-key", "team_id": f"{name}-team", "key": value}),
    ):
        status, answer = call("POST", path, body)
        assert status == 200, answer
    lists = {
        "models": [each.corp],
        "teams": [{"id": f"{name}-team", "models": [each.corp["name"]], "budget": 3}],
        "users": [{"id": f"{name}-ann"}],
        "keys": [{"alias": f"{name}-key", "team": f"{name}-team", "tpm": 77}],
    }
    refused = each.module(litellm_content, credentials=each.credentials, **lists)
    assert refused["msg"].count("exists in LiteLLM and is not managed by this collection") == 4
    (model,) = each.deployments(each.corp["name"])
    found = actions(each.bring(**lists, adopt=True))
    assert set(found.values()) == {"adopted"}
    assert not each.bring(**lists)["changed"]
    assert [row["model_info"]["id"] for row in each.deployments(each.corp["name"])] == [model["model_info"]["id"]]
    assert each.row("/team/list", team_id=f"{name}-team")["metadata"]["note"] == "theirs"
    assert each.chat(each.corp["name"], value).status_code == 200


def test_pruning_takes_what_left_the_lists_and_stops_at_the_keys_of_others(each):
    lists = everything(each) | {"keys": []}
    each.bring(**lists)
    other = f"{each.name}-theirs"
    status, answer = each.litellm.call("POST", "/key/generate", {"key_alias": other, "team_id": f"{each.name}-team"})
    assert status == 200, answer
    less = {"models": lists["models"][:1]}
    result = each.bring(**less)
    left = [{"kind": "model", "name": each.openai["name"]}, {"kind": "team", "name": f"{each.name}-team"}]
    assert not result["changed"] and all(found in result["leftovers"] for found in left)
    refused = each.module(litellm_content, credentials=each.credentials, prune=True, **less)
    assert f"team {each.name}-team is used by keys that are not managed by this instance set" in refused["msg"]
    assert other in refused["msg"] and len(each.deployments(f"{each.name}-ops")) == 2
    each.litellm.call("POST", "/key/delete", {"key_aliases": [other]})
    found = actions(each.bring(**less, prune=True))
    assert set(found.values()) == {"deleted", "unchanged"}
    assert each.deployments(f"{each.name}-ops") == each.deployments(each.openai["name"]) == []
    assert each.row("/team/list", team_id=f"{each.name}-team") is None
    settings = each.module(litellm_info, gather=["settings"])["settings"]
    assert f"{each.name}-ops" not in json.dumps(settings)
    assert not each.bring(**less, prune=True)["changed"]


def test_a_key_with_a_new_value_keeps_what_was_spent(content):
    content.bring(models=[content.corp])
    alias, old, new = f"{content.name}-k", content.value(), content.value()
    content.module(litellm_key, alias=alias, value=old, budget=5)
    content.gateway.postgres.sql(
        f"UPDATE \"LiteLLM_VerificationToken\" SET spend = 2.5 WHERE key_alias = '{alias}'",
        content.litellm.database_url.rpartition("/")[2],
    )
    result = content.module(litellm_key, alias=alias, value=new, budget=5)
    assert actions(result) == {f"key {alias}": "replaced"}
    assert new not in json.dumps(result) and old not in json.dumps(result)
    row = content.row("/key/list?return_full_object=true&size=100", "keys", key_alias=alias)
    assert row["spend"] == 2.5
    assert content.chat(content.corp["name"], new).status_code == 200
    assert content.chat(content.corp["name"], old).status_code == 401


def test_a_team_that_may_call_nothing_calls_nothing(each):
    each.bring(models=[each.corp], teams=[{"id": f"{each.name}-none", "models": []}])
    value = each.value()
    each.module(litellm_key, alias=f"{each.name}-k", team=f"{each.name}-none", value=value)
    answer = each.chat(each.corp["name"], value)
    assert answer.json()["error"]["type"] == "team_model_access_denied", answer.text


def test_a_shared_budget_comes_changes_and_goes(each):
    name = f"{each.name}-guests"
    assert each.module(litellm_budget, id=name, budget=3, budget_duration="7d")["changed"]
    assert not each.module(litellm_budget, id=name, budget=3, budget_duration="7d")["changed"]
    assert each.module(litellm_budget, id=name, budget=4)["objects"][0]["fields"] == ["budget", "budget_duration"]
    assert each.row("/budget/list", budget_id=name)["budget_duration"] is None
    assert each.module(litellm_budget, id=name, state="absent")["changed"]
    assert not each.module(litellm_budget, id=name, state="absent")["changed"]


def test_a_shared_budget_that_a_key_names_stays(content):
    name = f"{content.name}-guests"
    content.module(litellm_budget, id=name, budget=3)
    content.litellm.call("POST", "/key/generate", {"key_alias": name, "budget_id": name})
    refused = content.module(litellm_budget, id=name, state="absent")
    assert f"budget {name} is used by keys" in refused["msg"]
    content.litellm.call("POST", "/key/delete", {"key_aliases": [name]})
    assert content.module(litellm_budget, id=name, state="absent")["changed"]


def test_a_playbook_takes_url_and_token_from_the_group_and_shows_what_it_would_do(content, tmp_path):
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {
            "group/llamastack.maas.litellm": {
                "url": content.url,
                "token": "{{ lookup('ansible.builtin.env', 'MASTER') }}",
            }
        },
        "tasks": [
            {
                "llamastack.maas.litellm_content": {
                    "set": content.name,
                    "models": [{"name": "x/y", "model": "openai/y"}],
                }
            },
            {"llamastack.maas.litellm_info": {"gather": ["models"]}, "register": "found"},
            {
                "ansible.builtin.debug": {
                    "msg": "{{ found.models | selectattr('name', 'equalto', 'x/y') | length }} there"
                }
            },
        ],
    }
    file = tmp_path / "play.yml"
    file.write_text(yaml.safe_dump([play]))
    shown = []
    for option in (["--check", "--diff"], [], []):
        command = [
            str(Path(sys.executable).with_name("ansible-playbook")),
            "-i",
            "localhost,",
            "-c",
            "local",
            *option,
            str(file),
        ]
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        environment["MASTER"] = content.litellm.key
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert content.litellm.key not in done.stdout + done.stderr
        shown.append(done.stdout)
    assert "+model: openai/y" in shown[0] and "0 there" in shown[0] and "changed=1" in shown[0]
    assert "1 there" in shown[1] and "changed=1" in shown[1]
    assert "1 there" in shown[2] and "changed=0" in shown[2]
