# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from bench.figures import Table, Target, median, median_ratio, missed, per_added


@pytest.mark.parametrize(
    ("value", "limit", "at_least", "met"),
    [(1.5, 1.5, False, True), (1.51, 1.5, False, False), (4.0, 4.0, True, True), (3.99, 4.0, True, False)],
)
def test_a_target_is_met_up_to_its_limit(value, limit, at_least, met):
    assert Target("t", value, limit, at_least).met is met


def test_the_targets_that_are_missed_are_found_in_all_tables():
    bad = Target("bad", 2, 1)
    assert missed([Table("a", [], targets=[Target("good", 1, 1)]), Table("b", [], targets=[bad])]) == [bad]


def test_median():
    assert median([3, 1, 2]) == 2
    assert median([]) is None


def test_a_ratio_is_taken_round_by_round():
    """A round in which the machine was ten times as slow counts as any other."""
    assert median_ratio([1, 20, 3], [1, 10, 1]) == 2


def test_each_instance_more_costs_what_lies_between_few_and_many():
    assert per_added({50: [6.0, 12.0], 1: [1.1, 2.2], 10: [3, 3]}) == pytest.approx([0.1, 0.2])


def test_a_table_is_readable_as_it_is_and_as_markdown():
    table = Table("Apply", ["N=1", "N=50"], [("ours", [0.5, 123.4]), ("kubectl, first", [0.0123, None])])
    table.targets.append(Target("ratio", 1.234, 1.5))
    assert table.text().splitlines() == [
        "## Apply",
        "",
        "|                |   N=1 | N=50 |",
        "|----------------|-------|------|",
        "| ours           |  0.50 |  123 |",
        "| kubectl, first | 0.012 |      |",
        "",
        "met     ratio: 1.23 (at most 1.50)",
    ]
