# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time

from ansible_collections.llamastack.maas.plugins.module_utils.names import labels
from ansible_collections.llamastack.maas.plugins.module_utils.objects import Ref
from ansible_collections.llamastack.maas.plugins.modules.delete import Removal

# In the order in which they are to go, and so the slower the earlier.
SECONDS = {"MaaSSubscription": 0.04, "MaaSModelRef": 0.03, "LLMInferenceService": 0.02, "Secret": 0.0}


def made(kind):
    metadata = {"name": "gem", "namespace": "llm", "uid": kind, "labels": labels("gem", "llm", "default")}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


class FakeCluster:
    """Answers the slower, the earlier a kind has to go."""

    def __init__(self, *objects):
        self.objects = {Ref.of(obj): obj for obj in objects}
        self.deleted = []

    def path(self, *_kind):
        return "/"

    def read(self, refs, **_how):
        return {ref: self.objects.get(ref) for ref in refs}

    def delete(self, _api_version, kind, _name, _namespace, **_how):
        time.sleep(SECONDS[kind])
        self.deleted.append(kind)
        return True


def test_a_model_is_out_of_maas_before_it_is_asked_to_go():
    objects = [made(kind) for kind in reversed(SECONDS)]
    cluster = FakeCluster(*objects)
    removal = Removal(cluster, {"objects": objects, "all_of": None}, check_mode=False)
    assert not removal.step().done
    assert cluster.deleted == list(SECONDS)
