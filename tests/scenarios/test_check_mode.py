# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would change, shown without changing it; and runs of one phase."""

from __future__ import annotations

import base64
import re

import pytest
import yaml
from scenarios.harness import OPENAI

#: Another key, another model and another limit: a Secret, a ConfigMap and a MaaSSubscription would change.
CHANGED = {
    **OPENAI,
    "api_key_env": "OPENAI_API_KEY_2",
    "models": ["gpt-4o-mini"],
    "access": {"token_limits": [{"limit": 4321, "window": "1m"}]},
}


@pytest.fixture(scope="module")
def deployed(shared_sandbox):
    """A sandbox with one instance."""
    run = shared_sandbox.play("deploy", [OPENAI])
    assert run.code == 0, run.output
    return shared_sandbox


def test_instances_as_text_mean_the_same(deployed):
    run = deployed.play("deploy", yaml.safe_dump([OPENAI]), "--check")
    assert (run.code, run.recap("changed")) == (0, 0), run.output


def test_a_change_is_told_with_its_diff_and_no_secret(deployed):
    before = deployed.versions()
    run = deployed.play("deploy", [CHANGED], "--check", "--diff")
    assert (run.code, run.recap("changed")) == (0, 3), run.output
    assert "+++ after: ConfigMap llm/openai-config" in run.output
    assert "+++ after: MaaSSubscription models-as-a-service/llm-openai" in run.output
    assert re.search(r"^\+ +- limit: 4321$", run.output, re.MULTILINE), run.output
    assert "-  api_key: (hidden, old)" in run.output and "+  api_key: (hidden, new)" in run.output
    for key in deployed.keys.values():
        assert key not in run.output and base64.b64encode(key.encode()).decode() not in run.output
    assert deployed.versions() == before


def test_removal_is_told_and_nothing_goes(deployed):
    before = deployed.versions()
    run = deployed.play("remove", [OPENAI], "--check")
    assert (run.code, run.recap("changed")) == (0, 1), run.output
    assert "openai planned deleted " in run.text and "1 instance: 1 planned" in run.text, run.output
    assert deployed.versions() == before


@pytest.mark.parametrize("phase", ["secrets", "instances"])
def test_one_phase_alone(deployed, phase):
    before = deployed.versions()
    run = deployed.play("deploy", [OPENAI], "--tags", phase)
    assert (run.code, run.recap("changed")) == (0, 0), run.output
    assert deployed.versions() == before


def test_one_phase_writes_only_its_own(deployed):
    before = deployed.versions()
    run = deployed.play("deploy", [CHANGED], "--tags", "secrets")
    assert (run.code, run.recap("changed")) == (0, 1), run.output
    after = deployed.versions()
    assert [name for name in after if after[name] != before[name]] == ["Secret llm/openai-credentials"]
