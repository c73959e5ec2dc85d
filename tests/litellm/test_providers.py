# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the registry says that LiteLLM calls each provider, beside what LiteLLM itself makes of it."""

from __future__ import annotations

import json
import subprocess

import pytest
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import registry
from real_litellm import releases

# The name that LiteLLM gives the provider, and what it would send the model as.
ASK = """
import json, sys
from litellm import get_llm_provider
print(json.dumps([get_llm_provider(model, api_base="https://api.example.com/v1")[:2] for model in json.loads(sys.argv[1])]))
"""


@pytest.mark.parametrize("version", [releases.CURRENT, releases.OLD])
def test_litellm_knows_every_provider_and_sends_the_models_own_id(version):
    providers = registry.load()[0]
    models = {name: f"{name}-model/v1" for name in providers}
    asked = [registry.litellm_model(providers[name], model) for name, model in models.items()]
    release = releases.ensure(version)
    environment = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "HF_HUB_OFFLINE": "1"}
    command = [release.venv / "bin" / "python", "-c", ASK, json.dumps(asked)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = dict(zip(providers, json.loads(done.stdout.splitlines()[-1])))
    assert {name: model for name, (model, _provider) in found.items()} == models
    assert {name: provider for name, (_model, provider) in found.items()} == {
        "anthropic": "anthropic",
        "gemini": "gemini",
        "openai": "openai",
        "openai_compatible": "hosted_vllm",
    }
