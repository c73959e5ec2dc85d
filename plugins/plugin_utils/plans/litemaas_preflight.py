# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(litemaas_preflight): everything that would stop a deployment of LiteMaaS, found without writing anything."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Problem
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import installation as given
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasInput
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import installation
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.parts import Blueprint
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Held,
    Object,
    Plan,
    RunInput,
    RunOutcome,
    Step,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas import LitemaasVerb
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas_deploy import cluster_arguments


def _cluster(request: RunInput, values: Object) -> Arguments:
    """What the cluster lacks is one of the results."""
    return {**cluster_arguments(request, values), "fail_unusable": False}


def _problems(checked: LitemaasInput, seen: Object, request: RunInput) -> list[Problem]:
    if checked.problems or "routes" not in seen:
        return []
    findings = given.complete(checked.values, seen, request.environment).findings
    checked.warnings.extend(findings.warnings)
    return findings.errors


def _complete(plan: Plan, checked: LitemaasInput) -> None:
    plan.notes["input"] = {"problems": checked.problems, "warnings": checked.warnings}
    if checked.problems or "routes" not in plan.cluster:
        return
    completed = given.complete(checked.values, plan.cluster).installation
    made_of = Blueprint(completed, plan.cluster["revisions"], plan.cluster["url"], plan.cluster["app_url"])
    plan.objects = {phase: installation.objects(phase, made_of) for phase in installation.PHASES}
    plan.notes["secrets"] = [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {key: each[key] for key in ("name", "namespace", "labels")}}
        for each in installation.generated(completed)
        if not each["existing"]
    ]


def _preflight(plan: Plan, held: Held) -> Arguments:
    unique: list[Object] = []
    for objects in plan.objects.values():
        unique += [obj for obj in objects if obj not in unique]
    return {
        **plan.notes["input"],
        "cluster": plan.cluster,
        "namespace": plan.settings["namespace"],
        "objects": unique,
        "secrets": plan.notes.get("secrets", []),
        "force_conflicts": plan.values["force_conflicts"],
    }


def _outcome(plan: Plan) -> RunOutcome:
    found = plan.returned("preflight")
    return RunOutcome(
        published={"failures": found["failures"], "checks": len(found["checks"])},
        lines=found["lines"],
        problem="\n".join(found["failures"]),
    )


VERB = LitemaasVerb(
    name="litemaas_preflight",
    published="preflight",
    refuses=False,
    cluster=_cluster,
    problems=_problems,
    complete=_complete,
    steps={"preflight": Step("litemaas_preflight", _preflight)},
    outcome=_outcome,
)
