# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``llamastack.maas.diagnose`` of a healthy list, next to ``llamastack.maas.status``, which calls no instance."""

from __future__ import annotations

from . import instances
from .figures import Table, Target, median, median_ratio
from .plays import timed
from .sandboxes import with_stand_ins

COUNT = 10
#: A completion through the sandbox's gateway, with the credential for it.
SECONDS_PER_CALL = 0.1
NOISE = 1.1


def run(rounds: int) -> list[Table]:
    """Of the same instances, in turns."""
    seconds: dict[str, list[float]] = {"status": [], "diagnose": []}
    with with_stand_ins() as sandbox:
        given = {"instances": instances.entries(COUNT), "token": sandbox.token("alice")}
        timed(sandbox, sandbox.command("deploy", **given))
        for _round in range(rounds):
            for verb, found in seconds.items():
                found.append(timed(sandbox, sandbox.command(verb, **given)).seconds)
    table = Table("Diagnose, in seconds", [f"N={COUNT}"])
    table.rows += [(f"{verb}: whole process", [median(found)]) for verb, found in seconds.items()]
    allowed = [NOISE * each + COUNT * SECONDS_PER_CALL for each in seconds["status"]]
    name = f"diagnose / (status + {COUNT} calls of {SECONDS_PER_CALL} s)"
    table.targets.append(Target(name, median_ratio(seconds["diagnose"], allowed), 1.0))
    return [table]
