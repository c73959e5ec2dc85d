# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Content that was made by plain HTTP is exported, our input accepts it, and bringing it back changes nothing of meaning."""

from __future__ import annotations

import time
from typing import Any

import pytest
from real_litellm.gateway import Gateway, LiteLLM

from ansible_collections.llamastack.maas.plugins.module_utils.http.transport import sender
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import export
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.content import Content
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.key_secrets import KeySecrets
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.writing import ContentRun
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import litemaas, registry

NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
PROVIDERS = registry.load(None)[0]


def post(litellm: LiteLLM, path: str, body: dict[str, Any]) -> Any:
    status, answer = litellm.call("POST", path, body)
    assert status == 200, answer
    return answer


def made(litellm: LiteLLM, keys: dict[str, list[str]], at: str) -> str:
    """Content as somebody makes it who has never heard of this collection; returns the value of a key. ``at``: in all names."""
    own = {}
    for provider in ("openai", "gemini", "anthropic"):
        own[provider] = {"litellm_credential_name": f"{at}-{provider}"}
        values = {"credential_values": {"api_key": keys[provider][0]}, "credential_info": {}}
        post(litellm, "/credentials", {"credential_name": f"{at}-{provider}", **values})
    models: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        (f"{at}openai/gpt-4o-mini", {"model": "openai/gpt-4o-mini", **own["openai"]}, {}),
        (f"{at}openai/gpt-4o", {"model": "openai/gpt-4o", **own["openai"]}, {}),
        (f"{at}-plain", {"model": "openai/gpt-4o", **own["openai"]}, {}),
        (f"{at}-claude", {"model": "anthropic/claude-sonnet-4-6", **own["anthropic"]}, {}),
        (
            f"{at}-llama",
            {"model": "openai/llama-32-3b", "api_base": "https://vllm.example.com/v1", "api_key": "EMPTY"},
            {"max_output_tokens": 500},
        ),
        (f"{at}-ops", {"model": "openai/gpt-4o", **own["openai"], "order": 1}, {}),
        (f"{at}-ops", {"model": "gemini/gemini-2.5-flash", **own["gemini"], "order": 2}, {}),
        (f"{at}-azure", {"model": "azure/dep", "api_base": "https://x.openai.azure.com", "api_key": "k" * 20}, {}),
    ]
    for name, params, info in models:
        post(litellm, "/model/new", {"model_name": name, "litellm_params": params, "model_info": info})
    allowed = [f"{at}openai/gpt-4o-mini", f"{at}openai/gpt-4o", f"{at}-plain", f"{at}-claude", f"{at}-ops"]
    limits = {name: 50000 for name in allowed[:2]}
    team = {"team_id": f"{at}-science", "models": allowed, "max_budget": 100, "budget_duration": "30d"}
    post(litellm, "/team/new", {**team, "model_tpm_limit": limits})
    user = {"user_id": f"{at}-user", "teams": [f"{at}-science"], "max_budget": 20, "auto_create_key": False}
    post(litellm, "/user/new", {**user, "models": ["no-default-models"]})
    key = {
        "key_alias": f"{at}-notebook",
        "team_id": f"{at}-science",
        "models": allowed,
        "max_budget": 5,
        "tpm_limit": 20000,
    }
    return post(litellm, "/key/generate", {**key, "duration": "30d"})["key"]


def client(litellm: LiteLLM) -> Litellm:
    return Litellm(sender(ca_file=None, validate_certs=True), litellm.url, litellm.key)


def exported(litellm: LiteLLM) -> export.Export:
    return export.export(export.read(client(litellm), NOW), PROVIDERS, "litemaas")


def of(found: export.Export, at: str) -> dict[str, list[dict[str, Any]]]:
    """What of the lists was made with ``at`` in its names."""
    named = {
        variable: [(str([each.get(key) for key in ("name", "id", "alias")]), each) for each in entries]
        for variable, entries in found.lists.items()
    }
    return {variable: [each for name, each in entries if at in name] for variable, entries in named.items()}


def chat(litellm: LiteLLM, key: str, model: str) -> int:
    body = {"model": model, "messages": [{"role": "user", "content": "hello"}], "max_tokens": 5}
    return litellm.call("POST", "/v1/chat/completions", body, key=key)[0]


@pytest.fixture(scope="module")
def value(gateway: Gateway, litellm: LiteLLM) -> str:
    """The value of the key that the content has."""
    return made(litellm, gateway.provider_keys, "ex")


def test_content_made_by_plain_http_is_exported(litellm: LiteLLM, value: str, gateway: Gateway) -> None:
    found = exported(litellm)
    lists = of(found, "ex")
    (openai,) = [each for each in lists[export.INSTANCES] if each["name"] == "exopenai"]
    assert (openai["provider"], openai["api_key_env"]) == ("openai", "EXOPENAI_API_KEY")
    assert openai["models"] == ["gpt-4o", "gpt-4o-mini"]
    # Teams of other tests, which may call all that there is, are among the groups.
    assert [group for group in openai["access"]["groups"] if group.startswith("ex-")] == ["ex-science"]
    assert openai["access"]["token_limits"] == [{"limit": 50000, "window": "1m"}]
    (llama,) = lists[export.MODELS]
    assert (llama["url"], llama["model"], llama["max_output_tokens"]) == (
        "https://vllm.example.com/v1",
        "llama-32-3b",
        500,
    )
    routes = {each["name"]: each["order"] for each in lists[export.ROUTES]}
    assert routes == {
        "ex-plain": ["exopenai/gpt-4o"],
        "ex-claude": ["ex-anthropic/claude-sonnet-4-6"],
        "ex-ops": ["exopenai/gpt-4o", "ex-gemini/gemini-2.5-flash"],
    }
    assert lists[export.TEAMS] == [{"id": "ex-science", "budget": 100, "budget_duration": "30d"}]
    assert lists[export.USERS] == [{"id": "ex-user", "team": "ex-science", "budget": 20}]
    (key,) = lists[export.KEYS]
    assert key["secret"] == {"name": "ex-notebook-key", "namespace": "litemaas"}
    assert (key["team"], key["budget"], key["tpm"]) == ("ex-science", 5, 20000)
    assert key["duration"] in ("29d", "30d")
    assert "LiteLLM's provider azure" in str([each for each in found.notes if each["object"] == "model ex-azure"])
    text = export.text(found, litellm.url, NOW)
    for secret in (value, litellm.key, *(each for keys in gateway.provider_keys.values() for each in keys)):
        assert secret not in text
        assert secret[3:] not in text


def test_our_input_accepts_all_that_is_exported(litellm: LiteLLM, value: str) -> None:
    """Of whatever other tests have left in it, too."""
    found = exported(litellm)
    given = {
        name.removeprefix("llamastack_maas_").removeprefix("litemaas_"): each for name, each in found.lists.items()
    }
    checked = litemaas.normalise(given, litemaas.GatewayContext(namespace="litemaas", registry=PROVIDERS))
    assert checked.problems == []
    assert {each["name"] for each in checked.content["models"]} <= set(found_names(found))


def found_names(found: export.Export) -> list[str]:
    instances = found.lists[export.INSTANCES]
    names = [f"{each.get('model_prefix', each['name'])}/{model}" for each in instances for model in each["models"]]
    return names + [each["name"] for each in found.lists[export.MODELS]]


def test_bringing_it_back_with_adoption_changes_nothing_of_meaning(
    litellm: LiteLLM, value: str, gateway: Gateway
) -> None:
    at = "adopted"
    key_value = made(litellm, gateway.provider_keys, at)
    before = {name: chat(litellm, key_value, name) for name in (f"{at}openai/gpt-4o", f"{at}-plain", f"{at}-ops")}
    assert set(before.values()) == {200}
    row = litellm.call("GET", f"/key/info?key={key_value}")[1]["info"]

    lists = of(exported(litellm), at)
    given = {name.removeprefix("llamastack_maas_").removeprefix("litemaas_"): each for name, each in lists.items()}
    checked = litemaas.normalise(given, litemaas.GatewayContext(namespace="litemaas", registry=PROVIDERS))
    assert checked.problems == []
    content = checked.content
    kinds = {each["name"]: each["provider"] for each in lists[export.INSTANCES]}
    credentials = {
        name: {"api_key": gateway.provider_keys[kinds[name]][0] if name in kinds else "EMPTY"}
        for name in checked.credentials
    }
    for entry in content["keys"]:
        # Whoever keeps a key puts its value into the Secret; here it is given in its place.
        del entry["secret"]
        entry["value"] = key_value
    asked = Content(
        set_name=at,
        adopt=True,
        models=content["models"],
        routes=content["routes"],
        teams=content["teams"],
        users=content["users"],
        keys=content["keys"],
        credentials=credentials,
    )
    work = ContentRun(
        client(litellm),
        asked,
        KeySecrets(lambda: pytest.fail("there is no cluster"), "litemaas", at),
        check_mode=False,
        settle_timeout=60,
        clock=time.monotonic,
        sleep=time.sleep,
    )
    assert work.run() is None

    assert {name: chat(litellm, key_value, name) for name in before} == before
    after = litellm.call("GET", f"/key/info?key={key_value}")[1]["info"]
    for field in ("team_id", "max_budget", "tpm_limit", "user_id"):
        assert after[field] == row[field], field
    assert set(after["models"]) == set(row["models"])
    team = litellm.call("GET", f"/team/info?team_id={at}-science")[1]["team_info"]
    assert (team["max_budget"], team["budget_duration"]) == (100, "30d")
    assert set(row["models"]) <= set(team["models"])
    # What was exported once more is the same.
    again = of(exported(litellm), at)
    for variable in (export.INSTANCES, export.MODELS, export.ROUTES, export.TEAMS, export.USERS):
        assert again[variable] == lists[variable]


def test_the_release_that_litemaas_ships_is_exported_too(old_gateway: Gateway, old_litellm: LiteLLM) -> None:
    made(old_litellm, old_gateway.provider_keys, "old")
    lists = of(exported(old_litellm), "old")
    (openai,) = [each for each in lists[export.INSTANCES] if each["name"] == "oldopenai"]
    assert (openai["provider"], openai["models"]) == ("openai", ["gpt-4o", "gpt-4o-mini"])
    assert {each["name"]: each["order"] for each in lists[export.ROUTES]}["old-ops"] == [
        "oldopenai/gpt-4o",
        "old-gemini/gemini-2.5-flash",
    ]
    assert [each["alias"] for each in lists[export.KEYS]] == ["old-notebook"]
