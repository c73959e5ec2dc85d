# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results for people and for machines: a table for the terminal, JSON, JUnit XML, one HTML page.

The same results, at the same time told, give the same text. Nothing here knows the time.
"""

from __future__ import annotations

import html
import json
import re
import typing as t
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from ansible_collections.llamastack.maas.plugins.module_utils.terminal import in_words, wrapped

PASSED = "passed"
FAILED = "failed"
SKIPPED = "skipped"

_WORST_FIRST = (FAILED, SKIPPED, PASSED)
# What XML 1.0 cannot hold in any form.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

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
    lines.append(f"{_plural(len(instances), 'instance')}: {in_words(counts(results.checks))}")
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
    """One page that needs nothing else, in the reader's light or dark, the failed first."""
    instances = sorted(results.by_instance().items(), key=lambda item: _WORST_FIRST.index(verdict(item[1])))
    about = {**results.about, **({"Time": results.time} if results.time else {})}
    return _PAGE.format(
        title=_text(results.title),
        state=verdict(results.checks),
        counts=_text(in_words(counts(results.checks))),
        about="".join(f"<dt>{_text(label)}</dt><dd>{_text(value)}</dd>" for label, value in about.items()),
        cards="\n".join(_card(name, checks) for name, checks in instances),
    )


def as_summary(instances: t.Mapping[str, t.Mapping[str, t.Any]]) -> str:
    """The outcome of a deployment, a few lines for each instance. URLs and ids stand whole on a line, to be copied.

    By the instance's name C(state), C(reason), C(remedy), C(client_base_url) or C(url), C(ids) (what callers see) and
    C(changed) (a list of what was changed, each as C(<kind> <action>)). All but the state may be missing.
    """
    name_width = max([len(name) for name in instances] + [len("INSTANCE")])
    states = {name: str(instance.get("state") or "unknown").replace("_", " ") for name, instance in instances.items()}
    state_width = max([len(state) for state in states.values()] + [len("STATE")])
    lines = [f"{'INSTANCE':<{name_width}}  {'STATE':<{state_width}}  CHANGED"]
    for name, instance in instances.items():
        head = f"{name:<{name_width}}  {states[name]:<{state_width}}  "
        lines += wrapped(head, _changes_in_words(instance.get("changed") or []), len(head))
        for label, value in (
            ("why", instance.get("reason")),
            ("to do", instance.get("remedy")),
            ("URL", instance.get("client_base_url") or instance.get("url")),
            *(("model" if index == 0 else "", each) for index, each in enumerate(instance.get("ids") or [])),
        ):
            if value:
                lines += wrapped(f"  {label:<7} ", value, 10)
    found = list(states.values())
    lines += ["", f"{_plural(len(instances), 'instance')}: {in_words({state: found.count(state) for state in found})}"]
    return "\n".join(lines) + "\n"


def _changes_in_words(changes: t.Iterable[str]) -> str:
    """Such as C(created Secret, ConfigMap; updated MaaSSubscription)."""
    kinds: dict[str, list[str]] = {}
    for change in changes:
        kind, _blank, action = change.rpartition(" ")
        kinds.setdefault(action, []).append(kind)
    return "; ".join(f"{action} {', '.join(named)}" for action, named in kinds.items()) or "nothing"


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


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _seconds(checks: t.Iterable[Check]) -> float:
    return sum(check["seconds"] for check in checks)


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))


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
        text = escape(_NOT_XML.sub("\ufffd", "\n".join(part for part in (detail, check["remedy"]) if part)))
        return f"{head}>\n      <failure message={_attribute(detail)}>{text}</failure>\n    </testcase>"
    if check["state"] == SKIPPED:
        return f"{head}>\n      <skipped message={_attribute(detail)}/>\n    </testcase>"
    return f"{head}/>"


def _text(text: t.Any) -> str:
    return html.escape(str(text), quote=True)


def _card(name: str, checks: t.Sequence[Check]) -> str:
    state = verdict(checks)
    rows = sorted(checks, key=lambda check: _WORST_FIRST.index(check["state"]))
    return (
        f'<section class="{state}"><h2>{_text(name)}</h2><p class="counts">{_text(in_words(counts(checks)))}</p>'
        f"<ul>{''.join(_item(check) for check in rows)}</ul></section>"
    )


def _item(check: Check) -> str:
    remedy = f'<p class="remedy">{_text(check["remedy"])}</p>' if check["remedy"] else ""
    return (
        f'<li class="{_text(check["state"])}"><h3>{_text(check["check"])}'
        f' <span class="state">{_text(check["state"])}</span>'
        f' <span class="seconds">{check["seconds"]:.1f} s</span></h3>'
        f"<p>{_text(check['detail'])}</p>{remedy}</li>"
    )


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --page: #f4f4f5; --card: #fff; --text: #18181b; --soft: #52525b; --line: #e4e4e7;
  --passed: #15803d; --failed: #b91c1c; --skipped: #71717a; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --page: #111113; --card: #1c1c1f; --text: #ececee; --soft: #a1a1aa; --line: #333338;
    --passed: #4ade80; --failed: #f87171; --skipped: #a1a1aa; }}
}}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--page); color: var(--text);
  font: 16px/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.35rem; margin: 0 0 .25rem; }}
h2 {{ font-size: 1.1rem; margin: 0; }}
h3 {{ font-size: 1rem; margin: 0; }}
p {{ margin: .15rem 0; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 0 .75rem; margin: .75rem 0; color: var(--soft); }}
dd {{ margin: 0; }}
section {{ background: var(--card); border: 1px solid var(--line); border-left: .35rem solid var(--skipped);
  border-radius: .5rem; padding: .75rem 1rem; margin: 1rem 0; }}
section.passed {{ border-left-color: var(--passed); }}
section.failed {{ border-left-color: var(--failed); }}
ul {{ list-style: none; margin: .5rem 0 0; padding: 0; }}
li {{ border-top: 1px solid var(--line); padding: .5rem 0; }}
li p {{ color: var(--soft); font-size: .92rem; }}
li p.remedy {{ color: var(--text); }}
.counts, .seconds {{ color: var(--soft); font-weight: normal; }}
.seconds {{ font-size: .85rem; }}
.state {{ font-size: .85rem; }}
.passed > h3 .state, .total.passed {{ color: var(--passed); }}
.failed > h3 .state, .total.failed {{ color: var(--failed); }}
.skipped > h3 .state, .total.skipped {{ color: var(--skipped); }}
.total {{ font-weight: 600; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p class="total {state}">{counts}</p>
<dl>{about}</dl>
{cards}
</body>
</html>
"""
