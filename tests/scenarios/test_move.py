# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way from a LiteLLM that nobody of ours has filled to models that answer in MaaS."""

from __future__ import annotations

import json

import pytest
import yaml
from real_litellm import gateway


@pytest.mark.once
def test_what_a_litellm_holds_answers_in_maas(sandbox, tmp_path):
    keys = {"openai": sandbox.keys["OPENAI_API_KEY"], "gemini": sandbox.keys["GEMINI_API_KEY"]}
    models = {
        "openai-prod/gpt-4o-mini": {"model": "openai/gpt-4o-mini", "api_key": keys["openai"]},
        "openai-prod/gpt-4o": {"model": "openai/gpt-4o", "api_key": keys["openai"]},
        "flash": {"model": "gemini/gemini-2.5-flash", "api_key": keys["gemini"]},
    }
    file = tmp_path / "exported.yml"
    with gateway.running() as litellm:
        for name, params in models.items():
            made = litellm.call("POST", "/model/new", {"model_name": name, "litellm_params": params})
            assert made[0] == 200, made
        team = {"team_id": "data-science", "models": list(models), "max_budget": 100, "budget_duration": "30d"}
        assert litellm.call("POST", "/team/new", team)[0] == 200
        key = {"key_alias": "notebook", "team_id": "data-science", "models": ["flash"]}
        assert litellm.call("POST", "/key/generate", key)[0] == 200
        given = {"litemaas_url": litellm.url, "litemaas_token": litellm.key, "litemaas_export_file": str(file)}
        exported = sandbox.play("litemaas_export", None, "-e", json.dumps(given))
        assert exported.code == 0, exported.output
        again = sandbox.play("litemaas_export", None, "--check", "-e", json.dumps(given))
        assert (again.code, again.recap("changed")) == (0, 0), again.output
        secrets = [litellm.key, *keys.values()]
    lists = yaml.safe_load(file.read_text())
    assert [(each["name"], each["models"]) for each in lists["llamastack_maas_instances"]] == [
        ("gemini", ["gemini-2.5-flash"]),
        ("openai-prod", ["gpt-4o", "gpt-4o-mini"]),
    ]
    assert lists["litemaas_routes"][0]["order"] == ["gemini/gemini-2.5-flash"]
    for secret in secrets:
        assert secret not in exported.output + file.read_text()
    assert "OPENAI_PROD_API_KEY" in exported.output

    filled_in = {"OPENAI_PROD_API_KEY": keys["openai"], "GEMINI_API_KEY": keys["gemini"]}
    member = sandbox.token("alice")
    deployed = sandbox.play("deploy", None, "-e", f"@{file}", env=filled_in, token=member)
    assert deployed.code == 0, deployed.output
    assert deployed.text.count("proven") >= 2, deployed.output
    # Whoever is in no group of the file gets nothing.
    outsider = sandbox.play(
        "validate", None, "-e", f"@{file}", env=filled_in, token=member, outsider_token=sandbox.token("mallory")
    )
    assert outsider.code == 0, outsider.output
