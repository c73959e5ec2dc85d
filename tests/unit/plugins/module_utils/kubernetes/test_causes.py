# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import causes

NOW = 1764000000.0


def claim(phase, storage_class=None):
    spec = {"storageClassName": storage_class} if storage_class else {}
    return {"metadata": {"name": "data-postgres-0"}, "spec": spec, "status": {"phase": phase}}


def event(message, when, name="data-postgres-0", kind="PersistentVolumeClaim"):
    about = {"kind": kind, "name": name}
    return {"metadata": {}, "involvedObject": about, "message": message, "lastTimestamp": when}


@pytest.mark.parametrize(
    "storage_class, said",
    [
        ("fast", "PersistentVolumeClaim data-postgres-0, of storage class fast, is Pending: no such class"),
        (None, "PersistentVolumeClaim data-postgres-0, which names no storage class, is Pending: no such class"),
    ],
)
def test_a_claim_without_a_volume_is_told_with_its_newest_event(storage_class, said):
    events = [
        event("no such class", "2026-11-21T15:40:00Z"),
        event("older", "2026-11-21T15:30:00Z"),
        event("another claim", "2026-11-21T15:50:00Z", name="other"),
        event("a pod of that name", "2026-11-21T15:50:00Z", kind="Pod"),
    ]
    found = causes.unbound_claim([claim("Bound"), claim("Pending", storage_class)], events, NOW, "do this")
    assert found == ("the claim has no volume", said, "do this")


def test_claims_with_volumes_are_no_cause():
    assert causes.unbound_claim([claim("Bound")], [], NOW, "do this") is None
