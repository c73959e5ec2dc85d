# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Detached processes of a sandbox: started with a log, remembered by pid and start time, stopped exactly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Callable


class Processes:
    """The processes that one sandbox folder has started.

    ``run/<name>.pid`` holds the pid and the kernel's start time of that pid, so that a later process with the same number
    is never touched.
    """

    def __init__(self, folder: Path):
        self.run, self.log = folder / "run", folder / "log"

    def start(
        self, name: str, command: list[str | Path], environment: dict[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        """Start a process in a session of its own, its output going to ``log/<name>.log``."""
        self.run.mkdir(parents=True, exist_ok=True)
        self.log.mkdir(parents=True, exist_ok=True)
        with open(self.log / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                env={"PATH": os.environ["PATH"]} | (environment or {}),
                cwd=cwd or self.run,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        (self.run / f"{name}.pid").write_text(f"{process.pid} {start_time(process.pid)}\n")

    def alive(self, name: str) -> bool:
        """Whether the process that was started under this name still runs."""
        pid, started = self._read(name)
        return pid is not None and start_time(pid) == started

    def wait_until(self, name: str, ready: Callable[[], bool], seconds: float) -> None:
        """Wait for ``ready``; stop with the end of the log when the process dies or time is up."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if ready():
                return
            if not self.alive(name):
                raise SystemExit(f"sandbox: {name} has stopped; the end of {self.log / name}.log:\n{self.tail(name)}")
            time.sleep(0.1)
        raise SystemExit(
            f"sandbox: {name} was not ready after {seconds:.0f} s; the end of {self.log / name}.log:\n{self.tail(name)}"
        )

    def wait_ready_file(self, name: str, seconds: float) -> None:
        """Wait until a daemon of ours has written ``run/<name>.ready``."""
        self.wait_until(name, (self.run / f"{name}.ready").exists, seconds)

    def tail(self, name: str, lines: int = 30) -> str:
        """The last lines of a process's log."""
        try:
            return "\n".join((self.log / f"{name}.log").read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(no log)"

    def names(self) -> list[str]:
        """All that were started, the last first."""
        files = sorted(self.run.glob("*.pid"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        return [file.stem for file in files]

    def stop(self, name: str, seconds: float = 10.0) -> None:
        """Ask the process to stop, kill its session when it does not, and forget it."""
        pid, started = self._read(name)
        if pid is not None and start_time(pid) == started:
            _signal(pid, signal.SIGTERM)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and start_time(pid) == started:
                time.sleep(0.05)
            if start_time(pid) == started:
                _signal(pid, signal.SIGKILL, group=True)
        (self.run / f"{name}.pid").unlink(missing_ok=True)
        (self.run / f"{name}.ready").unlink(missing_ok=True)

    def _read(self, name: str) -> tuple[int | None, str]:
        try:
            pid, started = (self.run / f"{name}.pid").read_text().split()
        except (FileNotFoundError, ValueError):
            return None, ""
        return int(pid), started


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nothing listens on."""
    sockets = [socket.socket() for _number in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def patiently(action: Callable[[], object], seconds: float) -> None:
    """Repeat what exits with a message until it does not, or time is up."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            action()
            return
        except SystemExit:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def start_time(pid: int) -> str:
    """The kernel's start time of a process (field 22 of /proc/<pid>/stat); empty when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _signal(pid: int, number: signal.Signals, group: bool = False) -> None:
    try:
        (os.killpg if group else os.kill)(pid, number)
    except ProcessLookupError:
        pass
