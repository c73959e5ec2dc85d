# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real LiteLLM of the tests: each release serves a model of a far provider through its own database."""

from __future__ import annotations

import json

import pytest
import requests
from real_litellm.gateway import Gateway, LiteLLM

PUBLIC = "equipment/corp-chat"
EACH_RELEASE = pytest.mark.parametrize(
    "names", [("gateway", "litellm"), ("old_gateway", "old_litellm")], ids="new old".split()
)


@pytest.fixture
def served(request: pytest.FixtureRequest, names: tuple[str, str]) -> tuple[Gateway, LiteLLM]:
    gateway, litellm = (request.getfixturevalue(name) for name in names)
    return gateway, litellm


def chat(litellm: LiteLLM, key: str) -> tuple[int, dict]:
    body = {"model": PUBLIC, "messages": [{"role": "user", "content": "say hi"}], "max_tokens": 20}
    return litellm.call("POST", "/v1/chat/completions", body, key)


@EACH_RELEASE
def test_a_model_of_the_database_is_served_by_the_far_provider(served):
    gateway, litellm = served
    params = {
        "model": "openai/corp-chat",
        "api_base": "https://llm.corp.example/v1",
        "api_key": gateway.provider_keys["compatible"][0],
    }
    status, made = litellm.call("POST", "/model/new", {"model_name": PUBLIC, "litellm_params": params})
    assert status == 200, made
    requests.delete(f"{gateway.provider_admin}/requests", timeout=10).raise_for_status()

    status, key = litellm.call("POST", "/key/generate", {"key_alias": "equipment", "models": [PUBLIC]})
    assert status == 200, key
    status, answer = chat(litellm, key["key"])
    assert (status, answer["choices"][0]["message"]["content"]) == (
        200,
        "compatible answers with corp-chat, called with key compatible: say hi",
    )
    arrived = requests.get(f"{gateway.provider_admin}/requests", timeout=10).json()["requests"]
    assert [(each["provider"], each["key"], each["status"]) for each in arrived] == [("compatible", "compatible", 200)]
    # What the database holds is what another process on it would serve.
    rows = gateway.postgres.sql(
        'SELECT model_name FROM "LiteLLM_ProxyModelTable"', litellm.database_url.rpartition("/")[2]
    )
    assert PUBLIC in rows.splitlines()


@EACH_RELEASE
@pytest.mark.parametrize(
    ("provider", "model", "name"),
    [
        ("openai", "openai/gpt-4o-mini", "gpt-4o-mini"),
        ("gemini", "gemini/gemini-2.5-flash", "models/gemini-2.5-flash"),
        ("anthropic", "anthropic/claude-sonnet-4-6", "claude-sonnet-4-6"),
    ],
)
def test_each_provider_is_called_in_its_own_protocol(served, provider, model, name):
    gateway, litellm = served
    public = f"equipment/{provider}"
    params = {"model": model, "api_key": gateway.provider_keys[provider][0]}
    status, made = litellm.call("POST", "/model/new", {"model_name": public, "litellm_params": params})
    assert status == 200, made
    body = {"model": public, "messages": [{"role": "user", "content": "say hi"}], "max_tokens": 20}
    status, answer = litellm.call("POST", "/v1/chat/completions", body)
    assert status == 200, answer
    said = f"{provider} answers with {name}, called with key {provider}: say hi"
    assert answer["choices"][0]["message"]["content"] == said
    status, stream = litellm.call("POST", "/v1/chat/completions", {**body, "stream": True})
    chunks = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: {")]
    assert status == 200 and "".join(each["choices"][0]["delta"].get("content") or "" for each in chunks) == said


@EACH_RELEASE
def test_a_key_that_was_never_made_is_refused(served):
    _gateway, litellm = served
    status, body = chat(litellm, "sk-0000000000000000000000")
    assert (status, body["error"]["code"]) == (401, "401")


@EACH_RELEASE
def test_a_new_database_has_the_tables_and_nothing_in_them(served):
    gateway, litellm = served
    name = gateway.new_database().rpartition("/")[2]
    assert gateway.postgres.sql('SELECT count(*) FROM "LiteLLM_ProxyModelTable"', name) == "0"
    assert name != litellm.database_url.rpartition("/")[2]


@EACH_RELEASE
def test_the_server_of_the_database_asks_for_the_password(served):
    gateway, _litellm = served
    with pytest.raises(SystemExit, match="password authentication failed"):
        gateway.postgres.sql("SELECT 1", login=("litellm", "another"))
