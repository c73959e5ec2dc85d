# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not ours is never touched."""

from __future__ import annotations

import json

import pytest
from sandbox import reset
from scenarios.harness import GEMINI, OPENAI, Sandbox

FOREIGN = {
    "Secret": {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "openai-credentials"}, "stringData": {"key": "theirs"}},
    "ConfigMap": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "openai-config"}, "data": {"key": "theirs"}},
    "LLMInferenceService": {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "LLMInferenceService",
        "metadata": {"name": "openai"},
        "spec": {"model": {"uri": "hf://sshleifer/tiny-gpt2", "name": "theirs"}, "replicas": 0},
    },
}


@pytest.fixture
def foreign(sandbox):
    """Makes an object in namespace llm that the collection did not make, and takes it away in the end."""
    made = []

    def make(manifest: dict) -> tuple[str, str]:
        made.append(json.dumps(manifest))
        sandbox.kubectl("create", "-n", "llm", "-f", "-", given=made[-1])
        return manifest["kind"], manifest["metadata"]["name"]

    yield make
    for manifest in made:
        sandbox.kubectl("delete", "-n", "llm", "--ignore-not-found", "-f", "-", given=manifest)


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_object_of_the_same_name_is_refused_and_left_alone(sandbox, foreign, kind):
    ours = sandbox.versions()
    made = foreign(FOREIGN[kind])
    before = {key: value for key, value in sandbox.get(*made, "-n", "llm").items() if key != "status"}
    run = sandbox.play("deploy", [OPENAI])
    assert run.code != 0
    assert f"{kind} llm/{made[1]} was not made by this collection" in run.text, run.output
    # The phase before has written the Secret when the ConfigMap or the service is refused.
    written = set(sandbox.versions()) - set(ours)
    assert written <= ({"Secret llm/openai-credentials"} if kind != "Secret" else set())
    run = sandbox.play("remove", [OPENAI])
    assert run.code == 0, run.output
    assert sandbox.versions() == ours
    after = sandbox.get(*made, "-n", "llm")
    assert "deletionTimestamp" not in after["metadata"]
    for obj in (before, after):
        obj["metadata"] = {key: obj["metadata"].get(key) for key in ("uid", "labels", "annotations")}
        obj.pop("status", None)
    assert after == before


@pytest.fixture(scope="module")
def two_sets(running_sandbox, tmp_path_factory):
    """A sandbox with an instance of set a and one of set b in the same namespace."""
    folder, state = running_sandbox
    reset.run(folder)
    sandbox = Sandbox(folder, state, tmp_path_factory.mktemp("two_sets"))
    sandbox.before = sandbox.versions()
    for name, entry in (("a", OPENAI), ("b", GEMINI)):
        run = sandbox.play("deploy", [entry], set=name)
        assert run.code == 0, run.output
    return sandbox


def test_an_instance_of_another_set_is_refused(two_sets):
    before = two_sets.versions()
    run = two_sets.play("deploy", [OPENAI], set="b")
    assert run.code != 0
    assert "belongs to instance openai of set a of namespace llm" in run.text, run.output
    assert two_sets.versions() == before


def test_a_field_of_another_manager_is_shown_and_taken_only_on_demand(two_sets):
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "openai-config"}, "data": {"config.yaml": "theirs"}}
    two_sets.kubectl(
        "apply", "-n", "llm", "--server-side", "--force-conflicts", "--field-manager=gitops", "-f", "-", given=json.dumps(theirs)
    )
    run = two_sets.play("deploy", [OPENAI], set="a")
    assert run.code != 0
    assert "The fields are managed by gitops" in run.text and ".data.config.yaml" in run.text, run.output
    assert two_sets.get("configmap", "openai-config", "-n", "llm")["data"]["config.yaml"] == "theirs"
    run = two_sets.play("deploy", [OPENAI], set="a", force_conflicts=True)
    assert run.code == 0, run.output
    assert two_sets.get("configmap", "openai-config", "-n", "llm")["data"]["config.yaml"] != "theirs"


def test_the_namespace_goes_only_if_it_is_ours_and_empty(sandbox):
    assert sandbox.play("deploy", [OPENAI], "--tags", "namespace", namespace="fresh").code == 0
    sandbox.kubectl("create", "configmap", "somebody", "-n", "fresh")
    kept = sandbox.play("remove", remove_all=True, remove_namespace=True, namespace="fresh")
    assert (kept.code, kept.recap("changed")) == (0, 0), kept.output
    assert "still holds ConfigMap fresh/somebody" in kept.text, kept.output
    sandbox.kubectl("delete", "configmap", "somebody", "-n", "fresh")
    gone = sandbox.play("remove", remove_all=True, remove_namespace=True, namespace="fresh")
    assert (gone.code, gone.recap("changed")) == (0, 1), gone.output
    theirs = sandbox.play("remove", remove_all=True, remove_namespace=True)
    assert (theirs.code, theirs.recap("changed")) == (0, 0), theirs.output
    assert "was not made by this collection" in theirs.text, theirs.output
    namespaces = [each["metadata"]["name"] for each in sandbox.get("namespaces")["items"]]
    assert "fresh" not in namespaces and "llm" in namespaces
