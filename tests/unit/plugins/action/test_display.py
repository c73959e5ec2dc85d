# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action as a playbook runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible.plugins.action import ActionBase
from ansible_collections.llamastack.maas.plugins.action import display
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions import display as screen
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Plan, RunOutcome, Verb

LINES = ["openai  proven  nothing", "", '  {{ braces }} "quotes" \\n <é>']


@pytest.fixture
def run(monkeypatch):
    """``run(lines, hosts=1) -> (result, what was printed, what was logged)``."""

    def call(lines, hosts=1, **args):
        shown = {"screen_only": [], "log_only": []}

        class FakeDisplay:
            def display(self, text, **where):
                shown[next(iter(where))] += (text.removesuffix("\n") if "screen_only" in where else text).split("\n")

        monkeypatch.setattr(screen, "Display", FakeDisplay)
        monkeypatch.setattr(screen, "stringc", lambda text, colour: f"<{colour}:{text}>")
        monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})
        action = display.ActionModule.__new__(display.ActionModule)
        action._task = type("Task", (), {"args": {"lines": lines, **args}})
        task_vars = {"inventory_hostname": "a", "ansible_play_hosts_all": ["a", "b"][:hosts]}
        return action.run(task_vars=task_vars), shown["screen_only"], shown["log_only"]

    return call


def test_states_are_in_colour_on_the_screen_and_plain_in_the_log(run):
    result, printed, logged = run(LINES)
    assert result == {"changed": False}
    assert printed == ["openai  <green:proven>  nothing", *LINES[1:]]
    assert logged == LINES


@pytest.mark.parametrize(
    ("given", "told"),
    [("a\nb\n", ["a", "b"]), (["a\nb", ""], ["a", "b", ""]), (None, []), ([1, None], ["1", ""]), ([], []), ("", [])],
)
def test_whatever_is_given_is_told(run, given, told):
    assert run(given)[1:] == (told, told)


def test_only_a_line_break_ends_a_line(run):
    assert run("{\n  'a\u2028b\x85c'\n}\n")[0:2][1] == ["{", "  'a b c'", "}"]


def test_one_of_several_hosts_names_itself(run):
    assert run("x", hosts=2)[1] == ["[a]", "x"]


@pytest.mark.parametrize("callback", ["json", "ansible.posix.json", "ansible.posix.jsonl"])
def test_a_program_finds_the_lines_in_the_result(run, monkeypatch, callback):
    monkeypatch.setattr(screen.C, "DEFAULT_STDOUT_CALLBACK", callback)
    assert run("x") == ({"changed": False, "lines": ["x"]}, [], [])


@pytest.fixture
def outcome(run, monkeypatch):
    """``outcome(path, check_mode=False) -> (result, what was printed)`` of a run that has a file to write there."""

    def call(path, check_mode=False, hosts=1):
        made = RunOutcome({"failed": []}, ["seen"], files={str(path): "text"}, written=[f"Report: {path}"])
        verb = Verb("some", "validation", {}, lambda plan: made)
        plan = Plan("some", [], True, check_mode, {}, {})
        monkeypatch.setattr(display.store, "load", lambda host: plan)
        monkeypatch.setattr(display, "VERBS", {"some": verb})
        return run(None, hosts, outcome=True)[:2]

    return call


def test_an_outcome_is_printed_published_and_written(outcome, tmp_path):
    file = tmp_path / "new" / "report.html"
    result, printed = outcome(file)
    assert printed == ["seen", f"Report: {file}"] and file.read_text() == "text"
    assert result["ansible_stats"] == {
        "data": {"llamastack_maas_validation": {"failed": []}},
        "aggregate": False,
        "per_host": False,
    }
    assert outcome(file, hosts=2)[0]["ansible_stats"]["data"] == {"llamastack_maas_validation": {"a": {"failed": []}}}


def test_what_was_seen_is_printed_although_it_cannot_be_written(outcome, tmp_path):
    (tmp_path / "file").touch()
    result, printed = outcome(tmp_path / "file" / "report.html")
    assert printed == ["seen"]
    assert result["problem"].startswith(f"{tmp_path}/file/report.html could not be written: ")


def test_check_mode_writes_no_file(outcome, tmp_path):
    result, printed = outcome(tmp_path / "report.html", check_mode=True)
    assert (result["problem"], printed) == ("", ["seen"]) and not list(tmp_path.iterdir())


def test_a_playbook_shows_the_lines_as_they_are(tmp_path):
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [{"llamastack.maas.display": {"lines": "{{ given }}"}}],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    command = [
        Path(sys.executable).with_name("ansible-playbook"),
        "play.yml",
        "--check",
        "-v",
        "-e",
        json.dumps({"given": LINES[:2]}),
    ]
    environment = os.environ | {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOG_PATH": str(tmp_path / "log")}
    shown = subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True).stdout
    assert '\nopenai  proven  nothing\n\nok: [localhost] => {"changed": false}\n' in shown
    assert "openai  proven  nothing" in (tmp_path / "log").read_text()
