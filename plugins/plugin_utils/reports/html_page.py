# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One page for a browser, on a phone too, that needs nothing else. It is in the reader's light or dark.

How it looks is decided in C(page.html.j2), next to this file.
"""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

# The colours that a page, a card and a row can have, each called as the state that it is for.
GOOD = "passed"
BAD = "failed"
NEUTRAL = "skipped"

_WORST_FIRST = (BAD, NEUTRAL, GOOD)
_SIGNS = {GOOD: "\u2713", BAD: "\u2717", NEUTRAL: "\u2013"}

# How many bad cards stand open, how many good ones may stand below bad ones without being folded, and how many of those
# that the same is to be done for are named.
_OPEN_CARDS = 5
_UNFOLDED_CARDS = 12
_NAMED_CARDS = 8

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: t.Any) -> t.Any:
    """Any value as text without what XML 1.0 cannot hold in any form; what is markup already stays it."""
    return text if isinstance(text, Markup) else _NOT_XML.sub("\ufffd", str(text))


class Bar(t.NamedTuple):
    """Seconds to draw, and the words beside them."""

    text: str
    total: float
    begin: float = 0.0
    """The part of them that passed before the first token; 0 where that is not known."""


class Row(t.NamedTuple):
    """One line of a card: what it is about, its state, something beside it, what was seen, what to do."""

    title: str
    state: str = ""
    aside: str = ""
    detail: str = ""
    remedy: str = ""
    drawn: Bar | None = None


class Card(t.NamedTuple):
    """What is to be said of one thing."""

    title: str
    summary: str
    state: str
    rows: t.Sequence[Row]
    lead: str = ""
    """What is wrong, to be read while the card is closed."""
    drawn: Bar | None = None


def page(
    title: str,
    state: str,
    headline: str,
    about: t.Mapping[str, str],
    cards: t.Sequence[Card],
    groups: t.Mapping[str, str],
    figures: t.Mapping[str, str] | None = None,
) -> str:
    """The page: the worst cards first, and of those that are bad the first ones open.

    It is well-formed XML, too, so that any parser reads it. C(headline) is what the reader wants to know first,
    C(about) and C(figures), which come after what is bad, are further lines by their labels, and C(groups) says what
    cards of each state are called.
    """
    numbered = list(enumerate(cards, start=1))
    by_state = {each: [entry for entry in numbered if entry[1].state == each] for each in _WORST_FIRST}
    drawn = [entry.drawn for card in cards for entry in (card, *card.rows) if entry.drawn]
    return _TEMPLATES.get_template("page.html.j2").render(
        title=title,
        state=state,
        headline=headline,
        about={label: value for label, value in about.items() if value},
        groups=[(each, groups[each], found) for each, found in by_state.items() if found],
        figures=figures or {},
        number=len(cards),
        folded=by_state[BAD] and len(cards) > _UNFOLDED_CARDS,
        steps=_steps(numbered),
        longest=max((each.total for each in drawn), default=0),
        signs=_SIGNS,
        open_cards=_OPEN_CARDS,
        named_cards=_NAMED_CARDS,
    )


def _steps(cards: t.Iterable[tuple[int, Card]]) -> list[tuple[str, dict[str, dict[int, str]]]]:
    """Each thing that is to be done, and by check the titles of the cards that it is for, by their numbers.

    What is bad comes first, then what is common. None where one card says it all.
    """
    steps: dict[str, dict[str, dict[int, str]]] = {}
    weights: dict[str, tuple[int, int]] = {}
    for number, card in cards:
        for row in card.rows:
            if row.remedy:
                steps.setdefault(row.remedy, {}).setdefault(row.title if row.state else "", {})[number] = card.title
                bad, common = weights.get(row.remedy, (0, 0))
                weights[row.remedy] = (bad + (card.state == BAD), common + 1)
    concerned = {number for checks in steps.values() for named in checks.values() for number in named}
    return sorted(steps.items(), key=lambda step: weights[step[0]], reverse=True) if len(concerned) > 1 else []


# Compiled when it is asked for: a table needs no page.
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    finalize=printable,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
