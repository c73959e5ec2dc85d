# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An unchanged ``deploy`` and ``status``, next to the last commit in which every role planned for itself.

Both run in turns on one sandbox, with the same Ansible, each with instances of its own. That commit calls no instance, so
its counterpart runs with ``llamastack_maas_proof: list``. Of each figure the least of the rounds counts: what else the
machine does only ever adds.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from scenarios.harness import Sandbox

from . import instances
from .figures import Table, Target
from .plays import Timed, timed
from .sandboxes import with_stand_ins

COMMIT = "7925d3f"
CHECKOUT = Path(__file__).parents[2]


class Side(NamedTuple):
    """A way to run: the instances' prefix, which is the name of their set, too; variables; where the collection lies."""

    set_name: str
    variables: dict[str, str] = {}
    collections: Path | None = None


class Case(NamedTuple):
    """A playbook for so many instances, and the most seconds it may take, by the clock and of processors."""

    verb: str
    count: int
    seconds: float
    processor_seconds: float | None = None

    def __str__(self) -> str:
        return f"{self.verb} of {self.count}"


# Few before many: what is no longer in the list would have to be found again.
CASES = (Case("deploy", 1, 6.0, 5.5), Case("status", 1, 2.5), Case("deploy", 50, 9.5))


def run(rounds: int) -> list[Table]:
    """Each once to set up, then in turns."""
    with with_stand_ins() as sandbox:
        sides = {
            COMMIT: Side("before", collections=_collection(sandbox.scratch)),
            "proof: list": Side("list", {"proof": "list"}),
            "default": Side("default"),
        }
        found = {}
        for case in CASES:
            for side in sides.values():
                if case.verb == "deploy":
                    _play(sandbox, case, side)
            turns = [{name: _play(sandbox, case, side) for name, side in sides.items()} for _round in range(rounds)]
            found[case] = {name: [turn[name] for turn in turns] for name in sides}
    return [table(found)]


def table(found: Mapping[Case, Mapping[str, list[Timed]]]) -> Table:
    """The least of the rounds, and the targets for the tree as it is, with ``proof: list``."""
    columns = list(next(iter(found.values())))
    result = Table(f"Unchanged, next to {COMMIT}, in seconds", columns)
    for case, sides in found.items():
        whole = {name: min(run.seconds for run in runs) for name, runs in sides.items()}
        processor = {name: min(run.processor_seconds for run in runs) for name, runs in sides.items()}
        result.rows.append((f"{case}: whole process", list(whole.values())))
        result.rows.append((f"{case}: processor time", list(processor.values())))
        result.targets.append(Target(f"{case}, whole process", whole["proof: list"], case.seconds))
        if case.processor_seconds:
            target = Target(f"{case}, processor time", processor["proof: list"], case.processor_seconds)
            result.targets.append(target)
        # That commit, beside other instance sets of the namespace, reports a change now and then.
        ours = [run for name, runs in sides.items() if name != COMMIT for run in runs]
        changed = max(run.run.recap("changed") for run in ours)
        result.targets.append(Target(f"{case}, tasks reported as changed", changed, 0))
    return result


def _play(sandbox: Sandbox, case: Case, side: Side) -> Timed:
    given = instances.entries(case.count, side.set_name)
    token = sandbox.token("alice")
    command = sandbox.command(case.verb, given, token=token, set=side.set_name, **side.variables)
    found = {"ANSIBLE_COLLECTIONS_PATH": str(side.collections)} if side.collections else {}
    return timed(sandbox, command, env=found)


def _collection(scratch: Path) -> Path:
    """The folder of collections in which the one of that commit lies."""
    archive = subprocess.run(["git", "archive", COMMIT], cwd=CHECKOUT, capture_output=True, check=False)
    if archive.returncode:
        raise SystemExit(f"bench: this clone lacks commit {COMMIT}, fetch its history: {archive.stderr.decode()}")
    root = scratch / "collections"
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(root / "ansible_collections" / "llamastack" / "maas", filter="data")
    return root
