# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from bench.deploy import table
from bench.figures import missed
from bench.plays import Timed
from scenarios.harness import Run


def run(seconds, changed=0):
    """A run of a plan, two steps and two tasks of Ansible's own."""
    actions = ["llamastack.maas.plan", "llamastack.maas.step", "llamastack.maas.step", "assert", "assert"]
    tasks = [{"name": f"{action} {at}", "action": action, "seconds": at} for at, action in enumerate(actions)]
    return Timed(seconds, seconds, tasks, Run(0, f"localhost : ok=5 changed={changed}"))


def test_each_step_of_a_plan_has_its_row():
    found = table({1: [run(5, changed=3), run(4)]})
    assert dict(found.rows[2:]) == {
        "llamastack.maas.plan 0": [0, 0],
        "llamastack.maas.step 1": [1, 1],
        "llamastack.maas.step 2": [2, 2],
        "all other tasks": [7, 7],
    }
    assert not missed([found])


def test_a_second_run_has_to_change_nothing():
    assert [each.value for each in missed([table({1: [run(5), run(4, changed=1)]})])] == [1]
