# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What programs written in Go make of durations and of JSON bodies, and the texts that they show for it.

Imitated of the decoder: it stops behind the first value; names of fields are matched in any case, the last one wins;
``null`` is like an absent field, and as a body like ``{}``; a value of the wrong type, also deep inside, is an error.

Deviation: of its messages about broken JSON only those for an empty or incomplete body, a wrong literal and a wrong
beginning of a value are the real ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_INT64 = 2**63
_NAMES = {str: "string", bool: "bool", int: "int", list: "[]string"}
_LITERALS = ("null", "true", "false")


class DecodeError(ValueError):
    """A body or a value that Go's decoder does not take; the message is Go's."""


@dataclass(frozen=True)
class Struct:
    """A Go struct: its name with that of its package, and the type of each field that its JSON may have.

    A type is str, bool, int, list (of text), another Struct, or object for anything.
    """

    name: str
    fields: Mapping[str, Any]


def format_duration(seconds: float) -> str:
    """A duration as ``time.Duration`` prints it.

    >>> format_duration(7862400), format_duration(90.5), format_duration(0.001)
    ('2184h0m0s', '1m30.5s', '1ms')
    """
    sign, rest = ("-", round(-seconds * 10**9)) if seconds < 0 else ("", round(seconds * 10**9))
    if rest < 10**9:
        unit = next((each for each in ("ms", "µs", "ns") if rest >= _UNITS[each]), "s")
        return f"{sign}{_decimal(rest, _UNITS[unit])}{unit}"
    minutes, rest = divmod(rest, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(rest, _UNITS['s'])}s"
    if hours:
        return f"{sign}{hours}h{minutes}m{text}"
    return f"{sign}{minutes}m{text}" if minutes else f"{sign}{text}"


def _decimal(amount: int, unit: int) -> str:
    whole, rest = divmod(amount, unit)
    places = str(rest).rjust(len(str(unit)) - 1, "0").rstrip("0") if rest else ""
    return f"{whole}.{places}" if places else str(whole)


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
    if not body or total >= _INT64:
        raise DecodeError(f"time: invalid duration {_quoted(text)}")
    return (-total if text.startswith("-") else total) / 10**9


def duration_of(value: Any, *, days: bool = False) -> float | None:
    """Seconds of a field that takes a number of them or a text; a number too large for Go becomes a negative one.

    :arg days: whether text such as ``90d`` or ``0.5d`` is taken, too.
    """
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value if abs(value) * 10**9 < _INT64 else -_INT64 / 10**9
    if not isinstance(value, str):
        raise DecodeError("invalid duration")
    if days and (number := re.fullmatch(r"([-+]?(?:\d+\.?\d*|\.\d+))d", value)):
        return float(number[1]) * 86400
    return parse_duration(value) if value else 0.0


def decode_object(body: bytes, struct: Struct) -> dict[str, Any]:
    """The fields of a JSON object that the struct has and that are not null."""
    parsed = _decode(body)
    if parsed is None:
        return {}
    if not isinstance(parsed, _Pairs):
        raise DecodeError(f"json: cannot unmarshal {_kind(parsed)} into Go value of type {struct.name}")
    return _fields(parsed, struct, "")


class _Pairs(list):
    """An object as the pairs that it holds, in their order."""


def _fields(pairs: _Pairs, struct: Struct, path: str) -> dict[str, Any]:
    by_case = {name.lower(): name for name in struct.fields}
    found: dict[str, Any] = {}
    for given, value in pairs:
        name = given if given in struct.fields else by_case.get(given.lower())
        if name is None or value is None:
            continue
        wanted, where = struct.fields[name], f"{path}{name}"
        if isinstance(wanted, Struct) and isinstance(value, _Pairs):
            found[name] = {**found.get(name, {}), **_fields(value, wanted, f"{where}.")}
        else:
            found[name] = _value(value, wanted, f"{struct.name.rpartition('.')[2]}.{where}")
    return found


def _value(value: Any, wanted: Any, field: str) -> Any:
    if wanted is object:
        return value
    name = wanted.name if isinstance(wanted, Struct) else _NAMES[wanted]
    if wanted is list and isinstance(value, list) and not isinstance(value, _Pairs):
        return ["" if each is None else _value(each, str, field) for each in value]
    if wanted is int and isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(value, float) or not -_INT64 <= value < _INT64:
            raise DecodeError(f"json: cannot unmarshal number {value} into Go struct field {field} of type int")
        return value
    if not isinstance(wanted, type) or wanted in (list, int) or not isinstance(value, wanted):
        raise DecodeError(f"json: cannot unmarshal {_kind(value)} into Go struct field {field} of type {name}")
    return value


def _decode(body: bytes) -> Any:
    text = body.decode(errors="replace").lstrip(" \t\r\n")
    decoder = json.JSONDecoder(object_pairs_hook=_Pairs, parse_constant=_no_constant)
    try:
        return decoder.raw_decode(text)[0]
    except json.JSONDecodeError as error:
        if not text:
            raise DecodeError("EOF") from None
        position = error.pos
        if position >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            raise DecodeError("unexpected EOF") from None
        raise DecodeError(_broken(text, position)) from None


def _no_constant(name: str) -> Any:
    raise DecodeError(f"invalid character '{name.lstrip('-')[0]}' looking for beginning of value")


def _broken(text: str, position: int) -> str:
    """What is wrong at a place where no value begins: a literal that is begun and not ended, or a wrong character."""
    literal = next((each for each in _LITERALS if text[position] == each[0]), "")
    for offset, expected in enumerate(literal):
        if position + offset >= len(text):
            return "unexpected EOF"
        if (found := text[position + offset]) != expected:
            return f"invalid character '{found}' in literal {literal} (expecting '{expected}')"
    return f"invalid character '{text[position]}' looking for beginning of value"


def _kind(value: Any) -> str:
    kinds = {bool: "bool", _Pairs: "object", list: "array", str: "string", int: "number", float: "number"}
    return kinds[type(value)]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
