# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that programs written in Go show to their users: durations, and what is wrong with a JSON body.

Deviation: of the decoder's messages only those for an empty body, broken JSON and a wrong type of a known field are
imitated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_NAMES = {str: "string", bool: "bool", dict: "map[string]string", list: "[]string", int: "int"}


class DecodeError(ValueError):
    """A body or a value that Go's decoder does not take; the message is Go's."""


def format_duration(seconds: float) -> str:
    """A duration as ``time.Duration`` prints it, for whole seconds.

    >>> format_duration(7862400), format_duration(90), format_duration(0)
    ('2184h0m0s', '1m30s', '0s')
    """
    sign, rest = ("-", -int(seconds)) if seconds < 0 else ("", int(seconds))
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        return f"{sign}{hours}h{minutes}m{rest}s"
    return f"{sign}{minutes}m{rest}s" if minutes else f"{sign}{rest}s"


def parse_duration(text: str) -> float:
    """Seconds of a text that ``time.ParseDuration`` takes; DecodeError with its message otherwise."""
    body = text[1:] if text[:1] in ("-", "+") else text
    if body == "0":
        return 0.0
    total, position = 0.0, 0
    while position < len(body):
        number = re.compile(r"\d+\.?\d*|\.\d+").match(body, position)
        if not number:
            raise DecodeError(f"time: invalid duration {_quoted(text)}")
        unit = re.compile(r"[^\d.]+").match(body, number.end())
        if not unit:
            raise DecodeError(f"time: missing unit in duration {_quoted(text)}")
        if unit.group() not in _UNITS:
            raise DecodeError(f"time: unknown unit {_quoted(unit.group())} in duration {_quoted(text)}")
        total += float(number.group()) * _UNITS[unit.group()]
        position = unit.end()
    if not body:
        raise DecodeError(f"time: invalid duration {_quoted(text)}")
    return -total if text.startswith("-") else total


def decode_object(body: bytes, struct: str, fields: Mapping[str, type]) -> dict[str, Any]:
    """A JSON object; unknown fields are dropped, ``null`` is like an absent field.

    :arg struct: name of the Go struct, for messages.
    :arg fields: the known fields and their types; ``object`` takes anything.
    """
    parsed = _decode(body)
    if not isinstance(parsed, dict):
        raise DecodeError(f"json: cannot unmarshal {_kind(parsed)} into Go value of type {struct}")
    known = {name: parsed[name] for name in fields if parsed.get(name) is not None}
    for name, value in known.items():
        if not isinstance(value, fields[name]):
            raise DecodeError(
                f"json: cannot unmarshal {_kind(value)} into Go struct field "
                f"{struct.rpartition('.')[2]}.{name} of type {_NAMES[fields[name]]}"
            )
    return known


def _decode(body: bytes) -> Any:
    try:
        text = body.decode()
        return json.loads(text)
    except UnicodeDecodeError:
        raise DecodeError("invalid character '\\ufffd' looking for beginning of value") from None
    except json.JSONDecodeError as error:
        if not text.strip():
            raise DecodeError("EOF") from None
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            raise DecodeError("unexpected EOF") from None
        raise DecodeError(f"invalid character '{text[error.pos]}' looking for beginning of value") from None


def _kind(value: Any) -> str:
    kinds = {bool: "bool", dict: "object", list: "array", str: "string", int: "number", float: "number"}
    return kinds.get(type(value), "null")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
