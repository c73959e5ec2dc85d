# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


def test_the_objects_of_a_set_by_instance_as_delete_takes_them(run, namespace, ours):
    mine = [ours("ConfigMap", "gem-config"), ours("ConfigMap", "other-config", instance="other")]
    shared = ours("ConfigMap", "shared")
    del shared["metadata"]["labels"]["llamastack.maas/instance"]
    run("kube_apply", objects=[*mine, shared, ours("ConfigMap", "theirs", set_name="other")])
    kinds = [("v1", "ConfigMap"), ("v1", "Secret"), ("example.com/v1", "Nonsense")]
    found = run(
        "set_info",
        namespace=namespace,
        kinds=[{"api_version": version, "kind": kind, "namespace": namespace} for version, kind in kinds],
    )
    assert {name: [each["metadata"]["name"] for each in objects] for name, objects in found["instances"].items()} == {
        "gem": ["gem-config"],
        "other": ["other-config"],
    }
    assert found["unreadable"] == []
    removed = run("kube_delete", objects=found["instances"]["gem"])["removed"]
    assert [each["name"] for each in removed] == ["gem-config"]


def test_what_may_not_be_listed_is_told(run, namespace):
    kinds = [{"api_version": "v1", "kind": "Secret", "namespace": namespace}]
    found = run("set_info", namespace=namespace, kinds=kinds, impersonate_user="nobody")
    assert found["instances"] == {}
    assert f"Secret in namespace {namespace}" in found["unreadable"][0]
