# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results for people and for machines: a table for the terminal, JSON, JUnit XML, one HTML page.

The same results, at the same time given, make the same text. Nothing here knows the time.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field
from statistics import median
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import FAILED, PASSED, SKIPPED
from ansible_collections.llamastack.maas.plugins.module_utils.base.text import in_words, plural, wrapped
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import html_page

_WORST_FIRST = (FAILED, SKIPPED, PASSED)

Check = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Results:
    """The results of M(llamastack.maas.maas_check) or of a module like it, and what to say about them."""

    checks: t.Sequence[Check]
    title: str = "Models-as-a-Service: validation"
    time: str = ""
    """When they were had, as ISO 8601."""
    about: t.Mapping[str, str] = field(default_factory=dict)
    """Further lines for the head, such as the URL, by their labels."""
    noun: str = "instance"
    """What is checked."""

    def by_target(self) -> dict[str, list[Check]]:
        """The checks by C(target), else by C(<namespace>/<instance>), in the order in which they came."""
        found: dict[str, list[Check]] = {}
        for check in self.checks:
            target = check.get("target") or f"{check['namespace']}/{check['instance']}"
            found.setdefault(target, []).append(check)
        return found


def counts(checks: t.Iterable[Check]) -> dict[str, int]:
    """How many checks ended in each state."""
    states = [check["state"] for check in checks]
    return {state: states.count(state) for state in (PASSED, FAILED, SKIPPED)}


def verdict(checks: t.Iterable[Check]) -> str:
    """The state of the whole: failed if one did, else passed if one did, else skipped."""
    numbers = counts(checks)
    return next((state for state in (FAILED, PASSED) if numbers[state]), SKIPPED)


def short(checks: t.Iterable[Check]) -> dict[str, dict[str, Check]]:
    """By instance or target and by check the state, what was measured, and of what has not passed why: no long log."""
    found: dict[str, dict[str, Check]] = {}
    for check in checks:
        kept = {"state", "seconds", "measures"} | (set() if check["state"] == PASSED else {"detail", "remedy"})
        told = {key: value for key, value in check.items() if key in kept}
        found.setdefault(check.get("target") or check["instance"], {})[check["check"]] = told
    return found


def as_json(results: Results) -> str:
    document = {
        "title": results.title,
        "time": results.time,
        "about": dict(results.about),
        "state": verdict(results.checks),
        "counts": counts(results.checks),
        f"{results.noun}s": {
            name: {"state": verdict(checks), "counts": counts(checks), "measures": measures(checks)}
            for name, checks in results.by_target().items()
        },
        "checks": [dict(check) for check in results.checks],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_table(results: Results) -> str:
    """A text of at most 100 columns: what passed in a word, what did not in full, the worst at the end, where one looks first."""
    targets = sorted(results.by_target().items(), key=lambda item: -_WORST_FIRST.index(verdict(item[1])))
    lines = []
    for name, checks in targets:
        lines.append(f"{name}: {in_words(counts(checks))}")
        for state in (PASSED, SKIPPED, FAILED):
            lines += _together(state, [check for check in checks if check["state"] == state])
        measured = "; ".join(f"{check['check']}: {_measured(check)}" for check in checks if _measured(check))
        lines += [f"  times    {measured}"] if measured else []
        lines.append("")
    for label, text in _overall(results).items():
        lines += wrapped("", f"{label}: {text}", 2)
    lines.append(f"{plural(len(targets), results.noun)}: {in_words(counts(results.checks))}")
    return "\n".join(lines) + "\n"


def as_junit(results: Results) -> str:
    """A test suite for each target, what was measured as its properties, and a test case for each check."""
    root = _junit("testsuites", results.title, results.checks)
    for name, checks in results.by_target().items():
        suite = _junit("testsuite", name, checks)
        if results.time:
            suite.set("timestamp", html_page.printable(results.time))
        root.append(suite)
        properties = [{"name": measure, "value": str(seconds)} for measure, seconds in measures(checks).items()]
        if properties:
            suite.append(Element("properties"))
            suite[0].extend(Element("property", each) for each in properties)
        suite.extend(_junit_case(name, check) for check in checks)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True).decode() + "\n"


def as_html(results: Results) -> str:
    """One page that needs nothing else."""
    cards = [_card(name, checks) for name, checks in results.by_target().items()]
    about = {
        **results.about,
        "Time": results.time,
        "Checks": in_words(counts(results.checks)) if cards else "",
    }
    headline = _verdict_in_words([card.state for card in cards], results.noun)
    names = {state: state for state in _WORST_FIRST}
    return html_page.page(results.title, verdict(results.checks), headline, about, cards, names, _overall(results))


def measures(checks: t.Iterable[Check]) -> dict[str, float]:
    """What was measured of one target, in seconds: such as C(stream.time_to_first_token)."""
    return {
        f"{check['check']}.{name}": seconds
        for check in checks
        for name, seconds in (check.get("measures") or {}).items()
    }


_IN_WORDS = {"time_to_first_token": "first token", "total_time": "total"}


def _measured(check: Check) -> str:
    """Such as C(first token 0.31 s, total 0.92 s)."""
    seconds = check.get("measures") or {}
    return ", ".join(f"{words} {seconds[name]:.2f} s" for name, words in _IN_WORDS.items() if name in seconds)


def _overall(results: Results) -> dict[str, str]:
    """Of each measure the median of all targets and the slowest of them, by the measure in words."""
    series: dict[str, dict[str, float]] = {}
    for target, checks in results.by_target().items():
        for name, seconds in measures(checks).items():
            series.setdefault(name, {})[target] = seconds
    overall = {}
    for name, found in series.items():
        slowest = max(found, key=lambda target: found[target])
        check, _dot, measure = name.partition(".")
        overall[f"{check.capitalize()}, {_IN_WORDS.get(measure, measure)}"] = (
            f"median {median(found.values()):.2f} s, slowest {found[slowest]:.2f} s ({slowest})"
        )
    return overall if len(results.by_target()) > 1 else {}


def _together(state: str, checks: t.Iterable[Check]) -> list[str]:
    """Checks of one state: those that passed by their names alone, others with the same detail share it."""
    names: dict[tuple[str, str], list[str]] = {}
    for check in checks:
        texts = ("", "") if state == PASSED else (check["detail"], check["remedy"])
        names.setdefault(texts, []).append(check["check"])
    head = f"  {state.upper() if state == FAILED else state:<7}  "
    lines = []
    for (detail, remedy), named in names.items():
        lines += wrapped(head, ", ".join(named) + (f": {detail}" if detail else ""), len(head))
        lines += wrapped(" " * len(head) + "-> ", remedy, len(head) + 3) if remedy else []
    return lines


def _seconds(checks: t.Iterable[Check]) -> float:
    return sum(check["seconds"] for check in checks)


def _junit(tag: str, name: str, checks: t.Sequence[Check]) -> Element:
    numbers = counts(checks)
    attributes = {"tests": len(checks), "failures": numbers[FAILED], "errors": 0, "skipped": numbers[SKIPPED]}
    return _element(tag, name=name, **attributes, time=f"{_seconds(checks):.2f}")


def _junit_case(suite: str, check: Check) -> Element:
    case = _element("testcase", classname=suite, name=check["check"], time=f"{check['seconds']:.2f}")
    if check["state"] == FAILED:
        case.append(_element("failure", message=check["detail"]))
        case[0].text = html_page.printable("\n".join(filter(None, [check["detail"], check["remedy"]])))
    elif check["state"] == SKIPPED:
        case.append(_element("skipped", message=check["detail"]))
    return case


def _element(tag: str, **attributes: t.Any) -> Element:
    return Element(tag, {name: html_page.printable(value) for name, value in attributes.items()})


def _verdict_in_words(states: t.Sequence[str], noun: str) -> str:
    """The first thing that a reader wants to know."""
    if not states:
        return "Nothing was checked"
    if FAILED in states:
        return f"{states.count(FAILED)} of {plural(len(states), noun)} failed"
    if SKIPPED in states:
        return f"{states.count(PASSED)} of {plural(len(states), noun)} passed, none failed"
    return f"{plural(len(states), noun)} passed"


def _card(name: str, checks: t.Sequence[Check]) -> html_page.Card:
    rows = [_item(check) for check in sorted(checks, key=lambda check: _WORST_FIRST.index(check["state"]))]
    failures = [row for row in rows if row.state == FAILED]
    bars = [row.drawn for row in rows if row.drawn]
    return html_page.Card(
        name,
        in_words(counts(checks)),
        verdict(checks),
        rows,
        lead="; ".join(f"{row.title}: {row.detail}" for row in failures),
        # The one that says most: of a stream, the first token is known.
        drawn=max(bars, key=lambda each: bool(each.begin)) if bars else None,
    )


def _item(check: Check) -> html_page.Row:
    aside = f"{check['seconds']:.1f} s" if check["state"] != SKIPPED else ""
    seconds = check.get("measures") or {}
    total = seconds.get("total_time", 0)
    drawn = html_page.Bar(_measured(check), total, seconds.get("time_to_first_token", 0)) if total else None
    return html_page.Row(check["check"], check["state"], aside, check["detail"], check["remedy"], drawn)
