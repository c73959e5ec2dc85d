# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.drift import applied_at, differences

WRITTEN = "2026-11-21T15:32:00Z"


def applied(fields, **obj):
    entry = {"manager": "llamastack.maas", "operation": "Apply", "time": WRITTEN, "fieldsV1": fields}
    other = {"manager": "kube-controller", "operation": "Update", "time": "2026-11-21T16:00:00Z", "fieldsV1": {}}
    return {"metadata": {"name": "gem", "managedFields": [other, entry]}, **obj}


DESIRED = {
    "apiVersion": "v1",
    "kind": "Thing",
    "metadata": {"name": "gem", "namespace": "llm", "labels": {"a": "1"}},
    "spec": {
        "replicas": 1,
        "route": {},
        "args": ["x"],
        "resources": {"limits": {"cpu": "0.5", "memory": "1Gi"}},
        "containers": [{"name": "main", "image": "a:1", "env": [{"name": "ONE", "value": "1"}]}],
    },
}
OWNED = {
    "f:metadata": {"f:labels": {"f:a": {}}},
    "f:spec": {
        "f:replicas": {},
        "f:route": {},
        "f:args": {},
        "f:resources": {"f:limits": {"f:cpu": {}, "f:memory": {}}},
        "f:containers": {
            'k:{"name":"main"}': {
                ".": {},
                "f:name": {},
                "f:image": {},
                "f:env": {'k:{"name":"ONE"}': {".": {}, "f:name": {}, "f:value": {}}},
            }
        },
    },
}


@pytest.fixture
def live():
    obj = applied(copy.deepcopy(OWNED), spec=copy.deepcopy(DESIRED["spec"]), status={"phase": "Ready"})
    obj["metadata"]["labels"] = {"a": "1"}
    return obj


def test_an_object_as_it_was_applied_does_not_differ(live):
    assert differences(DESIRED, live) == []


def test_what_others_add_is_no_difference(live):
    live["spec"]["paused"] = True
    live["metadata"]["labels"]["b"] = "2"
    live["spec"]["containers"].append({"name": "sidecar"})
    live["spec"]["containers"][0]["env"].insert(0, {"name": "INJECTED", "value": "1"})
    assert differences(DESIRED, live) == []


def test_each_changed_field_has_its_path(live):
    live["spec"]["replicas"] = 3
    live["spec"]["args"] = ["x", "y"]
    live["spec"]["containers"][0]["image"] = "a:2"
    live["spec"]["containers"][0]["env"][0]["value"] = "2"
    del live["metadata"]["labels"]["a"]
    assert differences(DESIRED, live) == [
        "spec.replicas",
        "spec.args",
        "spec.containers[main].image",
        "spec.containers[main].env[ONE].value",
        "metadata.labels.a",
    ]


def test_what_we_wrote_and_no_longer_want_differs(live):
    live["metadata"]["labels"]["old"] = "1"
    live["metadata"]["managedFields"][1]["fieldsV1"]["f:metadata"]["f:labels"]["f:old"] = {}
    main = live["metadata"]["managedFields"][1]["fieldsV1"]["f:spec"]["f:containers"]['k:{"name":"main"}']
    main["f:env"]['k:{"name":"OLD"}'] = {".": {}, "f:name": {}, "f:value": {}}
    live["spec"]["containers"][0]["env"].append({"name": "OLD", "value": "1"})
    assert differences(DESIRED, live) == ["spec.containers[main].env[OLD]", "metadata.labels.old"]
    assert differences(DESIRED, live, ("OLD",)) == ["metadata.labels.old"]


@pytest.mark.parametrize("cpu", ["500m", "0.5", "0.50"])
def test_an_amount_may_be_written_otherwise(live, cpu):
    live["spec"]["resources"]["limits"].update(cpu=cpu, memory="1024Mi")
    assert differences(DESIRED, live) == []


def test_another_amount_differs(live):
    live["spec"]["resources"]["limits"]["memory"] = "1000Mi"
    assert differences(DESIRED, live) == ["spec.resources.limits.memory"]


def test_a_text_is_no_amount(live):
    live["spec"]["containers"][0]["env"][0]["value"] = "1000m"
    assert differences(DESIRED, live) == ["spec.containers[main].env[ONE].value"]


def test_an_object_of_another_writer_is_compared_by_what_is_wanted(live):
    del live["metadata"]["managedFields"]
    assert differences(DESIRED, live) == []
    assert applied_at(live) is None


def test_the_values_of_a_secret_are_not_compared():
    desired = {"kind": "Secret", "type": "Opaque", "metadata": {"name": "gem", "labels": {"a": "1"}}}
    live = applied({"f:data": {"f:api_key": {}}, "f:type": {}, "f:metadata": {"f:labels": {"f:a": {}}}})
    assert differences(desired, live) == ["metadata.labels"]
    live["metadata"]["labels"] = {"a": "1"}
    assert differences(desired, live) == []
    assert applied_at(live) == WRITTEN
