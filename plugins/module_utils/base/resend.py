# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending a request again that got no answer: which, after what pause, how often, and how it is reported.

One rule for the Kubernetes API, MaaS and providers. The clock and the sleep are passed in.
"""

from __future__ import annotations

import errno
import itertools
import re
import socket
import ssl
import threading
import typing as t
from collections import Counter
from http.client import HTTPException
from urllib.parse import urlsplit

from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact

# How far a request came that has failed.
UNSENT = "unsent"
"""No connection was made, so nobody has received it."""
BUSY = "busy"
"""The server refused it for the moment, and has done nothing."""
LOST = "lost"
"""It was sent, and no answer came: whether it was carried out is not known."""
FINAL = "final"
"""It was answered, or it fails in the same way every time."""

ATTEMPTS = 5
PATIENCE = 10.0
"""Seconds after which a request that got no answer is not sent again: who waits for a timeout has waited enough."""
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0

# What only asks, although by POST.
_QUESTIONS = re.compile(r"/(api-keys/search|selfsubject(access|rules)?reviews)\Z")

T = t.TypeVar("T")


class RequestFailure(Exception):
    """A request that did not succeed."""

    delivery: str = FINAL
    retry_after: float | None = None
    """The seconds for which the server asked not to be asked again."""
    after_loss: bool = False
    """Whether the same request had been sent before, so that it may have been carried out already."""

    @property
    def outcome(self) -> str:
        """What came of it, in words."""
        return str(self)


def may_be_repeated(method: str, url: str) -> bool:
    """Whether a request changes nothing when it is carried out twice.

    A PATCH of this collection is a server-side apply. What is POSTed makes something: a key, a token, an answer that
    costs money.
    """
    return method.upper() != "POST" or bool(_QUESTIONS.search(urlsplit(url).path))


def pause(
    method: str, url: str, delivery: str, *, attempt: int, elapsed: float, asked: float | None = None
) -> float | None:
    """The seconds after which a request is sent again, None where it is not.

    It has been sent ``attempt`` times, for the first time ``elapsed`` seconds ago.
    """
    if delivery == FINAL or attempt >= ATTEMPTS or (delivery == LOST and not may_be_repeated(method, url)):
        return None
    if delivery != BUSY and asked is None and elapsed >= PATIENCE:
        return None
    return min(asked or _FIRST_PAUSE * 2 ** (attempt - 1), _LONGEST_PAUSE)


def delivery_of(error: BaseException) -> str:
    """How far a request came that ended with this error of Python's own."""
    if isinstance(error, socket.gaierror):
        return UNSENT if error.errno == socket.EAI_AGAIN else FINAL
    if isinstance(error, ConnectionRefusedError):
        return UNSENT
    if isinstance(error, OSError) and error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
        return UNSENT
    if isinstance(error, ssl.SSLError):
        return LOST if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) or "EOF" in str(error) else FINAL
    return LOST if isinstance(error, (ConnectionError, HTTPException)) else FINAL


class Resend:
    """Sends requests until they are answered, as far as they may be repeated.

    A server that has left one request without an answer to the end is not waited for again until it answers.
    """

    def __init__(self, *, clock: t.Callable[[], float], sleep: t.Callable[[float], None]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._silent: set[str] = set()

    def __call__(self, method: str, url: str, send: t.Callable[[], T]) -> T:
        """What ``send`` returns. Raises its last :class:`RequestFailure`."""
        host = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        started = self._clock()
        lost = False
        for attempt in itertools.count(1):
            try:
                answer = send()
            except RequestFailure as error:
                error.after_loss, lost = lost, lost or error.delivery == LOST
                elapsed, asked = self._clock() - started, error.retry_after
                seconds = pause(method, url, error.delivery, attempt=attempt, elapsed=elapsed, asked=asked)
                unanswered = error.delivery in (UNSENT, LOST)
                if unanswered and attempt == ATTEMPTS:
                    self._silent.add(host)
                if seconds is None or (unanswered and host in self._silent):
                    raise
                _WORDS.count(host, method, f"{urlsplit(url).path}: {error.outcome}")
                self._sleep(seconds)
            else:
                self._silent.discard(host)
                return answer
        raise AssertionError("unreachable")


class _Words:
    """What this process has to report of the network."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[str]] = {}
        self._last: dict[str, str] = {}
        self._notes: list[str] = []

    def count(self, host: str, method: str, what: str) -> None:
        with self._lock:
            self._counts.setdefault(host, Counter())[method] += 1
            self._last[host] = f"{method} {what}"

    def note(self, text: str) -> None:
        with self._lock:
            self._notes.append(text)

    def take(self) -> list[str]:
        """All of it, which is then forgotten."""
        with self._lock:
            lines = []
            for host, counts in self._counts.items():
                counted = ", ".join(f"{number} {method}" for method, number in sorted(counts.items()))
                lines.append(
                    f"{host} gave no answer to requests, or was busy, so they were sent again: {counted}. The last was"
                    f" {self._last[host]}"
                )
            lines += self._notes
            self._counts, self._last, self._notes = {}, {}, []
        return [redact(line) for line in lines]


_WORDS = _Words()
note = _WORDS.note
"""Has the module return one more warning."""
take = _WORDS.take


def report(module: t.Any) -> None:
    """Have ``module`` return a warning of what was sent again, however it ends."""
    for name in ("exit_json", "fail_json"):
        leave = getattr(module, name, None)
        if leave and not hasattr(leave, "reports"):
            setattr(module, name, _reporting(module, leave))


def _reporting(module: t.Any, leave: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    def reporting(*args: t.Any, **kwargs: t.Any) -> t.Any:
        for line in take():
            module.warn(line)
        return leave(*args, **kwargs)

    reporting.reports = True  # type: ignore[attr-defined]
    return reporting
