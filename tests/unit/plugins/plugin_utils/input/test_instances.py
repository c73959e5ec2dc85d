# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import (
    instances,
    registry as provider_registry,
    variables,
)

KEY = "sk-proj-0123456789abcdefghij"
OPENAI = {
    "name": "openai-prod",
    "provider": "openai",
    "api_key_env": "OPENAI_API_KEY",
    "models": ["gpt-4o-mini", "gpt-4o"],
}
GEMINI = {
    "name": "gemini-team-a",
    "provider": "gemini",
    "api_key_env": "GEMINI_API_KEY",
    "models": ["gemini-2.5-flash"],
}
B2 = known.get("b2")
REGISTRY = provider_registry.load()[0]


class WithoutAlias:
    """A generation that lists the server's own ids, and finds fault with every access that is given."""

    def published_id(self, namespace: str, name: str) -> None:
        return None

    def check_access(self, access: Any, findings: Findings) -> None:
        findings.at("tiers").error("there are no tiers")

    def normalise_access(self, access: Any) -> dict[str, Any]:
        return {"given": access}


def context(**changes: Any) -> instances.Context:
    settings = variables.run_settings(changes.pop("settings", {}))[0]
    return instances.Context(settings, **{"registry": REGISTRY, "generation": B2, **changes})


def normalise(*entries: Any, **changes: Any) -> list[dict[str, Any]]:
    result = instances.normalise(list(entries), context(**changes))
    assert not result.problems
    return result.instances


def problems(*entries: Any, **changes: Any) -> dict[str, str]:
    result = instances.normalise(list(entries), context(**changes), path="")
    assert not result.instances or not result.problems
    return {problem["path"].removeprefix("[0]."): problem["message"] for problem in result.problems}


def test_an_entry_is_completed() -> None:
    assert normalise(OPENAI) == [
        {
            "name": "openai-prod",
            "namespace": "llm",
            "set": "default",
            "provider": "openai",
            "display_name": "openai-prod",
            "description": "",
            "model_prefix": "openai-prod",
            "image": "docker.io/ogxai/distribution-starter:1.3.0",
            "replicas": 1,
            "resources": {
                "requests": {"cpu": "100m", "memory": "256Mi"},
                "limits": {"cpu": "1", "memory": "512Mi"},
            },
            "access": B2.default_access(),
            "published_id": "publishers/llm/models/openai-prod",
            "provider_type": "remote::openai",
            "models": ["gpt-4o-mini", "gpt-4o"],
            "listed_ids": ["openai-prod/gpt-4o-mini", "openai-prod/gpt-4o"],
            "registered_ids": ["openai-prod/gpt-4o-mini", "openai-prod/gpt-4o"],
            "published_model": "gpt-4o-mini",
            "settings": {"base_url": "https://api.openai.com/v1"},
            "credentials": {
                "source": "env",
                "origin": "environment variable OPENAI_API_KEY",
                "secret": {"name": "openai-prod-credentials", "managed": True},
                "fields": [{"field": "api_key", "key": "api_key", "env": "OPENAI_API_KEY", "file": None}],
            },
            "egress": ["api.openai.com:443"],
            "key_check": {"url": "https://api.openai.com/v1/models", "headers": {"Authorization": "Bearer {api_key}"}},
        }
    ]


def test_an_instance_never_holds_a_key() -> None:
    assert KEY not in repr(normalise({**OPENAI, "api_key_env": None, "api_key": KEY}, environment={}))


def test_only_the_credentials_of_those_that_are_named_are_looked_at() -> None:
    entries, environment = (OPENAI, GEMINI), {"OPENAI_API_KEY": KEY}
    assert "[1].api_key_env" in problems(*entries, environment=environment)
    assert not problems(*entries, environment=environment, credentials_of=["openai-prod"])


def test_text_that_holds_yaml_is_a_list_too() -> None:
    text = "- name: openai-prod\n  provider: openai\n  api_key_env: OPENAI_API_KEY\n  models: [gpt-4o-mini, gpt-4o]\n"
    assert instances.normalise(text, context()).instances == normalise(OPENAI)


@pytest.mark.parametrize("given", [[{**OPENAI, "description": datetime.date(2027, 1, 1)}], "- description: 2027-01-01"])
def test_a_date_is_not_taken_for_the_text_that_was_meant(given: Any) -> None:
    first = instances.normalise(given, context()).problems[0]
    assert first["path"] == "llamastack_maas_instances[0].description" and "is a date" in first["message"]


@pytest.mark.parametrize("empty", [[], None, "", "[]"])
def test_an_empty_list_is_no_problem(empty: Any) -> None:
    assert instances.normalise(empty, context()) == ([], [], [])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "a"}, "must be a list of instances"),
        ("name: a", "must be a list of instances"),
        ("- name: [", "not valid YAML in line"),
    ],
)
def test_what_is_no_list_is_reported(given: Any, message: str) -> None:
    result = instances.normalise(given, context())
    assert [problem["path"] for problem in result.problems] == ["llamastack_maas_instances"]
    assert message in result.problems[0]["message"]


def test_gemini_is_expected_as_it_lists_its_models() -> None:
    for model in ("gemini-2.5-flash", "models/gemini-2.5-flash"):
        instance = normalise({**GEMINI, "models": [model]})[0]
        assert instance["models"] == ["gemini-2.5-flash"]
        assert instance["listed_ids"] == ["gemini-team-a/models/gemini-2.5-flash"]
        assert instance["published_model"] == "gemini-2.5-flash"


def test_a_prefix_of_its_own_begins_the_ids() -> None:
    assert normalise({**OPENAI, "model_prefix": "shared"})[0]["listed_ids"][0] == "shared/gpt-4o-mini"


def test_with_all_models_open_one_is_published() -> None:
    instance = normalise({**OPENAI, "models": None, "published_model": "gpt-4o"})[0]
    assert (instance["models"], instance["listed_ids"], instance["published_model"]) == (None, [], "gpt-4o")


def test_where_no_alias_is_needed_no_model_is_published() -> None:
    entry = {key: OPENAI[key] for key in ("name", "provider", "api_key_env")}
    assert normalise(entry, generation=WithoutAlias())[0]["published_model"] is None
    assert normalise(entry, generation=None)[0]["published_id"] is None


def test_an_old_image_serves_where_no_alias_is_needed() -> None:
    assert normalise({**OPENAI, "image": "starter:0.7.3"}, generation=WithoutAlias())[0]["image"] == "starter:0.7.3"


def test_given_resources_are_laid_over_the_default() -> None:
    resources = normalise({**OPENAI, "resources": {"limits": {"memory": "1Gi", "cpu": 2}}})[0]["resources"]
    assert resources == {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"cpu": "2", "memory": "1Gi"}}


def test_settings_of_the_run_are_defaults_of_the_entries() -> None:
    settings = {"namespace": "team", "set": "workshop", "image": "mirror/starter:1.5.0"}
    first, second = normalise(OPENAI, {**GEMINI, "image": "starter:1.4.1"}, settings=settings)
    assert (first["namespace"], first["set"], first["image"]) == ("team", "workshop", "mirror/starter:1.5.0")
    assert second["image"] == "starter:1.4.1"
    assert first["published_id"] == "publishers/team/models/openai-prod"


def test_the_access_is_that_of_the_generation() -> None:
    access = normalise({**OPENAI, "access": {"groups": ["data-science"]}})[0]["access"]
    assert access["groups"] == ["data-science"]
    assert normalise({**OPENAI, "access": {"tiers": []}}, generation=None)[0]["access"] == {"tiers": []}


def test_generation_a_publishes_the_name_and_knows_only_tiers() -> None:
    a = known.get("a")
    assert normalise(OPENAI, generation=a)[0]["published_id"] == "openai-prod"
    assert "is required without models" in problems({**OPENAI, "models": None}, generation=a)["published_model"]
    assert "knows only tiers" in problems({**OPENAI, "access": {"groups": ["x"]}}, generation=a)["access.groups"]


def test_generation_b1_publishes_no_id_and_needs_no_model() -> None:
    (instance,) = normalise({**OPENAI, "models": None}, generation=known.get("b1"))
    assert (instance["published_id"], instance["published_model"]) == (None, None)


def test_what_the_generation_cannot_express_is_a_problem() -> None:
    assert problems({**OPENAI, "access": {"tiers": ["free"]}}, generation=WithoutAlias()) == {
        "access.tiers": "there are no tiers"
    }


def test_what_is_only_suspicious_about_an_access_is_a_warning() -> None:
    result = instances.normalise([{**OPENAI, "access": {"groups": ["Data Science"]}}], context())
    assert not result.problems
    assert [warning["path"] for warning in result.warnings] == ["llamastack_maas_instances[0].access.groups[0]"]


def test_egress_follows_the_setting() -> None:
    entry = {"name": "a", "provider": "openai_compatible", "models": ["m"]}
    for url, target in (("http://vllm.svc:8000/v1", "vllm.svc:8000"), ("https://api.example/v1", "api.example:443")):
        assert normalise({**entry, "settings": {"base_url": url}})[0]["egress"] == [target]


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"modles": []}, "modles", "did you mean models"),
        ({"apikey_env": "X"}, "apikey_env", "did you mean api_key_env"),
        ({"name": None}, "name", "is missing"),
        ({"name": "Openai"}, "name", "up to 38 lower case letters"),
        ({"name": "a" * 39}, "name", "up to 38 lower case letters"),
        ({"name": "1a"}, "name", "up to 38 lower case letters"),
        ({"name": "a."}, "name", "up to 38 lower case letters"),
        ({"name": 5}, "name", "up to 38 lower case letters"),
        ({"name": "all"}, "model_prefix", "has a meaning of its own"),
        ({"provider": None}, "provider", "is missing; known: anthropic, gemini"),
        ({"provider": "opnai"}, "provider", "there is no provider opnai; did you mean openai"),
        ({"provider": ["openai"]}, "provider", "must be the name of a provider"),
        ({"models": []}, "models", "leave it out to open all"),
        ({"models": "gpt-4o"}, "models", "leave it out to open all"),
        ({"models": ["gpt-4o", 4]}, "models[1]", "must be a model id as text"),
        ({"models": ["gpt-4o "]}, "models[0]", "without white space"),
        ({"models": ["gpt-4o", "gpt-4o"]}, "models[1]", "in the list already"),
        ({"models": ["openai-prod/gpt-4o"]}, "models[0]", "without the prefix openai-prod/"),
        (
            {"settings": {"base_url": "https://x.example/${env.OPENAI_API_KEY}"}},
            "settings.base_url",
            "would try to fill in",
        ),
        ({"models": ["${env.OPENAI_API_KEY}"]}, "models[0]", "would try to fill in"),
        ({"published_model": "gpt-4o-mni"}, "published_model", "is not in models; did you mean gpt-4o-mini"),
        ({"published_model": ["gpt-4o"]}, "published_model", "as text"),
        ({"models": None}, "published_model", "is required without models"),
        ({"model_prefix": "a/b"}, "model_prefix", "must start with a letter"),
        ({"model_prefix": "publishers"}, "model_prefix", "has a meaning of its own"),
        ({"settings": {"base_ulr": "x"}}, "settings.base_ulr", "did you mean base_url"),
        ({"settings": ["x"]}, "settings", "must be a mapping"),
        ({"settings": {"base_url": "api.openai.com"}}, "settings.base_url", "must be a URL"),
        ({"settings": {"base_url": "https://${env.X}/v1"}}, "settings.base_url", "would try to fill in"),
        ({"settings": {"base_url": "https://x.example/v1/models"}}, "settings.base_url", "ends in /models"),
        ({"settings": {"base_url": "https://u:p@x.example/v1"}}, "settings.base_url", "user name or a password"),
        ({"image": "an image"}, "image", "name of an image"),
        ({"image": "starter:0.7.3"}, "image", "alias"),
        ({"image": "starter:0.4.7"}, "image", "administrative paths"),
        ({"replicas": 0}, "replicas", "whole number from 1"),
        ({"replicas": "two"}, "replicas", "whole number from 1"),
        ({"replicas": ""}, "replicas", "whole number from 1"),
        ({"replicas": True}, "replicas", "whole number from 1"),
        ({"resources": {"limit": {}}}, "resources.limit", "did you mean limits"),
        ({"resources": {"limits": "1Gi"}}, "resources.limits", "must be a mapping"),
        ({"resources": {"limits": {"memory": "1 GB"}}}, "resources.limits.memory", "must be a quantity"),
        ({"display_name": ["x"]}, "display_name", "must be text"),
        ({"display_name": "{{ team }}"}, "display_name", "literal {{"),
        ({"description": "uses {% raw %}"}, "description", "literal {{"),
        ({"display_name": "J\udcfcrgen"}, "display_name", "is not UTF-8 text"),
        ({"display_name": "a\x7f"}, "display_name", "control character U+007F"),
        ({"description": "a\n\x85"}, "description", "control character U+0085"),
        ({"description": "\x1b[31m red"}, "description", "control character U+001B"),
        ({"description": "\udc00 after \ud83d"}, "description", "is not UTF-8 text"),
        ({"access": {"groups": []}}, "access", "names nobody"),
        ({"access": {"token_limits": [{"limit": 0, "window": "1m"}]}}, "access.token_limits[0].limit", ""),
        ({"access": {"token_limits": [{"limit": 1, "window": "60"}]}}, "access.token_limits[0].window", ""),
    ],
)
def test_a_bad_entry_is_reported_with_its_path(changes: dict, path: str, message: str) -> None:
    found = problems({**OPENAI, **changes})
    assert list(found) == [path]
    assert message in found[path]


@pytest.mark.parametrize(
    "text",
    ["\U0001f680", "\U0001f469\u200d\U0001f4bb \u4e2d \U00020bb7", "\ud83d\ude80", "\U0010ffff\u2028\ufeff\t\r\n"],
)
def test_any_character_may_stand_in_a_text(text: str) -> None:
    """Also one that was escaped in two parts and read by a reader that leaves it so."""
    found = normalise({**OPENAI, "display_name": text, "description": text, "access": {"groups": ["\U0001f680"]}})[0]
    whole = text.replace("\ud83d\ude80", "\U0001f680")
    assert [found["display_name"], found["description"], *found["access"]["groups"]] == [whole, whole, "\U0001f680"]


def test_a_setting_that_the_provider_needs_is_reported() -> None:
    found = problems({"name": "a", "provider": "openai_compatible", "models": ["m"]})
    assert found == {"settings.base_url": "OpenAI-compatible server needs it: Where the API is, with its version."}


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [("count", "some", "whole number"), ("flag", "perhaps", "true or false"), ("text", 3, "must be text")],
)
def test_a_setting_has_the_type_of_its_provider(setting: str, value: Any, message: str) -> None:
    kinds = {"count": {"type": "int"}, "flag": {"type": "bool"}, "text": {}}
    registry = provider_registry.load({"own": {"type": "remote::own", "settings": kinds}})[0]
    entry = {"name": "a", "provider": "own", "models": ["m"], "settings": {setting: value}}
    assert message in problems(entry, registry=registry)[f"settings.{setting}"]


@pytest.mark.parametrize("entry", [None, "openai", 5, ["name"]])
def test_what_is_no_mapping_is_reported(entry: Any) -> None:
    assert "must be a mapping" in problems(entry)["[0]"]


def test_the_same_name_twice_is_reported_at_the_second() -> None:
    found = problems(OPENAI, {**GEMINI, "name": "openai-prod"})
    assert set(found) == {"[1].name", "[1].model_prefix"}
    assert "openai-prod is that of entry 0 too" in found["[1].name"]


def test_the_same_prefix_twice_is_reported() -> None:
    assert set(problems(OPENAI, {**GEMINI, "model_prefix": "openai-prod"})) == {"[1].model_prefix"}


def test_two_keys_of_one_provider_are_two_instances() -> None:
    first, second = normalise(OPENAI, {**OPENAI, "name": "openai-lab"})
    assert not set(first["listed_ids"]) & set(second["listed_ids"])


def test_keys_are_looked_at_only_where_the_environment_is_given() -> None:
    assert not problems(OPENAI)
    assert list(problems(OPENAI, environment={})) == ["api_key_env"]
    assert not problems(OPENAI, environment={"OPENAI_API_KEY": KEY})


def test_secrets_of_others_are_checked_where_something_is_known_of_them() -> None:
    entry = {**OPENAI, "api_key_env": None, "credentials_secret": {"name": "corp"}}
    assert list(problems(entry, secrets={"corp": {"exists": False}})) == ["credentials_secret.name"]


def test_named_secrets_are_found_in_a_list_that_is_wrong_elsewhere() -> None:
    given = [
        {"credentials_secret": {"name": "b"}},
        {"name": "A", "credentials_secret": {"name": "a"}},
        {"credentials_secret": {"name": "b", "keys": 5}},
        {"credentials_secret": "text"},
        {"credentials_secret": {"name": ["c"]}},
        "text",
        OPENAI,
    ]
    assert instances.named_secrets(given) == ["a", "b"]
    assert instances.named_secrets("- name: [") == []


def test_an_unknown_release_and_plain_http_are_warnings() -> None:
    entry = {**OPENAI, "image": "starter:latest", "settings": {"base_url": "http://gateway.example/v1"}}
    result = instances.normalise([entry], context())
    assert not result.problems
    assert [warning["path"] for warning in result.warnings] == [
        "llamastack_maas_instances[0].image",
        "llamastack_maas_instances[0].settings.base_url",
    ]
    assert "0.8.0 or newer" in result.warnings[0]["message"]


@pytest.mark.parametrize(
    ("provider", "url", "warned"),
    [
        ({"type": "remote::openai"}, "https://llm.corp.example", True),
        ({"type": "remote::openai"}, "https://llm.corp.example/api/v1", False),
        ({"type": "remote::watsonx"}, "https://us-south.ml.cloud.ibm.com", False),
        ({"type": "remote::own", "check": {"url": "{endpoint}/models"}}, "https://llm.corp.example", True),
        ({"type": "remote::own", "check": {"url": "{endpoint}/v1/models"}}, "https://llm.corp.example", False),
    ],
)
def test_a_url_without_a_version_is_a_warning_where_calls_are_made_right_behind_it(
    provider: dict[str, Any], url: str, warned: bool
) -> None:
    own = {"settings": {"endpoint": {"type": "url", "config": "base_url"}}, **provider}
    entry = {"name": "a", "provider": "own", "models": ["m"], "settings": {"endpoint": url}}
    result = instances.normalise([entry], context(registry=provider_registry.load({"own": own})[0]))
    assert not result.problems
    assert [each["path"] for each in result.warnings] == (
        ["llamastack_maas_instances[0].settings.endpoint"] if warned else []
    )


def test_every_setting_that_is_a_url_is_looked_at() -> None:
    own = {"type": "remote::own", "settings": {"tokens_at": {"type": "url"}, "name": {}}}
    entry = {"name": "a", "provider": "own", "models": ["m"], "settings": {}}
    entry["settings"] = {"tokens_at": "https://u:p@x.example/oauth?x=1", "name": "a?b/models"}
    result = instances.normalise([entry], context(registry=provider_registry.load({"own": own})[0]), path="")
    assert [each["path"] for each in result.problems] == ["[0].settings.tokens_at"] * 2


def test_all_problems_of_all_entries_come_at_once() -> None:
    found = problems({"name": "A", "provider": "opnai"}, "text", {**GEMINI, "models": []}, environment={})
    assert set(found) == {"name", "provider", "[1]", "[2].api_key_env", "[2].models"}


def test_no_part_of_a_key_is_in_any_message() -> None:
    secrets = ["sk-proj-Zq7" + str(index) * 12 for index in range(9)]
    entries: list[dict[str, Any]] = [
        {**OPENAI, "api_key_env": secrets[0]},
        {**OPENAI, "api_key_env": secrets[1].replace("-", "")},
        {**OPENAI, "api_key_env": None, "api_key": secrets[2] + "\n"},
        {**OPENAI, "api_key_env": None, "api_key": secrets[3], "credentials": {"api_key": secrets[4]}},
        {**OPENAI, "api_key_env": None, "credentials": {"key": secrets[5]}},
        {**OPENAI, "api_key_env": None, "credentials": secrets[6]},
        {**OPENAI, "api_key_env": None, "credentials_secret": secrets[7]},
        {**OPENAI, "settings": {"base_url": f"user:{secrets[8]}@host"}},
        {**GEMINI, "api_key_env": None, "api_key": secrets[0]},
    ]
    result = instances.normalise(entries, context(environment={}))
    text = repr(result)
    assert len(result.problems) > len(entries) and result.warnings
    assert "Zq7" not in text


@pytest.mark.parametrize("text", ["- name: one\n  provider: openai\n  name: two\n", '[{"name": "one", "name": "two"}]'])
def test_an_entry_that_has_a_key_twice_is_an_error_and_not_the_last_of_them(text: str) -> None:
    (problem,) = instances.normalise(text, context()).problems
    assert problem["path"] == instances.PATH
    assert "the key name is given twice, in line 1 and line " in problem["message"]


@pytest.mark.parametrize("nothing", [None, "", " \n", "# nothing yet", "null"])
def test_a_list_that_is_not_given_is_a_problem_where_one_is_needed(nothing: Any) -> None:
    assert instances.normalise(nothing, context(list_needed=False)).problems == []
    assert [problem["message"] for problem in instances.normalise(nothing, context(list_needed=True)).problems] == [
        instances.NOT_GIVEN
    ]
    assert "-e @instances.yml" in instances.NOT_GIVEN and "llamastack_maas_hosts" in instances.NOT_GIVEN


@pytest.mark.parametrize("empty", [[], "[]", " [ ] "])
def test_an_empty_list_that_is_given_is_one(empty: Any) -> None:
    assert instances.normalise(empty, context(list_needed=True)) == ([], [], [])


def test_every_part_of_an_entry_may_be_text() -> None:
    as_data = {
        **OPENAI,
        "replicas": 2,
        "resources": {"limits": {"cpu": 2}},
        "access": {"groups": ["a"], "token_limits": [{"limit": 50000, "window": "1m"}], "priority": 3},
    }
    as_text = {
        **OPENAI,
        "models": "[gpt-4o-mini, gpt-4o]",
        "replicas": "2",
        "resources": "limits: {cpu: 2}",
        "access": {"groups": '["a"]', "token_limits": "[{limit: '50000', window: 1m}]", "priority": " 3 "},
    }
    assert normalise(as_text) == normalise(as_data)
    assert normalise({**as_text, "access": yaml_text.dump(as_text["access"])}) == normalise(as_data)
    assert normalise({**as_data, "access": {**as_data["access"], "token_limits": [{"limit": 5e4, "window": "1m"}]}})


def test_credentials_may_be_text() -> None:
    entry = {**GEMINI, "api_key_env": None, "credentials_secret": "{name: corp, keys: '{api_key: token}'}"}
    assert normalise(entry)[0]["credentials"]["fields"][0]["key"] == "token"
    assert instances.named_secrets([entry]) == ["corp"]


def test_settings_have_the_type_that_their_provider_says() -> None:
    own = {
        "type": "remote::own",
        "settings": {"fast": {"type": "bool"}, "size": {"type": "int", "default": "8"}, "name": {"required": "true"}},
    }
    registry = provider_registry.load({"own": own})[0]
    entry = {"name": "a", "provider": "own", "models": ["m"], "settings": {"fast": "no", "name": "007"}}
    assert normalise(entry, registry=registry)[0]["settings"] == {"fast": False, "size": 8, "name": "007"}
    wrong = {**entry, "settings": {"fast": "perhaps", "size": "some"}}
    assert {"settings.fast", "settings.size", "settings.name"} == set(problems(wrong, registry=registry))


def test_a_blank_part_is_not_the_default_of_that_part() -> None:
    """The default of access admits everybody, that of models opens all."""
    blank = {**OPENAI, "models": "", "access": {"groups": "", "token_limits": " "}}
    assert {"models", "access.groups", "access.token_limits"} <= set(problems(blank))


def test_text_within_an_entry_that_cannot_be_read_is_reported_at_its_place() -> None:
    found = problems({**OPENAI, "resources": "{limits: {cpu: 1}, limits: {}}", "access": {"groups": "[a"}})
    assert "the key limits is given twice" in found["resources"]
    assert "a list of group names" in found["access.groups"] or "not valid YAML" in found["access.groups"]


def test_a_model_id_may_begin_with_the_name_of_the_instance() -> None:
    """A server of one's own may have ids such as openai/gpt-oss-120b."""
    entry = {
        "name": "openai",
        "provider": "openai_compatible",
        "models": ["openai/gpt-oss-120b"],
        "settings": {"base_url": "https://models.example.com/v1"},
    }
    result = instances.normalise([entry], context())
    assert result.problems == []
    assert result.instances[0]["listed_ids"] == ["openai/openai/gpt-oss-120b"]
    assert result.instances[0]["published_model"] == "openai/gpt-oss-120b"
    (warning,) = [each for each in result.warnings if each["path"].endswith("models[0]")]
    assert "it is called openai/openai/gpt-oss-120b" in warning["message"]


def test_the_advice_for_a_model_id_with_the_prefix_can_be_followed() -> None:
    entry = {**OPENAI, "name": "openai", "models": ["openai/gpt-oss-120b"]}
    assert "give the entry another model_prefix" in problems(entry)["models[0]"]
    assert normalise({**entry, "model_prefix": "oss"})[0]["listed_ids"] == ["oss/openai/gpt-oss-120b"]
