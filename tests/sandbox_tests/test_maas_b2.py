# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gateway policies of generation B2: who is let through to which model, and what is done to requests before."""

from __future__ import annotations

import asyncio
import json

import pytest

from sandbox.maas import b2, b2_platform, resources
from sandbox.maas.faults import Faults
from sandbox.maas.interface import Grant, Limit, Refused, Request

from sandbox_tests.maas_objects import ApiServer, Objects, keys, model_ref, policy, request, subscription

TOKENS = {"alice-token": ("alice", ["data-science"]), "mallory-token": ("mallory", [])}
CHAT = "/llm/gem/v1/chat/completions"


def policies(*names: str) -> list[dict]:
    return [policy("p", keys(*names), groups=("data-science",))]


class World:
    """A generation over fixed objects: model ``gem``, granted to data-science by policy and subscription."""

    def __init__(self, subscriptions: list[dict] | None = None, granted: list[dict] | None = None) -> None:
        free = [subscription("free", keys("gem"), groups=("data-science",))]
        self.objects = Objects(
            {
                resources.REFS: [model_ref("gem")],
                resources.POLICIES: policies("gem") if granted is None else granted,
                resources.SUBSCRIPTIONS: free if subscriptions is None else subscriptions,
                b2_platform.TENANT_CONFIGS: [],
            }
        )
        self.faults = Faults()
        self.generation = b2.B2(ApiServer(TOKENS), self.objects, self.faults)

    def authorise(self, asked: Request) -> Grant | tuple[int, str, str | None]:
        """The grant, or status, text and x-ext-auth-reason of the refusal."""
        try:
            return asyncio.run(self.generation.authorise(asked))
        except Refused as refused:
            answer = refused.answer
            return answer.status, answer.body.decode(), answer.headers.get("x-ext-auth-reason")

    def mint(self, name: str = "free", bearer: str = "alice-token") -> dict:
        body = json.dumps({"name": "k", "subscription": name}).encode()
        asked = request("POST", "/v1/api-keys", body, Authorization=f"Bearer {bearer}")
        return json.loads(asyncio.run(self.generation.platform(asked)).body)


def chat(bearer: str | None, path: str = CHAT, **headers: str) -> Request:
    given = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return request("POST", path, **given, **headers)


def test_a_token_and_a_key_are_let_through_with_identity_headers_and_limits():
    world = World()
    expected = Grant(
        username="alice",
        headers={
            "X-MaaS-Username": "alice",
            "X-MaaS-Group": '["data-science"]',
            "X-MaaS-Subscription": "free",
        },
        limits=[Limit(("models-as-a-service/free@llm/gem", "alice"), 100, 60)],
    )
    assert world.authorise(chat("alice-token")) == expected
    assert world.authorise(chat(world.mint()["key"])) == expected


def test_identity_headers_of_a_client_are_overwritten_not_refused():
    grant = World().authorise(chat("alice-token", X_MaaS_Username="root", X_MaaS_Group='["system:masters"]'))
    assert grant.headers["X-MaaS-Username"] == "alice"


@pytest.mark.parametrize("bearer", [None, "unknown-token"])
def test_without_a_known_credential_it_is_401(bearer):
    assert World().authorise(chat(bearer)) == (401, "Authentication required", None)


def test_another_scheme_is_401():
    asked = request("POST", CHAT, Authorization="Basic YTpi")
    assert World().authorise(asked) == (401, "Authentication required", None)


def test_an_unknown_or_revoked_key_is_403():
    world, refusal = World(), (403, "Access denied", "unauthorized")
    assert world.authorise(chat("sk-oai-unknown_key")) == refusal
    made = world.mint()
    assert world.authorise(chat(made["key"])).username == "alice"
    revoke = request("DELETE", f"/v1/api-keys/{made['id']}", Authorization="Bearer alice-token")
    assert asyncio.run(world.generation.platform(revoke)).status == 200
    assert world.authorise(chat(made["key"])) == refusal


def test_403_carries_the_reason_of_the_selection():
    assert World().authorise(chat("mallory-token")) == (403, "no matching subscription found for user", "not_found")
    text = "subscription free does not include model llm/gpt"
    wrong = chat("alice-token", "/llm/gpt/v1/chat/completions", X_MaaS_Subscription="free")
    assert World().authorise(wrong) == (403, text, "model_not_in_subscription")


def test_an_owner_whom_no_policy_grants_the_model_is_403():
    assert World(granted=policies("gpt")).authorise(chat("alice-token")) == (403, "Access denied", "unauthorized")


def test_without_any_policy_models_are_closed_and_the_api_is_open_to_nobody_in_particular():
    """No MaaSAuthPolicy in the tenant (v0.2.1): lists 200 and empty for anybody, key endpoints 500 AUTH_FAILURE/001."""
    world = World(granted=[])
    assert world.authorise(chat("alice-token")) == (403, "", None)

    def ask(method: str, path: str, **headers: str) -> tuple[int, object]:
        answer = asyncio.run(world.generation.platform(request(method, path, b"{}", **headers)))
        return answer.status, json.loads(answer.body)

    failure = {"error": "Exception thrown while generating token", "exceptionCode": "AUTH_FAILURE", "refId": "001"}
    for headers in ({}, {"Authorization": "Bearer alice-token"}):
        assert ask("GET", "/v1/models", **headers) == (200, {"object": "list", "data": []})
        assert ask("GET", "/v1/subscriptions", **headers) == (200, [])
        assert ask("POST", "/v1/api-keys/search", **headers)[1]["data"] == []
        assert ask("POST", "/v1/api-keys", **headers) == (500, failure)
        assert ask("DELETE", "/v1/api-keys/any", **headers) == (500, failure)
    assert ask("GET", "/v1/tenants")[0] == 401
    world.objects.objects[resources.POLICIES] = policies("gem")
    with pytest.raises(Refused):
        ask("GET", "/v1/models")


def test_a_subscription_on_its_way_out_serves_nobody():
    going = subscription("free", keys("gem"), groups=("data-science",), deletionTimestamp="2026-01-01T00:00:00Z")
    assert World([going]).authorise(chat("alice-token")) == (403, "Access denied", "unauthorized")


def test_two_fitting_subscriptions_must_be_told_apart():
    world = World([subscription(name, keys("gem"), groups=("data-science",)) for name in ("a", "b")])
    status, text, reason = world.authorise(chat("alice-token"))
    assert (status, reason) == (403, "multiple_subscriptions")
    assert "X-MaaS-Subscription" in text
    named = world.authorise(chat("alice-token", X_MaaS_Subscription="b"))
    assert named.headers["X-MaaS-Subscription"] == "b"


def test_a_key_is_bound_whatever_the_client_names():
    world = World([subscription(name, keys("gem"), groups=("data-science",)) for name in ("a", "b")])
    grant = world.authorise(chat(world.mint("a")["key"], X_MaaS_Subscription="b"))
    assert grant.headers["X-MaaS-Subscription"] == "a"


@pytest.mark.parametrize(
    ("path", "model", "identity"),
    [
        (CHAT, "", "llm/gem"),
        ("/v1/chat/completions", "publishers/llm/models/gem", "publishers/llm/models/gem"),
        ("/publishers/llm/models/gem/v1/models", "", "publishers/llm"),
        ("/v1/chat/completions", "", ""),
    ],
)
def test_the_model_of_a_request(path, model, identity):
    headers = {"X_Gateway_Model_Name": model} if model else {}
    assert b2.model_identity(request("POST", path, **headers)) == identity


def test_a_body_route_is_authorised_by_its_alias_and_a_publishers_path_never():
    asked = chat("alice-token", "/v1/chat/completions", X_Gateway_Model_Name="publishers/llm/models/gem")
    assert World().authorise(asked).username == "alice"
    assert World().authorise(chat("alice-token", "/publishers/llm/models/gem/v1/models"))[0] == 403


@pytest.mark.parametrize(
    ("model", "header"),
    [("publishers/llm/models/gem", "publishers/llm/models/gem"), ("gem", None), (5, None)],
)
def test_the_body_names_the_model_by_its_full_id_only(model, header):
    asked = request("POST", "/v1/chat/completions", json.dumps({"model": model}).encode(), X_Gateway_Model_Name="x")
    assert World().generation.process(asked).headers.get("X-Gateway-Model-Name") == header


def test_a_stream_is_made_to_report_its_usage():
    body = {"stream": True, "stream_options": {"a": 1}}
    asked = request("POST", CHAT, json.dumps(body).encode())
    processed = World().generation.process(asked)
    assert json.loads(processed.body)["stream_options"] == {"a": 1, "include_usage": True}
    plain = request("POST", CHAT, b'{"model": "gem/x"}')
    assert World().generation.process(plain).body == plain.body


def test_health_needs_no_credential_and_the_rest_does():
    generation = World().generation
    answer = asyncio.run(generation.platform(request("GET", "/health")))
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "healthy"})
    with pytest.raises(Refused):
        asyncio.run(generation.platform(request("GET", "/v1/models")))


def test_a_key_can_mint_another_key():
    world = World()
    second = world.mint(bearer=world.mint()["key"])
    assert world.authorise(chat(second["key"])).username == "alice"


@pytest.mark.parametrize(("status", "text"), [(401, "Authentication required"), (403, "Access denied")])
def test_every_credential_can_be_refused_for_a_while(status, text):
    world = World()
    world.faults.update({"reject_credentials": {"status": status, "seconds": 60}})
    assert world.authorise(chat("alice-token"))[:2] == (status, text)
    world.faults.reset()
    assert world.authorise(chat("alice-token")).username == "alice"


def test_decisions_are_cached_only_when_asked_for():
    world = World()
    subscriptions = world.objects.objects[resources.SUBSCRIPTIONS]
    world.authorise(chat("alice-token"))
    kept = subscriptions.pop()
    assert world.authorise(chat("alice-token"))[0] == 403
    world.faults.update({"decision_cache_seconds": 60})
    assert world.authorise(chat("alice-token"))[0] == 403
    subscriptions.append(kept)
    assert world.authorise(chat("alice-token"))[0] == 403
    world.generation.reset()
    assert world.authorise(chat("alice-token")).username == "alice"


def test_an_unknown_fault_is_refused_before_any_is_set():
    faults = Faults()
    with pytest.raises(ValueError, match="no such fault: nonsense; there are controllers_paused"):
        faults.update({"controllers_paused": True, "nonsense": 1})
    assert faults.state()["controllers_paused"] is False
