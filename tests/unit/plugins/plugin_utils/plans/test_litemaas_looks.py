# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""litemaas_validate, litemaas_status and litemaas_diagnose: what is asked for and what comes of it."""

from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.modules import litellm_info
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import litemaas_variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import PlanError, Readers, RunInput
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.verbs import VERBS

URL, TOKEN = "https://litellm.example.com", "sk-0123456789abcdef"
KEY = "secret-key-0123456789"
LOOKS = ("litemaas_validate", "litemaas_status", "litemaas_diagnose")
GRANITE = {"name": "granite", "namespace": "private-ai"}
INTERNAL = "http://granite.private-ai.svc.cluster.local/v1"
SERVED = {
    "private-ai/granite": {
        **{"problem": "", "kind": "InferenceService", "namespace": "private-ai", "name": "granite"},
        **{
            "url": INTERNAL,
            "model": "granite-8b",
            "sure": True,
            "state": "scaled to 0",
            "reason": "it has no replicas",
        },
    }
}
LISTS = {
    "models": [{"name": "granite", "inference_service": GRANITE}],
    "routes": [{"name": "ops", "order": ["granite", "openai/gpt-4o"]}],
    "keys": [{"alias": "notebook", "models": ["granite"], "secret": {"name": "notebook-key", "namespace": "team-a"}}],
}
ENTRY = {"name": "openai", "provider": "openai", "api_key_env": "KEY", "models": ["gpt-4o"]}
CLUSTER = {"namespace": "litemaas", "url": URL, "app_url": "https://litemaas.example.com", "user": "admin"}
PROGRAMS = [
    {"kind": "Deployment", "name": "litellm", "ready": True, "state": "ready", "what": "", "reason": "", "message": ""}
]


def planned(verb, *, area=None, settings=None, check_mode=False, seen=None, names=()):
    def refuse(given):
        raise AssertionError(given)

    def info(given):
        assert "url" not in (area or {}), "another gateway is known by its URL only"
        return CLUSTER if seen is None else seen

    request = RunInput(
        [ENTRY], settings or {}, names, {"KEY": KEY}, area={**LISTS, **(area or {})}, check_mode=check_mode
    )
    readers = Readers(refuse, refuse, info, lambda given: {"models": SERVED})
    plan, _warnings = VERBS[verb].plan(request, readers)
    assert KEY not in str(plan) and TOKEN not in str(plan)
    return plan, base.held(request, VERBS[verb].table)


def arguments(plan, held, step):
    return VERBS[plan.verb].steps[step].arguments(plan, held)


OURS = {"app": {"auth": "service_account"}}
THEIRS = {"url": URL, "token": TOKEN}


@pytest.mark.parametrize("verb", LOOKS)
def test_programs_are_looked_at_once_and_in_their_order(verb):
    given = arguments(*planned(verb, area=OURS), "ready")
    names = [each["metadata"]["name"] for each in given["objects"]]
    assert names == ["postgres", "litellm", "litemaas-backend", "litemaas-frontend"]
    assert (given["wait_timeout"], given["fail_unready"]) == (0, False)


@pytest.mark.parametrize("verb", LOOKS)
def test_what_programs_say_is_shown_without_credentials(verb):
    egress = {"proxy": "http://jo:p%40ssw0rd-of-proxy@proxy.example.com:3128"}
    plan, held = planned(verb, area=OURS, settings={"egress": egress})
    masking = arguments(plan, held, "ready")["masking"]
    assert {KEY, "p@ssw0rd-of-proxy", "p%40ssw0rd-of-proxy"} <= {*masking["values"]}
    assert {"litellm-secret", "backend-secret"} <= {*masking["secrets"]}


@pytest.mark.parametrize("verb", LOOKS)
def test_the_cluster_is_not_looked_at_for_another_gateway(verb):
    assert arguments(*planned(verb, area=THEIRS), "ready") is None


def test_a_validation_calls_what_the_lists_name():
    plan, held = planned("litemaas_validate", area=OURS)
    plan.done["ready"] = {"objects": PROGRAMS}
    given = arguments(plan, held, "checks")
    assert given["models"] == [
        {"name": "openai/gpt-4o", "mode": "chat", "model": "openai/gpt-4o"},
        {"name": "granite", "mode": "chat", "model": "hosted_vllm/granite-8b"},
    ]
    assert given["routes"] == [{"name": "ops", "order": ["granite", "openai/gpt-4o"], "on_context": []}]
    assert given["scaled"] == {"granite": "scaled to 0"}
    assert given["programs"] == PROGRAMS and given["replicas"] == plan.values["replicas"]
    assert given["app"] == CLUSTER["app_url"] and given["app_secret"]["name"] == "backend-secret"
    assert given["token_secret"]["name"] == "litellm-secret"
    assert KEY in given["masking"]["values"]


def test_a_validation_of_another_gateway_says_what_it_does_not_look_at():
    given = arguments(*planned("litemaas_validate", area=THEIRS), "checks")
    assert "programs" not in given and "app" not in given and "replicas" not in given
    assert "litemaas_url" in given["programs_note"] and given["token"] == TOKEN


def test_nothing_is_called_in_check_mode():
    assert arguments(*planned("litemaas_validate", area=THEIRS, check_mode=True), "checks") is None


def test_a_gateway_without_a_url_is_refused_by_validate_and_diagnosed_by_its_programs():
    seen = {**CLUSTER, "url": None}
    with pytest.raises(PlanError, match="litemaas_diagnose"):
        arguments(*planned("litemaas_validate", seen=seen), "checks")
    assert arguments(*planned("litemaas_status", seen=seen), "status") is None
    plan, held = planned("litemaas_diagnose", seen=seen)
    plan.done["ready"] = {"objects": PROGRAMS}
    given = arguments(plan, held, "diagnosis")
    assert "url" not in given and given["programs"] == PROGRAMS
    plan.done["diagnosis"] = {"lines": ["x"], "broken": [], "targets": {}}
    assert "no gateway that callers find" in VERBS["litemaas_diagnose"].outcome(plan).lines[-1]


CHECK = {"target": "model granite", "check": "chat", "state": "passed", "detail": "d", "remedy": "", "seconds": 1.0}


def test_what_a_validation_comes_to(tmp_path):
    plan, _held = planned("litemaas_validate", area=THEIRS, settings={"report_dir": str(tmp_path)})
    plan.done["checks"] = {
        "checks": [CHECK, {**CHECK, "check": "stream", "state": "failed"}],
        "failed_checks": ["model granite/stream"],
    }
    outcome = VERBS["litemaas_validate"].outcome(plan)
    assert outcome.published == {"failed": ["model granite/stream"], "checks": 2}
    assert "model granite/stream" in outcome.problem and outcome.lines[-1].startswith("1 target: ")
    assert sorted(file.rpartition(".")[2] for file in outcome.files) == ["html", "json", "xml"]
    # What passed is short in the log.
    assert "detail" not in outcome.returned["checks"]["model granite"]["chat"]
    assert "detail" in outcome.returned["checks"]["model granite"]["stream"]


ACCOUNT = {
    "models": [],
    "budget": 5.0,
    "budget_duration": None,
    "tpm": None,
    "rpm": None,
    "spend": 1.0,
    "set": "default",
}
INFO = {
    "models": [{"name": "granite", "model": "hosted_vllm/granite-8b", "set": "default"}],
    "teams": [],
    "users": [],
    "virtual_keys": [{**ACCOUNT, "alias": "notebook", "team": None, "user": None, "expires": None, "blocked": False}],
}


def status(form="table", differences=(), **more):
    plan, _held = planned("litemaas_status", settings={"output": form}, **more)
    plan.done["ready"] = {"objects": PROGRAMS} if "url" not in (more.get("area") or {}) else {}
    plan.done["status"] = {**INFO, "differences": differences}
    plan.time = "2026-12-01T12:00:00Z"
    return VERBS["litemaas_status"].outcome(plan)


def test_a_status_compares_all_that_the_lists_ask_for():
    plan, held = planned("litemaas_status", settings={"set": "second"}, area=THEIRS)
    given = arguments(plan, held, "status")["compare"]
    assert given == {**plan.content, "credentials": {"openai": ["api_key"]}, "set": "second"}
    assert given["models"][0]["params"] and given["models"][0]["credential"] == "openai" and KEY not in str(given)
    asked = litellm_info.asked_of(given)
    assert asked.set_name == "second" and asked.credentials == {"openai": {"api_key": None}}
    assert [each.params["model"] for each in asked.deployments()][:1] == ["openai/gpt-4o"]


def test_what_the_lists_ask_for_otherwise_is_in_the_status():
    differs = [
        {"kind": "model", "name": "granite", "fields": ["x"]},
        {"kind": "key", "name": "notebook", "fields": ["y"]},
    ]
    published = status(area=THEIRS, differences=differs).published
    assert (published["models"]["granite"]["differences"], published["keys"]["notebook"]["differences"]) == (
        ["x"],
        ["y"],
    )


def test_a_status_ends_with_where_everything_is():
    outcome = status(area=OURS)
    lines = outcome.lines
    assert lines[-4:] == [
        f"Callers' URL  {URL}/v1",
        f"Admin page    {URL}/ui/",
        "Log-in        admin, password in Secret litemaas/litellm-secret, key UI_PASSWORD",
        "LiteMaaS      https://litemaas.example.com",
    ]
    assert any(line.split()[:2] == ["granite", "scaled"] for line in lines)
    assert outcome.published["keys"]["notebook"]["spend"] == 1.0
    assert outcome.published["callers_url"] == f"{URL}/v1"


def test_of_another_gateway_no_secret_of_ours_is_named():
    assert not any("litellm-secret" in line for line in status(area=THEIRS).lines)


def test_as_data_the_text_is_nothing_but_the_data():
    assert json.loads("\n".join(status("json").lines))["models"]["granite"]["state"] == "scaled to 0"
    assert "<!doctype html>" in status("html").lines[0].lower()


def test_a_gateway_that_does_not_answer_is_told_below_the_programs():
    plan, _held = planned("litemaas_status")
    plan.done.update(ready={"objects": PROGRAMS}, status={"failed": True, "msg": "Cannot read LiteLLM: 503"})
    outcome = VERBS["litemaas_status"].outcome(plan)
    assert outcome.lines[-1] == "not read: Cannot read LiteLLM: 503" and outcome.published["models"] is None


def test_a_diagnosis_gets_all_that_may_be_broken():
    plan, held = planned("litemaas_diagnose", area=OURS, settings={"diagnose_all": True, "proof": "list"})
    plan.done["ready"] = {"objects": PROGRAMS}
    given = arguments(plan, held, "diagnosis")
    assert given["keys"] == [{"alias": "notebook", "models": ["granite"]}]
    assert given["served"]["granite"]["state"] == "scaled to 0"
    assert (given["go_on"], given["proof"]) == (True, "list") and given["app"]


def test_what_a_role_returned_is_no_unknown_variable():
    names = ["litemaas_validation_result", "litemaas_status_diagnosis", "litemaas_status", "litemaas_validation"]
    assert litemaas_variables.unknown_variables(names) == []
    assert len(litemaas_variables.unknown_variables(["litemaas_reslt"])) == 1
