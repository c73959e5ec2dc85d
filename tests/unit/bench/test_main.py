# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import signal
import sys

import pytest
from bench import __main__ as command
from bench.figures import Table, Target


@pytest.fixture
def run(monkeypatch):
    """``run(*arguments) -> exit code`` with two measures, of which one misses its target."""
    monkeypatch.setattr(signal, "signal", lambda *_arguments: None)
    good, bad = (Table(name, [], targets=[Target(name, value, 1)]) for name, value in (("good", 1), ("bad", 2)))
    monkeypatch.setattr(command, "MEASURES", {"good": lambda _rounds: [good], "bad": lambda _rounds: [bad]})

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["bench", *arguments])
        with pytest.raises(SystemExit) as ended:
            command.main()
        return ended.value.code

    return call


def test_fails_where_a_target_is_missed(run, capsys):
    assert run("bad") == 1
    assert "MISSED  bad: 2 (at most 1)\n\n1 targets missed" in capsys.readouterr().out


def test_measures_only_what_is_asked_for(run):
    assert run("good") == 0


def test_measures_everything_by_default(run, capsys):
    assert run() == 1
    assert "met     good" in capsys.readouterr().out
