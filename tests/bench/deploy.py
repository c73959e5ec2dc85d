# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time of a whole ``ansible-playbook llamastack.maas.deploy`` goes, task by task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scenarios.harness import Sandbox

from . import instances
from .figures import Table, Target, median
from .plays import Timed, timed
from .sandboxes import with_stand_ins

COUNTS = (1, 50)

#: A second run finds everything in its place: nothing to start, nothing to wait for.
NOISE = 1.1


def run(rounds: int) -> list[Table]:
    """A first run, and then as many as there are rounds."""
    runs = {}
    with with_stand_ins() as sandbox:
        for count in COUNTS:
            command = _command(sandbox, count)
            runs[count] = [timed(sandbox, command) for _run in range(rounds + 1)]
    return [table(runs)]


def table(runs: Mapping[int, Sequence[Timed]]) -> Table:
    """The runs by number of instances, the first run first."""
    found = Table("Deploy, in seconds", [f"N={count} {which}" for count in runs for which in ("first", "second")])
    columns = [each for first, *again in runs.values() for each in ([first], again)]
    found.rows.append(("whole process", [median(run.seconds for run in column) for column in columns]))
    found.rows.append(("its processor time", [median(run.processor_seconds for run in column) for column in columns]))
    for part in dict.fromkeys(_part(task) for column in columns for run in column for task in run.tasks):
        found.rows.append((part, [median(_seconds(run, part) for run in column) for column in columns]))
    for count, (first, *again) in runs.items():
        slower = median(run.seconds for run in again) / first.seconds
        changed = max(run.run.recap("changed") for run in again)
        found.targets += [
            Target(f"second run for {count} / first run", slower, NOISE),
            Target(f"tasks that the second run for {count} reports as changed", changed, 0),
        ]
    return found


def _command(sandbox: Sandbox, count: int) -> list[str]:
    return sandbox.command("deploy", instances.entries(count), token=sandbox.token("alice"))


def _part(task: dict) -> str:
    """A task of ours by its name; all others together."""
    return task["name"] if task["action"].startswith("llamastack.maas.") else "all other tasks"


def _seconds(run: Timed, part: str) -> float:
    return sum(task["seconds"] for task in run.tasks if _part(task) == part)
