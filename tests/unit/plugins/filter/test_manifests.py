# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.llamastack.maas.plugins.filter.instances import check
from ansible_collections.llamastack.maas.plugins.filter.manifests import manifests

ENTRIES = [
    {"name": "b", "provider": "openai", "api_key_env": "K", "models": ["gpt-4o"]},
    {"name": "a", "provider": "openai", "api_key_env": "K", "models": ["gpt-4o"]},
]
INSTANCES = check(ENTRIES, check_credentials=False)["instances"]


def names(objects: list[dict]) -> list[tuple[str, str]]:
    return [(item["kind"], item["metadata"]["name"]) for item in objects]


def test_the_namespace_needs_no_instance() -> None:
    assert names(manifests([], "namespace", settings={"namespace": "team"})) == [("Namespace", "team")]


def test_the_objects_come_in_the_order_of_the_instances() -> None:
    assert names(manifests(INSTANCES, "secrets")) == [("Secret", "b-credentials"), ("Secret", "a-credentials")]
    assert names(manifests(INSTANCES, "instances")) == [
        ("ConfigMap", "b-config"),
        ("LLMInferenceService", "b"),
        ("ConfigMap", "a-config"),
        ("LLMInferenceService", "a"),
    ]


def test_an_unknown_phase_names_the_known_ones() -> None:
    with pytest.raises(AnsibleFilterError, match="no phase 'secret'; it must be one of namespace, secrets, instances"):
        manifests(INSTANCES, "secret")


def test_settings_that_cannot_be_used_are_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="llamastack.maas.manifests: llamastack_maas_namespace: must be"):
        manifests(INSTANCES, "secrets", settings={"namespace": "LLM"})
