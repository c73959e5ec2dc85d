# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""status, diagnose, validate and preflight: what is asked for and what comes of it, from the input to the lines."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import Link
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Held, Plan, PlanError, Readers, RunInput
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.verbs import VERBS

URL = "https://maas.example.com"
ENTRY = {"name": "gem", "provider": "gemini", "api_key_env": "GEM", "models": ["gemini-2.5-flash"]}
CLUSTER = {
    "generation": "b2",
    "url": URL,
    "settings": {"generation": "b2", "storage_initializer": True, "service_version": "serving.kserve.io/v1alpha2"},
}
STATUS = {
    "in_list": True,
    "state": "ready",
    "reason": "",
    "since": None,
    "replicas": None,
    "restarts": 0,
    "url": f"{URL}/llm/gem",
    "ids": ["gem"],
    "ids_note": "",
    "registered": [],
    "credential": {"source": None, "secret": None, "written": None, "age": None, "note": "it has none"},
    "image": None,
    "config_revision": None,
    "drift": {"missing": [], "changed": [], "extra": []},
}
CHECK = {
    "instance": "gem",
    "namespace": "llm",
    "check": "chat",
    "state": "passed",
    "detail": "",
    "remedy": "",
    "seconds": 1.0,
}
KEY = "secret-key-0123456789"


def planned(verb: str, entries: Any = (ENTRY,), check_mode: bool = False, **settings: Any) -> tuple[Plan, Held]:
    def refuse(arguments: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError(f"Secrets are not read: {arguments}")

    request = RunInput(
        given=[dict(each) for each in entries],
        settings=settings,
        names=["llamastack_maas_instances"],
        environment={"GEM": KEY},
        check_mode=check_mode,
    )
    plan, _checked = VERBS[verb].plan(request, Readers(lambda given: CLUSTER, refuse))
    assert KEY not in str(plan)
    return plan, base.held(request)


def arguments(plan: Plan, held: Held, step: str) -> dict[str, Any] | None:
    return VERBS[plan.verb].steps[step].arguments(plan, held)


def kinds(objects: list[dict[str, Any]]) -> list[str]:
    return [obj["kind"] for obj in objects]


@pytest.mark.parametrize("scope", ["all", "project", "platform"])
def test_status_compares_with_the_whole_deployment_whatever_the_scope(scope: str) -> None:
    given = arguments(*planned("status", scope=scope, token="t0ken-of-alice"), "status")
    assert given is not None
    assert given["url"] == URL and given["generation"] == "b2" and given["token"] == "t0ken-of-alice"
    registration = ["MaaSModelRef", "MaaSAuthPolicy", "MaaSSubscription"]
    assert kinds(given["objects"]) == ["Secret", "ConfigMap", "LLMInferenceService", *registration]


def test_without_a_token_none_is_given() -> None:
    for verb, step in (("status", "status"), ("diagnose", "diagnosis")):
        given = arguments(*planned(verb), step)
        assert given is not None and "token" not in given


def test_the_keys_need_not_be_there_to_look() -> None:
    for verb in ("status", "diagnose", "validate"):
        planned(verb, [{**ENTRY, "api_key_env": "NOT_SET"}])


def status(**settings: Any) -> Any:
    plan, _held = planned("status", **settings)
    plan.done["status"] = {"instances": {"gem": STATUS}, "unread": ["Deployments: 403"], "changed": False}
    plan.time = "2026-11-30T10:00:00Z"
    return VERBS["status"].outcome(plan)


def test_the_status_is_printed_as_asked_for() -> None:
    table = status()
    assert table.lines[0].startswith("INSTANCE") and table.lines[-1] == "not read: Deployments: 403"
    assert table.published == {"namespace": "llm", "instances": {"gem": STATUS}, "unread": ["Deployments: 403"]}
    # As data, the text is nothing but the data.
    assert json.loads("\n".join(status(output="json").lines)) == {"gem": STATUS}
    assert "gem:" in status(output="yaml").lines[0]
    assert "<!doctype html>" in status(output="html").lines[0].lower()


def test_a_file_gets_the_format_and_people_the_table() -> None:
    outcome = status(output="html", output_file="status.html")
    assert outcome.lines == status().lines
    assert "2026-11-30T10:00:00Z" in outcome.files["status.html"]
    assert status(output_file="status.txt").files["status.txt"].startswith("INSTANCE")


def test_where_it_cannot_be_written_is_known_before_anything_is_read(tmp_path: Any) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PlanError, match="llamastack_maas_output_file"):
        planned("status", output_file=str(tmp_path / "file" / "status.json"))
    with pytest.raises(PlanError, match="llamastack_maas_report_dir"):
        planned("validate", report_dir=str(tmp_path / "file"))


def test_a_diagnosis_looks_at_the_registration_of_instances_only() -> None:
    given = arguments(*planned("diagnose", prober=True, scope="project", diagnose_all=True), "diagnosis")
    assert given is not None
    assert kinds(given["registration"]) == ["MaaSModelRef", "MaaSAuthPolicy", "MaaSSubscription"]
    assert given["prober"] is True and given["go_on"] is True
    assert KEY in given["masking"]["values"]


def test_a_diagnosis_is_published_without_its_lines() -> None:
    plan, _held = planned("diagnose")
    found = {"instances": {"gem": {"state": "broken"}}, "broken": ["gem"], "caller": "alice", "lines": ["gem broken"]}
    plan.done["diagnosis"] = found
    outcome = VERBS["diagnose"].outcome(plan)
    assert outcome.lines == ["gem broken"] and outcome.problem == ""
    assert outcome.published == {"instances": found["instances"], "broken": ["gem"]}


@pytest.mark.parametrize(
    ("scope", "looked_at", "registered"),
    [("all", "all", 3), ("platform", "all", 3), ("project", "project", 1)],
)
def test_there_is_nothing_to_call_in_the_scope_platform_alone(scope: str, looked_at: str, registered: int) -> None:
    given = arguments(*planned("validate", scope=scope), "seen")
    assert given is not None
    assert given["scope"] == looked_at and len(given["registration"]) == registered
    assert given["wait_timeout"] == 0 and given["fail_unready"] is False


def seen(plan: Plan) -> None:
    plan.done["seen"] = {"instances": {"gem": {"url": f"{URL}/llm/gem", "state": "ready"}}}


def test_instances_are_called_where_they_were_seen() -> None:
    plan, held = planned("validate", outsider_token="t0ken-of-mallory", validation_rate_limit="yes", proof="list")
    seen(plan)
    given = arguments(plan, held, "checks")
    assert given is not None
    assert given["urls"] == {"gem": f"{URL}/llm/gem"} and given["observations"]["gem"]["state"] == "ready"
    assert given["outsider_token"] == "t0ken-of-mallory" and given["rate_limit"] is True and given["proof"] == "list"
    assert "outsider_token" not in (arguments(plan, held._replace(values={}), "checks") or {})


def validation(*checks: dict[str, Any], **settings: Any) -> Any:
    plan, _held = planned("validate", **settings)
    failed = [f"{each['instance']}/{each['check']}" for each in checks if each["state"] == "failed"]
    plan.done["checks"] = {"checks": list(checks), "failed_checks": failed, "caller": "alice"}
    return VERBS["validate"].outcome(plan)


def test_a_validation_with_a_failed_check_is_a_problem() -> None:
    passed = validation(CHECK)
    assert passed.problem == "" and passed.lines[-1] == "1 instance: 1 passed" and passed.files == {}
    failed = validation(CHECK, {**CHECK, "check": "stream", "state": "failed"})
    assert failed.problem == "Failed: gem/stream. The table above says what was seen and what to do."
    assert failed.published == {"failed": ["gem/stream"], "checks": 2}
    # The name failed is Ansible's own in the result of a task.
    assert failed.returned["checks"]["gem"] == {
        "chat": {"state": "passed", "seconds": 1.0},
        "stream": {"state": "failed", "seconds": 1.0, "detail": "", "remedy": ""},
    }
    assert failed.returned["failed_checks"] == ["gem/stream"] and "failed" not in failed.returned


def test_its_reports_are_a_page_and_files_for_ci_and_programs() -> None:
    outcome = validation(CHECK, report_dir="report")
    assert sorted(outcome.files) == ["report/validation.html", "report/validation.json", "report/validation.xml"]
    assert json.loads(outcome.files["report/validation.json"])["about"]["Caller"] == "alice"
    assert outcome.written == ["Report: report/validation.html"]


def test_check_mode_calls_nobody_and_reports_nothing() -> None:
    plan, held = planned("validate", check_mode=True, report_dir="report")
    seen(plan)
    assert arguments(plan, held, "checks") is None
    assert VERBS["validate"].outcome(plan).files == {}


def preflighted(entries: Any = (ENTRY,), cluster: Any = None, **settings: Any) -> tuple[Plan, dict[str, Any]]:
    asked: list[dict[str, Any]] = []
    cluster = CLUSTER if cluster is None else cluster

    def maas_info(given: dict[str, Any]) -> dict[str, Any]:
        asked.append(given)
        return dict(cluster)

    request = RunInput(list(entries), settings, [], {"GEM": KEY}, run_tags=settings.pop("tags", ()))

    def kube_secret_info(given: dict[str, Any]) -> dict[str, Any]:
        assert "settings" in cluster
        return {"secrets": {name: {"exists": False} for name in given["names"]}}

    plan, _checked = VERBS["preflight"].plan(request, Readers(maas_info, kube_secret_info))
    # MaaS is sent no token, and what the cluster lacks is a result.
    (given,) = asked
    assert given["ask_maas"] is given["fail_unusable"] is False and "token" not in given
    return plan, arguments(plan, base.held(request), "preflight") or {}


BAD = {**ENTRY, "provider": "gemni"}


def written(given: dict[str, Any]) -> set[tuple[str, str, Any]]:
    return {(obj["apiVersion"], obj["kind"], obj["metadata"].get("namespace")) for obj in given["objects"]}


@pytest.mark.parametrize("scope", ["all", "project", "platform"])
@pytest.mark.parametrize("generation", ["a", "b1", "b2"])
@pytest.mark.parametrize("prober", [True, False])
def test_the_kinds_that_are_written_do_not_depend_on_what_is_wrong_in_the_list(
    scope: str, generation: str, prober: bool
) -> None:
    cluster = {**CLUSTER, "generation": generation, "settings": {**CLUSTER["settings"], "generation": generation}}
    settings = {"scope": scope, "prober": prober}
    _plan, sound = preflighted(cluster=cluster, **settings)
    plan, bad = preflighted([BAD], cluster, **settings)
    assert sound["input"]["problems"] == [] and plan.instances == bad["input"]["instances"] == []
    assert [each["path"] for each in bad["input"]["problems"]] == ["llamastack_maas_instances[0].provider"]
    assert written(bad) == written(sound)
    assert {obj["metadata"].get("name") for obj in bad["objects"]} <= {None, "llm"}


def test_tags_leave_their_phases() -> None:
    _plan, given = preflighted([BAD], tags=["secrets"])
    assert {kind for _api, kind, _namespace in written(given)} == {"Secret"}


def test_a_cluster_that_cannot_be_used_is_a_result_and_its_secrets_are_not_read() -> None:
    named = {**ENTRY, "api_key_env": None, "credentials_secret": {"name": "corp"}}
    plan, given = preflighted([named], {"generation": None, "problems": ["there is no MaaS"]})
    assert given["cluster"] == plan.cluster == {"generation": None, "problems": ["there is no MaaS"]}
    assert "MaaSSubscription" not in {kind for _api, kind, _namespace in written(given)}


def test_input_that_says_how_to_ask_is_refused_where_it_is_wrong() -> None:
    with pytest.raises(PlanError, match="llamastack_maas_kubernetes"):
        preflighted(kubernetes={"kubeconf": "x"})


def test_a_failed_check_is_the_problem_of_a_preflight() -> None:
    plan, given = preflighted(token="t0ken-of-alice", url="https://other.example.com")
    assert given["token_given"] is True and given["url"] == "https://other.example.com"
    assert "t0ken-of-alice" not in str(given)
    plan.done["preflight"] = {"checks": [{}, {}], "failures": ["one", "two"], "lines": ["2 checks: 2 failed"]}
    outcome = VERBS["preflight"].outcome(plan)
    assert outcome.problem == "one\ntwo" and outcome.lines == ["2 checks: 2 failed"]
    assert outcome.published == {"failures": ["one", "two"], "checks": 2}


LONGEST_EVENT = 64 * 1024
MANY = [f"openai-{number}" for number in range(50)]


def sample(module: str) -> Any:
    """What the documentation of a module shows of one instance."""
    documented = importlib.import_module(f"ansible_collections.llamastack.maas.plugins.modules.{module}").RETURN
    (one,) = yaml.safe_load(documented)["instances"]["sample"].values()
    return one


def checks(instance: str) -> list[dict[str, Any]]:
    names = [f"some_longer_check_{number}" for number in range(14)]
    seen = "GET https://maas.apps.example.com/llm/openai-10/v1/health answered 200: the beginning of what it answered"
    each = [{**CHECK, "instance": instance, "check": name, "detail": seen} for name in names]
    return [{**check, "measures": {"total_time": 0.123}} if at < 2 else check for at, check in enumerate(each)]


def diagnosis() -> dict[str, Any]:
    links = [Link(f"deployment-{number}", "ok") for number in range(11)] + [Link("call", "ok", evidence="x" * 400)]
    return {**sample("maas_diagnose"), "links": [link.as_result() for link in links]}


@pytest.mark.parametrize(
    ("verb", "step", "returned"),
    [
        ("status", "status", {"instances": dict.fromkeys(MANY, sample("maas_instance_info")), "unread": []}),
        ("diagnose", "diagnosis", {"instances": dict.fromkeys(MANY, diagnosis()), "broken": MANY, "lines": []}),
        ("validate", "checks", {"checks": [check for name in MANY for check in checks(name)], "failed_checks": []}),
    ],
)
def test_no_event_of_many_instances_is_long(verb: str, step: str, returned: dict[str, Any]) -> None:
    plan, _held = planned(verb, [{**ENTRY, "name": name} for name in MANY])
    plan.done[step] = returned
    outcome = VERBS[verb].outcome(plan)
    events = (
        {key: returned[key] for key in VERBS[verb].steps[step].returns},
        {**outcome.returned, "ansible_stats": {"data": outcome.published}},
    )
    # What is read into a variable holds all instances.
    assert all(name in str(events) for name in MANY)
    assert max(len(json.dumps(event)) for event in events) < LONGEST_EVENT
