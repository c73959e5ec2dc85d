# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import time

URL = "https://maas.example.com/models/granite"


def made(kubectl, namespace, **labels):
    """A model that is scaled to 0."""
    service = {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "LLMInferenceService",
        "metadata": {"name": "granite", "namespace": namespace, "labels": labels},
        "spec": {"model": {"uri": "hf://ibm/granite", "name": "ibm/granite"}, "replicas": 0, "router": {"route": {}}},
    }
    kubectl("create", "-f", "-", stdin=service)


def routed(kubectl, namespace):
    """Its URL, as a gateway gives it."""
    status = json.dumps({"status": {"url": URL}})
    what = ("llminferenceservice", "granite", "-n", namespace)
    # The controller's first look at it would write over the URL.
    kubectl("wait", *what, "--for=jsonpath={.status.observedGeneration}=1", "--timeout=60s")
    kubectl("patch", *what, "--subresource=status", "--type=merge", "-p", status)


def test_a_model_is_found_by_its_name_and_by_labels(run, kubectl, namespace):
    made(kubectl, namespace, tier="gpu")
    wanted = [{"namespace": namespace, "name": "granite"}, {"namespace": namespace, "labels": {"tier": "gpu"}}]
    deadline = time.monotonic() + 60
    while True:
        # KServe's controller writes the status, too, for as long as it has not come to an end with a new object.
        routed(kubectl, namespace)
        found = run("kserve_model_info", models=wanted)["models"]
        model = found[f"{namespace}/granite"]
        if not model["problem"] or time.monotonic() > deadline:
            break
    assert model == found[f"{namespace}/{{tier=gpu}}"]
    assert (model["problem"], model["kind"], model["name"]) == ("", "LLMInferenceService", "granite")
    assert (model["model"], model["state"], model["reason"]) == ("ibm/granite", "scaled to 0", "it has no replicas")
    assert model["url"].endswith("/v1")


def test_what_is_not_there_and_what_may_not_be_read_is_said(run, kubectl, namespace):
    made(kubectl, namespace)
    wanted = [{"namespace": namespace, "name": "granit"}]
    found = run("kserve_model_info", models=wanted)["models"][f"{namespace}/granit"]
    assert "did you mean granite?" in found["problem"]
    found = run("kserve_model_info", models=wanted, impersonate_user="nobody")["models"][f"{namespace}/granit"]
    assert "cannot be looked for" in found["problem"]
