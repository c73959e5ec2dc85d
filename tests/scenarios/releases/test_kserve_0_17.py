# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KServe v0.17.0, the release of OpenShift AI 3.4, whose MaaS is generation B1."""

from __future__ import annotations

from scenarios.harness import OPENAI


def test_the_smoke_path(platform):
    sandbox = platform("b1", SANDBOX_KSERVE="v0.17.0")
    first = sandbox.play("deploy", [OPENAI])
    assert first.code == 0, first.output
    assert "proven " in first.text
    before = sandbox.versions()
    second = sandbox.play("deploy", [OPENAI])
    assert (second.code, second.recap("changed")) == (0, 0), second.output
    assert sandbox.versions() == before
    validated = sandbox.play("validate", [OPENAI])
    assert validated.code == 0, validated.output
    assert sandbox.play("remove", [OPENAI]).code == 0
    assert sandbox.ours() == {}
