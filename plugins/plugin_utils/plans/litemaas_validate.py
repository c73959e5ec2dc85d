# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(litemaas_validate): a gateway, its models and its routes are proven by calls that carry keys made for them."""

from __future__ import annotations

import os

from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasNeeds
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, litemaas_looks as looks
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas import LitemaasVerb, gateway_arguments


def _checks(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    if plan.check_mode:
        return None
    if plan.url is None:
        raise base.PlanError(looks.NO_URL.format(namespace=plan.values["namespace"]))
    found: base.Arguments = {
        **gateway_arguments(plan, held),
        **looks.content_arguments(plan),
        **looks.masking(plan, held),
        **looks.app_arguments(plan),
        "scaled": looks.scaled(plan),
        "proof": plan.values["proof"],
    }
    programs = looks.programs(plan)
    if programs is None:
        return {**found, "programs_note": looks.ANOTHER}
    return {**found, "programs": programs, "replicas": plan.values["replicas"]}


def _outcome(plan: base.Plan) -> base.RunOutcome:
    # No other run needs them.
    from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import validation as reports

    called = plan.returned("checks")
    checks, failed = called.get("checks", []), called.get("failed_checks", [])
    about = {"LiteLLM": plan.url or "", "LiteMaaS": looks.app_url(plan)}
    results = reports.Results(checks, "LiteMaaS: validation", plan.time, about, "target")
    to, problem = plan.values["report_dir"], ""
    if failed:
        problem = f"Failed: {', '.join(failed)}. The table above says what was seen and what to do."
    files = {"html": reports.as_html, "xml": reports.as_junit, "json": reports.as_json} if to and called else {}
    return base.RunOutcome(
        published={"failed": failed, "checks": len(checks)},
        lines=reports.as_table(results).splitlines(),
        problem=problem,
        returned={"checks": reports.short(checks), "failed_checks": failed},
        files={os.path.join(to, f"validation.{form}"): make(results) for form, make in files.items()},
        written=[f"Report: {to}/validation.html"],
    )


VERB = LitemaasVerb(
    name="litemaas_validate",
    published="validation",
    needs=lambda request: LitemaasNeeds(credentials=False, writes=("report_dir",)),
    cluster=looks.cluster,
    steps={"ready": base.Step("litemaas_wait_ready", looks.seen), "checks": base.Step("litellm_check", _checks)},
    outcome=_outcome,
)
