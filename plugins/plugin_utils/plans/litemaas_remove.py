# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(litemaas_remove): what was deployed goes, by nothing but names; data only where that is confirmed."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Problem
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.removal_report import message
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasInput, LitemaasNeeds
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import installation
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Held,
    Object,
    Plan,
    RunInput,
    RunOutcome,
    Step,
    chosen,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas import LitemaasVerb
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas_deploy import cluster_arguments

APP, GATEWAY, DATABASE, NAMESPACE = "app", "gateway", "database", "namespace"
_PHASES = (APP, GATEWAY, DATABASE, NAMESPACE)
_PARTS = {APP: names.APP, GATEWAY: names.GATEWAY, DATABASE: names.DATABASE}
# What the names of Jobs begin with that go with a part.
_JOBS: dict[str, tuple[str, ...]] = {GATEWAY: (f"{names.MIGRATION}-",), DATABASE: names.DATA_JOBS}


def _cluster(request: RunInput, values: Object) -> Arguments:
    return {**cluster_arguments(request, values), "secrets": []}


def _goes(values: Object, phases: list[str]) -> list[str]:
    """The phases that are left of those that were asked for: with the database its namespace stays."""
    kept = set(values["keep"])
    return [phase for phase in phases if phase not in kept and not (phase == NAMESPACE and DATABASE in kept)]


def _problems(checked: LitemaasInput, seen: Object, request: RunInput) -> list[Problem]:
    phases = _goes(checked.values, chosen(request.phases or _PHASES, request.run_tags, request.skip_tags))
    # With the namespace goes all that is in it.
    if not {DATABASE, NAMESPACE} & set(phases) or checked.values["confirm_data_loss"]:
        return []
    return [
        {
            "path": "litemaas_confirm_data_loss",
            "message": "is not true, and the database would be deleted with all models, keys, teams, budgets and spend in it,"
            " and the salt, without which no backup of it can be read. Set it, or keep the data by litemaas_keep: [database]",
        }
    ]


def _complete(plan: Plan, checked: LitemaasInput) -> None:
    values, settings = plan.values, plan.settings
    plan.phases = _goes(values, plan.phases)
    for phase in plan.phases:
        if phase == NAMESPACE:
            labels = names.namespace_labels(settings)
            metadata = {"name": settings["namespace"], "labels": labels}
            plan.objects[phase] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}]
            continue
        plan.objects[phase] = installation.everything(
            _PARTS[phase], settings["namespace"], settings["set"], values["secrets"]
        )
        if plan.cluster.get("routes_readable") is False:
            # Who may not read Routes has made none.
            plan.objects[phase] = [obj for obj in plan.objects[phase] if obj["kind"] != "Route"]
        jobs = plan.cluster.get("jobs", [])
        plan.objects[phase] += [_job(name, phase, settings) for name in jobs if name.startswith(_JOBS.get(phase, ()))]
        if phase == DATABASE:
            plan.objects[phase] += installation.everything(names.SHARED, settings["namespace"], settings["set"], {})


def _job(name: str, phase: str, settings: Object) -> Object:
    labels = names.object_labels(_PARTS[phase], settings)
    metadata = {"name": name, "namespace": settings["namespace"], "labels": labels}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}


def _delete(plan: Plan, held: Held) -> Arguments:
    return {
        "objects": [obj for phase in plan.phases for obj in plan.objects[phase]],
        "wait_timeout": plan.values["wait_timeout"],
        # The outcome says what is left.
        "fail_left": not plan.whole,
    }


def _outcome(plan: Plan) -> RunOutcome:
    removal = plan.returned("delete")
    removed, left = removal.get("removed", []), removal.get("left", [])
    verb = "Would delete" if plan.check_mode else "Deleted"
    by_part: dict[str, list[str]] = {}
    for each in removed:
        by_part.setdefault(each["instance"] or names.SHARED, []).append(f"{each['kind']} {each['name']}")
    lines = [f"{verb} of {part}: {', '.join(objects)}." for part, objects in by_part.items()] or ["Nothing was there."]
    lines += message(left)
    lines += [f"{each['kind']} {each['name']} stays: it {each['why']}." for each in removal.get("unmanaged", [])]
    if plan.values["keep"]:
        kept = ", ".join(plan.values["keep"])
        lines.append(f"Kept: {kept}. The next litemaas_deploy takes it up again, with its Secrets.")
    lines += [
        f"Argo CD's Application {name} applies objects of this installation, and brings them back: take them out there."
        for name in plan.cluster.get("applications", [])
    ]
    names_left = ", ".join(f"{each['kind']} {each['name']}" for each in left)
    return RunOutcome(
        published={
            "namespace": plan.settings["namespace"],
            "removed": removed,
            "left": left,
            "applications": plan.cluster.get("applications", []),
        },
        lines=lines,
        problem=f"Not removed: {names_left}. The lines above say why and what to do." if left else "",
    )


VERB = LitemaasVerb(
    name="litemaas_remove",
    published="removal",
    phases=_PHASES,
    needs=lambda request: LitemaasNeeds(content=False, credentials=False),
    cluster=_cluster,
    problems=_problems,
    complete=_complete,
    steps={"delete": Step("kube_delete", _delete)},
    outcome=_outcome,
)
