# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import FAILURE_TLS, Answer
from ansible_collections.llamastack.maas.plugins.module_utils.maas import detection
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known

MAAS = "maas.opendatahub.io"
REGISTRATION = {"MaaSModelRef", "MaaSAuthPolicy", "MaaSSubscription"}


def discovery(**groups):
    """The aggregated discovery document; ``groups`` maps a group (dots as underscores) to version to kinds."""
    items = []
    for group, versions in groups.items():
        found = [
            {
                "version": version,
                "resources": [{"responseKind": {"kind": kind}, "scope": "Namespaced"} for kind in kinds],
            }
            for version, kinds in versions.items()
        ]
        items.append({"metadata": {"name": group.replace("_", ".")}, "versions": found})
    return {"items": items}


def kinds(*names):
    groups = {
        "serving_kserve_io": {"v1alpha2": ["LLMInferenceService"], "v1alpha1": ["LLMInferenceService"]},
        "gateway_networking_k8s_io": {"v1": ["Gateway", "HTTPRoute"]},
    }
    return detection.served(discovery(**groups, maas_opendatahub_io={"v1alpha1": names}))


def test_versions_are_told_in_their_order_and_absent_kinds_as_empty():
    found = kinds("MaaSModelRef")
    assert found["LLMInferenceService"] == ["serving.kserve.io/v1alpha2", "serving.kserve.io/v1alpha1"]
    assert found["MaaSModelRef"] == [f"{MAAS}/v1alpha1"]
    assert found["Route"] == []


def test_a_kind_of_another_group_does_not_count():
    assert detection.served(discovery(networking_k8s_io={"v1": ["Ingress"]}))["Ingress"] == []


@pytest.mark.parametrize(
    "served, tiers, gateway, generation",
    [
        ({*REGISTRATION, "MaasTenantConfig"}, None, None, "b2"),
        (REGISTRATION, None, None, "b1"),
        # The ConfigMap of generation A stays behind when a cluster is upgraded.
        ({*REGISTRATION, "MaasTenantConfig"}, True, True, "b2"),
        (set(), True, None, "a"),
        (set(), None, True, None),
        (set(), None, None, None),
        (set(), False, False, None),
        ({"MaaSModelRef"}, None, None, None),
    ],
)
def test_the_generation(served, tiers, gateway, generation):
    assert detection.generation(kinds(*served), tiers=tiers, gateway=gateway).generation == generation
    assert generation is None or generation in known.NAMES


def test_not_installed_and_not_readable_are_told_apart():
    absent = detection.generation(kinds(), tiers=False, gateway=False).evidence
    unknown = detection.generation(kinds(), tiers=None, gateway=None).evidence
    assert "is not installed" in absent
    assert "Set llamastack_maas_generation" in unknown and "is not installed" not in unknown


def test_without_the_gateway_api_it_is_not_installed_whatever_may_be_read():
    served = detection.served(discovery(serving_kserve_io={"v1alpha1": ["LLMInferenceService"]}))
    found = detection.generation(served, tiers=None, gateway=None)
    assert "is not installed" in found.evidence
    assert not found.maas_can_tell


@pytest.mark.parametrize(
    "served, tiers, gateway, can_tell",
    [
        (set(), None, None, True),
        (set(), False, True, True),
        (set(), False, False, False),
        (REGISTRATION, None, None, False),
    ],
)
def test_maas_is_asked_only_where_the_cluster_leaves_it_open(served, tiers, gateway, can_tell):
    assert detection.generation(kinds(*served), tiers=tiers, gateway=gateway).maas_can_tell is can_tell


HEALTHY = (200, {"status": "healthy"})


def answer(status, document=None, path="/maas-api/v1/subscriptions"):
    body = document if isinstance(document, str) else json.dumps(document)
    return Answer("GET", f"https://maas.example.com{path}", status, body=body.encode())


@pytest.mark.parametrize(
    "subscriptions, health, generation, evidence",
    [
        ((404, "404 page not found"), HEALTHY, "a", "knows no subscriptions"),
        # Any server has paths that it does not know.
        ((404, "Not Found"), (404, "Not Found"), None, "/maas-api/health answered 404"),
        ((404, ""), (200, "<html>"), None, "/maas-api/health answered 200"),
        ((404, ""), (503, {"status": "healthy"}), None, "/maas-api/health answered 503"),
        ((200, []), HEALTHY, None, "belongs to another cluster"),
        ((200, "<html>Sign in"), HEALTHY, None, "/subscriptions answered 200: <html>Sign in"),
        ((401, "Authentication required"), (401, ""), None, "/subscriptions answered 401"),
        ((503, ""), (503, ""), None, "/subscriptions answered 503"),
    ],
)
def test_what_maas_itself_tells(subscriptions, health, generation, evidence):
    found = detection.generation_by_answers(answer(*subscriptions), answer(*health, path="/maas-api/health"))
    assert found.generation == generation
    assert evidence in found.evidence
    assert generation or "llamastack_maas_" in found.evidence


def test_a_maas_that_cannot_be_asked_is_named():
    none = Answer("GET", "https://maas.example.com/x", 0, failure=FAILURE_TLS, message="self-signed certificate")
    found = detection.generation_by_answers(none, none)
    assert found.generation is None
    assert "self-signed certificate" in found.evidence


def test_half_an_installation_is_named():
    found = detection.generation(kinds("MaaSModelRef", "MaaSAuthPolicy"), tiers=None, gateway=None)
    assert "MaaSSubscription not" in found.evidence


def test_without_kserve_nothing_can_be_deployed():
    (problem,) = detection.problems(detection.served({}))
    assert "no LLMInferenceService" in problem


def test_a_cluster_that_serves_only_a_later_version_is_refused():
    served = detection.served(discovery(serving_kserve_io={"v1": ["LLMInferenceService"]}))
    assert "not as serving.kserve.io/v1alpha1" in detection.problems(served)[0]
    assert detection.problems(kinds()) == []


def schemas(*fields):
    spec = {"type": "object", "properties": {field: {} for field in fields}}
    gvk = [{"group": "serving.kserve.io", "kind": "LLMInferenceService", "version": "v1alpha1"}]
    service = {"properties": {"spec": spec}, "x-kubernetes-group-version-kind": gvk}
    return {"components": {"schemas": {"Time": {"type": "string"}, "Service": service}}}


def test_the_storage_initializer_is_read_from_the_schema():
    assert detection.has_storage_initializer(schemas("model", "storageInitializer")) is True
    assert detection.has_storage_initializer(schemas("model")) is False
    assert detection.has_storage_initializer({}) is None


def gateway(listener, programmed="True"):
    return {
        "spec": {
            "listeners": [{"name": "http", "protocol": "HTTP", "hostname": "plain.example.com", "port": 80}, listener]
        },
        "status": {"conditions": [{"type": "Programmed", "status": programmed, "message": "as it is"}]},
    }


HTTPS = {"name": "https", "protocol": "HTTPS", "port": 443}


@pytest.mark.parametrize(
    "listener, url",
    [
        ({**HTTPS, "hostname": "maas.example.com"}, "https://maas.example.com"),
        ({**HTTPS, "hostname": "maas.example.com", "port": 8443}, "https://maas.example.com:8443"),
        ({**HTTPS, "hostname": "*.example.com"}, None),
        (HTTPS, None),
    ],
)
def test_the_url_of_a_gateway(listener, url):
    assert detection.gateway_state(gateway(listener)).url == url


def test_the_labels_that_the_gateway_asks_of_a_namespace():
    by_label = {
        "namespaces": {"from": "Selector", "selector": {"matchLabels": {"maas.opendatahub.io/gateway-access": "true"}}}
    }
    state = detection.gateway_state(gateway({**HTTPS, "allowedRoutes": by_label}))
    assert state.namespace_labels == {"maas.opendatahub.io/gateway-access": "true"}
    assert (
        detection.gateway_state(gateway({**HTTPS, "allowedRoutes": {"namespaces": {"from": "All"}}})).namespace_labels
        == {}
    )


def test_whether_a_gateway_works():
    assert detection.gateway_state(None).exists is False
    state = detection.gateway_state(gateway(HTTPS, programmed="False"))
    assert (state.exists, state.programmed, state.message) == (True, False, "as it is")


def test_the_route_that_leads_to_the_gateway():
    routes = [
        {"spec": {"host": "console.example.com", "to": {"name": "console"}}},
        {"spec": {"host": "maas.example.com", "to": {"name": "maas-default-gateway-openshift-default"}}},
    ]
    assert detection.route_url(routes, "maas-default-gateway") == "https://maas.example.com"
    assert detection.route_url(routes[:1], "maas-default-gateway") is None


def test_where_it_is_by_convention():
    assert detection.conventional_url({"spec": {"domain": "apps.example.com"}}) == "https://maas.apps.example.com"
    assert detection.conventional_url(None) is None
