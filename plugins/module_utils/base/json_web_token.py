# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a token says about itself, unverified."""

from __future__ import annotations

import base64
import json
import typing as t


def claims(token: str) -> dict[str, t.Any]:
    """The claims of a JSON web token; none for an opaque token."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def subject(token: str) -> str | None:
    """Whom a JSON web token stands for; None where it does not say."""
    found = claims(token).get("sub")
    return found if isinstance(found, str) else None
