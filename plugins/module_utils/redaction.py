# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping credentials out of what is quoted: logs, answers, messages of others.

Servers and providers do quote them: OpenAI's refusal repeats the ends of the key, and an HTTP library that is handed a
key with a line break prints it whole.
"""

from __future__ import annotations

import re
import typing as t

MASK = "********"

# MaaS and OpenAI-like keys (also as a provider echoes them, masked in the middle), Google keys, JSON web tokens,
# OpenShift tokens, and whatever follows the words that announce a credential.
_CREDENTIAL_SHAPES = re.compile(
    r"\bsk-[\w.*-]{6,}|AIza[\w-]{10,}|eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|sha256~[\w-]+"
    r"|(?<=Bearer )[^\s'\"\\,}]+|(?<=API key provided: )[^\s'\"\\,}]+",
    flags=re.ASCII,
)


def redact(text: str, hidden: t.Iterable[str] = ()) -> str:
    """``text`` with the given secrets, and all that looks like one, masked."""
    for secret in hidden:
        if secret:
            text = text.replace(secret, MASK)
    return _CREDENTIAL_SHAPES.sub(MASK, text)
