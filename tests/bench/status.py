# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``llamastack.maas.status`` of one instance and of a hundred: what each instance more costs."""

from __future__ import annotations

from . import instances
from .figures import Table, Target, median, median_ratio, per_added
from .plays import timed
from .sandboxes import with_stand_ins

MANY = 100
SECONDS_PER_INSTANCE = 0.01


def run(rounds: int) -> list[Table]:
    """Of the same cluster, in turns."""
    seconds: dict[int, list[float]] = {1: [], MANY: []}
    with with_stand_ins() as sandbox:
        token = sandbox.token("alice")
        timed(sandbox, sandbox.command("deploy", instances.entries(MANY), token=token))
        for _round in range(rounds):
            for count, found in seconds.items():
                command = sandbox.command("status", instances.entries(count), token=token)
                found.append(timed(sandbox, command).seconds)
    table = Table("Status, in seconds", [*(f"N={count}" for count in seconds), "per added instance"])
    table.rows.append(("whole process", [*map(median, seconds.values()), median(per_added(seconds))]))
    allowed = [1.3 * few + MANY * SECONDS_PER_INSTANCE for few in seconds[1]]
    name = f"status of {MANY} / (1.3 x status of one + {MANY * SECONDS_PER_INSTANCE:.0f} s)"
    table.targets.append(Target(name, median_ratio(seconds[MANY], allowed), 1.0))
    return [table]
