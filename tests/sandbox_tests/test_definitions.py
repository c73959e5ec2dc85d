# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sandbox can be made of: releases of KServe, and definitions from a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sandbox import kserve
from sandbox.definitions import CONFIGS, GATEWAY_API, SERVICES, Plan, plan, unfit
from sandbox.maas.crds import crds

RELEASES = {"a": "kserve-0.16", "b1": "kserve-0.17", "b2": "kserve"}


@pytest.mark.parametrize("generation", list(RELEASES))
def test_the_newest_release_serves_every_generation(generation):
    found = plan(generation, {})
    assert (found.kserve.name, found.kserve.component.name, found.kserve.runs) == ("v0.20.0", "kserve", True)


@pytest.mark.parametrize(("generation", "component"), list(RELEASES.items()))
def test_without_a_controller_the_definitions_are_those_of_the_platform(generation, component):
    found = plan(generation, {"SANDBOX_KSERVE": "none"})
    assert (found.kserve.component.name, found.kserve.runs) == (component, False)


def test_a_release_that_does_not_fit_is_refused_with_the_reason():
    assert plan("b1", {"SANDBOX_KSERVE": "v0.17.0"}).kserve.component.name == "kserve-0.17"
    for generation in ("a", "b2"):
        with pytest.raises(SystemExit, match=f"whose MaaS is generation b1, not {generation}"):
            plan(generation, {"SANDBOX_KSERVE": "v0.17.0"})
    with pytest.raises(SystemExit, match="SANDBOX_KSERVE=v0.16.0 is none of"):
        plan("a", {"SANDBOX_KSERVE": "v0.16.0"})


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="which is no folder"):
        plan("b2", {"SANDBOX_CRD_DIR": f"{tmp_path}:{tmp_path / 'none'}"})


def services(*versions: str, fields: tuple[str, ...] = ("tracing",)) -> dict:
    """A definition of LLMInferenceService that serves these versions."""
    spec = {"properties": dict.fromkeys(fields, {})}
    schema = {"openAPIV3Schema": {"properties": {"spec": spec}}}
    served = [{"name": name, "served": True, "schema": schema} for name in versions]
    return {"metadata": {"name": SERVICES}, "spec": {"versions": served}}


def complete(generation: str, *versions: str, **more: tuple[str, ...]) -> list[dict]:
    named = [{"metadata": {"name": name}, "spec": {}} for name in (*GATEWAY_API, CONFIGS)]
    return [*named, *crds(generation), services(*(versions or ("v1alpha1", "v1alpha2")), **more)]


@pytest.mark.parametrize("generation", list(RELEASES))
def test_a_complete_set_is_fit(generation):
    assert unfit(complete(generation), generation, kserve.release("v0.20.0", generation)) == []


@pytest.mark.parametrize(
    ("generation", "asked", "definitions", "reason"),
    [
        ("a", "v0.20.0", complete("a", "v1alpha1"), f"{SERVICES} does not serve v1alpha2"),
        ("b1", "none", complete("b1", "v1alpha1"), f"{SERVICES} does not serve v1alpha2"),
        ("b1", "v0.20.0", complete("b1", fields=()), "SANDBOX_KSERVE=v0.17.0 may fit"),
        ("b1", "v0.17.0", complete("b2"), "maastenantconfigs.maas.opendatahub.io belongs to a later generation"),
        ("a", "v0.20.0", complete("b1"), "maasmodelrefs.maas.opendatahub.io belongs to a later generation"),
        ("b2", "v0.20.0", complete("b1"), "maastenantconfigs.maas.opendatahub.io is missing"),
        ("a", "v0.20.0", complete("a")[1:], "gatewayclasses.gateway.networking.k8s.io is missing"),
        ("a", "v0.20.0", [*complete("a"), services("v1alpha2")], f"{SERVICES} is there more than once"),
    ],
)
def test_a_set_that_cannot_work_is_told_why(generation, asked, definitions, reason):
    problems = unfit(definitions, generation, kserve.release(asked, generation))
    assert [each for each in problems if reason in each], problems


@pytest.mark.parametrize(
    ("generation", "asked", "definitions"),
    [("a", "none", complete("a", "v1alpha1", fields=())), ("b1", "v0.17.0", complete("b1", fields=()))],
)
def test_what_the_older_platforms_serve_is_fit(generation, asked, definitions):
    assert unfit(definitions, generation, kserve.release(asked, generation)) == []


def test_definitions_of_folders_replace_all_others(tmp_path):
    for number, each in enumerate([*complete("b2"), {"kind": "Kustomization", "metadata": {"name": "x"}}]):
        (tmp_path / f"{number}.yaml").write_text(json.dumps({"kind": "CustomResourceDefinition", **each}))
    found = plan("b2", {"SANDBOX_CRD_DIR": str(tmp_path)}).definitions(Path("/nowhere"))
    assert {each["metadata"]["name"] for each in found} == {each["metadata"]["name"] for each in complete("b2")}
    with pytest.raises(SystemExit, match="cannot work:\nmaastenantconfigs"):
        plan("b1", {"SANDBOX_CRD_DIR": str(tmp_path)}).definitions(Path("/nowhere"))


def test_kserve_converts_its_own_kinds_when_it_runs(tmp_path):
    (tmp_path / "ca.pem").write_text("x")
    state = {"ca": str(tmp_path / "ca.pem"), "ports": {"kserve_webhook": 1}}
    there = complete("a")
    converted = Plan("a", kserve.release("v0.20.0", "a")).registered(there, state)
    with_webhook = {each["metadata"]["name"] for each in converted if "conversion" in each["spec"]}
    assert with_webhook == {SERVICES, CONFIGS}
    assert Plan("a", kserve.release("none", "a")).registered(there, state) == there


def test_release_0_17_is_shown_the_kind_that_it_would_miss():
    assert [each["spec"]["names"]["kind"] for each in kserve.stand_ins(kserve.release("v0.17.0", "b1"))] == [
        "LeaderWorkerSet"
    ]
    assert kserve.stand_ins(kserve.release("v0.20.0", "b1")) == []
