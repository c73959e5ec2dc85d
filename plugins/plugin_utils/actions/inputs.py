# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the collection, as an action plugin finds them."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.llamastack.maas.plugins.plugin_utils.actions import names as names_only
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Held, Object, RunInput, Verb
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.make import entries

_LIST = f"{variables.PREFIX}instances"


class Inputs:
    """What a task of a verb may read, templated one by one and only where it is asked for."""

    def __init__(self, templar: t.Any, task_vars: t.Mapping[str, t.Any], verb: Verb) -> None:
        self._templar = templar
        self._vars = task_vars
        self._verb = verb

    def request(self, phases: t.Sequence[str], check_mode: bool) -> RunInput:
        """The run as it was asked for. What playbooks publish comes back in a workflow, and is no input."""
        names = [name[len(variables.PREFIX) :] for name in self._vars if name.startswith(variables.PREFIX)]
        names = [name for name in names if name not in variables.PUBLISHED and name != "instances"]
        settings = {name: self._value(variables.PREFIX + name) for name in names if self._reads(name)}
        return RunInput(
            given=self._list() if self._verb.reads_list(settings) else [],
            settings=settings,
            names=list(self._vars),
            environment=os.environ,
            phases=phases,
            run_tags=self._vars.get("ansible_run_tags") or (),
            skip_tags=self._vars.get("ansible_skip_tags") or (),
            check_mode=check_mode,
        )

    def held(self) -> Held:
        """What holds credentials, which no plan keeps."""
        given = {name: self._value(variables.PREFIX + name) for name in variables.SECRET if self._reads(name)}
        values = variables.run_values(given)[0]
        found = [] if self._verb.reads else entries(self._value(_LIST))
        return Held(found, os.environ, {name: values[name] for name in variables.SECRET})

    def _reads(self, name: str) -> bool:
        return not self._verb.reads or name in self._verb.reads

    def _list(self) -> t.Any:
        return names_only.read(self._templar, self._vars, _LIST) if self._verb.reads else self._value(_LIST)

    def _value(self, name: str) -> t.Any:
        return names_only.whole(self._templar.template(self._vars[name])) if name in self._vars else None


def result_of(returned: Object) -> Object:
    """What a plan keeps of a module's result: neither its arguments nor what is for the screen only."""
    return {
        key: value for key, value in returned.items() if key not in ("invocation", "diff", "warnings", "deprecations")
    }
