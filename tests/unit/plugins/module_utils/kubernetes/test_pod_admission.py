# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.pod_admission import (
    out_of_range,
    over_count,
    over_quota,
)

REQUESTS, LIMITS = {"cpu": "100m", "memory": "256Mi"}, {"cpu": "1", "memory": "512Mi"}


def pod(requests=None, limits=None):
    resources = {"requests": requests or REQUESTS, "limits": limits or LIMITS}
    return {"containers": [{"name": "main", "resources": resources}]}


def service(replicas=1, **resources):
    return {
        "metadata": {"name": "openai", "namespace": "llm"},
        "spec": {"replicas": replicas, "template": pod(**resources)},
    }


def quota(hard, used=None, **spec):
    status = {"hard": hard, "used": used or dict.fromkeys(hard, "0")}
    return {"metadata": {"name": "small", "namespace": "llm"}, "spec": spec, "status": status}


def limit_range(kind="Container", **limits):
    return {"metadata": {"name": "small"}, "spec": {"limits": [{"type": kind, **limits}]}}


@pytest.mark.parametrize(
    ("hard", "told"),
    [
        ({"requests.cpu": "250m"}, "requests.cpu 250m, of which 0 is in use; the pods to come need 300m"),
        ({"cpu": "250m"}, "cpu 250m"),
        ({"limits.memory": "1Gi"}, "limits.memory 1Gi, of which 0 is in use; the pods to come need 1536Mi"),
        ({"memory": "700Mi"}, "need 768Mi"),
        ({"pods": "2"}, "pods 2, of which 0 is in use; the pods to come need 3"),
        ({"count/pods": "2"}, "count/pods 2"),
    ],
)
def test_three_replicas_are_more_than_the_quota(hard, told):
    (problem,) = over_quota([service(replicas=3)], [], [quota(hard)])
    assert problem.startswith("ResourceQuota llm/small allows ") and told in problem


def test_what_fits_exactly_is_no_problem():
    hard = {"requests.cpu": "300m", "limits.memory": "1536Mi", "pods": "3", "configmaps": "0"}
    assert over_quota([service(replicas=3)], [], [quota(hard)]) == []


def test_all_instances_count_together_with_what_is_in_use():
    assert over_quota([service(), service()], [], [quota({"pods": "3"}, {"pods": "1"})]) == []
    assert over_quota([service(), service()], [], [quota({"pods": "3"}, {"pods": "2"})])


@pytest.mark.parametrize(
    ("resource", "api_version", "kind"),
    [
        ("configmaps", "v1", "ConfigMap"),
        ("count/secrets", "v1", "Secret"),
        (
            "count/llminferenceservices.serving.kserve.io",
            "serving.kserve.io/v1alpha1",
            "LLMInferenceService",
        ),
    ],
)
def test_a_quota_of_objects_counts_all_that_would_be_made(resource, api_version, kind):
    objects = [{"apiVersion": api_version, "kind": kind}, {"apiVersion": "v1", "kind": "Other"}] * 3
    assert over_count(objects, [quota({resource: "4"}, {resource: "1"})]) == []
    (problem,) = over_count(objects, [quota({resource: "4"}, {resource: "2"})])
    assert problem.endswith(f"allows {resource} 4, of which 2 is in use; the objects to come need 3")
    # With a scope, a quota counts pods.
    assert over_count(objects, [quota({resource: "0"}, scopes=["BestEffort"])]) == []


def test_pods_that_are_there_count_already():
    full = quota({"pods": "1", "limits.memory": "512Mi"}, {"pods": "1", "limits.memory": "512Mi"})
    assert over_quota([service()], [{"spec": pod()}], [full]) == []
    (problem,) = over_quota([service(limits={"memory": "768Mi"})], [{"spec": pod()}], [full])
    assert "limits.memory" in problem and "need 256Mi" in problem


@pytest.mark.parametrize(
    ("spec", "counts"),
    [
        ({"scopes": ["NotBestEffort", "NotTerminating"]}, True),
        ({"scopes": ["BestEffort"]}, False),
        ({"scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "Exists"}]}}, False),
    ],
)
def test_a_quota_of_other_pods_does_not_count(spec, counts):
    assert bool(over_quota([service()], [], [quota({"pods": "0"}, **spec)])) is counts


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"max": {"memory": "256Mi"}}, "container main: limits.memory 512Mi is over the maximum 256Mi of LimitRange s"),
        ({"max": {"ephemeral-storage": "1Gi"}}, "limits.ephemeral-storage (not set) is over"),
        ({"min": {"cpu": "200m"}}, "requests.cpu 100m is under the minimum 200m"),
        ({"maxLimitRequestRatio": {"cpu": "4"}}, "limits.cpu 1 to requests.cpu 100m is over the ratio 4"),
    ],
)
def test_a_container_out_of_range(limits, told):
    (problem,) = out_of_range([service()], [limit_range(**limits)])
    assert problem.startswith("LLMInferenceService llm/openai: ") and told in problem


@pytest.mark.parametrize(
    "limits",
    [
        {"max": LIMITS, "min": REQUESTS, "maxLimitRequestRatio": {"cpu": "10", "memory": "2"}},
        {"max": {"ephemeral-storage": "1Gi"}, "default": {"ephemeral-storage": "1Gi"}},
        {"min": {"ephemeral-storage": "1Mi"}, "defaultRequest": {"ephemeral-storage": "1Mi"}},
    ],
)
def test_a_container_in_range_or_put_there_by_defaults(limits):
    assert out_of_range([service()], [limit_range(**limits)]) == []


def test_a_pod_is_the_sum_of_its_containers():
    double = service()
    (container,) = double["spec"]["template"]["containers"]
    double["spec"]["template"]["containers"] = [container, {**container, "name": "side"}]
    small = limit_range("Pod", max={"memory": "600Mi"})
    assert out_of_range([service()], [small]) == []
    assert "the pod: limits.memory 1024Mi is over" in out_of_range([double], [small])[0]
    assert out_of_range([service()], [limit_range("PersistentVolumeClaim", max={"storage": "1"})]) == []


def test_no_replica_needs_nothing():
    assert out_of_range([service(replicas=0)], [limit_range(max={"cpu": "1m"})]) == []
    assert over_quota([service(replicas=0)], [], [quota({"pods": "0"})]) == []
