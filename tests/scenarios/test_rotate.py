# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that are rotated: what is refused at once, a run that is killed, a Secret of somebody else.

What happens on every generation is in ``test_deployed.py``: callers see no gap, and a wrong key does not stay.
"""

from __future__ import annotations

import json

import pytest
from scenarios.harness import OPENAI
from scenarios.keys import KEPT, WRONG, answers, key_in_use

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


def test_only_a_refused_key_gives_way(deployed):
    """Whatever else is wrong the new key stays: an old one may have leaked. The next run ends it."""
    other_key = {**OPENAI, "api_key_env": "OPENAI_API_KEY_2"}
    fault = {"provider": "openai", "key": "openai_2", "fault": "404"}
    deployed.provider("POST", "/faults", fault)
    run = deployed.play("rotate", [other_key, CORP], rotate_check=False)
    deployed.provider("DELETE", "/faults")
    assert run.code != 0, run.output
    assert "openai: the new key stays, not proven: the provider does not know the model." in run.text, run.output
    assert key_in_use(deployed) == deployed.keys["OPENAI_API_KEY_2"] and KEPT in deployed.names("secrets")
    run = deployed.play("rotate", [other_key, CORP])
    assert run.code == 0 and KEPT not in deployed.names("secrets"), run.output
    assert deployed.play("rotate", INSTANCES).code == 0


def test_what_cannot_be_proven_afterwards_is_not_written(deployed):
    other_key = {**OPENAI, "api_key_env": "OPENAI_API_KEY_2"}
    before = deployed.versions()
    for variables, words in (
        # The list was deployed without it, so its account is not there; as if somebody had deleted it.
        ({"prober": True}, "llamastack-maas-prober"),
        ({"token": "not-a-token"}, "refuses the caller"),
    ):
        run = deployed.play("rotate", [other_key, CORP], **variables)
        assert run.code != 0 and words in run.text, run.output
        assert "openai: nothing was changed." in run.text, run.output
    assert deployed.versions() == before


def test_a_run_that_was_killed_is_ended_by_the_next_one(deployed):
    deployed.play_and_kill("Wait until the providers answer", "rotate", INSTANCES, rotate_check=False, env=WRONG)
    assert key_in_use(deployed) != deployed.keys["OPENAI_API_KEY"] and KEPT in deployed.names("secrets")
    run = deployed.play("rotate", INSTANCES, env=WRONG)
    assert run.code != 0
    assert "openai: rolled back, so its pods run with the old key." in run.text, run.output
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
