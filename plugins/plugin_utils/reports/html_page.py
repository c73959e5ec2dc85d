# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One page for a browser, on a phone too, that needs nothing else. It is in the reader's light or dark."""

from __future__ import annotations

import html
import re
import typing as t

# The colours that a page, a card and a row can have, each called as the state that it is for.
GOOD = "passed"
BAD = "failed"
NEUTRAL = "skipped"

_WORST_FIRST = (BAD, NEUTRAL, GOOD)
_SIGNS = {GOOD: "\u2713", BAD: "\u2717", NEUTRAL: "\u2013"}

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold in any form."""


class Row(t.NamedTuple):
    """One line of a card: what it is about, its state, something beside it, what was seen, what to do."""

    title: str
    state: str = ""
    aside: str = ""
    detail: str = ""
    remedy: str = ""


class Card(t.NamedTuple):
    """What is to be said of one thing."""

    title: str
    summary: str
    state: str
    rows: t.Sequence[Row]


def page(
    title: str, state: str, headline: str, about: t.Mapping[str, str], cards: t.Iterable[Card], counts: str = ""
) -> str:
    """The page: the worst cards first, and those that are bad open.

    It is well-formed XML, too, so that any parser reads it. C(headline) is what the reader wants to know first,
    C(about) are further lines for the head, by their labels.
    """
    entries = "".join(
        f"<div><dt>{_text(label)}</dt><dd>{_text(value)}</dd></div>" for label, value in about.items() if value
    )
    return _PAGE.format(
        title=_text(title),
        state=_text(state),
        headline=_text(headline),
        counts=f'<p class="counts">{_text(counts)}</p>' if counts else "",
        about=f"<dl>{entries}</dl>" if entries else "",
        cards="\n".join(_card(card) for card in sorted(cards, key=lambda card: _WORST_FIRST.index(card.state))),
    )


def _text(text: t.Any) -> str:
    return html.escape(NOT_XML.sub("\ufffd", str(text)), quote=True)


def _card(card: Card) -> str:
    opened = ' open="open"' if card.state == BAD else ""
    return (
        f'<details class="{_text(card.state)}"{opened}>\n'
        f'<summary><h2>{_text(card.title)}</h2><span class="counts">{_text(card.summary)}</span></summary>\n'
        f"{_table(card)}\n</details>"
    )


def _table(card: Card) -> str:
    """With a state and a time in each row, or with neither."""
    with_states = any(row.state for row in card.rows)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Check", "State", "Time", "What was seen"))
    return (
        f'<table>\n<caption class="unseen">{_text(card.title)}</caption>\n'
        + (f"<thead><tr>{head}</tr></thead>\n" if with_states else "")
        + f"<tbody>\n{''.join(_row(row, with_states) for row in card.rows)}</tbody>\n</table>"
    )


def _row(row: Row, with_state: bool) -> str:
    sign = f'<span aria-hidden="true">{_SIGNS[row.state]} </span>' if row.state in _SIGNS else ""
    state = f'<td class="state">{sign}{_text(row.state)}</td><td class="aside">{_text(row.aside)}</td>'
    colour = f' class="{_text(row.state)}"' if row.state else ""
    detail = "".join(f"<p>{_text(line)}</p>" for line in row.detail.splitlines())
    remedy = f'<p class="remedy"><b>To do:</b> {_text(row.remedy)}</p>' if row.remedy else ""
    return (
        f'<tr{colour}><th scope="row">{_text(row.title)}</th>{state if with_state else ""}'
        f"<td>{detail}{remedy}</td></tr>\n"
    )


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<title>{headline} \u00b7 {title}</title>
<style>
:root {{ color-scheme: light dark; --page: #f4f4f5; --card: #fff; --text: #18181b; --soft: #52525b; --line: #e4e4e7;
  --passed: #166534; --failed: #b91c1c; --skipped: #52525b; --alarm: #fef2f2; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --page: #111113; --card: #1c1c1f; --text: #ececee; --soft: #a8a8b0; --line: #36363c;
    --passed: #4ade80; --failed: #fca5a5; --skipped: #a8a8b0; --alarm: #351a1c; }}
}}
* {{ box-sizing: border-box; margin: 0; padding: 0; }}
body {{ margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 68rem; background: var(--page); color: var(--text);
  font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }}
header {{ margin-bottom: 1.25rem; }}
h1 {{ font-size: 1rem; font-weight: 400; color: var(--soft); }}
h2 {{ display: inline; font-size: 1.05rem; }}
.verdict {{ font-size: 1.75rem; font-weight: 700; line-height: 1.2; }}
.verdict.passed {{ color: var(--passed); }}
.verdict.failed {{ color: var(--failed); }}
.counts, dl, thead {{ color: var(--soft); }}
dl {{ display: flex; flex-wrap: wrap; gap: .35rem 2rem; margin-top: .75rem; }}
dt {{ font-size: .8rem; }}
details {{ background: var(--card); border: 1px solid var(--line); border-left: .35rem solid var(--skipped);
  border-radius: .5rem; margin-top: .6rem; }}
details.passed {{ border-left-color: var(--passed); }}
details.failed {{ border-left-color: var(--failed); }}
summary {{ padding: .6rem 1rem; cursor: pointer; }}
summary .counts {{ margin-left: .75rem; }}
summary:focus-visible {{ outline: 3px solid var(--soft); border-radius: .5rem; }}
table {{ width: 100%; border-collapse: collapse; font-size: .92rem; }}
th, td {{ padding: .4rem .5rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }}
th:first-child {{ padding-left: 1rem; }}
td:last-child {{ padding-right: 1rem; width: 100%; }}
thead th {{ font-size: .8rem; font-weight: 400; }}
th, .state, .aside {{ white-space: nowrap; }}
td.aside {{ min-width: 4.5rem; color: var(--soft); font-variant-numeric: tabular-nums; }}
.state {{ font-weight: 600; }}
tr.passed .state {{ color: var(--passed); }}
tr.failed .state {{ color: var(--failed); }}
tr.skipped .state {{ color: var(--skipped); }}
tr.failed {{ background: var(--alarm); }}
tr.skipped td:last-child {{ color: var(--soft); }}
.remedy {{ margin-top: .3rem; }}
.unseen {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }}
@media (max-width: 40rem) {{
  table, tbody {{ display: block; }}
  thead {{ display: none; }}
  tr {{ display: flex; flex-wrap: wrap; column-gap: .75rem; padding: .5rem 1rem; border-top: 1px solid var(--line); }}
  th, td, th:first-child, td:last-child {{ padding: 0; border: 0; }}
  td.aside {{ min-width: 0; margin-left: auto; }}
  summary .counts {{ display: block; margin-left: 1rem; }}
}}
@media print {{
  :root {{ color-scheme: light; --page: #fff; --card: #fff; --text: #000; --soft: #333; --line: #bbb; --passed: #14532d;
    --failed: #991b1b; --skipped: #333; --alarm: #fff; }}
  body {{ max-width: none; padding: 0; font-size: 10pt; }}
  details::details-content {{ content-visibility: visible; display: block; height: auto; }}
  tr, summary {{ break-inside: avoid; }}
  summary {{ break-after: avoid; list-style: none; }}
}}
</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p class="verdict {state}">{headline}</p>
{counts}
<dl>{about}</dl>
</header>
<main>
{cards}
</main>
</body>
</html>
"""
