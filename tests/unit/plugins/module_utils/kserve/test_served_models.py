# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kserve import served_models, served_reading
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import READY, SCALED
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError

INTERNAL = "http://granite-8b-predictor.private-ai.svc.cluster.local"
WANTED = {"namespace": "private-ai", "name": "granite-8b"}
READY_CONDITIONS = [{"type": "PredictorReady", "status": "True"}, {"type": "Ready", "status": "True"}]


def service(name: str = "granite-8b", **parts: Any) -> dict[str, Any]:
    """An InferenceService as KServe leaves it in raw mode."""
    status = {"url": INTERNAL, "address": {"url": INTERNAL}, "conditions": READY_CONDITIONS, "observedGeneration": 1}
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": name, "namespace": "private-ai", "generation": 1, **parts.get("metadata", {})},
        "spec": {"predictor": {"model": {"modelFormat": {"name": "vLLM"}}, **parts.get("predictor", {})}},
        "status": {**status, **parts.get("status", {})},
    }


def llm_service(name: str = "granite-8b", **parts: Any) -> dict[str, Any]:
    addresses = [
        {"name": "gateway-external-model-routing", "url": "https://maas.example.com/publishers/private-ai/models/x"},
        {"name": "gateway-external", "url": "https://maas.example.com/private-ai/granite-8b"},
        {"name": "gateway-internal", "url": "https://gw.openshift-ingress.svc.cluster.local/private-ai/granite-8b"},
    ]
    status = {"url": "https://maas.example.com/private-ai/granite-8b", "addresses": addresses, "observedGeneration": 1}
    return {
        "apiVersion": "serving.kserve.io/v1alpha2",
        "kind": "LLMInferenceService",
        "metadata": {"name": name, "namespace": "private-ai", "generation": 1, **parts.get("metadata", {})},
        "spec": {"model": {"uri": "hf://ibm/granite", "name": "ibm/granite-8b"}, **parts.get("spec", {})},
        "status": {**status, "conditions": READY_CONDITIONS, **parts.get("status", {})},
    }


def test_an_inference_service_is_called_within_the_cluster_by_its_name():
    found = served_models.choose(WANTED, [service(), service("other")])
    assert found == served_models.Served(
        "", "InferenceService", "private-ai", "granite-8b", f"{INTERNAL}/v1", "granite-8b", READY, ""
    )


def test_an_llm_inference_service_says_its_id():
    found = served_models.choose(WANTED, [llm_service()])
    assert (found.model, found.state) == ("ibm/granite-8b", READY)
    assert found.url == "https://gw.openshift-ingress.svc.cluster.local/private-ai/granite-8b/v1"


@pytest.mark.parametrize(
    ("status", "url"),
    [
        ({"address": None}, f"{INTERNAL}/v1"),
        ({"address": {"url": "https://granite-8b.private-ai.svc:8443/"}}, "https://granite-8b.private-ai.svc:8443/v1"),
        ({"address": None, "url": "https://granite.apps.example.com"}, "https://granite.apps.example.com/v1"),
        ({"address": {"url": f"{INTERNAL}/v1/models/granite-8b:predict"}}, f"{INTERNAL}/v1"),
        (
            {"address": None, "url": None, "components": {"predictor": {"url": "http://p.example.com"}}},
            "http://p.example.com/v1",
        ),
    ],
)
def test_the_url_of_an_inference_service(status, url):
    assert served_models.choose(WANTED, [service(status=status)]).url == url


@pytest.mark.parametrize(
    ("status", "url"),
    [
        ({"addresses": [{"url": "https://granite-8b-kserve-workload-svc.private-ai.svc.cluster.local"}]}, ":8000/v1"),
        ({"addresses": None}, "https://maas.example.com/private-ai/granite-8b/v1"),
        ({"addresses": [], "address": {"url": "https://in.example.com/x"}}, "https://in.example.com/x/v1"),
    ],
)
def test_the_url_of_an_llm_inference_service(status, url):
    assert served_models.choose(WANTED, [llm_service(status=status)]).url.endswith(url)


@pytest.mark.parametrize(
    "predictor",
    [
        {"model": {"modelFormat": {"name": "huggingface"}}},
        {"model": {"modelFormat": {"name": "x"}, "runtime": "kserve-huggingfaceserver"}},
    ],
)
def test_the_server_for_hugging_face_models_has_another_path(predictor):
    assert served_models.choose(WANTED, [service(predictor=predictor)]).url == f"{INTERNAL}/openai/v1"


@pytest.mark.parametrize(
    ("predictor", "model"),
    [
        ({"model": {"args": ["--served-model-name=ibm/granite"]}}, "ibm/granite"),
        ({"model": {"args": ["--max-model-len", "8192", "--served-model-name", "granite"]}}, "granite"),
        ({"model": {"args": ["--served-model-name={{.Name}}"]}}, "granite-8b"),
        ({"model": {"args": ["--model_name=granite"]}}, "granite"),
        ({"containers": [{"command": ["sh", "-c", "vllm serve /mnt --served-model-name 'a b' --port 80"]}]}, "a b"),
    ],
)
def test_the_arguments_of_the_server_say_the_id(predictor, model):
    found = served_models.choose(WANTED, [service(predictor=predictor)])
    assert found.model == model


@pytest.mark.parametrize(
    ("obj", "state", "reason"),
    [
        (service(metadata={"annotations": {"serving.kserve.io/stop": "true"}}), SCALED, "stop is true"),
        (service(predictor={"minReplicas": 0}, status={"modelStatus": {"copies": {"totalCopies": 0}}}), SCALED, "no"),
        (service(predictor={"minReplicas": 0}, status={"modelStatus": {"copies": {"totalCopies": 1}}}), READY, ""),
        (service(predictor={"minReplicas": 0}, status={"conditions": []}), SCALED, "no replicas"),
        (service(metadata={"generation": 2}), "not ready", "generation 2"),
        (service(metadata={"deletionTimestamp": "2026-12-01T00:00:00Z"}), "not ready", "being deleted"),
        (service(status={"conditions": []}), "not ready", "does not say"),
        (
            service(
                status={
                    "conditions": [
                        {"type": "Ready", "status": "False", "reason": "PredictorNotReady", "message": "sum"},
                        {"type": "PredictorReady", "status": "False", "reason": "NoGPU", "message": "0 nodes of 3"},
                    ]
                }
            ),
            "not ready",
            "NoGPU: 0 nodes of 3",
        ),
        (
            service(status={"conditions": [], "modelStatus": {"lastFailureInfo": {"message": "out of memory"}}}),
            "not ready",
            "out of memory",
        ),
        (llm_service(spec={"replicas": 0}), SCALED, "no replicas"),
        (llm_service(spec={"replicas": 2}), READY, ""),
    ],
)
def test_a_model_is_taken_with_the_state_that_it_has(obj, state, reason):
    found = served_models.choose(WANTED, [obj])
    assert (found.problem, found.state) == ("", state)
    assert reason in found.reason
    assert found.url and found.model


@pytest.mark.parametrize(
    ("wanted", "objects", "problem"),
    [
        (WANTED, [], "neither an InferenceService nor an LLMInferenceService granite-8b in namespace private-ai"),
        (WANTED, [service("granite-7b")], "did you mean granite-7b?"),
        (WANTED, [{**service(), "metadata": {"name": "granite-8b", "namespace": "b"}}], "there is neither"),
        (WANTED, [service(), llm_service()], "2 models fit in namespace private-ai: InferenceService granite-8b, LLM"),
        ({"namespace": "private-ai", "labels": {"tier": "x"}}, [service()], "there are: granite-8b"),
        (
            {"namespace": "private-ai", "labels": {"tier": "x"}},
            [
                service("a", metadata={"labels": {"tier": "x"}}),
                service("b", metadata={"labels": {"tier": "x", "y": "z"}}),
            ],
            "InferenceService a, InferenceService b; give a name",
        ),
        (WANTED, [service(status={"address": None, "url": None})], "InferenceService granite-8b has no URL yet"),
    ],
)
def test_what_cannot_be_called_is_named(wanted, objects, problem):
    found = served_models.choose(wanted, objects)
    assert problem in found.problem
    assert found.url == ""


def test_a_model_is_found_by_labels():
    labelled = service("b", metadata={"labels": {"app": "granite", "tier": "gpu"}})
    wanted = {"namespace": "private-ai", "labels": {"tier": "gpu", "app": "granite"}}
    assert served_models.choose(wanted, [service("a"), labelled]).name == "b"
    assert served_models.key_of(wanted) == "private-ai/{app=granite,tier=gpu}"
    assert served_models.key_of(WANTED) == "private-ai/granite-8b"


class FakeCluster:
    """May list InferenceServices, and not the other kind."""

    def __init__(self, *objects: dict[str, Any]) -> None:
        self.objects = list(objects)

    def serves(self, *_kind: str) -> bool:
        return True

    def list(self, _version: str, kind: str, _namespace: str) -> list[dict[str, Any]]:
        if kind != "InferenceService":
            raise ApiError("GET", "https://api/x", 403, "forbidden")
        return self.objects


LABELLED = {"namespace": "private-ai", "labels": {"a": "b"}}


@pytest.mark.parametrize(
    ("wanted", "objects", "problem"),
    [
        (WANTED, [service()], ""),
        (WANTED, [], "cannot be looked for"),
        (WANTED, [service(status={"url": "", "address": {}})], "has no URL yet"),
        (LABELLED, [service(name, metadata={"labels": {"a": "b"}}) for name in "xy"], "2 models fit"),
    ],
)
def test_who_may_not_read_one_kind_is_told_so_only_where_the_other_has_no_such_model(wanted, objects, problem):
    (found,) = served_reading.read(FakeCluster(*objects), [wanted])  # type: ignore[arg-type]
    assert problem in found.problem if problem else not found.problem
