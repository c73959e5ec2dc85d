# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an object that an instance needs is there, and whose it is: one opinion for every verb.

Lists by our labels do not show what others have made under the same name. So what such a list does not show is absent
only after it was looked for by its name.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply, ownership
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError

OURS = "ours"
UNMANAGED = "unmanaged"
ABSENT = "absent"
UNKNOWN = "unknown"

Object = t.Dict[str, t.Any]


class Presence(t.NamedTuple):
    """``why``, to follow the name of an object that is not ours to write; ``remedy`` what can be done about it."""

    state: str
    why: str = ""
    remedy: str = ""


def of(desired: Object, found: t.Any) -> Presence:
    """``found``: the object of that name, None where there is none, or the refusal to show it.

    What was rendered and is applied by another program is ours all the same: it is what the list asks for.
    """
    if isinstance(found, ApiError):
        return Presence(UNKNOWN, str(found))
    if found is None:
        return Presence(ABSENT, "does not exist")
    foreign = apply.foreign(desired, found, take_over=True)
    if foreign is None:
        return Presence(OURS)
    why, _stop, remedy = foreign.partition(". ")
    return Presence(UNMANAGED, why, f"{remedy}.")


def identity(kind: str, name: str, instance: t.Mapping[str, t.Any]) -> Object:
    """As much of an object of an instance as shows whose it is to be."""
    labels = ownership.labels(instance["name"], instance["namespace"], instance.get("set") or "default")
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "labels": labels}}
