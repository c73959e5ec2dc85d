# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people with half the rights each: the owner of the namespace and the owner of the platform."""

from __future__ import annotations

import pytest
from scenarios.harness import OPENAI


@pytest.mark.parametrize("first", ["project", "platform"])
def test_the_halves_meet_whoever_begins(sandbox, first):
    second = "platform" if first == "project" else "project"
    for half in (first, second):
        run = sandbox.play("deploy", [OPENAI], kubeconfig=half, scope=half)
        assert run.code == 0, run.output
    assert sandbox.play("validate", [OPENAI]).code == 0
    for half in (first, second):
        again = sandbox.play("deploy", [OPENAI], kubeconfig=half, scope=half)
        assert (again.code, again.recap("changed")) == (0, 0), again.output
