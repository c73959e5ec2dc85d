# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relative paths count from the folder in which the user started Ansible, for every module that connects to a cluster."""

from __future__ import annotations

import os
import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.llamastack.maas.plugins.module_utils import local_paths


class LocalPathsActionBase(ActionBase):
    """Hands absolute paths to the module, in its arguments and in its environment.

    Only where the module runs on this machine: the files of another one have its own folders.
    """

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        if self._is_local():
            self._task.args.update(local_paths.resolved(self._task.args, local_paths.ARGUMENTS, os.getcwd()))
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
