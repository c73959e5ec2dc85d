# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three providers, deployed once: what a second run, a validation, a user's own client and a thief see."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.request
from xml.etree import ElementTree

import openai
import pytest

from sandbox import reset

from scenarios.harness import ANTHROPIC, GEMINI, OPENAI, Sandbox

INSTANCES = [GEMINI, OPENAI, ANTHROPIC]


@pytest.fixture(scope="module")
def deployed(running_sandbox, tmp_path_factory):
    """A sandbox with the three instances, and the run that deployed them."""
    folder, state = running_sandbox
    reset.run(folder)
    sandbox = Sandbox(folder, state, tmp_path_factory.mktemp("deployed"))
    sandbox.first_run = sandbox.play("deploy", INSTANCES, "-vvv", "--diff")
    assert sandbox.first_run.code == 0, sandbox.first_run.output
    return sandbox


@pytest.fixture(scope="module")
def user_key(deployed):
    """An API key that a user makes for one instance with nothing but the URL and an own token."""
    context = ssl.create_default_context(cafile=deployed.ca)

    def make(instance: str, user: str = "alice") -> str:
        body = json.dumps({"name": "laptop", "subscription": f"llm-{instance}", "expiresIn": "1h"}).encode()
        headers = {"Authorization": f"Bearer {deployed.token(user)}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{deployed.url}/maas-api/v1/api-keys", data=body, headers=headers)
        with urllib.request.urlopen(request, context=context) as answer:
            return json.load(answer)["key"]

    return make


def client(sandbox, key: str) -> openai.OpenAI:
    verified = openai.DefaultHttpxClient(verify=ssl.create_default_context(cafile=sandbox.ca))
    return openai.OpenAI(base_url=f"{sandbox.url}/v1", api_key=key, http_client=verified, max_retries=0)


def test_first_run_changes_and_proves(deployed):
    assert deployed.first_run.recap("changed") > 0
    assert sorted(deployed.names("llmisvc")) == ["anthropic", "gemini", "openai"]
    for name in ("gemini", "openai", "anthropic"):
        assert f"publishers/llm/models/{name}" in deployed.first_run.output


def test_second_run_changes_nothing(deployed):
    before = {name: deployed.get("llmisvc", name, "-n", "llm")["metadata"]["resourceVersion"] for name in ("gemini", "openai", "anthropic")}
    run = deployed.play("deploy", INSTANCES)
    assert run.code == 0, run.output
    assert run.recap("changed") == 0, run.output
    after = {name: deployed.get("llmisvc", name, "-n", "llm")["metadata"]["resourceVersion"] for name in before}
    assert after == before


def test_validate_proves_every_instance_and_writes_reports(deployed):
    reports = deployed.scratch / "report"
    run = deployed.play("validate", INSTANCES, report_dir=str(reports))
    assert run.code == 0, run.output
    results = json.loads((reports / "validation.json").read_text())
    states = {(check["instance"], check["check"]): check["state"] for check in results["checks"]}
    assert {instance for instance, _check in states} == {"gemini", "openai", "anthropic"}
    assert "failed" not in states.values()
    for name in ("gemini", "openai", "anthropic"):
        for check in ("listed", "chat", "stream", "usage", "published_id", "no_credentials", "closed_models"):
            assert states[name, check] == "passed", results
    suite = ElementTree.parse(reports / "validation.xml").getroot()
    assert int(suite.get("tests")) == len(results["checks"])
    page = (reports / "validation.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org", "") and "<script src" not in page


def test_validate_leaves_no_credential_behind(deployed, user_key):
    context = ssl.create_default_context(cafile=deployed.ca)
    body = json.dumps({"filters": {"status": ["active"]}}).encode()
    headers = {"Authorization": f"Bearer {deployed.state['admin_token']}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{deployed.url}/maas-api/v1/api-keys/search", data=body, headers=headers)
    with urllib.request.urlopen(request, context=context) as answer:
        assert json.load(answer)["data"] == []


@pytest.mark.parametrize(("name", "own_id"), [("openai", "openai/gpt-4o"), ("gemini", "gemini/gemini-2.5-flash"), ("anthropic", "anthropic/claude-sonnet-4-6")])
def test_official_client_lists_chats_and_streams(deployed, user_key, name, own_id):
    published = f"publishers/llm/models/{name}"
    user = client(deployed, user_key(name))
    assert [model.id for model in user.models.list()] == [published]
    answer = user.chat.completions.create(model=published, messages=[{"role": "user", "content": "Say hello"}])
    assert answer.choices[0].message.content and answer.usage.total_tokens > 0
    stream = user.chat.completions.create(model=published, messages=[{"role": "user", "content": "Say hello"}], stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    by_path = user.with_options(base_url=f"{deployed.url}/llm/{name}/v1")
    assert by_path.chat.completions.create(model=own_id, messages=[{"role": "user", "content": "Say hello"}]).model == own_id


def test_wrong_ca_fails(deployed):
    run = deployed.play("validate", INSTANCES, ca_file="/etc/ssl/certs/ca-certificates.crt")
    assert run.code != 0
    assert "certificate" in run.text.lower() and deployed.url in run.text


def test_no_key_is_shown_anywhere(deployed):
    again = deployed.play("deploy", [GEMINI, {**OPENAI, "api_key_env": "OPENAI_API_KEY_2"}, ANTHROPIC], "-vvv", "--diff")
    assert again.code == 0, again.output
    report = deployed.play("validate", INSTANCES, "-vvv", "--diff", report_dir=str(deployed.scratch / "grepped"))
    shown = deployed.first_run.output + again.output + report.output
    shown += "".join(file.read_text() for file in (deployed.scratch / "grepped").iterdir())
    secrets = [*deployed.keys.values(), deployed.state["admin_token"], *(user["token"] for user in deployed.state["users"].values())]
    for secret in secrets:
        assert secret not in shown
        assert base64.b64encode(secret.encode()).decode() not in shown
    assert "sk-oai-" not in shown


def test_remove_leaves_nothing(deployed):
    run = deployed.play("remove", INSTANCES)
    assert run.code == 0, run.output
    ours = "-lapp.kubernetes.io/managed-by=llamastack.maas"
    for kind in ("secrets,configmaps,llmisvc,maasmodelrefs", "maasauthpolicies,maassubscriptions"):
        assert deployed.get(kind, "-A", ours)["items"] == []
    assert deployed.get("deployments", "-n", "llm")["items"] == []
    assert deployed.play("remove", INSTANCES).recap("changed") == 0
