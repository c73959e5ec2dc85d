# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the collection, as an action plugin finds them."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.llamastack.maas.plugins.plugin_utils.input import variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Held, Object, Request
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.make import entries

_LIST = f"{variables.PREFIX}instances"


class Inputs:
    """What a task may read, templated one by one and only where it is asked for."""

    def __init__(self, templar: t.Any, task_vars: t.Mapping[str, t.Any]) -> None:
        self._templar = templar
        self._vars = task_vars

    def request(self, phases: t.Sequence[str], check_mode: bool) -> Request:
        """The run as it was asked for. What playbooks publish comes back in a workflow, and is no input."""
        published = {variables.PREFIX + name for name in variables.PUBLISHED}
        names = [name for name in self._vars if name.startswith(variables.PREFIX) and name not in published]
        return Request(
            given=self._value(_LIST),
            settings={name[len(variables.PREFIX) :]: self._value(name) for name in names if name != _LIST},
            names=list(self._vars),
            environment=os.environ,
            phases=phases,
            run_tags=self._vars.get("ansible_run_tags") or (),
            skip_tags=self._vars.get("ansible_skip_tags") or (),
            check_mode=check_mode,
        )

    def held(self) -> Held:
        """What holds credentials, which no plan keeps."""
        given = {name: self._value(variables.PREFIX + name) for name in variables.SECRET}
        values = variables.run_values(given)[0]
        return Held(entries(self._value(_LIST)), os.environ, {name: values[name] for name in variables.SECRET})

    def _value(self, name: str) -> t.Any:
        return whole(self._templar.template(self._vars[name])) if name in self._vars else None


def whole(value: t.Any) -> t.Any:
    """A result whose parts may be templated only when they are looked at, looked at."""
    if isinstance(value, t.Mapping):
        return {key: whole(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [whole(each) for each in value]
    return value


def result_of(returned: Object) -> Object:
    """What a plan keeps of a module's result: neither its arguments nor what is for the screen only."""
    return {
        key: value for key, value in returned.items() if key not in ("invocation", "diff", "warnings", "deprecations")
    }
