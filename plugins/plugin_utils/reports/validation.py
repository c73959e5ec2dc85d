# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results for people and for machines: a table for the terminal, JSON, JUnit XML, one HTML page.

The same results, at the same time told, give the same text. Nothing here knows the time.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from ansible_collections.llamastack.maas.plugins.module_utils.base.text import in_words, plural, wrapped
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import html_page

PASSED = "passed"
FAILED = "failed"
SKIPPED = "skipped"

_WORST_FIRST = (FAILED, SKIPPED, PASSED)

Check = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Results:
    """The results of M(llamastack.maas.maas_check), and what to say about them."""

    checks: t.Sequence[Check]
    title: str = "Models-as-a-Service: validation"
    time: str = ""
    """When they were had, as ISO 8601."""
    about: t.Mapping[str, str] = field(default_factory=dict)
    """Further lines for the head, such as the URL, by their labels."""

    def by_instance(self) -> dict[str, list[Check]]:
        """The checks by C(<namespace>/<instance>), in the order in which they came."""
        found: dict[str, list[Check]] = {}
        for check in self.checks:
            found.setdefault(f"{check['namespace']}/{check['instance']}", []).append(check)
        return found


def counts(checks: t.Iterable[Check]) -> dict[str, int]:
    """How many checks ended in each state."""
    states = [check["state"] for check in checks]
    return {state: states.count(state) for state in (PASSED, FAILED, SKIPPED)}


def verdict(checks: t.Iterable[Check]) -> str:
    """The state of the whole: failed if one did, else passed if one did, else skipped."""
    numbers = counts(checks)
    return next((state for state in (FAILED, PASSED) if numbers[state]), SKIPPED)


def as_json(results: Results) -> str:
    document = {
        "title": results.title,
        "time": results.time,
        "about": dict(results.about),
        "state": verdict(results.checks),
        "counts": counts(results.checks),
        "instances": {
            name: {"state": verdict(checks), "counts": counts(checks)} for name, checks in results.by_instance().items()
        },
        "checks": [dict(check) for check in results.checks],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_table(results: Results) -> str:
    """A text of at most 100 columns: what passed in a word, what did not in full, the worst at the end, where one looks first."""
    instances = sorted(results.by_instance().items(), key=lambda item: -_WORST_FIRST.index(verdict(item[1])))
    lines = []
    for name, checks in instances:
        lines.append(f"{name}: {in_words(counts(checks))}")
        for state in (PASSED, SKIPPED, FAILED):
            lines += _told_together(state, [check for check in checks if check["state"] == state])
        lines.append("")
    lines.append(f"{plural(len(instances), 'instance')}: {in_words(counts(results.checks))}")
    return "\n".join(lines) + "\n"


def as_junit(results: Results) -> str:
    """A test suite for each instance, a test case for each check."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {_junit_numbers(results.title, results.checks)}>"]
    for name, checks in results.by_instance().items():
        when = f" timestamp={_attribute(results.time)}" if results.time else ""
        lines.append(f"  <testsuite {_junit_numbers(name, checks)}{when}>")
        lines += [_junit_case(name, check) for check in checks]
        lines.append("  </testsuite>")
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def as_html(results: Results) -> str:
    """One page that needs nothing else."""
    about = {**results.about, "Time": results.time}
    cards = [_card(name, checks) for name, checks in results.by_instance().items()]
    headline = _verdict_in_words([card.state for card in cards])
    in_all = in_words(counts(results.checks)) if cards else ""
    return html_page.page(results.title, verdict(results.checks), headline, about, cards, in_all)


def _told_together(state: str, checks: t.Iterable[Check]) -> list[str]:
    """Checks of one state: those that passed by their names alone, others with the same detail share it."""
    names: dict[tuple[str, str], list[str]] = {}
    for check in checks:
        told = ("", "") if state == PASSED else (check["detail"], check["remedy"])
        names.setdefault(told, []).append(check["check"])
    head = f"  {state.upper() if state == FAILED else state:<7}  "
    lines = []
    for (detail, remedy), named in names.items():
        lines += wrapped(head, ", ".join(named) + (f": {detail}" if detail else ""), len(head))
        lines += wrapped(" " * len(head) + "-> ", remedy, len(head) + 3) if remedy else []
    return lines


def _seconds(checks: t.Iterable[Check]) -> float:
    return sum(check["seconds"] for check in checks)


def _attribute(text: str) -> str:
    return quoteattr(html_page.NOT_XML.sub("\ufffd", text))


def _junit_numbers(name: str, checks: t.Sequence[Check]) -> str:
    numbers = counts(checks)
    return (
        f'name={_attribute(name)} tests="{len(checks)}" failures="{numbers[FAILED]}" errors="0" '
        f'skipped="{numbers[SKIPPED]}" time="{_seconds(checks):.2f}"'
    )


def _junit_case(suite: str, check: Check) -> str:
    head = (
        f"    <testcase classname={_attribute(suite)} name={_attribute(check['check'])} time=\"{check['seconds']:.2f}\""
    )
    detail = check["detail"]
    if check["state"] == FAILED:
        text = escape(html_page.NOT_XML.sub("\ufffd", "\n".join(part for part in (detail, check["remedy"]) if part)))
        return f"{head}>\n      <failure message={_attribute(detail)}>{text}</failure>\n    </testcase>"
    if check["state"] == SKIPPED:
        return f"{head}>\n      <skipped message={_attribute(detail)}/>\n    </testcase>"
    return f"{head}/>"


def _verdict_in_words(states: t.Sequence[str]) -> str:
    """The first thing that a reader wants to know."""
    if not states:
        return "Nothing was checked"
    if FAILED in states:
        return f"{states.count(FAILED)} of {plural(len(states), 'instance')} failed"
    if SKIPPED in states:
        return f"{states.count(PASSED)} of {plural(len(states), 'instance')} passed, none failed"
    return f"{plural(len(states), 'instance')} passed"


def _card(name: str, checks: t.Sequence[Check]) -> html_page.Card:
    rows = sorted(checks, key=lambda check: _WORST_FIRST.index(check["state"]))
    return html_page.Card(name, in_words(counts(checks)), verdict(checks), [_item(check) for check in rows])


def _item(check: Check) -> html_page.Row:
    aside = f"{check['seconds']:.1f} s" if check["state"] != SKIPPED else ""
    return html_page.Row(check["check"], check["state"], aside, check["detail"], check["remedy"])
