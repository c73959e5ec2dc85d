# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts for a terminal: how they are wrapped, and which words of them have a colour where there are colours."""

from __future__ import annotations

import re
import textwrap
import typing as t

WIDTH = 100

GOOD = "good"
BAD = "bad"
OPEN = "open"
LEFT_OUT = "left out"

TONES: t.Final[t.Mapping[str, str]] = {
    "passed": GOOD,
    "proven": GOOD,
    "ready": GOOD,
    "failed": BAD,
    "absent": BAD,
    "blocked": BAD,
    "expired": BAD,
    "used up": BAD,
    "not ready": BAD,
    "broken": BAD,
    "healthy": GOOD,
    "ok": GOOD,
    "hint": OPEN,
    "unknown": OPEN,
    "warning": OPEN,
    "pending": OPEN,
    "visible": OPEN,
    "listed": OPEN,
    "limit reached": OPEN,
    "waiting": OPEN,
    "scaled to 0": OPEN,
    "not entitled": OPEN,
    "registered": LEFT_OUT,
    "planned": LEFT_OUT,
    "skipped": LEFT_OUT,
}
"""What each state comes to for the reader."""

_WORDS = "|".join(TONES)
# A state stands in a column of its own: two blanks, or an end of the line, on either side. Sentences have single ones.
_COLUMN = re.compile(rf"(?:(?<=  )|^)({_WORDS})(?=  |$)", re.IGNORECASE)
# Counts end a line: "3 instances: 39 passed, 1 failed".
_COUNTS = re.compile(rf"(?:\d+ (?:{_WORDS})(?:, )?)+$")
_COUNT = re.compile(rf"[1-9]\d* ({_WORDS})")


def printable(text: str) -> str:
    """Without line breaks, and without what could move the cursor or change a colour."""
    return "".join(char if char.isprintable() else " " for char in text)


def wrapped(head: str, text: str, indent: int) -> list[str]:
    """C(head) and C(text) on lines of at most 100 columns, those after the first indented. Long words stay whole."""
    lines = textwrap.wrap(
        " ".join(printable(text).split()),
        width=WIDTH,
        initial_indent=head,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [head.rstrip()]


def in_words(counts: t.Mapping[str, int]) -> str:
    """Such as C(13 passed, 1 skipped)."""
    return ", ".join(f"{number} {state}" for state, number in counts.items() if number) or "nothing"


def plural(number: int, noun: str) -> str:
    """Such as C(1 instance) or C(3 instances)."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def tally(noun: str, states: t.Sequence[str]) -> str:
    """Such as C(3 instances: 2 ready, 1 failed)."""
    number = plural(len(states), noun)
    return f"{number}: {in_words({state: states.count(state) for state in states})}" if states else number


def painted(line: str, paint: t.Callable[[str, str], str]) -> str:
    """The line with its states and counts as C(paint(text, tone)) gives them back, and nothing in it but what is printable."""
    line = printable(line)
    column = _COLUMN.search(line)
    if column:
        word = column.group(1)
        return line[: column.start(1)] + paint(word, TONES[word.lower()]) + line[column.end(1) :]
    counts = _COUNTS.search(line)
    if counts:
        return line[: counts.start()] + _COUNT.sub(lambda one: paint(one.group(), TONES[one.group(1)]), counts.group())
    return line
