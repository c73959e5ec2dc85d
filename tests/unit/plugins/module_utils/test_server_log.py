# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.redaction import MASK, redact
from ansible_collections.llamastack.maas.plugins.module_utils.server_log import telling_lines


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


def test_a_traceback_shrinks_to_its_last_line():
    log = [
        "Traceback (most recent call last):",
        '  File "a.py", line 1, in f',
        "    g()",
        "openai.AuthenticationError: no",
    ]
    assert telling_lines(log, 20) == ["openai.AuthenticationError: no"]


def test_a_json_line_shrinks_to_what_it_tells():
    entry = {
        "category": "x",
        "provider_id": "gem",
        "error": "Connection error.",
        "event": "Model refresh failed",
        "level": "warning",
    }
    assert telling_lines([json.dumps(entry)], 20) == ["warning: gem: Model refresh failed: Connection error."]


def test_an_exception_in_a_json_line_is_told():
    entry = {
        "event": "Exception in ASGI application\n",
        "exc_info": ["<class 'X'>", "X('why')", "<traceback>"],
        "level": "error",
    }
    assert telling_lines([json.dumps(entry)], 20) == ["error: Exception in ASGI application: X('why')"]


def test_an_event_that_is_a_whole_file_is_cut():
    assert telling_lines([json.dumps({"event": "Stack Configuration:\nversion: 2\n"})], 20) == [
        "info: Stack Configuration:"
    ]


def test_repetitions_and_empty_lines_are_left_out_and_the_last_lines_stay():
    assert telling_lines(["a", "a", "", "b", "c"], 2) == ["b", "c"]


def test_a_line_that_only_looks_like_json_stays():
    assert telling_lines(["{not json"], 20) == ["{not json"]
