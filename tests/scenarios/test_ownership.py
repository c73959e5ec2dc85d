# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not ours is never touched, and what is ours goes as a whole."""

from __future__ import annotations

import json

import pytest
from scenarios.harness import GEMINI, OPENAI


def theirs(api_version: str, kind: str, name: str, namespace: str = "llm", **content) -> dict:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **content}


MAAS = "maas.opendatahub.io/v1alpha1"
MODEL = {"name": "theirs", "namespace": "llm"}
LIMITED = {**MODEL, "tokenRateLimits": [{"limit": 1, "window": "1m"}]}
TENANT = "models-as-a-service"
GROUPS = {"groups": [{"name": "theirs"}]}
#: Of all kinds that an instance consists of, one of the name that it would have.
OF_THE_PROJECT = [
    theirs("v1", "Secret", "openai-credentials", stringData={"key": "theirs"}),
    theirs("v1", "ConfigMap", "openai-config", data={"key": "theirs"}),
    theirs(
        "serving.kserve.io/v1alpha1",
        "LLMInferenceService",
        "openai",
        spec={"model": {"uri": "hf://sshleifer/tiny-gpt2", "name": "theirs"}, "replicas": 0},
    ),
    theirs(MAAS, "MaaSModelRef", "openai", spec={"modelRef": {"kind": "LLMInferenceService", "name": "theirs"}}),
]
OF_THE_PLATFORM = [
    theirs(MAAS, "MaaSAuthPolicy", "llm-openai", TENANT, spec={"modelRefs": [MODEL], "subjects": GROUPS}),
    theirs(MAAS, "MaaSSubscription", "llm-openai", TENANT, spec={"modelRefs": [LIMITED], "owner": GROUPS}),
]
FOREIGN = OF_THE_PROJECT + OF_THE_PLATFORM


@pytest.fixture
def foreign(sandbox):
    """Objects that the collection did not make, as they are."""
    manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": FOREIGN})

    def now() -> list[dict]:
        """What of them is nobody's but their owner's: a controller may write their status."""
        kept = ("uid", "labels", "annotations", "deletionTimestamp")
        return [
            {**obj, "metadata": {key: obj["metadata"].get(key) for key in kept}, "status": None}
            for obj in json.loads(sandbox.kubectl("get", "-o", "json", "-f", "-", given=manifest))["items"]
        ]

    sandbox.kubectl("create", "-f", "-", given=manifest)
    return now


def named(run) -> list[dict]:
    """Which of the foreign objects a run has named as such."""
    return [
        obj
        for obj in FOREIGN
        if f"{obj['kind']} {obj['metadata']['namespace']}/{obj['metadata']['name']} is not managed by" in run.text
    ]


def test_all_foreign_objects_are_named_at_once_before_anything_is_written(sandbox, foreign):
    ours, before = sandbox.versions(), foreign()
    for option in ((), ("--check",)):
        run = sandbox.play("deploy", [OPENAI], *option)
        assert (run.code != 0, named(run)) == (True, FOREIGN), run.output
        assert "Nothing was written" in run.text
        assert (sandbox.versions(), foreign()) == (ours, before)


def test_who_may_see_one_half_only_is_told_about_that_half(sandbox, foreign):
    ours = sandbox.versions()
    for half, expected in (("project", OF_THE_PROJECT), ("platform", OF_THE_PLATFORM)):
        run = sandbox.play("deploy", [OPENAI], kubeconfig=half, scope=half)
        assert (run.code != 0, named(run)) == (True, expected), run.output
    assert sandbox.versions() == ours


def test_a_phase_is_not_stopped_by_what_it_does_not_write(sandbox, foreign):
    assert sandbox.play("deploy", [OPENAI], "--tags", "namespace").code == 0
    run = sandbox.play("deploy", [OPENAI], "--skip-tags", "secrets,registration")
    assert (run.code != 0, named(run)) == (True, OF_THE_PROJECT[1:3]), run.output


def test_remove_leaves_foreign_objects_alone(sandbox, foreign):
    before = foreign()
    run = sandbox.play("remove", [OPENAI])
    assert (run.code, run.recap("changed")) == (0, 0), run.output
    assert foreign() == before


@pytest.fixture(scope="module")
def two_sets(shared_sandbox):
    """A sandbox with an instance of set a and one of set b in the same namespace."""
    for name, entry in (("a", OPENAI), ("b", GEMINI)):
        run = shared_sandbox.play("deploy", [entry], set=name)
        assert run.code == 0, run.output
    return shared_sandbox


def test_an_instance_of_another_set_is_refused(two_sets):
    before = two_sets.versions()
    run = two_sets.play("deploy", [OPENAI], set="b")
    assert run.code != 0
    assert "belongs to instance openai of instance set a of namespace llm" in run.text, run.output
    assert two_sets.versions() == before


def test_a_field_of_another_manager_is_shown_and_taken_only_on_demand(two_sets):
    changed = json.dumps(theirs("v1", "ConfigMap", "openai-config", data={"config.yaml": "theirs"}))
    as_gitops = ("--server-side", "--force-conflicts", "--field-manager=gitops")
    two_sets.kubectl("apply", *as_gitops, "-f", "-", given=changed)
    run = two_sets.play("deploy", [OPENAI], set="a")
    assert run.code != 0
    assert "The fields are managed by gitops" in run.text and ".data.config.yaml" in run.text, run.output
    assert two_sets.get("configmap", "openai-config", "-n", "llm")["data"]["config.yaml"] == "theirs"
    run = two_sets.play("deploy", [OPENAI], set="a", force_conflicts=True)
    assert run.code == 0, run.output
    assert two_sets.get("configmap", "openai-config", "-n", "llm")["data"]["config.yaml"] != "theirs"


def test_remove_all_takes_exactly_its_set(two_sets):
    # Someone else's, with half of our labels.
    two_sets.kubectl("create", "configmap", "somebody", "-n", "llm")
    half = ("llamastack.maas/set=a", "llamastack.maas/namespace=llm")
    two_sets.kubectl("label", "configmap", "somebody", "-n", "llm", *half)
    other = two_sets.contents("b")
    assert len(other) == 6, other
    run = two_sets.play("remove", remove_all=True, set="a")
    assert run.code == 0, run.output
    assert "somebody" in two_sets.names("configmaps")
    two_sets.kubectl("delete", "configmap", "somebody", "-n", "llm")
    assert two_sets.contents() == other


def test_a_finalizer_that_nobody_answers_is_named_and_left(two_sets):
    two_sets.maas("PATCH", "/faults", {"controllers_paused": True})
    run = two_sets.play("remove", [GEMINI], set="b", wait_timeout=5)
    assert run.code != 0
    waiting = "MaaSAuthPolicy models-as-a-service/llm-gemini waits for finalizer maas.opendatahub.io/"
    assert waiting in run.text, run.output
    assert "which the MaaS controller has to answer" in run.text
    assert "gemini not removed deleted MaaSSubscription, MaaSAuthPolicy, MaaSModelRef," in run.text, run.output
    # What is held up keeps nothing else from going, the key least of all.
    kinds = {name.partition(" ")[0] for name in two_sets.contents("b")}
    assert {"MaaSSubscription", "MaaSAuthPolicy", "MaaSModelRef"} <= kinds, run.output
    assert not {"Secret", "ConfigMap"} & kinds, run.output
    held = two_sets.get("maasauthpolicies", "llm-gemini", "-n", "models-as-a-service")["metadata"]
    assert held["deletionTimestamp"] and held["finalizers"]
    two_sets.maas("PATCH", "/faults", {"controllers_paused": False})
    run = two_sets.play("remove", [GEMINI], set="b")
    assert run.code == 0, run.output
    assert two_sets.contents() == {}


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
    assert "is not managed by this collection" in theirs.text, theirs.output
    namespaces = [each["metadata"]["name"] for each in sandbox.get("namespaces")["items"]]
    assert "fresh" not in namespaces and "llm" in namespaces
