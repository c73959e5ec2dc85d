# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The definitions of KServe v0.16.0, which cannot be told to load no model, read from folders as those of a cluster would be.

No controller runs: nothing becomes ready.
"""

from __future__ import annotations

import os
import re

import pytest
from sandbox import toolchain
from scenarios.harness import OPENAI

#: A model so small that it can be loaded for nothing.
TINY = "hf://sshleifer/tiny-gpt2"


@pytest.fixture(scope="module")
def sandbox(platform):
    crds = toolchain.ensure(toolchain.KSERVE_0_16) / "crds"
    folders = os.pathsep.join(str(crds / owner) for owner in ("kserve", "gateway"))
    return platform("a", SANDBOX_KSERVE="none", SANDBOX_CRD_DIR=folders)


def test_preflight_warns_of_the_download(sandbox):
    run = sandbox.play("preflight", [OPENAI])
    assert run.code == 0, run.output
    assert re.search(r"^storage_initializer +warning ", run.output, re.MULTILINE), run.output
    assert TINY in run.text and "llamastack_maas_model_uri" in run.text, run.output


def test_an_instance_loads_the_smallest_model(sandbox):
    run = sandbox.play("deploy", [OPENAI], wait_timeout=1)
    assert run.code != 0 and "Not ready" in run.text, run.output
    spec = sandbox.get("llmisvc", "openai", "-n", "llm")["spec"]
    assert spec["model"] == {"name": "openai", "uri": TINY}
    assert "storageInitializer" not in spec


def test_a_disconnected_cluster_names_its_own(sandbox):
    run = sandbox.play(
        "deploy", [OPENAI], "--check", "--diff", "--tags", "instances", model_uri="oci://registry.example.com/tiny:1"
    )
    assert run.code == 0, run.output
    assert f"-    uri: {TINY}" in run.output and "+    uri: oci://registry.example.com/tiny:1" in run.output, run.output
