# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys in memory: only hashes, as the real store keeps them.

Deviations: keys are gone when the daemon ends; ``lastUsedAt`` is not debounced.
"""

from __future__ import annotations

import hashlib
import secrets
import string
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

PREFIX = "sk-oai-"
SHOWN = 12
_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Key:
    """What is known of a key; times are seconds since 1970."""

    id: str
    digest: str
    name: str
    description: str
    username: str
    groups: tuple[str, ...]
    subscription: str
    created: float
    expires: float
    ephemeral: bool
    revoked: bool = False
    last_used: float | None = None
    order: int = field(default=0, compare=False)

    def status(self, now: float) -> str:
        """``active``, ``revoked`` or ``expired``."""
        if self.revoked:
            return "revoked"
        return "expired" if now >= self.expires else "active"


class KeyStore:
    """All keys; ``clock`` gives the seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._keys: dict[str, Key] = {}

    def mint(
        self,
        *,
        name: str,
        description: str,
        username: str,
        groups: Iterable[str],
        subscription: str,
        seconds: float,
        ephemeral: bool,
    ) -> tuple[str, Key]:
        """Make a key; its text is told only now. Names need not be unique."""
        text = PREFIX + _random(secrets.choice((16, 17))) + "_" + _random(43)
        now = self.clock()
        key = Key(
            id=str(uuid.uuid4()),
            digest=_digest(text),
            name=name,
            description=description,
            username=username,
            groups=tuple(groups),
            subscription=subscription,
            created=now,
            expires=now + seconds,
            ephemeral=ephemeral,
            order=len(self._keys),
        )
        self._keys[key.id] = key
        return text, key

    def get(self, key_id: str) -> Key | None:
        """A key by its id."""
        return self._keys.get(key_id)

    def validate(self, text: str) -> Key | None:
        """The active key of this text, which is then noted as used."""
        digest, now = _digest(text), self.clock()
        for key in self._keys.values():
            if key.digest == digest and key.status(now) == "active":
                self._keys[key.id] = used = replace(key, last_used=now)
                return used
        return None

    def revoke(self, key_id: str) -> Key | None:
        """Revoke a key; None where there is none that is active."""
        key = self._keys.get(key_id)
        if key is None or key.status(self.clock()) != "active":
            return None
        self._keys[key_id] = revoked = replace(key, revoked=True)
        return revoked

    def all(self) -> list[Key]:
        """Every key, the newest first."""
        return sorted(self._keys.values(), key=lambda key: (key.created, key.order), reverse=True)

    def clear(self) -> None:
        """Forget all."""
        self._keys.clear()


def shown_prefix(text: str) -> str:
    """What may be shown of a key."""
    return f"{text[: len(PREFIX) + SHOWN]}..."


def timestamp(seconds: float) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _position in range(length))
