# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys of generation B2: answers of /v1/api-keys."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from sandbox.maas.key_endpoints import V0_2_1, KeyEndpoints
from sandbox.maas.interface import Answer, Refused
from sandbox.maas.keys import KeyStore

from sandbox_tests.maas_objects import keys, subscription

ALICE = ("alice", ("data-science", "system:authenticated"))
BOB = ("bob", ("system:authenticated",))
ROOT = ("root", ("system:masters",))


class Server:
    """The endpoints with a clock that the test moves."""

    def __init__(self, *subscriptions: dict, max_days: int = 90) -> None:
        self.now = 1_795_000_000.0
        self.store = KeyStore(lambda: self.now)
        self.endpoints = KeyEndpoints(V0_2_1, self.store, lambda: list(subscriptions), lambda: max_days, self._is_admin)

    def call(self, endpoint: str, who: tuple, argument: object = None) -> tuple[int, dict]:
        given = argument if isinstance(argument, str | bytes) else json.dumps(argument).encode()
        try:
            answer: Answer = asyncio.run(getattr(self.endpoints, endpoint)(*who, given))
        except Refused as refused:
            answer = refused.answer
        return answer.status, json.loads(answer.body)

    def mint(self, who: tuple = ALICE, **wanted: object) -> dict:
        status, made = self.call("create", who, {"name": "k1", "subscription": "free", **wanted})
        assert status == 201
        return made

    @staticmethod
    async def _is_admin(username: str, _groups: tuple[str, ...]) -> bool:
        return username == "root"


@pytest.fixture
def server() -> Server:
    return Server(subscription("free", keys("gem"), groups=("data-science",)))


def test_keys_create_gives_the_text_once(server):
    made = server.mint(description="d", expiresIn="24h", labels={"a": "b"})
    assert re.fullmatch(r"sk-oai-[A-Za-z0-9]{16,17}_[A-Za-z0-9]{43}", made["key"])
    assert made == {
        "key": made["key"],
        "keyPrefix": made["key"][:19] + "...",
        "id": made["id"],
        "name": "k1",
        "subscription": "free",
        "createdAt": "2026-11-18T11:06:40Z",
        "expiresAt": "2026-11-19T11:06:40Z",
        "ephemeral": False,
    }
    assert made["key"] not in repr(server.store.get(made["id"]))


def test_keys_names_are_not_unique(server):
    assert server.mint()["id"] != server.mint()["id"]


@pytest.mark.parametrize(
    ("wanted", "seconds"),
    [("90d", 90 * 86400), ("1h30m", 5400), (60, 60), ("1s", 1), (None, 90 * 86400)],
)
def test_keys_expiry_forms(server, wanted, seconds):
    made = server.mint(expiresIn=wanted)
    assert server.store.get(made["id"]).expires - server.now == seconds


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "EOF"),
        (b"{", "unexpected EOF"),
        ({}, "name is required for non-ephemeral keys"),
        ({"name": "  "}, "key name cannot be whitespace only"),
        ({"name": "x" * 129}, "key name cannot exceed 128 characters"),
        ({"name": 5}, "json: cannot unmarshal number into Go struct field CreateAPIKeyRequest.name of type string"),
        ({"name": "k", "expiresIn": "abc"}, 'time: invalid duration "abc"'),
        ({"name": "k", "expiresIn": 0}, "expiration must be positive"),
        (
            {"name": "k", "expiresIn": "91d"},
            "requested expiration (2184h0m0s) exceeds maximum allowed (90 days): expiration exceeds maximum allowed",
        ),
        (
            {"ephemeral": True, "expiresIn": "2h"},
            "ephemeral key expiration (2h0m0s) cannot exceed 1h0m0s: expiration exceeds maximum allowed",
        ),
    ],
)
def test_keys_create_refusals(server, body, error):
    assert server.call("create", ALICE, body) == (400, {"error": error})


def test_keys_ephemeral_ones_name_themselves_and_live_an_hour(server):
    status, made = server.call("create", ALICE, {"ephemeral": True})
    assert (status, made["ephemeral"], made["expiresAt"]) == (201, True, "2026-11-18T12:06:40Z")
    assert re.fullmatch(r"ephemeral-\d{19}", made["name"])


@pytest.mark.parametrize(
    ("phase", "status", "code"),
    [
        ("Active", 201, None),
        ("Degraded", 201, None),
        ("Pending", 201, None),
        ("Invalid", 201, None),
        ("Failed", 403, "subscription_not_ready"),
        (None, 400, "subscription_not_ready"),
    ],
)
def test_keys_subscription_phases(phase, status, code):
    server = Server(subscription("free", keys("gem"), groups=("data-science",), phase=phase))
    answered, body = server.call("create", ALICE, {"name": "k", "subscription": "free"})
    assert (answered, body.get("code")) == (status, code)


def test_keys_texts_of_subscriptions_that_are_not_ready():
    failed = Server(subscription("free", keys("gem"), groups=("data-science",), phase="Failed"))
    unseen = Server(subscription("free", keys("gem"), groups=("data-science",), phase=None))
    wanted = {"name": "k", "subscription": "free"}
    assert (
        failed.call("create", ALICE, wanted)[1]["error"] == "subscription is in Failed phase (cannot create API keys)"
    )
    assert unseen.call("create", ALICE, wanted)[1]["error"] == "subscription is unreconciled (no status.phase set)"


@pytest.mark.parametrize(("who", "named"), [(ALICE, "unknown"), (BOB, "free"), (BOB, None)])
def test_keys_unresolved_subscriptions_look_alike(server, who, named):
    status, body = server.call("create", who, {"name": "k", "subscription": named})
    refusal = {"code": "invalid_subscription", "error": "Unable to resolve a subscription for this API key"}
    assert (status, body) == (400, refusal)


def test_keys_without_a_named_subscription_bind_the_highest_priority_whatever_its_phase():
    server = Server(
        subscription("a", keys("gem"), groups=("data-science",), priority=1),
        subscription("c", keys("gem"), groups=("data-science",), priority=9, phase="Failed"),
        subscription("b", keys("gem"), groups=("data-science",), priority=9, phase=None),
    )
    assert server.call("create", ALICE, {"name": "k"})[1]["subscription"] == "b"


def test_keys_metadata_has_names_of_its_own(server):
    made = server.mint()
    expected = {
        "id": made["id"],
        "name": "k1",
        "username": "alice",
        "subscription": "free",
        "tenant": "models-as-a-service",
        "creationDate": made["createdAt"],
        "expirationDate": made["expiresAt"],
        "status": "active",
        "ephemeral": False,
    }
    assert server.call("get", ALICE, made["id"]) == (200, expected)
    server.now += 5
    assert server.store.validate(made["key"]).username == "alice"
    assert server.call("get", ALICE, made["id"]) == (200, {**expected, "lastUsedAt": "2026-11-18T11:06:45Z"})


def test_keys_of_others_are_not_found_but_by_an_administrator(server):
    made = server.mint()
    missing = (404, {"error": "API key not found"})
    assert server.call("get", BOB, made["id"]) == missing
    assert server.call("revoke", BOB, made["id"]) == missing
    assert server.call("get", ALICE, "no-such-id") == missing
    assert server.call("get", ROOT, made["id"])[0] == 200


def test_keys_delete_is_404_the_second_time_and_once_expired(server):
    revoked, expired = server.mint(), server.mint(expiresIn="1h")
    status, body = server.call("revoke", ALICE, revoked["id"])
    assert (status, body["status"]) == (200, "revoked")
    assert server.store.validate(revoked["key"]) is None
    assert server.call("revoke", ALICE, revoked["id"]) == (404, {"error": "API key not found"})
    server.now += 3600
    assert server.store.validate(expired["key"]) is None
    assert server.call("get", ALICE, expired["id"])[1]["status"] == "expired"
    assert server.call("revoke", ALICE, expired["id"])[0] == 404


def test_keys_search_filters_sorts_and_pages(server):
    ids = {name: server.mint(name=name)["id"] for name in ("b", "a", "c")}
    server.mint(expiresIn="1s")
    server.now += 2
    server.call("revoke", ALICE, ids["c"])

    def names(**asked: object) -> list[str]:
        status, body = server.call("search", ALICE, asked)
        assert (status, body["object"]) == (200, "list")
        return [each["name"] for each in body["data"]]

    assert names() == ["k1", "c", "a", "b"]
    assert names(filters={"name": "a"}) == ["k1", "c", "a", "b"]
    assert names(filters={"status": ["active"]}, sort={"by": "name", "order": "asc"}) == ["a", "b"]
    assert names(filters={"status": ["revoked", "expired"]}) == ["k1", "c"]
    assert names(sort={"by": "name"}) == ["a", "b", "c", "k1"]
    nothing = {"object": "list", "data": None, "has_more": False}
    assert server.call("search", ALICE, {"filters": {"subscription": "other"}}) == (200, nothing)
    assert names(pagination={"limit": 1, "offset": 1}) == ["c"]
    assert server.call("search", ALICE, {"pagination": {"limit": 1}})[1]["has_more"] is True
    assert server.call("search", ALICE, {"pagination": {"limit": 4}})[1]["has_more"] is False
    assert server.call("search", BOB, {})[1]["data"] is None
    assert len(server.call("search", ROOT, {})[1]["data"]) == 4


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"", 400, "EOF"),
        ({"pagination": {"offset": 1}}, 400, "pagination.limit must be at least 1"),
        (
            {"pagination": {"limit": "1"}},
            400,
            "json: cannot unmarshal string into Go struct field PaginationParams.pagination.limit of type int",
        ),
        (
            {"filters": {"status": [5]}},
            400,
            "json: cannot unmarshal number into Go struct field SearchFilters.filters.status of type string",
        ),
        (
            {"filters": "active"},
            400,
            "json: cannot unmarshal string into Go struct field SearchAPIKeysRequest.filters of type "
            "api_keys.SearchFilters",
        ),
        ({"sort": {}}, 500, "Failed to search API keys"),
        ({"filters": {"status": ["gone"]}}, 400, "invalid status 'gone': must be active, revoked, or expired"),
        ({"filters": {"username": "bob"}}, 403, "non-admin users can only search their own API keys"),
    ],
)
def test_keys_search_refusals(server, body, status, error):
    assert server.call("search", ALICE, body) == (status, {"error": error})


def test_keys_search_leaves_ephemeral_ones_out_unless_they_are_asked_for(server):
    """search hides ephemeral keys (`filters.includeEphemeral: true` shows them)."""
    server.call("create", ALICE, {"ephemeral": True})
    assert server.call("search", ALICE, {})[1]["data"] is None
    (shown,) = server.call("search", ALICE, {"filters": {"includeEphemeral": True}})[1]["data"]
    assert shown["ephemeral"] is True


def test_keys_bulk_revoke_knows_no_dry_run(server):
    first, second = server.mint(), server.mint()
    status, body = server.call("bulk_revoke", ALICE, {"username": "alice", "dryRun": True})
    assert (status, body["revokedCount"]) == (200, 2)
    assert [server.store.get(each["id"]).revoked for each in (first, second)] == [True, True]
    assert server.call("bulk_revoke", ALICE, {"subscription": "free"})[0] == 400
    assert server.call("bulk_revoke", ALICE, {"username": "bob"})[0] == 403


def test_keys_config_follows_the_tenant():
    answer = asyncio.run(Server(max_days=30).endpoints.config())
    assert json.loads(answer.body) == {"ephemeral_max_expiration": "1h0m0s", "max_expiration_days": 30}
