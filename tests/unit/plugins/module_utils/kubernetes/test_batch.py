# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.batch import Batch
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref

OURS = {"f:data": {"f:key": {}}, "f:metadata": {"f:labels": {"f:app.kubernetes.io/managed-by": {}}}}


def made(kind: str, **more: Any) -> dict[str, Any]:
    metadata = {"name": "app", "namespace": "llm", "labels": labels("app", "llm", "default")}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **more}


def live(obj: dict[str, Any], fields: dict[str, Any] | None = None) -> dict[str, Any]:
    entry = {"manager": "llamastack.maas", "operation": "Apply", "fieldsV1": OURS if fields is None else fields}
    return {**obj, "metadata": {**obj["metadata"], "uid": "1", "managedFields": [entry]}}


class FakeCluster:
    """An apply adds to what is there; ``fields`` are those that are ours then."""

    def __init__(self, *objects: dict[str, Any], fields: dict[str, Any] | None = None, error: ApiError | None = None):
        self.objects = {Ref.of(obj): obj for obj in objects}
        self.fields = fields
        self.error = error

    def path(self, *_kind: str) -> str:
        return ""

    def unserved(self, _objects: Any) -> set[Any]:
        return set()

    def read(self, refs: Any) -> dict[Ref, Any]:
        return {ref: self.objects.get(ref) for ref in refs}

    def apply(self, obj: dict[str, Any], *, dry_run: bool, force: bool) -> dict[str, Any]:
        assert dry_run, "only tried"
        if self.error:
            raise self.error
        found = self.objects[Ref.of(obj)]
        changed = {**found, "data": {**found.get("data", {}), **obj.get("data", {})}}
        return changed if self.fields is None else live(changed, self.fields)


def pending(cluster: FakeCluster, *to_come: dict[str, Any]) -> list[str]:
    batch = Batch(cluster, [], to_come=list(to_come), check_mode=False, force=False, show_diffs=False)  # type: ignore
    assert batch.run() is None
    return [each["kind"] for each in batch.to_apply()]


CONFIG = made("ConfigMap", data={"key": "value"})


def test_what_is_there_as_it_is_to_be_is_not_applied_later():
    assert pending(FakeCluster(live(CONFIG)), CONFIG) == []


@pytest.mark.parametrize(
    "cluster",
    [
        FakeCluster(),
        FakeCluster(live({**CONFIG, "data": {"key": "other"}})),
        FakeCluster(live(CONFIG, {}), fields=OURS),
        FakeCluster(live(CONFIG), error=ApiError("PATCH", "https://api/x", 409, "conflict")),
    ],
    ids=["is absent", "differs", "would be ours, too", "is refused"],
)
def test_all_else_is_applied_later(cluster):
    assert pending(cluster, CONFIG) == ["ConfigMap"]


def test_a_secret_is_applied_later_as_its_values_are_not_known_yet():
    """Where others have changed them, they are not ours, and what has none of them changes nothing."""
    assert pending(FakeCluster(live(made("Secret", data={"key": "b3RoZXI="}), {})), made("Secret")) == ["Secret"]


def test_the_secret_of_an_account_has_values_of_the_cluster():
    token = made("Secret", type="kubernetes.io/service-account-token")
    assert pending(FakeCluster(live({**token, "data": {"token": "eA=="}})), token) == []
