# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import dry_run
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref

FORBIDDEN = ApiError("GET", "https://api/x", 403, "forbidden", reason="Forbidden")


def obj(kind, name, namespace="llm", owner="default"):
    metadata = {"name": name, "namespace": namespace, "labels": labels(name.split("-")[0], "llm", owner)}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def namespace(name="llm", more=None, **metadata):
    found = {"name": name, "labels": {**labels(None, "llm", "default"), **(more or {})}, **metadata}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": found}


def names(objects, existing=None, denied=(), there=("llm", "maas"), **more):
    """Which object of each kind is tried, or why none is."""
    namespaces = {name: namespace(name) if name in there else None for name in ("llm", "maas")}
    found = dry_run.trials(objects, existing or {}, {**namespaces, **more}, set(denied), [])
    return {trial.kind: trial.obj["metadata"]["name"] if trial.obj else trial.why for trial in found}


ONE, TWO = obj("ConfigMap", "one-config"), obj("ConfigMap", "two-config")


def test_one_of_each_kind_is_tried_in_each_namespace():
    objects = [ONE, obj("Secret", "one-credentials"), TWO, obj("Policy", "llm-one", "maas")]
    assert names(objects) == {"ConfigMap": "one-config", "Secret": "one-credentials", "Policy": "llm-one"}


def test_one_that_is_to_be_made_goes_before_one_that_is_there():
    assert names([ONE, TWO], {Ref.of(ONE): ONE, Ref.of(TWO): None}) == {"ConfigMap": "two-config"}
    assert names([ONE, TWO], {Ref.of(ONE): ONE, Ref.of(TWO): TWO}) == {"ConfigMap": "one-config"}


def test_what_others_have_is_not_tried():
    others = obj("ConfigMap", "one-config", owner="other")
    assert names([ONE, TWO], {Ref.of(ONE): others, Ref.of(TWO): TWO}) == {"ConfigMap": "two-config"}
    for taken in (others, FORBIDDEN):
        assert "belong to others" in names([ONE], {Ref.of(ONE): taken})["ConfigMap"]


def test_a_secret_is_tried_with_a_placeholder_for_each_value():
    fields = [{"key": "aws_access_key_id"}, {"key": "aws_secret_access_key"}]
    instances = [{"name": "one", "credentials": {"fields": fields}}, {"name": "two", "credentials": {"fields": []}}]
    for name, keys in (("one", [field["key"] for field in fields]), ("two", ["api_key"]), ("other", ["api_key"])):
        (trial,) = dry_run.trials([obj("Secret", f"{name}-credentials")], {}, {"llm": namespace()}, set(), instances)
        data = {key: base64.b64decode(value).decode() for key, value in trial.obj["data"].items()}
        assert data == dict.fromkeys(keys, "placeholder")


def test_of_a_kind_without_an_object_nothing_is_tried():
    kind = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "llm"}}
    assert names([kind]) == {"ConfigMap": "what would be written is not known yet"}


def test_where_nothing_can_be_tried_it_says_why():
    objects = [ONE, obj("Policy", "llm-one", "maas")]
    assert names(objects, there=["maas"]) == {"ConfigMap": "namespace llm does not exist yet", "Policy": "llm-one"}
    assert names([ONE], denied=[("ConfigMap", "llm")]) == {"ConfigMap": "the permission to write it is missing"}
    assert names([ONE], denied=[("ConfigMap", "maas"), ("Secret", "llm")]) == {"ConfigMap": "one-config"}
    going = namespace(deletionTimestamp="2026-11-30T21:00:00Z")
    assert names([ONE], llm=going) == {"ConfigMap": "namespace llm is being deleted"}
    # Who may not read a namespace may write in it.
    assert names([ONE], llm=FORBIDDEN) == {"ConfigMap": "one-config"}


@pytest.mark.parametrize(
    ("current", "denied", "told"),
    [
        (None, (), {"Namespace": "llm"}),
        (None, [("Namespace", None)], {"Namespace": "the permission to write it is missing"}),
        (namespace(), [("Namespace", "llm")], {"Namespace": "the permission to write it is missing"}),
        (namespace(), [("ConfigMap", "llm")], {"Namespace": "llm"}),
        (FORBIDDEN, (), {"Namespace": "it may not be read"}),
        ({**namespace(), "metadata": {"name": "llm", "labels": {"a": "b"}}}, (), {}),
    ],
)
def test_a_namespace_is_tried_where_it_would_be_written(current, denied, told):
    assert names([namespace()], denied=denied, llm=current) == told
