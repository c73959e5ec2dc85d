# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(litemaas_diagnose): the first broken link between a key and an answer of a model behind LiteLLM."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasNeeds
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, litemaas_looks as looks
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas import LitemaasVerb, gateway_arguments


def _diagnosis(plan: base.Plan, held: base.Held) -> base.Arguments:
    return {
        **gateway_arguments(plan, held),
        **looks.content_arguments(plan),
        **looks.masking(plan, held),
        **looks.app_arguments(plan),
        "keys": looks.content(plan, "keys", ("alias", "models")),
        "programs": looks.programs(plan) or [],
        "served": looks.served(plan),
        "go_on": plan.values["diagnose_all"],
        "proof": plan.values["proof"],
    }


def _outcome(plan: base.Plan) -> base.RunOutcome:
    found = plan.returned("diagnosis")
    lines = list(found["lines"])
    if looks.programs(plan) is None:
        lines.append(looks.ANOTHER)
    elif plan.url is None:
        lines.append(looks.NO_URL.format(namespace=plan.values["namespace"]))
    return base.RunOutcome(published={"broken": found["broken"], "targets": found["targets"]}, lines=lines)


VERB = LitemaasVerb(
    name="litemaas_diagnose",
    published="diagnosis",
    needs=lambda request: LitemaasNeeds(credentials=False),
    cluster=looks.cluster,
    steps={
        "ready": base.Step("litemaas_wait_ready", looks.seen),
        "diagnosis": base.Step("litemaas_diagnose", _diagnosis, returns=("targets", "broken")),
    },
    outcome=_outcome,
)
