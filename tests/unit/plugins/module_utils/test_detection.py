# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils import detection

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
    groups = {"serving_kserve_io": {"v1alpha2": ["LLMInferenceService"], "v1alpha1": ["LLMInferenceService"]}}
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


def test_not_installed_and_not_readable_are_told_apart():
    absent = detection.generation(kinds(), tiers=False, gateway=False).evidence
    unknown = detection.generation(kinds(), tiers=None, gateway=None).evidence
    assert "is not installed" in absent
    assert "Set llamastack_maas_generation" in unknown and "is not installed" not in unknown


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
