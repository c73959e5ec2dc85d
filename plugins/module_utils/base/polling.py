# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking again until something is so: one loop for the waiting modules and for their action plugins.

Time is in seconds throughout. The clock and the sleep are passed in, so that a test of a long wait takes no time.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.llamastack.maas.plugins.module_utils.base.text import plural


@dataclass(frozen=True)
class Attempt:
    """What one look at the world found.

    ``done`` ends the wait with success, ``failed`` ends it because waiting longer cannot help.
    ``progress`` is the text for a live line; it must not hold the time, or every attempt would look like news.
    ``retry_after`` is the number of seconds for which the other side asked not to be asked again.
    ``value`` is handed through to the caller.
    """

    done: bool = False
    failed: bool = False
    progress: str = ""
    retry_after: float | None = None
    value: t.Any = None


@dataclass(frozen=True)
class PollResult:
    """The last attempt, and what it took to get there."""

    last: Attempt
    attempts: int
    elapsed: float

    @property
    def done(self) -> bool:
        return self.last.done

    @property
    def timed_out(self) -> bool:
        return not self.last.done and not self.last.failed

    def cost(self) -> dict[str, t.Any]:
        """What a module that waited returns in any case."""
        return {"elapsed": round(self.elapsed, 1), "attempts": self.attempts}

    def failure(self, message: str, timeout: float) -> dict[str, t.Any]:
        """What it fails with, and what its action plugin decides by whether to have it look again."""
        return {
            "msg": f"{gave_up_after(self)} {message}" if self.timed_out and timeout else message,
            "pending": self.timed_out,
            "progress": self.last.progress,
            "retry_after": self.last.retry_after,
        }


def poll(
    attempt: t.Callable[[], Attempt],
    *,
    clock: t.Callable[[], float],
    sleep: t.Callable[[float], None],
    timeout: float,
    min_interval: float = 1.0,
    max_interval: float = 5.0,
    growth: float = 1.25,
    report: t.Callable[[str, float], None] | None = None,
    report_every: float = 15.0,
) -> PollResult:
    """Call ``attempt`` until it is done, has failed for good, or ``timeout`` is over.

    There is always one attempt, and always one at the very end of the time: a ``timeout`` of 0 means "look once".
    The pause grows from ``min_interval`` to ``max_interval``; a longer ``retry_after`` is honoured, and ends the wait
    at once if it reaches beyond the end of the time.

    ``report(progress, elapsed)`` is called after an attempt that leaves something to wait for, when its progress text
    differs from the one last reported or when that was ``report_every`` seconds ago.
    """
    start = clock()
    interval = min_interval
    attempts = 0
    reported_text: str | None = None
    reported_at = start
    while True:
        last = attempt()
        attempts += 1
        elapsed = clock() - start
        remaining = timeout - elapsed
        asked_to_wait = last.retry_after or 0.0
        if last.done or last.failed or remaining <= 0 or asked_to_wait > remaining:
            return PollResult(last=last, attempts=attempts, elapsed=elapsed)

        now = start + elapsed
        if report is not None and (last.progress != reported_text or now - reported_at >= report_every):
            report(last.progress, elapsed)
            reported_text, reported_at = last.progress, now

        sleep(max(min(interval, remaining), asked_to_wait))
        interval = min(interval * growth, max_interval)


def gave_up_after(result: PollResult) -> str:
    """The first sentence of a timeout's message."""
    return f"Gave up after {result.elapsed:.0f} s and {plural(result.attempts, 'attempt')}."
