# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime
import copy
from typing import Any

import pytest
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import registry as provider_registry

# Providers that the collection does not bring, each with something that those it brings do not have.
BEDROCK = {
    "title": "Amazon Bedrock",
    "type": "remote::bedrock",
    "credentials": {
        "access_key_id": {"env": "AWS_ACCESS_KEY_ID", "pattern": "A[A-Z0-9]{15,}"},
        "secret_access_key": {"env": "AWS_SECRET_ACCESS_KEY"},
        "session_token": {"env": "AWS_SESSION_TOKEN", "required": False},
    },
    "settings": {"region": {"config": "region_name", "default": "us-east-2"}},
    "packages": ["boto3"],
}
VERTEXAI = {
    "type": "remote::vertexai",
    "credentials": {"service_account": {"file": "service-account.json", "env": "GOOGLE_APPLICATION_CREDENTIALS"}},
    "settings": {"project": {"required": True}, "location": {"default": "global"}},
}
AZURE = {
    "type": "remote::azure",
    "credentials": {"api_key": {"env": "AZURE_API_KEY", "config": "api_key"}},
    "settings": {"base_url": {"type": "url", "required": True}, "api_version": {}},
    "egress": ["{base_url}"],
}
WATSONX = {
    "type": "remote::watsonx",
    "credentials": {"api_key": {"env": "WATSONX_API_KEY", "config": "api_key"}},
    "settings": {
        "base_url": {"type": "url", "default": "https://us-south.ml.cloud.ibm.com"},
        "project_id": {"required": True},
        "timeout": {"type": "int", "default": 60},
    },
}


def load(override: Any) -> tuple[dict, list[tuple[str, str]]]:
    registry, findings = provider_registry.load(override)
    return registry, [(problem["path"], problem["message"]) for problem in findings.errors]


def test_the_collections_own_providers_are_sound() -> None:
    registry, problems = load(None)
    assert not problems
    assert list(registry) == ["anthropic", "gemini", "openai", "openai_compatible"]


def test_every_provider_says_what_it_calls_and_what_its_fields_are() -> None:
    registry, dummy = load(None)
    for provider in registry.values():
        assert provider["egress"]
        fields = [*provider["credentials"].values(), *provider["settings"].values()]
        assert all(field["description"].endswith(".") for field in fields)


@pytest.mark.parametrize(
    ("name", "entry"), [("bedrock", BEDROCK), ("vertexai", VERTEXAI), ("azure", AZURE), ("watsonx", WATSONX)]
)
def test_a_provider_is_added_as_data(name: str, entry: dict) -> None:
    registry, problems = load({name: entry})
    assert not problems
    assert registry[name]["type"] == entry["type"]
    assert set(registry[name]["credentials"]) == set(entry["credentials"])


def test_what_an_entry_does_not_say_has_a_default() -> None:
    provider = load({"vertexai": VERTEXAI})[0]["vertexai"]
    assert provider["title"] == "vertexai"
    assert provider["credentials"]["service_account"]["required"] is True
    assert provider["settings"]["location"] == {
        "type": "str",
        "required": False,
        "config": "location",
        "default": "global",
    }
    assert provider["model_ids"] == {"called": "{id}", "listed": "{id}"}


def test_a_part_of_an_entry_is_overridden_and_the_rest_stays() -> None:
    registry, problems = load({"openai": {"credentials": {"api_key": {"pattern": "corp-.*"}}}})
    assert not problems
    assert registry["openai"]["credentials"]["api_key"]["pattern"] == "corp-.*"
    assert registry["openai"]["credentials"]["api_key"]["env"] == "OPENAI_API_KEY"
    assert registry["openai"]["type"] == "remote::openai"


def test_a_null_takes_a_part_away() -> None:
    registry, problems = load({"openai": {"credentials": {"api_key": {"pattern": None}}}, "gemini": None})
    assert not problems
    assert "pattern" not in registry["openai"]["credentials"]["api_key"]
    assert "gemini" not in registry


def test_an_override_leaves_the_next_load_alone() -> None:
    before = copy.deepcopy(load(None)[0])
    load({"openai": {"config": {"max_retries": 1}}})
    assert load(None)[0] == before


@pytest.mark.parametrize(
    ("override", "path", "message"),
    [
        (["openai"], "", "must be a mapping"),
        ({"x": "remote::openai"}, ".x", "must be a mapping"),
        ({"x": {}}, ".x", "needs type"),
        ({"Open-AI": {"type": "remote::openai"}}, ".Open-AI", "lower case"),
        ({"x": {"type": "t", "credential": {}}}, ".x.credential", "did you mean credentials?"),
        ({"x": {"type": "t", "credentials": ["api_key"]}}, ".x.credentials", "must be a mapping"),
        ({"x": {"type": "t", "credentials": {"k": {}}}}, ".x.credentials.k", "needs env"),
        ({"x": {"type": "t", "credentials": {"k": {"env": "a-b"}}}}, ".x.credentials.k.env", "capitals"),
        ({"x": {"type": "t", "credentials": {"k": {"file": "/etc/k"}}}}, ".x.credentials.k.file", "plain file name"),
        (
            {"x": {"type": "t", "credentials": {"k": {"env": "K", "pattern": "("}}}},
            ".x.credentials.k.pattern",
            "regular",
        ),
        (
            {"x": {"type": "t", "credentials": {"k": {"env": "K", "required": "perhaps"}}}},
            ".x.credentials.k.required",
            "true",
        ),
        ({"x": {"type": "t", "settings": {"s": {"type": "uri"}}}}, ".x.settings.s.type", "one of bool, int, str, url"),
        ({"x": {"type": "t", "config": {"v": datetime.date(2027, 1, 1)}}}, ".x.config.v", "is a date"),
        ({"x": {"type": "t", "model_ids": {"listed": "models/"}}}, ".x.model_ids.listed", "{id} exactly once"),
        ({"x": {"type": "t", "egress": [443]}}, ".x.egress[0]", "must be text"),
        ({"x": {"type": "t", "litellm": "groq"}}, ".x.litellm", "must be a mapping"),
        ({"x": {"type": "t", "litellm": {}}}, ".x.litellm.model", "a slash and {id}"),
        ({"x": {"type": "t", "litellm": {"model": "groq"}}}, ".x.litellm.model", "such as openai/{id}"),
        ({"x": {"type": "t", "litellm": {"model": "groq/{id}/{id}"}}}, ".x.litellm.model", "such as openai/{id}"),
        (
            {"x": {"type": "t", "litellm": {"model": "groq/{id}", "prefix": "groq"}}},
            ".x.litellm.prefix",
            "known: config, model, params",
        ),
        (
            {"x": {"type": "t", "litellm": {"model": "groq/{id}", "params": {"api_key": True}}}},
            ".x.litellm.params.api_key",
            "a parameter of LiteLLM",
        ),
    ],
)
def test_an_unsound_entry_is_reported_with_its_path_and_left_out(override: Any, path: str, message: str) -> None:
    registry, problems = load(override)
    assert [where for where, dummy in problems] == [f"llamastack_maas_providers{path}"]
    assert message in problems[0][1]
    assert "x" not in registry


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "models/gemini-2.5-flash"])
def test_both_forms_of_a_model_id_are_one_model(model: str) -> None:
    gemini = load(None)[0]["gemini"]
    assert provider_registry.bare_id(gemini, model) == "gemini-2.5-flash"
    assert provider_registry.called_id(gemini, model) == "gemini-2.5-flash"
    assert provider_registry.listed_id(gemini, model) == "models/gemini-2.5-flash"


def test_a_model_id_without_forms_stays_as_it_is() -> None:
    openai = load(None)[0]["openai"]
    assert provider_registry.listed_id(openai, "ft:gpt-4o:org::id") == "ft:gpt-4o:org::id"


@pytest.mark.parametrize(
    ("name", "model", "id_of_litellm"),
    [
        ("anthropic", "claude-sonnet-4-6", "anthropic/claude-sonnet-4-6"),
        ("gemini", "models/gemini-2.5-flash", "gemini/gemini-2.5-flash"),
        ("openai", "gpt-4o-mini", "openai/gpt-4o-mini"),
        ("openai_compatible", "openai/gpt-oss-120b", "hosted_vllm/openai/gpt-oss-120b"),
    ],
)
def test_every_provider_says_how_litellm_calls_it(name: str, model: str, id_of_litellm: str) -> None:
    provider = load(None)[0][name]
    assert provider_registry.litellm_shortcoming(provider) is None
    assert provider_registry.litellm_model(provider, model) == id_of_litellm
    urls = [field for field, spec in provider["settings"].items() if spec["type"] == "url"]
    assert {provider["litellm"]["params"][field] for field in urls} <= {"api_base"}


@pytest.mark.parametrize(
    ("litellm", "message"),
    [
        (None, "has no part litellm; add litellm: {model: …"),
        ({"model": "bedrock/{id}"}, "in which parameter LiteLLM takes access_key_id, secret_access_key, session_token"),
        ({"model": "bedrock/{id}", "params": {"api_kei": "api_key"}}, "litellm.params for api_kei"),
    ],
)
def test_what_litellm_lacks_is_no_matter_for_maas(litellm: Any, message: str) -> None:
    registry, problems = load({"bedrock": {**BEDROCK, **({"litellm": litellm} if litellm else {})}})
    assert not problems
    assert message in str(provider_registry.litellm_shortcoming(registry["bedrock"]))


def test_a_provider_of_the_users_is_called_by_litellm_as_data() -> None:
    params = {"access_key_id": "aws_access_key_id", "secret_access_key": "aws_secret_access_key"}
    params.update(session_token="aws_session_token", region="aws_region_name")
    registry, problems = load({"bedrock": {**BEDROCK, "litellm": {"model": "bedrock/{id}", "params": params}}})
    assert not problems
    assert provider_registry.litellm_shortcoming(registry["bedrock"]) is None
    assert provider_registry.litellm_model(registry["bedrock"], "a.b-v1:0") == "bedrock/a.b-v1:0"
    assert registry["bedrock"]["litellm"]["config"] == {}
