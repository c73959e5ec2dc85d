# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the dialects of the far providers share: a call, an answer, a model, and how text is counted."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_PROCESS = secrets.token_hex(4)
_serial = itertools.count(1)


@dataclass(frozen=True)
class Model:
    """A model that a provider serves. ``created``: seconds since 1970; ``dimensions``: of an embedding model.

    One that is not ``listed`` is an alias: the provider answers to it and does not show it.
    """

    id: str
    created: int
    use: str  # chat, completions, embeddings, or audio (listed only)
    owner: str = ""
    title: str = ""
    dimensions: int = 0
    listed: bool = True


@dataclass(frozen=True)
class Call:
    """A request. ``operation``: list, chat, completions, embeddings, own or empty; ``body``: parsed JSON or None.

    ``own`` is a chat in the provider's own protocol; ``path`` is where such a one may name its model.
    """

    operation: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    path: str = ""

    @property
    def model(self) -> str:
        """The model that is asked for; empty when none is named."""
        if found := re.search(r"/models/([^/:]+):", self.path):
            return found[1]
        model = self.body.get("model") if isinstance(self.body, dict) else None
        return model if isinstance(model, str) else ""

    @property
    def bearer(self) -> str | None:
        scheme, _separator, key = self.headers.get("Authorization", "").partition(" ")
        return (key.strip() or None) if scheme.lower() == "bearer" else None


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: ``body`` as JSON or, when ``chunks`` are given, those as server-sent events.

    ``named``: events are called as their type says, and none says that it was the last.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: tuple[dict[str, Any], ...] | None = None
    named: bool = False


class NotImitated(Exception):
    """The real provider would answer; this imitation refuses to make something up."""


class Refused(Exception):
    """The provider refuses the call; carries its answer."""

    def __init__(self, answer: Answer):
        super().__init__(answer.status)
        self.answer = answer


def serial() -> str:
    """A number that no other answer has, of no other server either: whoever keeps answers keeps them by their ids."""
    return f"{_PROCESS}{next(_serial):08d}"


def text_of(content: Any) -> str:
    """Text of a message's content or of a prompt."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) and part.get("type") == "text" for part in content):
        return "".join(str(part.get("text", "")) for part in content)
    raise NotImitated("content other than text")


def tokens(text: str) -> int:
    """One word is one token; nothing is one too."""
    return max(1, len(text.split()))


def vector(text: str, dimensions: int) -> list[float]:
    """A vector of length about 1 that depends on the text only."""
    seed = hashlib.shake_256(text.encode()).digest(dimensions)
    scale = (3 / dimensions) ** 0.5 / 128
    return [(byte - 127.5) * scale for byte in seed]


def as_base64(numbers: list[float]) -> str:
    """A vector as OpenAI encodes it: little-endian 32-bit floats."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
