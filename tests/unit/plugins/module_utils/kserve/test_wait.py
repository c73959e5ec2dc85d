# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.wait import Wait
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import seconds
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels

LONG_AGO = "2026-11-21T15:32:00Z"
READY = [{"type": "Ready", "status": "True", "lastTransitionTime": LONG_AGO}]
BROKEN = {"waiting": {"reason": "ImagePullBackOff", "message": "a/b:1: not found"}}


class FakeCluster:
    """Lists objects by kind; ``refusal`` is raised instead, once. Counts what it was asked."""

    server_time = seconds("2026-11-21T15:40:00Z")

    def __init__(self, **kinds):
        self.kinds = kinds
        self.refusal = None
        self.asked = []

    def serves(self, api_version, kind):
        return True

    def list(self, api_version, kind, namespace, labels=None, fields=None):
        if self.refusal:
            raise self.refusal
        self.asked.append(kind)
        return self.kinds.get(kind, [])


def service(name="gem", observed=1):
    metadata = {"name": name, "namespace": "llm", "generation": 1, "labels": labels(name, "llm", "default")}
    return {
        "metadata": metadata,
        "status": {"conditions": READY, "observedGeneration": observed, "url": f"https://maas/llm/{name}"},
    }


def deployment(name="gem"):
    status = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}
    return {"metadata": {"name": f"{name}-kserve", "generation": 1}, "spec": {"replicas": 1}, "status": status}


def pod(state, name="gem"):
    metadata = {"name": f"{name}-kserve-1-a", "labels": {"app.kubernetes.io/name": name}, "creationTimestamp": LONG_AGO}
    return {
        "metadata": metadata,
        "status": {"phase": "Pending", "containerStatuses": [{"name": "main", "state": state}]},
    }


def ref(name="gem", phase=None):
    metadata = {"name": name, "namespace": "llm", "generation": 1, "labels": labels(name, "llm", "default")}
    status = {"phase": phase, "conditions": READY} if phase else {}
    return {
        "apiVersion": "maas.opendatahub.io/v1alpha1",
        "kind": "MaaSModelRef",
        "metadata": metadata,
        "status": status,
    }


def wait(cluster, *instances, registration=(), scope="all"):
    names = instances or ("gem",)
    return Wait(
        cluster,
        {
            "namespace": "llm",
            "instances": list(names),
            "registration": list(registration),
            "scope": scope,
            "wait_timeout": 60,
        },
    )


def test_done_when_all_are_ready():
    found = wait(FakeCluster(LLMInferenceService=[service()], Deployment=[deployment()]))
    assert found.look().done
    assert found.seen["gem"].as_result()["url"] == "https://maas/llm/gem"


def test_a_failed_one_ends_the_wait_only_when_nothing_else_is_awaited():
    cluster = FakeCluster(LLMInferenceService=[service("slow", observed=0)])
    attempt = wait(cluster, "absent", "slow").look()
    assert not attempt.done and not attempt.failed
    assert attempt.progress == "0 of 2 ready; failed: absent; slow: LLMInferenceService NotObserved"
    assert wait(FakeCluster(), "absent").look().failed


def test_a_pod_that_cannot_start_ends_the_wait():
    cluster = FakeCluster(LLMInferenceService=[service()], Deployment=[deployment()], Pod=[pod(BROKEN)])
    found = wait(cluster)
    assert found.look().failed
    assert found.seen["gem"].readiness.reason == "ImagePullBackOff"


def test_until_a_change_is_taken_up_a_pod_of_before_does_not_count():
    cluster = FakeCluster(LLMInferenceService=[service(observed=0)], Deployment=[deployment()], Pod=[pod(BROKEN)])
    assert not wait(cluster).look().failed


def test_a_pod_of_another_instance_does_not_count():
    cluster = FakeCluster(LLMInferenceService=[service()], Deployment=[deployment()], Pod=[pod(BROKEN, "other")])
    assert wait(cluster).look().done


def test_a_registration_is_awaited_too():
    cluster = FakeCluster(LLMInferenceService=[service()], Deployment=[deployment()], MaaSModelRef=[ref()])
    assert not wait(cluster, registration=[ref()]).look().done
    cluster.kinds["MaaSModelRef"] = [ref(phase="Ready")]
    assert wait(cluster, registration=[ref()]).look().done


def test_the_platform_does_not_look_at_services():
    cluster = FakeCluster(MaaSModelRef=[ref(phase="Ready")])
    assert wait(cluster, registration=[ref()], scope="platform").look().done
    assert cluster.asked == ["MaaSModelRef"]


def test_an_api_server_that_does_not_answer_now_may_do_so_later():
    cluster = FakeCluster(LLMInferenceService=[service()], Deployment=[deployment()])
    cluster.refusal = ApiError("GET", "/", 503, "overloaded", retry_after=7.0)
    found = wait(cluster)
    attempt = found.look()
    assert not attempt.done and not attempt.failed and attempt.retry_after == 7.0
    assert "the API server does not answer (503 Service Unavailable: overloaded)" in attempt.progress
    cluster.refusal = None
    assert found.look().done


def test_a_missing_right_is_final():
    cluster = FakeCluster()
    cluster.refusal = ApiError("GET", "/", 403, "no")
    with pytest.raises(ApiError):
        wait(cluster).look()


def scaled(name="gem", asked=None):
    rollout, served = deployment(name), service(name)
    rollout["spec"]["replicas"] = 0
    rollout["status"] = {"observedGeneration": 1}
    served["spec"] = {"replicas": asked}
    return {"LLMInferenceService": [served], "Deployment": [rollout]}


@pytest.mark.parametrize("asked", [None, 0])
def test_for_the_pod_of_what_is_scaled_to_0_nobody_waits(asked):
    looking = wait(FakeCluster(**scaled(asked=asked)))
    attempt = looking.look()
    assert attempt.done and attempt.progress == "0 of 1 ready; scaled to 0: gem"
    found = looking.seen["gem"].as_result()
    assert (found["ready"], found["state"], found["reason"]) == (False, "scaled to 0", "ScaledToZero")
    assert found["message"] == "it has 0 replicas, so nothing answers"


def test_what_others_scaled_to_0_is_waited_for():
    looking = wait(FakeCluster(**scaled(asked=2)))
    attempt = looking.look()
    assert not attempt.done and not attempt.failed
    assert "although the LLMInferenceService asks for 2" in looking.seen["gem"].as_result()["message"]
