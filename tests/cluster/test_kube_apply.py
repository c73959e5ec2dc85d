# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import os
import time

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels

KEY = "sk-test-0123456789abcdef"
MADE = ("created", "updated")


@pytest.fixture
def instance(namespace, ours, service):
    """Objects and values of one instance."""
    secret = ours("Secret", "gem-credentials", type="Opaque")
    config = ours("ConfigMap", "gem-config", data={"config.yaml": "one\ntwo\n"})
    return {
        "objects": [service(), config, secret],
        "secret_data": {f"{namespace}/gem-credentials": {"api_key": KEY}},
    }


def actions(result):
    return {entry["kind"]: entry["action"] for entry in result["objects"]}


def versions(kubectl, namespace, kinds="secret,configmap,llminferenceservice"):
    found = kubectl("get", kinds, "-n", namespace, "-l", "app.kubernetes.io/managed-by=llamastack.maas")["items"]
    return {
        (obj["kind"], obj["metadata"]["name"]): obj["metadata"]["generation" if "spec" in obj else "resourceVersion"]
        for obj in found
    }


def test_objects_are_made_and_an_unchanged_run_writes_nothing(run, kubectl, namespace, instance):
    first = run("kube_apply", **instance)
    assert first["changed"] and set(actions(first).values()) == {"created"}
    before = versions(kubectl, namespace)
    assert len(before) == 3

    second = run("kube_apply", diff=True, **instance)
    assert not second["changed"] and set(actions(second).values()) == {"unchanged"}
    assert second["diff"] == []
    assert second["revisions"] == first["revisions"]
    assert versions(kubectl, namespace) == before


def test_values_reach_the_secret(run, kubectl, namespace, instance):
    run("kube_apply", **instance)
    found = kubectl("get", "secret", "gem-credentials", "-n", namespace)
    assert base64.b64decode(found["data"]["api_key"]).decode() == KEY


def test_a_changed_object_alone_is_changed_and_what_it_no_longer_says_goes(run, kubectl, namespace, instance):
    instance["objects"][1]["data"]["extra"] = "1"
    run("kube_apply", **instance)
    del instance["objects"][1]["data"]["extra"]
    result = run("kube_apply", **instance)
    assert actions(result) == {"LLMInferenceService": "unchanged", "ConfigMap": "updated", "Secret": "unchanged"}
    assert set(kubectl("get", "configmap", "gem-config", "-n", namespace)["data"]) == {"config.yaml"}


def test_a_changed_key_changes_its_revision_and_is_not_shown(run, namespace, instance):
    first = run("kube_apply", **instance)
    instance["secret_data"][f"{namespace}/gem-credentials"]["api_key"] = other = "sk-test-fedcba9876543210"
    second = run("kube_apply", diff=True, **instance)
    assert first["revisions"] != second["revisions"]
    assert [entry["before_header"] for entry in second["diff"]] == [f"Secret {namespace}/gem-credentials"]
    for value in (KEY, other):
        assert value not in str(second) and base64.b64encode(value.encode()).decode() not in str(second)


def test_the_screen_shows_a_diff_per_object_and_no_value(playbook, instance):
    shown = playbook("kube_apply", "--diff", "--check", "-vvv", **instance).stdout
    assert "+    one" in shown and "api_key: (hidden)" in shown
    assert KEY not in shown and base64.b64encode(KEY.encode()).decode() not in shown


def test_check_mode_asks_the_server_and_writes_nothing(run, failure, kubectl, namespace, instance):
    assert set(actions(run("kube_apply", check=True, **instance)).values()) == {"created"}
    assert versions(kubectl, namespace) == {}
    instance["objects"][0]["spec"]["replicas"] = -1
    assert "greater than or equal to 0" in failure("kube_apply", check=True, **instance)["msg"]


def test_check_mode_in_a_namespace_that_does_not_exist_yet(run, kubectl, instance):
    for obj in instance["objects"]:
        obj["metadata"]["namespace"] = "not-yet"
    values = {"not-yet/gem-credentials": {"api_key": KEY}}
    result = run("kube_apply", check=True, objects=instance["objects"], secret_data=values)
    assert set(actions(result).values()) == {"created"}

    namespace = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "not-yet", "labels": labels(None, "not-yet", "default")},
    }
    result = run("kube_apply", check=True, objects=[namespace, *instance["objects"]], secret_data=values)
    assert set(actions(result).values()) == {"created"}
    assert "not-yet" not in kubectl("get", "namespaces", output="name")


def test_a_kind_that_does_not_exist_is_foretold_in_check_mode_and_stops_the_real_run(
    run, failure, kubectl, namespace, ours
):
    objects = [ours("ConfigMap", "a"), ours("MaaSThing", "b", "maas.opendatahub.io/v1alpha1")]
    foretold = run("kube_apply", check=True, objects=objects)
    assert set(actions(foretold).values()) == {"created"}
    assert "serves no MaaSThing" in str(foretold["warnings"])
    assert (
        "This task has written nothing: the cluster serves no MaaSThing"
        in failure("kube_apply", objects=objects)["msg"]
    )
    assert versions(kubectl, namespace) == {}


def test_one_foreign_object_stops_everything_before_anything_is_written(
    run, failure, kubectl, namespace, instance, ours
):
    kubectl("create", "configmap", "gem-config", "-n", namespace, "--from-literal=a=1")
    run(
        "kube_apply", objects=[ours("Secret", "gem-credentials", set_name="other")], secret_data=instance["secret_data"]
    )
    message = failure("kube_apply", **instance)["msg"]
    assert message.startswith("This task has written nothing")
    assert f"ConfigMap {namespace}/gem-config is not managed by this collection (written by kubectl-create)" in message
    assert f"Secret {namespace}/gem-credentials belongs to instance gem of instance set other" in message
    assert kubectl("get", "configmap", "gem-config", "-n", namespace)["data"] == {"a": "1"}
    assert ("LLMInferenceService", "gem") not in versions(kubectl, namespace)


def test_the_account_of_another_set_is_used_as_it_is(run, kubectl, namespace, ours):
    mine, theirs = (ours("ServiceAccount", "prober", set_name=name, instance=None) for name in ("mine", "theirs"))
    run("kube_apply", objects=[theirs])
    before = versions(kubectl, namespace, "serviceaccount")
    result = run("kube_apply", objects=[mine])
    assert (result["changed"], actions(result)) == (False, {"ServiceAccount": "used"})
    assert versions(kubectl, namespace, "serviceaccount") == before


def test_a_field_conflict_names_its_owner_and_is_forced_only_when_asked(run, failure, kubectl, namespace, instance):
    run("kube_apply", **instance)
    patch = '{"data": {"config.yaml": "theirs"}}'
    kubectl("patch", "configmap", "gem-config", "-n", namespace, "--type=merge", "--field-manager=someone", "-p", patch)
    result = failure("kube_apply", **instance)
    assert 'conflict with "someone"' in result["msg"] and ".data.config.yaml" in result["msg"]
    assert "managed by someone" in result["msg"]
    assert actions(result) == {"LLMInferenceService": "not attempted", "ConfigMap": "failed", "Secret": "unchanged"}
    assert actions(run("kube_apply", force_conflicts=True, **instance))["ConfigMap"] == "updated"
    assert kubectl("get", "configmap", "gem-config", "-n", namespace)["data"] == {"config.yaml": "one\ntwo\n"}


def test_all_failing_objects_are_listed_with_what_to_do(failure, namespace, instance, kubectl):
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "small"},
        "spec": {"hard": {"secrets": "0", "configmaps": "0"}},
    }
    kubectl("create", "-n", namespace, "-f", "-", stdin=quota)
    result = failure("kube_apply", **instance)
    assert result["msg"].startswith("2 of 3 objects could not be applied")
    assert result["msg"].count("exceeded quota: small") == 2 and "ResourceQuota" in result["msg"]
    assert f"/api/v1/namespaces/{namespace}/secrets/gem-credentials" in result["msg"]
    assert actions(result)["LLMInferenceService"] == "not attempted"


def test_a_missing_right_is_named(failure, namespace, instance):
    message = failure("kube_apply", impersonate_user="nobody", **instance)["msg"]
    assert 'User "nobody" cannot get resource "secrets"' in message
    assert "This task has written nothing" in message and "Ask for this permission" in message


def test_a_field_that_the_cluster_does_not_know_is_named(failure, instance):
    instance["objects"][0]["spec"]["storageInitialiser"] = {}
    message = failure("kube_apply", **instance)["msg"]
    assert ".spec.storageInitialiser: field not declared in schema" in message


def test_reads_are_few_and_never_take_all_secrets(run, namespace, ours, requests_made):
    names = [f"gem-{number}-credentials" for number in range(20)]
    values = {f"{namespace}/{name}": {"api_key": KEY} for name in names}
    batch = {"objects": [ours("Secret", name) for name in names], "secret_data": values}
    run("kube_apply", **batch)
    requests_made.clear()
    run("kube_apply", **batch)
    reads = [(path, query) for method, path, query in requests_made if method == "GET"]
    assert [path for path, _query in reads] == [f"/api/v1/namespaces/{namespace}/secrets"]
    assert reads[0][1]["labelSelector"] == "app.kubernetes.io/managed-by=llamastack.maas"


def test_a_namespace_is_made_once_and_stays_unchanged(run, kubectl, namespace):
    name = f"{namespace}-own"
    obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels(None, name, "default")}}
    results = [actions(run("kube_apply", objects=[obj])) for _run in range(3)]
    assert results == [{"Namespace": "created"}, {"Namespace": "unchanged"}, {"Namespace": "unchanged"}]
    kubectl("delete", "namespace", name, "--wait=false", output=None)


def test_somebody_elses_namespace_is_used_as_it_is(run, kubectl, namespace):
    def desired(**extra):
        return {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": namespace, "labels": {**labels(None, namespace, "default"), **extra}},
        }

    assert actions(run("kube_apply", objects=[desired()])) == {"Namespace": "used"}
    results = [actions(run("kube_apply", objects=[desired(wanted="true")])) for _run in range(2)]
    assert results == [{"Namespace": "updated"}, {"Namespace": "used"}]
    found = kubectl("get", "namespace", namespace)["metadata"]["labels"]
    assert found["wanted"] == "true" and "llamastack.maas/set" not in found


def test_secrets_without_values_are_refused(failure, ours):
    message = failure("kube_apply", objects=[ours("Secret", "gem-credentials")])["msg"]
    assert "has no values in secret_data, and would be emptied" in message


@pytest.fixture
def to_come(ours, service, registration):
    """What an instance consists of beside its Secret, and something of a kind that the cluster does not have."""
    return [ours("ConfigMap", "gem-config"), service(), *registration(), ours("Gadget", "gem", "example.com/v1")]


def test_what_is_to_come_is_refused_before_anything_is_written(
    run, failure, instance, to_come, kubectl, namespace, ours
):
    kubectl("create", "configmap", "gem-config", "-n", namespace, "--from-literal=a=1")
    others = ours("Secret", "gem-credentials", set_name="other")
    run("kube_apply", objects=[others], secret_data={f"{namespace}/gem-credentials": {"api_key": "theirs"}})
    secret = {"objects": instance["objects"][-1:], "secret_data": instance["secret_data"]}
    before = versions(kubectl, namespace)
    message = failure("kube_apply", **secret, objects_to_come=to_come)["msg"]
    assert message.startswith("Nothing was written: ")
    for told in (
        f"Secret {namespace}/gem-credentials belongs to instance gem of instance set other",
        f"ConfigMap {namespace}/gem-config is not managed by this collection (written by kubectl-create)",
    ):
        assert told in message
    assert versions(kubectl, namespace) == before


def test_what_is_to_come_is_only_looked_at(run, instance, to_come, requests_made, kubectl, namespace):
    run("kube_apply", objects=instance["objects"][-1:], secret_data=instance["secret_data"], objects_to_come=to_come)
    assert [path for method, path, _query in requests_made if method != "GET"] == [
        f"/api/v1/namespaces/{namespace}/secrets/gem-credentials"
    ]


def pending(result):
    return [entry["kind"] for entry in result["to_apply"]]


def test_of_what_is_to_come_only_what_an_apply_would_write_is_left_to_do(
    run, instance, ours, to_come, requests_made, kubectl, namespace
):
    config, service, reference, policy, subscription, _gadget = to_come
    config["data"] = {"a": "1"}
    secret = {"objects": instance["objects"][-1:], "secret_data": instance["secret_data"]}
    assert pending(run("kube_apply", **secret, objects_to_come=to_come)) == [obj["kind"] for obj in to_come]
    run("kube_apply", objects=to_come[:-1])
    deadline = time.monotonic() + 60
    # Controllers put finalizers and the like on what is new.
    while pending(run("kube_apply", **secret, objects_to_come=to_come)) != ["Gadget"]:
        assert time.monotonic() < deadline
    before = versions(kubectl, namespace)
    requests_made.clear()
    assert pending(run("kube_apply", check=True, **secret, objects_to_come=to_come)) == ["Gadget"]
    tried = [query for method, path, query in requests_made if method == "PATCH"]
    assert len(tried) == len(to_come) and all(query["dryRun"] == "All" for query in tried)

    # What we want and another has written is ours, too, only once we have applied it.
    kubectl("annotate", "configmap", "gem-config", "-n", namespace, "theirs=1")
    config["metadata"]["annotations"] = {"theirs": "1"}
    policy["spec"]["subjects"] = {"groups": [{"name": "others"}]}
    found = run("kube_apply", **secret, objects_to_come=[config, service, reference, policy, subscription])
    assert pending(found) == ["ConfigMap", "MaaSAuthPolicy"]
    run("kube_apply", objects=[config])
    assert pending(run("kube_apply", **secret, objects_to_come=[config])) == []
    del before["ConfigMap", "gem-config"]
    assert before.items() <= versions(kubectl, namespace).items()


def test_what_is_to_come_and_would_be_refused_is_left_to_the_task_that_applies_it(
    run, instance, ours, kubectl, namespace
):
    config = ours("ConfigMap", "gem-config", data={"a": "1"})
    run("kube_apply", objects=[config])
    kubectl("patch", "configmap", "gem-config", "-n", namespace, "-p", '{"data": {"a": "2"}}')
    secret = {"objects": instance["objects"][-1:], "secret_data": instance["secret_data"]}
    assert pending(run("kube_apply", **secret, objects_to_come=[config])) == ["ConfigMap"]


@pytest.fixture
def mine(kubectl, namespace):
    """Who may do everything in the namespace of the instances, and nothing elsewhere."""
    kubectl("create", "rolebinding", "mine", "-n", namespace, "--clusterrole=admin", "--user=mine")
    return {"impersonate_user": "mine", "kubeconfig": os.environ["KUBECONFIG"]}


def test_what_is_to_come_and_may_not_be_read_stops_nobody(run, ours, registration, mine):
    options = {"objects_to_come": registration()[1:], **mine}
    assert run("kube_apply", check=True, objects=[ours("ConfigMap", "gem-config")], **options)["objects"]


@pytest.fixture
def leftovers_of(namespace):
    kinds = [("v1", "ConfigMap"), ("v1", "Secret"), ("example.com/v1", "Nonsense")]
    return {
        "namespace": namespace,
        "kinds": [{"api_version": version, "kind": kind, "namespace": namespace} for version, kind in kinds],
        "instances": ["gem"],
    }


def test_what_is_left_of_the_set_by_instance_as_delete_takes_it(run, namespace, ours, leftovers_of):
    mine = [ours("ConfigMap", "gem-config"), ours("ConfigMap", "other-config", instance="other")]
    shared = ours("ConfigMap", "shared")
    del shared["metadata"]["labels"]["llamastack.maas/instance"]
    backup = ours("Secret", "gem-credentials-before-rotation")
    data = {f"{namespace}/gem-credentials-before-rotation": {"api_key": "sk-before-0123456789"}}
    run("kube_apply", objects=[*mine, backup, shared, ours("ConfigMap", "theirs", set_name="other")], secret_data=data)
    found = run("kube_apply", objects=mine[:1], leftovers_of=leftovers_of)
    assert {name: [each["metadata"]["name"] for each in objects] for name, objects in found["leftovers"].items()} == {
        "gem": ["gem-credentials-before-rotation"],
        "other": ["other-config"],
    }
    assert found["unreadable"] == []
    removed = run("kube_delete", objects=found["leftovers"]["other"])["removed"]
    assert [each["name"] for each in removed] == ["other-config"]


def test_what_of_the_set_may_not_be_listed_is_named(run, ours, leftovers_of, mine):
    options = {"leftovers_of": leftovers_of, **mine}
    leftovers_of["kinds"] = [
        {"api_version": "maas.opendatahub.io/v1alpha1", "kind": "MaaSAuthPolicy", "namespace": "models-as-a-service"}
    ]
    found = run("kube_apply", check=True, objects=[ours("ConfigMap", "gem-config")], **options)
    assert found["leftovers"] == {}
    assert "MaaSAuthPolicy in namespace models-as-a-service" in found["unreadable"][0]
