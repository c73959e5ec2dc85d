# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import instances, registry, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests import ogx_config

OPENAI = {
    "name": "openai-prod",
    "provider": "openai",
    "api_key_env": "OPENAI_API_KEY",
    "models": ["gpt-4o-mini", "gpt-4o"],
}
OWN = {
    "vertexai": {
        "type": "remote::vertexai",
        "credentials": {
            "account": {"file": "account.json", "env": "GOOGLE_APPLICATION_CREDENTIALS"},
            "token": {"file": "token", "config": "token_file", "required": False},
        },
        "settings": {"project": {"required": True, "config": "vertex_project"}, "location": {"default": "global"}},
        "config": {"max_retries": 2},
    }
}
REGISTRY = registry.load(OWN)[0]


def config_text(entry: dict[str, Any], alias: bool = True) -> str:
    generation = known.get("b2") if alias else None
    context = instances.Context(variables.run_settings({})[0], REGISTRY, generation)
    result = instances.normalise([entry], context)
    assert not result.problems
    return ogx_config.config_text(result.instances[0], REGISTRY[entry["provider"]])


def config(entry: dict[str, Any], alias: bool = True) -> dict[str, Any]:
    return yaml.safe_load(config_text(entry, alias))


def inference_provider(entry: dict[str, Any]) -> dict[str, Any]:
    providers = config(entry)["providers"]["inference"]
    assert len(providers) == 1
    return providers[0]


def test_one_provider_under_the_instances_prefix() -> None:
    assert inference_provider(OPENAI) == {
        "provider_id": "openai-prod",
        "provider_type": "remote::openai",
        "config": {
            "base_url": "https://api.openai.com/v1",
            "api_key": "${env.OPENAI_API_KEY:=}",
            "allowed_models": ["gpt-4o-mini", "gpt-4o"],
            "refresh_models": True,
        },
    }


def test_gemini_is_allowed_in_both_forms() -> None:
    entry = {"name": "g", "provider": "gemini", "api_key_env": "K", "models": ["gemini-2.5-flash"]}
    assert inference_provider(entry)["config"]["allowed_models"] == ["gemini-2.5-flash", "models/gemini-2.5-flash"]


def test_without_models_nothing_is_filtered() -> None:
    entry = {**OPENAI, "models": None, "published_model": "gpt-4o"}
    assert "allowed_models" not in inference_provider(entry)["config"]


def test_without_a_key_none_is_referred_to() -> None:
    entry = {
        "name": "a",
        "provider": "openai_compatible",
        "models": ["m"],
        "settings": {"base_url": "http://v:8000/v1"},
    }
    assert inference_provider(entry)["config"] == {
        "max_tokens": 0,
        "base_url": "http://v:8000/v1",
        "allowed_models": ["m"],
        "refresh_models": True,
    }


def test_a_provider_given_as_data_needs_no_code() -> None:
    entry = {
        "name": "v",
        "provider": "vertexai",
        "credentials": {"account": "{}", "token": "t"},
        "settings": {"project": "p"},
        "models": ["m"],
    }
    assert inference_provider(entry)["config"] == {
        "max_retries": 2,
        "vertex_project": "p",
        "location": "global",
        "token_file": "/var/run/secrets/llamastack.maas/token",
        "allowed_models": ["m"],
        "refresh_models": True,
    }


def registered(entry: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return config(entry, **more)["registered_resources"]["models"]


def model(model_id: str, provider_id: str, provider_model_id: str) -> dict[str, Any]:
    named = {"model_id": model_id, "provider_id": provider_id, "provider_model_id": provider_model_id}
    return {**named, "model_type": "llm"}


def test_the_published_id_is_an_alias_of_the_published_model() -> None:
    """It comes first: of two ids of one model the server takes the later for the one that the provider reports."""
    assert registered({**OPENAI, "published_model": "gpt-4o"}) == [
        model("publishers/llm/models/openai-prod", "all", "gpt-4o"),
        model("openai-prod/gpt-4o-mini", "openai-prod", "gpt-4o-mini"),
        model("openai-prod/gpt-4o", "openai-prod", "gpt-4o"),
    ]


def test_without_a_published_id_there_is_no_alias() -> None:
    assert [each["provider_id"] for each in registered(OPENAI, alias=False)] == ["openai-prod", "openai-prod"]


def test_what_the_input_names_is_registered_as_the_provider_would_list_it() -> None:
    entry = {"name": "g", "provider": "gemini", "api_key_env": "K", "models": ["gemini-flash-latest"]}
    assert registered(entry, alias=False) == [model("g/models/gemini-flash-latest", "g", "models/gemini-flash-latest")]
    # With the prefix, for the server adds none to an id that seems to have it.
    entry = {**OPENAI, "models": ["other/gpt-oss"]}
    assert registered(entry, alias=False) == [model("openai-prod/other/gpt-oss", "openai-prod", "other/gpt-oss")]


def test_without_models_the_published_one_is_registered() -> None:
    entry = {**OPENAI, "models": None, "published_model": "gpt-4o"}
    assert registered(entry)[1:] == [model("openai-prod/gpt-4o", "openai-prod", "gpt-4o")]


def test_an_embedding_model_is_registered_as_one() -> None:
    (entry,) = registered({**OPENAI, "models": ["text-embedding-3-small"]}, alias=False)
    assert (entry["model_type"], list(entry["metadata"])) == ("embedding", ["embedding_dimension"])


def test_a_release_that_would_not_start_registers_nothing() -> None:
    """LlamaStack up to 0.6.0 ends where a registered model is not in its provider's list."""
    assert registered({**OPENAI, "image": "starter:0.6.0"}, alias=False) == []
    assert len(registered({**OPENAI, "image": "starter:0.6.1"}, alias=False)) == 2


def test_each_start_begins_with_an_empty_list_of_models() -> None:
    assert 'rm -f "$SQLITE_STORE_DIR"/kvstore.db*' in ogx_config.start_script()


def test_it_is_served_by_tls_and_closed_but_for_a_few_paths() -> None:
    server = config(OPENAI)["server"]
    assert server["tls_certfile"] == "/var/run/kserve/tls/tls.crt"
    assert server["tls_keyfile"] == "/var/run/kserve/tls/tls.key"
    # With an authority of its own the server would ask every client, the gateway too, for a certificate.
    assert "tls_cafile" not in server
    assert server["auth"]["route_policy"] == [{"permit": {"paths": list(ogx_config.OPEN_PATHS)}}]


def test_nothing_is_stored_where_the_server_can_be_told() -> None:
    assert config(OPENAI)["storage"]["stores"]["inference"]["enabled"] is False


def test_the_text_is_the_same_for_the_same_instance() -> None:
    assert config_text(OPENAI) == config_text(dict(reversed(OPENAI.items())))


@pytest.fixture
def started(tmp_path: Path) -> Any:
    """Run the start script with commands that only write down how they were called."""

    def run(version: str | None) -> str:
        (tmp_path / "bin").mkdir()
        for command in ("ogx", "llama"):
            path = tmp_path / "bin" / command
            path.write_text(f'#!/bin/sh\necho {command} "$@"\n', encoding="utf-8")
            path.chmod(0o755)
        if version:
            package = tmp_path / "packages" / f"ogx-{version}.dist-info"
            package.mkdir(parents=True)
            (package / "METADATA").write_text(
                f"Metadata-Version: 2.1\nName: ogx\nVersion: {version}\n", encoding="utf-8"
            )
        environment = {
            "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
            "PYTHONPATH": str(tmp_path / "packages"),
            "SQLITE_STORE_DIR": str(tmp_path / "store"),
        }
        script = ["/bin/sh", "-c", ogx_config.start_script()]
        return subprocess.run(script, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    return run


@pytest.mark.parametrize(
    ("version", "command"),
    [("1.3.0", "ogx run"), ("1.2.2+rhaiv.0", "ogx run"), ("0.8.0", "ogx stack run"), (None, "llama stack run")],
)
def test_each_release_is_started_with_its_own_command(started: Any, version: str | None, command: str) -> None:
    assert started(version) == f"{command} /etc/llamastack-maas/config.yaml --port 8000"


def test_a_row_that_the_server_would_store_is_dropped(started: Any, tmp_path: Path) -> None:
    started("1.3.0")
    store = sqlite3.connect(tmp_path / "store" / "sql_store.db")
    store.execute("INSERT INTO inference_store (id, input_messages) VALUES ('a', 'a prompt')")
    assert store.execute("SELECT * FROM inference_store").fetchall() == []


def test_a_restarted_container_finds_its_store_again(started: Any, tmp_path: Path) -> None:
    started("1.3.0")
    (tmp_path / "bin" / "ogx").unlink()
    (tmp_path / "bin" / "llama").unlink()
    (tmp_path / "bin").rmdir()
    assert started(None).startswith("ogx run")
