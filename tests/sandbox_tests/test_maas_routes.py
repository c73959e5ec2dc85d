# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gateway API: which routes are attached, where requests go, what is written as status."""

from __future__ import annotations

import pytest

from sandbox.maas import routes
from sandbox.maas.routes import Backend, Cluster

from sandbox_tests.maas_objects import CONTROLLER, GATEWAY, NOW, gateway, route

LABELS = {"maas.opendatahub.io/gateway-access": "true"}
BY_LABEL = {"from": "Selector", "selector": {"matchLabels": LABELS}}
KEY = (GATEWAY["namespace"], GATEWAY["name"])


def cluster(
    allowed: dict | None = None, services: frozenset = frozenset({("llm", "gem-kserve-workload-svc")})
) -> Cluster:
    return Cluster({KEY: gateway(allowed or BY_LABEL)}, {"llm": LABELS, "elsewhere": {}}, services)


def choose(path: str, headers: dict | None = None, method: str = "POST", more: tuple = ()) -> routes.Rule | None:
    rules = [*routes.rules_of(route("gem")), *more]
    return routes.choose(rules, method, "maas.test", path, headers or {})


@pytest.mark.parametrize(
    ("path", "rewritten"),
    [
        ("/llm/gem/v1/chat/completions", "/v1/chat/completions"),
        ("/llm/gem/v1/models", "/v1/models"),
        ("/llm/gem", "/"),
        ("/llm/gem/", "/"),
    ],
)
def test_a_path_route_loses_its_prefix(path, rewritten):
    rule = choose(path)
    assert rule.backends == (Backend("llm", "gem-kserve-workload-svc", 8000),)
    assert routes.rewritten(rule, path) == rewritten


@pytest.mark.parametrize("path", ["/llm/gemini/v1/models", "/llm", "/", "/v1/chat/completions"])
def test_a_prefix_ends_at_a_path_element(path):
    assert choose(path) is None


def test_a_body_route_needs_the_header_and_keeps_its_path():
    rule = choose("/v1/chat/completions", {"X-Gateway-Model-Name": "publishers/llm/models/gem"})
    assert rule.exact
    assert routes.rewritten(rule, "/v1/chat/completions") == "/v1/chat/completions"
    assert choose("/v1/chat/completions", {"X-Gateway-Model-Name": "gem"}) is None


def test_precedence_is_exact_then_longest_prefix_then_method_then_headers_then_age():
    header = {"X-Gateway-Model-Name": "publishers/llm/models/gem"}
    assert choose("/v1/embeddings", header).path == "/"
    assert choose("/llm/gem/v1/chat/completions", header).path == "/llm/gem/v1/chat/completions"
    same = {"path": "/v1/models", "created": "2026-01-02"}
    older, newer = routes.Rule("b/b", **{**same, "created": "2026-01-01"}), routes.Rule("a/a", **same)
    with_method = routes.Rule("z/z", method="GET", **{**same, "created": "2027-01-01"})
    assert choose("/v1/models", header, "GET", (newer, older)) is older
    assert choose("/v1/models", header, "GET", (newer, older, with_method)) is with_method
    assert choose("/v1/models", header, "POST", (newer, with_method)) is newer


def test_hostnames_of_a_route_are_honoured():
    rules = routes.rules_of(route("gem", hostnames=["maas.test", "*.apps.test"]))
    hosts = {"maas.test": True, "a.apps.test": True, "apps.test": False, "other.test": False}
    for host, fits in hosts.items():
        assert (routes.choose(rules, "GET", host, "/llm/gem/x", {}) is not None) is fits


@pytest.mark.parametrize(
    ("allowed", "namespace", "admitted"),
    [
        (BY_LABEL, "llm", True),
        (BY_LABEL, "elsewhere", False),
        ({"from": "All"}, "elsewhere", True),
        ({"from": "Same"}, "llm", False),
        ({"from": "Same"}, GATEWAY["namespace"], True),
    ],
)
def test_a_gateway_admits_the_namespaces_that_it_allows(allowed, namespace, admitted):
    there = route("gem", namespace)
    services = frozenset({(namespace, "gem-kserve-workload-svc")})
    assert routes.attached(there, cluster(allowed, services)) is admitted
    condition = routes.route_status(there, cluster(allowed, services), NOW)["parents"][0]["conditions"][0]
    assert condition["status"] == str(admitted)
    assert condition["reason"] == ("Accepted" if admitted else "NotAllowedByListeners")


def test_the_status_of_a_route_carries_its_generation_and_keeps_other_controllers():
    there = route("gem")
    other = {"controllerName": "someone.else/x", "parentRef": {"name": "x"}, "conditions": []}
    there["status"] = {"parents": [other]}
    there["metadata"]["generation"] = 7
    status = routes.route_status(there, cluster(), NOW)
    assert status["parents"][0] == other
    mine = status["parents"][1]
    assert (mine["controllerName"], mine["parentRef"]) == (CONTROLLER, there["spec"]["parentRefs"][0])
    assert [(each["type"], each["status"], each["observedGeneration"]) for each in mine["conditions"]] == [
        ("Accepted", "True", 7),
        ("ResolvedRefs", "True", 7),
    ]
    there["status"] = status
    assert routes.route_status(there, cluster(), "2027-01-01T00:00:00Z") == status


def test_a_missing_service_is_an_unresolved_reference():
    conditions = routes.route_status(route("gem"), cluster(services=frozenset()), NOW)["parents"][0]["conditions"]
    assert [(each["status"], each["reason"]) for each in conditions] == [
        ("True", "Accepted"),
        ("False", "BackendNotFound"),
    ]


def test_a_route_of_another_gateway_is_left_alone():
    there = route("gem", gateway={"name": "other", "namespace": "openshift-ingress"})
    assert routes.route_status(there, cluster(), NOW) == {"parents": []}
    assert not routes.attached(there, cluster())


@pytest.mark.parametrize(
    "rule",
    [
        {"matches": [{"path": {"type": "RegularExpression", "value": "/.*"}}]},
        {"matches": [{"headers": [{"name": "a", "value": "b", "type": "RegularExpression"}]}]},
        {"filters": [{"type": "RequestRedirect"}]},
        {"backendRefs": [{"kind": "InferencePool", "name": "pool"}]},
    ],
)
def test_what_is_not_imitated_is_refused_in_the_status(rule):
    there = route("gem", rules=[rule])
    condition = routes.route_status(there, cluster(), NOW)["parents"][0]["conditions"][0]
    assert (condition["status"], condition["reason"]) == ("False", "UnsupportedValue")
    assert not routes.attached(there, cluster())


@pytest.mark.parametrize(("host", "kind"), [("maas.test", "Hostname"), ("127.0.0.1", "IPAddress")])
def test_the_status_of_a_gateway_counts_its_routes(host, kind):
    there = cluster()
    attached = [
        route("gem"),
        route("gpt"),
        route("far", "elsewhere"),
        route("x", gateway={"name": "x", "namespace": "y"}),
    ]
    status = routes.gateway_status(there.gateways[KEY], attached, there, host, more=1, now=NOW)
    assert status["addresses"] == [{"type": kind, "value": host}]
    assert {each["type"]: each["status"] for each in status["conditions"]} == {"Accepted": "True", "Programmed": "True"}
    assert [(each["name"], each["attachedRoutes"]) for each in status["listeners"]] == [("https", 3)]


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ({"key": "tier", "operator": "In", "values": ["a", "b"]}, True),
        ({"key": "tier", "operator": "NotIn", "values": ["a"]}, False),
        ({"key": "tier", "operator": "Exists"}, True),
        ({"key": "tier", "operator": "DoesNotExist"}, False),
    ],
)
def test_label_selectors(expression, selected):
    assert routes.selects({"matchExpressions": [expression]}, {"tier": "a"}) is selected
