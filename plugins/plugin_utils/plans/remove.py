# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(remove): what was deployed goes, by nothing but names. What was installed in the cluster may be gone."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests import instances as manifests
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.maas import MaasVerb

NAMESPACE = "namespace"

_KINDS = {
    NAMESPACE: (),
    "registration": ("MaaSSubscription", "MaaSAuthPolicy", "MaaSModelRef", "ServiceAccount"),
    "instances": ("LLMInferenceService", "ConfigMap"),
    "secrets": ("Secret",),
}


def _complete(plan: base.Plan, checked: check.CheckedInput, secrets: base.Object) -> None:
    if plan.values["remove_namespace"] and NAMESPACE in plan.phases:
        plan.objects[NAMESPACE] = [manifests.namespace_object(plan.settings)]


def _delete(plan: base.Plan, held: base.Held) -> base.Arguments:
    kinds = [kind for phase in plan.phases for kind in _KINDS[phase]]
    all_of = {
        "namespace": plan.settings["namespace"],
        "set": plan.settings["set"],
        "kinds": [kind for kind in base.set_kinds(plan) if kind["kind"] in kinds],
    }
    return {
        "all_of": all_of if plan.values["remove_all"] else {**all_of, "instances": plan.names},
        "objects": plan.objects.get(NAMESPACE, []),
        "wait_timeout": plan.values["wait_timeout"],
        # The outcome says what is left.
        "fail_left": not plan.whole,
    }


def _outcome(plan: base.Plan) -> base.RunOutcome:
    removal = plan.returned("delete")
    left = ", ".join(f"{each['kind']} {each['name']}" for each in removal["left"])
    return base.RunOutcome(
        published={
            "namespace": plan.settings["namespace"],
            "instances": removal["instances"],
            "left": removal["left"],
        },
        lines=removal["lines"],
        problem=f"Not removed: {left}. The table above says why and what to do." if left else "",
    )


VERB = MaasVerb(
    name="remove",
    published="removal",
    phases=tuple(_KINDS),
    needs=lambda request, values: check.Needs(names_only=True),
    reads=(
        *("kubernetes", "wait_timeout", "namespace", "set", "scope", "subscription_namespace"),
        *("remove_all", "remove_namespace"),
    ),
    reads_list=lambda settings: not variables.value("remove_all", settings.get("remove_all"))[0],
    reads_cluster=lambda request: False,
    complete=_complete,
    steps={"delete": base.Step("kube_delete", _delete)},
    outcome=_outcome,
)
