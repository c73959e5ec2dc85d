# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every plan has."""

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import server_variable
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.revisions import CREDENTIALS_REVISION
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode, revision
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Readers, RunInput
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.verbs import VERBS

ENTRY = {"name": "gem", "provider": "gemini", "api_key_env": "GEM", "models": ["gemini-2.5-flash"]}
SETTINGS = {"generation": "b2", "storage_initializer": True, "service_version": "serving.kserve.io/v1alpha2"}
KEY = "AIza-0123456789"
WRITTEN = revision("llm", "gem-credentials", encode({"api_key": KEY}))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [(["all"], WRITTEN), (["secrets", "instances"], WRITTEN), (["instances"], "of the one in the cluster")],
)
def test_pods_are_started_with_the_revision_of_the_secret_that_there_will_be(tags, expected):
    seen = {
        "secrets": {"gem-credentials": {"keys": ["api_key"]}},
        "revisions": {"llm/gem-credentials": "of the one in the cluster"},
    }
    request = RunInput([ENTRY], {}, ["llamastack_maas_instances"], {"GEM": KEY}, run_tags=tags)
    look = Readers(lambda given: {"generation": "b2", "settings": SETTINGS}, lambda given: seen)
    plan = VERBS["deploy"].plan(request, look)[0]
    (service,) = [obj for obj in plan.objects["instances"] if obj["kind"] == "LLMInferenceService"]
    assert server_variable(service, CREDENTIALS_REVISION) == expected
    assert KEY not in str(plan)
