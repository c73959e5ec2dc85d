# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import jsonpatch
import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.llamastack.maas.plugins.filter.instances import check
from ansible_collections.llamastack.maas.plugins.filter.provider_env_patches import patches
from tools.built import objects

SETTINGS = {"generation": "b2", "storage_initializer": True, "egress": {"proxy": "http://proxy:3128"}}
REVISIONS = {"llm/a-credentials": "0123"}
ENTRIES = [
    {"name": "a", "provider": "openai", "api_key_env": "K", "models": ["gpt-4o"], "replicas": 2},
    {"name": "b", "provider": "gemini", "credentials_secret": {"name": "corp"}, "models": ["gemini-2.5-flash"]},
]
INSTANCES = check(ENTRIES, settings=SETTINGS, check_credentials=False)["instances"]


def test_one_instance_gives_a_list_and_several_a_dictionary_by_name() -> None:
    together = patches(INSTANCES, settings=SETTINGS)
    assert together == {instance["name"]: patches(instance, settings=SETTINGS) for instance in INSTANCES}
    assert list(together) == ["a", "b"]


def test_the_operations_make_the_very_objects_that_are_applied() -> None:
    base = patches([], settings=SETTINGS, base=True)
    made = [
        jsonpatch.apply_patch(base, operations)
        for operations in patches(INSTANCES, settings=SETTINGS, revisions=REVISIONS).values()
    ]
    applied = objects(INSTANCES, "instances", SETTINGS, REVISIONS)
    assert made == [item for item in applied if item["kind"] == "LLMInferenceService"]


def test_no_operation_removes_or_tests_anything() -> None:
    assert {item["op"] for operations in patches(INSTANCES).values() for item in operations} == {"add", "replace"}


def test_what_is_no_instance_is_an_error_that_says_what_is() -> None:
    with pytest.raises(AnsibleFilterError, match="takes an instance or a list of instances, .* not str"):
        patches("a")
