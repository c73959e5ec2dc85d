# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that stands for a container."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .logs import PART_BYTES, Writer

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class Process:
    """A running process in a session of its own, with nothing of this program's environment.

    It is killed when this program dies, however that happens. When it ends, what it left running in its session is
    killed, as the end of a container's first process ends the container.
    """

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        log: Writer,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Start it; OSError when there is no such program. ``log`` is closed when it has ended, or did not start."""
        self._stop_signal = stop_signal
        try:
            self._popen = subprocess.Popen(
                argv,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        except OSError:
            log.close()
            raise
        self._ended = asyncio.create_task(self._reap(log))

    async def wait(self) -> int:
        """Its exit code, as a shell gives it: 128 and the number of the signal that killed it."""
        return await asyncio.shield(self._ended)

    def terminate(self) -> None:
        """Send SIGTERM, or what the image wants instead, to the first process, as a kubelet does."""
        if self._popen.returncode is None:
            self._popen.send_signal(self._stop_signal)

    def kill(self) -> None:
        """Send SIGKILL to the whole session's group."""
        if self._popen.returncode is None:
            os.killpg(self._popen.pid, signal.SIGKILL)

    async def _reap(self, log: Writer) -> int:
        pumps = [
            asyncio.create_task(_pump(pipe, name, log))
            for pipe, name in ((self._popen.stdout, "stdout"), (self._popen.stderr, "stderr"))
        ]
        await _exited(self._popen.pid)
        os.killpg(self._popen.pid, signal.SIGKILL)  # still a zombie, so the number is nobody else's
        code = self._popen.wait()
        _done, hanging = await asyncio.wait(pumps, timeout=1)
        for pump in hanging:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        log.close()
        return 128 - code if code < 0 else code


async def _exited(pid: int) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    descriptor = os.pidfd_open(pid)
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def _pump(pipe, stream: str, log: Writer) -> None:
    reader = asyncio.StreamReader()
    transport, _protocol = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    try:
        rest = b""
        while chunk := await reader.read(PART_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                log.line(stream, line)
            if len(rest) >= PART_BYTES:
                log.line(stream, rest, whole=False)
                rest = b""
        if rest:
            log.line(stream, rest)
    finally:
        transport.close()


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
