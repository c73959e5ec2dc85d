# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls MaaS, with and without access; two namespaces in one run; a run that is killed."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from scenarios.harness import OPENAI
from scenarios.users import user

#: The administrator who runs the playbooks is in no such group.
CLOSED = {**OPENAI, "published_model": "gpt-4o", "access": {"groups": ["data-science"]}}
PROBER = "system:serviceaccount:llm:llamastack-maas-prober"


@pytest.fixture(scope="module")
def closed(shared_sandbox):
    """A sandbox with an instance that its deployer may not call, and the run that deployed it."""
    started = time.monotonic()
    shared_sandbox.first_run = shared_sandbox.play("deploy", [CLOSED])
    shared_sandbox.first_run_took = time.monotonic() - started
    return shared_sandbox


def checks(sandbox, **variables) -> tuple[int, dict[str, dict]]:
    """How a validation ended, and what each of its checks said."""
    reports = sandbox.scratch / "report"
    run = sandbox.play("validate", [CLOSED], report_dir=str(reports), **variables)
    results = json.loads((reports / "validation.json").read_text())["checks"]
    return run.code, {each["check"]: each for each in results}


def test_deploy_without_access_succeeds_at_once_and_says_so(closed):
    assert closed.first_run.code == 0, closed.first_run.output
    assert "registered, not proven: admin is in none of group data-science" in closed.first_run.text
    # The first minutes in which a refusal means "not yet" are two.
    assert closed.first_run_took < 110


def test_validate_without_access_fails(closed):
    code, results = checks(closed)
    assert code != 0
    assert results["listed"]["state"] == "failed"
    assert "admin is in none of group data-science" in results["listed"]["detail"]
    assert results["credential"]["state"] == results["chat"]["state"] == "skipped", results


def test_the_token_of_one_who_has_access_proves_it(closed):
    run = closed.play("deploy", [CLOSED], token=closed.token("alice"))
    assert (run.code, run.recap("changed")) == (0, 0), run.output
    assert "proven " in run.text and "not proven" not in run.text
    code, results = checks(closed, token=closed.token("alice"))
    assert code == 0, results
    assert results["chat"]["state"] == results["outsider"]["state"] == "passed", results


def test_who_was_given_as_the_outsider_is_refused(closed):
    code, results = checks(closed, token=closed.token("alice"), outsider_token=closed.token("mallory"))
    assert code == 0, results
    assert results["outsider"]["state"] == "passed"


def test_the_published_id_calls_the_published_model(closed):
    closed.provider("DELETE", "/requests")
    assert user(closed).say_hello("openai", "openai/gpt-4o").choices[0].message.content
    requests = closed.provider("GET", "/requests?provider=openai")["requests"]
    assert [each["model"] for each in requests if each["path"].endswith("/chat/completions")] == ["gpt-4o"]


def test_the_prober_proves_what_its_deployer_may_not_call(closed):
    run = closed.play("deploy", [CLOSED], prober=True)
    assert run.code == 0, run.output
    assert run.recap("changed") > 0
    assert "proven " in run.text and "not proven" not in run.text
    policy = closed.get("maasauthpolicies", "llm-openai", "-n", "models-as-a-service")
    assert PROBER in policy["spec"]["subjects"]["users"]
    code, results = checks(closed, prober=True)
    assert code == 0, results
    assert PROBER in results["listed"]["detail"]
    assert results["outsider"]["state"] == "passed"


def test_two_namespaces_in_one_run(sandbox):
    inventory = sandbox.scratch / "inventory.yml"
    hosts = {
        "team-a": {"llamastack_maas_namespace": "llm", "llamastack_maas_instances": [OPENAI]},
        "team-b": {"llamastack_maas_namespace": "llm-b", "llamastack_maas_instances": [OPENAI]},
    }
    before = sandbox.versions()
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    inventory.write_text(yaml.safe_dump({"teams": {"hosts": hosts, "vars": local}}))
    for verb in ("deploy", "validate", "remove"):
        run = sandbox.play(verb, None, "-i", str(inventory), hosts="teams")
        assert run.code == 0, run.output
        if verb == "deploy":
            for namespace in ("llm", "llm-b"):
                assert sandbox.names("llmisvc", namespace) == ["openai"]
                assert f"publishers/{namespace}/models/openai" in run.text
    assert sandbox.versions() == before


def test_killed_in_the_middle_and_run_again(sandbox):
    sandbox.play_and_kill("Apply the model references", "deploy", [OPENAI])
    made = sandbox.get("llmisvc", "openai", "-n", "llm")["metadata"]["uid"]
    assert sandbox.names("maasmodelrefs") == []
    run = sandbox.play("deploy", [OPENAI])
    assert run.code == 0, run.output
    assert "proven " in run.text
    assert sandbox.get("llmisvc", "openai", "-n", "llm")["metadata"]["uid"] == made
