# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode, revision

KEY = "sk-very-secret-1234"


def made(kind="ConfigMap", name="gem-config", instance="gem", set_name="default", namespace="llm", **fields):
    metadata = {"name": name, "namespace": namespace, "labels": labels(instance, namespace, set_name)}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **fields}


def by_others(kind="ConfigMap", name="gem-config", **metadata):
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "llm", **metadata}}


def namespace(**more):
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "llm", "labels": {**labels(None, "llm", "default"), **more}},
    }


SECRET = made("Secret", "gem-credentials")


def test_good_input_has_no_problems():
    assert apply.input_problems([made(), SECRET], {"llm/gem-credentials": {"api_key": KEY}}) == []


@pytest.mark.parametrize(
    "objects, secret_data, problem",
    [
        ([{"kind": "ConfigMap"}], {}, "objects[0]: lacks apiVersion and metadata.name"),
        ([made(), made()], {}, "objects[1]: ConfigMap llm/gem-config is listed twice"),
        ([by_others()], {}, "objects[0]: ConfigMap llm/gem-config lacks the labels"),
        ([SECRET], {}, "has no values in secret_data, and would be emptied"),
        (
            [{**SECRET, "data": {"a": "b"}}],
            {"llm/gem-credentials": {"a": "b"}},
            "holds values; they belong into secret_data",
        ),
        ([made()], {"llm/other": {"api_key": KEY}}, "secret_data: there is no Secret llm/other among the objects"),
        ([SECRET], {"llm/gem-credentials": {"api_key": 12345}}, "llm/gem-credentials: api_key must be text; quote it"),
    ],
)
def test_bad_input_is_named_without_values(objects, secret_data, problem):
    (found,) = apply.input_problems(objects, secret_data)
    assert problem in found
    assert KEY not in found and "12345" not in found


def test_secret_values_are_put_into_their_secrets_only():
    config, secret = apply.with_secret_data([made(), SECRET], {"llm/gem-credentials": {"api_key": KEY}})
    assert config == made()
    assert base64.b64decode(secret["data"]["api_key"]).decode() == KEY
    assert "data" not in SECRET


def test_a_pod_is_made_after_what_it_reads_and_everything_after_the_namespace():
    kinds = ["MaaSModelRef", "LLMInferenceService", "ConfigMap", "Secret", "Namespace", "ServiceAccount"]
    order = [[obj["kind"] for obj in wave] for wave in apply.waves({"kind": kind} for kind in kinds)]
    assert order == [
        ["Namespace"],
        ["ServiceAccount"],
        ["ConfigMap", "Secret"],
        ["MaaSModelRef", "LLMInferenceService"],
    ]


def test_the_token_of_an_account_has_no_values_of_ours():
    token = {**made("Secret", "token"), "type": "kubernetes.io/service-account-token"}
    assert apply.input_problems([token], {}) == []
    assert apply.with_secret_data([token], {}) == [token]


def test_ours_and_absent_ones_are_not_foreign():
    assert apply.foreign(made(), None) is None
    assert apply.foreign(made(), made(data={"a": "b"})) is None


def managed(manager, operation="Apply", path="f:labels"):
    return {
        "manager": manager,
        "operation": operation,
        "fieldsV1": {"f:metadata": {path: {"f:app.kubernetes.io/managed-by": {}}}},
    }


@pytest.mark.parametrize(
    "entries, keeper",
    [
        ([managed("argocd-controller")], "argocd-controller"),
        (
            [managed("kubectl-client-side-apply", "Update"), managed("kserve", "Update", "f:finalizers")],
            "kubectl-client-side-apply",
        ),
        ([managed("argocd-controller"), managed("llamastack.maas")], None),
        ([managed("kserve", "Update", "f:finalizers")], None),
        ([], None),
    ],
)
def test_one_of_ours_that_only_others_have_applied_is_theirs_until_it_is_taken_over(entries, keeper):
    current = made()
    current["metadata"]["managedFields"] = entries
    why = apply.foreign(made(), current)
    assert why is None if keeper is None else f"is applied by {keeper}, not by this collection. Change it" in why
    assert apply.foreign(made(), current, take_over=True) is None


@pytest.mark.parametrize(
    "current, told",
    [
        (made(set_name="other"), "instance gem of instance set other of namespace llm"),
        (made(instance="another"), "instance another of instance set default"),
        (by_others(), "is not managed by this collection."),
        (by_others(labels={"app.kubernetes.io/managed-by": "Helm"}), "(app.kubernetes.io/managed-by: Helm)"),
        (by_others(managedFields=[{"manager": "argocd-controller"}]), "(written by argocd-controller)"),
        (by_others(ownerReferences=[{"kind": "ExternalSecret", "name": "x"}]), "(owned by ExternalSecret x)"),
    ],
)
def test_a_foreign_object_is_told_with_its_owner(current, told):
    assert told in apply.foreign(made(), current)


def test_what_has_no_labels_of_ours_is_not_ours_by_having_none():
    assert "is not managed by this collection" in apply.foreign(by_others(), by_others())


def test_the_owner_of_a_foreign_secret_can_be_asked_to_share_it():
    assert "credentials_secret" in apply.foreign(SECRET, by_others("Secret", "gem-credentials"))


def test_what_belongs_to_no_instance_is_shared_by_the_sets_of_a_namespace():
    def account(namespace, set_name, instance=None):
        metadata = {"name": "prober", "namespace": namespace, "labels": labels(instance, namespace, set_name)}
        return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}

    mine, shared = account("llm", "a"), account("llm", "b")
    assert apply.foreign(mine, shared) is None and apply.is_shared(mine, shared)
    assert not apply.is_shared(mine, None) and not apply.is_shared(mine, account("llm", "a"))
    for theirs in (account("llm-b", "b"), account("llm", "b", "gem")):
        assert apply.foreign(mine, theirs) and not apply.is_shared(mine, theirs)
    assert apply.foreign(made(), made(set_name="other"))


def test_all_that_is_foreign_is_told_and_what_may_not_be_read_is_not_judged():
    wanted = [namespace(), SECRET, made(), {**made(), "metadata": {**made()["metadata"], "name": "closed"}}]
    secret, config, closed = apply.refusable(wanted)
    existing = {
        secret: by_others("Secret", "gem-credentials"),
        config: made(set_name="other"),
        closed: ApiError("GET", "https://api/x", 403, "forbidden"),
    }
    found = apply.foreign_objects(wanted, existing)
    assert [ref for ref, _why in found] == [secret, config]
    told = apply.refusal(found).splitlines()
    assert told[1].startswith(f"- {secret} is not managed by this collection")
    assert told[2].startswith(f"- {config} belongs to instance gem of instance set other")
    assert apply.foreign_objects(wanted, {secret: None, config: made()}) == []


def test_a_namespace_that_is_absent_or_ours_is_applied_whole():
    assert apply.namespace_to_apply(namespace(), None) == namespace()
    assert apply.namespace_to_apply(namespace(extra="1"), namespace()) == namespace(extra="1")


def test_somebody_elses_namespace_only_gets_labels_that_do_not_claim_it():
    current = {"metadata": {"name": "llm", "labels": {"team": "a"}}}
    assert apply.foreign(namespace(), current) is None
    assert apply.namespace_to_apply(namespace(admitted="true"), current)["metadata"] == {
        "name": "llm",
        "labels": {"admitted": "true"},
    }


@pytest.mark.parametrize("wanted", [{}, {"admitted": "true"}])
def test_somebody_elses_namespace_that_has_the_labels_is_left_alone(wanted):
    current = {"metadata": {"name": "llm", "labels": {"admitted": "true"}}}
    assert apply.namespace_to_apply(namespace(**wanted), current) is None


def server_side(obj, **metadata):
    kept = {
        "uid": "1",
        "resourceVersion": "1",
        "generation": 1,
        "managedFields": [],
        "creationTimestamp": "now",
        **metadata,
    }
    return {**obj, "metadata": {**obj["metadata"], **kept}}


def test_status_and_what_the_server_keeps_are_no_change():
    before = server_side(made(data={"a": "1"}))
    after = {**server_side(made(data={"a": "1"}), resourceVersion="2", generation=2), "status": {"ready": True}}
    assert apply.same(before, after)


@pytest.mark.parametrize("after", [made(data={"a": "2"}), made(data={}), made(set_name="other", data={"a": "1"})])
def test_content_and_labels_are_a_change(after):
    assert not apply.same(server_side(made(data={"a": "1"})), server_side(after))


def test_an_apply_that_makes_a_field_ours_too_writes_something():
    fields = {"f:data": {"f:a": {}}}
    owned = {"manager": "llamastack.maas", "operation": "Apply", "time": "now", "fieldsV1": fields}
    status = {"manager": "controller", "operation": "Update", "subresource": "status", "fieldsV1": {"f:status": {}}}
    before = server_side(made(data={"a": "1"}), managedFields=[owned])
    seen_later = server_side(made(data={"a": "1"}), managedFields=[owned, status], resourceVersion="2")
    assert apply.writes_nothing(before, seen_later) and apply.writes_nothing(before, None)
    assert not apply.writes_nothing(server_side(made(data={"a": "1"})), seen_later)
    assert not apply.writes_nothing(before, server_side(made(data={"a": "2"}), managedFields=[owned]))


def test_a_diff_shows_lines_of_files_as_lines():
    before, after = made(data={"f": "one\ntwo\n"}), made(data={"f": "one\n2\n"})
    shown = apply.diff(server_side(before), server_side(after))
    assert shown["before_header"] == shown["after_header"] == "ConfigMap llm/gem-config"
    removed = set(shown["before"].splitlines()) - set(shown["after"].splitlines())
    assert removed == {"    two"}


def test_a_diff_of_something_new_starts_from_nothing():
    assert apply.diff(None, made())["before"] == ""


def test_a_diff_of_a_secret_tells_which_value_changed_and_no_value():
    old = {**SECRET, "data": encode({"api_key": KEY, "same": "equal-value", "gone": "old-value"})}
    old["metadata"] = {
        **old["metadata"],
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": KEY, "note": "kept"},
    }
    new = {**SECRET, "data": encode({"api_key": "sk-another-secret", "same": "equal-value", "added": "new-value"})}
    shown = apply.diff(old, new)
    text = shown["before"] + shown["after"]
    for value in (KEY, "sk-another-secret", "equal-value", "old-value", "new-value"):
        assert value not in text and base64.b64encode(value.encode()).decode() not in text
    assert "api_key: (hidden, old)" in shown["before"] and "api_key: (hidden, new)" in shown["after"]
    assert "same: (hidden)" in shown["before"] and "same: (hidden)" in shown["after"]
    assert "gone: (hidden)" in shown["before"] and "added: (hidden)" in shown["after"]
    assert "note: kept" in shown["before"]
    assert old["data"] == encode({"api_key": KEY, "same": "equal-value", "gone": "old-value"})


def test_the_revision_follows_the_values_and_their_place_and_nothing_else():
    first = revision("llm", "gem", encode({"a": "1", "b": "2"}))
    assert len(first) == 16 and int(first, 16) >= 0
    assert first == revision("llm", "gem", encode({"b": "2", "a": "1"}))
    others = [
        ("llm", "gem", {"a": "1", "b": "3"}),
        ("llm", "gem2", {"a": "1", "b": "2"}),
        ("llm2", "gem", {"a": "1", "b": "2"}),
    ]
    assert len({first, *(revision(ns, name, encode(values)) for ns, name, values in others)}) == 4
