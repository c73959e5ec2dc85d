# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import conversion

SHAPE = {"count": "int", "on": "bool", "names": "list", "by": {"*": {"count": "int"}}, "items": ({"count": "int"},)}


def shaped(value: Any) -> tuple[Any, list[str]]:
    findings = Findings("top")
    return conversion.shaped(SHAPE, value, findings), [problem["path"] for problem in findings.errors]


def test_parts_at_every_depth_are_converted_and_others_are_left() -> None:
    given = {
        "count": "1",
        "on": "yes",
        "names": "[a]",
        "by": {"x": "count: '2'"},
        "items": ["{count: '3'}"],
        "text": "4",
    }
    expected = {"count": 1, "on": True, "names": ["a"], "by": {"x": {"count": 2}}, "items": [{"count": 3}], "text": "4"}
    assert shaped(given) == (expected, [])
    assert shaped(expected) == (expected, [])


@pytest.mark.parametrize(
    "value", [{"count": "one"}, {"count": None}, {"on": ""}, {"names": "a, b"}, {"by": []}, [], 5, None]
)
def test_what_is_not_of_the_type_is_left_for_the_check_of_the_part(value: Any) -> None:
    assert shaped(value) == (value, [])


def test_what_cannot_be_read_is_reported_at_its_place() -> None:
    given = {"names": "[a", "by": {"x": "{count: 1, count: 2}"}, "items": [{}, "- ["]}
    assert shaped(given) == (
        {"names": [], "by": {"x": {}}, "items": [{}, {}]},
        ["top.names", "top.by.x", "top.items[1]"],
    )


def test_a_date_that_yaml_makes_of_text_is_reported() -> None:
    assert shaped({"names": "[2027-01-01]"}) == ({"names": ["2027-01-01"]}, ["top.names[0]"])


@pytest.mark.parametrize(
    ("wanted", "given", "message"),
    [
        ("int", True, "must be a whole number"),
        ("int", 1.5, "must be a whole number"),
        ("bool", "perhaps", "must be true or false"),
        ("bool", 2, "must be true or false"),
        ("dict", "a", "must be a mapping"),
        ("list", "a: b", "must be a list"),
        ("names", {"a": 1}, "must be a list of names"),
        ("str", 1, "must be text"),
    ],
)
def test_another_type_than_the_wanted_one_is_an_error(wanted: str, given: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        conversion.convert(wanted, given)
