# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
from typing import Any

import jsonpatch
import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.revisions import (
    CONFIG_REVISION,
    CREDENTIALS_REVISION,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests import patches

BASE: dict[str, Any] = {
    "metadata": {"name": "base", "labels": {}, "annotations": {}},
    "spec": {
        "model": {"name": "base"},
        "replicas": 1,
        "template": {
            "containers": [
                {
                    "image": "starter:1.3.0",
                    "resources": {"limits": {"memory": "512Mi"}},
                    "env": [{"name": "OGX_LOG_FORMAT", "value": "json"}],
                    "volumeMounts": [{"name": "config", "mountPath": "/etc/config"}],
                }
            ],
            "volumes": [{"name": "config", "configMap": {"name": "base-config"}}],
        },
    },
}
KEY = {"field": "api_key", "key": "token", "env": "OPENAI_API_KEY", "file": None}
FILE = {"field": "account", "key": "account", "env": "CREDENTIALS", "file": "/var/run/secrets/llamastack.maas/a.json"}


def instance(**changes: Any) -> dict[str, Any]:
    return {
        "name": "openai-prod",
        "provider": "openai",
        "display_name": "OpenAI",
        "description": "",
        "image": "starter:1.3.0",
        "replicas": 1,
        "resources": {"limits": {"memory": "512Mi"}},
        "credentials": {"source": "secret", "secret": {"name": "corp", "managed": False}, "fields": [KEY]},
        **changes,
    }


def with_fields(*fields: dict[str, Any]) -> dict[str, Any]:
    return instance(credentials={"source": "secret", "secret": {"name": "corp", "managed": False}, "fields": fields})


def patched(given: dict[str, Any], **more: Any) -> dict[str, Any]:
    return jsonpatch.apply_patch(BASE, patches.operations(given, BASE, **{"config_revision": "c0", **more}))


def container(given: dict[str, Any], **more: Any) -> dict[str, Any]:
    return patched(given, **more)["spec"]["template"]["containers"][0]


def test_kubernetes_puts_nothing_in_the_place_of_a_dollar():
    assert patches.literal("a$$b$(X)$c") == "a$$$$b$$(X)$$c"
    assert patches.literal("/etc/x") == "/etc/x"


def test_the_operations_of_an_ordinary_instance() -> None:
    assert patches.operations(instance(), BASE, config_revision="c0", credentials_revision="k0") == [
        {"op": "replace", "path": "/metadata/name", "value": "openai-prod"},
        {"op": "add", "path": "/metadata/labels/llamastack.maas~1instance", "value": "openai-prod"},
        {"op": "add", "path": "/metadata/labels/llamastack.maas~1provider", "value": "openai"},
        {"op": "add", "path": "/metadata/annotations/openshift.io~1display-name", "value": "OpenAI"},
        {"op": "replace", "path": "/spec/model/name", "value": "openai-prod"},
        {"op": "replace", "path": "/spec/template/volumes/0/configMap/name", "value": "openai-prod-config"},
        {
            "op": "add",
            "path": "/spec/template/containers/0/env/-",
            "value": {"name": "OPENAI_API_KEY", "valueFrom": {"secretKeyRef": {"name": "corp", "key": "token"}}},
        },
        {
            "op": "add",
            "path": "/spec/template/containers/0/env/-",
            "value": {"name": "LLAMASTACK_MAAS_CONFIG_REVISION", "value": "c0"},
        },
        {
            "op": "add",
            "path": "/spec/template/containers/0/env/-",
            "value": {"name": "LLAMASTACK_MAAS_CREDENTIALS_REVISION", "value": "k0"},
        },
    ]


def test_building_leaves_its_arguments_alone() -> None:
    given, base = instance(), copy.deepcopy(BASE)
    patches.operations(given, base, config_revision="c0")
    assert (given, base) == (instance(), BASE)


def test_the_base_keeps_what_the_instance_does_not_change() -> None:
    environment = container(instance())["env"]
    assert environment[0] == {"name": "OGX_LOG_FORMAT", "value": "json"}
    assert container(instance())["resources"] == {"limits": {"memory": "512Mi"}}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"replicas": 2}, "/spec/replicas"),
        ({"image": "starter:1.5.0"}, "/spec/template/containers/0/image"),
        ({"resources": {"limits": {"memory": "1Gi"}}}, "/spec/template/containers/0/resources"),
    ],
)
def test_only_what_differs_from_the_base_is_replaced(change: dict, path: str) -> None:
    def replaced(given: dict) -> list[str]:
        return [operation["path"] for operation in patches.operations(given, BASE, config_revision="c0")]

    assert path not in replaced(instance())
    assert replaced(instance(**change)).count(path) == 1


def test_annotations_come_sorted_and_a_description_only_where_there_is_one() -> None:
    given = instance(description="for the workshop")
    metadata = patched(given, annotations={"example.org/tiers": '["free"]'})["metadata"]
    assert list(metadata["annotations"].items()) == [
        ("example.org/tiers", '["free"]'),
        ("openshift.io/description", "for the workshop"),
        ("openshift.io/display-name", "OpenAI"),
    ]


def test_a_credential_that_is_a_file_is_mounted_and_its_path_is_in_the_environment() -> None:
    result = patched(with_fields(FILE))
    template = result["spec"]["template"]
    assert template["volumes"][1]["secret"] == {"secretName": "corp", "items": [{"key": "account", "path": "a.json"}]}
    assert template["containers"][0]["volumeMounts"][1] == {
        "name": template["volumes"][1]["name"],
        "mountPath": "/var/run/secrets/llamastack.maas",
        "readOnly": True,
    }
    assert {"name": "CREDENTIALS", "value": FILE["file"]} in template["containers"][0]["env"]


def test_the_order_of_the_fields_does_not_matter() -> None:
    other = {"field": "session", "key": "session", "env": "AWS_SESSION", "file": None}
    one = patches.operations(with_fields(KEY, other, FILE), BASE, config_revision="c0")
    assert one == patches.operations(with_fields(FILE, other, KEY), BASE, config_revision="c0")


def test_an_instance_without_credentials_gets_no_variable_for_them() -> None:
    given = instance(credentials={"source": "none", "secret": None, "fields": []})
    assert [item["name"] for item in container(given)["env"]] == ["OGX_LOG_FORMAT", CONFIG_REVISION]


def test_a_changed_revision_changes_one_variable_and_nothing_else() -> None:
    before, after = (container(instance(), credentials_revision=revision) for revision in ("k0", "k1"))
    assert [new for old, new in zip(before["env"], after["env"], strict=True) if old != new] == [
        {"name": CREDENTIALS_REVISION, "value": "k1"}
    ]
    assert {key for key in before if before[key] != after[key]} == {"env"}
