# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints live lines for the module of the same name, and hands what one attempt learned to the next."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.polling import PollingActionBase


class ActionModule(PollingActionBase):
    DEFAULT_TIMEOUT = 300.0

    _continuation: dict[str, t.Any] | None = None

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        result.pop("continuation", None)
        return result

    def _execute_module(self, *, module_args: dict[str, t.Any], **kwargs: t.Any) -> dict[str, t.Any]:
        if self._continuation:
            module_args = {**module_args, "continuation": self._continuation}
        returned = super()._execute_module(module_args=module_args, **kwargs)
        self._continuation = returned.get("continuation")
        return returned
