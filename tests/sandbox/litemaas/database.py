# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend's database: a real PostgreSQL, through ``psql``; or, where it could not be reached at the start, nothing.

TLS is decided as node-postgres does: by ``sslmode`` of the URL where it has one, else as the program says (`production`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .settings import Settings

log = logging.getLogger(__name__)

#: What the program answers with where it runs without a database.
INVENTED_USERS = [
    {
        "id": f"mock-{role}-1",
        "username": username,
        "email": f"{mailbox}@example.com",
        "full_name": None,
        "roles": [role],
        "is_active": True,
    }
    for role, username, mailbox in (("user", "dev-user", "dev"), ("admin", "admin", "admin"))
]
# Modes of node-postgres that check the certificate, the name in it included.
_CHECKED = ("prefer", "require", "verify-ca", "verify-full")
_UNENCRYPTED, _UNCHECKED = "disable", "require"


class DatabaseError(Exception):
    """PostgreSQL refused, in its own words."""


class Row(dict[str, Any]):
    """A row by the names of its columns."""


def literal(value: Any) -> str:
    """``value`` in SQL: text, number, truth, null, a list of texts, or JSON.

    >>> literal("it's"), literal(None), literal(["a", "b"]), literal({"a": 1})
    ("'it''s'", 'NULL', "ARRAY['a', 'b']::text[]", '\\'{"a": 1}\\'')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, list):
        return f"ARRAY[{', '.join(map(literal, value))}]::text[]"
    text = json.dumps(value) if isinstance(value, dict) else str(value)
    return "'" + text.replace("'", "''") + "'"


def connection(url: str, production: bool, extra_ca: str = "") -> dict[str, str]:
    """The variables of libpq that a URL of node-postgres stands for."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    mode = options.get("sslmode")
    found = {
        "PGHOST": parts.hostname or "localhost",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": _UNCHECKED if mode == "no-verify" or not mode and production else _UNENCRYPTED,
        "PGCONNECT_TIMEOUT": "5",
    }
    if mode in _CHECKED:
        found["PGSSLMODE"] = "verify-full"
        found["PGSSLROOTCERT"] = options.get("sslrootcert") or extra_ca
    return found


class Database:
    """One database by its URL."""

    def __init__(self, url: str, settings: Settings) -> None:
        self._environment = connection(url, settings.production, settings.extra_ca)

    async def rows(self, statement: str, **given: Any) -> list[Row]:
        """The rows of one statement that returns some; ``{name}`` in it stands for a value of ``given``."""
        filled = statement.format(**{name: literal(value) for name, value in given.items()})
        printed = await self.script(f"WITH found AS ({filled}) SELECT json_agg(found) FROM found;")
        return [Row(row) for row in json.loads(printed or "null") or []]

    async def script(self, statements: str) -> str:
        """Run statements, all or nothing, and return what they print."""
        environment = {"PATH": os.environ.get("PATH", os.defpath), **self._environment}
        command = ("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-1", "-f", "-")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe)
        printed, said = await process.communicate(statements.encode())
        if process.returncode:
            raise DatabaseError(said.decode(errors="replace").strip())
        return printed.decode().strip()


class Invented:
    """No database: users are invented, nothing else is there, and every write succeeds without being done."""

    async def rows(self, statement: str, **_given: Any) -> list[Row]:
        return [Row(user) for user in INVENTED_USERS] if " users" in statement and "SELECT" in statement else []

    async def script(self, _statements: str) -> str:
        return ""
