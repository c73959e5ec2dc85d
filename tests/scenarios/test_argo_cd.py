# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is rendered for Argo CD, against Argo CD's own definitions in the API server; nothing here acts on it."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.check import check
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import render
from sandbox.toolchain import ARGO_CD, ensure

CLUSTER = {
    "generation": "b2",
    "service_version": "serving.kserve.io/v1alpha2",
    "storage_initializer": True,
    "namespace_labels": {},
}
INSTANCE = {"name": "gem", "provider": "openai", "credentials_secret": {"name": "corp"}, "models": ["m"]}


@pytest.fixture
def argo_cd(shared_sandbox):
    """A sandbox whose API server knows Argo CD's kinds."""
    definitions = str(ensure(ARGO_CD) / "crds")
    shared_sandbox.kubectl("apply", "--server-side", "-f", definitions)
    deadline = time.monotonic() + 60
    while True:
        try:
            # It fails where there are no conditions yet.
            shared_sandbox.kubectl("wait", "--for=condition=Established", "-f", definitions)
            break
        except SystemExit:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    yield shared_sandbox
    shared_sandbox.kubectl("delete", "-f", definitions, "--wait=false")


def rendered(kind: str) -> list[dict]:
    """The objects that are to be applied for Argo CD, once."""
    argocd = {"kind": kind, "repo_url": "https://git.example.com/llm.git", "path": "gitops", "namespace": "llm"}
    checked = check([INSTANCE], {"render_cluster": CLUSTER, "render_argocd": argocd}, {})
    return list(yaml.safe_load_all(render.rendered(checked)["files"]["argocd.yaml"]))


def accept(sandbox, obj: dict) -> None:
    """Have the API server take the object, or refuse it for a field that it does not know."""
    sandbox.kubectl("create", "--dry-run=server", "--validate=strict", "-f", "-", given=json.dumps(obj))


def test_argo_cd_knows_every_field(argo_cd):
    for kind, kinds in (("Application", ["Application"]), ("ApplicationSet", ["Application", "ApplicationSet"])):
        objects = rendered(kind)
        assert [obj["kind"] for obj in objects] == kinds
        for obj in objects:
            accept(argo_cd, obj)
            with pytest.raises(SystemExit, match='unknown field "spec.syncPolicies"'):
                accept(argo_cd, {**obj, "spec": {**obj["spec"], "syncPolicies": {}}})
