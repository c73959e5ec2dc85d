# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(preflight): everything that would stop a deployment, found without writing anything."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check, instances
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, deploy
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.maas import MaasVerb


def _cluster(values: base.Object) -> base.Arguments:
    """MaaS is sent no token, and what the cluster lacks is one of the results."""
    asked = {key: values[key] for key in ("generation", "gateway") if values[key] is not None}
    return {**asked, "ask_maas": False, "fail_unusable": False}


def _complete(plan: base.Plan, checked: check.CheckedInput, secrets: base.Object) -> None:
    plan.phases = deploy.in_scope(plan.phases, plan.settings["scope"])
    plan.objects = {phase: _objects(phase, plan, checked) for phase in plan.phases}
    plan.notes["input"] = {
        "instances": checked.instances,
        "settings": checked.settings,
        "problems": checked.problems,
        "warnings": checked.warnings,
    }


def _objects(phase: str, plan: base.Plan, checked: check.CheckedInput) -> list[base.Object]:
    """What the phase would apply. Where that is not known, which kinds it writes is: objects without a name."""
    if phase == deploy.REGISTRATION and not checked.generation:
        return []
    if checked.instances or phase == deploy.NAMESPACE:
        return deploy.objects_of(phase, plan, checked, {})
    return [
        {"apiVersion": api_version, "kind": kind, "metadata": {"namespace": namespace}}
        for api_version, kind, namespace in _kinds(phase, plan, checked)
    ]


def _kinds(phase: str, plan: base.Plan, checked: check.CheckedInput) -> list[tuple[str, str, str]]:
    settings, namespace = plan.settings, plan.settings["namespace"]
    if phase == deploy.SECRETS:
        return [("v1", "Secret", namespace)]
    if phase == deploy.INSTANCES:
        served = settings.get("service_version") or ownership.INFERENCE_SERVICE_API
        return [("v1", "ConfigMap", namespace), (served, ownership.INFERENCE_SERVICE, namespace)]
    registering = known.get(settings["generation"]).registration_kinds(settings)
    registering += [("v1", "ServiceAccount", namespace)] * settings["prober"]
    return [kind for kind in known.set_kinds(settings, settings["scope"]) if kind in registering]


def _preflight(plan: base.Plan, held: base.Held) -> base.Arguments:
    found: base.Arguments = {
        "input": plan.notes["input"],
        "cluster": plan.cluster,
        "objects": [obj for objects in plan.objects.values() for obj in objects],
        "validate_maas_certs": plan.values["validate_certs"],
        "token_given": bool(held.values.get("token")),
        "force_conflicts": plan.values["force_conflicts"],
    }
    found.update((key, plan.values[key]) for key in ("url", "ca_file") if plan.values[key] is not None)
    return found


def _outcome(plan: base.Plan) -> base.RunOutcome:
    found = plan.returned("preflight")
    return base.RunOutcome(
        published={"failures": found["failures"], "checks": len(found["checks"])},
        lines=found["lines"],
        problem="\n".join(found["failures"]),
    )


VERB = MaasVerb(
    name="preflight",
    published="preflight",
    phases=deploy.PHASES,
    refuses=False,
    cluster=_cluster,
    secrets=lambda request: instances.named_secrets(request.given),
    complete=_complete,
    steps={"preflight": base.Step("maas_preflight", _preflight)},
    outcome=_outcome,
)
