# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a status says of one thing: a line of a table with what does not fit on it below, and a card of a page."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.base.text import wrapped
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import html_page
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports.html_page import Card, Row


class Entry(t.NamedTuple):
    """C(cells): the line, its first cell the name; C(details): by label what is to be said beside it; C(lead): the label of
    what is wrong; C(remedies): by label what to do; C(colour): one of C(html_page); C(short): the line in words."""

    cells: t.Sequence[str]
    details: t.Mapping[str, t.Sequence[str]] = {}
    lead: str = ""
    remedies: t.Mapping[str, str] = {}
    colour: str = html_page.GOOD
    short: str = ""


def told(details: t.Mapping[str, t.Iterable[str]]) -> dict[str, list[str]]:
    """The details that there is something to say for."""
    shown = {label: [value for value in values if value] for label, values in details.items()}
    return {label: values for label, values in shown.items() if values}


def table(columns: t.Sequence[str], entries: t.Iterable[Entry]) -> list[str]:
    """The lines of the table. They have at most 100 columns, but for URLs."""
    entries = list(entries)
    cells = [tuple(columns), *(tuple(entry.cells) for entry in entries)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths)).rstrip() for row in cells]
    result = [lines[0]]
    for line, entry in zip(lines[1:], entries):
        result.append(line)
        for label, values in entry.details.items():
            for index, value in enumerate(values):
                result += wrapped(f"  {'' if index else label:<10} ", value, 13)
    return result


def card(entry: Entry, kind: str = "") -> Card:
    """The card of a page; C(kind) is what it is, where a page has several kinds."""
    rows = [
        Row(label, "", "", "\n".join(values), entry.remedies.get(label, "")) for label, values in entry.details.items()
    ]
    title = f"{kind} {entry.cells[0]}" if kind else entry.cells[0]
    return Card(title, entry.short, entry.colour, rows, "\n".join(entry.details.get(entry.lead, [])))


def worst(entries: t.Iterable[Entry]) -> str:
    """The colour of all together."""
    colours = [entry.colour for entry in entries]
    return next((colour for colour in (html_page.BAD, html_page.NEUTRAL) if colour in colours), html_page.GOOD)


def as_text(found: t.Any, form: str, as_table: t.Callable[[], str], as_html: t.Callable[[], str]) -> str:
    """The status in one of C(variables.OUTPUTS); C(found) is it as data."""
    if form == "html":
        return as_html()
    if form == "json":
        return json.dumps(yaml_text.plain(found), indent=2, ensure_ascii=False) + "\n"
    return yaml_text.dump(found) if form == "yaml" else as_table()
