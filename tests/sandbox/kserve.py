# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real LLMInferenceService controller of KServe, with its own CRDs, webhook registrations and presets.

The controller runs outside the cluster: its webhooks are registered by URL instead of by Service.

v0.20.0 serves every generation of MaaS. It is what OpenShift AI 3.5 has (B2); 3.4 (B1) has v0.17.0, which can be asked
for; 3.3 (A) has v0.16.0, of which there are only the definitions here. ``none`` runs no controller. A cluster without MaaS has
no KServe unless it is asked for its definitions.
"""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import yaml

from . import pki, toolchain
from .controlplane import Kubectl
from .processes import Processes, patiently

NAMESPACE = "kserve"
DEFAULT = "v0.20.0"
NONE = "none"
ABSENT = "absent"


@dataclass(frozen=True)
class Release:
    """A release of KServe: ``name`` as users ask for it, and where its files come from."""

    name: str
    component: toolchain.Component | None

    @property
    def runs(self) -> bool:
        """Whether its controller runs."""
        return self.name not in (NONE, ABSENT)


#: What the platform of each generation of MaaS has.
_COMPONENTS = {
    "a": toolchain.KSERVE_0_16,
    "b1": toolchain.KSERVE_0_17,
    "b2": toolchain.KSERVE,
    "none": toolchain.KSERVE_KINDS,
}


def release(asked: str, generation: str) -> Release:
    """The release that a sandbox is asked for with; SystemExit with the reason where that cannot work."""
    if asked == NONE:
        return Release(NONE, _COMPONENTS[generation])
    if generation == "none":
        if asked:
            raise SystemExit(f"sandbox: without MaaS, SANDBOX_KSERVE can be {NONE} only, not {asked}")
        return Release(ABSENT, None)
    asked = asked or DEFAULT
    if asked == DEFAULT:
        return Release(DEFAULT, toolchain.KSERVE)
    if asked != "v0.17.0":
        raise SystemExit(f"sandbox: SANDBOX_KSERVE={asked} is none of {DEFAULT}, v0.17.0, {NONE}")
    if generation != "b1":
        raise SystemExit(
            "sandbox: SANDBOX_KSERVE=v0.17.0 is the release of OpenShift AI 3.4, "
            f"whose MaaS is generation b1, not {generation}"
        )
    return Release(asked, toolchain.KSERVE_0_17)


def documents(folder: Path) -> list[dict]:
    """All objects of a folder of YAML files."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [each for file in sorted(folder.glob("*.yaml")) for each in yaml.load_all(file.read_text(), loader) if each]


def definitions(files: Path) -> list[dict]:
    """KServe's and the Gateway API's definitions, as their modules have them."""
    return [each for folder in sorted((files / "crds").iterdir()) for each in documents(folder)]


def convertible(definition: dict, state: dict) -> dict:
    """A definition of KServe with its conversion webhook, without which managedFields are lost."""
    webhook = {"clientConfig": _client_config(state, "/convert"), "conversionReviewVersions": ["v1"]}
    return {**definition, "spec": {**definition["spec"], "conversion": {"strategy": "Webhook", "webhook": webhook}}}


def stand_ins(wanted: Release) -> list[dict]:
    """Definitions that a controller wants to see though nobody here uses them."""
    if wanted.name != "v0.17.0":
        return []
    kind, plural = "LeaderWorkerSet", "leaderworkersets"
    names = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()}
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return [
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {
                "name": f"{plural}.leaderworkerset.x-k8s.io",
                "annotations": {"api-approved.kubernetes.io": "unapproved, a stand-in"},
            },
            "spec": {"group": "leaderworkerset.x-k8s.io", "scope": "Namespaced", "names": names, "versions": [version]},
        }
    ]


def configuration() -> list[dict]:
    """The namespace and ConfigMap that the controller reads, as OpenShift AI sets them: TLS to the pods."""
    gateway = "openshift-ingress/openshift-ai-inference"
    ingress = {"ingressGateway": gateway, "kserveIngressGateway": gateway, "enableLLMInferenceServiceTLS": True}
    initializer = {
        "image": "kserve/storage-initializer:latest",
        "memoryRequest": "100Mi",
        "memoryLimit": "1Gi",
        "cpuRequest": "100m",
        "cpuLimit": "1",
    }
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "inferenceservice-config", "namespace": NAMESPACE},
            "data": {"ingress": json.dumps(ingress), "storageInitializer": json.dumps(initializer)},
        },
    ]


def start(folder: Path, state: dict, files: Path, processes: Processes, kubectl: Kubectl) -> None:
    """Start the controller, register its webhooks and apply its presets; its CRDs and configuration must be there."""
    port = state["ports"]["kserve_probe"]
    serving = folder / "kserve" / "k8s-webhook-server" / "serving-certs"
    serving.mkdir(parents=True, exist_ok=True)
    pki.issue(pki.load(state["ca"], state["ca_key"]), serving / "tls.crt", serving / "tls.key", "127.0.0.1")
    processes.start(
        "kserve",
        [
            files / "bin" / "llmisvc",
            "--metrics-addr=0",
            f"--health-probe-addr=127.0.0.1:{port}",
            f"--webhook-port={state['ports']['kserve_webhook']}",
            "--leader-elect=false",
        ],
        environment={
            "TMPDIR": str(folder / "kserve"),
            "HOME": str(folder / "kserve"),
            "KUBECONFIG": str(folder / "admin.kubeconfig"),
            "POD_NAMESPACE": NAMESPACE,
        },
    )
    processes.wait_until("kserve", lambda: _answers(f"http://127.0.0.1:{port}/readyz"), seconds=60)
    webhooks = documents(files / "webhooks")
    for registration in webhooks:
        for webhook in registration["webhooks"]:
            webhook["clientConfig"] = _client_config(state, webhook["clientConfig"]["service"]["path"])
    kubectl.apply(webhooks)
    presets = documents(files / "presets")
    for preset in presets:
        preset["metadata"]["namespace"] = NAMESPACE
    # The webhook server listens a moment after the controller says that it is ready.
    patiently(lambda: kubectl.apply(presets), seconds=30)


def _client_config(state: dict, path: str) -> dict:
    authority = base64.b64encode(Path(state["ca"]).read_bytes()).decode()
    return {"url": f"https://127.0.0.1:{state['ports']['kserve_webhook']}{path}", "caBundle": authority}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError, ssl.SSLError):
        return False
