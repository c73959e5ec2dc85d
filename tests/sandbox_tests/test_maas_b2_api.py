# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MaaS API of generation B2: the list of models, subscriptions, tenants, and the manners of the server."""

from __future__ import annotations

import asyncio
import json

import pytest

from sandbox.maas.b2_api import MaasApi, Tenant
from sandbox.maas.callers import Caller
from sandbox.maas.key_endpoints import V0_2_1, KeyEndpoints
from sandbox.maas.interface import Answer
from sandbox.maas.keys import KeyStore

from sandbox_tests.maas_objects import gateway, keys, model_ref, policy, request, subscription

GROUPS = ("data-science", "system:authenticated")
BY_TOKEN = Caller("alice", GROUPS, with_key=False)
ANYBODY = Caller("mallory", ("system:authenticated",), with_key=False)


def by_key(name: str) -> Caller:
    return Caller("alice", GROUPS, with_key=True, subscription=name)


class Server:
    """The API over fixed objects."""

    def __init__(self, refs=(), policies=(), subscriptions=(), gateway=None) -> None:
        self.subscriptions = list(subscriptions)
        tenant = Tenant(lambda: list(refs), lambda: list(policies), lambda: self.subscriptions, lambda: gateway)
        endpoints = KeyEndpoints(V0_2_1, KeyStore(lambda: 0.0), tenant.subscriptions, lambda: 90, self._nobody)
        self.api = MaasApi(tenant, endpoints)

    @staticmethod
    async def _nobody(_username, _groups) -> bool:
        return False

    def ask(self, method: str, path: str, caller: Caller = BY_TOKEN, body: bytes = b"") -> Answer:
        return asyncio.run(self.api.answer(request(method, path, body), caller))

    def get(self, path: str, caller: Caller = BY_TOKEN) -> object:
        answer = self.ask("GET", path, caller)
        assert answer.status == 200
        return json.loads(answer.body)

    def ids(self, caller: Caller = BY_TOKEN) -> list[str]:
        return [each["id"] for each in self.get("/v1/models", caller)["data"]]


def governed(*refs: dict, **more: object) -> Server:
    """Everybody of data-science may use every reference, by subscription ``free``."""
    named = keys(*("/".join((ref["metadata"]["namespace"], ref["metadata"]["name"])) for ref in refs))
    return Server(
        refs,
        [policy("p", named, groups=("data-science",))],
        [subscription("free", named, groups=("data-science",), **more)],
    )


def test_list_of_models_entry():
    annotations = {
        "openshift.io/display-name": "Gem",
        "opendatahub.io/context-window": "8192",
        "opendatahub.io/model-capabilities": '["chat"]',
    }
    server = governed(model_ref("gem", metadata={"annotations": annotations}))
    answer = server.ask("GET", "/v1/models")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Access-Checked-At"].endswith("Z")
    assert json.loads(answer.body) == {
        "object": "list",
        "data": [
            {
                "id": "publishers/llm/models/gem",
                "created": 1795262400,
                "object": "model",
                "owned_by": "llm/gem",
                "kind": "LLMInferenceService",
                "url": "https://maas.test/",
                "ready": True,
                "modelDetails": {"displayName": "Gem", "contextWindow": "8192", "modelCapabilities": ["chat"]},
                "subscriptions": [{"name": "free"}],
            }
        ],
    }


def test_list_of_models_prefers_the_hostname_of_the_route_and_the_name_without_an_alias():
    status = {"phase": "Ready", "endpoint": "https://other/x", "httpRouteHostnames": ["maas.test", "b"]}
    late = model_ref("late", status=status)
    bare = model_ref("bare", status={"phase": "Ready"})
    external = model_ref("ext", modelRef={"kind": "ExternalModel", "name": "gpt-4o"})
    entries = {each["id"]: each for each in governed(late, bare, external).get("/v1/models")["data"]}
    assert entries["late"]["url"] == "https://maas.test"
    assert "url" not in entries["bare"]
    assert entries["gpt-4o"]["owned_by"] == "llm/ext"


@pytest.mark.parametrize("phase", ["Pending", "Unhealthy", "Failed", ""])
def test_list_of_models_shows_ready_ones_only(phase):
    assert governed(model_ref("gem", phase=phase)).ids() == []


@pytest.mark.parametrize(
    ("phase", "listed"), [("Active", 1), ("Degraded", 1), ("Pending", 0), ("Failed", 0), (None, 0)]
)
def test_list_of_models_by_phase_of_the_subscription(phase, listed):
    assert len(governed(model_ref("gem"), phase=phase).ids()) == listed


def test_list_of_models_needs_a_policy_for_a_token_but_not_for_a_key_or_a_named_subscription():
    """So a key's list may show what inference refuses."""
    ref = model_ref("gem")
    server = Server([ref], [], [subscription("free", keys("gem"), groups=("data-science",))])
    published = ["publishers/llm/models/gem"]
    assert server.ids() == []
    assert server.ids(by_key("free")) == published
    assert server.ids(Caller("alice", GROUPS, with_key=False, subscription="free")) == published


def test_list_of_models_without_a_subscription_is_empty():
    assert governed(model_ref("gem")).get("/v1/models", ANYBODY) == {"object": "list", "data": []}


@pytest.mark.parametrize(
    ("caller", "phase", "status", "message", "kind"),
    [
        (by_key("unknown"), "Active", 403, "access denied to requested subscription", "permission_error"),
        (by_key("free"), "Failed", 500, "Failed to select subscription", "server_error"),
        (by_key("free"), None, 500, "Failed to select subscription", "server_error"),
    ],
)
def test_list_of_models_refusals(caller, phase, status, message, kind):
    answer = governed(model_ref("gem"), phase=phase).ask("GET", "/v1/models", caller)
    assert (answer.status, json.loads(answer.body)) == (status, {"error": {"message": message, "type": kind}})
    assert "Cache-Control" not in answer.headers


def test_subscriptions_of_an_entry_come_in_random_order():
    ref = model_ref("gem")
    names = [f"s{number}" for number in range(6)]
    subscriptions = [subscription(name, keys("gem"), groups=("data-science",)) for name in names]
    server = Server([ref], [policy("p", keys("gem"), groups=("data-science",))], subscriptions)
    orders = set()
    for _call in range(20):
        (entry,) = server.get("/v1/models")["data"]
        told = [each["name"] for each in entry["subscriptions"]]
        assert sorted(told) == names
        orders.add(tuple(told))
    assert len(orders) > 1


def test_subscriptions_are_described_without_what_no_policy_grants():
    annotations = {"openshift.io/display-name": "Free", "openshift.io/description": "for all"}
    server = governed(
        model_ref("gem"),
        model_ref("late", status={"phase": "Pending"}),
        priority=10,
        annotations=annotations,
    )
    server.subscriptions[0]["spec"]["modelRefs"] += [
        {**each, "tokenRateLimits": [{"limit": 1, "window": "1h"}]} for each in keys("ungranted")
    ]
    limits = [{"limit": 100, "window": "1m"}]
    assert server.get("/v1/subscriptions") == [
        {
            "subscription_id_header": "free",
            "subscription_description": "for all",
            "display_name": "Free",
            "priority": 10,
            "model_refs": [
                {
                    "name": "gem",
                    "model_name": "publishers/llm/models/gem",
                    "source": "internal",
                    "token_rate_limits": limits,
                },
                {"name": "late", "source": "internal", "token_rate_limits": limits},
            ],
        }
    ]
    assert server.get("/v1/subscriptions", ANYBODY) == []


def test_subscriptions_of_a_model_go_by_the_name_of_the_reference_and_ignore_the_phase():
    server = governed(model_ref("gem"), phase="Failed")
    assert server.get("/v1/subscriptions") == []
    assert [each["subscription_id_header"] for each in server.get("/v1/model/gem/subscriptions")] == ["free"]
    assert server.get("/v1/model/gpt/subscriptions") == []
    assert server.ask("GET", "/v1/model/publishers/llm/models/gem/subscriptions").status == 404


@pytest.mark.parametrize(("port", "url"), [(443, "https://maas.test"), (8443, "https://maas.test:8443")])
def test_tenants_tell_the_url_of_the_gateway(port, url):
    there = gateway(port=port)
    there["status"] = {"listeners": [{"name": "https", "attachedRoutes": 1}]}
    assert Server(gateway=there).get("/v1/tenants", ANYBODY)["tenants"] == [
        {
            "name": "models-as-a-service",
            "gateway": {
                "name": "maas-default-gateway",
                "namespace": "openshift-ingress",
                "protocol": "https",
                "externalUrl": url,
                "port": port,
            },
        }
    ]


def test_tenants_need_a_listener_with_a_route_and_no_key():
    there = gateway()
    there["status"] = {"listeners": [{"name": "https", "attachedRoutes": 0}]}
    answer = Server(gateway=there).ask("GET", "/v1/tenants")
    assert (answer.status, json.loads(answer.body)["error"]) == (500, "Failed to resolve gateway")
    answer = Server(gateway=there).ask("GET", "/v1/tenants", by_key("free"))
    assert (answer.status, json.loads(answer.body)["error"]) == (401, "Authentication failed")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/models"),
        ("GET", "/v1/models/x"),
        ("GET", "/v1/api-keys"),
        ("POST", "/v1/tokens"),
        ("POST", "/v1/tiers/lookup"),
        ("GET", "/models"),
        ("GET", "/"),
    ],
)
def test_unknown_paths_and_wrong_methods_are_404_text(method, path):
    answer = Server().ask(method, path, body=b"{}")
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (404, "text/plain", b"404 page not found")


@pytest.mark.parametrize(
    ("method", "path", "status", "location"),
    [("GET", "/v1/models/", 301, "/v1/models"), ("POST", "/v1/api-keys/", 307, "/v1/api-keys")],
)
def test_a_trailing_slash_is_redirected_inside_the_server(method, path, status, location):
    answer = Server().ask(method, path)
    assert (answer.status, answer.headers["Location"]) == (status, location)


def test_options_is_204_and_every_answer_has_a_request_id():
    answer = Server().ask("OPTIONS", "/anything")
    assert (answer.status, answer.body) == (204, b"")
    refused = Server().ask("POST", "/v1/api-keys")
    assert refused.status == 400
    assert answer.headers["X-Request-Id"] != refused.headers["X-Request-Id"]


def test_what_is_not_imitated_is_501_and_named():
    answer = Server().ask("POST", "/internal/v1/api-keys/validate")
    assert (answer.status, b"/internal/v1/api-keys/validate" in answer.body) == (501, True)
