# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""InferenceServices without KServe's controller: the object by KServe's own definition, what the controller makes of it, and
the status that it writes.

Imitated, after KServe v0.20.0 in mode RawDeployment (now Standard): Deployment and headless Service ``<name>-predictor``, and
of the status ``address``, ``url``, conditions and ``modelStatus``. The model is served by `model_server`, whatever its
format says. Deviates: nothing is reconciled; runtimes, storage and scaling are not looked at.
"""

from __future__ import annotations

from typing import Any

from .kube import Kube

RESOURCE = "serving.kserve.io/v1beta1/inferenceservices"
IMAGE = "docker.io/vllm/vllm-openai:v0.11.0"
PORT = 8080


def inference_service(name: str, namespace: str, model: str) -> dict[str, Any]:
    """A model as people deploy it, served under the id ``model``."""
    predictor = {
        "model": {
            "modelFormat": {"name": "vLLM"},
            "args": [f"--served-model-name={model}"],
            "storageUri": "oci://registry.example.com/models/granite:8b",
        }
    }
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"predictor": predictor},
    }


def made_of(service: dict[str, Any]) -> list[dict[str, Any]]:
    """The Deployment and the Service of its predictor."""
    meta, (argument,) = service["metadata"], service["spec"]["predictor"]["model"]["args"]
    name, labels = f"{meta['name']}-predictor", {"app": f"isvc.{meta['name']}-predictor"}
    common = {"name": name, "namespace": meta["namespace"], "labels": labels}
    container = {
        "name": "kserve-container",
        "image": IMAGE,
        "args": ["--model=/mnt/models", argument, f"--port={PORT}"],
        "ports": [{"containerPort": PORT}],
        "readinessProbe": {"httpGet": {"path": "/v1/models", "port": PORT}, "periodSeconds": 2},
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": common,
            "spec": {"selector": {"matchLabels": labels}, "template": template},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": common,
            "spec": {"selector": labels, "clusterIP": "None", "ports": [{"name": "http", "port": PORT}]},
        },
    ]


def status(service: dict[str, Any], *, ready: bool = True) -> dict[str, Any]:
    """What the controller writes once the predictor is there, or when it is scaled to zero."""
    meta = service["metadata"]
    url = f"http://{meta['name']}-predictor.{meta['namespace']}.svc.cluster.local:{PORT}"
    word = "True" if ready else "False"
    names = ("IngressReady", "PredictorReady", "Ready")
    return {
        "observedGeneration": meta["generation"],
        "address": {"url": url},
        "url": f"http://{meta['name']}-predictor-{meta['namespace']}.example.com",
        "conditions": [{"type": name, "status": word, "lastTransitionTime": "2026-12-01T00:00:00Z"} for name in names],
        "components": {"predictor": {"url": url}},
        "modelStatus": {
            "transitionStatus": "UpToDate",
            "states": {"activeModelState": "Loaded", "targetModelState": "Loaded"},
            "copies": {"failedCopies": 0, "totalCopies": int(ready)},
        },
    }


async def serve(kube: Kube, name: str, namespace: str, model: str) -> None:
    """Have it, with what the controller would make of it."""
    service = await kube.apply(inference_service(name, namespace, model))
    for obj in made_of(service):
        await kube.apply(obj)
    await kube.patch(RESOURCE, name, {"status": status(service)}, namespace, subresource="status")
