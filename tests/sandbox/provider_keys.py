# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of the far providers, in no provider's shape: drawn at random, and how a text may spell one."""

from __future__ import annotations

import base64
import secrets
import string
from collections.abc import Callable
from urllib.parse import quote

#: How a provider may repeat a key.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "url": lambda key: quote(key, safe=""),
}

_ORDINARY = string.ascii_letters + string.digits
_END = 8


def draw() -> str:
    """A key that is known by its value only, and that base64 and a URL have to spell otherwise."""
    parts = ["".join(secrets.choice(_ORDINARY) for _char in range(_END)) for _part in range(4)]
    return "{}/{}+{}={}".format(*parts)


def shown(text: str, *keys: str) -> list[str]:
    """What ``text`` shows of these keys: in a spelling, or one of the ends."""
    forms = [spell(key) for key in keys for spell in SPELLINGS.values()]
    forms += [base64.urlsafe_b64encode(key.encode()).decode().rstrip("=") for key in keys]
    forms += [end for key in keys for end in (key[:_END], key[-_END:])]
    return [form for form in forms if form in text]
