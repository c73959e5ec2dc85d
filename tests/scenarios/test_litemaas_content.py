# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Content for a real LiteLLM that somebody else has deployed, by its URL and master key; keys go into the sandbox's cluster."""

from __future__ import annotations

import base64

import pytest
import yaml
from real_litellm import gateway as equipment
from scenarios.harness import instance

OPENAI = instance(
    "openai-prod",
    "openai",
    "LITELLM_OPENAI_KEY",
    ["gpt-4o-mini", "gpt-4o"],
    access={"groups": ["data-science"], "token_limits": [{"limit": 50000, "window": "1m"}]},
)
GEMINI = {
    "name": "gemini",
    "provider": "gemini",
    "credentials_secret": {"name": "corp-gemini", "keys": {"api_key": "token"}},
    "models": ["gemini-2.5-flash"],
    "replicas": 2,
}
SECRET = {"name": "notebook-key", "namespace": "team-a"}
LISTS = {
    "litemaas_routes": [{"name": "ops", "order": ["gemini/gemini-2.5-flash", "openai-prod/gpt-4o"], "timeout": 30}],
    "litemaas_teams": [{"id": "data-science", "budget": 100, "budget_duration": "30d"}],
    "litemaas_users": [{"id": "user1", "team": "data-science", "budget": 20}],
    "litemaas_keys": [
        {
            "alias": "notebook",
            "team": "data-science",
            "user": "user1",
            "models": ["openai-prod/gpt-4o-mini"],
            "budget": 5,
        }
        | {"duration": "30d", "secret": SECRET},
        {"alias": "robot", "team": "data-science", "models": ["ops"], "secret": {**SECRET, "key": "ROBOT"}},
    ],
}


@pytest.fixture(scope="module")
def gateway():
    with equipment.gateway() as started:
        yield started


@pytest.fixture(scope="module")
def litellm(gateway):
    return gateway.litellm()


@pytest.fixture(scope="module")
def namespace(shared_sandbox, gateway):
    """One with a Secret of others, that holds the key of a provider."""
    shared_sandbox.kubectl("create", "namespace", "team-a")
    token = f"--from-literal=token={gateway.provider_keys['gemini'][0]}"
    shared_sandbox.kubectl("create", "secret", "generic", "corp-gemini", "-n", "team-a", token)
    yield "team-a"
    shared_sandbox.kubectl("delete", "namespace", "team-a", "--wait=false")


@pytest.fixture(scope="module")
def play(shared_sandbox, gateway, litellm, namespace):
    """``play(*options, instances, key, **lists)``: the playbook on this LiteLLM, with the lists of above."""

    def run(*options, instances=(OPENAI, GEMINI), key=0, **lists):
        file = shared_sandbox.scratch / "lists.yml"
        area = {"litemaas_url": litellm.url, "litemaas_token": litellm.key, "litemaas_namespace": namespace}
        file.write_text(yaml.safe_dump({**area, **LISTS, **lists}))
        keys = gateway.provider_keys
        env = {"LITELLM_OPENAI_KEY": keys["openai"][key]}
        found = shared_sandbox.play("litemaas_content", list(instances), "-e", f"@{file}", *options, env=env)
        for value in (litellm.key, *keys["openai"], *keys["gemini"], *values(shared_sandbox).values()):
            assert value not in found.output
        return found

    return run


def values(sandbox):
    """What is in the Secret of the keys."""
    found = [
        each for each in sandbox.get("secrets", "-n", "team-a")["items"] if each["metadata"]["name"] == SECRET["name"]
    ]
    return {key: base64.b64decode(value).decode() for each in found for key, value in each["data"].items()}


def stored(litellm):
    """What LiteLLM has of models, teams, users and keys, but for what changes by itself, such as spend."""
    models = litellm.call("GET", "/v2/model/info")[1]["data"]
    teams = litellm.call("GET", "/team/list")[1]
    users = litellm.call("GET", "/user/list")[1]["users"]
    keys = litellm.call("GET", "/key/list?return_full_object=true&size=100")[1]["keys"]
    owned = ("models", "max_budget", "metadata")
    return [
        *({name: model[name] for name in ("model_name", "litellm_params", "model_info")} for model in models),
        *({name: team[name] for name in ("team_id", *owned)} for team in teams),
        *({name: user[name] for name in ("user_id", "teams", *owned)} for user in users),
        *({name: key[name] for name in ("token", "key_alias", *owned)} for key in keys),
    ]


def chat(litellm, key, model):
    body = {"model": model, "max_tokens": 5, "messages": [{"role": "user", "content": "Say OK."}]}
    return litellm.call("POST", "/v1/chat/completions", body, key=key)


@pytest.mark.once
def test_check_mode_says_what_would_be_done_and_does_nothing(play, litellm, shared_sandbox):
    before = stored(litellm)
    found = play("--check")
    assert (found.code, found.recap("changed")) == (0, 1), found.output
    assert "would create: model openai-prod/gpt-4o-mini" in found.text
    assert "would create: key notebook" in found.text
    assert stored(litellm) == before
    assert values(shared_sandbox) == {}


@pytest.mark.once
def test_the_first_run_makes_all_of_it_and_keys_may_call_what_they_name(play, litellm, shared_sandbox):
    found = play()
    assert (found.code, found.recap("changed")) == (0, 1), found.output
    for line in ("created: model gemini/gemini-2.5-flash", "created: route ops", "created: team data-science"):
        assert line in found.text
    assert "llamastack_maas_instances: replicas: for MaaS only, and not used here" in found.text
    assert "team data-science may call ops too" in found.text
    assert "key notebook: Secret notebook-key in namespace team-a, field LITELLM_API_KEY" in found.text
    keys = values(shared_sandbox)
    assert set(keys) == {"LITELLM_API_KEY", "ROBOT"}
    assert chat(litellm, keys["LITELLM_API_KEY"], "openai-prod/gpt-4o-mini")[0] == 200
    assert chat(litellm, keys["ROBOT"], "ops")[0] == 200  # with the key of a Secret of others
    for key, model in (
        ("LITELLM_API_KEY", "openai-prod/gpt-4o"),
        ("LITELLM_API_KEY", "ops"),
        ("ROBOT", "gemini/gemini-2.5-flash"),
    ):
        assert chat(litellm, keys[key], model)[0] in (401, 403)


@pytest.mark.once
def test_a_second_run_changes_nothing(play, litellm, shared_sandbox):
    before = stored(litellm), values(shared_sandbox)
    found = play()
    assert (found.code, found.recap("changed")) == (0, 0), found.output
    assert "unchanged: 8 of 8" in found.text
    assert (stored(litellm), values(shared_sandbox)) == before


@pytest.mark.once
def test_bad_input_is_reported_as_a_whole_and_writes_nothing(play, litellm):
    before = stored(litellm)
    keys = [{**LISTS["litemaas_keys"][0], "models": ["openai-prod/gpt-4o-mni"], "duration": "a month"}]
    users = [{"id": "user1", "team": "data-sience"}]
    models = [{"name": "granite-8b", "inference_service": {"name": "granite-8b", "namespace": "team-a"}}]
    lists = {"litemaas_models": models, "litemaas_keys": keys, "litemaas_users": users}
    found = play(instances=[{**OPENAI, "models": None}, GEMINI], **lists)
    assert found.code != 0
    for message in (
        "llamastack_maas_instances[0].models: is missing",
        "litemaas_models[0].inference_service: there is neither an InferenceService nor an LLMInferenceService granite-8b",
        "litemaas_users[0].team: there is no team data-sience",
        "litemaas_keys[0].duration: must be a whole number and s, m, h, d, w or mo",
    ):
        assert message in found.text
    assert stored(litellm) == before


@pytest.mark.once
def test_a_provider_key_that_changed_is_the_only_thing_written(play, litellm, shared_sandbox):
    found = play(key=1)
    assert (found.code, found.recap("changed")) == (0, 1), found.output
    for line in ("updated: model openai-prod/gpt-4o-mini", "updated: model openai-prod/gpt-4o", "unchanged: 5 of 8"):
        assert line in found.text
    assert chat(litellm, values(shared_sandbox)["LITELLM_API_KEY"], "openai-prod/gpt-4o-mini")[0] == 200
    assert play(key=1).recap("changed") == 0


@pytest.mark.once
def test_what_left_the_lists_is_named_and_goes_when_that_is_asked_for(play, litellm):
    less = {"litemaas_keys": LISTS["litemaas_keys"][:1], "litemaas_routes": []}
    found = play(key=1, **less)
    assert "Not in the lists, and left as they are: route ops, key robot" in found.text
    found = play("-e", "llamastack_maas_prune=true", key=1, **less)
    assert (found.code, found.recap("changed")) == (0, 1), found.output
    assert "deleted: key robot" in found.text and "deleted: route ops" in found.text
    assert play("-e", "llamastack_maas_prune=true", key=1, **less).recap("changed") == 0
