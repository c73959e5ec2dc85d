# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(litemaas_rotate): the passwords of the database and the master key get new values, while the gateway goes on answering.

New and old values lie beside each other in a Secret until the new ones are at work, so that a run that was killed goes on
with them. The salt is never changed: nothing could be read then.
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, Problem
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import backups, names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasInput, LitemaasNeeds
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_data import DATABASE, MASTER_KEY, ROTATED
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_variables import PREFIX
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import installation, rotation
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import litemaas_deploy
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Held,
    Object,
    Plan,
    PlanError,
    RunInput,
    RunOutcome,
    Step,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas import LitemaasVerb, gateway_arguments

GATEWAY, APP, SERVER = installation.GATEWAY, installation.APP, installation.DATABASE

_STATES = {
    "done": "its new value is at work",
    "refused": "LiteLLM refused the new value, and has the old one again",
    "open": "is not proven; run it again",
}


def _problems(checked: LitemaasInput, seen: Object, request: RunInput) -> list[Problem]:
    findings = Findings()
    values = checked.values
    if DATABASE in values["rotate"] and (values["database"] or {}).get("external"):
        findings.at(f"{PREFIX}rotate").error(
            "names database, which is an external one: change its passwords where it is, then run litemaas_deploy, which starts"
            " the programs with what its Secret holds"
        )
    return findings.errors + litemaas_deploy.problems(checked, seen, request)


def _complete(plan: Plan, checked: LitemaasInput) -> None:
    litemaas_deploy.complete(plan, checked)
    settings = plan.settings["installation"]
    if not settings["database"]["external"] and not plan.cluster.get("database", {}).get("image"):
        raise PlanError(
            f"Nothing was changed: namespace {settings['namespace']} has no LiteMaaS. Give the namespace of the installation,"
            " or deploy one by the playbook litemaas_deploy."
        )
    if not litemaas_deploy.salt(plan):
        raise PlanError(
            f"Nothing was changed: Secret {settings['namespace']}/{settings['secrets']['litellm']['name']} has no"
            f" {names.SALT_KEY}, so the master key is what credentials are encrypted with, and a new one could read none of"
            " them. Run litemaas_deploy first, which gives it a salt of the master key's value."
        )
    plan.notes["id"] = backups.new_id(time.time())
    asked = plan.values["rotate"] or [
        each for each in ROTATED if each != DATABASE or not settings["database"]["external"]
    ]
    plan.notes["rotate"] = [each for each in ROTATED if each in asked]


def _is_rotated(plan: Plan, what: str) -> bool:
    return what in plan.notes["rotate"]


def _is_refused(plan: Plan) -> bool:
    """Whether LiteLLM itself does not want the new master key: it does not come up with it, or does not know it."""
    if not plan.returned("new_master_key"):
        return False
    waited = plan.returned("ready")
    states = {each["name"]: each["state"] for each in waited.get("objects", [])}
    is_down = bool(waited.get("failed")) and states.get(names.LITELLM) == "failed"
    return is_down or plan.returned("proof").get("status") == 401


def _is_over(plan: Plan) -> bool:
    """Whether what is kept is no longer needed: the new values are at work, or an old one is again."""
    failed = [name for name, each in plan.done.items() if each.get("failed")]
    if plan.returned("back_ready") and not plan.returned("back_ready").get("failed"):
        failed = [name for name in failed if name not in ("ready", "proof")]
    return not failed


def _renew(what: str, state: str, needed: t.Callable[[Plan], bool] = lambda plan: True) -> Step:
    """A step of kube_secret_renew for one thing that is rotated."""

    def arguments(plan: Plan, held: Held) -> Arguments | None:
        if not _is_rotated(plan, what) or not needed(plan):
            return None
        return {"state": state, **rotation.renewal(plan.settings["installation"], what)}

    return Step("kube_secret_renew", arguments)


def _passwords(plan: Plan, held: Held) -> Arguments | None:
    if not _is_rotated(plan, DATABASE):
        return None
    job = rotation.passwords_job(plan.settings["installation"], plan.notes["id"])
    return {"job": job, "wait_timeout": plan.values["wait_timeout"]}


_NEW = ("new_database", "new_master_key", "old_master_key")


def _blueprint(plan: Plan, held: Held) -> t.Any:
    """What objects are built from, with the revisions of what the Secrets hold by now."""
    made = litemaas_deploy.blueprint(plan, held)
    revisions = dict(made.revisions)
    for step in _NEW:
        for name, digits in plan.returned(step).get("revisions", {}).items():
            revisions[name.partition("/")[2]] = digits
    return made._replace(revisions=revisions)


def _workloads(plan: Plan, held: Held, phase: str) -> list[Object]:
    objects = installation.objects(phase, _blueprint(plan, held))
    return [obj for obj in objects if obj["kind"] in ("Deployment", "StatefulSet")]


def _apply(phase: str, needed: t.Callable[[Plan], bool] = lambda plan: True) -> Step:
    def arguments(plan: Plan, held: Held) -> Arguments | None:
        objects = _workloads(plan, held, phase) if needed(plan) else []
        return {"objects": objects, "force_conflicts": plan.values["force_conflicts"]} if objects else None

    return Step("kube_apply", arguments)


def _wait(phase: str, applied: str) -> Step:
    """Of the objects of a phase, where the step C(applied) has applied them."""

    def arguments(plan: Plan, held: Held) -> Arguments | None:
        return litemaas_deploy.waited(plan, held, _workloads(plan, held, phase)) if plan.returned(applied) else None

    return Step("litemaas_wait_ready", arguments, returns=("objects",))


def _proof(plan: Plan, held: Held) -> Arguments | None:
    """Whether LiteLLM knows the new master key, where it can be reached; the module reads it from the Secret."""
    arguments = gateway_arguments(plan, held)
    if plan.check_mode or not arguments.get("url") or not _is_rotated(plan, MASTER_KEY):
        return None
    arguments.pop("token", None)
    secret = plan.settings["installation"]["secrets"]["litellm"]["name"]
    place = {"name": secret, "namespace": plan.settings["namespace"], "key": names.MASTER_KEY}
    return {**arguments, "token_secret": place, "gather": ["models"]}


def _outcome(plan: Plan) -> RunOutcome:
    failures = [str(each.get("msg")) for each in plan.done.values() if each.get("failed")]
    states = {}
    for what in plan.notes["rotate"]:
        refused = what == MASTER_KEY and bool(plan.returned("old_master_key"))
        states[what] = "refused" if refused else "open" if failures else "done"
    if plan.check_mode:
        lines = [f"{what}: would get a new value" for what in states]
        return RunOutcome({"rotated": {}}, lines, "\n".join(failures))
    lines = [f"{what}: {_STATES[state]}" for what, state in states.items()]
    if failures:
        return RunOutcome({"rotated": states}, [], "\n".join([*failures, *lines]))
    lines += litemaas_deploy.access_lines(litemaas_deploy.access(plan), plan.settings["installation"])
    return RunOutcome({"rotated": states}, lines)


VERB = LitemaasVerb(
    name="litemaas_rotate",
    published="rotation",
    needs=lambda request: LitemaasNeeds(content=False, credentials=False),
    cluster=litemaas_deploy.cluster_arguments,
    problems=_problems,
    complete=_complete,
    steps={
        "begin_database": _renew(DATABASE, "begun"),
        "begin_master_key": _renew(MASTER_KEY, "begun"),
        "passwords": Step("kube_job", _passwords),
        "new_database": _renew(DATABASE, "new"),
        "new_master_key": _renew(MASTER_KEY, "new"),
        "gateway": _apply(GATEWAY),
        "ready": _wait(GATEWAY, "gateway"),
        "proof": Step("litellm_info", _proof),
        "old_master_key": _renew(MASTER_KEY, "old", _is_refused),
        "back": _apply(GATEWAY, _is_refused),
        "back_ready": _wait(GATEWAY, "back"),
        "app": _apply(APP, _is_over),
        "app_ready": _wait(APP, "app"),
        # The server has the new passwords already; its pod knows them from its next start on.
        "server": _apply(SERVER, lambda plan: _is_rotated(plan, DATABASE) and _is_over(plan)),
        "server_ready": _wait(SERVER, "server"),
        "end_database": _renew(DATABASE, "ended", _is_over),
        "end_master_key": _renew(MASTER_KEY, "ended", _is_over),
    },
    outcome=_outcome,
)
