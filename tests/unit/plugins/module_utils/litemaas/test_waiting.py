# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas.waiting import InstallationWait, Program, judge

NOW = 1764000000.0
LABELS = names.labels(names.GATEWAY, "litemaas", "default")
REFS = {
    "server": ("apps/v1", "StatefulSet", "postgres"),
    "job": ("batch/v1", "Job", "litellm-migration-1"),
    "litellm": ("apps/v1", "Deployment", "litellm"),
    "route": ("route.openshift.io/v1", "Route", "litellm"),
    "ingress": ("networking.k8s.io/v1", "Ingress", "litellm"),
}


def ref(which):
    api_version, kind, name = REFS[which]
    return Ref(api_version, kind, "litemaas", name)


def obj(which, status=None, **spec):
    api_version, kind, name = REFS[which]
    metadata = {"name": name, "namespace": "litemaas", "generation": 1, "labels": LABELS}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec, "status": status or {}}


READY = {
    "server": obj("server", {"observedGeneration": 1, "readyReplicas": 1, "updatedReplicas": 1}, replicas=1),
    "job": obj("job", {"conditions": [{"type": "Complete", "status": "True"}]}),
    "litellm": obj(
        "litellm", {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}, replicas=1
    ),
    "route": obj(
        "route",
        {"ingress": [{"host": "llm.apps.example.com", "conditions": [{"type": "Admitted", "status": "True"}]}]},
        tls={"termination": "edge"},
    ),
    "ingress": obj("ingress", tls=[{"hosts": ["llm.example.com"]}], rules=[{"host": "llm.example.com"}]),
}
STARTING = {
    "server": obj("server", {"observedGeneration": 1, "readyReplicas": 0, "updatedReplicas": 1}, replicas=1),
    "job": obj("job", {}),
    "litellm": obj("litellm", {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1}, replicas=1),
    "route": obj("route"),
}


def pod(app, waiting=None, running=False, restarts=0, container="main", init=False):
    state = {"running": {}} if running else {"waiting": waiting or {"reason": "ContainerCreating"}}
    status = {"name": container, "state": state, "ready": False, "restartCount": restarts}
    return {
        "metadata": {
            "name": f"{app}-0",
            "labels": {**LABELS, "app": app, "pod-template-hash": "1"},
            "creationTimestamp": "2025-11-24T16:00:00Z",
        },
        "status": {"phase": "Pending", "initContainerStatuses" if init else "containerStatuses": [status]},
    }


@pytest.mark.parametrize("which", READY)
def test_what_is_at_work_is_ready(which):
    assert judge(ref(which), READY[which], [], [], NOW).state == "ready"


@pytest.mark.parametrize("which", [*STARTING, "ingress"])
def test_what_is_on_its_way_is_awaited(which):
    assert judge(ref(which), STARTING.get(which), [], [], NOW).state == "waiting"
    assert judge(ref(which), None, [], [], NOW).reason == "NotFound"


def test_a_job_that_has_failed_is_not_waited_for():
    failed = obj("job", {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]})
    assert judge(ref("job"), failed, [], [], NOW)[:3] == ("failed", "Job litellm-migration-1", "BackoffLimitExceeded")


def test_what_keeps_a_pod_decides():
    image = pod("litellm", {"reason": "ImagePullBackOff", "message": "manifest unknown"})
    found = judge(ref("litellm"), STARTING["litellm"], [image], [], NOW)
    assert (found.state, found.reason) == ("failed", "ImagePullBackOff")
    claim = {"metadata": {"name": "postgres-storage-postgres-0"}, "status": {"phase": "Pending"}}
    found = judge(ref("server"), STARTING["server"], [], [claim], NOW)
    assert (found.state, found.what) == ("waiting", "PersistentVolumeClaim postgres-storage-postgres-0")


def test_a_route_that_is_refused_is_awaited_until_that_stands():
    def refused(since):
        condition = {"type": "Admitted", "status": "False", "reason": "HostAlreadyClaimed", "lastTransitionTime": since}
        return obj("route", {"ingress": [{"host": "h", "conditions": [condition]}]})

    assert judge(ref("route"), refused("2025-11-24T15:59:59Z"), [], [], NOW).state == "waiting"
    assert judge(ref("route"), refused("2025-11-24T15:00:00Z"), [], [], NOW).state == "failed"


class Cluster:
    server_time = NOW

    def __init__(self, objects, pods=(), events=(), logs=None):
        self.objects = {(each["kind"], each["metadata"]["name"]): each for each in objects}
        self.lists = {"Pod": list(pods), "Event": list(events), "PersistentVolumeClaim": []}
        self.logs = logs or {}

    def get(self, _api_version, kind, name, _namespace):
        return self.objects.get((kind, name))

    def list(self, _api_version, kind, _namespace, **_how):
        if isinstance(self.lists[kind], ApiError):
            raise self.lists[kind]
        return self.lists[kind]

    def log(self, _namespace, pod_name, *, container, **_how):
        return self.logs[(pod_name, container)]


def wait(cluster, *which, **more):
    params = {"namespace": "litemaas", "set": "default", "objects": [obj(each) for each in which], "wait_timeout": 0}
    return InstallationWait(cluster, {**params, **more})


def test_all_are_looked_at_together():
    looking = wait(Cluster([READY["server"], READY["route"], STARTING["litellm"]]), "server", "litellm", "route")
    outcome = looking.run()
    assert not outcome.done and outcome.last.progress == "2 of 3 ready; Deployment litellm RollingOut"
    assert looking.url("litellm") == "https://llm.apps.example.com"


def test_when_all_are_at_work_the_wait_is_over():
    looking = wait(Cluster([READY["litellm"], READY["ingress"]]), "litellm", "ingress")
    assert looking.run().done and looking.url("litellm") == "https://llm.example.com"


def test_what_does_not_come_up_is_explained():
    waiting_pod = pod("litellm", running=True, container="wait-for-database", init=True)
    waiting_pod["status"]["initContainerStatuses"][0]["restartCount"] = 0
    log = ['psql: error: FATAL:  password authentication failed for user "litellm"']
    looking = wait(
        Cluster([STARTING["litellm"]], [waiting_pod], logs={("litellm-0", "wait-for-database"): log}), "litellm"
    )
    outcome = looking.run()
    looking.explain()
    message = looking.message(outcome)
    assert "Not ready: 1 of 1 object." in message
    assert "cause: the database refuses the password" in message and "password authentication failed" in message
    assert looking.seen[0].as_result()["explanations"][0]["cause"] == "the database refuses the password"


def test_who_may_not_list_pods_waits_all_the_same():
    cluster = Cluster([STARTING["litellm"]])
    cluster.lists["Pod"] = ApiError("GET", "/pods", 403, "forbidden")
    looking = wait(cluster, "litellm")
    assert looking.run().last.progress == "0 of 1 ready; Deployment litellm RollingOut"


def test_what_is_scaled_to_0_says_so_and_what_to_do():
    seen = Program(ref("litellm"), obj("litellm", {"observedGeneration": 1}, replicas=0), [], [], NOW).as_result()
    assert (seen["ready"], seen["state"]) == (False, "scaled to 0")
    (why,) = seen["explanations"]
    assert why["cause"] == "it is scaled to 0" and "Run llamastack.maas.litemaas_deploy" in why["remedy"]
