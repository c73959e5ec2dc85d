# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a step of a plan. The documentation is that of the module of the same name."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.llamastack.maas.plugins.plugin_utils.actions import store
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.inputs import Inputs, result_of
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import PlanError, Step
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.verbs import VERBS

# Of what is no single value, what Ansible itself reads of a result.
_LOGGED = ("diff", "warnings", "deprecations", "invocation")


class ActionModule(ActionBase):
    """Hands the step's module the arguments that the plan has for it, and keeps in the plan what it returns."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        host = task_vars["inventory_hostname"]
        # What is left of the task's arguments are those of the connection.
        name = self._task.args.pop("name")
        try:
            plan = store.load(host)
            if name not in VERBS[plan.verb].steps:
                raise PlanError(f"The plan is one of {plan.verb}, which has no step {name!r}.")
        except PlanError as error:
            return {"failed": True, "msg": str(error)}
        verb = VERBS[plan.verb]
        step = verb.steps[name]
        try:
            held = Inputs(self._templar, task_vars, verb).held()
            arguments = step.arguments(plan, held)
            if arguments is None:
                return {"changed": False}
            given = {**(held.values["kubernetes"] if step.connects else {}), **self._task.args, **arguments}
            returned = self._run_module(step, given, tmp, task_vars)
        except (PlanError, AnsibleError) as error:
            # The outcome of a run that rescues the task shows it.
            plan.done[name] = {"failed": True, "msg": str(error)}
            store.save(host, plan)
            if isinstance(error, AnsibleError):
                raise
            return plan.done[name]
        # The arguments would fill the log of a controller.
        if "invocation" in returned:
            returned["invocation"] = {"module_args": {"name": name}}
        plan.done[name] = result_of(returned)
        store.save(host, plan)
        kept = (*_LOGGED, *step.returns)
        return {key: value for key, value in returned.items() if key in kept or not isinstance(value, (list, dict))}

    def _run_module(
        self, step: Step, arguments: dict[str, t.Any], tmp: str | None, task_vars: dict[str, t.Any]
    ) -> dict[str, t.Any]:
        """As a task of its module would be run, with its action plugin."""
        module = f"llamastack.maas.{step.module}"
        task = self._task.copy()
        task.action, task.args = module, arguments
        if step.check_mode is not None:
            task.check_mode = step.check_mode
        if step.check_mode:
            task.diff = False
        loader = self._shared_loader_obj.action_loader
        action = loader.get(
            module if loader.has_plugin(module) else "llamastack.maas.kube_apply",
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        returned = action.run(tmp=tmp, task_vars=task_vars)
        return {**returned, "changed": False} if step.check_mode else returned
