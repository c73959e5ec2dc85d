# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go's texts: durations and decoder messages."""

from __future__ import annotations

import pytest

from sandbox.maas.golang import DecodeError, decode_object, format_duration, parse_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59, "59s"), (90, "1m30s"), (3600, "1h0m0s"), (7862400, "2184h0m0s"), (-5, "-5s")],
)
def test_durations_as_go_prints_them(seconds, text):
    assert format_duration(seconds) == text
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(("text", "seconds"), [("1.5h", 5400), ("1h30m", 5400), ("500ms", 0.5), ("0", 0), ("+2s", 2)])
def test_durations_as_go_reads_them(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("abc", 'time: invalid duration "abc"'),
        ("", 'time: invalid duration ""'),
        ("5", 'time: missing unit in duration "5"'),
        ("30d", 'time: unknown unit "d" in duration "30d"'),
    ],
)
def test_durations_that_go_refuses(text, error):
    with pytest.raises(DecodeError, match=f"^{error}$"):
        parse_duration(text)


def test_unknown_fields_and_nulls_are_dropped():
    assert decode_object(b'{"a": "x", "b": null, "c": 1}', "p.S", {"a": str, "b": str}) == {"a": "x"}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "EOF"),
        (b'{"a": ', "unexpected EOF"),
        (b'{"a": "x', "unexpected EOF"),
        (b"nonsense", "invalid character 'n' looking for beginning of value"),
        (b"[]", "json: cannot unmarshal array into Go value of type p.S"),
        (b'{"a": true}', "json: cannot unmarshal bool into Go struct field S.a of type string"),
    ],
)
def test_bodies_that_go_refuses(body, error):
    with pytest.raises(DecodeError) as raised:
        decode_object(body, "p.S", {"a": str})
    assert str(raised.value) == error
