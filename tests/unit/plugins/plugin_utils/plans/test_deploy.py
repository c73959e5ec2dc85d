# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deployment plans, by scope and tags, and what its steps hand to their modules."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.variables import run_values
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Plan, PlanError, Readers, RunInput
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.deploy import VERB

KEY = "AIza-0123456789-0123456789"
GEM = {"name": "gem", "provider": "gemini", "api_key_env": "GEM", "models": ["gemini-2.5-flash"]}
CORP = {**GEM, "name": "corp", "credentials_secret": {"name": "theirs"}}
del CORP["api_key_env"]
CLUSTER = {
    "generation": "b2",
    "url": "https://maas.example.com",
    "settings": {"generation": "b2", "storage_initializer": True, "namespace_labels": {"gateway": "true"}},
}
LEFT = {"leftovers": {"old": [{"kind": "Secret", "metadata": {"name": "old-credentials"}}]}, "unreadable": []}


@pytest.fixture
def asked():
    """What was read for the plan: the modules, in turn, and of Secrets the names."""
    return []


@pytest.fixture
def planned(asked):
    """``planned(instances, phases, tags, skipped, check, **variables) -> (plan, its request)``"""

    def make_plan(instances, phases=(), tags=("all",), skipped=(), check=False, **variables):
        def info(_arguments):
            asked.append("maas_info")
            return CLUSTER

        def secrets(arguments):
            asked.append(arguments["names"])
            known = {name: {"exists": True, "fields": ["api_key"], "empty_fields": []} for name in arguments["names"]}
            return {"secrets": known, "revisions": {f"llm/{name}": "seen" for name in arguments["names"]}}

        names = ["llamastack_maas_instances", *(f"llamastack_maas_{name}" for name in variables)]
        request = RunInput(instances, variables, names, {"GEM": KEY}, phases, tags, skipped, check)
        return VERB.plan(request, Readers(info, secrets))[0], request

    return make_plan


def arguments(plan: Plan, request: RunInput, step: str):
    return VERB.steps[step].arguments(plan, base.held(request))


def kinds(objects: list[dict]) -> list[str]:
    return [obj["kind"] for obj in objects]


@pytest.mark.parametrize(
    ("options", "phases"),
    [
        ({}, ["namespace", "secrets", "instances", "registration"]),
        ({"scope": "platform"}, ["namespace", "registration"]),
        ({"scope": "project"}, ["secrets", "instances", "registration"]),
        ({"tags": ("secrets", "mine")}, ["secrets"]),
        ({"tags": ("mine",)}, ["namespace", "secrets", "instances", "registration"]),
        ({"skipped": ("registration",)}, ["namespace", "secrets", "instances"]),
        ({"phases": ("registration",)}, ["registration"]),
    ],
)
def test_scope_and_tags_choose_among_the_phases(planned, options, phases):
    plan, _request = planned([GEM], **options)
    assert plan.phases == phases and list(plan.objects) == phases


@pytest.mark.parametrize(
    ("instances", "options", "read"),
    [
        ([GEM], {}, ["maas_info"]),
        ([GEM, CORP], {}, ["maas_info", ["theirs"]]),
        ([GEM], {"tags": ("instances",)}, ["maas_info", ["gem-credentials"]]),
        ([GEM], {"scope": "platform"}, ["maas_info"]),
        ([GEM], {"phases": ("secrets",)}, []),
        ([GEM, CORP], {"phases": ("instances",)}, ["maas_info", ["gem-credentials", "theirs"]]),
    ],
)
def test_only_what_is_needed_is_read(planned, asked, instances, options, read):
    planned(instances, **options)
    assert asked == read


def test_the_first_apply_refuses_for_all_and_sees_what_left_the_list(planned):
    plan, request = planned([GEM])
    first = arguments(plan, request, "secrets")
    assert kinds(first["objects"]) == ["Namespace", "Secret"]
    assert first["secret_data"] == {"llm/gem-credentials": {"api_key": KEY}}
    assert set(kinds(first["objects_to_come"])) == {
        *("ConfigMap", "LLMInferenceService", "MaaSModelRef", "MaaSAuthPolicy", "MaaSSubscription")
    }
    assert first["leftovers_of"]["instances"] == ["gem"]
    assert "ServiceAccount" not in kinds(first["leftovers_of"]["kinds"])
    plan.done["secrets"] = {"objects": [], "leftovers": {}, "to_apply": as_results(first["objects_to_come"])}
    assert "objects_to_come" not in arguments(plan, request, "instances")


def as_results(objects: list[dict]) -> list[dict]:
    return [Ref.of(obj).as_result() for obj in objects]


def test_no_module_is_started_for_what_the_first_apply_has_seen_to_be_there(planned):
    plan, request = planned([GEM])
    to_come = arguments(plan, request, "secrets")["objects_to_come"]
    for pending in ([], ["LLMInferenceService"], ["MaaSSubscription"]):
        left = [obj for obj in to_come if obj["kind"] in pending]
        plan.done = {"secrets": {"objects": [], "to_apply": as_results(left)}}
        for step in ("instances", "registration"):
            found = arguments(plan, request, step)
            assert (found is None) == set(pending).isdisjoint(kinds(plan.objects[step])), (pending, step)
        # What has to be applied is applied whole.
        assert found is None or found["objects"] == plan.objects[step]


def test_a_role_alone_applies_whatever_is_there(planned):
    for phase in ("secrets", "instances", "registration"):
        plan, request = planned([GEM], phases=(phase,))
        assert arguments(plan, request, phase)["objects"] == plan.objects[phase]


def test_whichever_is_first(planned):
    plan, request = planned([GEM], tags=("registration",))
    assert arguments(plan, request, "secrets") is None and arguments(plan, request, "instances") is None
    assert arguments(plan, request, "registration")["objects_to_come"] == []


def test_a_role_alone_looks_at_nothing_but_its_own(planned):
    plan, request = planned([GEM], phases=("secrets",))
    assert not {"objects_to_come", "leftovers_of"} & set(arguments(plan, request, "secrets"))


def test_no_plan_holds_the_value_of_a_key_or_a_token(planned):
    plan, request = planned([GEM], token="sha256~0123456789", kubernetes={"api_key": "of-the-cluster-0123456789"})
    text = json.dumps(asdict(plan))
    assert not any(secret in text for secret in (KEY, "sha256~0123456789", "of-the-cluster-0123456789"))
    plan.done["ready"] = {"instances": {"gem": {"note": "", "state": "ready", "url": "https://gem"}}}
    proof = arguments(plan, request, "proof")
    assert proof["token"] == "sha256~0123456789" and KEY in proof["masking"]["values"]


@pytest.mark.parametrize(
    ("seen", "options"),
    [
        ({"note": "no policy yet", "state": "ready"}, {}),
        ({"note": "", "state": "scaled to 0"}, {}),
        ({"note": "", "state": "ready"}, {"check": True}),
        ({"note": "", "state": "ready"}, {"scope": "platform"}),
        ({"note": "", "state": "ready"}, {"tags": ("instances",)}),
    ],
)
def test_nobody_is_called_whom_no_caller_could_reach(planned, seen, options):
    plan, request = planned([GEM], **options)
    plan.done["ready"] = {"instances": {"gem": {**seen, "url": "https://gem"}}}
    assert arguments(plan, request, "proof") is None


def test_what_left_the_list_is_named_and_goes_only_where_that_is_asked_for(planned):
    plan, request = planned([GEM])
    plan.done["secrets"] = {"objects": [], "to_apply": [], **LEFT}
    assert arguments(plan, request, "prune") is None
    outcome = VERB.outcome(plan)
    assert outcome.published["not_in_list"] == ["old"] and "With llamastack_maas_prune" in "\n".join(outcome.lines)
    plan, request = planned([GEM], prune="true")
    plan.done["secrets"] = {"objects": [], "to_apply": [], **LEFT}
    assert arguments(plan, request, "prune")["objects"] == LEFT["leftovers"]["old"]
    plan.done["prune"] = {"left": [{"kind": "Secret"}], "lines": ["old stays"]}
    outcome = VERB.outcome(plan)
    assert outcome.published["pruned"] == ["old"] and outcome.problem.splitlines()[1:] == ["old stays"]


def test_what_cannot_be_seen_is_not_pruned(planned):
    plan, request = planned([GEM], prune=True)
    plan.done["secrets"] = {
        "objects": [],
        "to_apply": [],
        "leftovers": {},
        "unreadable": ["Secret in namespace llm: 403"],
    }
    with pytest.raises(PlanError, match="Nothing was pruned.*Secret in namespace llm: 403"):
        arguments(plan, request, "prune")


def test_the_backup_secret_goes_with_the_proof(planned):
    backup = {"kind": "Secret", "metadata": {"name": "gem-credentials-before-rotation"}}
    for state, gone in (("proven", [backup]), ("listed", None)):
        plan, request = planned([GEM])
        plan.done["secrets"] = {"objects": [], "to_apply": [], "leftovers": {"gem": [backup]}, "unreadable": []}
        plan.done["proof"] = {"instances": {"gem": {"state": state}}}
        found = arguments(plan, request, "prune")
        assert (found and found["objects"]) == gone
        assert VERB.outcome(plan).published["not_in_list"] == []


def test_an_empty_list_prunes_nothing_on_one_word(planned):
    with pytest.raises(PlanError, match="llamastack_maas_prune_all"):
        planned([], prune=True)
    assert planned([], prune=True, prune_all=True)[0].instances == []


def test_a_plan_survives_its_file(planned):
    plan, _request = planned([GEM, CORP])
    assert Plan(**json.loads(json.dumps(asdict(plan)))) == plan
    assert set(plan.values) <= set(run_values({})[0])
