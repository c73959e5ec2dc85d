# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""litemaas_validate, litemaas_status and litemaas_diagnose on a real LiteLLM, known by its URL and key only.

Its content is that of the list, brought by litemaas_content: a model that answers, one whose server is away, a route that
gets to the second of them, and one that has no second.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import yaml
from real_litellm.gateway import Gateway, LiteLLM

from ansible_collections.llamastack.maas.plugins.module_utils.http.transport import sender
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import access
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.proof_keys import PREFIX, Maker, ProofKeys

Run = Callable[..., subprocess.CompletedProcess[str]]

# Where nobody listens.
AWAY = "http://127.0.0.1:9/v1"
TEAM = "looks-science"


@pytest.fixture(scope="module", name="run")
def fixture_run(gateway: Gateway, litellm: LiteLLM, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a playbook with a list, on the shared LiteLLM, that names nothing of other tests."""
    folder = tmp_path_factory.mktemp("looks")
    lists = {
        "llamastack_maas_set": "looks",
        "llamastack_maas_instances": [
            {
                "name": "looks",
                "provider": "openai",
                "api_key_env": "LOOKS_KEY",
                "models": ["gpt-4o-mini"],
                "access": {"groups": [TEAM]},
            }
        ],
        "litemaas_models": [{"name": "looks-away", "url": AWAY, "model": "away"}],
        "litemaas_routes": [
            {"name": "looks-ops", "order": ["looks-away", "looks/gpt-4o-mini"], "cooldown": 1},
            {"name": "looks-private", "order": ["looks-away"], "cooldown": 1},
        ],
        "litemaas_teams": [{"id": TEAM, "budget": 100, "budget_duration": "30d"}],
        "litemaas_url": litellm.url,
        "litemaas_token": litellm.key,
    }
    (folder / "lists.yml").touch(mode=0o600)
    (folder / "lists.yml").write_text(yaml.safe_dump(lists))

    def run(playbook: str, *options: str, **changed: Any) -> subprocess.CompletedProcess[str]:
        command = [Path(sys.executable).with_name("ansible-playbook"), f"llamastack.maas.{playbook}"]
        command += ["-e", f"@{folder / 'lists.yml'}", *options]
        for name, value in changed.items():
            command += ["-e", json.dumps({name: value})]
        environment = {**os.environ, "LOOKS_KEY": gateway.provider_keys["openai"][0], "ANSIBLE_NOCOLOR": "1"}
        for name in ("KUBECONFIG", "K8S_AUTH_KUBECONFIG"):
            environment.pop(name, None)
        return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)

    brought = run("litemaas_content")
    assert brought.returncode == 0, brought.stdout + brought.stderr
    return run


def leftovers(litellm: LiteLLM) -> list[str]:
    status, answer = litellm.call("GET", "/key/list?return_full_object=true&size=100")
    assert status == 200
    return [row["key_alias"] for row in answer["keys"] if str(row["key_alias"]).startswith(PREFIX)]


def secrets_in(text: str, gateway: Gateway, litellm: LiteLLM) -> list[str]:
    known = [litellm.key, *(key for keys in gateway.provider_keys.values() for key in keys)]
    return [each for each in known if each in text] + re.findall(r"sk-[A-Za-z0-9_-]{20,}", text)


def test_what_does_not_answer_fails_and_everything_else_passes(
    run: Run, litellm: LiteLLM, gateway: Gateway, tmp_path: Path
) -> None:
    done = run("litemaas_validate", "-vvv", llamastack_maas_report_dir=str(tmp_path))
    results = json.loads((tmp_path / "validation.json").read_text())["checks"]
    states = {(each["target"], each["check"]): each["state"] for each in results}
    failed = {key for key, state in states.items() if state == "failed"}
    assert failed == {("model looks-away", "chat"), ("route looks-private", "chat")}, done.stdout
    assert done.returncode != 0 and "Failed: model looks-away/chat, route looks-private/chat" in done.stdout
    skipped = {each["target"]: each["detail"] for each in results if each["state"] == "skipped"}
    assert "litemaas_url names a gateway" in skipped.pop("programs")
    assert set(skipped) == {"model looks-away", "route looks-private"}
    # The second model of a route takes over; who has answered is in the report.
    ops = next(each for each in results if (each["target"], each["check"]) == ("route looks-ops", "chat"))
    assert ops["detail"] == "answered by looks/gpt-4o-mini" and ops["measures"]["total_time"] > 0
    assert leftovers(litellm) == []
    assert secrets_in(done.stdout + done.stderr, gateway, litellm) == []


def test_a_route_with_one_model_never_leaves_it(run: Run, litellm: LiteLLM, gateway: Gateway) -> None:
    def arrived() -> int:
        answer = requests.get(f"{gateway.provider_admin}/requests", timeout=10).json()
        return json.dumps(answer).count("/v1/chat/completions")

    body = {"messages": [{"role": "user", "content": "stays inside"}], "max_tokens": 5}
    before = arrived()
    status, answer = litellm.call("POST", "/v1/chat/completions", {**body, "model": "looks-private"})
    assert status >= 500, answer
    assert arrived() == before
    # The same way to look sees it where a route has a second model.
    status, answer = litellm.call("POST", "/v1/chat/completions", {**body, "model": "looks-ops"})
    assert status == 200, answer
    assert arrived() == before + 1


def test_a_status_shows_spend_budget_and_what_is_where(run: Run, litellm: LiteLLM, gateway: Gateway) -> None:
    alias = f"looks-{uuid.uuid4().hex[:8]}"
    key = {"key_alias": alias, "team_id": TEAM, "max_budget": 5, "duration": "1d", "spend": 0.25}
    assert litellm.call("POST", "/key/generate", key)[0] == 200
    done = run("litemaas_status", "-vvv")
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    (row,) = [line.split() for line in lines if line.startswith(alias)]
    assert row[:4] == [alias, "ready", "0.2500", "5"] and "not managed by this collection" in " ".join(row)
    (team,) = [line.split() for line in lines if line.startswith(TEAM)]
    assert team[2:6] == ["100", "per", "30d", "agree"]
    assert any(line.split() == ["Callers'", "URL", f"{litellm.url}/v1"] for line in lines)
    assert secrets_in(done.stdout + done.stderr, gateway, litellm) == []


def test_the_first_broken_link_is_named(run: Run, litellm: LiteLLM, gateway: Gateway) -> None:
    user, alias = f"looks-{uuid.uuid4().hex[:8]}", f"looks-{uuid.uuid4().hex[:8]}"
    person = {"user_id": user, "models": ["no-default-models"], "auto_create_key": False}
    assert litellm.call("POST", "/user/new", person)[0] == 200
    key = {"key_alias": alias, "user_id": user, "models": ["looks/gpt-4o-mini"], "duration": "1d"}
    assert litellm.call("POST", "/key/generate", key)[0] == 200
    done = run("litemaas_diagnose", "-vvv")
    assert done.returncode == 0, done.stdout
    text = " ".join(done.stdout.split())
    assert re.search(r"model looks-away +broken +at call", text)
    assert re.search(r"model looks/gpt-4o-mini +healthy", text) and re.search(r"gateway +healthy", text)
    assert re.search(rf"key {alias}, not in the list +broken +at models", text)
    assert "through a team only, whatever the key says: looks/gpt-4o-mini" in text
    assert leftovers(litellm) == []
    assert secrets_in(done.stdout + done.stderr, gateway, litellm) == []


def test_what_a_killed_run_has_left_is_deleted_by_the_next(run: Run, litellm: LiteLLM) -> None:
    admin = Litellm(sender(ca_file=None, validate_certs=True), litellm.url, litellm.key)
    host = os.uname().nodename
    ProofKeys(admin, Maker(host, 2**22 + 1)).make("calls", ["looks/gpt-4o-mini"], 1.0)
    other = ProofKeys(admin, Maker("another host", 1))
    kept = other.make("calls", ["looks/gpt-4o-mini"], 1.0)
    assert len(leftovers(litellm)) == 2
    done = run("litemaas_diagnose", llamastack_maas_proof="call")
    assert done.returncode == 0, done.stdout
    assert leftovers(litellm) == [kept.alias]
    assert other.delete() == []


LISTS = (["one"], ["no-default-models", "one"], ["all-proxy-models"], ["no-default-models"])
OF_KEYS = ([], ["one"], ["all-team-models"], ["openai/gpt-4o-mini"], ["o*"], ["no-default-models"])
#: Of a key, its team and its user: each alone and two together; with a team, the user's list does not count.
MIXTURES = [
    *((own, None, None) for own in OF_KEYS),
    *((own, team, None) for own in OF_KEYS[:3] for team in LISTS),
    *((own, None, user) for own in OF_KEYS[:3] for user in LISTS),
    *((own, ["one"], ["no-default-models"]) for own in OF_KEYS[:3]),
]


@pytest.mark.parametrize("which", ["litellm", "old_litellm"])
def test_which_list_refuses_is_known_for_every_mixture(
    which: str, gateway: Gateway, request: pytest.FixtureRequest
) -> None:
    """What ``access`` says is compared with what each release does."""
    litellm: LiteLLM = request.getfixturevalue(which)
    at = uuid.uuid4().hex[:8]
    names = {name: f"{name}{at}" for name in ("one", "two")}
    for name in names.values():
        params = {"model": "openai/gpt-4o-mini", "api_key": "none", "mock_response": "ready"}
        assert litellm.call("POST", "/model/new", {"model_name": name, "litellm_params": params})[0] == 200
    known = {name: access.Known(name, ["openai/gpt-4o-mini"]) for name in names.values()}

    def called(models: list[str] | None) -> list[str] | None:
        return None if models is None else [names.get(each, each) for each in models]

    wrong = []
    for number, (own, team, user) in enumerate(MIXTURES):
        of = SimpleNamespace(key=called(own), team=called(team), user=called(user))
        team_id, user_id = f"team-{at}-{number}", f"user-{at}-{number}"
        row = {"key_alias": f"key-{at}-{number}", "models": of.key, "team_id": None, "user_id": None}
        if of.team is not None:
            row["team_id"] = team_id
            assert litellm.call("POST", "/team/new", {"team_id": team_id, "models": of.team})[0] == 200
        if of.user is not None:
            row["user_id"] = user_id
            person = {"user_id": user_id, "models": of.user, "auto_create_key": False}
            assert litellm.call("POST", "/user/new", person)[0] == 200
        status, key = litellm.call("POST", "/key/generate", {**row, "duration": "10m"})
        assert status == 200, key
        lists = access.Lists(
            row,
            None if of.team is None else {"models": of.team},
            None if of.user is None else {"models": of.user},
        )
        for name in names.values():
            body = {"model": name, "messages": [{"role": "user", "content": "x"}], "max_tokens": 4}
            status, answer = litellm.call("POST", "/v1/chat/completions", body, key["key"])
            if (status == 200) != (access.refusal(known[name], lists) is None):
                wrong.append((of, name, status, answer))
    assert wrong == []
