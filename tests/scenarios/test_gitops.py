# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What render writes, kustomize builds and somebody else applies comes up, is proven, and stays theirs."""

from __future__ import annotations

import json
import subprocess

import pytest
from sandbox.toolchain import KUSTOMIZE, ensure
from scenarios.harness import OPENAI, Run, Sandbox

NAMESPACE = "gitops"
SECRET = "corp-openai"
LIST = [{**OPENAI, "api_key_env": None, "credentials_secret": {"name": SECRET}}]
#: As Argo CD applies.
AS_ARGO_CD = ("--server-side", "--force-conflicts", "--field-manager=argocd-controller")


class Repository:
    """A directory of rendered files, and who applies it: not we."""

    def __init__(self, sandbox: Sandbox, cluster: dict) -> None:
        self.sandbox, self.cluster = sandbox, cluster
        self.folder = sandbox.scratch / "gitops"

    def render(self, *options: str, **variables) -> Run:
        run = self.sandbox.play(
            "render",
            LIST,
            *options,
            kubeconfig="nobody",
            namespace=NAMESPACE,
            render_dir=str(self.folder),
            render_cluster=self.cluster,
            **variables,
        )
        assert run.code == 0, run.output
        return run

    def build(self) -> str:
        kustomize = ensure(KUSTOMIZE) / "bin" / "kustomize"
        return subprocess.run([kustomize, "build", self.folder], check=True, capture_output=True, text=True).stdout

    def sync(self) -> None:
        self.sandbox.kubectl("apply", *AS_ARGO_CD, "-f", "-", given=self.build())


def settings_of(sandbox: Sandbox) -> dict:
    """What rendering must be told of the cluster, as docs/gitops.md has it asked for."""
    command = [sandbox.ansible_playbook.with_name("ansible"), "localhost", "-m", "llamastack.maas.maas_info"]
    result = subprocess.run(command, env=sandbox.environment(), check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return json.loads(result.stdout.partition("=> ")[2])["settings"]


@pytest.fixture(scope="module")
def repository(shared_sandbox):
    """Rendered and applied, with a Secret that is somebody else's."""
    sandbox = shared_sandbox
    made = Repository(sandbox, settings_of(sandbox))
    assert made.cluster["generation"] == sandbox.state["generation"]
    made.render()
    made.sync()
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SECRET},
        "stringData": {"api_key": sandbox.keys["OPENAI_API_KEY"]},
    }
    sandbox.kubectl("create", "-n", NAMESPACE, "-f", "-", given=json.dumps(secret))
    sandbox.kubectl("wait", "-n", NAMESPACE, "llmisvc/openai", "--for=condition=Ready", "--timeout=120s")
    return made


def test_what_somebody_else_applied_is_proven_and_agrees_with_the_list(repository):
    validated = repository.sandbox.play("validate", LIST, namespace=NAMESPACE)
    assert validated.code == 0, validated.output
    status = repository.sandbox.play("status", LIST, namespace=NAMESPACE)
    assert (status.code, status.recap("changed")) == (0, 0), status.output
    assert "openai ready 1/1 0 - agree" in status.text, status.output


def test_what_controllers_and_webhooks_filled_in_is_no_difference(repository):
    """As Argo CD compares where it is told to by ServerSideDiff: kubectl fails, and shows it, where there is any."""
    repository.sandbox.kubectl("diff", *AS_ARGO_CD, "-f", "-", given=repository.build())


@pytest.mark.once
def test_deploy_and_remove_leave_it_to_whoever_applies_it(repository):
    before = repository.sandbox.versions()
    run = repository.sandbox.play("deploy", LIST, namespace=NAMESPACE)
    assert run.code != 0
    assert (
        f"LLMInferenceService {NAMESPACE}/openai is applied by argocd-controller, not by this collection" in run.text
    ), run.output
    assert "Nothing was written" in run.text
    run = repository.sandbox.play("remove", LIST, namespace=NAMESPACE)
    assert (run.code, run.recap("changed")) == (0, 0), run.output
    assert "is applied by argocd-controller, not by this collection: take it out there" in run.text, run.output
    assert repository.sandbox.versions() == before


@pytest.mark.once
def test_a_new_revision_of_the_secret_rolls_the_pods(repository):
    run = repository.render("--diff", render_revisions={SECRET: "second"})
    assert run.recap("changed") == 1 and "+ value: second" in run.text, run.output
    repository.sync()
    container = "{.spec.template.spec.containers[?(@.name=='main')].env[?(@.name=='LLAMASTACK_MAAS_CREDENTIALS_REVISION')].value}"
    repository.sandbox.kubectl(
        "wait", "-n", NAMESPACE, "deployment/openai-kserve", f"--for=jsonpath={container}=second", "--timeout=60s"
    )
