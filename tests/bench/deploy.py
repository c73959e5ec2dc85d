# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time of a whole ``ansible-playbook llamastack.maas.deploy`` goes, task by task."""

from __future__ import annotations

from scenarios.harness import Sandbox

from . import instances
from .figures import Table, Target, median
from .plays import Timed, timed
from .sandboxes import with_stand_ins

COUNTS = (1, 50)

#: A second run finds everything in its place: nothing to start, nothing to wait for.
NOISE = 1.1


def run(rounds: int) -> list[Table]:
    """First and second runs; the first is one only."""
    columns, runs = [], []
    with with_stand_ins() as sandbox:
        for count in COUNTS:
            command = _command(sandbox, count)
            first, *again = [timed(sandbox, command) for _run in range(rounds + 1)]
            columns += [f"N={count} first", f"N={count} second"]
            runs += [[first], again]
    table = Table("Deploy, in seconds", columns)
    table.rows.append(("whole process", [median(run.seconds for run in each) for each in runs]))
    table.rows.append(("processor time", [median(run.processor_seconds for run in each) for each in runs]))
    for what in dict.fromkeys(_kind(task) for each in runs for run in each for task in run.tasks):
        table.rows.append((what, [median(_seconds(run, what) for run in each) for each in runs]))
    for number, count in enumerate(COUNTS):
        (first,), again = runs[2 * number], runs[2 * number + 1]
        slower = median(run.seconds for run in again) / first.seconds
        changed = max(run.run.recap("changed") for run in again)
        table.targets += [
            Target(f"second run for {count} / first run", slower, NOISE),
            Target(f"tasks that the second run for {count} reports as changed", changed, 0),
        ]
    return [table]


def _command(sandbox: Sandbox, count: int) -> list[str]:
    return sandbox.command("deploy", instances.entries(count), token=sandbox.token("alice"))


def _kind(task: dict) -> str:
    """The module by its name; all that are not ours together."""
    collection, _dot, module = task["action"].rpartition(".")
    return module if collection == "llamastack.maas" else "all other tasks"


def _seconds(run: Timed, what: str) -> float:
    return sum(task["seconds"] for task in run.tasks if _kind(task) == what)
