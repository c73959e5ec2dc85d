# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway's decisions about requests for pods, which may be cached.

Deviation: they are cached only when the fault ``decision_cache_seconds`` is set (60 s on a cluster), and then whole.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Hashable

from .faults import Faults
from .interface import Grant, Refused, Request


class Decisions:
    """Decides by ``decide``, once for each ``key_of`` a request while a decision is kept."""

    def __init__(
        self,
        faults: Faults,
        decide: Callable[[Request], Awaitable[Grant]],
        key_of: Callable[[Request], Hashable],
    ) -> None:
        self._faults = faults
        self._decide = decide
        self._key_of = key_of
        self._kept: dict[Hashable, tuple[float, Grant | Refused]] = {}

    async def of(self, request: Request) -> Grant:
        """The decision; raises Refused."""
        key = self._key_of(request)
        until, decision = self._kept.get(key, (0.0, None))
        if decision is None or time.monotonic() >= until:
            try:
                decision = await self._decide(request)
            except Refused as refused:
                decision = refused
            if seconds := self._faults.decision_cache_seconds:
                self._kept[key] = (time.monotonic() + seconds, decision)
        if isinstance(decision, Refused):
            raise decision
        return decision

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
