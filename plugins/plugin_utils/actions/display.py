# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection's action plugins print while a task runs."""

from __future__ import annotations

import typing as t

from ansible import constants as C
from ansible.utils.color import stringc
from ansible.utils.display import Display

from ansible_collections.llamastack.maas.plugins.module_utils.base.text import (
    BAD,
    GOOD,
    LEFT_OUT,
    OPEN,
    painted,
    printable,
)

# Callbacks that write one document to standard output. Any other line would break it.
_FOR_PROGRAMS = ("json", "jsonl")

_COLOURS = {GOOD: C.COLOR_OK, BAD: C.COLOR_ERROR, OPEN: C.COLOR_WARN, LEFT_OUT: C.COLOR_SKIP}


def read_by_people() -> bool:
    """Whether standard output is for people rather than for a program."""
    return C.DEFAULT_STDOUT_CALLBACK.rsplit(".", 1)[-1] not in _FOR_PROGRAMS


def show(lines: t.Iterable[str]) -> None:
    """Print the lines, states in the colours that ansible has for them where it uses colours. Programs are shown nothing.

    All lines go out as one, so that those of hosts that end at the same time do not mix.
    """
    lines = list(lines)
    if not lines or not read_by_people():
        return
    display = Display()
    coloured = [painted(line, lambda text, tone: stringc(text, _COLOURS[tone])) for line in lines]
    # Without the line break at the end, Display would take an empty last line for one.
    display.display("\n".join(coloured) + "\n", screen_only=True)
    display.display("\n".join(map(printable, lines)), log_only=True)
