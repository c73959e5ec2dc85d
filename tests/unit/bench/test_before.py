# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from bench.before import COMMIT, Case, table
from bench.figures import missed
from bench.plays import Timed
from scenarios.harness import Run

LIST = "proof: list"


def runs(*seconds, changed=0):
    """Runs of so many seconds, with a tenth less of processor time."""
    recap = f"localhost : ok=9 changed={changed}"
    return [Timed(each, each * 0.9, [], Run(0, recap)) for each in seconds]


def of(case, **more):
    return table({case: {COMMIT: runs(12), LIST: runs(9, 5), "default": runs(7)} | more})


def test_the_least_of_the_rounds_is_held_against_the_targets():
    found = of(Case("deploy", 1, 5.0, 4.5))
    assert found.rows == [("deploy of 1: whole process", [12, 5, 7]), ("deploy of 1: processor time", [10.8, 4.5, 6.3])]
    assert not missed([found])
    assert [each.name for each in missed([of(Case("deploy", 1, 4.9, 4.4))])] == [
        "deploy of 1, whole process",
        "deploy of 1, processor time",
    ]


def test_a_run_of_ours_that_changes_something_is_none_to_compare():
    found = of(Case("status", 1, 5.0), **{LIST: runs(5, changed=1)})
    assert [each.name for each in missed([found])] == ["status of 1, tasks reported as changed"]
    assert not missed([of(Case("status", 1, 5.0), **{COMMIT: runs(12, changed=1)})])
