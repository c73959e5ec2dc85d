# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a removal as text: for each instance what was deleted, what stays and why, and what to do about it."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import summary, summary_report
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import deletion

REMOVED = "removed"
NOT_REMOVED = "not_removed"
UNMANAGED = "unmanaged"
NOTHING_THERE = "nothing_there"

ObjectEntry = t.Mapping[str, t.Any]
"""An object as module C(delete) returns it: C(kind), C(name), C(namespace), C(instance), and C(why) it stays."""


def report(
    all_of: t.Mapping[str, t.Any] | None,
    removed: t.Sequence[ObjectEntry],
    left: t.Sequence[ObjectEntry],
    unmanaged: t.Sequence[ObjectEntry],
    planned: bool,
) -> dict[str, t.Any]:
    """C(instances), by name C(state), C(reason), C(remedy) and C(changed), and C(lines), the same as a text.

    C(all_of): the set that was to be removed, see module C(delete). C(planned): nothing was deleted, as in check mode.
    """
    asked = all_of or {}
    kinds = deletion.looked_for(asked)
    # Where nothing of them was looked for, nothing is known of them.
    named = asked.get("instances") or [] if kinds else []
    found = [entry["instance"] for entry in (*removed, *left, *unmanaged) if entry["instance"]]
    instances = {
        name: _one(
            *([entry for entry in group if entry["instance"] == name] for group in (removed, left, unmanaged)), planned
        )
        for name in dict.fromkeys([*named, *sorted(found)])
    }
    gone, stays, others = ([entry for entry in group if not entry["instance"]] for group in (removed, left, unmanaged))
    notes = [f"{'Would delete' if planned else 'Deleted'} {_object(entry)}." for entry in gone]
    notes += [*message(stays), *(f"{_sentence(entry)}." for entry in others)]
    if kinds and not (removed or left or unmanaged):
        whose = "instance set" if asked.get("instances") is None else "these instances of instance set"
        words = " or ".join(filter(None, [", ".join(kinds[:-1]), kinds[-1]]))
        notes.append(
            f"Of {whose} {asked.get('set') or 'default'} in namespace {asked['namespace']} there is no {words}."
        )
    text = summary_report.as_text(instances, notes) if instances else "\n".join(notes)
    return {"instances": instances, "lines": text.splitlines()}


def message(left: t.Iterable[ObjectEntry]) -> list[str]:
    """What stays, a text for each object."""
    return [f"{_sentence(entry)}. {entry['remedy']}".rstrip() for entry in left]


def _one(
    removed: t.Sequence[ObjectEntry], left: t.Sequence[ObjectEntry], unmanaged: t.Sequence[ObjectEntry], planned: bool
) -> dict[str, t.Any]:
    if left:
        state = NOT_REMOVED
    elif removed:
        state = summary.PLANNED if planned else REMOVED
    else:
        state = UNMANAGED if unmanaged else NOTHING_THERE
    return {
        "state": state,
        "reason": "; ".join([*map(_sentence, left), *(f"{_object(entry)} {entry['why']}" for entry in unmanaged)]),
        "remedy": " ".join(dict.fromkeys(entry["remedy"] for entry in left if entry["remedy"])),
        "changed": [f"{entry['kind']} deleted" for entry in removed],
    }


def _sentence(entry: ObjectEntry) -> str:
    return f"{_object(entry)} {entry['why'].rstrip('.')}"


def _object(entry: ObjectEntry) -> str:
    return " ".join([entry["kind"], "/".join(filter(None, [entry["namespace"], entry["name"]]))])
