# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The imitated backend of LiteMaaS on a real LiteLLM: it calls what the real one calls, so all of it has to be taken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sandbox.litemaas import tokens
from sandbox.litemaas.gateway import DEFAULT_TEAM

from sandbox_tests.litemaas_program import SECRET, Program, backend

MODEL = "litemaas/corp-chat"
NAME = "litemaas_backend"


@pytest.fixture(name="database")
def fixture_database(gateway) -> str:
    """URL of an empty database for the backend, in LiteLLM's server."""
    gateway.postgres.sql(f"CREATE ROLE {NAME} LOGIN PASSWORD 'of-the-test'")
    gateway.postgres.sql(f"CREATE DATABASE {NAME} OWNER {NAME}")
    return gateway.postgres.url(NAME, (NAME, "of-the-test"))


@pytest.fixture(name="program")
def fixture_program(gateway, litellm, database, tmp_path) -> Iterator[Program]:
    params = {
        "model": "openai/corp-chat",
        "api_base": "https://llm.corp.example/v1",
        "api_key": gateway.provider_keys["compatible"][0],
    }
    status, made = litellm.call("POST", "/model/new", {"model_name": MODEL, "litellm_params": params})
    assert status == 200, made
    more = {"LITELLM_API_KEY": litellm.key, "LITELLM_DATABASE_URL": litellm.database_url, "NODE_ENV": "production"}
    with backend(tmp_path, f"{database}?sslmode=disable", litellm.url, **no_tls(more)) as program:
        yield program


def no_tls(variables: dict[str, str]) -> dict[str, str]:
    return {
        name: f"{text}?sslmode=disable" if name.endswith("DATABASE_URL") else text for name, text in variables.items()
    }


def test_a_user_gets_a_key_that_litellm_knows(gateway, litellm, program):
    assert program.ask("GET", "/api/v1/health").body["checks"]["litellm"] == "healthy"
    models = program.ask("GET", "/api/v1/models?limit=100").body["data"]
    assert MODEL in [model["id"] for model in models]
    status, team = litellm.call("GET", f"/team/info?team_id={DEFAULT_TEAM}")
    assert (status, team["team_info"]["team_alias"]) == (200, "Default Team")

    (user,) = gateway.postgres.sql(
        "INSERT INTO users (username, email, oauth_provider, oauth_id)"
        " VALUES ('ann', 'ann@example.com', 'openshift', '1') RETURNING id",
        NAME,
    ).splitlines()[:1]
    ann = tokens.issue(SECRET, {"userId": user, "username": "ann", "roles": ["user"]})
    assert program.ask("POST", "/api/v1/subscriptions", ann, {"modelId": MODEL}).status == 201
    made = program.ask("POST", "/api/v1/api-keys", ann, {"name": "mine", "modelIds": [MODEL], "maxBudget": 5})
    assert made.status == 201, program.log
    status, key = litellm.call("GET", f"/key/info?key={made.body['key']}")
    assert status == 200
    assert (key["info"]["user_id"], key["info"]["team_id"], key["info"]["models"]) == (user, None, [MODEL])
    chat = {"model": MODEL, "messages": [{"role": "user", "content": "say hi"}], "max_tokens": 20}
    status, answer = litellm.call("POST", "/v1/chat/completions", chat, made.body["key"])
    assert (status, answer["choices"][0]["message"]["content"][:28]) == (200, "compatible answers with corp")
