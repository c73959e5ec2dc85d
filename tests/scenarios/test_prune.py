# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What left the list is named, and goes on demand as far as the scope reaches; nothing else does.

What check mode names, and that one of three instances goes whole, is shown on every generation, in ``test_deployed.py``.
"""

from __future__ import annotations

import pytest
from scenarios.harness import ANTHROPIC, GEMINI, OPENAI


def of(versions: dict[str, str], name: str) -> set[str]:
    """The objects of one instance."""
    return {key for key in versions if f"/{name}" in key or f"/llm-{name}" in key}


@pytest.fixture(scope="module")
def deployed(shared_sandbox):
    """A sandbox with two instances of one set and one of another in the same namespace."""
    shared_sandbox.kubectl("create", "configmap", "gemini-notes", "-n", "llm")
    for entries, name in (([OPENAI, GEMINI], "default"), ([ANTHROPIC], "other")):
        run = shared_sandbox.play("deploy", entries, set=name)
        assert run.code == 0, run.output
    yield shared_sandbox
    shared_sandbox.kubectl("delete", "configmap", "gemini-notes", "-n", "llm")


def test_what_left_the_list_is_named_and_stays(deployed):
    before = deployed.versions()
    run = deployed.play("deploy", [OPENAI])
    assert (run.code, run.recap("changed")) == (0, 0), run.output
    assert 0 < run.text.find("Not in the list, and left as they are: gemini.") < run.text.find("Next: "), run.output
    assert deployed.versions() == before


@pytest.mark.parametrize(
    ("empty", "words"),
    [([], ("llamastack_maas_instances is empty", "llamastack_maas_prune_all")), (None, ("is not given",))],
)
def test_an_empty_list_prunes_nothing(deployed, empty, words):
    before = deployed.versions()
    run = deployed.play("deploy", empty, prune=True)
    assert run.code != 0
    assert all(each in run.text for each in words), run.output
    assert deployed.versions() == before


def test_a_list_that_cannot_be_read_prunes_nothing_however_often_told(deployed):
    before = deployed.versions()
    run = deployed.play("deploy", "- name: [", prune=True, prune_all=True)
    assert run.code != 0
    assert "llamastack_maas_instances" in run.text, run.output
    assert deployed.versions() == before


def test_it_goes_as_far_as_the_scope_and_nothing_else_does(deployed):
    before = deployed.versions()
    gone = of(before, "gemini")
    shared = {key for key in gone if "models-as-a-service" in key}
    for scope, kubeconfig, left in (("platform", "platform", gone - shared), ("project", "project", set())):
        run = deployed.play("deploy", [OPENAI], kubeconfig=kubeconfig, scope=scope, prune=True)
        assert (run.code, run.recap("changed")) == (0, 1), run.output
        assert "Pruned, not being in the list: gemini" in run.text, run.output
        after = deployed.versions()
        assert of(after, "gemini") == left
        assert set(after) - gone == set(before) - gone
    run = deployed.play("deploy", [OPENAI], prune=True)
    assert (run.code, run.recap("changed")) == (0, 0), run.output
    assert deployed.names("configmap").count("gemini-notes") == 1


def test_told_twice_an_empty_list_takes_the_set_and_no_other(deployed):
    theirs = deployed.contents("other")
    run = deployed.play("deploy", [], prune=True, prune_all=True)
    assert run.code == 0, run.output
    assert deployed.contents("default") == {}
    assert deployed.contents("other") == theirs
