# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What proves an instance, with providers that list to anybody, that know one name for a limit, that only embed."""

from __future__ import annotations

import pytest
from scenarios.harness import instance


def compatible(name: str, model: str, **more) -> dict:
    settings = {"base_url": f"https://{name}.corp.example/v1"}
    return {"name": name, "provider": "openai_compatible", "models": [model], "settings": settings, **more}


OPEN = compatible("open", "house/chat", api_key_env="OPEN_KEY")
REASONING = compatible("reasoning", "corp-thinker")
EMBEDDINGS = instance("vectors", "openai", "OPENAI_API_KEY", ["text-embedding-3-small"])
INSTANCES = [OPEN, REASONING, EMBEDDINGS]


@pytest.fixture(scope="module")
def keys(shared_sandbox):
    """Environments with the key of the provider that lists to anybody: good, without credit, wrong."""
    good, without_credit = shared_sandbox.state["keys"]["open"]
    return {"good": {"OPEN_KEY": good}, "broke": {"OPEN_KEY": without_credit}, "wrong": {"OPEN_KEY": good[::-1]}}


def calls(sandbox, provider: str) -> list[tuple]:
    """What reached a provider, but its list."""
    found = sandbox.provider("GET", f"/requests?provider={provider}")["requests"]
    return [(each["path"], each["status"]) for each in found if each["method"] == "POST"]


def test_a_list_for_anybody_proves_nothing_and_each_model_is_called_as_it_can_be(shared_sandbox, keys):
    run = shared_sandbox.play("deploy", INSTANCES, env=keys["broke"])
    assert run.code != 0 and "open: the provider's account has no credit or budget left" in run.text, run.output
    assert "reasoning: the" not in run.text and "vectors: the" not in run.text, run.output
    assert calls(shared_sandbox, "open") == [("/v1/chat/completions", 402)]
    assert calls(shared_sandbox, "reasoning") == [("/v1/chat/completions", 400), ("/v1/chat/completions", 200)]
    assert calls(shared_sandbox, "openai") == [("/v1/embeddings", 200)]

    shared_sandbox.provider("DELETE", "/requests")
    run = shared_sandbox.play("deploy", INSTANCES, env=keys["good"], proof="list")
    assert run.code == 0 and "3 instances: 3 listed" in run.text, run.output
    assert not [*calls(shared_sandbox, "open"), *calls(shared_sandbox, "reasoning"), *calls(shared_sandbox, "openai")]

    run = shared_sandbox.play("deploy", INSTANCES, env=keys["good"])
    assert run.code == 0 and "3 instances: 3 proven" in run.text and run.recap("changed") == 0, run.output
    run = shared_sandbox.play("validate", INSTANCES)
    assert run.code == 0, run.output


def test_nobody_can_tell_a_key_by_a_list_for_anybody_so_the_answer_decides(shared_sandbox, keys):
    run = shared_sandbox.play("rotate", INSTANCES, env=keys["wrong"])
    assert run.code != 0, run.output
    assert (
        "open: it cannot be seen whether the provider accepts the key: the provider lists its models whatever"
        in run.text
    )
    assert "open: rolled back, so its pods run with the old key." in run.text, run.output
    run = shared_sandbox.play("rotate", INSTANCES, env=keys["broke"])
    assert run.code != 0 and "open: the new key stays, not proven" in run.text, run.output
    run = shared_sandbox.play("rotate", INSTANCES, env=keys["good"])
    assert run.code == 0 and "open " in run.text and "proven" in run.text, run.output


def test_the_limit_of_the_entry_is_neither_proof_nor_refusal(shared_sandbox, keys):
    if shared_sandbox.state["generation"] == "a":
        pytest.skip("limits are the platform's there")
    narrow = {
        **REASONING,
        "access": {"groups": ["system:authenticated"], "token_limits": [{"limit": 1, "window": "1h"}]},
    }
    run = shared_sandbox.play("deploy", [narrow])
    assert run.code == 0 and "1 proven" in run.text, run.output
    run = shared_sandbox.play("deploy", [narrow])
    assert run.code == 0 and "1 limit reached" in run.text, run.output
    assert "neither proven nor refused: the caller's token limit is used up" in run.text, run.output
