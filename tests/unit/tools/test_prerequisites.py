# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell scripts that look at a machine before anything is installed on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def program(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


class Machine:
    """A machine with nothing on PATH but what the scripts themselves are written in, and what a test adds."""

    def __init__(self, bin_dir: Path):
        self.bin_dir = bin_dir
        for name in ("sh", "awk", "df", "dirname"):
            (bin_dir / name).symlink_to(shutil.which(name))

    def add(self, name: str, script: str) -> None:
        (self.bin_dir / name).unlink(missing_ok=True)
        program(self.bin_dir, name, script)

    def run(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [TOOLS / script, *arguments],
            env={"PATH": str(self.bin_dir), "HOME": str(self.bin_dir), **environment},
            check=False,
            capture_output=True,
            text=True,
        )


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def this_python(machine: Machine, name: str) -> None:
    machine.add(name, f'exec {sys.executable} "$@"')


def test_interpreters_that_do_not_start_are_passed_over(machine):
    machine.add("python3.13", "echo 'command not found' >&2; exit 127")
    this_python(machine, "python3")
    found = machine.run("find-python", "3.12")
    assert (found.returncode, found.stdout.strip()) == (0, os.path.realpath(sys.executable))


def test_interpreters_of_other_versions_are_passed_over(machine):
    this_python(machine, "python3")
    assert machine.run("find-python", "3.6", "3.9").returncode == 1
    assert machine.run("find-python", "3.99").returncode == 1
    assert machine.run("find-python", VERSION, VERSION).returncode == 0


def test_the_choice_of_the_user_comes_first(machine):
    this_python(machine, "python3.13")
    machine.add("chosen", "echo /chosen")
    assert machine.run("find-python", "3.12", PYTHON=str(machine.bin_dir / "chosen")).stdout == "/chosen\n"


def test_versions_of_pyenv_are_found_newest_first(machine):
    machine.add("pyenv", f"echo {machine.bin_dir}")
    for version in ("3.12.9", "3.13.1"):
        folder = machine.bin_dir / "versions" / version / "bin"
        folder.mkdir(parents=True)
        program(folder, "python3", f"echo {version}")
    assert machine.run("find-python", "3.12").stdout == "3.13.1\n"


def test_everything_that_is_missing_is_named_at_once(machine):
    result = machine.run("prerequisites", "sandbox")
    assert result.returncode == 1
    for missing in ("Python 3.12 or newer", "- git", "- make", "Go 1.25.8 or newer (here: none)"):
        assert missing in result.stderr


def test_without_the_sandbox_no_go_is_needed(machine):
    assert "Go" not in machine.run("prerequisites").stderr


def test_what_litellm_needs_is_named_with_the_rest(machine):
    # The folder of PostgreSQL's programs is given, so that what this machine itself has in its usual folders is not seen.
    nothing = {"POSTGRES_BIN": str(machine.bin_dir)}
    machine.add("node", "echo v16.20.2")
    named = machine.run("prerequisites", "sandbox", "litellm", **nothing).stderr
    for missing in ("- Go 1.25.8", "- Node.js 18 or newer (here: v16.20.2)", "- npm"):
        assert missing in named
    machine.add("node", "echo v18.0.0")
    assert "- Node.js" not in machine.run("prerequisites", "litellm", **nothing).stderr
    assert "Node.js" not in machine.run("prerequisites", "sandbox").stderr


def test_postgresql_is_found_as_a_whole_only(machine):
    programs = ("postgres", "initdb", "pg_ctl", "pg_isready", "psql", "pg_dump", "pg_restore")
    (machine.bin_dir / "readlink").symlink_to(shutil.which("readlink"))
    for name in programs[:-1]:
        machine.add(name, "")
    given = {"POSTGRES_BIN": str(machine.bin_dir)}
    assert machine.run("find-postgres", **given).stdout != f"{machine.bin_dir}\n"
    machine.add(programs[-1], "")
    assert machine.run("find-postgres", **given).stdout == f"{machine.bin_dir}\n"
    assert machine.run("find-postgres").stdout == f"{machine.bin_dir}\n"


@pytest.mark.parametrize(
    "version, enough", [("1.9.9", False), ("1.25.7", False), ("1.25.8", True), ("1.26", True), ("2.0.1", True)]
)
def test_go_versions_are_compared_as_numbers(machine, version, enough):
    machine.add("go", f"echo go{version}")
    assert ("Go 1.25.8 or newer" not in machine.run("prerequisites", "sandbox").stderr) is enough


def test_a_full_disk_is_named_before_it_is_full(machine):
    machine.add("df", "echo header; echo disk 100 90 10 90% /")
    assert "12 GB of free disk" in machine.run("prerequisites", "sandbox").stderr


def test_a_machine_that_has_everything_hears_nothing(machine):
    this_python(machine, "python3")
    for name in ("git", "make"):
        machine.add(name, "")
    machine.add("go", "echo go1.25.8")
    machine.add("df", "echo header; echo disk 0 0 99999999 0% /")
    result = machine.run("prerequisites", "sandbox")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_pictures_need_a_browser_and_a_browser_of_the_user_comes_first(machine):
    assert "Chromium" in machine.run("prerequisites", "screenshots").stderr
    assert "Chromium" not in machine.run("prerequisites").stderr
    machine.add("google-chrome", "")
    assert "Chromium" not in machine.run("prerequisites", "screenshots").stderr
    machine.add("mine", "")
    found = {own: machine.run("find-chromium", CHROMIUM=own).stdout for own in ("", str(machine.bin_dir / "mine"))}
    assert found == {own: f"{machine.bin_dir}/{own and 'mine' or 'google-chrome'}\n" for own in found}
