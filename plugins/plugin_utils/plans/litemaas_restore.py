# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(litemaas_restore): the databases are brought to what a backup holds, while nothing works on them.

LiteMaaS takes models that are gone for one look away from its users for good. So its backend stops first and starts last,
when LiteLLM has its models again.
"""

from __future__ import annotations

import copy

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, Problem
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasInput, LitemaasNeeds
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_variables import PREFIX
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import backup, installation
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import litemaas_backup, litemaas_deploy
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Held,
    Object,
    Plan,
    RunInput,
    RunOutcome,
    Step,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas import LitemaasVerb, gateway_arguments

GATEWAY, APP = installation.GATEWAY, installation.APP


def _problems(checked: LitemaasInput, seen: Object, request: RunInput) -> list[Problem]:
    findings = Findings()
    if not checked.values["restore"]["backup"]:
        findings.at(f"{PREFIX}restore").at("backup").error(
            "is missing: the id of the backup to bring back, as litemaas_backup has named it, such as 20261201t044503z"
        )
    return findings.errors + litemaas_deploy.problems(checked, seen, request)


def _complete(plan: Plan, checked: LitemaasInput) -> None:
    litemaas_backup.complete(plan, checked)


def _programs(plan: Plan, held: Held, phase: str) -> list[Object]:
    """The Deployments of a phase, as a deployment makes them."""
    objects = installation.objects(phase, litemaas_deploy.blueprint(plan, held))
    return [obj for obj in objects if obj["kind"] == "Deployment"]


def _down(plan: Plan, held: Held) -> Arguments:
    """Both programs without a pod; the Job waits until nobody is left in the databases."""
    objects = copy.deepcopy(_programs(plan, held, GATEWAY) + _programs(plan, held, APP))
    stopped = [obj for obj in objects if obj["metadata"]["name"] in (names.LITELLM, names.BACKEND)]
    for obj in stopped:
        obj["spec"]["replicas"] = 0
    return {"objects": stopped, "force_conflicts": plan.values["force_conflicts"]}


def _job(check: bool) -> Step:
    def arguments(plan: Plan, held: Held) -> Arguments:
        values, settings = plan.values, plan.settings["installation"]
        salt = str(litemaas_deploy.salt(plan))
        job = backup.restore_job(settings, values["backup"], values["restore"], plan.notes["id"], salt, check)
        return {"job": job, "wait_timeout": values["wait_timeout"]}

    return Step("kube_job", arguments, returns=("result",))


def _stays_down(plan: Plan) -> str:
    """Why the programs are not started: the Job is perhaps at work, or has ended somewhere in between."""
    returned = plan.returned("restore")
    if not returned.get("failed"):
        return ""
    if returned.get("open", True):
        return (
            "The Job that restores may still be at work, so LiteLLM and LiteMaaS stay down. Wait for its end, or delete it; then"
            " run it again with overwrite: true."
        )
    if not returned.get("changed") or backup.UNTOUCHED in returned.get("log", []):
        return ""
    return (
        "A database is restored and the other one is not, or that is not known, so LiteLLM and LiteMaaS stay down. Run it again"
        " with overwrite: true when that is put right."
    )


def _gateway(plan: Plan, held: Held) -> Arguments | None:
    """LiteLLM starts on what was restored or, where nothing was, on what there was before."""
    if _stays_down(plan):
        return None
    return {"objects": _programs(plan, held, GATEWAY), "force_conflicts": plan.values["force_conflicts"]}


def _ready(plan: Plan, held: Held) -> Arguments | None:
    if _stays_down(plan):
        return None
    return litemaas_deploy.waited(plan, held, litemaas_deploy.awaited(plan, GATEWAY))


def _models(plan: Plan, held: Held) -> Arguments | None:
    """What LiteLLM can read of what was restored, where it can be reached."""
    arguments = gateway_arguments(plan, held)
    if plan.check_mode or not arguments.get("url") or not plan.returned("restore").get("result"):
        return None
    return {**arguments, "gather": ["models"]}


def _unread(plan: Plan) -> str:
    """Why what was restored is not what callers get."""
    wanted = plan.returned("restore").get("result", {}).get("models", 0)
    found = plan.returned("models").get("models")
    if found is None or len(found) >= wanted:
        return ""
    secret = plan.settings["installation"]["secrets"]["litellm"]["name"]
    return (
        f"LiteLLM shows {len(found)} of the {wanted} models that were restored: it cannot read the others. Its LITELLM_SALT_KEY"
        f" is not the one that they were encrypted with. Put the salt of then into Secret {secret}, and restore again; the"
        " backend of LiteMaaS stays down until then, for it would take the missing models away from its users."
    )


def _app(plan: Plan, held: Held) -> Arguments | None:
    programs = _programs(plan, held, APP)
    if not programs or _stays_down(plan) or _unread(plan):
        return None
    return {"objects": programs, "force_conflicts": plan.values["force_conflicts"]}


def _app_ready(plan: Plan, held: Held) -> Arguments | None:
    if not plan.returned("app"):
        return None
    return litemaas_deploy.waited(plan, held, litemaas_deploy.awaited(plan, APP))


def _outcome(plan: Plan) -> RunOutcome:
    wanted, returned = plan.values["restore"]["backup"], plan.returned("restore")
    result = returned.get("result", {})
    published = {"backup": wanted, "claim": litemaas_backup.claim(plan), **{k: result.get(k) for k in _COUNTS}}
    failures = [str(each.get("msg")) for each in plan.done.values() if each.get("failed")]
    if _stays_down(plan):
        failures.append(_stays_down(plan))
    elif returned.get("failed"):
        failures.append("The databases are as they were before, and the programs are started on them again.")
    problem = "\n".join([*failures, *filter(None, [_unread(plan)])])
    if plan.check_mode:
        return RunOutcome(published, [f"Backup {wanted} would be brought back from {published['claim']}."], problem)
    lines = (
        []
        if problem
        else [
            f"Backup {wanted} is restored: " + ", ".join(f"{result.get(name)} {name}" for name in _COUNTS),
            *litemaas_deploy.access_lines(litemaas_deploy.access(plan), plan.settings["installation"]),
        ]
    )
    return RunOutcome(published, lines, problem)


_COUNTS = ("models", "keys", "teams")

VERB = LitemaasVerb(
    name="litemaas_restore",
    published="restored",
    needs=lambda request: LitemaasNeeds(content=False, credentials=False),
    cluster=litemaas_deploy.cluster_arguments,
    problems=_problems,
    complete=_complete,
    steps={
        "volume": Step("kube_apply", litemaas_backup.volume),
        "check": _job(check=True),
        "down": Step("kube_apply", _down),
        "restore": _job(check=False),
        "gateway": Step("kube_apply", _gateway),
        "ready": Step("litemaas_wait_ready", _ready),
        "models": Step("litellm_info", _models),
        "app": Step("kube_apply", _app),
        "app_ready": Step("litemaas_wait_ready", _app_ready),
    },
    outcome=_outcome,
)
