# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the collection, as an action plugin finds them."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.llamastack.maas.plugins.plugin_utils.actions import names as names_only
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.table import Table
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Held, Object, RunInput, Verb

_LIST = f"{variables.PREFIX}instances"


class Inputs:
    """What a task of a verb may read, templated one by one and only where it is asked for."""

    def __init__(self, templar: t.Any, task_vars: t.Mapping[str, t.Any], verb: Verb) -> None:
        self._templar = templar
        self._vars = task_vars
        self._verb = verb

    def request(self, phases: t.Sequence[str], check_mode: bool) -> RunInput:
        """The run as it was asked for. What playbooks publish comes back in a workflow, and is no input."""
        table = self._verb.table
        settings = self._given(variables.TABLE, self._verb.reads_variable)
        return RunInput(
            given=self._list() if self._verb.reads_list(settings) else [],
            settings=settings,
            names=list(self._vars),
            environment=os.environ,
            phases=phases,
            run_tags=self._vars.get("ansible_run_tags") or (),
            skip_tags=self._vars.get("ansible_skip_tags") or (),
            check_mode=check_mode,
            area=self._given(table) if table else {},
        )

    def held(self) -> Held:
        """What holds credentials, which no plan keeps."""
        secret, table = variables.SECRET, self._verb.table
        settings = self._given(variables.TABLE, lambda name: name in secret and self._verb.reads_variable(name))
        area = self._given(table, lambda name: name in table.secret) if table else {}
        given = [] if self._verb.names_only else self._value(_LIST)
        return base.held(RunInput(given, settings, (), os.environ, area=area), table)

    def _given(self, table: Table, reads: t.Callable[[str], bool] = lambda name: True) -> dict[str, t.Any]:
        """The variables of a table that are there, by their names without the prefix, but for the list."""
        names = [name[len(table.prefix) :] for name in self._vars if name.startswith(table.prefix)]
        return {
            name: self._value(table.prefix + name)
            for name in names
            if name not in table.published and table.prefix + name != _LIST and reads(name)
        }

    def _list(self) -> t.Any:
        return names_only.read(self._templar, self._vars, _LIST) if self._verb.names_only else self._value(_LIST)

    def _value(self, name: str) -> t.Any:
        return names_only.whole(self._templar.template(self._vars[name])) if name in self._vars else None


def result_of(returned: Object) -> Object:
    """What a plan keeps of a module's result: neither its arguments nor what is for the screen only."""
    return {
        key: value for key, value in returned.items() if key not in ("invocation", "diff", "warnings", "deprecations")
    }
