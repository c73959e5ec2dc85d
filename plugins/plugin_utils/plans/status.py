# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(status): how instances stand, beside what deploying the list would apply."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, deploy
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.maas import MaasVerb
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import status as reports


def _complete(plan: base.Plan, checked: check.CheckedInput, secrets: base.Object) -> None:
    """Whoever looks sees all of it, whatever part of it is theirs. Revisions of Secrets are not read for that."""
    plan.settings = {**plan.settings, "scope": base.ALL}
    phases = (deploy.SECRETS, deploy.INSTANCES, deploy.REGISTRATION)
    plan.objects = {phase: deploy.objects_of(phase, plan, checked, {}) for phase in phases}


def _status(plan: base.Plan, held: base.Held) -> base.Arguments:
    return {
        **base.maas_arguments(plan, held),
        "namespace": plan.settings["namespace"],
        "set": plan.settings["set"],
        "subscription_namespace": plan.settings["subscription_namespace"],
        "generation": plan.settings["generation"],
        "instances": plan.instances,
        "objects": [obj for objects in plan.objects.values() for obj in objects],
    }


def _outcome(plan: base.Plan) -> base.RunOutcome:
    found = {key: plan.returned("status")[key] for key in ("instances", "unread")}
    form, file = plan.values["output"], plan.values["output_file"]
    printed = "table" if file else form
    lines = reports.as_text(found["instances"], printed).splitlines()
    if printed == "table":  # As data, the text is nothing but the data.
        lines += [f"not read: {each}" for each in found["unread"]]
    return base.RunOutcome(
        published={"namespace": plan.settings["namespace"], **found},
        lines=lines,
        files={file: reports.as_text(found["instances"], form, time=plan.time)} if file else {},
    )


VERB = MaasVerb(
    name="status",
    published="status",
    needs=lambda request, values: check.Needs(credentials=False, writes=("output_file",)),
    complete=_complete,
    steps={"status": base.Step("maas_instance_info", _status, returns=("instances", "unread"))},
    outcome=_outcome,
)
