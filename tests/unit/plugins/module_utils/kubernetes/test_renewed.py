# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import renewed
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode

LABELS = labels("gateway", "litemaas", "litemaas.default")
KEEP = {"name": "kept", "namespace": "litemaas", "labels": LABELS}
WANTED = {
    "name": "litellm-secret",
    "namespace": "litemaas",
    "labels": LABELS,
    "existing": False,
    "fields": {"MASTER": {"prefix": "sk-"}},
}


def secret(name: str, owned: bool = True, **values: str) -> dict[str, Any]:
    metadata = {
        "name": name,
        "namespace": "litemaas",
        "labels": LABELS if owned else {},
        "uid": "1",
        "resourceVersion": "7",
    }
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encode(values)}


CURRENT = secret("litellm-secret", MASTER="sk-old", OTHER="other")


def begun() -> dict[str, Any]:
    kept = renewed.to_keep([WANTED], {"litellm-secret": CURRENT}, KEEP, None, make=lambda spec: spec["prefix"] + "new")
    assert kept is not None
    return kept


def test_new_and_old_values_lie_beside_each_other() -> None:
    kept = begun()
    assert kept["data"] == encode({"litellm-secret.MASTER.old": "sk-old", "litellm-secret.MASTER.new": "sk-new"})
    assert (kept["metadata"]["name"], kept["metadata"]["labels"]) == ("kept", LABELS)


def test_what_is_kept_is_gone_on_with() -> None:
    """However far a run before has come: the old value is the one of before, never the new one."""
    kept, found = begun(), {"litellm-secret": secret("litellm-secret", MASTER="sk-new")}
    assert renewed.to_keep([WANTED], found, KEEP, kept, make=lambda spec: pytest.fail("made anew")) is None
    assert renewed.is_complete([WANTED], kept)
    assert not renewed.is_complete([WANTED], None)


def test_values_are_brought_once_and_back() -> None:
    kept = begun()
    new = renewed.with_values(WANTED, CURRENT, kept, renewed.NEW)
    assert new is not None
    assert new["data"] == encode({"MASTER": "sk-new", "OTHER": "other"})
    assert new["metadata"]["resourceVersion"] == "7"
    assert renewed.with_values(WANTED, new, kept, renewed.NEW) is None
    old = renewed.with_values(WANTED, new, kept, renewed.OLD)
    assert old is not None
    assert old["data"] == CURRENT["data"]


@pytest.mark.parametrize(
    ("wanted", "current", "why"),
    [
        ({**WANTED, "existing": True}, CURRENT, "is one of yours, and is never changed"),
        (WANTED, None, "does not exist"),
        (WANTED, secret("litellm-secret", False, MASTER="sk-old"), "is not managed by this set"),
        (WANTED, secret("litellm-secret", OTHER="other"), "has no MASTER that could be changed"),
        (WANTED, CURRENT, ""),
    ],
)
def test_what_cannot_get_new_values_is_said(wanted: dict[str, Any], current: Any, why: str) -> None:
    assert why in renewed.problem(wanted, current)
    assert bool(why) == bool(renewed.problem(wanted, current))


def test_a_secret_of_others_is_not_where_values_are_kept() -> None:
    assert "is not managed by this set" in renewed.problem_of_kept(KEEP, secret("kept", False))
    assert renewed.problem_of_kept(KEEP, begun()) == renewed.problem_of_kept(KEEP, None) == ""
