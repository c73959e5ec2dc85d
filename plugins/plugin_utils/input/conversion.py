# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text into data: a survey and C(-e name=value) give nothing else, for a whole variable or for a part of it.

Everything that the collection is given goes through here, before anything else looks at it.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings

# As Ansible reads them.
_TRUE = ("true", "yes", "on", "1", "y", "t", "1.0")
_FALSE = ("false", "no", "off", "0", "n", "f", "0.0")

# What is wanted: the Python type, and how it is called in a message.
_WANTED: dict[str, tuple[t.Any, str]] = {
    "str": (str, "text"),
    "path": (str, "text"),
    "url": (str, "text"),
    "version": (str, "text or a number"),
    "int": (int, "a whole number"),
    "number": ((int, float), "a number"),
    "bool": (bool, "true or false"),
    "dict": (dict, "a mapping"),
    "list": (list, "a list"),
    "names": (list, "a list of names, or text with commas between them"),
}

# YAML 1.1 takes 1e-6 for text.
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\Z")

# The parts of a mapping by their keys, C(*) for all other keys; the items of a list by the only item of a tuple.
Shape = t.Any


def is_blank(value: t.Any) -> bool:
    """Whether nothing was given: a question of a survey that was left empty gives an empty text."""
    return value is None or (isinstance(value, str) and not value.strip())


def convert(wanted: str, given: t.Any) -> t.Any:
    """C(given), from Ansible, as plain data of the type that is wanted; raises ValueError that says what it must be."""
    value = _from_text(wanted, yaml_text.plain(given))
    python_type, words = _WANTED[wanted]
    if not isinstance(value, python_type) or (wanted in ("int", "number") and isinstance(value, bool)):
        raise ValueError(f"must be {words}")
    return value


def shaped(shape: Shape, value: t.Any, findings: Findings) -> t.Any:
    """C(value), which is plain data, with every part that is text and is wanted as data turned into that.

    Text that cannot be read at all is reported. What is of another type than is wanted, and what is blank, stays as it
    is, for the check of that part to report: to leave a blank out could open what it was to close.
    """
    wanted = shape if isinstance(shape, str) else "list" if isinstance(shape, tuple) else "dict"
    if not is_blank(value):
        try:
            read = _from_text(wanted, value)
        except ValueError as error:
            findings.error(str(error))
            return _WANTED[wanted][0]()
        if read is not value:
            findings.refuse_dates(read)
            value = yaml_text.plain(read)
    if isinstance(shape, tuple) and isinstance(value, list):
        return [shaped(shape[0], item, findings.at(index)) for index, item in enumerate(value)]
    if isinstance(shape, dict) and isinstance(value, dict):
        return {
            key: shaped(shape.get(key, shape.get("*", "str")), item, findings.at(str(key)))
            for key, item in value.items()
        }
    return value


def read_list(given: t.Any, shape: Shape, what: str, findings: Findings) -> list[t.Any] | None:
    """A list of C(what), each of C(shape), from a list or from text that is one; None where nothing was given."""
    if isinstance(given, str):
        try:
            given = yaml_text.load(given)
        except ValueError as error:
            findings.error(str(error))
            return []
    if given is None:
        return None
    if not isinstance(given, list):
        findings.error(f"must be a list of {what}, or text that holds one as YAML")
        return []
    findings.refuse_dates(given)
    return shaped((shape,), yaml_text.plain(given), findings)


def _from_text(wanted: str, value: t.Any) -> t.Any:
    """Data of the wanted type where the text is one, else what was given; raises ValueError for unreadable YAML."""
    if isinstance(value, float) and wanted == "int" and value.is_integer():
        return int(value)
    if wanted == "version" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if wanted == "bool" and value in (0, 1):
        return bool(value)
    if not isinstance(value, str):
        return value
    text = value.strip()
    if wanted in ("dict", "list"):
        read = yaml_text.load(value)
        return read if isinstance(read, _WANTED[wanted][0]) else value
    if wanted == "names":
        return _names(text)
    if wanted == "bool" and text.lower() in _TRUE + _FALSE:
        return text.lower() in _TRUE
    if wanted in ("int", "number") and re.match(r"[-+]?[0-9]+\Z", text):
        return int(text)
    if wanted == "number" and _NUMBER.match(text):
        return float(text)
    return value


def _names(text: str) -> list[t.Any]:
    if re.match(r"\[|-\s", text):
        try:
            read = yaml_text.load(text)
        except ValueError:  # as with an address in brackets
            read = None
        if isinstance(read, list):
            return read
    return [word for word in re.split(r"[\s,]+", text) if word]
