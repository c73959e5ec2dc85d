# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import format_problems
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.served_models import Served
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import (
    instances,
    litemaas,
    registry as provider_registry,
    variables,
)

REGISTRY = provider_registry.load()[0]
KEY = "sk-proj-0123456789abcdefghij"
ENVIRONMENT = {"OPENAI_API_KEY": KEY, "GEMINI_API_KEY": "AIza0123456789abcdefghijkl", "VLLM_KEY": "vllm-0123456789"}

GRANITE = Served(
    kind="InferenceService",
    namespace="private-ai",
    name="granite-8b",
    url="http://granite-8b-predictor.private-ai.svc.cluster.local/v1",
    model="ibm/granite-8b",
    state="ready",
)._asdict()
SERVED = {"private-ai/granite-8b": GRANITE, "private-ai/{tier=gpu}": {**GRANITE, "name": "other"}}

OPENAI = {
    "name": "openai-prod",
    "provider": "openai",
    "api_key_env": "OPENAI_API_KEY",
    "models": ["gpt-4o-mini", "gpt-4o"],
    "access": {"groups": ["data-science"], "token_limits": [{"limit": 50000, "window": "1m"}]},
}
GEMINI = {"name": "gemini", "provider": "gemini", "api_key_env": "GEMINI_API_KEY", "models": ["gemini-2.5-flash"]}
INTERNAL = {"name": "granite-8b", "inference_service": {"name": "granite-8b", "namespace": "private-ai"}}
LLAMA = {
    "name": "llama",
    "url": "https://vllm.example.com/v1",
    "model": "llama-32-3b",
    "api_key_env": "VLLM_KEY",
    "mode": "chat",
}
ASSISTANT = {
    "name": "ops-assistant",
    "order": ["granite-8b", "gemini/gemini-2.5-flash"],
    "on_context": ["gemini/gemini-2.5-flash"],
    "cooldown": 60,
    "timeout": 30,
}
NOTEBOOK = {
    "alias": "notebook",
    "team": "data-science",
    "models": ["openai-prod/gpt-4o-mini"],
    "budget": 5,
    "tpm": 20000,
    "duration": "30d",
    "secret": {"name": "notebook-key", "namespace": "team-a"},
}
WHOLE: dict[str, Any] = {
    "instances": [OPENAI, GEMINI],
    "models": [INTERNAL, LLAMA],
    "routes": [ASSISTANT, {"name": "ops-private", "order": ["granite-8b"]}],
    "teams": [{"id": "data-science", "budget": 100, "budget_duration": "30d"}],
    "users": [{"id": "user1", "team": "data-science", "budget": 20}],
    "keys": [NOTEBOOK],
}
NONE = {"budget": None, "budget_duration": None, "tpm": None, "rpm": None}
NOBODY = ["no-default-models"]


def context(**changes: Any) -> litemaas.GatewayContext:
    found = {"namespace": "litemaas", "registry": REGISTRY, "environment": ENVIRONMENT, "served": SERVED}
    return litemaas.GatewayContext(**{**found, **changes})


def checked(given: dict[str, Any], **changes: Any) -> litemaas.CheckedContent:
    return litemaas.normalise(given, context(**changes))


def content(given: dict[str, Any], **changes: Any) -> dict[str, list[dict[str, Any]]]:
    found = checked(given, **changes)
    assert format_problems(found.problems) == ""
    return found.content


def whole(**lists: Any) -> dict[str, Any]:
    """The lists of the example, with entries laid over the first of each, or whole lists in their place."""
    given = copy.deepcopy(WHOLE)
    for name, change in lists.items():
        given[name] = change if isinstance(change, list) else [{**given[name][0], **change}, *given[name][1:]]
    return given


def problems(given: dict[str, Any], **changes: Any) -> dict[str, str]:
    found = checked(given, **changes)
    assert not found.problems or (found.content, found.credentials) == ({}, {})
    return {problem["path"]: problem["message"] for problem in found.problems}


def by_name(entries: list[dict[str, Any]], key: str = "name") -> dict[str, dict[str, Any]]:
    return {entry[key]: entry for entry in entries}


def test_the_example_becomes_a_gateway():
    found = content(WHOLE)
    assert found == {
        "models": [
            {
                "name": f"openai-prod/{model}",
                "model": f"openai/{model}",
                "mode": "chat",
                "params": {"api_base": "https://api.openai.com/v1"},
                "info": {},
                "credential": "openai-prod",
            }
            for model in ("gpt-4o-mini", "gpt-4o")
        ]
        + [
            {
                "name": "gemini/gemini-2.5-flash",
                "model": "gemini/gemini-2.5-flash",
                "mode": "chat",
                "params": {},
                "info": {},
                "credential": "gemini",
            },
            {
                "name": "granite-8b",
                "model": "hosted_vllm/ibm/granite-8b",
                "mode": "chat",
                "params": {"api_base": "http://granite-8b-predictor.private-ai.svc.cluster.local/v1"},
                "info": {},
                "credential": None,
            },
            {
                "name": "llama",
                "model": "hosted_vllm/llama-32-3b",
                "mode": "chat",
                "params": {"api_base": "https://vllm.example.com/v1"},
                "info": {},
                "credential": "llama",
            },
        ],
        "routes": [
            ASSISTANT,
            {"name": "ops-private", "order": ["granite-8b"], "on_context": [], "cooldown": None, "timeout": None},
        ],
        "teams": [
            {
                **NONE,
                "id": "data-science",
                "budget": 100,
                "budget_duration": "30d",
                "models": ["openai-prod/gpt-4o-mini", "openai-prod/gpt-4o"],
                "model_tpm": {"openai-prod/gpt-4o-mini": 50000, "openai-prod/gpt-4o": 50000},
            }
        ],
        "users": [{**NONE, "id": "user1", "team": "data-science", "budget": 20, "models": NOBODY}],
        "keys": [
            {
                **NONE,
                **NOTEBOOK,
                "user": None,
                "secret": {"name": "notebook-key", "namespace": "team-a", "key": "LITELLM_API_KEY"},
            }
        ],
    }
    assert checked(WHOLE).notes == []


def test_no_value_of_a_credential_is_in_the_content_and_each_is_had_beside_it():
    found = checked(WHOLE)
    assert KEY not in repr(found)
    assert litemaas.credential_values(WHOLE, found.credentials, ENVIRONMENT) == {
        "openai-prod": {"api_key": KEY},
        "gemini": {"api_key": ENVIRONMENT["GEMINI_API_KEY"]},
        "llama": {"api_key": ENVIRONMENT["VLLM_KEY"]},
    }
    assert litemaas.credential_secrets(found.credentials) == {}


def test_text_of_a_survey_is_the_same_data():
    from_text = {name: litemaas.conversion.yaml_text.dump(entries) for name, entries in WHOLE.items()}
    assert content(from_text) == content(WHOLE)
    numbers = whole(keys={"budget": "5", "tpm": "20000"}, teams={"budget": "100"}, routes={"timeout": "30"})
    assert content(numbers) == content(WHOLE)


@pytest.mark.parametrize("name", [*litemaas.LISTS])
def test_text_that_is_no_list_is_reported_at_its_variable(name):
    path = "llamastack_maas_instances" if name == "instances" else f"litemaas_{name}"
    assert path in problems({**WHOLE, name: "[a"})
    assert "must be a list of" in problems({**WHOLE, name: {"a": 1}})[path]
    assert f"{path}[0]" in problems({**WHOLE, name: ["text"]})


def test_something_has_to_be_given_where_it_is_needed():
    assert "is not given" in problems({}, list_needed=True)["llamastack_maas_instances"]
    assert problems({}) == {}
    assert content({"instances": []}) == {"models": [], "routes": [], "teams": [], "users": [], "keys": []}
    assert content({"models": [LLAMA]})["models"][0]["name"] == "llama"


def test_all_problems_are_found_at_once():
    found = problems(
        whole(
            instances={"models": None, "access": {"tiers": ["free"]}},
            models=[{**LLAMA, "url": "vllm"}],
            routes={"order": ["llamma"]},
            teams={"budget": -1},
            users={"team": "data-sience"},
            keys={"duration": "a month", "secret": None},
        )
    )
    assert set(found) >= {
        "llamastack_maas_instances[0].models",
        "llamastack_maas_instances[0].access.tiers",
        "litemaas_models[0].url",
        "litemaas_routes[0].order[0]",
        "litemaas_teams[0].budget",
        "litemaas_users[0].team",
        "litemaas_keys[0].duration",
        "litemaas_keys[0].secret",
    }
    assert "did you mean llama?" in found["litemaas_routes[0].order[0]"]
    assert "did you mean data-science?" in found["litemaas_users[0].team"]


# Models


def test_what_is_for_maas_only_is_named_once_and_not_looked_at():
    unused = {"image": "quay.io/x:1", "replicas": 2, "resources": {"limits": {"cpu": 1}}, "published_model": "no-such"}
    instances = [{**OPENAI, **unused}, {**GEMINI, "replicas": 3, "access": {"priority": 1}}]
    found = checked(whole(instances=instances))
    assert found.content["models"] == content(WHOLE)["models"]
    assert found.notes == [
        "llamastack_maas_instances: access.priority, image, published_model, replicas, resources: for MaaS only, and not "
        "used here"
    ]


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"models": None}, ".models", "is missing: a gateway has no way to open all models"),
        ({"models": []}, ".models", "must be a list with at least one"),
        ({"provider": "opnai"}, ".provider", "did you mean openai?"),
        ({"api_key_env": "NO_SUCH"}, ".api_key_env", "NO_SUCH is not set"),
        ({"imagee": "x"}, ".imagee", "did you mean image?"),
        ({"model_prefix": "openai prod"}, ".model_prefix", "must start with a letter"),
        ({"access": {"users": ["jane"]}}, ".access.users", "no users by their names"),
        ({"access": {"tiers": ["free"]}}, ".access.tiers", "no tiers"),
        ({"access": {"groups": []}}, ".access.groups", "names nobody"),
        ({"access": {"groups": "data-science"}}, ".access.groups", "must be a list of group names"),
        ({"access": {"groups": [7]}}, ".access.groups[0]", "must be the name of a group"),
        ({"access": {"group": ["a"]}}, ".access.group", "did you mean groups?"),
        ({"access": ["a"]}, ".access", "must hold groups"),
        ({"access": {"token_limits": [{"limit": 1, "window": "1m"}]}}, ".access.token_limits", "there is none"),
        (
            {"access": {"groups": ["a"], "token_limits": [{"limit": 1, "window": "1h"}]}},
            ".access.token_limits[0].window",
            "tokens of a minute",
        ),
        (
            {"access": {"groups": ["a"], "token_limits": [{"limit": 0, "window": "1m"}]}},
            ".access.token_limits[0].limit",
            "from 1 on",
        ),
        (
            {"access": {"groups": ["a"], "token_limits": [{"window": "1m"}]}},
            ".access.token_limits[0].limit",
            "from 1 on",
        ),
        ({"access": {"groups": ["a"], "token_limits": []}}, ".access.token_limits", "must be a list such as"),
        ({"access": {"groups": ["a"], "token_limits": ["5"]}}, ".access.token_limits[0]", "must be a mapping such as"),
    ],
)
def test_an_instance_that_a_gateway_cannot_have(change, path, message):
    found = problems({"instances": [{**OPENAI, **change}]})
    assert message in found.get(f"llamastack_maas_instances[0]{path}", str(found))
    assert len(found) == 1


def test_ids_are_those_of_the_instance_path_of_maas():
    prefixed = {**OPENAI, "name": "a", "model_prefix": "corp", "models": ["gpt-4o"]}
    listed = {**GEMINI, "models": ["models/gemini-2.5-flash"]}
    own = {**OPENAI, "name": "b", "provider": "openai_compatible", "models": ["openai/gpt-oss-120b"]}
    own["settings"] = {"base_url": "https://vllm.example.com/v1/"}
    found = by_name(content({"instances": [prefixed, listed, own]})["models"])
    assert list(found) == ["corp/gpt-4o", "gemini/gemini-2.5-flash", "b/openai/gpt-oss-120b"]
    assert found["b/openai/gpt-oss-120b"]["model"] == "hosted_vllm/openai/gpt-oss-120b"
    assert found["b/openai/gpt-oss-120b"]["params"] == {"api_base": "https://vllm.example.com/v1"}


def test_callers_keep_the_names_of_their_models_when_they_move_from_maas():
    entries = [
        {key: value for key, value in OPENAI.items() if key != "access"},
        {**OPENAI, "name": "b", "model_prefix": "corp", "models": ["ft:gpt-4o:org::id"]},
    ]
    settings = variables.run_settings({})[0]
    of_maas = instances.normalise(entries, instances.Context(settings, REGISTRY, known.get("b2"))).instances
    names = [model["name"] for model in content({"instances": entries})["models"]]
    assert names == [name for instance in of_maas for name in instance["listed_ids"]]


def test_a_provider_of_the_users_is_called_with_its_own_parameters():
    params = {
        "access_key_id": "aws_access_key_id",
        "secret_access_key": "aws_secret_access_key",
        "region": "aws_region_name",
    }
    bedrock = {
        "type": "remote::bedrock",
        "credentials": {"access_key_id": {"env": "AWS_ID"}, "secret_access_key": {"env": "AWS_KEY"}},
        "settings": {"region": {"default": "us-east-2"}},
        "litellm": {"model": "bedrock/{id}", "params": params, "config": {"drop_params": True}},
    }
    entry = {
        "name": "aws",
        "provider": "bedrock",
        "credentials_env": {"access_key_id": "ID", "secret_access_key": "SECRET"},
        "models": ["us.anthropic.claude-v1:0"],
    }
    given, environment = {"instances": [entry]}, {"ID": "AKIA0123456789", "SECRET": "s3cr3t-0123456789"}
    registry = provider_registry.load({"bedrock": bedrock})[0]
    found = checked(given, registry=registry, environment=environment)
    assert not found.problems
    model = found.content["models"][0]
    assert model["model"] == "bedrock/us.anthropic.claude-v1:0"
    assert model["params"] == {"drop_params": True, "aws_region_name": "us-east-2"}
    assert litemaas.credential_values(given, found.credentials, environment) == {
        "aws": {"aws_access_key_id": "AKIA0123456789", "aws_secret_access_key": "s3cr3t-0123456789"}
    }
    registry = provider_registry.load({"bedrock": {**bedrock, "litellm": {"model": "bedrock/{id}"}}})[0]
    found = problems(given, registry=registry, environment=environment)
    assert "llamastack_maas_providers.bedrock does not say" in found["llamastack_maas_instances[0].provider"]


def test_a_secret_of_others_is_read_where_it_is():
    given = {
        "instances": [
            {**GEMINI, "api_key_env": None, "credentials_secret": {"name": "corp", "keys": {"api_key": "tok"}}}
        ],
        "models": [{**LLAMA, "api_key_env": None, "credentials_secret": {"name": "vllm"}}],
    }
    found = checked(given)
    assert not found.problems
    assert litemaas.named_secrets(given) == ["corp", "vllm"]
    assert litemaas.credential_values(given, found.credentials, ENVIRONMENT) == {}
    assert litemaas.credential_secrets(found.credentials) == {
        "gemini": {"namespace": "litemaas", "name": "corp", "keys": {"api_key": "tok"}},
        "llama": {"namespace": "litemaas", "name": "vllm", "keys": {"api_key": "api_key"}},
    }
    seen = {"corp": {"exists": True, "fields": ["token"]}, "vllm": {"exists": False}}
    found = problems(given, secrets=seen)
    assert "has no key tok" in found["llamastack_maas_instances[0].credentials_secret.keys.api_key"]
    assert "there is no Secret vllm" in found["litemaas_models[0].credentials_secret.name"]


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"name": None}, ".name", "is missing"),
        ({"name": 8}, ".name", "needs quotes"),
        ({"name": "llama 3"}, ".name", "without white space"),
        ({"name": "meta/*"}, ".name", "asterisk stands for any model"),
        ({"name": "all-proxy-models"}, ".name", "a word of LiteLLM's"),
        ({"name": "{{name}}"}, ".name", "a template that was not filled in"),
        ({"url": None}, "", "needs one of url and inference_service"),
        ({"inference_service": {"name": "granite-8b", "namespace": "private-ai"}}, "", "needs only one of"),
        ({"url": "vllm.example.com"}, ".url", "must be a URL that starts with"),
        ({"url": "https://vllm.example.com/v1/chat/completions"}, ".url", "leave it out"),
        ({"model": None}, ".model", "is missing: the id"),
        ({"model": "llama 3"}, ".model", "without white space"),
        ({"mode": "audio"}, ".mode", "must be one of chat, completion, embedding"),
        ({"api_key_env": "NO_SUCH"}, ".api_key_env", "NO_SUCH is not set"),
        ({"api_key": "x"}, ".api_key", "more than one source"),
        ({"max_output_tokens": 0}, ".max_output_tokens", "from 1 on"),
        ({"input_cost_per_token": 0.15}, ".input_cost_per_token", "where it is that of a million tokens, give 1.5e-07"),
        ({"output_cost_per_token": -1}, ".output_cost_per_token", "dollars for one token"),
        ({"output_cost_per_token": "cheap"}, ".output_cost_per_token", "dollars for one token"),
        ({"models": ["a"]}, ".models", "did you mean model"),
        ({"access": {"tiers": ["a"]}}, ".access.tiers", "no tiers"),
    ],
)
def test_a_model_that_cannot_be_meant(change, path, message):
    found = problems({"models": [{**LLAMA, **change}]})
    assert message in found.get(f"litemaas_models[0]{path}", str(found))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("service", "path", "message"),
    [
        ("granite-8b", "", "must be a mapping with a name or labels"),
        ({"name": "granite-8b"}, ".namespace", "is missing"),
        ({"name": "granite-8b", "namespace": "Private"}, ".namespace", "must be the name of a namespace"),
        ({"namespace": "private-ai"}, "", "needs one of name and labels"),
        ({"namespace": "private-ai", "name": "a", "labels": {"a": "b"}}, "", "needs only one of name and labels"),
        ({"namespace": "private-ai", "labels": {}}, ".labels", "at least one label"),
        ({"namespace": "private-ai", "labels": {"a": 1}}, ".labels", "as text"),
        ({"namespace": "private-ai", "name": "Granite_8b"}, ".name", "must be the name of an object"),
        ({"namespace": "private-ai", "name": "granite-9b"}, "", "it was not looked for"),
        ({"namespace": "private-ai", "nam": "granite-8b"}, ".nam", "did you mean name"),
    ],
)
def test_an_inference_service_that_cannot_be_found(service, path, message):
    found = problems({"models": [{"name": "granite-8b", "inference_service": service}]})
    assert message in found[f"litemaas_models[0].inference_service{path}"]


def test_an_inference_service_has_the_url_and_the_id_that_it_is_read_with():
    labelled = {
        "name": "g",
        "inference_service": {"labels": {"tier": "gpu"}, "namespace": "private-ai"},
        "model": "lora",
    }
    found = by_name(content({"models": [INTERNAL, labelled]})["models"])
    assert found["granite-8b"]["model"] == "hosted_vllm/ibm/granite-8b"
    assert found["g"]["model"] == "hosted_vllm/lora"
    assert found["g"]["params"] == {"api_base": GRANITE["url"]}
    assert litemaas.wanted_services({"models": [INTERNAL, labelled, INTERNAL, LLAMA, "x"]}) == [
        {"namespace": "private-ai", "name": "granite-8b"},
        {"namespace": "private-ai", "labels": {"tier": "gpu"}},
    ]


def test_a_model_scaled_to_zero_is_taken_with_a_note_and_one_that_is_not_there_is_an_error():
    asleep = {**GRANITE, "state": "scaled to 0", "reason": "it has no replicas"}
    found = checked({"models": [INTERNAL]}, served={"private-ai/granite-8b": asleep})
    assert found.content["models"][0]["params"]["api_base"] == GRANITE["url"]
    assert found.notes[0].startswith(
        "granite-8b: InferenceService private-ai/granite-8b is scaled to 0: it has no replicas"
    )
    absent = Served(problem="there is neither an InferenceService nor …")._asdict()
    found = problems({"models": [INTERNAL]}, served={"private-ai/granite-8b": absent})
    assert found == {"litemaas_models[0].inference_service": "there is neither an InferenceService nor …"}
    assert problems({"models": [INTERNAL]}, served=None) == {}


def test_what_a_model_costs_and_how_long_its_answers_are_is_kept_of_it():
    priced = {**LLAMA, "max_output_tokens": "4096", "input_cost_per_token": "1e-6", "output_cost_per_token": 2.5e-6}
    assert content({"models": [priced]})["models"][0]["info"] == {
        "max_output_tokens": 4096,
        "input_cost_per_token": 1e-6,
        "output_cost_per_token": 2.5e-6,
    }
    free = {**LLAMA, "input_cost_per_token": 0, "output_cost_per_token": 0}
    assert content({"models": [free]})["models"][0]["info"] == {"input_cost_per_token": 0, "output_cost_per_token": 0}


def test_embeddings_are_known_by_their_name_unless_the_mode_is_said():
    instance = {**OPENAI, "models": ["gpt-4o", "text-embedding-3-small"]}
    given = {
        "instances": [instance],
        "models": [{**LLAMA, "mode": None, "model": "bge-m3"}, {**LLAMA, "name": "x", "mode": "completion"}],
    }
    assert [model["mode"] for model in content(given)["models"]] == ["chat", "embedding", "embedding", "completion"]


@pytest.mark.parametrize(
    ("lists", "path"),
    [
        ({"models": [LLAMA, {**LLAMA, "api_key_env": None}]}, "litemaas_models[1].name"),
        ({"models": [{**LLAMA, "name": "gemini/gemini-2.5-flash"}]}, "litemaas_models[0].name"),
        ({"models": [LLAMA], "routes": [{"name": "llama", "order": ["llama"]}]}, "litemaas_routes[0].name"),
        ({"routes": [{"name": "a", "order": ["openai-prod/gpt-4o"]}] * 2}, "litemaas_routes[1].name"),
        ({"instances": [OPENAI, {**OPENAI, "models": ["o3"]}]}, "llamastack_maas_instances[1].name"),
        ({"models": [{**LLAMA, "name": "gemini"}]}, "litemaas_models[0].name"),
    ],
)
def test_a_name_stands_for_one_thing_in_all_lists(lists, path):
    found = problems({"instances": [OPENAI, GEMINI], **lists})
    assert " too" in found[path]


# Routes


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"name": ""}, ".name", "is missing"),
        ({"order": None}, ".order", "at least one name"),
        ({"order": []}, ".order", "at least one name"),
        ({"order": ["granite-8b", "granite-8b"]}, ".order[1]", "is in the list already"),
        ({"order": ["granite-9b"]}, ".order[0]", "there is no model granite-9b; did you mean granite-8b?"),
        ({"order": ["ops-assistant"], "on_context": None}, ".order[0]", "ops-assistant is a route"),
        ({"order": ["ops-private"]}, ".order[0]", "ops-private is a route; give the models behind it"),
        ({"order": [3]}, ".order[0]", "must be a name as text"),
        ({"on_context": ["granite-8b"]}, ".on_context", "is the first of order"),
        ({"on_context": []}, ".on_context", "at least one name"),
        ({"cooldown": 0}, ".cooldown", "from 1 on"),
        ({"cooldown": "a minute"}, ".cooldown", "from 1 on"),
        ({"timeout": -1}, ".timeout", "above 0"),
        ({"timeout": True}, ".timeout", "above 0"),
        ({"timeouts": 3}, ".timeouts", "did you mean timeout?"),
        ({"order": ["granite-8b", "embedder"], "on_context": None}, "", "models for chat and embedding"),
    ],
)
def test_a_route_that_cannot_be_meant(change, path, message):
    embedder = {**LLAMA, "name": "embedder", "mode": "embedding"}
    found = problems(whole(routes=change, models=[INTERNAL, LLAMA, embedder]))
    assert message in found.get(f"litemaas_routes[0]{path}", str(found))
    assert len(found) == 1


def test_a_route_has_access_of_its_own():
    access = {"groups": ["ops"], "token_limits": [{"limit": 9, "window": "60s"}, {"limit": 8, "window": "1m"}]}
    teams = by_name(content(whole(routes={"access": access}))["teams"], "id")
    assert teams["ops"] == {**NONE, "id": "ops", "models": ["ops-assistant"], "model_tpm": {"ops-assistant": 8}}


# Teams and users


def test_limits_are_those_of_a_team_and_a_model():
    gemini = {**GEMINI, "access": {"groups": ["data-science", "ops"], "token_limits": [{"limit": 10, "window": "1m"}]}}
    teams = by_name(content(whole(instances=[OPENAI, gemini]))["teams"], "id")
    assert teams["data-science"]["model_tpm"] == {
        "openai-prod/gpt-4o-mini": 50000,
        "openai-prod/gpt-4o": 50000,
        "gemini/gemini-2.5-flash": 10,
    }
    assert teams["ops"]["models"] == ["gemini/gemini-2.5-flash"]
    assert teams["ops"]["model_tpm"] == {"gemini/gemini-2.5-flash": 10}


def test_a_team_may_call_what_its_entry_and_access_name_and_else_nothing():
    teams = by_name(content(whole(teams=[{"id": "data-science", "models": ["llama"]}, {"id": "new"}]))["teams"], "id")
    assert teams["data-science"]["models"] == ["openai-prod/gpt-4o-mini", "openai-prod/gpt-4o", "llama"]
    assert teams["data-science"]["model_tpm"].keys() == {"openai-prod/gpt-4o-mini", "openai-prod/gpt-4o"}
    assert teams["new"] == {**NONE, "id": "new", "models": NOBODY, "model_tpm": {}}


def test_a_group_that_may_be_a_slip_of_a_team_is_a_warning():
    slip = {**OPENAI, "access": {"groups": ["data-sience", "system:authenticated"]}}
    found = checked(whole(instances=[slip, GEMINI]))
    assert [(warning["path"], warning["message"].split(";")[0]) for warning in found.warnings] == [
        (
            "llamastack_maas_instances[0].access.groups[1]",
            "becomes a team of that name: to LiteLLM nobody is in it who has no key of that team",
        ),
        (
            "llamastack_maas_instances[0].access.groups",
            "data-sience becomes a team of its own, beside data-science in litemaas_teams",
        ),
    ]


@pytest.mark.parametrize("kind", ["teams", "users", "keys"])
@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"budget": 0}, ".budget", "above 0"),
        ({"budget": "much"}, ".budget", "above 0"),
        ({"budget": float("inf")}, ".budget", "above 0"),
        ({"tpm": 0}, ".tpm", "from 1 on"),
        ({"tpm": 1.5}, ".tpm", "from 1 on"),
        ({"rpm": True}, ".rpm", "from 1 on"),
        ({"budget": 1, "budget_duration": "30"}, ".budget_duration", "such as 24h"),
        ({"budget": 1, "budget_duration": 30}, ".budget_duration", "such as 24h"),
        ({"budget": 1, "budget_duration": "0d"}, ".budget_duration", "such as 24h"),
        ({"budget": 1, "budget_duration": "1y"}, ".budget_duration", "such as 24h"),
        ({"budget": 1, "budget_duration": "monthly"}, ".budget_duration", "such as 24h"),
        ({"budget": None, "budget_duration": "30d"}, ".budget_duration", "there is no budget"),
        ({"models": []}, ".models", "at least one name"),
        ({"models": ["openai-prod/gpt-4"]}, ".models[0]", "did you mean openai-prod/gpt-4o"),
        ({"models": ["all-team-models"]}, ".models[0]", "no model and no route"),
        ({"models": ["llama", "llama"]}, ".models[1]", "already"),
        ({"max_budget": 5}, ".max_budget", "did you mean budget"),
    ],
)
def test_limits_and_models_that_cannot_be_meant(kind, change, path, message):
    found = problems(whole(**{kind: {"budget_duration": None, **change}}))
    assert message in found.get(f"litemaas_{kind}[0]{path}", str(found))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("given", "read"), [("1w", "7d"), ("2w", "14d"), ("1mo", "1mo"), ("24h", "24h"), ("90m", "90m"), ("45s", "45s")]
)
def test_spans_that_every_version_of_litellm_reads(given, read):
    found = content(whole(teams={"budget_duration": given}, keys={"duration": given}))
    assert found["teams"][0]["budget_duration"] == read
    assert found["keys"][0]["duration"] == read


@pytest.mark.parametrize(
    ("kind", "key", "again"), [("teams", "id", "data-science"), ("users", "id", "user1"), ("keys", "alias", "notebook")]
)
def test_each_is_told_by_a_name_of_its_own(kind, key, again):
    twice = [WHOLE[kind][0], {**WHOLE[kind][0], "secret": {"name": "b"}} if kind == "keys" else WHOLE[kind][0]]
    assert f"{again} is that of entry 0 too" in problems(whole(**{kind: twice}))[f"litemaas_{kind}[1].{key}"]
    for wrong, message in ((None, "is missing"), (7, "needs quotes"), (" x", "white space"), ("a\tb", "")):
        found = problems(whole(**{kind: {key: wrong}}))
        assert (f"litemaas_{kind}[0].{key}" in found) == (wrong != "a\tb")
        assert message in found.get(f"litemaas_{kind}[0].{key}", "")


def test_nobody_is_litellms_administrator():
    assert "LiteLLM's administrator" in problems(whole(users={"id": "default_user_id"}))["litemaas_users[0].id"]


# Keys


def test_a_key_gets_what_it_names_and_its_team_too_which_is_said():
    found = checked(whole(keys=[{**NOTEBOOK, "models": ["ops-assistant", "openai-prod/gpt-4o"]}]))
    assert found.content["keys"][0]["models"] == ["ops-assistant", "openai-prod/gpt-4o"]
    assert found.content["teams"][0]["models"] == ["openai-prod/gpt-4o-mini", "openai-prod/gpt-4o", "ops-assistant"]
    assert found.notes == [
        "team data-science may call ops-assistant too: LiteLLM lets a key call only what its team may, and it is named by "
        "notebook"
    ]


def test_a_key_that_names_no_models_gets_those_of_its_team_and_none_that_other_keys_brought():
    other = {**NOTEBOOK, "alias": "other", "models": None, "secret": {"name": "other"}}
    keys = by_name(content(whole(keys=[{**NOTEBOOK, "models": ["llama"]}, other]))["keys"], "alias")
    assert keys["other"]["models"] == ["openai-prod/gpt-4o-mini", "openai-prod/gpt-4o"]
    assert keys["other"]["secret"] == {"name": "other", "namespace": "litemaas", "key": "LITELLM_API_KEY"}


def test_the_user_of_a_key_without_a_team_may_call_what_it_names():
    personal = {**NOTEBOOK, "team": None, "user": "user1", "models": ["llama"]}
    found = checked(whole(keys=[personal]))
    assert found.content["users"][0]["models"] == ["llama"]
    assert "user user1 may call llama too" in found.notes[0]
    both = {**personal, "team": "data-science"}
    found = checked(whole(keys=[both]))
    assert found.content["users"][0]["models"] == NOBODY
    assert found.content["teams"][0]["models"][-1] == "llama"


def test_a_user_whose_list_names_models_may_call_what_the_keys_in_its_team_name_too():
    personal = {
        **NOTEBOOK,
        "alias": "own",
        "team": None,
        "user": "user1",
        "models": ["llama"],
        "secret": {"name": "own"},
    }
    found = checked(whole(keys=[{**NOTEBOOK, "user": "user1"}, personal]))
    assert found.content["users"][0]["models"] == ["openai-prod/gpt-4o-mini", "llama"]
    assert len(found.notes) == 2
    found = checked(whole(keys=[{**NOTEBOOK, "user": "user1"}], users={"models": ["llama"]}))
    assert found.content["users"][0]["models"] == ["openai-prod/gpt-4o-mini", "llama"]
    assert "user user1 may call openai-prod/gpt-4o-mini too" in found.notes[0]
    found = checked(whole(keys=[{**NOTEBOOK, "user": "user1"}]))
    assert (found.content["users"][0]["models"], found.notes) == (NOBODY, [])


def test_a_key_of_nobody_may_call_what_it_names():
    alone = {**NOTEBOOK, "team": None}
    assert content(whole(keys=[alone]))["keys"][0]["models"] == ["openai-prod/gpt-4o-mini"]
    assert "of no team and of no user" in problems(whole(keys=[{**alone, "models": None}]))["litemaas_keys[0].models"]


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"team": "data-sience"}, ".team", "there is no team data-sience in litemaas_teams"),
        ({"team": 7}, ".team", "needs quotes"),
        ({"user": "user2"}, ".user", "did you mean user1?"),
        ({"team": "new", "user": "user1"}, ".user", "user1 is in team data-science, and the key is one of team new"),
        ({"team": "new", "models": None}, ".models", "no access names team new"),
        ({"team": None, "user": "user1", "models": None}, ".models", "user user1 may call nothing"),
        ({"duration": "never"}, ".duration", "such as 24h"),
        ({"secret": None}, ".secret", "is missing"),
        ({"secret": "notebook-key"}, ".secret", "must be a mapping"),
        ({"secret": {"namespace": "a"}}, ".secret.name", "must be the name of an object"),
        ({"secret": {"name": "Notebook"}}, ".secret.name", "must be the name of an object"),
        ({"secret": {"name": "a", "namespace": "Team_A"}}, ".secret.namespace", "must be the name of a namespace"),
        ({"secret": {"name": "a", "key": "a b"}}, ".secret.key", "must be the field of a Secret"),
        ({"secret": {"name": "a", "field": "b"}}, ".secret.field", "unknown key"),
        ({"secret": {"name": "litellm-secret"}}, ".secret", "holds other credentials"),
        ({"key": "sk-1"}, ".key", "unknown key"),
    ],
)
def test_a_key_that_cannot_be_meant(change, path, message):
    given = whole(keys={**change}, teams=[*WHOLE["teams"], {"id": "new"}])
    found = problems(given, reserved={("litemaas", "litellm-secret")})
    assert message in found.get(f"litemaas_keys[0]{path}", str(found))
    assert len(found) == 1


def test_two_keys_share_no_field_of_a_secret():
    other = {**NOTEBOOK, "alias": "other"}
    assert "is that of key notebook too" in problems(whole(keys=[NOTEBOOK, other]))["litemaas_keys[1].secret"]
    other["secret"] = {**NOTEBOOK["secret"], "key": "other"}
    assert len(content(whole(keys=[NOTEBOOK, other]))["keys"]) == 2


def test_no_list_of_models_is_ever_empty():
    found = content(whole(teams=[*WHOLE["teams"], {"id": "new"}], users=[*WHOLE["users"], {"id": "alone"}]))
    assert all(owner["models"] for kind in ("teams", "users", "keys") for owner in found[kind])
