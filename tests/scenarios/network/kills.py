# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed in the middle of their requests."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sandbox.processes import patiently
from scenarios.harness import SECONDS
from scenarios.network.proxy import Network, Seen


def killed(
    network: Network, at: Callable[[Seen], bool], command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> str:
    """Run a command, kill all its processes at the first request through ``network`` that is ``at``; what it has printed.

    That request is carried out still, with nobody there for its answer.
    """
    network.begin()
    output, hit = folder / "killed.log", []
    with output.open("wb") as printed:
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=printed, stderr=subprocess.STDOUT, start_new_session=True
        )

        def kill(seen: Seen) -> None:
            if not hit and at(seen):
                hit.append(seen)
                os.killpg(process.pid, signal.SIGKILL)

        network.rule = kill
        with process:
            try:
                code = process.wait(SECONDS)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
    said = output.read_text(errors="replace")
    assert hit and code == -signal.SIGKILL, f"it ended by itself, after {len(network.seen)} requests:\n{said}"

    def carried_out() -> None:
        if not hit[0].answered:
            raise SystemExit(f"{hit[0].method} {hit[0].path}: no answer")

    patiently(carried_out, SECONDS)
    return said
