# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Status conditions, as every Kubernetes controller keeps them."""

from __future__ import annotations

from typing import Any


def with_condition(
    conditions: list[dict[str, Any]] | None,
    type_: str,
    status: bool | str,
    reason: str,
    message: str,
    *,
    generation: int,
    now: str,
) -> list[dict[str, Any]]:
    """A copy of ``conditions`` in which one is set; its lastTransitionTime moves only when its status does."""
    value = status if isinstance(status, str) else str(status)
    new = {
        "type": type_,
        "status": value,
        "reason": reason,
        "message": message,
        "observedGeneration": generation,
        "lastTransitionTime": now,
    }
    result, replaced = [], False
    for old in conditions or []:
        if old["type"] != type_:
            result.append(old)
            continue
        replaced = True
        if old["status"] == value:
            new["lastTransitionTime"] = old["lastTransitionTime"]
        result.append(new)
    return result if replaced else [*result, new]


def condition_of(obj: dict[str, Any], type_: str) -> dict[str, Any] | None:
    """The condition of that type in the status of an object."""
    conditions = (obj.get("status") or {}).get("conditions") or []
    return next((each for each in conditions if each.get("type") == type_), None)


def is_true(obj: dict[str, Any], type_: str) -> bool:
    """Whether the object has that condition with status True."""
    condition = condition_of(obj, type_)
    return condition is not None and condition.get("status") == "True"


def status_patch(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any] | None:
    """The merge patch that turns one status into the other, None where they are equal."""
    old = old or {}
    if old == new:
        return None
    return {**{key: None for key in old if key not in new}, **new}
