# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual keys that are made for a proof, of limited budget and short duration, and deleted after it.

A proof that was killed leaves them: the next one deletes those that have expired, and those of a process of the same host
that is gone. Those of another proof that may still run are left alone.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import typing as t
from datetime import datetime, timezone

from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import hide
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm, LitellmError, in_parallel

PREFIX = "llamastack-maas-proof-"
LIFETIME = "30m"

_MARK = "llamastack.maas/proof"


class ProofKey(t.NamedTuple):
    """A virtual key. C(value) is what it is called with, C(hash) what it is known by."""

    alias: str
    value: str
    hash: str


class Maker(t.NamedTuple):
    """Whose keys are made: a process on a host."""

    host: str
    pid: int


def this_process() -> Maker:
    return Maker(socket.gethostname(), os.getpid())


def runs_here(pid: int) -> bool:
    """Whether a process of this host is still there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class ProofKeys:
    """The keys of one proof. ``delete`` has to be called at the end, whatever happened."""

    def __init__(self, admin: Litellm, maker: Maker) -> None:
        self._admin = admin
        self._maker = maker
        self._run = secrets.token_hex(4)
        self.made: list[ProofKey] = []

    def make(
        self, what: str, models: t.Sequence[str], budget: float, lifetime: str = LIFETIME, **more: t.Any
    ) -> ProofKey:
        """A new key. Raises LitellmError."""
        value = f"sk-{secrets.token_urlsafe(32)}"
        hide([value])
        key = ProofKey(f"{PREFIX}{self._run}-{what}", value, hashlib.sha256(value.encode()).hexdigest())
        # Before it is asked for: it may be made although no answer comes.
        self.made.append(key)
        self._admin.post(
            "/key/generate",
            {
                "key": value,
                "key_alias": key.alias,
                "models": list(models),
                "max_budget": budget,
                "duration": lifetime,
                "metadata": {_MARK: self._maker._asdict()},
                **more,
            },
        )
        return key

    def block(self, key: ProofKey) -> None:
        """Raises LitellmError."""
        self._admin.post("/key/block", {"key": key.hash})

    def delete(self) -> list[str]:
        """Delete what was made; returns why a key is left, for each that is."""
        keys, self.made = self.made, []
        return [
            f"{key.alias}: {problem}" for key, problem in zip(keys, self._delete([key.hash for key in keys])) if problem
        ]

    def delete_leftovers(self, now: datetime | None = None) -> list[str]:
        """Delete what proofs that were killed have left; returns the aliases. Raises LitellmError where it cannot look."""
        rows = self._admin.pages("/key/list", "keys", size="size", return_full_object=True)
        found = leftovers(rows, now or datetime.now(timezone.utc), self._maker.host, runs_here)
        problems = self._delete([row["token"] for row in found])
        return [row["key_alias"] for row, problem in zip(found, problems) if not problem]

    def _delete(self, hashes: t.Sequence[str]) -> list[str]:
        answers = in_parallel([lambda h=each: self._admin.post("/key/delete", {"keys": [h]}) for each in hashes])
        return [str(each) if isinstance(each, LitellmError) and each.status != 404 else "" for each in answers]


def leftovers(
    rows: t.Iterable[t.Mapping[str, t.Any]], now: datetime, host: str, runs: t.Callable[[int], bool]
) -> list[t.Mapping[str, t.Any]]:
    """Of all keys those of proofs that are over. C(runs) says whether a process of C(host) is still there."""
    found = []
    for row in rows:
        mark = (row.get("metadata") or {}).get(_MARK)
        if not str(row.get("key_alias") or "").startswith(PREFIX) or not isinstance(mark, dict):
            continue
        expires = moment(row.get("expires"))
        is_over = mark.get("host") == host and isinstance(mark.get("pid"), int) and not runs(mark["pid"])
        if is_over or (expires is not None and expires < now):
            found.append(row)
    return found


def moment(text: t.Any) -> datetime | None:
    """A time as LiteLLM writes it, with or without an offset, else None."""
    try:
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
