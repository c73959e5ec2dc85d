# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secret_copies import Copies, CopyRefused


def secret(name, owner="gem", **values):
    metadata = {"name": name, "namespace": "llm", "labels": labels(owner, "llm", "default")}
    entry = {"manager": "llamastack.maas", "operation": "Apply"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {**metadata, "managedFields": [entry]},
        "data": encode(values),
    }


class FakeCluster:
    """Holds Secrets."""

    def __init__(self, *objects):
        self.objects = {Ref.of(obj): obj for obj in objects}
        self.written = []

    def read(self, refs):
        return {ref: self.objects.get(ref) for ref in refs}

    def apply(self, obj, *, dry_run):
        self.written.append(obj)
        return obj


TARGET = {key: value for key, value in secret("kept").items() if key != "data"}
COPY = {"source": "used", "target": TARGET}


def copying(cluster, **options):
    return Copies(cluster, [COPY], **{"overwrite": True, "check_mode": False, **options})


def test_the_target_gets_what_the_source_holds():
    cluster = FakeCluster(secret("used", api_key="sk-1"))
    copies = copying(cluster)
    copies.run()
    assert [obj["data"] for obj in cluster.written] == [encode({"api_key": "sk-1"})]
    assert [entry["action"] for entry in copies.entries] == ["created"]


def test_a_target_that_is_there_stays_unless_it_is_to_be_overwritten():
    cluster = FakeCluster(secret("used", api_key="sk-2"), secret("kept", api_key="sk-1"))
    copies = copying(cluster, overwrite=False)
    copies.run()
    assert not cluster.written and [entry["action"] for entry in copies.entries] == ["unchanged"]


@pytest.mark.parametrize("there", [[], [secret("used"), secret("kept", owner="other")]])
def test_without_a_source_or_over_somebody_else_nothing_is_written(there):
    cluster = FakeCluster(*there)
    with pytest.raises(CopyRefused):
        copying(cluster).run()
    assert not cluster.written
