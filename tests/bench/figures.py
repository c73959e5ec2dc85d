# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of measurements, and whether a target is met. Nothing here measures."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Target:
    """Something that must be so: ``value`` at most, or with ``at_least`` at least, ``limit``."""

    name: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        verdict = "met   " if self.met else "MISSED"
        relation = "at least" if self.at_least else "at most"
        return f"{verdict}  {self.name}: {_short(self.value)} ({relation} {_short(self.limit)})"


@dataclass
class Table:
    """Rows of medians, and the targets that they are held against."""

    title: str
    columns: Sequence[str]
    rows: list[tuple[str, list[float | None]]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def text(self) -> str:
        """A table of Markdown and a line for each target."""
        cells = [["", *self.columns], *([label, *map(_short, values)] for label, values in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
        lines = ["| " + " | ".join(_aligned(row, widths)) + " |" for row in cells]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        head = [f"## {self.title}", "", *lines]
        return "\n".join([*head, "", *map(str, self.targets)] if self.targets else head)


def missed(tables: Iterable[Table]) -> list[Target]:
    """The targets that are not met."""
    return [target for table in tables for target in table.targets if not target.met]


def median(values: Iterable[float]) -> float | None:
    """The median, None of nothing."""
    found = list(values)
    return statistics.median(found) if found else None


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the ratios, round by round: what slows a whole round down does not show."""
    return statistics.median(one / other for one, other in zip(above, below, strict=True))


def per_added(seconds: Mapping[int, Sequence[float]]) -> list[float]:
    """Seconds for each instance more, round by round, between the smallest and the largest number of instances."""
    few, many = min(seconds), max(seconds)
    return [(much - little) / (many - few) for little, much in zip(seconds[few], seconds[many], strict=True)]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]


def _short(value: float | None) -> str:
    if value is None:
        return ""
    if value == int(value):
        return str(int(value))
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"
