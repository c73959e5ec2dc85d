# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go's texts: durations and decoder messages."""

from __future__ import annotations

import pytest

from sandbox.maas.golang import DecodeError, Struct, decode_object, duration_of, format_duration, parse_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (59, "59s"),
        (90, "1m30s"),
        (3600, "1h0m0s"),
        (7862400, "2184h0m0s"),
        (-5, "-5s"),
        (3600.5, "1h0m0.5s"),
        (0.001, "1ms"),
    ],
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
        ("9999999999h", 'time: invalid duration "9999999999h"'),
    ],
)
def test_durations_that_go_refuses(text, error):
    with pytest.raises(DecodeError, match=f"^{error}$"):
        parse_duration(text)


def test_unknown_fields_and_nulls_are_dropped():
    assert decode_object(b'{"a": "x", "b": null, "c": 1}', Struct("p.S", {"a": str, "b": str})) == {"a": "x"}


INNER = Struct("p.Inner", {"n": int, "names": list})
OUTER = Struct("p.Outer", {"userName": str, "inner": INNER, "any": object})


@pytest.mark.parametrize(
    ("body", "decoded"),
    [
        (b"null", {}),
        (b'{"USERNAME": "x"} and more', {"userName": "x"}),
        (b'{"userName": "x", "username": "y"}', {"userName": "y"}),
        (b'{"userName": "x", "userName": null}', {"userName": "x"}),
        (b'{"inner": {"N": 5, "names": ["a", null]}}', {"inner": {"n": 5, "names": ["a", ""]}}),
        (b'{"inner": {"n": 5}, "Inner": {"names": []}}', {"inner": {"n": 5, "names": []}}),
    ],
)
def test_what_go_takes(body, decoded):
    """Decoder: case-insensitive names, trailing text ignored, `null` as `{}`."""
    assert decode_object(body, OUTER) == decoded


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"inner": {"n": "1"}}', "string into Go struct field Inner.inner.n of type int"),
        (b'{"inner": {"n": 1.5}}', "number 1.5 into Go struct field Inner.inner.n of type int"),
        (b'{"inner": {"n": 9223372036854775808}}', "number 9223372036854775808 into Go struct field Inner.inner.n"),
        (b'{"inner": {"n": true}}', "bool into Go struct field Inner.inner.n of type int"),
        (b'{"inner": {"names": "a"}}', "string into Go struct field Inner.inner.names of type []string"),
        (b'{"inner": [1]}', "array into Go struct field Outer.inner of type p.Inner"),
    ],
)
def test_types_deep_inside_that_go_refuses(body, error):
    """Decoder: a type error inside filters or pagination is 400, with the way to it."""
    with pytest.raises(DecodeError) as raised:
        decode_object(body, OUTER)
    assert error in str(raised.value)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, None), (60, 60), (1.5, 1.5), ("0.5d", 43200), ("-1d", -86400), ("90d", 7776000), ("1h30m", 5400), ("", 0)],
)
def test_durations_in_json(value, seconds):
    """Days may be fractions."""
    assert duration_of(value, days=True) == seconds


@pytest.mark.parametrize("value", [2**63 - 1, 1e30])
def test_numbers_that_are_too_large_for_go_become_negative(value):
    assert duration_of(value) < 0


@pytest.mark.parametrize(
    ("value", "error"), [(True, "invalid duration"), ([], "invalid duration"), ("1d", "unknown unit")]
)
def test_durations_in_json_that_are_refused(value, error):
    with pytest.raises(DecodeError, match=error):
        duration_of(value)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "EOF"),
        (b'{"a": ', "unexpected EOF"),
        (b'{"a": "x', "unexpected EOF"),
        (b"nonsense", "invalid character 'o' in literal null (expecting 'u')"),
        (b"nul", "unexpected EOF"),
        (b"<html>", "invalid character '<' looking for beginning of value"),
        (b"NaN", "invalid character 'N' looking for beginning of value"),
        (b"[]", "json: cannot unmarshal array into Go value of type p.S"),
        (b'{"a": true}', "json: cannot unmarshal bool into Go struct field S.a of type string"),
    ],
)
def test_bodies_that_go_refuses(body, error):
    with pytest.raises(DecodeError) as raised:
        decode_object(body, Struct("p.S", {"a": str}))
    assert str(raised.value) == error
