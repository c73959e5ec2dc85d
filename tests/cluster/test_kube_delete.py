# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels


def names(refs):
    return sorted(f"{ref['kind']}/{ref['name']}" for ref in refs)


@pytest.fixture
def deployed(run, namespace, ours):
    objects = [
        ours("ConfigMap", "gem-config"),
        ours("ConfigMap", "other-config", instance="other"),
        ours("Secret", "gem-credentials"),
    ]
    run("kube_apply", objects=objects, secret_data={f"{namespace}/gem-credentials": {"api_key": "sk-test-0123456789"}})
    return objects


def present(kubectl, namespace):
    found = kubectl("get", "configmap,secret", "-n", namespace)["items"]
    return sorted(
        obj["metadata"]["name"]
        for obj in found
        if obj["metadata"]["name"] not in ("kube-root-ca.crt", "odh-trusted-ca-bundle")
    )


def test_what_is_named_goes_and_nothing_else(run, kubectl, namespace, deployed):
    result = run("kube_delete", objects=[deployed[0], deployed[2]])
    assert names(result["removed"]) == ["ConfigMap/gem-config", "Secret/gem-credentials"]
    assert result["changed"] and result["left"] == [] and result["unmanaged"] == []
    assert present(kubectl, namespace) == ["other-config"]
    assert not run("kube_delete", objects=[deployed[0], deployed[2]])["changed"]


def test_check_mode_deletes_nothing(run, kubectl, namespace, deployed):
    result = run("kube_delete", check=True, diff=True, objects=deployed)
    assert result["changed"] and len(result["removed"]) == 3
    assert [each["after"] for each in result["diff"]] == [""] * 3
    assert f"Secret {namespace}/gem-credentials" in [each["before_header"] for each in result["diff"]]
    assert not any("\ndata:" in each["before"] for each in result["diff"])
    assert len(present(kubectl, namespace)) == 3


def test_what_is_not_ours_is_left_alone_and_told(run, kubectl, namespace, ours):
    kubectl("create", "configmap", "gem-config", "-n", namespace)
    run("kube_apply", objects=[ours("ConfigMap", "gem-other", set_name="other")])
    result = run("kube_delete", objects=[ours("ConfigMap", "gem-config"), ours("ConfigMap", "gem-other")])
    assert not result["changed"]
    assert {entry["name"]: entry["why"] for entry in result["unmanaged"]} == {
        "gem-config": "is not managed by this collection",
        "gem-other": f"belongs to instance set other of namespace {namespace}",
    }
    assert present(kubectl, namespace) == ["gem-config", "gem-other"]


def test_all_of_a_set_goes_and_other_sets_stay(run, kubectl, namespace, deployed, ours):
    run("kube_apply", objects=[ours("ConfigMap", "theirs", set_name="other")])
    kinds = [
        {"api_version": "v1", "kind": kind, "namespace": namespace} for kind in ("ConfigMap", "Secret", "Nonsense")
    ]
    result = run("kube_delete", all_of={"namespace": namespace, "kinds": kinds})
    assert names(result["removed"]) == ["ConfigMap/gem-config", "ConfigMap/other-config", "Secret/gem-credentials"]
    assert present(kubectl, namespace) == ["theirs"]


@pytest.fixture
def kind_that_goes(kubectl, namespace):
    """``(kind of a definition of its own, uninstall)``: as an operator brings it, and takes it away again."""
    group = f"{namespace}.example.com"
    name = f"widgets.{group}"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    spec = {
        "group": group,
        "scope": "Namespaced",
        "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
    }
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": spec,
    }
    kubectl("create", "-f", "-", stdin=definition)
    kubectl("wait", "crd", name, "--for=condition=Established", "--timeout=30s", output=None)

    def uninstall():
        kubectl("delete", "crd", name, "--ignore-not-found", output=None)

    yield {"api_version": f"{group}/v1", "kind": "Widget", "namespace": namespace}, uninstall
    uninstall()


def test_a_kind_that_was_uninstalled_since_the_discovery_keeps_nothing(run, kubectl, namespace, ours, kind_that_goes):
    """The client keeps what it has discovered in a file that never expires."""
    kind, uninstall = kind_that_goes
    data = {f"{namespace}/gem-credentials": {"api_key": "sk-test-0123456789"}}
    objects = [ours("Widget", "gem", kind["api_version"]), ours("Secret", "gem-credentials")]
    run("kube_apply", objects=objects, secret_data=data)
    wanted = {"namespace": namespace, "kinds": [kind, {**kind, "api_version": "v1", "kind": "Secret"}]}
    assert len(run("kube_delete", check=True, all_of=wanted)["removed"]) == 2
    uninstall()
    named = [ours("Widget", "gem", kind["api_version"]), ours("Widget", "other", kind["api_version"])]
    assert not run("kube_delete", objects=named)["changed"]
    result = run("kube_delete", all_of=wanted)
    assert names(result["removed"]) == ["Secret/gem-credentials"] and result["left"] == []
    assert present(kubectl, namespace) == []


def test_no_value_of_a_secret_is_read(run, deployed, requests_made):
    run("kube_delete", objects=deployed)
    assert not [
        path
        for method, path, query in requests_made
        if method == "GET" and path.endswith("/secrets") and "labelSelector" not in query
    ]


def test_a_finalizer_that_nobody_answers_is_named_and_stays(failure, run, kubectl, namespace, deployed):
    finalizers = '{"metadata": {"finalizers": ["maas.opendatahub.io/model-cleanup"]}}'
    kubectl("patch", "configmap", "gem-config", "-n", namespace, "--type=merge", "-p", finalizers)
    result = failure("kube_delete", objects=deployed, wait_timeout=3)
    assert result["pending"] and names(result["left"]) == ["ConfigMap/gem-config"]
    assert "finalizer maas.opendatahub.io/model-cleanup, which the MaaS controller has to answer" in result["msg"]
    assert len(result["removed"]) == 3
    found = kubectl("get", "configmap", "gem-config", "-n", namespace)["metadata"]
    assert "maas.opendatahub.io/model-cleanup" in found["finalizers"]
    kubectl(
        "patch", "configmap", "gem-config", "-n", namespace, "--type=merge", "-p", '{"metadata": {"finalizers": null}}'
    )
    assert run("kube_delete", objects=deployed)["left"] == []


def test_a_missing_right_is_named(failure, deployed):
    message = failure("kube_delete", objects=deployed, impersonate_user="nobody")["msg"]
    assert message.count('User "nobody" cannot get resource') == 3


@pytest.fixture
def own_namespace(run, kubectl, namespace):
    """A namespace that we made, with an object of ours."""
    name = f"{namespace}-own"
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels(None, name, "default")}},
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "gem-config", "namespace": name, "labels": labels("gem", name, "default")},
        },
    ]
    run("kube_apply", objects=objects)
    yield name, objects
    kubectl("delete", "namespace", name, "--wait=false", "--ignore-not-found", output=None)


def test_a_namespace_of_ours_goes_with_its_last_object(run, kubectl, own_namespace):
    name, objects = own_namespace
    foretold = run("kube_delete", check=True, objects=objects)
    result = run("kube_delete", objects=objects)
    assert names(result["removed"]) == names(foretold["removed"]) == ["ConfigMap/gem-config", f"Namespace/{name}"]
    assert f"namespace/{name}" not in kubectl("get", "namespaces", output="name").split()


def test_a_namespace_that_holds_something_of_others_stays(run, kubectl, own_namespace):
    name, objects = own_namespace
    kubectl("create", "configmap", "theirs", "-n", name)
    result = run("kube_delete", objects=objects)
    assert names(result["removed"]) == ["ConfigMap/gem-config"]
    assert result["unmanaged"] == [
        {
            "kind": "Namespace",
            "name": name,
            "namespace": None,
            "instance": None,
            "why": f"still holds ConfigMap {name}/theirs",
        }
    ]


def test_a_namespace_that_somebody_else_made_stays(run, namespace):
    obj = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": namespace, "labels": labels(None, namespace, "default")},
    }
    result = run("kube_delete", objects=[obj])
    assert not result["changed"] and result["unmanaged"][0]["why"] == "is not managed by this collection"


def test_live_lines_and_the_sum_of_all_attempts(playbook, kubectl, namespace, deployed):
    kubectl(
        "patch",
        "configmap",
        "gem-config",
        "-n",
        namespace,
        "--type=merge",
        "-p",
        '{"metadata": {"finalizers": ["example.com/x"]}}',
    )
    shown = playbook("kube_delete", "-v", objects=copy.deepcopy(deployed), wait_timeout=4)
    assert shown.returncode != 0
    assert f"still there: ConfigMap {namespace}/gem-config" in shown.stdout
    assert "Gave up after" in shown.stdout and '"changed": true' in shown.stdout
    kubectl(
        "patch", "configmap", "gem-config", "-n", namespace, "--type=merge", "-p", '{"metadata": {"finalizers": null}}'
    )
