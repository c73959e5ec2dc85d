# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module gets that runs on the controller's own machine: the paths of the user, and the Python that runs Ansible."""

from __future__ import annotations

import os
import re
import sys
import typing as t

from ansible import constants as C
from ansible.plugins.action import ActionBase

from ansible_collections.llamastack.maas.plugins.module_utils.base import local_paths

_INTERPRETER = "ansible_python_interpreter"
_OPTION = "INTERPRETER_PYTHON"


class LocalActionBase(ActionBase):
    """Runs a module on a local connection as the user would, and on any other as Ansible does.

    Relative paths, in the module's arguments and in its environment, count from the folder in which Ansible was started.
    The Python that runs Ansible runs the module, too, as it does where no inventory names localhost: what Ansible would
    discover may lack the Kubernetes client. An interpreter that is named, in a variable or in the configuration, stays;
    auto_silent and the like name none.
    """

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        task_vars = {} if task_vars is None else task_vars
        if self._is_local():
            self._task.args.update(local_paths.resolved(self._task.args, local_paths.ARGUMENTS, os.getcwd()))
            delegate = self._task.delegate_to
            variables = task_vars["ansible_delegated_vars"][delegate] if delegate else task_vars
            if _is_discovery(variables.get(_INTERPRETER) or C.config.get_config_value(_OPTION)):
                variables[_INTERPRETER] = sys.executable
        return super().run(tmp, task_vars)

    def _compute_environment_string(self, raw_environment_out: dict[str, t.Any] | None = None) -> str:
        environment: dict[str, t.Any] = {}
        text = super()._compute_environment_string(environment)
        if self._is_local():
            inherited = {**os.environ, **environment}
            environment.update(local_paths.resolved(inherited, local_paths.VARIABLES, os.getcwd()))
            text = self._connection._shell.env_prefix(**environment)
        if isinstance(raw_environment_out, dict):
            raw_environment_out.clear()
            raw_environment_out.update(environment)
        return text

    def _is_local(self) -> bool:
        return self._connection.transport == "local"


def _is_discovery(interpreter: t.Any) -> bool:
    """Whether this names no Python, but how Ansible is to find one: auto, auto_silent and so on."""
    return re.match(r"auto(_\w+)?\Z", str(interpreter).strip()) is not None
