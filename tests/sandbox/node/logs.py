# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container logs in the format of the container runtime interface, and the queries of a pod's log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

#: A longer line is stored in parts.
PART_BYTES = 16 * 1024
# How much of a log a termination message holds.
_MESSAGE_LINES, _MESSAGE_BYTES = 80, 2048


class Entry(NamedTuple):
    """One stored line: when it came, its text, and whether the line ends there."""

    time: str
    text: bytes
    whole: bool


class Writer:
    """Appends what a container prints to its log, each line with its time and stream."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(path, "ab", buffering=0)

    def line(self, stream: str, text: bytes, whole: bool = True) -> None:
        """``stream`` is stdout or stderr; ``text`` has no newline; not ``whole`` when the line goes on."""
        time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
        self._file.write(f"{time} {stream} {'F' if whole else 'P'} ".encode() + text + b"\n")

    def close(self) -> None:
        """No more lines."""
        self._file.close()


class Query(NamedTuple):
    """What of a log is asked for, as in PodLogOptions."""

    tail_lines: int | None = None
    since: datetime | None = None
    timestamps: bool = False
    limit_bytes: int | None = None

    @classmethod
    def of(cls, options: Mapping[str, str], now: datetime) -> Query:
        """The query of a URL; ValueError for a value that is none."""
        since = None
        if "sinceTime" in options:
            since = datetime.fromisoformat(options["sinceTime"])
        elif "sinceSeconds" in options:
            since = now - timedelta(seconds=int(options["sinceSeconds"]))
        return cls(
            tail_lines=int(options["tailLines"]) if "tailLines" in options else None,
            since=since,
            timestamps=options.get("timestamps") == "true",
            limit_bytes=int(options["limitBytes"]) if "limitBytes" in options else None,
        )


def parse(stored: bytes) -> list[Entry]:
    """The whole entries of a log; a last line that is still being written is left out."""
    entries = []
    for line in stored.split(b"\n")[:-1]:
        time, _stream, tag, text = line.split(b" ", 3)
        entries.append(Entry(time.decode(), text, tag == b"F"))
    return entries


def select(entries: Iterable[Entry], query: Query) -> bytes:
    """What a query gets."""
    chosen = [each for each in entries if not query.since or datetime.fromisoformat(each.time) >= query.since]
    if query.tail_lines is not None:
        chosen = chosen[-query.tail_lines :] if query.tail_lines else []
    output = b"".join(
        (each.time.encode() + b" " if query.timestamps else b"") + each.text + (b"\n" if each.whole else b"")
        for each in chosen
    )
    return output if query.limit_bytes is None else output[: query.limit_bytes]


def termination_message(stored: bytes) -> str:
    """The end of a log, for a pod whose terminationMessagePolicy is FallbackToLogsOnError."""
    end = select(parse(stored), Query(tail_lines=_MESSAGE_LINES))
    return end[-_MESSAGE_BYTES:].decode(errors="replace")
