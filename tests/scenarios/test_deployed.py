# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three providers, deployed once: what a second run, a validation, a user's own client and a thief see."""

from __future__ import annotations

import base64
import json
import re
from xml.etree import ElementTree

import pytest
from sandbox import pki
from scenarios import harness
from scenarios.harness import ANTHROPIC
from scenarios.keys import KEPT, WRONG, answers, key_in_use, repeating, shown
from scenarios.traffic import Traffic
from scenarios.users import HELLO, user

# Characters of every length, one that is joined of several, some that end a line elsewhere.
TEXT = "\U0001f680 \U0001f469\u200d\U0001f4bb \u4e2d\u00fc \U00020bb7 \xa0\u2028\ufeff \\ud83d"
# Two of the models are aliases that their providers answer to and do not list; Anthropic's list is not there at all.
GEMINI = {**harness.GEMINI, "models": ["gemini-2.5-flash", "gemini-flash-latest"]}
OPENAI = {**harness.OPENAI, "models": ["gpt-4o-mini", "chatgpt-4o-latest"]}
INSTANCES = [{**GEMINI, "display_name": TEXT, "description": f"{TEXT}\n{TEXT}"}, OPENAI, ANTHROPIC]
#: The id of a model of each instance in the server's own list.
OWN_IDS = {
    "openai": "openai/gpt-4o-mini",
    "gemini": "gemini/models/gemini-2.5-flash",
    "anthropic": "anthropic/claude-sonnet-4-6",
}


@pytest.fixture(scope="module")
def deployed(shared_sandbox):
    """A sandbox with the three instances, the run that deployed them, and a credential that its user got afterwards."""
    shared_sandbox.provider("POST", "/faults", {"provider": "anthropic", "fault": "no_list"})
    shared_sandbox.first_run = shared_sandbox.play("deploy", INSTANCES, "-vvv", "--diff")
    assert shared_sandbox.first_run.code == 0, shared_sandbox.first_run.output
    shared_sandbox.administrator = user(shared_sandbox, "admin")
    shared_sandbox.earlier = shared_sandbox.administrator.client("openai")
    shared_sandbox.earlier_keys = shared_sandbox.administrator.active_keys()
    return shared_sandbox


@pytest.fixture
def of_gemini(deployed):
    """Everything of one instance, beside an object that another set has for an instance of the same name."""
    mine = {name: each["metadata"]["labels"] for name, each in deployed.ours("default").items()}
    found = {name for name, labels in mine.items() if labels.get("llamastack.maas/instance") == "gemini"}
    labels = {**mine["ConfigMap llm/gemini-config"], "llamastack.maas/set": "other"}
    metadata = {"name": "gemini-notes", "namespace": "llm", "labels": labels}
    given = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    deployed.kubectl("apply", "--server-side", "--field-manager=llamastack.maas", "-f", "-", given=given)
    registered = (
        set() if deployed.state["generation"] == "a" else {"MaaSModelRef", "MaaSAuthPolicy", "MaaSSubscription"}
    )
    assert {name.split()[0] for name in found} == {"Secret", "ConfigMap", "LLMInferenceService"} | registered
    yield found
    deployed.kubectl("delete", "-f", "-", given=given)


def test_what_belongs_to_an_instance_is_found_by_its_provider(deployed):
    of_an_instance = {
        name: each["metadata"]["labels"]
        for name, each in deployed.ours("default").items()
        if "llamastack.maas/instance" in each["metadata"]["labels"]
    }
    # The three instances of this file are called like their providers.
    assert {name for name, labels in of_an_instance.items() if "llamastack.maas/provider" not in labels} == set()
    assert all(
        labels["llamastack.maas/provider"] == labels["llamastack.maas/instance"] for labels in of_an_instance.values()
    )


def test_first_run_changes_and_proves(deployed):
    assert deployed.first_run.recap("changed") > 0
    assert sorted(deployed.names("llmisvc")) == ["anthropic", "gemini", "openai"]
    assert deployed.first_run.output.count("proven ") >= 3
    for name, own_id in OWN_IDS.items():
        assert user(deployed).model(name, own_id) in deployed.first_run.output


def test_texts_arrive_as_they_were_written(deployed):
    annotations = deployed.get("llmisvc", "gemini", "-n", "llm")["metadata"]["annotations"]
    assert annotations["openshift.io/display-name"] == TEXT
    assert annotations["openshift.io/description"] == f"{TEXT}\n{TEXT}"


def test_second_run_changes_nothing(deployed):
    before = deployed.versions()
    # The release of the platform, in place of what is detected; YAML makes a number of it.
    release = {"a": 3.3, "b1": 3.4, "b2": 3.5}[deployed.state["generation"]]
    run = deployed.play("deploy", INSTANCES, generation=release)
    assert run.code == 0, run.output
    assert run.recap("changed") == 0, run.output
    assert deployed.versions() == before


def test_validate_proves_every_instance_and_writes_reports(deployed):
    reports = deployed.scratch / "report"
    run = deployed.play("validate", INSTANCES, report_dir=str(reports))
    assert run.code == 0, run.output
    results = json.loads((reports / "validation.json").read_text())
    states = {(check["instance"], check["check"]): check["state"] for check in results["checks"]}
    assert {instance for instance, _check in states} == {"gemini", "openai", "anthropic"}
    assert "failed" not in states.values()
    # On generation A the list's own probe hides a server that does not know OPTIONS.
    listed = "skipped" if deployed.state["generation"] == "a" else "passed"
    for name in ("gemini", "openai", "anthropic"):
        assert states[name, "listed"] == listed, results
        for check in ("chat", "stream", "usage", "no_credentials", "closed_models"):
            assert states[name, check] == "passed", results
    suite = ElementTree.parse(reports / "validation.xml").getroot()
    assert int(suite.get("tests")) == len(results["checks"])
    assert f"Report: {reports}/validation.html" in run.output
    properties = {each.get("name"): {one.get("name"): one.get("value") for one in each[0]} for each in suite}
    for name in ("gemini", "openai", "anthropic"):
        measured = results["instances"][f"llm/{name}"]["measures"]
        assert 0 < measured["stream.time_to_first_token"] <= measured["stream.total_time"], results
        assert 0 < measured["chat.total_time"] and len(measured) == 3, results
        assert properties[f"llm/{name}"] == {measure: str(seconds) for measure, seconds in measured.items()}
        chat, first, total = (f"{measured[each]:.2f} s" for each in sorted(measured))
        assert f"  times    chat: total {chat}; stream: first token {first}, total {total}" in run.output
    page = (reports / "validation.html").read_text()
    assert page.count("until the first token") == 1 and page.count('class="begin"') == 1 + 3 * 3
    assert "http://" not in page.replace("http://www.w3.org", "") and "<script src" not in page


def test_status_tells_how_things_stand_and_reads_only(deployed):
    file = deployed.scratch / "status.json"
    before = deployed.versions()
    # The owner of the namespace may not read what the platform owns.
    for kubeconfig in ("admin", "project"):
        run = deployed.play("status", INSTANCES, output="json", output_file=file.name, kubeconfig=kubeconfig)
        assert (run.code, run.recap("changed")) == (0, 0), run.output
        told = json.loads(file.read_text())
        assert list(told) == ["gemini", "openai", "anthropic"]
        for name, each in told.items():
            assert each["state"] == "ready" and each["replicas"] == {"ready": 1, "wanted": 1}, each
            assert each["drift"] == {"missing": [], "changed": [], "extra": []}, each
            assert each["since"] and each["url"] and each["image"] and each["credential"]["age"] > 0
            assert each["registered"], each
            # On generation A a token of the cluster would have MaaS mint one of its own.
            if deployed.state["generation"] == "a":
                assert each["ids"] is None and "mint a credential" in each["ids_note"]
            else:
                assert user(deployed).model(name, OWN_IDS[name]) in each["ids"]
    assert deployed.versions() == before
    assert deployed.administrator.active_keys() == deployed.earlier_keys


@pytest.mark.once
def test_status_tells_what_the_list_lacks_and_what_it_would_change(deployed):
    changed = [GEMINI, {**OPENAI, "replicas": 2}]
    run = deployed.play("status", changed, output="yaml", generation=deployed.state["generation"].upper())
    assert run.code == 0, run.output
    assert "LLMInferenceService llm/openai: spec.replicas" in run.output
    assert "LLMInferenceService llm/anthropic" in run.output and "in_list: false" in run.output


def test_credentials_of_a_run_end_with_it_and_others_of_the_same_user_live_on(deployed):
    assert deployed.administrator.active_keys() == deployed.earlier_keys
    model = deployed.administrator.model("openai", OWN_IDS["openai"])
    answer = deployed.earlier.chat.completions.create(model=model, messages=HELLO)
    assert answer.choices[0].message.content


def test_check_mode_tells_what_an_empty_namespace_would_get(deployed):
    before = deployed.versions()
    run = deployed.play("deploy", INSTANCES, "--check", "--diff", namespace="fresh")
    assert run.code == 0, run.output
    would_be_made = {name.replace("llm", "fresh") for name in before} | {"Namespace fresh"}
    assert set(re.findall(r"^\+\+\+ after: (.*)$", run.output, re.MULTILINE)) == would_be_made
    assert deployed.versions() == before


@pytest.mark.once
def test_check_mode_names_what_would_be_pruned_and_that_nothing_else_would_change(deployed, of_gemini):
    before = deployed.versions()
    run = deployed.play("deploy", [OPENAI, ANTHROPIC], "--check", "--diff", prune=True)
    assert (run.code, run.recap("changed")) == (0, 1), run.output
    assert "Would be pruned, not being in the list: gemini" in run.text, run.output
    shown = {line.removeprefix("--- before: ") for line in run.output.splitlines() if line.startswith("--- before: ")}
    assert shown == of_gemini
    assert deployed.versions() == before


@pytest.mark.parametrize("name", OWN_IDS)
def test_official_client_lists_chats_and_streams(deployed, name):
    caller = user(deployed)
    model = caller.model(name, OWN_IDS[name])
    official = caller.client(name)
    assert model in [each.id for each in official.models.list()]
    answer = official.chat.completions.create(model=model, messages=HELLO)
    assert answer.choices[0].message.content and answer.usage.total_tokens > 0
    stream = official.chat.completions.create(model=model, messages=HELLO, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    by_path = official.with_options(base_url=caller.path_url(name))
    assert by_path.chat.completions.create(model=OWN_IDS[name], messages=HELLO).model == OWN_IDS[name]


def filled(text: str, placeholders: dict[str, str]) -> str:
    for placeholder, value in placeholders.items():
        text = text.replace(placeholder, value)
    return text


def test_the_calls_of_the_page_for_a_team_work(deployed, request):
    """With the placeholders filled in, and what the page's table says for the generation in place of its example's."""
    page = (request.config.rootpath / "docs" / "hand-a-key-to-a-team.md").read_text()
    by_keys, by_tokens, chat = re.findall(r"^```\n(curl .*?)^```$", page, re.MULTILINE | re.DOTALL)
    urls_and_ids = {row[0]: row[1:] for row in re.findall(r"^\| (\w+) \| `(.*)` \| `(.*)` \|$", page, re.MULTILINE)}
    generation = deployed.state["generation"]
    alice = user(deployed)
    placeholders = {
        "https://maas.apps.example.com": deployed.url,
        "openai-science": "openai",
        "$(oc whoami -t)": alice.token,
    }
    given = alice.curl(filled(by_tokens if generation == "a" else by_keys, placeholders))
    placeholders["$MAAS_KEY"] = given["token" if generation == "a" else "key"]
    spelt = dict(zip(urls_and_ids["B2"], urls_and_ids[generation.upper()], strict=True))
    assert alice.curl(filled(chat, spelt | placeholders))["choices"][0]["message"]["content"]


@pytest.mark.once
def test_a_key_that_the_provider_refuses_is_not_written(deployed):
    before = deployed.versions()
    for options in ((), ("--check",)):
        with repeating(deployed, "url"):
            run = deployed.play("rotate", INSTANCES, "-vvv", "--diff", *options, env=WRONG)
        assert run.code != 0 and run.recap("changed") == 0, run.output
        assert "openai: the provider refused the key: GET https://api.openai.com/v1/models answered 401" in run.text
        assert "openai: nothing was changed." in run.text
        assert "Invalid API Key: ****" in run.text and not shown(deployed, run.output), run.output
    assert deployed.versions() == before


@pytest.mark.once
def test_a_new_key_that_does_not_prove_gives_way_to_the_old_one(deployed):
    with repeating(deployed, "plain"):
        run = deployed.play("rotate", INSTANCES, "-vvv", "--diff", env=WRONG, rotate_check=False)
    assert run.code != 0
    assert "the provider refused the key" in run.text, run.output
    assert "openai: rolled back, so its pods run with the old key." in run.text, run.output
    assert "Invalid API Key: ****" in run.text and not shown(deployed, run.output), run.output
    assert key_in_use(deployed) == deployed.keys["OPENAI_API_KEY"]
    assert KEPT not in deployed.names("secrets")
    assert answers(deployed) == "openai"


@pytest.mark.once
def test_wrong_ca_fails(deployed, tmp_path):
    pki.create(tmp_path / "other")
    run = deployed.play("validate", INSTANCES, ca_file=str(tmp_path / "other" / "ca.pem"))
    assert run.code != 0
    assert "the certificate of MaaS is not trusted" in run.text and deployed.url in run.text, run.output


@pytest.mark.once
def test_wrong_key_is_named_although_the_pod_is_healthy(deployed):
    with repeating(deployed, "base64"):
        run = deployed.play("deploy", INSTANCES, env=WRONG)
    assert run.code != 0
    assert "openai" in run.text and "refused the key" in run.text
    assert "OPENAI_API_KEY" in run.text, "the message says which variable to mend"
    assert "Invalid API Key: ****" in run.text and not shown(deployed, run.output), run.output


@pytest.mark.once
@pytest.mark.parametrize(("spelling", "known"), [("plain", WRONG), ("url", {"OPENAI_API_KEY": "unknown"})])
def test_nobody_shows_a_key_that_its_provider_repeats(deployed, spelling, known):
    """The run has the key that is refused in its environment, or reads it in the instance's Secret."""
    with repeating(deployed, spelling):
        called = deployed.play("validate", INSTANCES, "-vvv", "--diff", report_dir=spelling, env=known)
        walked = deployed.play("diagnose", INSTANCES, "-vvv", "--diff", env=known)
    assert called.code != 0 and walked.code == 0
    reports = [file.read_text() for file in (deployed.scratch / spelling).iterdir()]
    assert len(reports) == 3
    for text in (called.text, walked.text, *reports):
        assert "Invalid API Key: ****" in text and not shown(deployed, text), text


def test_another_key_mends_it_and_no_key_is_shown_anywhere(deployed):
    other = {**OPENAI, "api_key_env": "OPENAI_API_KEY_2"}
    again = deployed.play("deploy", [GEMINI, other, ANTHROPIC], "-vvv", "--diff")
    assert again.code == 0, again.output
    report = deployed.play("validate", INSTANCES, "-vvv", "--diff", report_dir="grepped")
    told = deployed.first_run.output + again.output + report.output
    told += "".join(file.read_text() for file in (deployed.scratch / "grepped").iterdir())
    tokens = [each["token"] for each in deployed.state["users"].values()]
    secrets = [*deployed.keys.values(), deployed.state["admin_token"], *tokens]
    for secret in secrets:
        assert secret not in told
        assert base64.b64encode(secret.encode()).decode() not in told
    assert not shown(deployed, told)
    assert "sk-oai-" not in told


def test_a_key_is_rotated_and_callers_see_no_gap(deployed):
    known = {deployed.keys["OPENAI_API_KEY"]: "openai", deployed.keys["OPENAI_API_KEY_2"]: "openai_2"}
    old = key_in_use(deployed)
    new = next(key for key in known if key != old)
    deployed.provider("DELETE", "/requests")
    with Traffic(user(deployed), "openai", OWN_IDS["openai"]) as traffic:
        run = deployed.play("rotate", INSTANCES, "-vvv", "--diff", env={"OPENAI_API_KEY": new})
    assert run.code == 0, run.output
    assert "updated Secret, LLMInferenceService" in run.text, run.output
    assert traffic.failures == [] and traffic.answered > 20
    asked = deployed.provider("GET", "/requests?provider=openai&path=/v1/chat/completions")["requests"]
    assert (asked[0]["key"], asked[-1]["key"]) == (known[old], known[new])
    assert not shown(deployed, run.output)
    again = deployed.play("rotate", INSTANCES, env={"OPENAI_API_KEY": new})
    assert (again.code, again.recap("changed")) == (0, 0), again.output
    assert "there is nothing to rotate" in again.text


def test_what_left_the_list_is_pruned_and_nothing_else_is_touched(deployed, of_gemini):
    before = deployed.contents()
    run = deployed.play("deploy", [OPENAI, ANTHROPIC], prune=True)
    assert (run.code, run.recap("changed")) == (0, 1), run.output
    assert "Pruned, not being in the list: gemini" in run.text, run.output
    assert deployed.contents() == {name: each for name, each in before.items() if name not in of_gemini}


def test_remove_leaves_nothing(deployed):
    """Whoever removes has neither the keys nor anything that holds them, and no MaaS that answers."""
    keyless = [{"name": each["name"], "provider": each["provider"], "api_key": "{{ not_there }}"} for each in INSTANCES]
    without = dict.fromkeys(deployed.keys, "")
    # One of them may be gone already: a test before this one prunes it.
    there = len(deployed.names("llmisvc"))
    run = deployed.play("remove", keyless, env=without, url="https://127.0.0.1:1")
    assert run.code == 0, run.output
    assert there and f" {there} removed" in run.text, run.output
    assert deployed.ours() == {}
    assert deployed.get("deployments", "-n", "llm")["items"] == []
    again = deployed.play("remove", keyless, env=without)
    assert (again.code, again.recap("changed")) == (0, 0), again.output
    assert "Of these instances of instance set default in namespace llm there is no " in again.text, again.output
