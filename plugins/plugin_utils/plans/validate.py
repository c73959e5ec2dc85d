# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(validate): instances are proven by calls, as their users make them and as those do who must be refused."""

from __future__ import annotations

import os

from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, deploy
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.maas import MaasVerb


def _complete(plan: base.Plan, checked: check.CheckedInput, secrets: base.Object) -> None:
    if plan.settings["scope"] == base.PLATFORM:
        # There is nothing to call in that scope alone, so whoever has it looks at the whole.
        plan.settings = {**plan.settings, "scope": base.ALL}
    plan.objects = {deploy.REGISTRATION: deploy.objects_of(deploy.REGISTRATION, plan, checked, {})}


def _seen(plan: base.Plan, held: base.Held) -> base.Arguments:
    """What is not ready is one failed check among the others."""
    return {
        "namespace": plan.settings["namespace"],
        "instances": plan.names,
        "registration": plan.objects[deploy.REGISTRATION],
        "scope": plan.settings["scope"],
        "wait_timeout": 0,
        "fail_unready": False,
        "masking": base.masking(plan, held),
    }


def _checks(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    if plan.check_mode:
        return None
    seen = plan.returned("seen")["instances"]
    found: base.Arguments = {
        **base.maas_arguments(plan, held),
        "prober": plan.settings["prober"],
        "generation": plan.settings["generation"],
        "namespace": plan.settings["namespace"],
        "set": plan.settings["set"],
        "instances": plan.instances,
        "urls": {name: each["url"] for name, each in seen.items()},
        "observations": seen,
        "rate_limit": plan.values["validation_rate_limit"],
        "proof": plan.values["proof"],
        "masking": base.masking(plan, held),
    }
    if held.values.get("outsider_token"):
        found["outsider_token"] = held.values["outsider_token"]
    return found


def _outcome(plan: base.Plan) -> base.RunOutcome:
    # No other run needs them.
    from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import validation as reports

    called = plan.returned("checks")
    checks, failed = called.get("checks", []), called.get("failed_checks", [])
    about = {"MaaS": plan.url or "", "Generation": plan.settings["generation"], "Caller": called.get("caller", "")}
    results = reports.Results(checks, time=plan.time, about=about)
    to, problem = plan.values["report_dir"], ""
    if failed:
        problem = f"Failed: {', '.join(failed)}. The table above says what was seen and what to do."
    files = {"html": reports.as_html, "xml": reports.as_junit, "json": reports.as_json} if to and called else {}
    return base.RunOutcome(
        published={"failed": failed, "checks": len(checks)},
        lines=reports.as_table(results).splitlines(),
        problem=problem,
        returned={"checks": reports.short(checks), "failed_checks": failed, "caller": called.get("caller", "")},
        files={os.path.join(to, f"validation.{form}"): make(results) for form, make in files.items()},
        written=[f"Report: {to}/validation.html"],
    )


VERB = MaasVerb(
    name="validate",
    published="validation",
    needs=lambda request, values: check.Needs(credentials=False, writes=("report_dir",)),
    complete=_complete,
    steps={"seen": base.Step("maas_wait_ready", _seen), "checks": base.Step("maas_check", _checks)},
    outcome=_outcome,
)
