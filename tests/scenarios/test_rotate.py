# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that are rotated: one that is refused, one that does not prove, a run that is killed, a Secret of somebody else.

That callers see no gap is shown on every generation, in ``test_deployed.py``.
"""

from __future__ import annotations

import base64
import json

import pytest
from scenarios.harness import OPENAI, Sandbox
from scenarios.users import user

#: It looks like a key of OpenAI, and the imitation of OpenAI does not know it.
WRONG = {"OPENAI_API_KEY": "sk-proj-wrong0123456789abcdef"}
KEPT = "openai-credentials-before-rotation"
CORP = {
    "name": "corp",
    "provider": "openai",
    "credentials_secret": {"name": "corp-openai", "keys": {"api_key": "token"}},
    "models": ["gpt-4o-mini"],
}
INSTANCES = [OPENAI, CORP]


def corp_secret(key: str) -> str:
    metadata = {"name": "corp-openai", "namespace": "llm"}
    return json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"token": key}})


def key_in_use(sandbox: Sandbox) -> str:
    """The key in the instance's Secret."""
    return base64.b64decode(sandbox.get("secret", "openai-credentials", "-n", "llm")["data"]["api_key"]).decode()


def answers(sandbox: Sandbox, instance: str = "openai") -> str:
    """The name of the key with which the provider was asked when a user asked the instance."""
    sandbox.provider("DELETE", "/requests")
    alice = user(sandbox)
    alice.client(instance).chat.completions.create(
        model=alice.model(instance, f"{instance}/gpt-4o-mini"), messages=[{"role": "user", "content": "Say hello"}]
    )
    (request,) = sandbox.provider("GET", "/requests?provider=openai&path=/v1/chat/completions")["requests"]
    return request["key"]


@pytest.fixture(scope="module")
def deployed(shared_sandbox):
    """A sandbox with an instance that has its own Secret and one with a Secret of somebody else."""
    shared_sandbox.kubectl("apply", "-f", "-", given=corp_secret(shared_sandbox.keys["OPENAI_API_KEY"]))
    run = shared_sandbox.play("deploy", INSTANCES)
    assert run.code == 0, run.output
    yield shared_sandbox
    shared_sandbox.kubectl("delete", "secret", "corp-openai", "-n", "llm")


def test_a_key_that_has_not_changed_is_not_touched(deployed):
    before = deployed.versions()
    run = deployed.play("rotate", INSTANCES)
    assert (run.code, run.recap("changed")) == (0, 0), run.output
    assert "there is nothing to rotate" in run.text
    assert deployed.versions() == before


def test_a_key_that_the_provider_refuses_is_not_written(deployed):
    before = deployed.versions()
    for options in ((), ("--check",)):
        run = deployed.play("rotate", INSTANCES, "-vvv", "--diff", *options, env=WRONG)
        assert run.code != 0 and run.recap("changed") == 0, run.output
        assert "openai: the provider refused the key: GET https://api.openai.com/v1/models answered 401" in run.text
        assert "openai: nothing was changed." in run.text
        assert WRONG["OPENAI_API_KEY"] not in run.output
    assert deployed.versions() == before


def test_what_cannot_be_done_is_refused_before_anything_is_written(deployed):
    before = deployed.versions()
    other_key = {**OPENAI, "api_key_env": "OPENAI_API_KEY_2"}
    for instances, variables, words in (
        (INSTANCES, {"rotate": "opanai"}, "unknown instance; did you mean openai?"),
        ([{**other_key, "models": ["gpt-4o"]}, CORP], {}, "differ in more than keys: ConfigMap openai-config"),
        ([OPENAI, {**OPENAI, "name": "fresh"}], {"rotate": ["fresh"]}, "run deploy first"),
    ):
        run = deployed.play("rotate", instances, **variables)
        assert run.code != 0 and words in run.text, run.output
    deployed.provider("POST", "/faults", {"provider": "openai", "fault": "unreachable"})
    run = deployed.play("rotate", [other_key, CORP])
    deployed.provider("DELETE", "/faults")
    assert run.code != 0 and "llamastack_maas_rotate_check=false" in run.text, run.output
    assert deployed.versions() == before


def test_a_new_key_that_does_not_prove_gives_way_to_the_old_one(deployed):
    run = deployed.play("rotate", INSTANCES, "-vvv", "--diff", env=WRONG, rotate_check=False)
    assert run.code != 0
    assert "the provider refused the key" in run.text, run.output
    assert "openai: the old key is back, and its pods run with it." in run.text, run.output
    assert not any(key in run.output for key in (*deployed.keys.values(), *WRONG.values()))
    assert key_in_use(deployed) == deployed.keys["OPENAI_API_KEY"]
    assert KEPT not in deployed.names("secrets")
    assert answers(deployed) == "openai"


def test_a_run_that_was_killed_is_ended_by_the_next_one(deployed):
    deployed.play_and_kill(
        "Wait until the providers list", "rotate", INSTANCES, rotate_check=False, env=WRONG
    )
    assert key_in_use(deployed) != deployed.keys["OPENAI_API_KEY"] and KEPT in deployed.names("secrets")
    run = deployed.play("rotate", INSTANCES, env=WRONG)
    assert run.code != 0
    assert "openai: the old key is back, and its pods run with it." in run.text, run.output
    assert key_in_use(deployed) == deployed.keys["OPENAI_API_KEY"]
    assert answers(deployed) == "openai"
    other_key = {**OPENAI, "api_key_env": "OPENAI_API_KEY_2"}
    deployed.play_and_kill("Start pods with the new keys", "rotate", [other_key, CORP])
    assert KEPT in deployed.names("secrets")
    run = deployed.play("rotate", [other_key, CORP])
    assert run.code == 0, run.output
    assert KEPT not in deployed.names("secrets")
    assert answers(deployed) == "openai_2"


def test_a_secret_of_somebody_else_is_rolled_out_and_not_written(deployed):
    deployed.kubectl("apply", "-f", "-", given=corp_secret(deployed.keys["OPENAI_API_KEY_2"]))
    before = deployed.versions()
    theirs = deployed.get("secret", "corp-openai", "-n", "llm")["metadata"]["resourceVersion"]
    # The key of the other instance is not needed for this one.
    run = deployed.play("rotate", INSTANCES, rotate="corp", env={"OPENAI_API_KEY": ""})
    assert run.code == 0, run.output
    assert "proven " in run.text and "updated LLMInferenceService" in run.text
    changed = {key for key, version in deployed.versions().items() if before[key] != version}
    assert "LLMInferenceService llm/corp" in changed and not any("openai" in key for key in changed)
    assert deployed.get("secret", "corp-openai", "-n", "llm")["metadata"]["resourceVersion"] == theirs
    assert answers(deployed, "corp") == "openai_2"


def test_a_deployment_that_proves_the_key_ends_a_rotation_that_was_killed(deployed):
    labels = deployed.get("secret", "openai-credentials", "-n", "llm")["metadata"]["labels"]
    kept = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": KEPT, "namespace": "llm", "labels": labels}}
    ours = ("--server-side", "--field-manager=llamastack.maas")
    deployed.kubectl("apply", *ours, "-f", "-", given=json.dumps(kept))
    run = deployed.play("deploy", [{**OPENAI, "api_key_env": "OPENAI_API_KEY_2"}])
    assert run.code == 0 and KEPT not in deployed.names("secrets"), run.output
