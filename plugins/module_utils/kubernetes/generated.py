# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets whose values are made once: what is missing of one, what it may not hold, and what is written. Pure but for chance."""

from __future__ import annotations

import secrets as chance
import string
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import Owner, owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import decode, encode

Object = t.Dict[str, t.Any]

_ALPHABET = string.ascii_letters + string.digits
DEFAULT_LENGTH = 32
_FIELD_KEYS = {"length", "prefix", "value", "must_begin_with", "refuse", "fingerprint"}


def input_problems(secrets: t.Iterable[t.Mapping[str, t.Any]], keep: t.Mapping[str, t.Any] | None = None) -> list[str]:
    """What is wrong with the Secrets that a module was asked for, and with the one C(keep)."""
    found = [_unlabelled("keep", keep)] if keep and _owner(keep) is None else []
    for index, secret in enumerate(secrets):
        place = f"secrets[{index}]"
        if not secret["existing"] and _owner(secret) is None:
            found.append(_unlabelled(place, secret))
        for name, field in secret["fields"].items():
            if field is not None and not isinstance(field, dict):
                found.append(f"{place}.fields.{name}: must be a mapping")
            elif set(field or {}) - _FIELD_KEYS:
                unknown = ", ".join(sorted(set(field) - _FIELD_KEYS))
                found.append(f"{place}.fields.{name}: unknown {unknown}; known: {', '.join(sorted(_FIELD_KEYS))}")
    return found


def _unlabelled(place: str, secret: t.Mapping[str, t.Any]) -> str:
    return f"{place}: {secret['name']} lacks the labels by which it is known as managed by this collection"


def completed(secrets: t.Iterable[Object]) -> list[Object]:
    """The Secrets, where a field of which nothing is said is one without wishes."""
    return [{**each, "fields": {name: field or {} for name, field in each["fields"].items()}} for each in secrets]


def value_of(field: t.Mapping[str, t.Any], choose: t.Callable[[str], str] = chance.choice) -> str:
    """A new value of a field: letters and digits, which need no escape in a URL, a shell or a configuration file."""
    if field.get("value") is not None:
        return field["value"]
    length = field.get("length") or DEFAULT_LENGTH
    return (field.get("prefix") or "") + "".join(choose(_ALPHABET) for _digit in range(length))


def missing(wanted: t.Mapping[str, t.Any], current: Object | None) -> list[str]:
    """The fields of a Secret that it has not, or has without a value."""
    data = (current or {}).get("data") or {}
    return [name for name in wanted["fields"] if not data.get(name)]


def problem(wanted: t.Mapping[str, t.Any], current: Object | None) -> str:
    """Why a Secret cannot be used as it is, to follow its name; empty where it can, or can be made."""
    if current is None:
        return "does not exist, and is named as one that does" if wanted["existing"] else ""
    if current["metadata"].get("deletionTimestamp"):
        return "is being deleted. Run again when it is gone"
    if wanted["existing"]:
        lacks = missing(wanted, current)
        if lacks:
            return f"lacks {', '.join(lacks)}. Add what is missing; a Secret that is not ours is never changed"
    elif owner_of(current) != _owner(wanted):
        return "exists and is not managed by this set. Name it as an existing one, or delete it if nobody needs it"
    return _unsound(wanted, current)


def _owner(wanted: t.Mapping[str, t.Any]) -> Owner | None:
    return owner_of({"metadata": {"labels": wanted.get("labels") or {}}})


def _unsound(wanted: t.Mapping[str, t.Any], current: Object) -> str:
    for name, field in wanted["fields"].items():
        value = decode((current.get("data") or {}).get(name) or "")
        if not value:
            continue
        if value in (field.get("refuse") or []):
            return f"holds a value of {name} that everybody knows. Choose another one"
        required = field.get("must_begin_with")
        if required and not value.startswith(required):
            return f"holds a value of {name} that does not begin with {required}, without which it is refused"
    return ""


def to_write(wanted: t.Mapping[str, t.Any], current: Object | None) -> Object | None:
    """The Secret to be created or, with the C(resourceVersion) that was read, to take its place; None for nothing to do.

    A value that is there is never another one afterwards.
    """
    lacks = missing(wanted, current)
    if wanted["existing"] or (current is not None and not lacks):
        return None
    made = encode({name: value_of(wanted["fields"][name]) for name in lacks})
    if current is not None:
        return {**current, "data": {**(current.get("data") or {}), **made}}
    metadata = {key: wanted[key] for key in ("name", "namespace", "labels") if wanted.get(key)}
    return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata, "data": made}
