# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, litemaas_content
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import PlanError, Readers, RunInput

VERB = litemaas_content.VERB
KEY = "sk-proj-0123456789abcdefghij"
URL = "https://litellm.example.com"
OPENAI = {"name": "openai-prod", "provider": "openai", "api_key_env": "OPENAI_API_KEY", "models": ["gpt-4o-mini"]}
GRANITE = {"name": "granite-8b", "inference_service": {"name": "granite-8b", "namespace": "private-ai"}}
NOTEBOOK = {"alias": "notebook", "models": ["openai-prod/gpt-4o-mini"], "secret": {"name": "notebook-key"}}
SERVED = {
    "problem": "",
    "kind": "InferenceService",
    "namespace": "private-ai",
    "name": "granite-8b",
    "url": "http://granite-8b.private-ai.svc/v1",
    "model": "granite-8b",
    "state": "scaled to 0",
    "reason": "it has no replicas",
}


def refuse(given):
    raise AssertionError(given)


def planned(given=(), area=None, settings=None, look=None, check_mode=False, environment=None):
    environment = {"OPENAI_API_KEY": KEY} if environment is None else environment
    area = {"url": URL, "token": "sk-0123456789abcdef", **(area or {})}
    request = RunInput(list(given), settings or {}, [], environment, area=area, check_mode=check_mode)
    look = look or {}
    readers = Readers(
        refuse, **{**dict.fromkeys(("kube_secret_info", "litemaas_info", "kserve_model_info"), refuse), **look}
    )
    plan, warnings = VERB.plan(request, readers)
    assert warnings == []
    return plan, base.held(request, VERB.table)


def arguments(plan, held):
    return VERB.steps["content"].arguments(plan, held)


def returned(plan, *objects, leftovers=()):
    found = [
        dict(zip(("kind", "name", "action"), each[:3]), fields=list(each[3:]), changed=each[2] != "unchanged")
        for each in objects
    ]
    plan.done["content"] = {"objects": found, "counts": {"models": {"created": 1}}, "leftovers": list(leftovers)}
    return VERB.outcome(plan)


def test_the_module_gets_the_content_and_beside_it_the_keys():
    plan, held = planned([OPENAI], {"keys": [NOTEBOOK]})
    found = arguments(plan, held)
    assert KEY not in str(plan)
    assert found["credentials"] == {"openai-prod": {"api_key": KEY}}
    assert (found["url"], found["token"], found["set"], found["namespace"]) == (
        URL,
        "sk-0123456789abcdef",
        "default",
        "litemaas",
    )
    assert (found["prune"], found["adopt"]) == (False, False)
    assert [model["name"] for model in found["models"]] == ["openai-prod/gpt-4o-mini"]
    assert found["keys"][0]["secret"] == {"name": "notebook-key", "namespace": "litemaas", "key": "LITELLM_API_KEY"}
    assert "credential_secrets" not in found


def test_keys_in_models_of_the_area_are_had_too():
    model = {"name": "llama", "url": "https://v.example.com/v1", "model": "llama", "api_key": KEY}
    plan, held = planned([], {"models": [model]})
    assert KEY not in str(plan)
    assert arguments(plan, held)["credentials"] == {"llama": {"api_key": KEY}}


def test_models_of_kserve_and_secrets_are_read_once_and_only_where_the_lists_name_them():
    corp = {**OPENAI, "api_key_env": None, "credentials_secret": {"name": "corp"}}
    asked = []

    def secrets(given):
        asked.append(given)
        return {"secrets": {"corp": {"exists": True, "fields": ["api_key"]}}}

    def services(given):
        asked.append(given)
        return {"models": {"private-ai/granite-8b": SERVED}}

    plan, held = planned(
        [corp], {"models": [GRANITE]}, look={"kube_secret_info": secrets, "kserve_model_info": services}
    )
    assert asked == [
        {"models": [{"namespace": "private-ai", "name": "granite-8b"}]},
        {"namespace": "litemaas", "names": ["corp"]},
    ]
    found = arguments(plan, held)
    assert found["models"][1]["params"] == {"api_base": SERVED["url"]}
    assert found["credential_secrets"] == {
        "openai-prod": {"namespace": "litemaas", "name": "corp", "keys": {"api_key": "api_key"}}
    }
    assert any("is scaled to 0" in line for line in plan.notes["lines"])


def test_what_the_cluster_says_of_them_is_a_problem_like_any_other():
    look = {
        "kube_secret_info": lambda given: {"secrets": {"corp": {"exists": False}}},
        "kserve_model_info": lambda given: {
            "models": {"private-ai/granite-8b": {**SERVED, "problem": "there is none"}}
        },
    }
    corp = {**OPENAI, "api_key_env": None, "credentials_secret": {"name": "corp"}, "models": None}
    with pytest.raises(PlanError) as raised:
        planned([corp], {"models": [GRANITE]}, look=look)
    assert [line.split(":")[0] for line in str(raised.value).splitlines()] == [
        "llamastack_maas_instances[0].credentials_secret.name",
        "llamastack_maas_instances[0].models",
        "litemaas_models[0].inference_service",
    ]


def test_no_list_at_all_is_one_that_was_forgotten():
    request = RunInput(None, {}, [], {}, area={"url": URL})
    with pytest.raises(PlanError, match="llamastack_maas_instances: is not given"):
        VERB.plan(request, Readers(refuse, refuse))


@pytest.mark.parametrize("area", [{"keys": [{**NOTEBOOK, "models": ["gpt"]}]}, {"namespace": "Not_A_Name"}])
def test_bad_input_asks_nobody(area):
    with pytest.raises(PlanError, match="litemaas_"):
        planned([OPENAI], area)


def test_without_a_url_the_gateway_of_the_namespace_is_looked_for():
    plan, held = planned(
        [OPENAI], {"url": None}, look={"litemaas_info": lambda given: {"url": "https://ours.example.com"}}
    )
    assert arguments(plan, held)["url"] == "https://ours.example.com"
    with pytest.raises(PlanError, match="litemaas_url: is missing, and namespace litemaas has no gateway"):
        planned([OPENAI], {"url": None}, look={"litemaas_info": lambda given: {"url": None}})


def test_empty_lists_do_not_prune_everything():
    with pytest.raises(PlanError, match="llamastack_maas_prune_all"):
        planned([], settings={"prune": True})
    plan, held = planned([], settings={"prune": True, "prune_all": True})
    assert arguments(plan, held)["prune"] is True


def test_the_outcome_says_what_became_of_each_object_and_where_keys_are():
    plan, _held = planned([OPENAI], {"keys": [NOTEBOOK], "teams": [{"id": "ops"}]})
    outcome = returned(
        plan,
        ("model", "openai-prod/gpt-4o-mini", "created"),
        ("team", "ops", "updated", "models", "budget"),
        ("key", "notebook", "unchanged"),
        leftovers=[{"kind": "team", "name": "old"}],
    )
    assert outcome.lines == [
        f"LiteLLM {URL}, set default",
        "  created: model openai-prod/gpt-4o-mini",
        "  updated: team ops: models, budget",
        "  unchanged: 1 of 3",
        "  key notebook: Secret notebook-key in namespace litemaas, field LITELLM_API_KEY",
        "  Not in the lists, and left as they are: team old. With llamastack_maas_prune they are deleted.",
    ]
    assert outcome.published == {
        "url": URL,
        "counts": {"models": {"created": 1}},
        "changed": [
            {"kind": "model", "name": "openai-prod/gpt-4o-mini", "action": "created"},
            {"kind": "team", "name": "ops", "action": "updated"},
        ],
        "keys": {"notebook": {"name": "notebook-key", "namespace": "litemaas", "key": "LITELLM_API_KEY"}},
        "not_in_lists": [{"kind": "team", "name": "old"}],
    }


def test_in_check_mode_it_says_what_would_be_done():
    plan, _held = planned([OPENAI], check_mode=True)
    outcome = returned(plan, ("model", "openai-prod/gpt-4o-mini", "replaced"))
    assert "  would replace: model openai-prod/gpt-4o-mini" in outcome.lines


@pytest.mark.parametrize("check_mode, verb", [(False, "deleted"), (True, "would delete")])
def test_secrets_that_go_with_a_key_are_named(check_mode, verb):
    plan, _held = planned([OPENAI], settings={"prune": True}, check_mode=check_mode)
    returned(plan, ("key", "old", "deleted"))
    plan.done["content"]["cleared_secrets"] = ["team-a/old-key"]
    line = f"  {verb}: the value in Secret team-a/old-key, of a key that has another or is gone"
    assert line in VERB.outcome(plan).lines


def test_what_was_pruned_is_not_left():
    plan, _held = planned([OPENAI], settings={"prune": True})
    outcome = returned(plan, ("team", "old", "deleted"), leftovers=[{"kind": "team", "name": "old"}])
    assert outcome.published["not_in_lists"] == []
    assert not any("left as they are" in line for line in outcome.lines)


def test_a_plan_whose_step_did_not_run_has_an_outcome():
    plan, _held = planned([OPENAI])
    assert VERB.outcome(replace(plan)).lines == [f"LiteLLM {URL}, set default"]
