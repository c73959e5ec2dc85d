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
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.key_secrets import KeySecrets, SecretsRefused
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.keys import DeadValue, hash_of

VALUE = "sk-value-that-was-there-before"


def place(name="notebook-key", key="LITELLM_API_KEY"):
    return {"name": name, "namespace": "team-a", "key": key}


KEY = {"alias": "notebook", "secret": place()}


class Cluster:
    """Secrets by name, and whatever the API server says instead."""

    def __init__(self):
        self.secrets = {}
        self.applied = []
        self.deleted = []
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

    def delete(self, api_version, kind, name, namespace, *, uid=None):
        self.deleted.append(name)
        return self.secrets.pop(Ref(api_version, kind, namespace, name), None) is not None

    def value(self, field="LITELLM_API_KEY", name="notebook-key"):
        return decode(self.secrets[Ref("v1", "Secret", "team-a", name)]["data"][field])


@pytest.fixture
def cluster():
    return Cluster()


def test_a_value_is_made_once_and_is_in_the_secret_before_litellm_has_it(gateway, cluster):
    seen = []
    gateway.wrong["/key/generate"] = lambda document: seen.append(document["key"] == cluster.value())
    run, error = gateway.run(keys=[KEY], cluster=cluster)
    assert (error, seen, run.secrets()["secrets"]) == (None, [True], ["team-a/notebook-key"])
    (made,) = cluster.applied
    assert made["metadata"]["labels"] == labels(None, "litemaas", "default")
    assert len(cluster.value()) > 40 and cluster.value().startswith("sk-")
    assert redact(f"it is {cluster.value()}") == "it is ********"
    text = json.dumps([run.results(), run.secrets(), run.diffs()])
    assert cluster.value() not in text
    run, error = gateway.run(keys=[KEY], cluster=cluster)
    assert (error, run.results()["changed"], run.secrets()["secrets"]) == (None, False, [])
    assert len(cluster.applied) == 1 and gateway.writes == []


def test_check_mode_makes_no_value(gateway, cluster):
    run, error = gateway.run(check=True, keys=[KEY], cluster=cluster)
    assert (error, cluster.applied, gateway.writes) == (None, [], [])
    assert run.secrets()["secrets"] == ["team-a/notebook-key"]


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
    assert not error.startswith("Nothing was written")


OTHER = {"alias": "other", "secret": place("other-key")}


def without(gateway, cluster, *keys, **how):
    """A run with nothing but these keys."""
    run, error = gateway.run(keys=keys, cluster=cluster, prune=True, **how)
    assert error is None, error
    return run


def test_the_secret_of_a_key_goes_before_the_key(gateway, cluster):
    gateway.bring(keys=[KEY, OTHER], cluster=cluster)
    left = []
    gateway.wrong["/key/delete"] = lambda _document: left.append([ref.name for ref in cluster.secrets])
    planned = without(gateway, cluster, OTHER, check=True)
    assert (planned.secrets()["cleared_secrets"], cluster.deleted) == (["team-a/notebook-key"], [])
    run = without(gateway, cluster, OTHER)
    assert run.secrets()["cleared_secrets"] == ["team-a/notebook-key"]
    assert (left, cluster.deleted, list(gateway.keys)) == ([["other-key"]], ["notebook-key"], ["other"])
    assert without(gateway, cluster, OTHER).results()["changed"] is False


def test_the_secret_goes_with_a_key_that_is_to_be_absent(gateway, cluster):
    gateway.bring(keys=[KEY], cluster=cluster)
    run, error = gateway.run(absent={("key", "notebook")}, cluster=cluster)
    assert (error, cluster.secrets, gateway.keys) == (None, {}, {})


def test_a_secret_of_others_stays_when_the_key_goes(gateway, cluster):
    cluster.put({"LITELLM_API_KEY": VALUE}, ours=False)
    gateway.bring(keys=[KEY], cluster=cluster)
    assert without(gateway, cluster).secrets()["cleared_secrets"] == []
    assert (cluster.value(), cluster.applied, cluster.deleted, gateway.keys) == (VALUE, [], [], {})


def test_nothing_else_of_a_secret_goes_with_a_key(gateway, cluster):
    keys = [{"alias": name, "secret": place(key=name)} for name in ("a", "b")]
    gateway.bring(keys=keys, cluster=cluster)
    without(gateway, cluster, keys[1])
    (secret,) = cluster.secrets.values()
    assert (list(secret["data"]), cluster.deleted, list(gateway.keys)) == (["b"], [], ["b"])


def test_a_value_that_is_not_that_of_the_key_stays(gateway, cluster):
    gateway.bring(keys=[KEY], cluster=cluster)
    cluster.put({"LITELLM_API_KEY": VALUE}, ours=True)
    without(gateway, cluster)
    assert (cluster.value(), cluster.deleted, gateway.keys) == (VALUE, [], {})


def test_a_value_that_another_key_asks_for_stays(gateway, cluster):
    gateway.bring(keys=[KEY], cluster=cluster)
    run, _error = gateway.run(keys=[{**KEY, "alias": "another"}], prune=True, cluster=cluster)
    assert (cluster.deleted, run.secrets()["cleared_secrets"], len(cluster.secrets)) == ([], [], 1)


def test_a_key_that_moves_to_another_secret_leaves_nothing_in_the_one_before(gateway, cluster):
    gateway.bring(keys=[KEY], cluster=cluster)
    moved = {**KEY, "secret": place("elsewhere")}
    assert gateway.bring(keys=[moved], cluster=cluster) == {"key notebook": "replaced"}
    assert [ref.name for ref in cluster.secrets] == ["elsewhere"]
    without(gateway, cluster)
    assert cluster.secrets == {}


def test_a_secret_that_cannot_be_looked_at_keeps_its_key(gateway, cluster):
    gateway.bring(keys=[KEY], cluster=cluster)
    cluster.refuses = ApiError("GET", "/api/v1/namespaces/team-a/secrets/notebook-key", 403, "forbidden")
    _run, error = gateway.run(prune=True, cluster=cluster)
    assert error.startswith("Nothing was written:\n- Secret team-a/notebook-key: ") and list(gateway.keys) == [
        "notebook"
    ]


def test_a_secret_without_labels_is_not_ours_where_the_labels_of_ours_are_empty(cluster):
    cluster.put({"password": "x"}, ours=False)
    secrets = KeySecrets(lambda: cluster, "", "default")
    with pytest.raises(SecretsRefused, match="is not managed by this instance set"):
        secrets.read([KEY])
    cluster.put({"LITELLM_API_KEY": VALUE}, ours=False)
    secrets = KeySecrets(lambda: cluster, "", "default")
    secrets.read_dead([DeadValue("team-a", "notebook-key", "LITELLM_API_KEY", hash_of(VALUE))])
    assert secrets.cleared == []
