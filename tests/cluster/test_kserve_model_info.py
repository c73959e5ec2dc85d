# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

URL = "https://maas.example.com/models/granite"


def made(kubectl, namespace, **labels):
    """A model that is scaled to 0, with a URL as the gateway gives it."""
    service = {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "LLMInferenceService",
        "metadata": {"name": "granite", "namespace": namespace, "labels": labels},
        "spec": {"model": {"uri": "hf://ibm/granite", "name": "ibm/granite"}, "replicas": 0, "router": {"route": {}}},
    }
    kubectl("create", "-f", "-", stdin=service)
    status = json.dumps({"status": {"url": URL}})
    what = ("llminferenceservice", "granite", "-n", namespace)
    # The controller's first look at it would write over the URL.
    kubectl("wait", *what, "--for=jsonpath={.status.observedGeneration}=1", "--timeout=60s")
    kubectl("patch", *what, "--subresource=status", "--type=merge", "-p", status)


def test_a_model_is_found_by_its_name_and_by_labels(run, kubectl, namespace):
    made(kubectl, namespace, tier="gpu")
    by_name, by_labels = {"namespace": namespace, "name": "granite"}, {
        "namespace": namespace,
        "labels": {"tier": "gpu"},
    }
    found = run("kserve_model_info", models=[by_name, by_labels])["models"]
    assert found[f"{namespace}/granite"] == found[f"{namespace}/{{tier=gpu}}"]
    model = found[f"{namespace}/granite"]
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
