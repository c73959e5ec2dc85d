# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints, in the place where the run is. The documentation is that of the module of the same name."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.display import read_by_people, show


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _VALID_ARGS = frozenset(("lines",))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        lines = _lines(self._task.args.get("lines"))
        task_vars = task_vars or {}
        if lines and len(task_vars.get("ansible_play_hosts_all") or ()) > 1:
            lines = [f"[{task_vars['inventory_hostname']}]", *lines]
        show(lines)
        # Whoever reads standard output as one document finds the lines there.
        result.update({"changed": False} if read_by_people() else {"changed": False, "lines": lines})
        return result


def _lines(given: t.Any) -> list[str]:
    """Whatever is given, as lines: a report must not fail a run that did not."""
    if given is None:
        return []
    if isinstance(given, (list, tuple)):
        return [line for each in given for line in _lines(each) or [""]]
    # Not splitlines(): within JSON, what else ends a line there is a character like any other.
    return str(given).removesuffix("\n").split("\n") if str(given) else []
