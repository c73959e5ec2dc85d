# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gateway and a generation of MaaS say to each other.

The gateway (``gateway``) moves bytes: TLS, routes, pods, streams, counters. A generation (``a``, ``b1``, ``b2``)
decides: who is calling, what the caller may reach, what the MaaS API answers, and which controllers run beside it.
"""

from __future__ import annotations

import json
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from multidict import CIMultiDict

from .admission import Webhook


@dataclass(frozen=True)
class Request:
    """A request as a client sent it; ``path`` is still percent-encoded and has no query."""

    method: str
    path: str
    headers: CIMultiDict[str]
    body: bytes = b""
    query: str = ""

    def json_object(self) -> dict[str, Any] | None:
        """The body when it is a JSON object, else None."""
        try:
            parsed = json.loads(self.body) if self.body else None
        except ValueError:
            return None
        return parsed if isinstance(parsed, dict) else None


@dataclass(frozen=True)
class Answer:
    """A whole answer that does not come from a pod."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body."""
    return Answer(
        status, json.dumps(content).encode(), {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    )


def text_answer(status: int, text: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a plain text body."""
    return Answer(status, text.encode(), {"Content-Type": "text/plain", **(headers or {})})


class Refused(Exception):
    """The request goes no further: ``answer`` is what the client gets."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status} {answer.body.decode(errors='replace')}")
        self.answer = answer


@dataclass(frozen=True)
class Limit:
    """So much (tokens or requests) per ``seconds`` for one counter; all who share the counter share the amount."""

    counter: tuple[str, ...]
    amount: int
    seconds: int


@dataclass(frozen=True)
class Grant:
    """A request that may reach its pod: for whom, with which headers set, against which limits."""

    username: str
    headers: Mapping[str, str]
    limits: Sequence[Limit] = ()
    request_limits: Sequence[Limit] = ()


class Generation(Protocol):
    """A generation of MaaS."""

    #: Path prefix at the gateway that leads to the MaaS API -> the prefix that the API itself sees.
    platform_prefixes: Mapping[str, str]
    #: What the API server is to ask before it stores an object.
    webhooks: Sequence[Webhook]

    async def bootstrap(self) -> None:
        """Put the platform's own objects in place; called at the start and at every reset."""

    def controllers(self) -> list[Coroutine[Any, Any, None]]:
        """What runs beside the gateway until the end."""

    def process(self, request: Request) -> Request:
        """What stands before routing: headers derived from the body, fields that the platform puts into the body."""

    async def platform(self, request: Request) -> Answer:
        """A request for the MaaS API, its prefix replaced."""

    async def authorise(self, request: Request) -> Grant:
        """Whether a request for a pod may pass; raises Refused."""

    def reset(self) -> None:
        """Forget every credential, count and cached decision."""
