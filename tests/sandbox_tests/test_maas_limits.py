# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Token limits: what is counted and what is refused."""

from __future__ import annotations

import json

import pytest

from sandbox.maas.interface import Limit
from sandbox.maas.limits import Meter, UsageReader

LIMIT = Limit(("models-as-a-service/free@llm/gem", "alice"), 100, 60)


def test_the_crossing_answer_passes_and_the_next_is_refused_until_the_window_ends():
    meter = Meter()
    meter.count([LIMIT], 60, now=1000)
    assert not meter.exhausted([LIMIT], now=1010)
    meter.count([LIMIT], 60, now=1010)
    assert meter.exhausted([LIMIT], now=1059)
    assert not meter.exhausted([LIMIT], now=1060)
    meter.count([LIMIT], 1, now=1060)
    assert meter.usage(1060) == [
        {"counter": "models-as-a-service/free@llm/gem|alice", "limit": 100, "window": 60, "used": 1}
    ]


def test_users_and_windows_are_counted_apart():
    meter = Meter()
    other, hour = Limit(("models-as-a-service/free@llm/gem", "bob"), 100, 60), Limit(LIMIT.counter, 1000, 3600)
    meter.count([LIMIT, hour], 150, now=0)
    assert meter.exhausted([hour, LIMIT], now=1)
    assert not meter.exhausted([other, hour], now=1)
    meter.clear()
    assert not meter.exhausted([LIMIT], now=1)


def read(
    chunks: list[bytes], content_type: str, path: str = "/v1/chat/completions", encoding: str | None = None
) -> int:
    reader = UsageReader(path, content_type, encoding)
    for chunk in chunks:
        reader.feed(chunk)
    return reader.tokens()


def test_usage_of_a_document_in_pieces():
    text = json.dumps({"id": "x", "usage": {"prompt_tokens": 3, "total_tokens": 12}}).encode()
    assert read([text[:7], text[7:]], "application/json") == 12


def test_usage_of_a_stream_is_that_of_its_last_event_with_usage():
    events = [
        b'data: {"choices": [{}], "usage": null}\n\n',
        b'data: {"choices":',
        b' [], "usage": {"total_tokens": 9}}\n\ndata: [DONE]\n\n',
    ]
    assert read(events, "text/event-stream") == 9


@pytest.mark.parametrize(
    ("body", "content_type", "path", "encoding"),
    [
        (b'{"data": []}', "application/json", "/v1/models", None),
        (b"[1]", "application/json", "/v1/models", None),
        (b"not json", "application/json", "/v1/chat/completions", None),
        (b'{"usage": {"total_tokens": 5}}', "text/plain", "/v1/chat/completions", None),
        (b'{"usage": {"total_tokens": 5}}', "application/json", "/v1/responses", None),
        (b'{"usage": {"total_tokens": 5}}', "application/json", "/v1/messages", None),
        (b'{"usage": {"total_tokens": 5}}', "application/json", "/v1/chat/completions", "gzip"),
    ],
)
def test_what_is_not_counted(body, content_type, path, encoding):
    assert read([body], content_type, path, encoding) == 0
