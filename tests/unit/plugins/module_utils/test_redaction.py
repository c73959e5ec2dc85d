# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.redaction import MASK, redact


@pytest.mark.parametrize(
    "text",
    [
        "key sk-proj-abcdef0123456789 was refused",
        "Incorrect API key provided: sk-proj-****9999.",
        "Illegal header value b'Bearer abcdef0123456789\\n'",
        "AIzaSyA1234567890abcdef",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
        "sha256~abcdef0123456789",
        "API key provided: abcdef0123456789",
    ],
)
def test_what_looks_like_a_credential_is_masked(text):
    masked = redact(text)
    assert MASK in masked
    assert not any(part in masked for part in ("abcdef0123456789", "9999", "1234567890abcdef", "c2lnbmF0dXJl"))


def test_given_secrets_are_masked_whatever_they_look_like():
    assert redact("my password is hunter2", ["hunter2", ""]) == f"my password is {MASK}"


def test_ordinary_text_stays():
    text = 'pods "gem-kserve-54784dbcb9" is forbidden: exceeded quota: small (task-runner, risk-free)'
    assert redact(text) == text
