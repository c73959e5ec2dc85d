# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the log of an instance's server.

OGX writes JSON lines, and for every error of a provider a traceback of 70 to 160 plain lines in between. Of a
traceback only the lines that start in column 0 say something.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact

LINES_TO_READ = 500
"""Enough to see past a traceback or two."""


def telling_lines(lines: t.Sequence[str], count: int) -> list[str]:
    """The last ``count`` lines that say something, each shortened to that, without credentials."""
    told = [_shortened(line) for line in lines if line.strip() and not line[0].isspace()]
    distinct = [line for index, line in enumerate(told) if line and line != (told[index - 1] if index else None)]
    return [redact(line) for line in distinct[-count:]]


def _shortened(line: str) -> str:
    if not line.startswith("{"):
        return "" if line.startswith("Traceback ") else line
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    subject = entry.get("provider_id") or entry.get("provider")
    about = f"{subject}: " if subject else ""
    detail = entry.get("error") or _exception(entry.get("exc_info"))
    # Some events are whole files.
    event = next(iter(str(entry.get("event", "")).strip().splitlines()), "")
    text = f"{entry.get('level', 'info')}: {about}{event}"
    return f"{text}: {detail}" if detail else text


def _exception(exc_info: t.Any) -> str:
    """``exc_info`` holds class, instance and traceback as text."""
    return str(exc_info[1]) if isinstance(exc_info, list) and len(exc_info) > 1 else ""
