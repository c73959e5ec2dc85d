# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels

INSTANCE = {
    "name": "gem",
    "credentials": {"origin": "environment variable KEY", "secret": {"name": "gem-credentials", "managed": True}},
}


@pytest.fixture
def objects(service, registration, namespace):
    metadata = {"name": "gem-credentials", "namespace": namespace, "labels": labels("gem", namespace, "default")}
    # In the version that is stored, in which the playbooks write it, too.
    stored = {**service(), "apiVersion": "serving.kserve.io/v1alpha2"}
    return [{"apiVersion": "v1", "kind": "Secret", "metadata": metadata}, stored, *registration()]


@pytest.fixture
def applied(run, objects, namespace):
    run(
        "kube_apply",
        objects=objects,
        secret_data={f"{namespace}/gem-credentials": {"api_key": "sk-told-0123456789abcdef"}},
    )
    run("maas_wait_ready", namespace=namespace, instances=["gem"], registration=objects[2:], wait_timeout=60)
    yield objects
    run("kube_delete", objects=objects[2:])


@pytest.fixture
def look(run, namespace):
    """``look(*names, **options) -> result``"""

    def call(*names, **options):
        instances = [{**INSTANCE, "name": name, "namespace": namespace} for name in names]
        return run("maas_instance_info", namespace=namespace, generation="b2", instances=instances, **options)

    return call


def test_an_instance_that_agrees_with_the_list(applied, look, namespace):
    gem = look("gem", objects=applied)["instances"]["gem"]
    assert (gem["state"], gem["replicas"]) == ("scaled to 0", {"ready": 0, "wanted": 0})
    assert "it has 0 replicas, so nothing answers" in gem["reason"]
    assert gem["drift"] == {"missing": [], "changed": [], "extra": []}
    assert gem["since"] and gem["credential"]["written"] and gem["credential"]["age"] < 300
    assert [each["phase"] for each in gem["registered"]] == ["Ready", "Active", "Active"]
    assert gem["url"].endswith(f"/{namespace}/gem")


def test_requests_are_a_handful_however_many_instances_there_are(applied, run, look, service, requests_made):
    run("kube_apply", objects=[service("other"), service("third")])
    requests_made.clear()
    found = look("gem", "other", "third", objects=applied)["instances"]
    assert len(found) == 3
    assert {method for method, _path, _query in requests_made} == {"GET"}
    assert len(requests_made) == 8


def test_drift_both_ways(applied, look, service, run, kubectl, namespace):
    kubectl("patch", "llmisvc", "gem", "-n", namespace, "--type=merge", "-p", '{"spec":{"replicas":2}}', output=None)
    run("kube_apply", objects=[service("gone")])
    absent = {**applied[1], "metadata": {**applied[1]["metadata"], "name": "x"}}
    found = look("gem", objects=[*applied, absent])
    gem, gone = found["instances"]["gem"], found["instances"]["gone"]
    assert gem["drift"]["changed"] == [f"LLMInferenceService {namespace}/gem: spec.replicas"]
    assert gem["drift"]["missing"] == [f"LLMInferenceService {namespace}/x"]
    assert not gone["in_list"] and gone["drift"]["extra"] == [f"LLMInferenceService {namespace}/gone"]


def test_no_value_of_a_secret_is_read(applied, look, monkeypatch):
    from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import cluster

    answers = []
    send = cluster.Cluster._send
    monkeypatch.setattr(
        cluster.Cluster, "_send", lambda *args, **more: answers.append(send(*args, **more)) or answers[-1]
    )
    look("gem", objects=applied)
    assert answers and not any(b"c2stdG9sZC0wMTIz" in answer for answer in answers)


def test_what_the_owner_of_a_namespace_may_not_read_is_unknown(look, service, run, kubectl, namespace):
    run("kube_apply", objects=[service()])
    readable = (
        "llminferenceservices.serving.kserve.io,deployments.apps,pods,configmaps,maasmodelrefs.maas.opendatahub.io"
    )
    kubectl("create", "role", "reader", "-n", namespace, "--verb=get,list", f"--resource={readable}", output=None)
    kubectl("create", "rolebinding", "reader", "-n", namespace, "--role=reader", "--user=reader", output=None)
    found = look("gem", impersonate_user="reader", kubeconfig=os.environ["KUBECONFIG"])
    assert found["instances"]["gem"]["credential"]["note"] == "the Secret may not be read"
    assert [line.split(":")[0] for line in found["unread"]] == [
        f"Secret in {namespace}",
        "MaaSAuthPolicy in models-as-a-service",
        "MaaSSubscription in models-as-a-service",
    ]
