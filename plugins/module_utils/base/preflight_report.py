# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of a preflight as text: a line for each check, what to do about it, and the counts."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import FAILED, PASSED, SKIPPED, WARNING
from ansible_collections.llamastack.maas.plugins.module_utils.base.text import in_words, plural, wrapped


def as_lines(checks: t.Iterable[t.Mapping[str, str]]) -> list[str]:
    """The results as lines of at most 100 columns, with what to do below each that needs it, and the counts."""
    checks = list(checks)
    name_width = max(len(check["check"]) for check in checks)
    lines = []
    for check in checks:
        state = check["state"].upper() if check["state"] == FAILED else check["state"]
        head = f"{check['check']:<{name_width}}  {state:<7}  "
        lines += wrapped(head, check["detail"], len(head))
        if check["remedy"]:
            lines += wrapped(" " * len(head) + "-> ", check["remedy"], len(head) + 3)
    states = [check["state"] for check in checks]
    numbers = {state: states.count(state) for state in (PASSED, SKIPPED, WARNING, FAILED)}
    return [*lines, "", f"{plural(len(checks), 'check')}: {in_words(numbers)}"]


def failures(checks: t.Iterable[t.Mapping[str, str]]) -> list[str]:
    """One line for each failed check: what is wrong, and what to do."""
    return [
        f"{check['check']}: {check['detail']}" + (f" -> {check['remedy']}" if check["remedy"] else "")
        for check in checks
        if check["state"] == FAILED
    ]
