# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys: two of one provider, one that somebody else keeps, one that changes."""

from __future__ import annotations

import json

import pytest
from scenarios.harness import OPENAI, instance
from scenarios.users import user

SECOND = instance("openai-b", "openai", "OPENAI_API_KEY_2", ["gpt-4o-mini"])


def pods(sandbox) -> dict[str, str]:
    """Pod uid by instance."""
    items = sandbox.get("pods", "-n", "llm", "-l", "app.kubernetes.io/part-of=llminferenceservice")["items"]
    alive = [item["metadata"] for item in items if "deletionTimestamp" not in item["metadata"]]
    return {metadata["labels"]["app.kubernetes.io/name"]: metadata["uid"] for metadata in alive}


def keys_used(sandbox, provider: str) -> set[str]:
    """Names of the keys with which a far provider was asked for a completion."""
    requests = sandbox.provider("GET", f"/requests?provider={provider}")["requests"]
    return {request["key"] for request in requests if "completions" in request["path"]}


@pytest.fixture(scope="module")
def two_keys(shared_sandbox):
    """A sandbox with two instances of one provider, each with a key of its own."""
    run = shared_sandbox.play("deploy", [OPENAI, SECOND])
    assert run.code == 0, run.output
    return shared_sandbox


def test_two_keys_of_one_provider_never_mix(two_keys):
    caller = user(two_keys)
    for chosen, key in ((OPENAI, "openai"), (SECOND, "openai_2")):
        two_keys.provider("DELETE", "/requests")
        caller.say_hello(chosen["name"], f"{chosen['name']}/gpt-4o-mini")
        assert keys_used(two_keys, "openai") == {key}


def test_a_changed_key_rolls_exactly_one_pod(two_keys):
    before = pods(two_keys)
    run = two_keys.play("deploy", [{**OPENAI, "api_key_env": "OPENAI_API_KEY_2"}, SECOND])
    assert run.code == 0, run.output
    after = pods(two_keys)
    assert after["openai-b"] == before["openai-b"]
    assert after["openai"] != before["openai"]


def test_an_existing_secret_is_used_and_never_written(sandbox):
    manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "corp-openai", "namespace": "llm"},
        "stringData": {"token": sandbox.keys["OPENAI_API_KEY"]},
    }
    sandbox.kubectl("apply", "-f", "-", given=json.dumps(manifest))
    chosen = {"name": "corp-openai", "keys": {"api_key": "token"}}
    entry = {"name": "openai", "provider": "openai", "credentials_secret": chosen, "models": ["gpt-4o-mini"]}
    before = sandbox.get("secret", "corp-openai", "-n", "llm")["metadata"]["resourceVersion"]
    assert sandbox.play("deploy", [entry]).code == 0
    assert sandbox.play("deploy", [entry]).recap("changed") == 0
    old = pods(sandbox)
    assert sandbox.get("secret", "corp-openai", "-n", "llm")["metadata"]["resourceVersion"] == before
    manifest["stringData"]["token"] = sandbox.keys["OPENAI_API_KEY_2"]
    sandbox.kubectl("apply", "-f", "-", given=json.dumps(manifest))
    assert sandbox.play("deploy", [entry]).code == 0
    assert pods(sandbox)["openai"] != old["openai"]
    assert sandbox.play("remove", [entry]).code == 0
    assert "corp-openai" in sandbox.names("secrets")
