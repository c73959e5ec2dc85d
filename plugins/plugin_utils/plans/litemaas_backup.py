# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(litemaas_backup): a dump of both databases on a volume, proven to be one that can be read back."""

from __future__ import annotations

import time

from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import backups, names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasInput, LitemaasNeeds
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import backup
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import litemaas_deploy
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Held,
    Object,
    Plan,
    PlanError,
    RunOutcome,
    Step,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas import LitemaasVerb


def complete(plan: Plan, checked: LitemaasInput) -> None:
    """The installation whose databases it is about. Raises PlanError where there is none to reach."""
    litemaas_deploy.complete(plan, checked)
    settings = plan.settings["installation"]
    if not settings["database"]["external"] and not plan.cluster.get("database", {}).get("image"):
        raise PlanError(
            f"Nothing was changed: namespace {settings['namespace']} has no database of LiteMaaS. Give the namespace of the"
            " installation, or deploy one by the playbook litemaas_deploy."
        )
    if not litemaas_deploy.salt(plan):
        secret = settings["secrets"]["litellm"]["name"]
        raise PlanError(
            f"Nothing was changed: Secret {settings['namespace']}/{secret} has no LITELLM_SALT_KEY that can be read, and"
            " without it nobody could say whether a backup can be read. Let litemaas_preflight say what is wrong with it."
        )
    plan.notes["id"] = backups.new_id(time.time())


def volume(plan: Plan, held: Held) -> Arguments:
    """What the Job needs: its scripts, and where backups are."""
    return {"objects": backup.volume(plan.settings["installation"], plan.values["backup"])}


def _backup(plan: Plan, held: Held) -> Arguments:
    job = backup.backup_job(
        plan.settings["installation"], plan.values["backup"], plan.notes["id"], str(litemaas_deploy.salt(plan))
    )
    return {"job": job, "wait_timeout": plan.values["wait_timeout"]}


def claim(plan: Plan) -> str:
    """The claim with the backups, with its namespace."""
    return f"{plan.settings['namespace']}/{plan.values['backup']['claim'] or names.BACKUPS_CLAIM}"


def _outcome(plan: Plan) -> RunOutcome:
    made = plan.returned("backup").get("result", {})
    found: Object = made.get("backup") or {}
    published = {
        "id": found.get("id") or (plan.notes["id"] if plan.check_mode else None),
        "claim": claim(plan),
        "databases": found.get("databases", {}),
        "secrets": found.get("secrets", {}),
        "there": str(made.get("there") or "").split(),
    }
    if plan.check_mode:
        return RunOutcome(published, [f"A backup would be made in PersistentVolumeClaim {claim(plan)}."])
    lines = [
        f"backup      {published['id']}",
        f"where       PersistentVolumeClaim {claim(plan)}, folder {published['id']}",
    ]
    lines += [f"{name:<10}  {size} bytes, {name}.dump" for name, size in published["databases"].items()]
    lines += [f"read with   Secret {place}" for place in published["secrets"].values()]
    lines += [
        f"there are   {', '.join(published['there'])}",
        "",
        "Whoever has a dump has usable keys. Keep the Secrets named above elsewhere, too: without that salt, no key of a"
        " provider in it can be read.",
        f"Next: litemaas_restore with litemaas_restore={{backup: {published['id']}}} brings it back.",
    ]
    return RunOutcome(published, lines)


VERB = LitemaasVerb(
    name="litemaas_backup",
    published="backed_up",
    needs=lambda request: LitemaasNeeds(content=False, credentials=False),
    cluster=litemaas_deploy.cluster_arguments,
    problems=litemaas_deploy.problems,
    complete=complete,
    steps={
        "volume": Step("kube_apply", volume),
        "backup": Step("kube_job", _backup, returns=("result",)),
    },
    outcome=_outcome,
)
