# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collect everything that is wrong with an input, each finding with its path, instead of failing at the first."""

from __future__ import annotations

import datetime
import difflib
import re
import typing as t


class Problem(t.TypedDict):
    """One finding: C(path) as the user would write it (C(llamastack_maas_instances[2].name)), C(message) a sentence."""

    path: str
    message: str


class Findings:
    """A place in the input and the errors and warnings found so far; children share the lists of their parent."""

    def __init__(self, path: str = "") -> None:
        self.path = path
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def at(self, step: str | int) -> Findings:
        """The same findings, one step deeper: a key of a mapping or an index of a list."""
        child = Findings(_join(self.path, step))
        child.errors, child.warnings = self.errors, self.warnings
        return child

    def error(self, message: str) -> None:
        self.errors.append({"path": self.path, "message": message})

    def warn(self, message: str) -> None:
        self.warnings.append({"path": self.path, "message": message})

    def require_one_of(self, value: t.Any, choices: t.Sequence[str]) -> None:
        """Report a C(value) that is none of C(choices)."""
        if value not in choices:
            self.error(f"must be one of {', '.join(choices)}")

    def refuse_dates(self, given: t.Any) -> None:
        """Report every date below C(given): YAML makes one of 2027-01-01, and ansible-core up to 2.18 cannot hand it on."""
        if isinstance(given, dict):
            for key, item in given.items():
                self.at(str(key)).refuse_dates(item)
        elif isinstance(given, (list, tuple)):
            for index, item in enumerate(given):
                self.at(index).refuse_dates(item)
        elif isinstance(given, datetime.date):
            self.error(f"is a date, not text; put it in quotes: '{given}'")

    def refuse_broken_text(self, given: t.Any) -> None:
        """Report every text below C(given) that is lost on its way to the cluster; quotes nothing of it."""
        if isinstance(given, dict):
            for key, item in given.items():
                self.at(str(key)).refuse_broken_text(item)
        elif isinstance(given, (list, tuple)):
            for index, item in enumerate(given):
                self.at(index).refuse_broken_text(item)
        elif isinstance(given, str):
            control = _CONTROL.search(given)
            if is_broken(given):
                self.error(f"is {BROKEN}")
            elif control:
                self.error(f"holds the control character U+{ord(control.group()):04X}; take it out")

    def refuse_unknown_keys(self, given: t.Iterable[t.Any], known: t.Iterable[str], what: str = "key") -> None:
        """Report every member of C(given) that is not in C(known), with the nearest ones that are."""
        known = sorted(known)
        for key in given:
            if key not in known:
                self.at(str(key)).error(f"unknown {what}; {nearest(str(key), known)}")


# What no text of YAML may hold, and what ends a line there: kustomize refuses these or makes another text of them.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")

BROKEN = "not UTF-8 text: it holds a byte of another encoding, or one part of a character that was escaped in two"


def is_broken(text: str) -> bool:
    """Whether C(text) cannot be sent as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def nearest(word: str, known: t.Iterable[str]) -> str:
    """What to offer for a misspelt word: the near matches, or where there are none, everything there is."""
    known = sorted(known)
    matches = difflib.get_close_matches(word.lower(), known, n=3, cutoff=0.6)
    if matches:
        return f"did you mean {_either(matches)}?"
    return f"known: {', '.join(known)}" if known else "none is known here"


def format_problems(problems: t.Sequence[Problem]) -> str:
    """All findings as one message, one line each, in the order in which they were found."""
    return "\n".join(f"{problem['path']}: {problem['message']}" for problem in problems)


def _join(path: str, step: str | int) -> str:
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step}" if path else step


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
