# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of Secrets that get new ones in two steps, so that a run may be killed at any moment. Pure but for chance.

New and old values lie in one more Secret until the new ones are proven. What a run finds there it goes on with.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import generated
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode

Object = t.Dict[str, t.Any]

NEW, OLD = "new", "old"


def field(secret: str, name: str, which: str) -> str:
    """Where the value of a field of a Secret is kept; C(which) is C(NEW) or C(OLD)."""
    return f"{secret}.{name}.{which}"


def problem(wanted: Object, current: Object | None) -> str:
    """Why the fields of a Secret cannot get new values, to follow its name; empty where they can."""
    if wanted["existing"]:
        return "is one of yours, and is never changed. Change the value where it comes from"
    if current is None:
        return "does not exist"
    why = generated.problem({**wanted, "existing": False}, current)
    lacks = generated.missing(wanted, current)
    return why or (f"has no {', '.join(lacks)} that could be changed" if lacks else "")


def problem_of_kept(keep: Object, current: Object | None) -> str:
    """Why the Secret with new and old values cannot be used; empty where it can, or is yet to be made."""
    if current is not None and owner_of(current) != owner_of({"metadata": {"labels": keep["labels"]}}):
        return "exists and is not managed by this set. Delete it if nobody needs it"
    return ""


def to_keep(
    wanted: t.Sequence[Object],
    found: t.Mapping[str, Object],
    keep: Object,
    kept: Object | None,
    make: t.Callable[[t.Mapping[str, t.Any]], str] = generated.value_of,
) -> Object | None:
    """The Secret with new and old values that is to be written; None where all of them are kept already.

    ``found``: the Secrets by name.
    """
    data = dict((kept or {}).get("data") or {})
    before = dict(data)
    for secret in wanted:
        for name, spec in secret["fields"].items():
            new = field(secret["name"], name, NEW)
            if new not in data:
                data[field(secret["name"], name, OLD)] = found[secret["name"]]["data"][name]
                data.update(encode({new: make(spec)}))
    if kept is not None and data == before:
        return None
    base: Object = kept or {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {key: keep[key] for key in ("name", "namespace", "labels")},
    }
    return {**base, "data": data}


def with_values(secret: Object, current: Object, kept: Object, which: str) -> Object | None:
    """The Secret with the new or the old values of its fields; None where it has them."""
    values = {name: kept["data"][field(secret["name"], name, which)] for name in secret["fields"]}
    data = {**(current.get("data") or {}), **values}
    return None if data == current.get("data") else {**current, "data": data}


def is_complete(wanted: t.Sequence[Object], kept: Object | None) -> bool:
    """Whether new and old values of all fields are kept."""
    data = (kept or {}).get("data") or {}
    names = [
        field(secret["name"], name, which) for secret in wanted for name in secret["fields"] for which in (NEW, OLD)
    ]
    return all(name in data for name in names)
