# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a LiteLLM holds as lists, without its network. What its API answers is in tests/litellm/test_export.py."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.llamastack.maas.plugins.module_utils.litellm import objects
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.accounts import LITEMAAS_TEAM
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.export import (
    INSTANCES,
    KEYS,
    MODELS,
    ROUTES,
    TEAMS,
    USERS,
    Export,
    Reading,
    Unreadable,
    export,
    read,
    summary,
    text,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import litemaas, registry

NOW = "2026-12-01T04:00:00Z"
PROVIDERS = registry.load(None)[0]


def model(name: str, of: str, *, info: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    return {"model_name": name, "litellm_params": {"model": of, **params}, "model_info": {"id": name, **(info or {})}}


def team(name: str, *models: str, **more: Any) -> dict[str, Any]:
    return {"team_id": name, "models": list(models), **more}


def key(alias: str, *models: str, **more: Any) -> dict[str, Any]:
    return {"key_alias": alias, "token": "0123456789abcdef", "models": list(models), **more}


def exported(*models: dict[str, Any], router: dict[str, Any] | None = None, **more: Any) -> Export:
    return export(
        Reading(models=models, router={"current_values": router or {}}, now=NOW, **more), PROVIDERS, "litemaas"
    )


def noted(found: Export, of: str) -> str:
    return "\n".join(each["what"] for each in found.notes if each["object"] == of)


def content_of(found: Export) -> dict[str, Any]:
    """What our own input makes of it."""
    given = {
        name.removeprefix("llamastack_maas_").removeprefix("litemaas_"): each for name, each in found.lists.items()
    }
    checked = litemaas.normalise(given, litemaas.GatewayContext(namespace="litemaas", registry=PROVIDERS))
    assert [] == checked.problems
    return checked.content


# Reading


class Answers:
    """A LiteLLM that answers what it is given by path, and lists nothing."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def get(self, path: str, **query: Any) -> Any:
        return self._answers.get(path.strip("/").replace("/", "_").replace("-", "_"), {})

    def pages(self, path: str, items: str, size: str = "page_size", **query: Any) -> list[Any]:
        return self._answers.get(items, [])


def encryption(legacy: int) -> dict[str, Any]:
    table = {"scanned": 2, "plaintext": 2 - legacy, "legacy": legacy, "already_v2": 0, "undecryptable": 0}
    return {"report": {"locations": {"model_table": table}}}


def test_what_is_read_is_all_that_lists_have() -> None:
    litellm: Any = Answers(
        credentials_migrate_encryption_check=encryption(2),
        data=[model("p/a", "openai/a")],
        keys=[key("k")],
        v2_guardrails_list={"guardrails": [{}, {}]},
    )
    found = read(litellm, NOW)
    assert ([each["model_name"] for each in found.models], len(found.keys)) == (["p/a"], 1)
    assert found.others["guardrails"] == 2


def test_with_a_wrong_salt_nothing_is_exported() -> None:
    """Everything looks healthy then, and the models are gone."""
    litellm: Any = Answers(credentials_migrate_encryption_check=encryption(0))
    with pytest.raises(Unreadable, match="Give LiteLLM the salt key"):
        read(litellm, NOW)


# Models


def test_models_of_one_provider_and_one_prefix_are_an_instance() -> None:
    found = exported(
        model("openai-prod/gpt-4o-mini", "openai/gpt-4o-mini"),
        model("openai-prod/gpt-4o", "openai/gpt-4o"),
        model("gemini/gemini-2.5-flash", "gemini/gemini-2.5-flash"),
    )
    # By name: LiteLLM lists them in another order each time.
    assert found.lists[INSTANCES] == [
        {"name": "gemini", "provider": "gemini", "api_key_env": "GEMINI_API_KEY", "models": ["gemini-2.5-flash"]},
        {
            "name": "openai-prod",
            "provider": "openai",
            "api_key_env": "OPENAI_PROD_API_KEY",
            "models": ["gpt-4o", "gpt-4o-mini"],
        },
    ]
    assert found.variables == {"OPENAI_PROD_API_KEY": "openai-prod", "GEMINI_API_KEY": "gemini"}
    assert (found.lists[MODELS], found.lists[ROUTES], found.notes) == ([], [], [])


def test_a_name_that_no_instance_has_is_kept_by_a_route() -> None:
    found = exported(model("claude", "anthropic/claude-sonnet-4-6"), teams=[team("a", "claude")])
    (instance,) = found.lists[INSTANCES]
    assert (instance["name"], instance["models"]) == ("anthropic", ["claude-sonnet-4-6"])
    assert found.lists[ROUTES] == [
        {"name": "claude", "order": ["anthropic/claude-sonnet-4-6"], "access": {"groups": ["a"]}}
    ]
    # MaaS has no routes: whoever may call the name may call what it stands for.
    assert instance["access"] == {"groups": ["a"]}


@pytest.mark.parametrize("params", [{"custom_llm_provider": "openai"}, {}])
def test_a_model_without_a_provider_in_front_is_of_the_one_that_litellm_says(params: dict[str, str]) -> None:
    found = exported(model("prod/gpt-4o", "gpt-4o", info={"litellm_provider": "openai"}, **params))
    assert [each["provider"] for each in found.lists[INSTANCES]] == ["openai"]


def test_a_prefix_that_is_no_name_of_an_instance_stays_the_prefix() -> None:
    found = exported(model("OpenAI.Prod/gpt-4o", "openai/gpt-4o"))
    (instance,) = found.lists[INSTANCES]
    assert (instance["name"], instance["model_prefix"]) == ("openai-prod", "OpenAI.Prod")
    assert content_of(found)["models"][0]["name"] == "OpenAI.Prod/gpt-4o"


def test_one_prefix_with_two_credentials_is_two_instances() -> None:
    found = exported(
        model("prod/gpt-4o", "openai/gpt-4o", litellm_credential_name="one"),
        model("prod/gpt-4o-mini", "openai/gpt-4o-mini", litellm_credential_name="two"),
    )
    assert [each["name"] for each in found.lists[INSTANCES]] == ["prod", "prod-2"]
    assert found.lists[ROUTES] == [{"name": "prod/gpt-4o-mini", "order": ["prod-2/gpt-4o-mini"]}]


def test_a_server_of_its_own_is_a_model_or_an_instance_by_the_name_that_it_has() -> None:
    url = "https://vllm.example.com/v1"
    found = exported(
        model("llama", "openai/llama-32-3b", api_base=f"{url}/"),
        model("vllm/llama-32-3b", "hosted_vllm/llama-32-3b", api_base=url),
        model("vectors", "hosted_vllm/nomic", api_base=url, info={"mode": "embedding"}),
        model("old", "text-completion-openai/davinci", api_base=url),
    )
    assert found.lists[INSTANCES] == [
        {
            "name": "vllm",
            "provider": "openai_compatible",
            "api_key_env": "VLLM_API_KEY",
            "models": ["llama-32-3b"],
            "settings": {"base_url": url},
        }
    ]
    assert found.lists[MODELS] == [
        {"name": "llama", "url": url, "model": "llama-32-3b", "api_key_env": "LLAMA_API_KEY"},
        {"name": "old", "url": url, "model": "davinci", "api_key_env": "OLD_API_KEY", "mode": "completion"},
        {"name": "vectors", "url": url, "model": "nomic", "api_key_env": "VECTORS_API_KEY", "mode": "embedding"},
    ]
    assert [each["mode"] for each in content_of(found)["models"]] == ["chat", "chat", "completion", "embedding"]


def test_a_provider_of_the_users_is_known_by_its_entry() -> None:
    bedrock = {
        "type": "remote::bedrock",
        "credentials": {"id": {"env": "ID"}, "key": {"env": "KEY"}, "token": {"env": "T", "required": False}},
        "settings": {"region": {}},
        "litellm": {
            "model": "bedrock/{id}",
            "params": {
                "id": "aws_access_key_id",
                "key": "aws_secret_access_key",
                "token": "t",
                "region": "aws_region_name",
            },
        },
    }
    providers = registry.load({"bedrock": bedrock})[0]
    row = model("aws/nova", "bedrock/nova", aws_region_name="eu-west-1")
    found = export(Reading(models=[row], now=NOW), providers, "litemaas")
    assert found.lists[INSTANCES] == [
        {
            "name": "aws",
            "provider": "bedrock",
            "credentials_env": {"id": "AWS_ID", "key": "AWS_KEY"},
            "models": ["nova"],
            "settings": {"region": "eu-west-1"},
        }
    ]
    assert found.notes == []


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (model("x", "azure/dep", api_base="https://x.openai.azure.com"), "LiteLLM's provider azure"),
        (model("x", "openai/*"), "every model of a provider"),
        (model("x", "openai/gpt-4o", info={"blocked": True}), "it is blocked"),
        (model("x", "openai/gpt-4o", info={"team_id": "t"}), "it belongs to team t alone"),
        (model("x y", "openai/gpt-4o"), "no such name"),
        (model("x", "openai/tts", api_base="https://a.example.com", info={"mode": "audio_speech"}), "audio_speech"),
        (model("x", "openai/a", api_base="https://user:secret@a.example.com/v1"), "without a URL that can be used"),
    ],
)
def test_what_no_entry_can_have_is_left_out_and_noted(row: dict[str, Any], why: str) -> None:
    found = exported(row, teams=[team("a")], keys=[key("k", row["model_name"])])
    assert [each for name in (INSTANCES, MODELS, ROUTES, KEYS) for each in found.lists[name]] == []
    assert why in noted(found, f"model {row['model_name']}")
    assert "may call nothing" in noted(found, "key k")
    assert "secret" not in str(found)


def test_of_parameters_without_a_place_only_the_names_are_noted() -> None:
    row = model("p/gpt-4o", "openai/gpt-4o", rpm=10, extra_headers={"x-key": "s3cr3t"}, use_litellm_proxy=False)
    found = exported(row)
    assert noted(found, "model p/gpt-4o") == "has extra_headers, rpm, which its entry cannot say"
    assert "s3cr3t" not in str(found)


def test_what_litellm_fills_in_by_itself_is_not_exported() -> None:
    url = {"api_base": "https://vllm.example.com/v1"}
    known = {"max_tokens": 16384, "max_output_tokens": 16384, "input_cost_per_token": 1e-07}
    found = exported(
        model("a", "openai/a", info=known, **url),
        model("b", "openai/b", info={**known, "max_output_tokens": 500}, output_cost_per_token="2e-07", **url),
    )
    limits = [
        {k: each[k] for k in each if k not in ("name", "url", "model", "api_key_env")} for each in found.lists[MODELS]
    ]
    assert limits == [{}, {"max_output_tokens": 500, "output_cost_per_token": 2e-07}]


# Routes


def test_several_deployments_of_a_name_are_a_route_in_their_order() -> None:
    found = exported(
        model("ops", "gemini/gemini-2.5-flash", order=2, cooldown_time=60, timeout="30"),
        model("ops", "openai/gpt-4o", order=1, cooldown_time=60, timeout="30"),
        model("openai/gpt-4o", "openai/gpt-4o"),
    )
    assert [each["name"] for each in found.lists[INSTANCES]] == ["gemini", "openai"]
    assert found.lists[ROUTES] == [
        {"name": "ops", "order": ["openai/gpt-4o", "gemini/gemini-2.5-flash"], "cooldown": 60, "timeout": 30}
    ]
    assert content_of(found)["routes"][0]["order"] == ["openai/gpt-4o", "gemini/gemini-2.5-flash"]


def test_deployments_that_share_calls_get_an_order_and_a_note() -> None:
    url = "https://{}.example.com/v1"
    found = exported(
        model("llama", "openai/llama", api_base=url.format("a")),
        model("llama", "openai/llama", api_base=url.format("b")),
    )
    assert [each["name"] for each in found.lists[MODELS]] == ["llama-llama", "llama-llama-2"]
    assert found.lists[ROUTES] == [{"name": "llama", "order": ["llama-llama", "llama-llama-2"]}]
    assert "2 deployments that share its calls" in noted(found, "model llama")


def test_a_route_never_has_the_name_of_a_model() -> None:
    found = exported(
        model("openai/gpt-4o", "openai/gpt-4o", order=1),
        model("openai/gpt-4o", "gemini/gemini-2.5-flash", order=2),
    )
    (route,) = found.lists[ROUTES]
    assert route == {"name": "openai/gpt-4o", "order": ["openai-2/gpt-4o", "gemini/gemini-2.5-flash"]}
    content_of(found)


def test_a_route_of_ours_is_read_by_its_mark() -> None:
    marked = objects.mark("default", ["litellm_params.model"])
    url = "https://vllm.example.com/v1"
    found = exported(
        model("granite", "hosted_vllm/granite-8b", api_base=url, info=marked),
        model(
            "ops",
            "hosted_vllm/granite-8b",
            api_base=url,
            order=1,
            cooldown_time=5,
            info={**marked, "member": "granite"},
        ),
        router={"context_window_fallbacks": [{"ops": ["granite"]}]},
    )
    assert found.lists[ROUTES] == [{"name": "ops", "order": ["granite"], "cooldown": 5}]
    assert found.notes == []


def test_what_is_asked_where_a_model_fails_becomes_a_route_of_its_own() -> None:
    found = exported(
        model("p/gpt-4o", "openai/gpt-4o"),
        model("g/gemini-2.5-flash", "gemini/gemini-2.5-flash"),
        router={
            "fallbacks": [{"p/gpt-4o": ["g/gemini-2.5-flash", "gone"]}],
            "context_window_fallbacks": [{"p/gpt-4o": ["g/gemini-2.5-flash"]}],
            "model_group_alias": {"best": "p/gpt-4o", "odd": {"model": "gone"}},
        },
        teams=[team("a", "p/gpt-4o")],
    )
    routes = {each["name"]: each for each in found.lists[ROUTES]}
    assert routes["best"] == {"name": "best", "order": ["p/gpt-4o"]}
    assert routes["p/gpt-4o-with-fallback"] == {
        "name": "p/gpt-4o-with-fallback",
        "order": ["p/gpt-4o", "g/gemini-2.5-flash"],
        "on_context": ["g/gemini-2.5-flash"],
        "access": {"groups": ["a"]},
    }
    assert "by the route p/gpt-4o-with-fallback" in noted(found, "model p/gpt-4o")
    assert "is followed by gone" in noted(found, "route p/gpt-4o")
    assert "stands for gone" in noted(found, "route odd")


def test_settings_of_the_router_are_noted_by_their_names() -> None:
    router = {"current_values": {"num_retries": 1, "redis_password": "s3cr3t", "timeout": 6000}}
    router["source"] = {"num_retries": "db", "redis_password": "config", "timeout": "default"}
    found = export(Reading(router=router, now=NOW), PROVIDERS, "litemaas")
    assert [each["object"] for each in found.notes] == ["router setting num_retries", "router setting redis_password"]
    assert "s3cr3t" not in str(found)


# Callers

TWO = (model("p/a", "openai/a"), model("p/b", "openai/b"))


def test_a_team_that_may_call_an_instance_is_a_group_of_it() -> None:
    limits = {"model_tpm_limit": {"p/a": 5000, "p/b": 5000}}
    found = exported(*TWO, teams=[team("t", "p/a", "p/b", metadata=limits)])
    assert found.lists[INSTANCES][0]["access"] == {"groups": ["t"], "token_limits": [{"limit": 5000, "window": "1m"}]}
    assert found.lists[TEAMS] == []
    (made,) = content_of(found)["teams"]
    assert (made["models"], made["model_tpm"]) == (["p/a", "p/b"], {"p/a": 5000, "p/b": 5000})


def test_a_team_that_may_call_a_part_says_so_itself() -> None:
    limits = {"model_tpm_limit": {"p/a": 5000}}
    budget = {"max_budget": 100.0, "budget_duration": "30d"}
    found = exported(
        *TWO, teams=[team("t", "p/a"), team("u", "p/a", "p/b", **budget), team("v", "p/a", metadata=limits)]
    )
    assert found.lists[INSTANCES][0]["access"] == {"groups": ["u"]}
    assert found.lists[TEAMS] == [
        {"id": "t", "models": ["p/a"]},
        {"id": "u", "budget": 100, "budget_duration": "30d"},
        {"id": "v", "models": ["p/a"], "tpm": 5000},
    ]
    assert "5000 tokens a minute for a model" in noted(found, "team v")


def test_limits_that_differ_become_the_lowest() -> None:
    def limited(limit: int) -> dict[str, Any]:
        return {"metadata": {"model_tpm_limit": {"p/a": limit, "p/b": limit}}}

    found = exported(*TWO, teams=[team("t", "p/a", "p/b", **limited(9000)), team("u", "p/a", "p/b", **limited(5000))])
    assert found.lists[INSTANCES][0]["access"]["token_limits"] == [{"limit": 5000, "window": "1m"}]
    assert "some have 9000" in noted(found, "access of p")


def test_who_may_call_everything_may_call_what_there_is_today() -> None:
    found = exported(*TWO, teams=[team("t")], users=[{"user_id": "u", "models": []}], keys=[key("k")])
    assert content_of(found)["teams"][0]["models"] == ["p/a", "p/b"]
    assert found.lists[USERS] == [{"id": "u", "models": ["p/a", "p/b"]}]
    assert found.lists[KEYS][0]["models"] == ["p/a", "p/b"]
    for each in ("team t", "user u", "key k"):
        assert "those of today" in noted(found, each)


def test_an_access_group_of_litellm_stands_for_its_members() -> None:
    found = exported(
        model("p/a", "openai/a", info={"access_groups": ["small"]}), model("p/b", "openai/b"), keys=[key("k", "small")]
    )
    assert found.lists[KEYS][0]["models"] == ["p/a"]


def test_who_may_call_nothing_still_may_not() -> None:
    rows = {"teams": [team("t", "no-default-models")], "users": [{"user_id": "u", "models": ["no-default-models"]}]}
    found = exported(*TWO, **rows, keys=[key("k", team_id="t"), key("l", user_id="u")])
    content = content_of(found)
    assert [each["models"] for each in (*content["teams"], *content["users"])] == [["no-default-models"]] * 2
    assert content["keys"] == []


@pytest.mark.parametrize(
    "of", [{"blocked": True}, {"max_budget": 0.0}, {"tpm_limit": 0}, {"litellm_budget_table": {"max_budget": 0}}]
)
def test_whoever_is_shut_out_is_left_out(of: dict[str, Any]) -> None:
    found = exported(
        *TWO,
        teams=[team("t", **of)],
        users=[{"user_id": "u", **of}],
        keys=[key("k", "p/a", **of), key("l", "p/a", team_id="t"), key("m", "p/a", user_id="u")],
    )
    assert [found.lists[name] for name in (TEAMS, USERS, KEYS)] == [[], [], []]
    assert "access" not in found.lists[INSTANCES][0]
    assert {"team t", "user u", "key k", "key l", "key m"} <= {each["object"] for each in found.notes}


def test_the_team_of_the_backend_and_the_user_of_the_master_key_are_nobodys() -> None:
    found = exported(*TWO, teams=[team(LITEMAAS_TEAM)], users=[{"user_id": "default_user_id"}])
    assert (found.lists[TEAMS], found.lists[USERS], found.notes) == ([], [], [])


def test_a_key_has_a_secret_to_be_named_and_no_value() -> None:
    rows = [
        key("Note_Book", "p/a", max_budget=5.0, tpm_limit=20000, rpm_limit=10, user_id="default_user_id"),
        key("note.book", "p/a"),
        {"token": "abcdef0123456789", "key_name": "sk-...abcd", "models": ["p/a"]},
    ]
    found = exported(*TWO, keys=rows)
    assert found.lists[KEYS] == [
        {
            "alias": "Note_Book",
            "models": ["p/a"],
            "budget": 5,
            "tpm": 20000,
            "rpm": 10,
            "secret": {"name": "note-book-key", "namespace": "litemaas"},
        },
        {"alias": "note.book", "models": ["p/a"], "secret": {"name": "note-book-key-2", "namespace": "litemaas"}},
        {"alias": "key-abcdef01", "models": ["p/a"], "secret": {"name": "key-abcdef01-key", "namespace": "litemaas"}},
    ]
    assert "has no alias" in noted(found, "key key-abcdef01")
    content_of(found)


@pytest.mark.parametrize(
    ("expires", "duration"),
    [("2026-12-31T04:00:00.951000Z", "30d"), ("2026-12-02T05:00:00Z", "25h"), ("2026-12-01T04:01:30+00:00", "90s")],
)
def test_a_key_that_ends_lives_as_long_as_it_still_has(expires: str, duration: str) -> None:
    found = exported(*TWO, keys=[key("k", "p/a", expires=expires)])
    assert found.lists[KEYS][0]["duration"] == duration
    assert f"ends at {expires[:19]}" in noted(found, "key k")


def test_a_key_of_ours_has_the_duration_that_was_asked_for() -> None:
    metadata = {**objects.mark("default", ["duration"]), "duration": "30d"}
    found = exported(*TWO, keys=[key("k", "p/a", expires="2026-12-03T04:00:00Z", metadata=metadata)])
    assert found.lists[KEYS][0]["duration"] == "30d"


def test_a_key_that_has_ended_is_left_out() -> None:
    found = exported(*TWO, keys=[key("k", "p/a", expires="2026-12-01T03:59:59Z")])
    assert found.lists[KEYS] == []
    assert "has come to its end" in noted(found, "key k")


def test_a_key_gets_no_more_than_its_owner_may_call() -> None:
    found = exported(
        *TWO,
        teams=[team("t", "p/a")],
        keys=[
            key("k", "p/a", "p/b", team_id="t"),
            key("l", "all-team-models", team_id="t"),
            key("m", "p/b", team_id="t"),
        ],
    )
    content = content_of(found)
    assert [(each["alias"], each["models"]) for each in content["keys"]] == [("k", ["p/a"]), ("l", ["p/a"])]
    assert content["teams"][0]["models"] == ["p/a"]
    assert "names p/b, which its team may not call" in noted(found, "key k")


def test_a_user_with_keys_of_several_teams_is_in_none() -> None:
    users = [{"user_id": "u", "teams": ["t", "v"], "models": ["no-default-models"], "max_budget": 20}]
    found = exported(
        *TWO,
        teams=[team("t", "p/a"), team("v", "p/a")],
        users=users,
        keys=[key("k", "p/a", team_id="v", user_id="u"), key("l", "p/a", team_id="t", user_id="u")],
    )
    assert found.lists[USERS] == [{"id": "u", "budget": 20}]
    assert {each["user"] for each in content_of(found)["keys"]} == {"u"}
    assert "an entry has one" in noted(found, "user u")


def test_what_restricts_and_has_no_place_is_noted() -> None:
    row = key("k", "p/a", max_parallel_requests=2, metadata={"model_tpm_limit": {"p/a": 5}, "note": "x"})
    found = exported(*TWO, keys=[row], others={"guardrails": 2, "tags": 0})
    assert noted(found, "key k") == "is restricted by max_parallel_requests, model_tpm_limit, which no entry can say"
    assert "there are 2" in noted(found, "guardrails")
    assert not noted(found, "tags")


# The file


def test_the_file_holds_the_lists_and_says_what_is_to_be_done() -> None:
    found = exported(*TWO, model("x", "azure/dep"), keys=[key("k", "p/a")])
    written = text(found, "https://litellm.example.com", NOW)
    assert yaml.safe_load(written) == found.lists
    assert "#   P_API_KEY: p" in written.splitlines()
    assert "# Without a counterpart:" in written
    assert max(map(len, written.splitlines())) <= 120
    assert summary(found)[0] == "1 instance, 1 key"


def test_an_empty_litellm_is_empty_lists() -> None:
    found = exported()
    assert yaml.safe_load(text(found, "https://litellm.example.com", NOW)) == {name: [] for name in found.lists}
    assert summary(found) == ["nothing that the lists have"]
