# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints live lines for the module of the same name, adds up what its attempts have removed, and names what stays."""

from __future__ import annotations

import typing as t

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import removal_report
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.display import show
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.polling import PollingActionBase


class ActionModule(PollingActionBase):
    DEFAULT_TIMEOUT = 300.0
    # Asked to succeed whatever is left, a look that is not the last one would end the wait.
    ARGS_WHILE_WAITING: t.ClassVar[dict[str, t.Any]] = {"fail_left": True}

    _removed: tuple[dict[str, t.Any], ...] = ()
    _diffs: tuple[dict[str, str], ...] = ()

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        returned = super().run(tmp, task_vars)
        # Who takes what is left as a result displays that, too.
        if boolean(self._task.args.get("fail_left", True)):
            show(_stays(each) for each in returned.get("unmanaged") or [])
        return returned

    def _execute_module(self, **kwargs: t.Any) -> dict[str, t.Any]:
        returned = super()._execute_module(**kwargs)
        if "removed" in returned:
            self._removed += tuple(returned["removed"])
            returned.update(removed=list(self._removed), changed=bool(self._removed))
            returned.update(
                removal_report.report(
                    self._task.args.get("all_of"),
                    self._removed,
                    returned["left"],
                    returned["unmanaged"],
                    planned=self._task.check_mode,
                )
            )
        if "diff" in returned:
            self._diffs += tuple(returned["diff"])
            returned["diff"] = list(self._diffs)
        return returned


def _stays(entry: dict[str, t.Any]) -> str:
    where = f"{entry['namespace']}/" if entry["namespace"] else ""
    return f"  {entry['kind']} {where}{entry['name']} stays: it {entry['why']}."
