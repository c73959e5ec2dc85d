# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account that deploys everything and may call no model, with the rights that docs/security.md says and no others."""

from __future__ import annotations

import json

from scenarios.harness import OPENAI


def test_a_robot_that_may_call_no_model_proves_it_as_the_prober(people):
    entry, reports = {**OPENAI, "access": {"groups": ["data-science"]}}, people.sandbox.scratch / "report"
    assert "FAILED" not in people.play("robot", "preflight", entry, prober=True).output
    # What was left empty in a survey is as if it were not given.
    blank = dict.fromkeys(("namespace", "scope", "set", "wait_timeout", "prune", "force_conflicts"), "")
    deployed = people.play("robot", "deploy", entry, prober=True, **blank).text
    assert "proven " in deployed and "not proven" not in deployed
    people.play("robot", "validate", entry, prober=True, report_dir=str(reports))
    results = json.loads((reports / "validation.json").read_text())["checks"]
    states = {each["check"]: each["state"] for each in results}
    assert (states["chat"], states["outsider"]) == ("passed", "passed"), results
    assert not [name for name in people.sandbox.names("serviceaccounts") if "outsider" in name]
    people.play("robot", "remove", entry, prober=True)
    assert people.sandbox.names("llmisvc") == []
