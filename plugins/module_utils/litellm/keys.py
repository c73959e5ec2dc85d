# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual keys: what brings those that there are to what was asked for.

A key is known by its alias. Its value is known to LiteLLM as a hash only, so it is seen whether a Secret still holds
the one that works. How long it is to live is asked for relative to its making, so the wish is kept in its metadata; so is
where that Secret is, which has to go with the key.
"""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.litellm import objects
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.objects import (
    KEY,
    Call,
    Change,
    Comparison,
    Operation,
    Row,
)

LEAST_LENGTH = 16
PREFIX = "sk-"

_PLACE = "value_in"

Entry = t.Mapping[str, t.Any]


def hash_of(value: str) -> str:
    """By what LiteLLM knows the value of a key."""
    return hashlib.sha256(value.encode()).hexdigest()


def value_problem(value: str) -> str | None:
    """Why LiteLLM would not take a value as a key, or None."""
    if not value.startswith(PREFIX) or len(value) < LEAST_LENGTH:
        return f"is no key for LiteLLM: it must begin with {PREFIX} and have at least {LEAST_LENGTH} characters"
    return None


def plan(
    entries: t.Sequence[Entry],
    rows: t.Sequence[Row],
    values: t.Mapping[str, str | None],
    *,
    set_name: str,
    adopt: bool,
    prune: bool,
    absent: t.Collection[str] = (),
) -> tuple[list[Operation], list[str]]:
    """What is to be done to the keys, and why some must not be touched.

    ``values`` are those that Secrets hold, by alias; None is one that is yet to be made.
    """
    found = {row["key_alias"]: row for row in rows if row.get("key_alias")}
    operations: list[Operation] = []
    refusals: list[str] = []
    for entry in entries:
        alias = entry["alias"]
        row, value = found.get(alias), values.get(alias)
        owner = objects.set_of(row.get("metadata")) if row else None
        if row is None:
            operations.append(_made(entry, None, value, set_name, objects.CREATED))
        elif owner != set_name and not (adopt and owner is None):
            refusals.append(objects.refusal(KEY, alias, owner))
        elif alias in values and (value is None or hash_of(value) != row.get("token")):
            if owner is None:
                refusals.append(_of_another_value(entry, value))
            else:
                operations.append(_made(entry, row, value, set_name, objects.REPLACED))
        else:
            action = objects.UPDATED if owner else objects.ADOPTED
            operations += filter(None, [_update(entry, row, set_name, action)])
    asked = {entry["alias"] for entry in entries}
    for alias, row in sorted(found.items()):
        owner = objects.set_of(row.get("metadata"))
        if alias in absent and owner != set_name and not adopt:
            refusals.append(objects.refusal(KEY, alias, owner))
        elif alias in absent or (prune and owner == set_name and alias not in asked):
            call = Call("POST", "/key/delete", {"keys": [row["token"]]})
            operations.append(Operation(KEY, alias, objects.DELETED, [Change("alias", alias, None)], [call]))
    return operations, refusals


class DeadValue(t.NamedTuple):
    """Where the value of a key is that is deleted or replaced, as its metadata has it, and by what LiteLLM knows that value."""

    namespace: str
    name: str
    key: str
    hash: str


def dead_values(
    operations: t.Sequence[Operation], entries: t.Sequence[Entry], rows: t.Sequence[Row], set_name: str
) -> list[DeadValue]:
    """The places of values that will be good for nothing; those that an asked key names are not among them."""
    gone = {each.name for each in operations if each.kind == KEY and each.action in (objects.DELETED, objects.REPLACED)}
    asked = {_place(entry["secret"]) for entry in entries if entry.get("secret")}
    found = []
    for row in rows:
        metadata = row.get("metadata") or {}
        place = str(metadata.get(_PLACE) or "")
        is_dead = row.get("key_alias") in gone and objects.set_of(metadata) == set_name and place not in asked
        if is_dead and place.count("/") == 2:
            found.append(DeadValue(*place.split("/"), hash=str(row.get("token"))))
    return found


def _place(secret: t.Mapping[str, str]) -> str:
    return "{namespace}/{name}/{key}".format(**secret)


def _of_another_value(entry: Entry, value: str | None) -> str:
    secret = entry.get("secret")
    place = "its Secret" + (" {namespace}/{name}, key {key}".format(**secret) if secret else "")
    has = f"and there is no value in {place}" if value is None else f"with another value than the one of {place}"
    return f"key {entry['alias']} exists in LiteLLM {has}. To adopt it, put its value there; otherwise choose another alias"


def leftovers(entries: t.Sequence[Entry], rows: t.Sequence[Row], set_name: str) -> list[tuple[str, str]]:
    """Kind and name of what is ours and is not asked for."""
    asked = {entry["alias"] for entry in entries}
    names = [row["key_alias"] for row in rows if objects.set_of(row.get("metadata")) == set_name]
    return sorted((KEY, name) for name in names if name not in asked)


def expired(entries: t.Sequence[Entry], rows: t.Sequence[Row], now: str) -> list[tuple[str, str]]:
    """Alias and end of the asked keys that have come to their end; ``now`` is in ISO 8601, in UTC."""
    found = {row.get("key_alias"): row.get("expires") for row in rows}
    ends = [(entry["alias"], found.get(entry["alias"])) for entry in entries]
    return [(alias, str(end)) for alias, end in ends if end and str(end)[:19] < now[:19]]


def _compared(entry: Entry, row: Row | None, set_name: str) -> Comparison:
    row = row or {}
    metadata = row.get("metadata") or {}
    before = objects.asked_before(metadata) if objects.set_of(metadata) == set_name else ()
    compared = Comparison(before)
    compared.field("team", "team_id", entry.get("team"), row.get("team_id"))
    user = row.get("user_id")
    compared.field("user", "user_id", entry.get("user"), None if user == objects.DEFAULT_USER else user)
    compared.models(entry.get("models"), row.get("models"))
    compared.limits(entry, row)
    # The end that came of it is relative to when it was asked for: only that there is one is looked at.
    end = row.get("expires")
    found = (metadata.get("duration") if entry.get("duration") else end) if end else None
    compared.field("duration", "duration", entry.get("duration"), found, cleared="-1")
    return compared


def _metadata(entry: Entry, row: Row | None, compared: Comparison, set_name: str) -> Row:
    kept = {key: value for key, value in ((row or {}).get("metadata") or {}).items() if key != "duration"}
    more = {"duration": entry["duration"]} if entry.get("duration") else {}
    if entry.get("secret"):
        more[_PLACE] = _place(entry["secret"])
    return {**kept, **objects.mark(set_name, compared.asked, **more)}


def _made(entry: Entry, row: Row | None, value: str | None, set_name: str, action: str) -> Operation:
    """A key with the value of its Secret, in place of the one that had another value."""
    compared = _compared(entry, None, set_name)
    body = {key: found for key, found in compared.body.items() if found is not None}
    body.update(key_alias=entry["alias"], key=value, metadata=_metadata(entry, row, compared, set_name))
    calls = [Call("POST", "/key/generate", body)]
    changes = compared.changes
    if row is not None:
        # An alias is unique. What was spent is not forgiven.
        body["spend"] = row.get("spend") or 0
        calls.insert(0, Call("POST", "/key/delete", {"keys": [row["token"]]}))
        changes = [objects.hidden_change("value", True), *_compared(entry, row, set_name).changes]
    return Operation(KEY, entry["alias"], action, changes, calls)


def _update(entry: Entry, row: Row, set_name: str, action: str) -> Operation | None:
    compared = _compared(entry, row, set_name)
    metadata = _metadata(entry, row, compared, set_name)
    body = dict(compared.body)
    if metadata != (row.get("metadata") or {}):
        body["metadata"] = metadata
    if not body:
        return None
    call = Call("POST", "/key/update", {"key": row["token"], **body})
    return Operation(KEY, entry["alias"], action, compared.changes, [call])
