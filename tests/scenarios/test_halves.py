# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people, each with half of the work, and with the rights to it that docs/security.md says and no others."""

from __future__ import annotations

import pytest
import yaml
from scenarios.harness import OPENAI

HALVES = ("project", "platform")


def test_the_project_begins_and_neither_changes_anything_again(people):
    for half in HALVES:
        assert "FAILED" not in people.play(half, "preflight", scope=half).output
        people.play(half, "deploy", scope=half)
    before = people.sandbox.contents()
    for half in HALVES:
        assert people.play(half, "deploy", scope=half).recap("changed") == 0
    assert people.sandbox.contents() == before


def test_the_platform_begins_and_each_takes_its_half_away(people):
    # Where the gateway wants a label, the platform's owner sees which and puts it on.
    people.sandbox.kubectl("label", "namespace", "llm", "maas.opendatahub.io/gateway-access-")
    for half in reversed(HALVES):
        people.play(half, "deploy", scope=half)
    # The project's owner may not read policies and subscriptions, and sees what they do.
    people.play("project", "validate", scope="project")
    proof = people.sandbox.play("validate", [OPENAI])
    assert proof.code == 0, proof.output
    assert people.play("project", "remove", scope="project").recap("changed") > 0
    assert people.sandbox.names("llmisvc") == []
    people.play("platform", "remove", scope="platform")
    assert people.sandbox.ours() == {}
    people.play("platform", "deploy", OPENAI, "--tags", "namespace", scope="platform", namespace="fresh")
    assert list(people.sandbox.ours()) == ["Namespace /fresh"]


@pytest.mark.once
def test_a_role_alone_finds_out_what_its_playbook_would_have_told_it(people):
    play = people.sandbox.scratch / "role.yml"
    task = {"ansible.builtin.import_role": {"name": "llamastack.maas.llamastack_instances", "tasks_from": "remove"}}
    play.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    assert people.play("project", str(play)).recap("changed") == 0
