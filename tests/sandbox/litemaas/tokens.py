# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of LiteMaaS' own users: JSON Web Tokens signed with ``JWT_SECRET`` (HS256)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

SECONDS = 24 * 3600


def issue(secret: str, user: dict[str, Any], now: float | None = None) -> str:
    """A token for ``user``: userId, username, email, roles."""
    issued = int(time.time() if now is None else now)
    parts = ({"alg": "HS256", "typ": "JWT"}, {**user, "iat": issued, "exp": issued + SECONDS})
    signed = ".".join(_encode(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{_signature(secret, signed)}"


def user(secret: str, token: str) -> dict[str, Any] | None:
    """Whose token this is; None where it is not one of ours, or has expired."""
    signed, _dot, signature = token.rpartition(".")
    if not hmac.compare_digest(signature, _signature(secret, signed)):
        return None
    payload = json.loads(base64.urlsafe_b64decode(signed.rpartition(".")[2] + "=="))
    return payload if payload["exp"] > time.time() else None


def _signature(secret: str, signed: str) -> str:
    return _encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
