# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The helpers behind the Makefile."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tools import sanity, tables, venvs


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A cache of its own, in which environments are made without pip; the list of those that were made."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    environments = []

    def create(command, **_options):
        (command[-1] / "bin").mkdir(parents=True)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(venvs.subprocess, "run", create)
    monkeypatch.setattr(venvs, "_install", lambda environment, _lock: environments.append(environment))
    return environments


@pytest.fixture
def lock(tmp_path):
    file = tmp_path / "some.txt"
    file.write_text("wheel==1.0 --hash=sha256:00\n")
    return file


def test_an_environment_is_made_once(made, lock):
    assert venvs.ensure_venv(lock) == venvs.ensure_venv(lock)
    assert len(made) == 1


def test_another_lock_or_interpreter_is_another_environment(made, lock):
    first = venvs.ensure_venv(lock)
    other_python = venvs.ensure_venv(lock, "/elsewhere/python3")
    lock.write_text("wheel==1.1 --hash=sha256:00\n")
    assert len({first, other_python, venvs.ensure_venv(lock)}) == 3


def test_an_environment_that_was_not_finished_is_made_anew(made, lock, monkeypatch):
    def killed(_environment, _lock):
        raise KeyboardInterrupt

    with monkeypatch.context() as context, pytest.raises(KeyboardInterrupt):
        context.setattr(venvs, "_install", killed)
        venvs.ensure_venv(lock)
    environment = venvs.ensure_venv(lock)
    assert made == [environment]


def ansible_test(folder: Path, monkeypatch, script: str) -> None:
    program = folder / "ansible-test"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setattr(sys, "argv", ["sanity"])


def test_a_sanity_run_that_tested_nothing_fails(tmp_path, monkeypatch):
    ansible_test(tmp_path, monkeypatch, "echo 'WARNING: All targets skipped.'")
    monkeypatch.setattr(sanity, "stage", lambda root: root)
    monkeypatch.setattr(sanity, "provide_get_pip", lambda: None)
    with pytest.raises(SystemExit, match="found only 0 tests"):
        sanity.main()


def test_a_failed_sanity_run_fails_with_its_code(tmp_path, monkeypatch):
    ansible_test(tmp_path, monkeypatch, "echo 'Running sanity test \"pep8\"'; exit 3")
    assert sanity.run(tmp_path) == (3, 1)


def suite(folder: Path, makefile: str, *parts: str) -> subprocess.CompletedProcess:
    (folder / "Makefile").write_text(makefile)
    return subprocess.run(
        [sys.executable, "-m", "tools.suite", *parts],
        cwd=folder,
        # What is found first stands for the sandbox, where a test has written it.
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": f"{folder}:{Path(venvs.__file__).parents[1]}",
            "SANDBOX_DIR": "/user",
        },
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
    )


def test_the_suite_runs_every_part_and_counts_them(tmp_path):
    result = suite(tmp_path, "bad:\n\t@exit 1\ngood:\n\t@echo ran with $${SANDBOX_DIR:-none}\n", "bad", "good")
    assert result.returncode == 1
    assert "ran with none" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("1 passed, 1 failed in ")


def test_the_suite_runs_lanes_side_by_side_and_says_whose_line_it_is(tmp_path):
    # Two end only when the other has begun, the third only when that before it in its lane has ended.
    makefile = "".join(
        f"{name}:\n\t@touch {name}.on; until [ -e {other}.on ]; do sleep 0.01; done; echo seen {other}; touch {name}.end; exit {code}\n"
        for name, other, code in (("a", "b", 0), ("b", "a", 1))
    )
    result = suite(tmp_path, f"{makefile}c:\n\t@true\nd:\n\t@test -e b.end\n", "c", "--", "a", "--", "b", "d")
    assert result.returncode == 1
    assert {"a: seen b", "b: seen a"} <= set(result.stdout.splitlines())
    assert result.stdout.splitlines()[-1].startswith("3 passed, 1 failed in ")


@pytest.mark.parametrize("starts", [True, False])
def test_targets_that_are_joined_share_a_sandbox_and_the_others_have_none(tmp_path, starts):
    (tmp_path / "sandbox.py").write_text(
        "import os, pathlib, sys\n"
        "folder = pathlib.Path(os.environ['SANDBOX_DIR'])\n"
        f"if not {starts}: sys.exit(1)\n"
        "if sys.argv[1] == 'up': (folder / 'state').write_text('new')\n"
        "if sys.argv[1] == 'reset': (folder / 'state').write_text('new again')\n"
        "if sys.argv[1] == 'down': (folder / 'state').unlink()\n"
    )
    parts = "".join(
        f"{name}:\n\t@grep new $$SANDBOX_DIR/state && echo used > $$SANDBOX_DIR/state && echo on $$SANDBOX_DIR\n"
        for name in "abc"
    )
    result = suite(tmp_path, f"{parts}d:\n\t@echo on $${{SANDBOX_DIR:-none}}\n", "--", "a+b", "d", "--", "c+d")
    said = result.stdout.splitlines()
    assert "d: on none" in said
    folders = {line.split()[-1] for line in said if line.startswith(("a: on ", "b: on "))}
    assert result.returncode == (0 if starts else 1) and len(folders) == starts, result.stdout
    # What a failed part needs to be looked at stays, and is named.
    named = [line.rsplit(" ", 1)[1] for line in said if line.startswith("logs of the sandbox of ")]
    assert len(named) == (0 if starts else 2) and not any(Path(folder).exists() for folder in folders)
    for folder in named:
        Path(folder).rmdir()


def test_a_command_that_is_told_to_end_takes_its_sandbox_along():
    script = """
from sandbox import lifecycle
from tools import with_sandbox
lifecycle.up = lambda folder, _generation: (folder / "env").touch()
lifecycle.down = lambda folder: print("stopped", flush=True)
with_sandbox.main()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, "sh", "-c", "echo runs; exec sleep 60"],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(venvs.__file__).parents[1])},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "runs\n"
        process.terminate()
        assert process.stdout.readline() == "stopped\n"
    assert process.returncode == 128 + signal.SIGTERM


def test_a_table_replaces_what_stands_between_its_markers():
    page = "before\n<!-- variables -->\nold\n<!-- /variables -->\nafter\n"
    table = tables.table([("a_list", "list of str", [], "Some."), ("a_name", "str, required", None, "Other.")])
    assert tables.with_table(page, table) == (
        "before\n<!-- variables -->\n\n"
        "| variable | type | default | description |\n|---|---|---|---|\n"
        "| `a_list` | list of str | `[]` | Some. |\n| `a_name` | str, required | | Other. |\n"
        "\n<!-- /variables -->\nafter\n"
    )
    with pytest.raises(ValueError, match="no table"):
        tables.with_table("a page", table)
