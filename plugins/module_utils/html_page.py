# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One page for a browser, on a phone too, that needs nothing else. It is in the reader's light or dark."""

from __future__ import annotations

import html
import typing as t

# The colours that a page, a card and a row can have, each called as the state that it is for.
GOOD = "passed"
BAD = "failed"
NEUTRAL = "skipped"


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


def page(title: str, state: str, summary: str, about: t.Mapping[str, str], cards: t.Iterable[Card]) -> str:
    """The page. C(about) are further lines for the head, by their labels."""
    return _PAGE.format(
        title=_text(title),
        state=_text(state),
        summary=_text(summary),
        about="".join(f"<dt>{_text(label)}</dt><dd>{_text(value)}</dd>" for label, value in about.items() if value),
        cards="\n".join(_card(card) for card in cards),
    )


def _text(text: t.Any) -> str:
    return html.escape(str(text), quote=True)


def _card(card: Card) -> str:
    return (
        f'<section class="{_text(card.state)}"><h2>{_text(card.title)}</h2>'
        f'<p class="counts">{_text(card.summary)}</p><ul>{"".join(map(_row, card.rows))}</ul></section>'
    )


def _row(row: Row) -> str:
    state = f' <span class="state">{_text(row.state)}</span>' if row.state else ""
    aside = f' <span class="seconds">{_text(row.aside)}</span>' if row.aside else ""
    detail = "".join(f"<p>{_text(line)}</p>" for line in row.detail.splitlines() or [""])
    remedy = f'<p class="remedy">{_text(row.remedy)}</p>' if row.remedy else ""
    return f'<li class="{_text(row.state)}"><h3>{_text(row.title)}{state}{aside}</h3>{detail}{remedy}</li>'


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
<p class="total {state}">{summary}</p>
<dl>{about}</dl>
{cards}
</body>
</html>
"""
