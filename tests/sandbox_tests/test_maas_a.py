# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generation A: tokens of ServiceAccounts, the MaaS API, and who is let through to which model."""

from __future__ import annotations

import asyncio
import json

import pytest

from sandbox.kube import ApiError
from sandbox.maas import a, a_platform
from sandbox.maas.a_tokens import AUDIENCE, account_name, claims, is_own
from sandbox.maas.faults import Faults
from sandbox.maas.interface import Answer, Grant, Limit, Refused

from sandbox_tests.maas_objects import GATEWAY, Objects, request, service, token_answer

USERS = {
    "alice-token": ("alice", ["data-science", "system:authenticated"]),
    "bob-token": ("bob", ["system:authenticated"]),
    "ghost-token": ("ghost", ["nobody"]),
}
TIERS = """
- {name: free, level: 1, groups: ['system:authenticated']}
- {name: premium, level: 2, displayName: P, groups: [data-science]}
"""
CHAT = "/llm/gem/v1/chat/completions"


class ApiServer:
    """As much of an API server as knows accounts, their tokens and who may what."""

    def __init__(self) -> None:
        self.accounts: dict[tuple[str, str], int] = {}
        self.allowed: set[tuple[str, str]] = {("system:serviceaccounts:maas-default-gateway-tier-premium", "gem")}
        self.made = 0

    async def get(self, _resource: str, name: str, _namespace: str) -> dict:
        assert name == "tier-to-group-mapping"
        return {"data": {"tiers": TIERS}}

    async def raw(self, method: str, path: str, *, body: dict) -> dict:
        namespace, name = path.split("/")[4], path.split("/")[6]
        if (method, path.split("/")[-1]) != ("POST", "token") or (namespace, name) not in self.accounts:
            raise ApiError(path, 404, "NotFound", "")
        self.made += 1
        return token_answer(body["spec"], namespace, name, self.accounts[namespace, name], f"id-{self.made}")

    async def create(self, obj: dict) -> dict:
        match obj["kind"]:
            case "ServiceAccount":
                key = obj["metadata"]["namespace"], obj["metadata"]["name"]
                if key in self.accounts:
                    raise ApiError("POST", 409, "AlreadyExists", "")
                self.made += 1
                self.accounts[key] = self.made
            case "Namespace" if any(space == obj["metadata"]["name"] for space, _name in self.accounts):
                raise ApiError("POST", 409, "AlreadyExists", "")
            case "TokenReview":
                return {"status": self._review(obj["spec"]["token"], obj["spec"].get("audiences"))}
            case "SubjectAccessReview":
                asked = obj["spec"]["resourceAttributes"]
                assert (asked["verb"], asked["resource"]) == ("post", "llminferenceservices")
                return {
                    "status": {"allowed": any((each, asked["name"]) in self.allowed for each in obj["spec"]["groups"])}
                }
        return obj

    async def delete(self, _resource: str, name: str, namespace: str) -> None:
        if self.accounts.pop((namespace, name), None) is None:
            raise ApiError("DELETE", 404, "NotFound", "")

    def _review(self, token: str, audiences: list[str] | None) -> dict:
        if token in USERS and audiences is None:
            username, groups = USERS[token]
            return {"authenticated": True, "user": {"username": username, "groups": groups}}
        told = claims(token)
        if audiences != [AUDIENCE] or told.get("aud") != audiences:
            return {}
        _system, _kind, namespace, name = told["sub"].split(":")
        if self.accounts.get((namespace, name)) != told["account"]:
            return {}
        groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
        return {"authenticated": True, "user": {"username": told["sub"], "groups": groups}}


class World:
    """The generation over an API server with service ``gem``, open to tier premium."""

    def __init__(self) -> None:
        there = service("gem")
        there["spec"] = {"model": {"name": "gem"}, "router": {"gateway": {"refs": [GATEWAY]}}}
        self.api, self.faults = ApiServer(), Faults()
        self.generation = a.A(self.api, Objects({a_platform.SERVICES: [there]}), self.faults)

    def ask(self, method: str, path: str, body: object = None, bearer: str = "alice-token") -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        try:
            return asyncio.run(
                self.generation.platform(request(method, path, content, Authorization=f"Bearer {bearer}"))
            )
        except Refused as refused:
            return refused.answer

    def told(self, method: str, path: str, body: object = None, bearer: str = "alice-token") -> tuple[int, object]:
        answer = self.ask(method, path, body, bearer)
        return answer.status, json.loads(answer.body) if answer.body else None

    def token(self, bearer: str = "alice-token") -> str:
        return self.told("POST", "/v1/tokens", bearer=bearer)[1]["token"]

    def authorise(self, bearer: str, path: str = CHAT) -> Grant | int:
        try:
            return asyncio.run(self.generation.authorise(request("POST", path, Authorization=f"Bearer {bearer}")))
        except Refused as refused:
            return refused.answer.status


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("expiration", "told", "seconds"),
    [("1h", "1h0m0s", 3600), (3600, "1h0m0s", 3600), ("720h", "720h0m0s", 2592000), ("10m", "10m0s", 600)],
)
def test_a_token(world, expiration, told, seconds):
    """Observed on generation A, POST /v1/tokens."""
    status, made = world.told("POST", "/v1/tokens", {"expiration": expiration})
    assert (status, made["expiration"]) == (201, told)
    assert made["expiresAt"] - made["issuedAt"] == seconds
    assert set(made) == {"token", "expiration", "expiresAt", "issuedAt", "jti"}
    assert claims(made["token"])["jti"] == made["jti"]


@pytest.mark.parametrize("body", [None, {}])
def test_a_token_lives_four_hours_unless_asked_otherwise(world, body):
    """Observed on generation A: empty body or `{}` -> 4h0m0s."""
    assert world.told("POST", "/v1/tokens", body)[1]["expiration"] == "4h0m0s"


@pytest.mark.parametrize(
    ("expiration", "refusal"),
    [
        ("5m", {"error": "token expiration must be at least 10 minutes", "provided_expiration": "5m0s"}),
        ("30d", {"error": 'time: unknown unit "d" in duration "30d"'}),
        ("-1h", {"error": "expiration must be positive"}),
        (0, {"error": "expiration must be positive"}),
        ([], {"error": "invalid duration"}),
    ],
)
def test_lives_that_are_refused(world, expiration, refusal):
    """Observed on generation A: minimum lifetime of a token; it knows no days."""
    assert world.told("POST", "/v1/tokens", {"expiration": expiration}) == (400, refusal)


def test_a_token_is_of_an_account_in_the_namespace_of_its_tier(world):
    """Observed on generation A: `aud`, `sub`; namespace and account appear on the first token."""
    assert world.api.accounts == {}
    told = claims(world.token())
    assert told["aud"] == ["maas-default-gateway-sa"]
    namespace, name = "maas-default-gateway-tier-premium", account_name("alice")
    assert told["sub"] == f"system:serviceaccount:{namespace}:{name}"
    assert list(world.api.accounts) == [(namespace, name)]
    world.token()
    assert len(world.api.accounts) == 1


def test_names_of_accounts():
    """Observed on generation A: `alice@example.com` -> `alice-example-com-…` with 8 hex digits."""
    assert account_name("alice@example.com").startswith("alice-example-com-")
    assert len(account_name("alice").rpartition("-")[2]) == 8
    assert account_name("Alice") != account_name("alice")
    assert len(account_name("x" * 200)) <= 63


def test_a_caller_in_no_tier_gets_500(world):
    """Observed on generation A: caller in no tier."""
    assert world.told("POST", "/v1/tokens", bearer="ghost-token") == (500, {"error": "Failed to generate token"})
    error = {"error": {"message": "Failed to authorize request", "type": "server_error"}}
    assert world.told("GET", "/v1/models", bearer="ghost-token") == (500, error)


def test_revoking_ends_every_token_of_that_user_and_no_other(world):
    """Observed on generation A, DELETE /v1/tokens: 204 each time; afterwards all keys of the caller read expired."""
    first, second, others = world.token(), world.token(), world.token("bob-token")
    world.api.allowed.add(("system:authenticated", "gem"))
    world.told("POST", "/v1/api-keys", {"name": "n"})
    assert world.ask("DELETE", "/v1/tokens").status == 204
    assert (world.authorise(first), world.authorise(second)) == (401, 401)
    assert world.authorise(others).username.endswith(account_name("bob"))
    assert [each["status"] for each in world.told("GET", "/v1/api-keys")[1]] == ["expired"]
    assert ("maas-default-gateway-tier-premium", account_name("alice")) in world.api.accounts
    assert world.ask("DELETE", "/v1/tokens").status == 204


def test_revoking_without_any_token_is_204(world):
    assert world.ask("DELETE", "/v1/tokens", bearer="bob-token").status == 204
    assert world.ask("DELETE", "/v1/tokens", bearer="ghost-token").status == 500


def test_named_tokens(world):
    """Observed on generation A, /v1/api-keys: a bare array; `id` = `jti`; no delete, no owner check of GET /:id."""
    status, made = world.told("POST", "/v1/api-keys", {"name": "n", "description": "d", "expiration": "1h"})
    assert (status, set(made)) == (201, {"token", "expiration", "expiresAt", "jti", "name", "description"})
    (told,) = world.told("GET", "/v1/api-keys")[1]
    assert set(told) == {"id", "name", "description", "creationDate", "expirationDate", "status"}
    assert (told["id"], told["status"]) == (made["jti"], "active")
    assert world.told("GET", f"/v1/api-keys/{made['jti']}") == (200, told)
    assert world.told("GET", f"/v1/api-keys/{made['jti']}", bearer="bob-token") == (200, told)
    assert world.ask("DELETE", f"/v1/api-keys/{made['jti']}").body == b"404 page not found"
    assert world.told("GET", "/v1/api-keys", bearer="bob-token") == (200, [])


def test_a_named_token_needs_a_name_and_lives_30_days(world):
    """Observed on generation A: no name -> 400; a blank one -> 500."""
    assert world.told("POST", "/v1/api-keys", {"name": " "}) == (500, {"error": "Failed to generate api key"})
    assert world.told("POST", "/v1/api-keys", {}) == (400, {"error": "token name is required for api keys"})
    assert world.told("POST", "/v1/api-keys", {"name": "n"})[1]["expiration"] == "720h0m0s"
    short = {"error": "token expiration must be at least 10 minutes"}
    assert world.told("POST", "/v1/api-keys", {"name": "n", "expiration": "5m"}) == (400, short)


def test_the_lookup_of_tiers(world):
    """Observed on generation A, POST /v1/tiers/lookup."""
    path = "/v1/tiers/lookup"
    assert world.told("POST", path, {"groups": ["data-science"]}) == (200, {"tier": "premium", "displayName": "P"})
    missing = {"error": "not_found", "message": "group groups [x] not found in any tier"}
    assert world.told("POST", path, {"groups": ["x"]}) == (404, missing)
    assert world.told("POST", path, {"groups": []})[0] == 400


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/subscriptions"), ("GET", "/models"), ("POST", "/v1/api-keys/search")]
)
def test_what_other_generations_have_is_404_text(world, method, path):
    """Observed on generation A: 404 text; what tells A from B."""
    answer = world.ask(method, path, {})
    assert (answer.status, answer.body) == (404, b"404 page not found")


def test_config_of_keys_is_taken_for_an_id(world):
    """Observed on generation A: GET /v1/api-keys/config -> 404 `API key not found`."""
    assert world.told("GET", "/v1/api-keys/config") == (404, {"error": "API key not found"})


@pytest.mark.parametrize("fixed", [False, True])
def test_the_list_exchanges_a_token_of_the_cluster(world, monkeypatch, fixed):
    """Observed on generation A: any other bearer is exchanged for a token, so the list itself creates the account."""
    seen = []

    async def ask(method: str, url: str, headers: dict, _seconds: float) -> tuple[int, bytes]:
        seen.append((method, url, headers["Authorization"].removeprefix("Bearer ")))
        return 200, b""

    monkeypatch.setattr("sandbox.maas.probing.ask", ask)
    world.faults.update({"probe_by_get": fixed})
    answer = world.ask("GET", "/v1/models")
    assert [each["id"] for each in json.loads(answer.body)["data"]] == ["gem"]
    assert not {"Cache-Control", "X-Access-Checked-At"} & set(answer.headers)
    ((method, url, token),) = seen
    asked = ("GET", "/v1/models") if fixed else ("OPTIONS", "/v1/chat/completions")
    assert (method, url) == (asked[0], f"https://maas.test/llm/gem{asked[1]}")
    assert is_own(token)
    own = world.token()
    world.ask("GET", "/v1/models", bearer=own)
    assert seen[-1][2] == own


def test_without_a_known_credential_it_is_401(world):
    assert world.ask("GET", "/v1/models", bearer="x").status == 401
    assert world.authorise("x") == 401


def test_inference_takes_tokens_of_its_own_audience_only(world):
    """Inference authorisation: TokenReview (audience maas-default-gateway-sa)."""
    assert world.authorise("alice-token") == 401
    assert world.authorise(world.token()).username.endswith(account_name("alice"))


def test_rbac_decides_by_the_path(world):
    """Inference authorisation: verb `post` on the service of the path."""
    assert world.authorise(world.token("bob-token")) == 403
    assert world.authorise(world.token(), "/llm/gpt/v1/models") == 403
    assert world.authorise(world.token(), "/v1/chat/completions") == 403


def test_limits_are_of_the_tier_and_the_user_whatever_the_model(world):
    """Rate limiting, A: requests and tokens per tier, counter the user; generous here unless asked otherwise."""
    user = account_name("alice")
    world.faults.update({"shipped_limits": True})
    grant = world.authorise(world.token())
    assert grant.limits == [Limit(("tokens", "premium", user), 50_000, 60)]
    assert grant.request_limits == [Limit(("requests", "premium", user), 20, 120)]
    world.faults.update({"shipped_limits": False})
    assert world.authorise(world.token()).request_limits[0].amount > 1000


def test_credentials_can_be_refused_for_a_while(world):
    token = world.token()
    world.faults.update({"reject_credentials": {"status": 403, "seconds": 60}})
    assert world.authorise(token) == 403
    assert world.ask("GET", "/v1/models").status == 403


def test_claims_of_what_is_no_token():
    assert claims("sk-x") == claims("a.b.c") == {}
    assert not is_own("sk-x")
