# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generation B1: who is let through to which model, and what its API answers otherwise than that of B2."""

from __future__ import annotations

import asyncio
import json

import pytest

from sandbox.maas import b1, b1_list, b1_platform, b1_status, resources
from sandbox.maas.faults import Faults
from sandbox.maas.interface import Answer, Grant, Limit, Refused

from sandbox_tests.maas_objects import NOW, ApiServer, Objects, keys, model_ref, policy, request, subscription

TOKENS = {"alice-token": ("alice", ["data-science"]), "mallory-token": ("mallory", [])}
CHAT = "/llm/gem/v1/chat/completions"
LIST = "/llm/gem/v1/models"
GEM = ("llm", "gem")


def granting(enforced: bool = True) -> dict:
    there = policy("p", keys("gem"), groups=("data-science",))
    there["status"] = b1_status.policy_status(there, {GEM}, {GEM}, {GEM} if enforced else set(), NOW)
    return there


class World:
    """A generation over fixed objects: model ``gem``, granted to data-science by policy and subscription."""

    def __init__(self, *policies: dict, subscriptions: tuple[dict, ...] | None = None) -> None:
        free = (subscription("free", keys("gem"), groups=("data-science",)),)
        self.objects = Objects(
            {
                resources.REFS: [model_ref("gem", status={"phase": "Ready", "endpoint": "https://maas.test/llm/gem"})],
                resources.POLICIES: list(policies or (granting(),)),
                resources.SUBSCRIPTIONS: list(free if subscriptions is None else subscriptions),
                b1_platform.TENANTS: [],
            }
        )
        self.generation = b1.B1(ApiServer(TOKENS), self.objects, Faults())

    def authorise(self, path: str, bearer: str | None, **headers: str) -> Grant | tuple[int, str, str | None]:
        """The grant, or status, text and x-ext-auth-reason of the refusal."""
        given = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        try:
            return asyncio.run(self.generation.authorise(request("POST", path, **given, **headers)))
        except Refused as refused:
            answer = refused.answer
            return answer.status, answer.body.decode(), answer.headers.get("x-ext-auth-reason")

    def ask(self, method: str, path: str, body: object = None, bearer: str = "alice-token", **headers: str) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        asked = request(method, path, content, Authorization=f"Bearer {bearer}", **headers)
        return asyncio.run(self.generation.platform(asked))

    def mint(self, name: str = "free") -> str:
        return json.loads(self.ask("POST", "/v1/api-keys", {"name": "k", "subscription": name}).body)["key"]


def test_a_key_is_let_through_and_meets_the_limits_of_its_subscription():
    world = World()
    assert world.authorise(CHAT, world.mint()) == Grant(
        username="alice",
        headers={"X-MaaS-Username": "alice", "X-MaaS-Group": '["data-science"]', "X-MaaS-Subscription": "free"},
        limits=[Limit(("models-as-a-service/free@llm/gem", "alice"), 100, 60)],
    )


def test_a_token_of_the_cluster_may_list_and_nothing_else():
    """Gateway authorisation, v0.1.x: API keys only; tokens only on paths ending /v1/models."""
    world = World()
    assert world.authorise(LIST, "alice-token").username == "alice"
    assert world.authorise(CHAT, "alice-token") == (401, "Authentication required", None)
    assert world.authorise("/llm/gem/v1/embeddings", "alice-token")[0] == 401


@pytest.mark.parametrize("bearer", [None, "unknown-token"])
def test_without_a_known_credential_it_is_401(bearer):
    assert World().authorise(LIST, bearer) == (401, "Authentication required", None)


def test_an_unknown_key_is_403():
    assert World().authorise(CHAT, "sk-oai-unknown_key") == (403, "Access denied", "unauthorized")


def test_a_model_is_closed_until_its_auth_policy_is_in_force():
    """gateway-default-auth denies what no policy governs."""
    world = World(granting(enforced=False))
    assert world.authorise(CHAT, world.mint()) == (403, "Access denied", "unauthorized")


def test_an_owner_whom_no_policy_grants_the_model_is_403():
    other = granting()
    other["spec"]["subjects"] = {"groups": [{"name": "others"}]}
    world = World(other)
    assert world.authorise(CHAT, world.mint()) == (403, "Access denied", "unauthorized")


def test_403_carries_the_reason_of_the_selection():
    gold = subscription("gold", keys("gpt"), groups=("data-science",))
    world = World(subscriptions=(gold,))
    text = "subscription gold does not include model llm/gem"
    assert world.authorise(CHAT, world.mint("gold")) == (403, text, "model_not_in_subscription")
    assert World().authorise(LIST, "mallory-token") == (403, "no matching subscription found for user", "not_found")


@pytest.mark.parametrize("path", ["/publishers/llm/models/gem/v1/models", "/v1/chat/completions", "/v1/models", "/llm"])
def test_what_names_no_model_by_its_path_is_403(path):
    world = World()
    assert world.authorise(path, world.mint())[0] == 403


def test_a_decision_for_a_list_is_not_one_for_a_chat():
    world = World()
    faults = Faults()
    faults.update({"decision_cache_seconds": 60})
    world.generation = b1.B1(ApiServer(TOKENS), world.objects, faults)
    assert world.authorise(LIST, "alice-token").username == "alice"
    assert world.authorise(CHAT, "alice-token")[0] == 401


def test_the_list_asks_with_the_credential_of_the_caller(monkeypatch):
    """Observed of the list on B1: the caller's Authorization and the subscription's name."""
    seen = []

    async def ask(method: str, url: str, headers: dict, seconds: float) -> tuple[int, bytes]:
        seen.append((method, url, dict(headers), seconds))
        return 200, b'{"data": [{"id": "gem/a"}]}'

    monkeypatch.setattr("sandbox.maas.probing.ask", ask)
    answer = World().ask("GET", "/v1/models")
    assert [each["id"] for each in json.loads(answer.body)["data"]] == ["gem/a"]
    assert answer.headers["Cache-Control"] == "no-store"
    headers = {"Authorization": "Bearer alice-token", "X-MaaS-Subscription": "free"}
    assert seen == [("GET", "https://maas.test/llm/gem/v1/models", headers, b1_list.TOTAL_SECONDS)]


def test_the_list_of_a_caller_without_a_subscription_is_empty():
    """Observed of the list: no subscription: 200 with `[]`."""
    answer = World().ask("GET", "/v1/models", bearer="mallory-token")
    assert (answer.status, json.loads(answer.body)) == (200, {"object": "list", "data": []})


def test_the_list_of_an_unknown_subscription_is_403_and_of_an_unreconciled_one_500():
    """Observed of the list: unknown 403; Failed or none 500 `Failed to select subscription`."""
    answer = World().ask("GET", "/v1/models", X_MaaS_Subscription="nope")
    refusal = {"error": {"message": "requested subscription not found", "type": "permission_error"}}
    assert (answer.status, json.loads(answer.body)) == (403, refusal)
    late = subscription("free", keys("gem"), groups=("data-science",), phase=None)
    answer = World(subscriptions=(late,)).ask("GET", "/v1/models", X_MaaS_Subscription="free")
    assert (answer.status, json.loads(answer.body)["error"]["type"]) == (500, "server_error")


def test_subscriptions_are_told_by_their_specs():
    """Observed of the list: model_refs on B1: name, namespace, limits; missing models and ungranted ones included; the
    description falls back to the name."""
    there = subscription("free", keys("gem", "other/gone"), groups=("data-science",), priority=3)
    answer = World(subscriptions=(there,)).ask("GET", "/v1/subscriptions")
    limits = [{"limit": 100, "window": "1m"}]
    assert json.loads(answer.body) == [
        {
            "subscription_id_header": "free",
            "subscription_description": "free",
            "priority": 3,
            "model_refs": [
                {"name": "gem", "namespace": "llm", "token_rate_limits": limits},
                {"name": "gone", "namespace": "other", "token_rate_limits": limits},
            ],
        }
    ]
    answer = World(subscriptions=(there,)).ask("GET", "/v1/model/gone/subscriptions")
    assert [each["subscription_id_header"] for each in json.loads(answer.body)] == ["free"]


@pytest.mark.parametrize("name", ["   ", "x" * 129])
def test_names_of_keys_are_not_checked(name):
    """Observed of API keys: whitespace only, 129 characters: 201 on v0.1.1."""
    answer = World().ask("POST", "/v1/api-keys", {"name": name, "subscription": "free"})
    assert (answer.status, json.loads(answer.body)["name"]) == (201, name)


def test_labels_of_keys_are_dropped_and_no_tenant_is_told():
    """Observed of API keys: v0.1.1 drops labels silently; `tenant` only on v0.2.1+."""
    world = World()
    made = json.loads(world.ask("POST", "/v1/api-keys", {"name": "k", "labels": {"a": "b"}}).body)
    told = json.loads(world.ask("GET", f"/v1/api-keys/{made['id']}").body)
    assert not {"labels", "tenant"} & {*made, *told}


def test_the_longest_life_of_an_ephemeral_key():
    """Observed of API keys: ephemeral above 1 h: cannot exceed `1 hour` on B1."""
    answer = World().ask("POST", "/v1/api-keys", {"ephemeral": True, "expiresIn": "2h"})
    text = "ephemeral key expiration (2h0m0s) cannot exceed 1 hour: expiration exceeds maximum allowed"
    assert (answer.status, json.loads(answer.body)["error"]) == (400, text)


def test_config_of_keys_is_taken_for_an_id():
    """Observed of API keys: v0.1.1 404 `API key not found` (route /:id)."""
    answer = World().ask("GET", "/v1/api-keys/config")
    assert (answer.status, json.loads(answer.body)) == (404, {"error": "API key not found"})


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/tenants"), ("POST", "/v1/tokens"), ("GET", "/v1/api-keys")])
def test_what_other_generations_have_is_404_text(method, path):
    answer = World().ask(method, path, {})
    assert (answer.status, answer.body) == (404, b"404 page not found")


def test_what_is_not_imitated_is_501():
    assert World().ask("GET", "/internal/v1/subscriptions/select").status == 501


def test_metrics_are_there_for_everybody_who_is_somebody():
    """Where the imitation differed: /maas-api/metrics 200 on v0.1.1 through the gateway."""
    assert World().ask("GET", "/metrics").status == 200


def test_a_body_of_more_than_a_mebibyte_is_taken_and_a_search_may_be_stored():
    """Decoder: body limit from v0.2.1 on; so is no-store of a search."""
    asked = {"name": "k", "subscription": "free", "description": "d" * 1_100_000}
    assert World().ask("POST", "/v1/api-keys", asked).status == 201
    assert "Cache-Control" not in World().ask("POST", "/v1/api-keys/search", {}).headers


def test_no_answer_has_a_request_id():
    """Observed: B2 answers carry X-Request-Id."""
    assert "X-Request-Id" not in World().ask("GET", "/health").headers
