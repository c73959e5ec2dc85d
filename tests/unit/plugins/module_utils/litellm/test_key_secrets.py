# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of keys in Secrets, with a cluster and a LiteLLM in memory."""

from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import decode, encode

VALUE = "sk-value-that-was-there-before"


def place(name="notebook-key", key="LITELLM_API_KEY"):
    return {"name": name, "namespace": "team-a", "key": key}


KEY = {"alias": "notebook", "secret": place()}


class Cluster:
    """Secrets by name, and whatever the API server says instead."""

    def __init__(self):
        self.secrets = {}
        self.applied = []
        self.refuses = None

    def put(self, data, *, ours, name="notebook-key"):
        marks = labels(None, "litemaas", "default") if ours else {}
        metadata = {"name": name, "namespace": "team-a", "labels": marks}
        ref = Ref("v1", "Secret", "team-a", name)
        self.secrets[ref] = {"kind": "Secret", "apiVersion": "v1", "metadata": metadata, "data": encode(data)}

    def read(self, refs):
        return {ref: self.refuses or self.secrets.get(ref) for ref in refs}

    def apply(self, obj):
        self.applied.append(obj)
        self.secrets[Ref.of(obj)] = obj
        return obj

    def value(self, field="LITELLM_API_KEY", name="notebook-key"):
        return decode(self.secrets[Ref("v1", "Secret", "team-a", name)]["data"][field])


@pytest.fixture
def cluster():
    return Cluster()


def test_a_value_is_made_once_and_is_in_the_secret_before_litellm_has_it(gateway, cluster):
    seen = []
    gateway.wrong["/key/generate"] = lambda document: seen.append(document["key"] == cluster.value())
    run, error = gateway.run(keys=[KEY], cluster=cluster)
    assert (error, seen, run.results()["secrets"]) == (None, [True], ["team-a/notebook-key"])
    (made,) = cluster.applied
    assert made["metadata"]["labels"] == labels(None, "litemaas", "default")
    assert len(cluster.value()) > 40 and cluster.value().startswith("sk-")
    assert redact(f"it is {cluster.value()}") == "it is ********"
    text = json.dumps([run.results(), run.diffs()])
    assert cluster.value() not in text
    run, error = gateway.run(keys=[KEY], cluster=cluster)
    assert (error, run.results()["changed"], run.results()["secrets"]) == (None, False, [])
    assert len(cluster.applied) == 1 and gateway.writes == []


def test_check_mode_makes_no_value(gateway, cluster):
    run, error = gateway.run(check=True, keys=[KEY], cluster=cluster)
    assert (error, cluster.applied, gateway.writes) == (None, [], [])
    assert run.results()["secrets"] == ["team-a/notebook-key"]


def test_a_run_that_was_killed_after_the_secret_uses_its_value(gateway, cluster):
    gateway.wrong["/key/generate"] = lambda _document: (503, {})
    _run, error = gateway.run(keys=[KEY], cluster=cluster, settle=0)
    value = cluster.value()
    assert "key notebook" in error
    gateway.wrong.clear()
    gateway.bring(keys=[KEY], cluster=cluster)
    assert cluster.value() == value and len(cluster.applied) == 1


def test_a_secret_that_was_lost_is_made_anew_and_the_key_with_it(gateway, cluster):
    gateway.bring(keys=[KEY], cluster=cluster)
    token = gateway.keys["notebook"]["token"]
    cluster.secrets.clear()
    assert gateway.bring(keys=[KEY], cluster=cluster) == {"key notebook": "replaced"}
    assert gateway.keys["notebook"]["token"] != token
    assert gateway.bring(keys=[KEY], cluster=cluster) == {"key notebook": "unchanged"}


def test_a_secret_of_others_that_holds_the_key_is_used_as_it_is(gateway, cluster):
    cluster.put({"LITELLM_API_KEY": VALUE + "\n"}, ours=False)
    assert gateway.bring(keys=[KEY], cluster=cluster) == {"key notebook": "created"}
    assert cluster.applied == []
    assert gateway.bring(keys=[{**KEY, "secret": None, "value": VALUE}]) == {"key notebook": "unchanged"}


def test_a_secret_of_others_without_the_key_is_refused_before_anything_is_written(gateway, cluster):
    cluster.put({"password": "x"}, ours=False)
    _run, error = gateway.run(keys=[KEY], teams=[{"id": "t"}], cluster=cluster)
    assert error.splitlines() == [
        "Nothing was written:",
        "- key notebook: Secret team-a/notebook-key is not managed by this instance set and has no field"
        " LITELLM_API_KEY. A Secret of others is used as it is where it holds the key in that field; otherwise choose another name",
    ]
    assert (gateway.writes, cluster.applied) == ([], [])


def test_a_value_in_a_secret_that_litellm_refuses_is_named_by_its_place(gateway, cluster):
    cluster.put({"LITELLM_API_KEY": "hunter2"}, ours=False)
    _run, error = gateway.run(keys=[KEY], cluster=cluster)
    assert "key notebook: field LITELLM_API_KEY of Secret team-a/notebook-key is no key for LiteLLM" in error
    assert "hunter2" not in error


def test_two_keys_share_a_secret_and_neither_loses_its_value(gateway, cluster):
    first = {"alias": "a", "secret": place(key="a")}
    gateway.bring(keys=[first], cluster=cluster)
    value = cluster.value("a")
    keys = [first, {"alias": "b", "secret": place(key="b")}]
    assert gateway.bring(keys=keys, cluster=cluster) == {"key a": "unchanged", "key b": "created"}
    assert cluster.value("a") == value != cluster.value("b")


def test_a_secret_that_may_not_be_read_stops_the_run_at_once(gateway, cluster):
    cluster.refuses = ApiError("GET", "/api/v1/namespaces/team-a/secrets/notebook-key", 403, "forbidden")
    _run, error = gateway.run(keys=[KEY], cluster=cluster)
    assert error.startswith("Nothing was written:\n- Secret team-a/notebook-key: ") and gateway.writes == []


def test_a_secret_that_cannot_be_written_leaves_no_key_behind(gateway, cluster):
    def refuse(_obj):
        raise ApiError("PATCH", "/api/v1/namespaces/team-a/secrets/notebook-key", 403, "forbidden")

    cluster.apply = refuse
    run, error = gateway.run(keys=[KEY], cluster=cluster)
    assert "forbidden" in error and gateway.keys == {}
