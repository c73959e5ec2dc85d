# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In what an object of the cluster differs from the one that the list asks for.

Found from what may be read, without asking the API server to try: a field that is wanted and is otherwise, or one that
we have written and no longer want. What others add, and what the API server fills in, is no difference.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import quantities
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import (
    FIELD_MANAGER,
    LABEL_MANAGED_BY,
)

Object = t.Mapping[str, t.Any]

_LABEL = f"f:{LABEL_MANAGED_BY}"

# What Kubernetes makes of an object of ours, such as the claim of a StatefulSet, has the labels that ours gives it.
_CONTROLLERS = {"kube-controller-manager"}

_IDENTITY = ("apiVersion", "kind", "metadata")


def differences(desired: Object, live: Object, ignored: t.Container[str] = ()) -> list[str]:
    """The paths of the fields that an apply of ``desired`` would change in ``live``, in their order.

    An entry of a list shows by its key, such as ``spec.template.containers[main].image``. Neither the entries whose
    key is one of ``ignored`` count, nor the values of a Secret, which ``desired`` does not hold.
    """
    wanted = {key: value for key, value in desired.items() if key not in _IDENTITY}
    wanted["metadata"] = {key: value for key, value in desired["metadata"].items() if key not in ("name", "namespace")}
    owned = owned_fields(live)
    if desired["kind"] == "Secret":
        wanted, owned = {"metadata": wanted["metadata"]}, {"f:metadata": owned.get("f:metadata") or {}}
    return list(_mapping(wanted, live, owned, "", ignored))


def owned_fields(live: Object) -> dict[str, t.Any]:
    """The fields that this collection has applied, as the API server keeps them (FieldsV1); empty where it does not."""
    entry = _own_entry(live)
    return entry.get("fieldsV1") or {} if entry else {}


def applied_at(live: Object) -> str | None:
    """When this collection last changed the object, as the API's timestamp; None where that is not known."""
    entry = _own_entry(live)
    return entry.get("time") if entry else None


def keepers(live: Object) -> list[str]:
    """Who has put our labels on an object that we have neither applied nor made; none where we have, or where that
    cannot be seen.

    Whoever it is, such as Argo CD with files that were rendered, keeps it, and would undo what we do to it. A value that
    we have put into it does not make it ours.
    """
    if _own_entry(live):
        return []
    entries = live["metadata"].get("managedFields") or []
    labelled_by = {entry["manager"] for entry in entries if _LABEL in _labels_of(entry)}
    return [] if FIELD_MANAGER in labelled_by else sorted(labelled_by - _CONTROLLERS)


def _labels_of(entry: Object) -> Object:
    fields = entry.get("fieldsV1") or {}
    return (fields.get("f:metadata") or {}).get("f:labels") or {}


def _own_entry(live: Object) -> Object | None:
    for entry in live["metadata"].get("managedFields") or []:
        if entry.get("manager") == FIELD_MANAGER and entry.get("operation") == "Apply" and not entry.get("subresource"):
            return entry
    return None


def _mapping(desired: Object, live: Object, owned: Object, path: str, ignored: t.Container[str]) -> t.Iterator[str]:
    for key, value in desired.items():
        here = f"{path}.{key}" if path else key
        if key in live:
            yield from _compare(value, live[key], owned.get(f"f:{key}") or {}, here, ignored)
        elif value not in ({}, [], None):
            yield here
    for field in owned:
        key = field.removeprefix("f:")
        if field.startswith("f:") and key not in desired and key in live:
            yield f"{path}.{key}" if path else key


def _compare(desired: t.Any, live: t.Any, owned: Object, path: str, ignored: t.Container[str]) -> t.Iterator[str]:
    if isinstance(desired, dict) and isinstance(live, dict):
        yield from _mapping(desired, live, owned, path, ignored)
    elif isinstance(desired, list) and isinstance(live, list):
        keys = _keys_of(owned)
        if keys:
            yield from _keyed_list(desired, live, owned, keys, path, ignored)
        elif len(desired) != len(live):
            yield path
        else:
            for index, (one, other) in enumerate(zip(desired, live)):
                yield from _compare(one, other, {}, f"{path}[{index}]", ignored)
    # The API server writes some amounts otherwise than they were given.
    elif desired != live and not (".resources." in path and quantities.same(desired, live)):
        yield path


def _keys_of(owned: Object) -> tuple[str, ...]:
    """The fields by which the entries of a list are told apart; none where it is one value as a whole."""
    first = next((field for field in owned if field.startswith("k:")), None)
    return tuple(json.loads(first[2:])) if first else ()


def _keyed_list(
    desired: list[t.Any],
    live: list[t.Any],
    owned: Object,
    keys: tuple[str, ...],
    path: str,
    ignored: t.Container[str],
) -> t.Iterator[str]:
    def key_of(entry: Object) -> tuple[t.Any, ...]:
        return tuple(entry.get(key) for key in keys)

    def shown(key: tuple[t.Any, ...]) -> str:
        return f"{path}[{','.join(map(str, key))}]"

    owned_entries = {
        tuple(json.loads(field[2:]).get(key) for key in keys): fields
        for field, fields in owned.items()
        if field.startswith("k:")
    }
    live_entries = {key_of(entry): entry for entry in live}
    wanted = {key_of(entry): entry for entry in desired}
    for key, entry in wanted.items():
        if key[0] in ignored:
            continue
        if key in live_entries:
            yield from _mapping(entry, live_entries[key], owned_entries.get(key) or {}, shown(key), ignored)
        else:
            yield shown(key)
    yield from (
        shown(key) for key in owned_entries if key not in wanted and key in live_entries and key[0] not in ignored
    )
