# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.node import logs
from sandbox.node.process import Process
from sandbox.processes import start_time

ENV = {"PATH": os.environ["PATH"]}
STARTS_ONE_AND_TELLS = """
import asyncio, sys
from pathlib import Path
from sandbox.node import logs
from sandbox.node.process import Process

async def run(folder):
    argv = ["sh", "-c", "echo $$ > pid; exec sleep 60"]
    await Process(argv, {"PATH": sys.argv[2]}, folder, logs.Writer(folder / "log")).wait()

asyncio.run(run(Path(sys.argv[1])))
"""


def play(folder: Path, script: str, act: Callable[[Process], None] = lambda _process: None) -> tuple[int, str]:
    """Run a shell script; its exit code and log."""

    async def run() -> int:
        process = Process(["sh", "-c", script], ENV, folder, logs.Writer(folder / "log"))
        await asyncio.sleep(0.05)
        act(process)
        async with asyncio.timeout(5):
            return await process.wait()

    code = asyncio.run(run())
    return code, logs.select(logs.parse((folder / "log").read_bytes()), logs.Query()).decode()


def test_exit_code_and_both_streams(tmp_path: Path) -> None:
    code, output = play(tmp_path, "echo out; sleep 0.01; echo err >&2; printf end; exit 7")
    assert (code, sorted(output.split())) == (7, ["end", "err", "out"])


@pytest.mark.parametrize(("act", "code"), [(Process.terminate, 143), (Process.kill, 137)])
def test_signals(tmp_path: Path, act: Callable[[Process], None], code: int) -> None:
    assert play(tmp_path, "exec sleep 60", act)[0] == code


def test_long_lines_are_stored_in_parts_and_read_whole(tmp_path: Path) -> None:
    length = 3 * logs.PART_BYTES
    _code, output = play(tmp_path, f"head -c {length} /dev/zero | tr '\\0' x; echo")
    assert output == "x" * length + "\n"
    assert len((tmp_path / "log").read_bytes().splitlines()) > 2


def test_the_end_of_the_first_process_ends_those_it_started(tmp_path: Path) -> None:
    _code, output = play(tmp_path, "sleep 60 & echo $!")
    assert not start_time(int(output))


def test_a_program_that_does_not_exist(tmp_path: Path) -> None:
    async def run() -> None:
        Process(["nothere"], ENV, tmp_path, logs.Writer(tmp_path / "log"))

    with pytest.raises(FileNotFoundError, match="nothere"):
        asyncio.run(run())


def test_it_dies_with_the_program_that_started_it(tmp_path: Path) -> None:
    environment = {**ENV, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", STARTS_ONE_AND_TELLS, str(tmp_path), ENV["PATH"]]
    with subprocess.Popen(command, env=environment) as parent:
        deadline = time.monotonic() + 10
        while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        parent.send_signal(signal.SIGKILL)
    child = int((tmp_path / "pid").read_text())
    while start_time(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not start_time(child)
