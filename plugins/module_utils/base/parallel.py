# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls side by side, through a small pool of threads."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

CONCURRENT_REQUESTS = 16
"""What pays on the way to a server, where most of a request's time is spent waiting.

An API server on the same machine is busy with 8; it is not slower with 16.
"""

T = t.TypeVar("T")
E = t.TypeVar("E", bound=Exception)


def in_parallel(calls: t.Sequence[t.Callable[[], T]], failure: type[E]) -> list[T | E]:
    """Make all calls; an exception of the class ``failure`` that one raises takes the place of its result."""

    def guarded(call: t.Callable[[], T]) -> T | E:
        try:
            return call()
        except failure as exc:
            return exc

    if len(calls) <= 1:
        return [guarded(call) for call in calls]
    with ThreadPoolExecutor(max_workers=min(CONCURRENT_REQUESTS, len(calls))) as pool:
        return list(pool.map(guarded, calls))
