# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, format_problems, nearest


def test_a_path_is_written_as_the_user_would() -> None:
    findings = Findings("llamastack_maas_instances")
    findings.at(2).at("access").at("groups").at(0).error("is wrong")
    assert findings.errors == [{"path": "llamastack_maas_instances[2].access.groups[0]", "message": "is wrong"}]


def test_places_share_their_findings() -> None:
    findings = Findings()
    place = findings.at("a")
    place.error("first")
    findings.at("b").warn("second")
    assert [problem["path"] for problem in findings.errors] == ["a"]
    assert [problem["path"] for problem in place.warnings] == ["b"]


def test_unknown_keys_come_with_the_nearest_known_one() -> None:
    findings = Findings("entry")
    findings.refuse_unknown_keys(["name", "modles"], ["name", "models", "model_prefix"])
    assert findings.errors == [{"path": "entry.modles", "message": "unknown key; did you mean models?"}]


def test_without_a_near_match_everything_known_is_offered() -> None:
    assert nearest("zzz", ["b", "a"]) == "known: a, b"
    assert nearest("zzz", []) == "none is known here"


def test_several_near_matches_are_all_offered() -> None:
    assert nearest("gpt-4o-mni", ["gpt-4o-mini", "gpt-4o", "claude"]) == "did you mean gpt-4o-mini or gpt-4o?"


def test_one_message_holds_all_problems_in_order() -> None:
    problems = [{"path": "b", "message": "one"}, {"path": "a", "message": "two"}]
    assert format_problems(problems) == "b: one\na: two"


def test_a_date_is_refused_wherever_it_stands() -> None:
    findings = Findings("list")
    findings.refuse_dates(
        [{"name": "gem", "settings": {"api_version": datetime.date(2027, 1, 1), "n": 1}}, "2027-01-01"]
    )
    assert format_problems(findings.errors) == (
        "list[0].settings.api_version: is a date, not text; put it in quotes: '2027-01-01'"
    )


def test_a_choice_is_refused_with_what_there_is() -> None:
    findings = Findings("scope")
    findings.require_one_of("all", ("all", "project"))
    findings.require_one_of("half", ("all", "project"))
    assert format_problems(findings.errors) == "scope: must be one of all, project"
