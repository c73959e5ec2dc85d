# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""remove: what goes by names, tags and scope, with nothing read but the variables that say so."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.inputs import Inputs
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Plan, PlanError, Readers
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.verbs import VERBS

MISSING = names.trusted("{{ nobody_defines_this }}")
ENTRY = {"name": "openai", "provider": "openai", "api_key": MISSING, "models": [MISSING]}
LISTED = {
    "MaaSSubscription": "models-as-a-service",
    "MaaSAuthPolicy": "models-as-a-service",
    "MaaSModelRef": "llm",
    "LLMInferenceService": "llm",
    "ConfigMap": "llm",
    "Secret": "llm",
    "ServiceAccount": "llm",
}
REMOVED = {"removed": [], "foreign": [], "left": [], "instances": {"openai": {"state": "removed"}}, "lines": ["gone"]}


def refuse(arguments: dict[str, Any]) -> dict[str, Any]:
    raise AssertionError("the cluster is not looked at")


def planned(*phases: str, tags: tuple[str, ...] = (), skipped: tuple[str, ...] = (), **given: Any) -> Plan:
    variables = {f"llamastack_maas_{name}": value for name, value in {"instances": [ENTRY], **given}.items()}
    variables.update(ansible_run_tags=tags or ["all"], ansible_skip_tags=skipped)
    inputs = Inputs(Templar(DataLoader(), variables=variables), variables, VERBS["remove"])
    plan = VERBS["remove"].plan(inputs.request(phases, False), Readers(refuse, refuse))[0]
    assert inputs.held().entries == []
    return plan


def deleted(plan: Plan) -> dict[str, Any]:
    arguments = VERBS["remove"].steps["delete"].arguments(plan, None)
    assert arguments
    return arguments


def kinds(plan: Plan) -> dict[str, str]:
    return {each["kind"]: each["namespace"] for each in deleted(plan)["all_of"]["kinds"]}


def test_only_what_says_what_goes_is_read():
    plan = planned(egress=MISSING, image=MISSING, token=MISSING, wait_timeout="5", set="team-a", summary=MISSING)
    given = deleted(plan)
    assert given["all_of"]["instances"] == ["openai"] and given["all_of"]["set"] == "team-a"
    assert (given["wait_timeout"], given["fail_left"], given["objects"]) == (5, False, [])
    assert kinds(plan) == LISTED


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"instances": None}, "set llamastack_maas_remove_all to true"),
        ({"instances": [{**ENTRY, "nmae": "x"}]}, "llamastack_maas_instances[0].nmae"),
        ({"namespace": "Not One"}, "llamastack_maas_namespace"),
        ({"instances": MISSING, "remove_all": True, "namespce": "x"}, "llamastack_maas_namespace"),
    ],
)
def test_bad_input_removes_nothing(given, words):
    with pytest.raises(PlanError, match="llamastack_maas") as refused:
        planned(**given)
    assert words in str(refused.value)


def test_all_of_a_set_goes_without_a_list():
    assert "instances" not in deleted(planned(instances=MISSING, remove_all="yes"))["all_of"]
    assert deleted(planned(instances=[]))["all_of"]["instances"] == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"scope": "platform"}, ["MaaSSubscription", "MaaSAuthPolicy"]),
        (
            {"scope": "project"},
            ["MaaSModelRef", "LLMInferenceService", "ConfigMap", "Secret", "ServiceAccount"],
        ),
        ({"tags": ("secrets",)}, ["Secret"]),
        ({"skipped": ("registration",)}, ["LLMInferenceService", "ConfigMap", "Secret"]),
        ({"tags": ("namespace",)}, []),
    ],
)
def test_scope_and_tags_say_how_far_it_goes(given, expected):
    assert sorted(kinds(planned(**given))) == sorted(expected)


def test_a_role_alone_removes_its_part_and_fails_by_itself():
    plan = planned("instances")
    assert sorted(kinds(plan)) == ["ConfigMap", "LLMInferenceService"] and deleted(plan)["fail_left"]


@pytest.mark.parametrize(
    ("given", "goes"),
    [({"remove_namespace": True}, True), ({}, False), ({"remove_namespace": True, "skipped": ("namespace",)}, False)],
)
def test_the_namespace_goes_only_where_that_is_asked_for(given, goes):
    assert [obj["kind"] for obj in deleted(planned(**given))["objects"]] == ["Namespace"] * goes


def test_what_is_left_is_named_and_fails():
    plan = planned()
    left = [{"kind": "Secret", "name": "a"}, {"kind": "ConfigMap", "name": "b"}]
    for found, problem in (([], ""), (left, "Not removed: Secret a, ConfigMap b. The table above says why")):
        plan.done["delete"] = {**REMOVED, "left": found}
        outcome = VERBS["remove"].outcome(plan)
        assert outcome.problem.startswith(problem) and bool(outcome.problem) is bool(problem)
        assert outcome.lines == ["gone"]
        assert outcome.published == {"namespace": "llm", "instances": REMOVED["instances"], "left": found}
