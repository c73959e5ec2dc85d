# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one check of a validation ended: passed, failed, or skipped with the reason why it does not apply."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

PASSED = "passed"
FAILED = "failed"
SKIPPED = "skipped"
WARNING = "warning"
"""Of a preflight: what need not stop a deployment."""


@dataclass(frozen=True)
class Outcome:
    """How one check ended."""

    state: str
    detail: str = ""
    remedy: str = ""
    measures: t.Mapping[str, float] = field(default_factory=dict)
    """What was measured, in seconds."""

    def as_result(self, check: str, seconds: float, **of: str) -> dict[str, t.Any]:
        """As a module returns it; C(of) says what was checked."""
        return {
            **of,
            "check": check,
            "state": self.state,
            "detail": self.detail,
            "remedy": self.remedy,
            "seconds": round(seconds, 2),
            **({"measures": dict(self.measures)} if self.measures else {}),
        }


def passed(detail: str, measures: t.Mapping[str, float] | None = None) -> Outcome:
    return Outcome(PASSED, detail, measures=measures or {})


def failed(detail: str, remedy: str = "") -> Outcome:
    return Outcome(FAILED, detail, remedy)


def skipped(detail: str) -> Outcome:
    return Outcome(SKIPPED, detail)
