# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.filter.summary_report import FilterModule

summary_report = FilterModule().filters()["summary_report"]


def test_a_summary_takes_what_a_deployment_returns():
    assert "openai-prod  proven" in summary_report({"openai-prod": {"state": "proven"}})


@pytest.mark.parametrize(
    ("scope", "state", "next_step"),
    [
        ("all", "proven", "llamastack.maas.validate with the same variables"),
        ("platform", "registered", "(llamastack_maas_scope=project), ansible-playbook llamastack.maas.validate"),
        ("project", "registered", "(llamastack_maas_scope=platform), ansible-playbook llamastack.maas.validate"),
        ("project", "proven", "llamastack.maas.validate with the same variables"),
        ("all", "planned", "nothing was written"),
    ],
)
def test_a_summary_of_a_scope_ends_with_the_next_step(scope, state, next_step):
    *_summary, note, last = summary_report({"one": {"state": state}}, scope=scope, notes=["Pruned: two"]).splitlines()
    assert note == "Pruned: two"
    assert last.startswith("Next: ") and next_step in last
