# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a LiteMaaS outlives a rotation that was killed, and a loss: one installation, three starts of LiteLLM."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from sandbox import reset
from scenarios.harness import Run, Sandbox, instance

URL = "https://litellm-litemaas.apps.sandbox.example"
MODEL = "openai/gpt-4o-mini"
LIST = [instance("openai", "openai", "OPENAI_API_KEY", ["gpt-4o-mini"], access={"groups": ["data-science"]})]
KEY = {
    "alias": "notebook",
    "team": "data-science",
    "models": [MODEL],
    "secret": {"name": "notebook-key", "namespace": "litemaas"},
}


class Installation:
    """A LiteMaaS without pages in the sandbox."""

    def __init__(self, sandbox: Sandbox):
        self.sandbox = sandbox
        router = f"http://127.0.0.1:{sandbox.state['ports']['router']}"
        self._environment = {"HTTPS_PROXY": router, "NO_PROXY": "127.0.0.1,localhost"}
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.proxies, self._http.verify = {"https": router}, sandbox.ca

    def options(self, **area: Any) -> list[str]:
        return ["-e", json.dumps({"litemaas_ca_file": self.sandbox.ca, "litemaas_keys": [KEY], **area})]

    def play(self, verb: str, *options: str, **area: Any) -> Run:
        return self.sandbox.play(verb, LIST, *self.options(**area), *options, env=self._environment)

    def kill(self, verb: str, at: str) -> None:
        command = self.sandbox.command

        def with_options(*given: Any, **variables: Any) -> list[str]:
            return [*command(*given, **variables), *self.options()]

        self.sandbox.command = with_options  # type: ignore[method-assign]
        try:
            self.sandbox.play_and_kill(at, verb, LIST, env=self._environment)
        finally:
            self.sandbox.command = command  # type: ignore[method-assign]

    def secret(self, name: str) -> dict[str, str]:
        data = self.sandbox.get("secret", name, "-n", "litemaas")["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def call(self, method: str, path: str, key: str, body: Any = None) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        return self._http.request(method, URL + path, json=body, headers=headers, timeout=60).status_code

    def chat(self) -> int:
        body = {"model": MODEL, "messages": [{"role": "user", "content": "hello"}], "max_tokens": 5}
        (key,) = self.secret("notebook-key").values()
        return self.call("POST", "/v1/chat/completions", key, body)


@pytest.fixture
def installation(plain_cluster, tmp_path) -> Iterator[Installation]:
    folder, state = plain_cluster
    reset.run(folder)
    made = Installation(Sandbox(folder, state, tmp_path))
    run = made.play("litemaas_deploy")
    assert run.code == 0, run.output
    yield made
    reset.run(folder)


def test_nothing_is_lost_by_a_rotation_and_by_a_restore(installation):
    before = {name: installation.secret(name) for name in ("litellm-secret", "postgres-secret", "notebook-key")}
    assert installation.chat() == 200

    backup = installation.play("litemaas_backup")
    assert backup.code == 0, backup.output
    backup_id = backup.text.partition("folder ")[2].split()[0]

    # Killed when the Secrets have the new values and no program knows of it.
    installation.kill("litemaas_rotate", at="Start LiteLLM with the new values")
    kept = installation.secret("litemaas-rotation-master-key")
    rotated = installation.play("litemaas_rotate")
    assert rotated.code == 0, rotated.output
    assert "master_key: its new value is at work" in rotated.output
    after = {name: installation.secret(name) for name in before}
    old, new = before["litellm-secret"], after["litellm-secret"]
    assert {name for name in old if old[name] != new[name]} == {"LITELLM_MASTER_KEY"}
    assert new["LITELLM_MASTER_KEY"] == kept["litellm-secret.LITELLM_MASTER_KEY.new"]
    assert not set(before["postgres-secret"].values()) & set(after["postgres-secret"].values())
    assert after["notebook-key"] == before["notebook-key"]
    assert installation.chat() == 200
    assert installation.call("GET", "/key/list", old["LITELLM_MASTER_KEY"]) == 401
    names = installation.sandbox.names("secrets", "litemaas")
    assert [name for name in names if name.startswith("litemaas-rotation")] == []

    # Somebody deletes the team, and its key with it.
    assert installation.call("POST", "/team/delete", new["LITELLM_MASTER_KEY"], {"team_ids": ["data-science"]}) == 200
    refused = installation.play("litemaas_restore", litemaas_restore={"backup": backup_id})
    assert refused.code != 0
    assert "is in use: there is something in LiteLLM_ProxyModelTable" in refused.text
    restored = installation.play("litemaas_restore", litemaas_restore={"backup": backup_id, "overwrite": True})
    assert restored.code == 0, restored.output
    assert f"Backup {backup_id} is restored: 1 models, 1 keys, 1 teams" in restored.output
    assert installation.chat() == 200

    # It is what a deployment of the same list is.
    again = installation.play("litemaas_deploy")
    assert (again.code, again.recap("changed")) == (0, 0), again.output
    printed = "".join(run.output for run in (backup, rotated, refused, restored, again))
    for secrets in (*before.values(), *after.values()):
        for name, value in secrets.items():
            assert name == "UI_USERNAME" or value not in printed, name
