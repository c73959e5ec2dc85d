# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is rendered for Argo CD, against Argo CD's own definitions in the API server; nothing here acts on it."""

from __future__ import annotations

import time

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.filter.instances import check
from ansible_collections.llamastack.maas.plugins.filter.kustomization import kustomization
from sandbox.toolchain import ARGO_CD, ensure

CLUSTER = {
    "generation": "b2",
    "service_version": "serving.kserve.io/v1alpha2",
    "storage_initializer": True,
    "namespace_labels": {},
}
INSTANCE = {"name": "gem", "provider": "openai", "credentials_secret": {"name": "corp"}, "models": ["m"]}


@pytest.fixture(scope="module")
def definitions():
    return str(ensure(ARGO_CD) / "crds")


@pytest.fixture
def argo_cd(kubectl, definitions):
    """The API server serves Argo CD's kinds."""
    kubectl("apply", "--server-side", "-f", definitions, output=None)
    deadline = time.monotonic() + 60
    while True:
        try:
            # It fails where there are no conditions yet.
            kubectl("wait", "--for=condition=Established", "-f", definitions, output=None)
            break
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    yield
    kubectl("delete", "-f", definitions, "--wait=false", output=None)


@pytest.fixture
def rendered(namespace):
    """``rendered(kind) -> objects`` as they are to be applied for Argo CD, once."""

    def render(kind):
        argocd = {"kind": kind, "repo_url": "https://git.example.com/llm.git", "path": "gitops", "namespace": namespace}
        checked = check([INSTANCE], settings={"render_cluster": CLUSTER, "render_argocd": argocd})
        return list(yaml.safe_load_all(kustomization(checked)["files"]["argocd.yaml"]))

    return render


@pytest.fixture
def accept(kubectl):
    """The API server takes the object, and knows each of its fields."""

    def call(obj):
        kubectl("create", "--dry-run=server", "--validate=strict", "-f", "-", stdin=obj)

    return call


def test_argo_cd_knows_every_field(argo_cd, rendered, accept):
    for kind, kinds in (("Application", ["Application"]), ("ApplicationSet", ["Application", "ApplicationSet"])):
        objects = rendered(kind)
        assert [obj["kind"] for obj in objects] == kinds
        for obj in objects:
            accept(obj)
            wrong = {**obj, "spec": {**obj["spec"], "syncPolicies": {}}}
            with pytest.raises(AssertionError, match='unknown field "spec.syncPolicies"'):
                accept(wrong)
