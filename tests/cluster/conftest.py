# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules against a running sandbox, whose environment file has been read.

The modules run in this process, so that a test can see their requests; only what an action plugin adds runs a playbook.
Tests that import what runs on the controller, such as filters, belong to the scenarios: in a process that has loaded
Ansible's controller, modules hand their warnings to it instead of returning them.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import io
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import kubernetes
import pytest
from ansible.module_utils.common import warnings
from ansible.module_utils.testing import patch_module_args
from ansible_collections.kubernetes.core.plugins.module_utils.k8s import client as kubernetes_core_client
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels

IMAGE = "docker.io/ogxai/distribution-starter:1.3.0"
_numbers = itertools.count(int(time.time()) % 100_000)


class ModuleFailed(Exception):
    """``result`` is what the module returned."""

    def __init__(self, result):
        super().__init__(result["msg"])
        self.result = result


def run_module(name, *, check=False, diff=False, **args):
    """Run a module and return its result. Raises ModuleFailed."""
    module = importlib.import_module(f"ansible_collections.llamastack.maas.plugins.modules.{name}")
    # What a process of its own would not remember.
    kubernetes_core_client._pool.clear()
    kubernetes.client.Configuration.set_default(None)
    warnings._global_warnings.clear()
    # A module owns its arguments, and changes some.
    args = {**copy.deepcopy(args), "_ansible_check_mode": check, "_ansible_diff": diff}
    out = io.StringIO()
    with patch_module_args(args), contextlib.redirect_stdout(out), pytest.raises(SystemExit):
        module.main()
    result = json.loads(out.getvalue().splitlines()[-1])
    if result.get("failed"):
        raise ModuleFailed(result)
    return result


@pytest.fixture(autouse=True, scope="session")
def _sandbox(tmp_path_factory):
    if not os.environ.get("KUBECONFIG") or not os.environ.get("SANDBOX_DIR"):
        pytest.exit("These tests need a running sandbox: make sandbox, then . .sandbox/env", returncode=2)
    # The client of kubernetes.core caches API discovery by host and port, which an earlier sandbox may have had too.
    os.environ["TMPDIR"] = str(tmp_path_factory.mktemp("discovery"))


@pytest.fixture
def run():
    """``run(module, check=False, diff=False, **options) -> result``"""
    return run_module


@pytest.fixture
def failure():
    """``failure(module, **options) -> result`` of a module that must fail."""

    def fails(name, **options):
        with pytest.raises(ModuleFailed) as caught:
            run_module(name, **options)
        return caught.value.result

    return fails


@pytest.fixture
def kubectl():
    """``kubectl(*args, stdin=None) -> parsed JSON, or text``, as the administrator."""

    def call(*args, stdin=None, output="json"):
        command = [os.environ["SANDBOX_KUBECTL"], *args, *(["-o", output] if output else [])]
        text = json.dumps(stdin) if stdin is not None else None
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if output == "json" and done.stdout.strip() else done.stdout

    return call


@pytest.fixture
def namespace(kubectl):
    """A namespace of its own that the gateway admits; gone after the test."""
    name = f"t-{next(_numbers)}"
    kubectl("create", "-f", "-", stdin=_namespace(name))
    yield name
    kubectl("delete", "namespace", name, "--wait=false", output=None)


def _namespace(name):
    metadata = {"name": name, "labels": {"maas.opendatahub.io/gateway-access": "true"}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


@pytest.fixture
def requests_made(monkeypatch):
    """The requests of the modules as (method, path, query), in no certain order."""
    made = []
    send = cluster.Cluster._send

    def recording(self, method, path, *, query=(), **kwargs):
        made.append((method, path, dict(query)))
        return send(self, method, path, query=query, **kwargs)

    monkeypatch.setattr(cluster.Cluster, "_send", recording)
    return made


@pytest.fixture
def ours(namespace):
    """``ours(kind, name, **fields)``: an object of instance ``gem`` in the test's namespace, with our labels."""

    def make(kind, name, api_version="v1", set_name="default", instance="gem", **fields):
        metadata = {"name": name, "namespace": namespace, "labels": labels(instance, namespace, set_name)}
        return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}

    return make


@pytest.fixture
def service(ours):
    """``service(name="gem", replicas=0, gateway=…, **container)``: one that runs nothing unless told to."""

    def make(name="gem", replicas=0, gateway="maas-default-gateway", pod=None, **container):
        probe = {"httpGet": {"path": "/v1/health", "port": 8000, "scheme": "HTTPS"}, "periodSeconds": 1}
        main = {
            "name": "main",
            "image": IMAGE,
            "command": ["/bin/sh", "-c"],
            "args": ["sleep 600"],
            "livenessProbe": probe,
            "readinessProbe": probe,
            "startupProbe": {**probe, "failureThreshold": 600},
            **container,
        }
        spec = {
            "model": {"uri": "hf://placeholder/no-model", "name": name},
            "replicas": replicas,
            "storageInitializer": {"enabled": False},
            "router": {"route": {}, "gateway": {"refs": [{"name": gateway, "namespace": "openshift-ingress"}]}},
            "template": {"containers": [main], **(pod or {})},
        }
        return ours("LLMInferenceService", name, "serving.kserve.io/v1alpha1", instance=name, spec=spec)

    return make


@pytest.fixture
def registration(namespace):
    """``registration(name="gem") -> [MaaSModelRef, MaaSAuthPolicy, MaaSSubscription]``"""

    def make(name="gem"):
        ref = {"name": name, "namespace": namespace}
        group = [{"name": "data-science"}]
        limits = [{"limit": 1000, "window": "1m"}]

        def registered(kind, where, called, spec):
            metadata = {"name": called, "namespace": where, "labels": labels(name, namespace, "default")}
            return {"apiVersion": "maas.opendatahub.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}

        platform = ("models-as-a-service", f"{namespace}-{name}")
        return [
            registered("MaaSModelRef", namespace, name, {"modelRef": {"kind": "LLMInferenceService", "name": name}}),
            registered("MaaSAuthPolicy", *platform, {"modelRefs": [ref], "subjects": {"groups": group}}),
            registered(
                "MaaSSubscription",
                *platform,
                {"modelRefs": [{**ref, "tokenRateLimits": limits}], "owner": {"groups": group}},
            ),
        ]

    return make


@pytest.fixture
def playbook(tmp_path):
    """``playbook(module, *arguments, **options) -> CompletedProcess`` of a play with that one task."""

    def call(module, *arguments, **options):
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [{f"llamastack.maas.{module}": options}]}
        (tmp_path / "play.json").write_text(json.dumps([play]))
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-c", "local"]
        command += ["-e", f"ansible_python_interpreter={sys.executable}", str(tmp_path / "play.json"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return call
