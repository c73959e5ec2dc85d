# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(diagnose): the first broken link between a key and an answer."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, deploy
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.maas import MaasVerb


def _complete(plan: base.Plan, checked: check.CheckedInput, secrets: base.Object) -> None:
    """What registers instances is looked at whole; the ServiceAccount of the prober is no part of an instance."""
    plan.settings = {**plan.settings, "scope": base.ALL, "prober": False}
    plan.objects = {deploy.REGISTRATION: deploy.objects_of(deploy.REGISTRATION, plan, checked, {})}


def _diagnosis(plan: base.Plan, held: base.Held) -> base.Arguments:
    return {
        **base.maas_arguments(plan, held),
        "prober": plan.values["prober"],
        "namespace": plan.settings["namespace"],
        "subscription_namespace": plan.settings["subscription_namespace"],
        "gateway": plan.settings["gateway"],
        "generation": plan.settings["generation"],
        "instances": plan.instances,
        "registration": plan.objects[deploy.REGISTRATION],
        "go_on": plan.values["diagnose_all"],
        "proof": plan.values["proof"],
        "masking": base.masking(plan, held),
    }


def _outcome(plan: base.Plan) -> base.RunOutcome:
    found = plan.returned("diagnosis")
    published = {"broken": found["broken"], "instances": found["instances"]}
    return base.RunOutcome(published=published, lines=found["lines"])


VERB = MaasVerb(
    name="diagnose",
    published="diagnosis",
    needs=lambda request, values: check.Needs(credentials=False),
    complete=_complete,
    steps={"diagnosis": base.Step("maas_diagnose", _diagnosis, returns=("instances", "broken"))},
    outcome=_outcome,
)
