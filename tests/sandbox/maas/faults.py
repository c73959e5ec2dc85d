# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test may break in the imitated platform."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any


class Faults:
    """Switches, all off at the start.

    ``controllers_paused``: the MaaS controllers are absent, so finalizers stay, nothing is reconciled, and webhooks do not
    answer.
    ``subscriptions_without_phase``: names of MaaSSubscriptions whose first status is lost; a change of their spec
    heals them.
    ``reject_credentials``: ``{"status": 401 or 403, "seconds": n}``, the first minutes of a registration.
    ``decision_cache_seconds``: how long the gateway's decisions are cached.
    ``probe_by_get``: generation A looks for models as the first fix after its release does, so that a server which
    answers OPTIONS with 405 is listed.
    ``shipped_limits``: generation A has the limits that MaaS ships instead of an administrator's generous ones.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []
        self.running = asyncio.Event()
        self.reset()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Be told when a switch has moved."""
        self._listeners.append(listener)

    def reset(self) -> None:
        """Everything off."""
        self.decision_cache_seconds = 0.0
        self.subscriptions_without_phase: frozenset[str] = frozenset()
        self.probe_by_get = False
        self.shipped_limits = False
        self._refusal: tuple[int, float] | None = None
        self.running.set()
        self._changed()

    def update(self, wanted: Mapping[str, Any]) -> None:
        """Move the switches that are named; ValueError for an unknown one, before any has moved."""
        unknown = set(wanted) - set(self.state())
        if unknown:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(self.state())}")
        if "decision_cache_seconds" in wanted:
            self.decision_cache_seconds = float(wanted["decision_cache_seconds"])
        if "subscriptions_without_phase" in wanted:
            self.subscriptions_without_phase = frozenset(wanted["subscriptions_without_phase"])
        if "reject_credentials" in wanted:
            refusal = wanted["reject_credentials"]
            self._refusal = refusal and (int(refusal["status"]), time.monotonic() + float(refusal["seconds"]))
        self.probe_by_get = bool(wanted.get("probe_by_get", self.probe_by_get))
        self.shipped_limits = bool(wanted.get("shipped_limits", self.shipped_limits))
        if "controllers_paused" in wanted:
            (self.running.clear if wanted["controllers_paused"] else self.running.set)()
        self._changed()

    def refusing(self) -> int | None:
        """The status with which every credential is refused at present."""
        if self._refusal and time.monotonic() < self._refusal[1]:
            return self._refusal[0]
        return None

    def state(self) -> dict[str, Any]:
        """All switches as they are."""
        status = self.refusing()
        left = self._refusal[1] - time.monotonic() if status is not None else 0.0
        return {
            "controllers_paused": not self.running.is_set(),
            "subscriptions_without_phase": sorted(self.subscriptions_without_phase),
            "reject_credentials": {"status": status, "seconds": round(left, 1)} if status is not None else None,
            "decision_cache_seconds": self.decision_cache_seconds,
            "probe_by_get": self.probe_by_get,
            "shipped_limits": self.shipped_limits,
        }

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()
