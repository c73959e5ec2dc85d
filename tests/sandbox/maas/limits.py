# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of tokens, counted after an answer and enforced on the next request, and limits of requests.

Imitates Limitador behind a TokenRateLimitPolicy or RateLimitPolicy: a fixed window per counter begins with its first
use, the answer that crosses the limit is delivered whole, and what follows in that window is refused. Only
``usage.total_tokens`` of an answer counts: of the JSON body, or of the last event of a stream that has one. The
Responses and Messages APIs are not counted.

Deviation: whether a count that is exactly the limit blocks is not known of the real one; here it does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from .interface import Limit

#: An answer longer than this is passed on uncounted.
COUNTED_BYTES = 8 * 1024 * 1024
UNCOUNTED_PATHS = ("/v1/responses", "/v1/messages")
EXEMPT_PATH = "/v1/models"


class Meter:
    """What was used of every limit in its current window."""

    def __init__(self) -> None:
        self._windows: dict[Limit, tuple[float, int]] = {}

    def exhausted(self, limits: Iterable[Limit], now: float) -> bool:
        """Whether any of these limits is used up at ``now`` (seconds of a monotonic clock)."""
        return any(self._used(limit, now) >= limit.amount for limit in limits)

    def count(self, limits: Iterable[Limit], amount: int, now: float) -> None:
        """Add what was used."""
        for limit in limits:
            end, used = self._windows.get(limit, (0.0, 0))
            if now >= end:
                end, used = now + limit.seconds, 0
            self._windows[limit] = (end, used + amount)

    def usage(self, now: float) -> list[dict[str, object]]:
        """Every counter that is running, for tests to read."""
        return [
            {"counter": "|".join(limit.counter), "limit": limit.amount, "window": limit.seconds, "used": used}
            for limit in self._windows
            if (used := self._used(limit, now))
        ]

    def clear(self) -> None:
        """Begin anew."""
        self._windows.clear()

    def _used(self, limit: Limit, now: float) -> int:
        end, used = self._windows.get(limit, (0.0, 0))
        return used if now < end else 0


class UsageReader:
    """Reads ``usage.total_tokens`` out of an answer that is passed on in pieces."""

    def __init__(self, path: str, content_type: str, content_encoding: str | None) -> None:
        counted = content_encoding is None and not path.endswith(UNCOUNTED_PATHS)
        self._stream = counted and content_type == "text/event-stream"
        self._document = counted and content_type == "application/json"
        self._buffer = b""
        self._tokens = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next piece."""
        if not (self._stream or self._document):
            return
        self._buffer += chunk
        if self._stream:
            *lines, self._buffer = self._buffer.split(b"\n")
            for line in lines:
                if line.startswith(b"data:"):
                    self._tokens = _total_tokens(line[len(b"data:") :]) or self._tokens
        if len(self._buffer) > COUNTED_BYTES:
            self._stream = self._document = False
            self._buffer = b""

    def tokens(self) -> int:
        """What the answer used, once all of it was fed; 0 where it does not say."""
        return _total_tokens(self._buffer) if self._document else self._tokens


def _total_tokens(text: bytes) -> int:
    try:
        usage = json.loads(text).get("usage") or {}
        return int(usage.get("total_tokens") or 0)
    except (ValueError, AttributeError, TypeError):
        return 0
