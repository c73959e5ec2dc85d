# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a playbook and taking the time of it and of each of its tasks."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scenarios.harness import Run, Sandbox

CALLBACKS = Path(__file__).parent / "callbacks"


@dataclass(frozen=True)
class Timed:
    """A playbook's run: seconds of the whole process, and its tasks in their order (name, action, seconds, ended)."""

    seconds: float
    processor_seconds: float
    tasks: list[dict]
    run: Run

    def of(self, action: str) -> float:
        """Seconds of all tasks that run a module."""
        return sum(task["seconds"] for task in self.tasks if task["action"] == action)


def timed(
    sandbox: Sandbox, command: list[str], kubeconfig: Path | None = None, env: Mapping[str, str] | None = None
) -> Timed:
    """Run a playbook; one that fails ends the bench with its output."""
    times = sandbox.scratch / "times.jsonl"
    times.unlink(missing_ok=True)
    environment = sandbox.environment() | {
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "task_times",
        "BENCH_TASK_TIMES": str(times),
    }
    environment |= env or {}
    if kubeconfig:
        environment["KUBECONFIG"] = str(kubeconfig)
    started, used = time.monotonic(), _processor_seconds()
    result = subprocess.run(command, env=environment, cwd=sandbox.scratch, capture_output=True, text=True, check=False)
    seconds, processor_seconds = time.monotonic() - started, _processor_seconds() - used
    if result.returncode:
        raise SystemExit(f"bench: {' '.join(command)} failed:\n{result.stdout}{result.stderr}")
    tasks = [json.loads(line) for line in times.read_text().splitlines()]
    return Timed(seconds, processor_seconds, tasks, Run(result.returncode, result.stdout + result.stderr))


def _processor_seconds() -> float:
    """What the processes below this one that have ended have used."""
    times = os.times()
    return times.children_user + times.children_system
