# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import conditions


@pytest.fixture
def wait(run, namespace):
    """``wait(*names, **options)`` until they are ready."""

    def call(*names, wait_timeout=60, **options):
        return run("maas_wait_ready", namespace=namespace, instances=list(names), wait_timeout=wait_timeout, **options)

    return call


@pytest.fixture
def explained(failure, namespace):
    """``explained(*names, **options) -> (result, causes of the first)``, as soon as a wait that fails tells a cause."""

    def call(*names, **options):
        deadline = time.monotonic() + 60
        while True:
            result = failure("maas_wait_ready", namespace=namespace, instances=list(names), wait_timeout=2, **options)
            causes = [explanation["cause"] for explanation in result["instances"][names[0]]["explanations"]]
            if causes or time.monotonic() > deadline:
                print(result["msg"])
                return result, causes

    return call


def test_services_that_are_ready(run, wait, service):
    run("kube_apply", objects=[service("gem"), service("other")])
    result = wait("gem", "other")
    # They run nothing, so there is no pod to wait for.
    assert {found["state"] for found in result["instances"].values()} == {"scaled to 0"}
    assert not any(found["ready"] for found in result["instances"].values())
    assert result["instances"]["gem"]["url"].endswith("/gem")


def test_requests_do_not_grow_with_the_number_of_instances(run, wait, service, requests_made):
    names = [f"gem-{number}" for number in range(3)]
    run("kube_apply", objects=[service(name) for name in names])
    wait(*names)
    requests_made.clear()
    wait(*names)
    assert len(requests_made) == 3


def test_a_registration_needs_both_halves(run, wait, service, registration):
    ref, policy, subscription = registration()
    run("kube_apply", objects=[service(), ref])
    result = wait("gem", registration=[ref], scope="project")
    assert "no auth policy and subscription" in result["instances"]["gem"]["note"]
    run("kube_apply", objects=[policy, subscription])
    result = wait("gem", registration=[ref, policy, subscription])
    assert result["instances"]["gem"]["note"] == ""
    run("kube_delete", objects=[ref, policy, subscription])


def test_the_platform_half_without_its_model(run, wait, registration):
    _ref, policy, subscription = registration()
    run("kube_apply", objects=[policy, subscription])
    result = wait("gem", registration=[policy, subscription], scope="platform")
    assert (
        result["instances"]["gem"]["ready"]
        and "waits for the model, which is not deployed yet" in result["instances"]["gem"]["note"]
    )
    run("kube_delete", objects=[policy, subscription])


def test_no_pairing(run, explained, service, registration):
    ref = registration()[0]
    run("kube_apply", objects=[service(), ref])
    result, causes = explained("gem", registration=[ref])
    assert causes == ["no MaaSAuthPolicy and MaaSSubscription together name the model"]
    assert result["pending"] and "Gave up after 2 s" in result["msg"]


def test_a_service_that_does_not_exist_ends_the_wait_at_once(failure, namespace):
    result = failure("maas_wait_ready", namespace=namespace, instances=["gem"], wait_timeout=60)
    assert result["attempts"] == 1 and not result["pending"]
    assert "gem: LLMInferenceService: NotFound: it does not exist" in result["msg"]


def test_a_missing_gateway_ends_the_wait_when_nobody_makes_it(run, failure, namespace, service, monkeypatch):
    monkeypatch.setattr(conditions, "SETTLED_AFTER", 4.0)
    run("kube_apply", objects=[service(gateway="no-such-gateway")])
    result = failure("maas_wait_ready", namespace=namespace, instances=["gem"], wait_timeout=60)
    assert not result["pending"] and result["elapsed"] < 50
    assert "cause: the Gateway does not exist" in result["msg"]
    assert "no-such-gateway" in result["msg"] and "Correct llamastack_maas_gateway" in result["msg"]


def test_an_image_that_does_not_exist(run, explained, service):
    run("kube_apply", objects=[service(replicas=1, image="docker.io/nobody/nothing:0.0.1")])
    result, causes = explained("gem")
    assert causes == ["the image cannot be pulled"]
    assert "docker.io/nobody/nothing:0.0.1" in result["msg"] and "llamastack_maas_image" in result["msg"]


def test_a_missing_secret(run, explained, service):
    key = {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "no-such-secret", "key": "api_key"}}}
    run("kube_apply", objects=[service(replicas=1, env=[key])])
    result, causes = explained("gem")
    assert causes == ["a Secret or ConfigMap that the container needs is missing or lacks a key"]
    assert "no-such-secret" in result["msg"]


def test_a_missing_config_map(run, explained, service):
    pod = {"volumes": [{"name": "ca", "configMap": {"name": "no-such-config"}}]}
    mounts = [{"name": "ca", "mountPath": "/etc/ca"}]
    run("kube_apply", objects=[service(replicas=1, pod=pod, volumeMounts=mounts)])
    result, causes = explained("gem")
    assert causes == ["a volume cannot be mounted"]
    assert "no-such-config" in result["msg"]


def test_a_quota(run, explained, kubectl, namespace, service):
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "small"},
        "spec": {"hard": {"pods": "0"}},
    }
    kubectl("create", "-n", namespace, "-f", "-", stdin=quota)
    run("kube_apply", objects=[service(replicas=1)])
    result, causes = explained("gem")
    assert causes == ["the quota of the namespace is used up"]
    assert "exceeded quota: small" in result["msg"]


def test_braces_in_the_template(run, explained, service):
    run("kube_apply", objects=[service(args=["echo {{ .Nope }}"])])
    _result, causes = explained("gem")
    assert causes == ["KServe cannot render the pod template"]


def test_a_server_that_ends_at_once(run, explained, service):
    run(
        "kube_apply", objects=[service(replicas=1, args=["echo 'cannot read config sk-test-0123456789abcdef'; exit 3"])]
    )
    result, causes = explained("gem")
    assert causes == ["the server ends as soon as it starts"]
    assert "exited with code 3" in result["msg"] and "cannot read config ********" in result["msg"]


def test_one_failure_does_not_end_the_wait_for_the_others(run, failure, namespace, service):
    run("kube_apply", objects=[service("good")])
    options = {"namespace": namespace, "instances": ["absent", "good"], "wait_timeout": 60}
    result = failure("maas_wait_ready", **options)
    assert result["instances"]["good"]["state"] == "scaled to 0" and result["instances"]["absent"]["state"] == "failed"
    assert result["msg"].startswith("Not ready: 1 of 2 instances.")


def test_a_broken_revision_is_awaited_although_the_service_says_ready(run, wait, explained, service):
    run("kube_apply", objects=[service(replicas=0)])
    wait("gem")
    run("kube_apply", objects=[service(replicas=1, image="docker.io/nobody/nothing:0.0.1")])
    _result, causes = explained("gem")
    assert causes == ["the image cannot be pulled"]
    run("kube_apply", objects=[service(replicas=0)])
    assert wait("gem")["instances"]["gem"]["state"] == "scaled to 0"


def test_check_mode_looks_once_and_does_not_fail(run, namespace):
    result = run("maas_wait_ready", check=True, namespace=namespace, instances=["gem"])
    assert result["instances"]["gem"]["ready"] is False and result["attempts"] == 1


def test_live_lines(playbook, namespace, service, run):
    run("kube_apply", objects=[service(gateway="no-such-gateway")])
    shown = playbook("maas_wait_ready", namespace=namespace, instances=["gem"], wait_timeout=12)
    assert shown.returncode != 0
    assert "s of 12s: 0 of 1 ready; gem: LLMInferenceService" in shown.stdout
    assert "cause: the Gateway does not exist" in shown.stdout
