# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people, each with half of the rights and the work: the project's and the platform's."""

from __future__ import annotations

from scenarios.harness import OPENAI, Run, Sandbox


def play(sandbox: Sandbox, verb: str, half: str) -> Run:
    """One half of the work, by who has the rights for that half."""
    run = sandbox.play(verb, [OPENAI], kubeconfig=half, scope=half)
    assert run.code == 0, run.output
    return run


def test_the_project_begins_and_neither_changes_anything_again(sandbox):
    for half in ("project", "platform"):
        play(sandbox, "deploy", half)
    before = sandbox.contents()
    for half in ("project", "platform"):
        assert play(sandbox, "deploy", half).recap("changed") == 0
    assert sandbox.contents() == before


def test_the_platform_begins_and_each_takes_its_half_away(sandbox):
    for half in ("platform", "project"):
        play(sandbox, "deploy", half)
    proof = sandbox.play("validate", [OPENAI])
    assert proof.code == 0, proof.output
    assert play(sandbox, "remove", "project").recap("changed") > 0
    assert sandbox.names("llmisvc") == []
    play(sandbox, "remove", "platform")
    assert sandbox.ours() == {}
