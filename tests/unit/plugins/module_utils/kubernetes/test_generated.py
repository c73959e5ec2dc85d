# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import drift, generated
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import decode, encode, fingerprint

OURS = labels("gateway", "litemaas", "litemaas.default")


def wanted(existing=False, **fields):
    return {"name": "s", "namespace": "litemaas", "labels": OURS, "existing": existing, "fields": fields}


def secret(values, labelled=None, **metadata):
    labelled = OURS if labelled is None else labelled
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "litemaas", "labels": labelled, "resourceVersion": "7", **metadata},
        "data": encode(values),
    }


def test_a_secret_that_is_not_there_is_made_whole():
    made = generated.to_write(wanted(KEY={"prefix": "sk-", "length": 20}, USER={"value": "admin"}), None)
    values = {name: decode(value) for name, value in made["data"].items()}
    assert re.fullmatch("sk-[A-Za-z0-9]{20}", values["KEY"]) and values["USER"] == "admin"
    assert made["metadata"] == {"name": "s", "namespace": "litemaas", "labels": OURS}


def test_two_values_are_never_the_same():
    one, two = (generated.value_of({}) for _time in range(2))
    assert one != two and len(one) == generated.DEFAULT_LENGTH


def test_only_what_is_missing_is_added_and_nothing_else_is_touched():
    current = secret({"KEY": "old", "EMPTY": "", "THEIRS": "x"})
    made = generated.to_write(wanted(KEY={}, EMPTY={}, NEW={}), current)
    assert made["data"]["KEY"] == current["data"]["KEY"] and made["data"]["THEIRS"] == current["data"]["THEIRS"]
    assert len(decode(made["data"]["NEW"])) == len(decode(made["data"]["EMPTY"])) == 32
    assert made["metadata"]["resourceVersion"] == "7"


def test_a_whole_secret_is_not_written():
    assert generated.to_write(wanted(KEY={}), secret({"KEY": "old"})) is None


def test_one_of_the_users_is_never_written_and_must_be_whole():
    assert generated.to_write(wanted(existing=True, KEY={}), secret({}, labelled={})) is None
    assert "lacks KEY" in generated.problem(wanted(existing=True, KEY={}), secret({"KEY": ""}, labelled={}))
    assert "does not exist" in generated.problem(wanted(existing=True, KEY={}), None)
    assert generated.problem(wanted(existing=True, KEY={}), secret({"KEY": "v"}, labelled={})) == ""


@pytest.mark.parametrize(
    "labelled", [{}, labels("gateway", "litemaas", "default"), labels("gateway", "x", "litemaas.default")]
)
def test_what_this_set_does_not_manage_is_refused(labelled):
    assert "not managed by this set" in generated.problem(wanted(KEY={}), secret({"KEY": "v"}, labelled=labelled))


def test_values_that_cannot_be_used_are_named_without_being_shown():
    known = generated.problem(wanted(KEY={"refuse": ["sk-1234"]}), secret({"KEY": "sk-1234"}))
    assert "KEY that everybody knows" in known and "sk-1234" not in known
    unfit = generated.problem(wanted(KEY={"must_begin_with": "ltm_admin_"}), secret({"KEY": "abcdef"}))
    assert "does not begin with ltm_admin_" in unfit and "abcdef" not in unfit
    assert generated.problem(wanted(KEY={"must_begin_with": "ltm_admin_"}), secret({"KEY": "ltm_admin_1"})) == ""


def test_one_that_is_being_deleted_is_not_used():
    going = secret({"KEY": "v"}, deletionTimestamp="2026-12-01T00:00:00Z")
    assert "being deleted" in generated.problem(wanted(KEY={}), going)


def test_a_fingerprint_is_that_of_the_value_alone():
    assert fingerprint("salt") == fingerprint("salt") != fingerprint("Salt")
    assert re.fullmatch("[0-9a-f]{32}", fingerprint("salt"))


def test_a_secret_that_would_be_taken_for_ours_by_having_no_labels_is_refused_and_so_is_an_unknown_wish():
    given = [{**wanted(KEY=None, OTHER={"long": 4}), "labels": None}, {**wanted(KEY=None), "existing": True}]
    keep = {"name": "kept", "namespace": "litemaas", "labels": {"app": "x"}}
    found = generated.input_problems(given, keep)
    assert [problem.partition(":")[0] for problem in found] == ["keep", "secrets[0]", "secrets[0].fields.OTHER"]
    assert generated.completed(given)[1]["fields"] == {"KEY": {}}


def managed(manager, operation="Update"):
    fields = {"f:metadata": {"f:labels": {"f:app.kubernetes.io/managed-by": {}}}}
    return {"metadata": {"managedFields": [{"manager": manager, "operation": operation, "fieldsV1": fields}]}}


@pytest.mark.parametrize(
    "manager, operation, keepers",
    [
        ("llamastack.maas", "Update", []),
        ("llamastack.maas", "Apply", []),
        ("kube-controller-manager", "Update", []),
        ("argocd-controller", "Apply", ["argocd-controller"]),
    ],
)
def test_what_we_have_made_once_and_what_kubernetes_makes_of_ours_is_kept_by_nobody_else(manager, operation, keepers):
    """Or a removal would leave the Secrets, and the claim of the StatefulSet."""
    assert drift.keepers(managed(manager, operation)) == keepers


def test_a_value_that_we_have_put_into_what_others_keep_does_not_make_it_ours():
    kept = managed("argocd-controller", "Apply")
    kept["metadata"]["managedFields"].append(
        {"manager": "llamastack.maas", "operation": "Update", "fieldsV1": {"f:data": {"f:KEY": {}}}}
    )
    assert drift.keepers(kept) == ["argocd-controller"]
