# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The imitated LiteMaaS on a real PostgreSQL: each point of the contract that the head of ``sandbox.litemaas`` names."""

from __future__ import annotations

import contextlib
import shutil
import ssl
import uuid
from collections.abc import Iterator

import pytest
import trustme

from real_litellm.postgres import Postgres, hand_over, scratch
from sandbox import pki
from sandbox.litemaas import tokens
from sandbox.litemaas.settings import REQUIRED as NAMES
from sandbox.processes import free_ports

from sandbox_tests.litemaas_program import ADMIN_KEY, REQUIRED, SECRET, NotedLiteLLM, Program, backend, running, start

TABLES = (
    """users teams team_members models subscriptions api_keys api_key_models audit_logs refresh_tokens oauth_sessions
    banner_announcements user_banner_dismissals banner_audit_log subscription_status_history daily_usage_cache
    branding_settings system_settings""".split()
)
TEAM = "a0000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module", name="postgres")
def fixture_postgres() -> Iterator[Postgres]:
    folder = scratch()
    server = Postgres(folder, free_ports(1)[0])
    server.create()
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


class Place:
    """An empty database with an owner of its own."""

    def __init__(self, postgres: Postgres) -> None:
        self.postgres = postgres
        self.name = f"db_{uuid.uuid4().hex}"
        self.login = (self.name, "of-the-test")
        postgres.sql(f"CREATE ROLE {self.name} LOGIN PASSWORD 'of-the-test'")
        postgres.sql(f"CREATE DATABASE {self.name} OWNER {self.name}")

    def url(self, query: str = "") -> str:
        return self.postgres.url(self.name, self.login) + query

    def sql(self, statements: str) -> list[str]:
        return self.postgres.sql(statements, self.name, self.login).splitlines()

    def tables(self) -> set[str]:
        return set(self.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))


@pytest.fixture(name="place")
def fixture_place(postgres: Postgres) -> Place:
    return Place(postgres)


@pytest.fixture(name="litellm")
def fixture_litellm() -> Iterator[NotedLiteLLM]:
    noted = NotedLiteLLM()
    noted.serve("gpt-4o", "granite")
    yield noted
    noted.close()


def invented(program: Program) -> bool:
    """Whether the program calls itself healthy and has users that nobody made."""
    health = program.ask("GET", "/api/v1/health")
    assert (health.status, health.body["checks"]["database"]) == (200, "healthy")
    assert program.ask("GET", "/api/v1/health/ready") == (200, {"ready": True})
    users = program.as_admin("GET", "/api/v1/admin/users")
    assert users.status == 200
    return "mock-user-1" in [user["id"] for user in users.body["data"]]


# 1: the environment


@pytest.mark.parametrize("name", NAMES)
def test_it_exits_without_a_required_variable(tmp_path, name):
    given = {**REQUIRED, "DATABASE_URL": "postgresql://127.0.0.1:1/x"}
    del given[name]
    assert start("backend", tmp_path, given).wait(timeout=20) == 1
    assert name in (tmp_path / "backend.log").read_text()


@pytest.mark.parametrize("issuer", ["disabled", "", "ftp://oauth.example.com"])
def test_it_exits_where_the_issuer_is_no_url(tmp_path, issuer):
    given = {**REQUIRED, "DATABASE_URL": "postgresql://127.0.0.1:1/x", "OAUTH_ISSUER": issuer}
    assert start("backend", tmp_path, given).wait(timeout=20) == 1
    assert "OAUTH_ISSUER" in (tmp_path / "backend.log").read_text()


# 2: TLS, and invented data


def test_production_without_tls_at_the_server_goes_on_with_invented_data(tmp_path, place, litellm):
    with backend(tmp_path, place.url(), litellm.url, NODE_ENV="production") as program:
        assert invented(program)
        assert "using mock data" in program.log
    assert place.tables() == set()


@pytest.mark.parametrize(
    ("environment", "query"), [("production", "?sslmode=disable"), ("development", "")], ids=["disable", "development"]
)
def test_without_tls_the_database_is_used(tmp_path, place, litellm, environment, query):
    with backend(tmp_path, place.url(query), litellm.url, NODE_ENV=environment) as program:
        assert not invented(program)
    assert len(place.tables()) == 17


def test_a_wrong_password_is_not_noticed_either(tmp_path, place, litellm):
    url = place.url("?sslmode=disable").replace("of-the-test", "another")
    with backend(tmp_path, url, litellm.url, NODE_ENV="production") as program:
        assert invented(program)
        assert program.ask("GET", "/api/v1/models").body["data"], "models come from LiteLLM then"
        assert program.as_admin("POST", "/api/v1/models/sync").body["newModels"] == 2, "and writing seems to work"
    assert place.tables() == set()


@contextlib.contextmanager
def with_tls(postgres: Postgres, authority: trustme.CA) -> Iterator[None]:
    pki.issue(authority, postgres.data / "server.crt", postgres.data / "server.key", "127.0.0.1", "localhost")
    hand_over(postgres.data)
    postgres.sql("ALTER SYSTEM SET ssl = on")
    postgres.sql("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        postgres.sql("ALTER SYSTEM RESET ssl")
        postgres.sql("SELECT pg_reload_conf()")


def test_production_takes_any_certificate_unless_the_url_asks_for_a_check(tmp_path, postgres, litellm):
    authority = trustme.CA()
    for name, signer in (("good", authority), ("other", trustme.CA())):
        signer.cert_pem.write_to_path(tmp_path / f"{name}.pem")
    checked = f"?sslmode=verify-full&sslrootcert={tmp_path}"
    with with_tls(postgres, authority):
        for query, expected in (
            ("", False),
            ("?sslmode=no-verify", False),
            (f"{checked}/good.pem", False),
            (f"{checked}/other.pem", True),
            ("?sslmode=require", True),
        ):
            place = Place(postgres)
            with backend(tmp_path, place.url(query), litellm.url, NODE_ENV="production") as program:
                assert invented(program) is expected, query
            assert (len(place.tables()) == 17) is not expected
        place = Place(postgres)
        more = {"NODE_EXTRA_CA_CERTS": str(tmp_path / "good.pem"), "NODE_ENV": "production"}
        with backend(tmp_path, place.url("?sslmode=verify-full"), litellm.url, **more) as program:
            assert not invented(program)


# 3: tables


def test_it_makes_its_tables_at_every_start(tmp_path, place, litellm):
    for _start in range(2):
        with backend(tmp_path, place.url(), litellm.url):
            pass
        assert place.tables() == set(TABLES)
    assert place.sql(f"SELECT name FROM teams WHERE id = '{TEAM}'") == ["Default Team"]


def test_tables_that_cannot_be_made_are_only_logged(tmp_path, postgres, litellm):
    place = Place(postgres)
    postgres.sql("ALTER SCHEMA public OWNER TO postgres; REVOKE CREATE ON SCHEMA public FROM PUBLIC", place.name)
    with backend(tmp_path, place.url(), litellm.url) as program:
        assert program.ask("GET", "/api/v1/health/ready") == (200, {"ready": True})
        assert "Failed to apply database migrations" in program.log
    assert place.tables() == set()


# 4: calls of LiteLLM


def test_it_calls_litellm_with_its_own_header_and_makes_its_team_once(tmp_path, place, litellm):
    for _start in range(2):
        with backend(tmp_path, place.url(), litellm.url):
            pass
    assert {call.key for call in litellm.calls} == {"sk-of-the-administrator"}
    made = [call.body["team_id"] for call in litellm.calls if call.path == "/team/new"]
    assert made == [TEAM]


def test_a_call_is_made_three_times(tmp_path, place, litellm):
    litellm.broken = True
    with backend(tmp_path, place.url(), litellm.url) as program:
        assert program.ask("GET", "/api/v1/health/ready").status == 200, "LiteLLM is no part of readiness"
        litellm.calls.clear()
        health = program.ask("GET", "/api/v1/health")
        assert (health.status, health.body["checks"]["litellm"]) == (503, "unhealthy")
        assert [call.path for call in litellm.calls] == ["/health/liveness"] * 3
        result = program.as_admin("POST", "/api/v1/models/sync").body
        assert not result["success"] and result["errors"]


def test_it_trusts_litellm_by_what_the_deployment_gives(tmp_path, place):
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    secure = NotedLiteLLM(context)
    for given, status in (({"NODE_EXTRA_CA_CERTS": str(tmp_path / "ca.pem")}, 200), ({}, 503)):
        with backend(tmp_path, place.url(), secure.url, **given) as program:
            assert program.ask("GET", "/api/v1/health").status == status
    secure.close()


# 5: LiteLLM's database


def test_a_model_that_litellms_database_does_not_name_is_not_there(tmp_path, postgres, place, litellm):
    other = Place(postgres)
    other.sql(
        'CREATE TABLE "LiteLLM_ProxyModelTable" (model_name text); '
        "INSERT INTO \"LiteLLM_ProxyModelTable\" VALUES ('granite')"
    )
    with backend(tmp_path, place.url(), litellm.url, LITELLM_DATABASE_URL=other.url()) as program:
        assert [model["id"] for model in program.ask("GET", "/api/v1/models").body["data"]] == ["granite"]
        assert "Skipping model from LiteLLM API - not found in LiteLLM database: gpt-4o" in program.log


# 6: synchronisation, and what a name that was gone costs


def a_user(place: Place) -> str:
    """The token of a user who has logged in once."""
    (number,) = place.sql(
        "INSERT INTO users (username, email, oauth_provider, oauth_id) VALUES ('ann', 'ann@example.com', 'openshift', '1')"
        " RETURNING id"
    )[:1]
    return tokens.issue(SECRET, {"userId": number, "username": "ann", "roles": ["user"]})


def test_a_name_that_was_gone_comes_back_as_a_model_only(tmp_path, place, litellm):
    with backend(tmp_path, place.url(), litellm.url) as program:
        ann = a_user(place)
        for model in ("gpt-4o", "granite"):
            assert program.ask("POST", "/api/v1/subscriptions", ann, {"modelId": model}).status == 201
        for name, models in (("one", ["gpt-4o"]), ("both", ["gpt-4o", "granite"])):
            assert program.ask("POST", "/api/v1/api-keys", ann, {"name": name, "modelIds": models}).status == 201
    litellm.serve("granite")
    with backend(tmp_path, place.url(), litellm.url) as program:
        assert [model["id"] for model in program.ask("GET", "/api/v1/models").body["data"]] == ["granite"]
    litellm.serve("gpt-4o", "granite")
    with backend(tmp_path, place.url(), litellm.url) as program:
        assert len(program.ask("GET", "/api/v1/models").body["data"]) == 2
        subscriptions = program.ask("GET", "/api/v1/subscriptions", ann).body["data"]
        assert {each["modelId"]: each["status"] for each in subscriptions} == {
            "gpt-4o": "inactive",
            "granite": "active",
        }
        keys = {key["name"]: key for key in program.ask("GET", "/api/v1/api-keys", ann).body["data"]}
        assert (keys["one"]["models"], keys["one"]["isActive"]) == ([], False)
        assert (keys["both"]["models"], keys["both"]["isActive"]) == (["granite"], True)
        refused = program.ask("POST", "/api/v1/api-keys", ann, {"name": "again", "modelIds": ["gpt-4o"]})
        assert refused.status == 400


def test_a_synchronisation_on_demand_counts(tmp_path, place, litellm):
    with backend(tmp_path, place.url(), litellm.url) as program:
        litellm.serve("granite", "llama")
        result = program.as_admin("POST", "/api/v1/models/sync").body
        assert set(result) == {
            "success",
            "totalModels",
            "newModels",
            "updatedModels",
            "unavailableModels",
            "errors",
            "syncedAt",
        }
        assert (result["success"], result["totalModels"], result["newModels"], result["unavailableModels"]) == (
            True,
            2,
            1,
            1,
        )
        stats = program.as_admin("GET", "/api/v1/models/sync/stats").body
        assert (stats["availableModels"], stats["unavailableModels"]) == (2, 1)


def test_no_model_at_all_marks_nothing(tmp_path, place, litellm):
    with backend(tmp_path, place.url(), litellm.url) as program:
        litellm.serve()
        assert program.as_admin("POST", "/api/v1/models/sync").body["errors"] == ["No models received from LiteLLM"]
        assert len(program.ask("GET", "/api/v1/models").body["data"]) == 2


# 7: endpoints


def test_health(tmp_path, postgres, place, litellm):
    with backend(tmp_path, place.url(), litellm.url, NODE_ENV="development") as program:
        health = program.ask("GET", "/api/v1/health")
        assert health.status == 200
        assert set(health.body) == {"status", "timestamp", "version", "checks", "details"}
        assert health.body["version"] == "1.0.0"
        assert health.body["checks"] == {"database": "healthy", "litellm": "healthy", "auth": "healthy"}
        postgres.sql(f"ALTER ROLE {place.name} NOLOGIN")
        assert program.ask("GET", "/api/v1/health").body["checks"]["database"] == "unhealthy"
        assert program.ask("GET", "/api/v1/health/ready") == (503, {"ready": False})
        assert program.ask("GET", "/api/v1/health/live") == (200, {"alive": True})


def test_a_user_gets_a_key_that_stands_in_the_table_in_clear(tmp_path, place, litellm):
    with backend(tmp_path, place.url(), litellm.url) as program:
        ann = a_user(place)
        early = program.ask("POST", "/api/v1/api-keys", ann, {"name": "mine", "modelIds": ["granite"]})
        assert early.status == 400, "there is no subscription yet"
        assert program.ask("POST", "/api/v1/subscriptions", ann, {"modelId": "granit"}).status == 400
        assert program.ask("POST", "/api/v1/subscriptions", ann, {"modelId": "granite"}).body["status"] == "active"
        body = {"name": "mine", "modelIds": ["granite"], "maxBudget": 5, "tpmLimit": 100}
        made = program.ask("POST", "/api/v1/api-keys", ann, body)
        assert (made.status, made.body["key"][:19]) == (201, "sk-0123456789abcdef")
        assert "key" not in program.ask("GET", "/api/v1/api-keys", ann).body["data"][0]
    asked = next(call.body for call in litellm.calls if call.path == "/key/generate")
    alias = asked.pop("key_alias")
    assert alias.startswith("mine_") and len(alias) == len("mine_") + 8
    (user,) = place.sql("SELECT id FROM users WHERE username = 'ann'")
    assert asked == {"user_id": user, "models": ["granite"], "max_budget": 5, "tpm_limit": 100}
    assert place.sql("SELECT lite_llm_key_value FROM api_keys") == [made.body["key"]]


def test_a_model_that_an_admin_makes_is_there_though_the_answer_says_500(tmp_path, place, litellm):
    with backend(tmp_path, place.url(), litellm.url) as program:
        assert program.as_admin("POST", "/api/v1/admin/models", {"model_name": "new"}).status == 500
    assert place.sql("SELECT id FROM models WHERE id = 'new'") == ["new"]
    assert [call.body["model_name"] for call in litellm.calls if call.path == "/model/new"] == ["new"]


def test_what_is_not_imitated_is_refused(tmp_path, place, litellm):
    with backend(tmp_path, place.url(), litellm.url) as program:
        for method, path in (
            ("GET", "/api/v1/admin/usage"),
            ("GET", "/api/auth/callback"),
            ("DELETE", "/api/v1/api-keys"),
        ):
            refused = program.as_admin(method, path)
            assert (refused.status, refused.body["error"]["code"]) == (501, "NOT_IMITATED")
        assert program.ask("GET", "/elsewhere").status == 404


# 8: who may what


@pytest.mark.parametrize("key", ["", "without-the-prefix", "ltm_admin_of-somebody", "sk-of-the-administrator"])
def test_an_admins_key_is_in_the_list_and_has_the_prefix(tmp_path, place, litellm, key):
    with backend(tmp_path, place.url(), litellm.url) as program:
        for method, path in (("POST", "/api/v1/models/sync"), ("GET", "/api/v1/admin/users")):
            refused = program.ask(method, path, key)
            assert (refused.status, refused.body["error"]["code"]) == (401, "UNAUTHORIZED")
        assert program.ask("GET", "/api/v1/admin/users", X_API_Key=ADMIN_KEY).status == 401
        assert program.as_admin("GET", "/api/v1/admin/users").status == 200


def test_a_user_is_no_admin_and_a_token_of_another_secret_is_nobodys(tmp_path, place, litellm):
    with backend(tmp_path, place.url(), litellm.url) as program:
        assert program.ask("GET", "/api/v1/admin/users", a_user(place)).status == 403
        forged = tokens.issue("another secret", {"userId": str(uuid.uuid4()), "username": "eve", "roles": ["admin"]})
        assert program.ask("GET", "/api/v1/admin/users", forged).status == 401
        old = tokens.issue(SECRET, {"userId": str(uuid.uuid4()), "username": "eve", "roles": ["admin"]}, now=1)
        assert program.ask("GET", "/api/v1/admin/users", old).status == 401


def test_users_endpoints_believe_a_browser_in_production_too(tmp_path, place, litellm):
    with backend(tmp_path, place.url("?sslmode=disable"), litellm.url, NODE_ENV="production") as program:
        for path in ("/api/v1/api-keys", "/api/v1/subscriptions"):
            assert program.ask("GET", path).status == 401
            assert program.ask("GET", path, User_Agent="curl/8 (Mozilla)").status == 401
            assert program.ask("GET", path, User_Agent="Mozilla/5.0").status == 200
            assert program.ask("GET", path, Origin="http://localhost:3000").status == 200
        assert program.ask("GET", "/api/v1/admin/users", User_Agent="Mozilla/5.0").status == 401


def test_a_login_leads_to_the_issuer(tmp_path, place, litellm):
    with backend(tmp_path, place.url(), litellm.url) as program:
        url = program.ask("POST", "/api/auth/login", Origin="https://maas.example.com").body["authUrl"]
        assert url.startswith("https://oauth.example.com/oauth/authorize?")
        assert "redirect_uri=https%3A%2F%2Fmaas.example.com%2Fapi%2Fauth%2Fcallback" in url
    with backend(tmp_path, place.url(), litellm.url, AUTH_PROVIDER="oidc") as program:
        assert program.ask("POST", "/api/auth/login").status == 501


# The frontend


def test_the_frontend_has_a_page_and_hands_the_api_on(tmp_path, place, litellm):
    with backend(tmp_path, place.url(), litellm.url) as program:
        with running("frontend", tmp_path, {"BACKEND_URL": program.url}, "127.61.0.8", 8080) as frontend:
            for path in ("/", "/models"):
                assert "<title>LiteMaaS</title>" in frontend.ask("GET", path).body
            assert frontend.ask("GET", "/api/v1/health/ready") == (200, {"ready": True})
            assert frontend.as_admin("POST", "/api/v1/models/sync").status == 200
            assert frontend.ask("GET", "/api/v1/admin/users").status == 401
    with running("frontend", tmp_path, {"BACKEND_URL": program.url}, "127.61.0.8", 8080) as frontend:
        assert frontend.ask("GET", "/api/v1/health").status == 502


def test_the_frontend_does_not_start_without_a_backend(tmp_path):
    assert start("frontend", tmp_path, {}).wait(timeout=20) == 1
    assert "BACKEND_URL" in (tmp_path / "frontend.log").read_text()
