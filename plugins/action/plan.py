# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans a run. The documentation is that of the module of the same name."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import local_paths
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions import store
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.display import read_by_people, show
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.inputs import Inputs, result_of
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.local import LocalActionBase
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import PlanError, Readers
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.verbs import VERBS


class ActionModule(LocalActionBase):
    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        task_vars = {} if task_vars is None else task_vars
        verb = VERBS[self._task.args.pop("verb")]
        phases = self._task.args.pop("phases", None) or ()
        inputs = Inputs(self._templar, task_vars, verb)
        request = inputs.request(phases, self._task.check_mode)
        # What is left of the task's arguments are those of the connection.
        self._task.args = {**inputs.held().values["kubernetes"], **self._task.args}
        result = super().run(tmp, task_vars)
        warnings: list[t.Any] = []

        def call(module: str, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
            returned = self._execute_module(
                module_name=f"llamastack.maas.{module}",
                module_args={
                    **self._task.args,
                    **arguments,
                    **(local_paths.resolved(arguments, local_paths.ARGUMENTS, os.getcwd()) if self._is_local() else {}),
                },
                task_vars=task_vars,
            )
            warnings.extend(returned.get("warnings") or [])
            if returned.get("failed") or returned.get("unreachable"):
                raise PlanError(str(returned.get("msg")))
            return result_of(returned)

        try:
            look = Readers(
                maas_info=lambda given: call("maas_info", given),
                kube_secret_info=lambda given: call("kube_secret_info", given),
                litemaas_info=lambda given: call("litemaas_info", given),
                kserve_model_info=lambda given: call("kserve_model_info", given),
            )
            plan, found = verb.plan(request, look)
        except PlanError as error:
            return {**result, "failed": True, "msg": str(error)}
        finally:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        store.save(task_vars["inventory_hostname"], plan)
        lines = [f"{warning['path']}: {warning['message']}" for warning in found]
        show(lines)
        result.update(
            changed=False,
            verb=plan.verb,
            phases=plan.phases,
            objects={phase: len(objects) for phase, objects in plan.objects.items()},
            **verb.about(plan),
        )
        if warnings:
            result["warnings"] = warnings
        if lines and not read_by_people():
            result["lines"] = lines
        return result
