# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is wrong with the input of a run on LiteMaaS, at once: variables, paths, providers, lists."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Problem, format_problems
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import litemaas_variables, variables, writable

Object = t.Dict[str, t.Any]


class LitemaasNeeds(t.NamedTuple):
    """What a run needs of its input.

    C(content): the lists; C(credentials): the values of keys; C(writes): the variables of the collection whose path the
    run writes to; C(writes_of_area): those of LiteMaaS, likewise.
    """

    content: bool = True
    credentials: bool = True
    writes: t.Collection[str] = ()
    writes_of_area: t.Collection[str] = ()


class LitemaasInput(t.NamedTuple):
    """The outcome. C(content) is empty where there is any problem; C(values) are those of all variables but the lists."""

    content: Object
    values: Object
    problems: list[Problem]
    warnings: list[Problem]

    @property
    def message(self) -> str:
        """All problems, a line each."""
        return format_problems(self.problems)


def run_values(settings: t.Mapping[str, t.Any], area: t.Mapping[str, t.Any]) -> tuple[Object, list[Problem]]:
    """The values of all variables that a run on LiteMaaS reads, by their names without a prefix, and what is wrong.

    C(settings) are the variables of the collection, C(area) those of LiteMaaS.
    """
    found = {name: settings[name] for name in variables.RUN_WIDE if name in settings}
    run_wide, findings = variables.run_values(found)
    of_area, area_findings = litemaas_variables.run_values(area)
    values = {name: run_wide[name] for name in variables.RUN_WIDE if name in run_wide}
    return {**values, **of_area}, findings.errors + area_findings.errors


def blocked(settings: t.Mapping[str, t.Any], area: t.Mapping[str, t.Any], environment: t.Mapping[str, str]) -> bool:
    """Whether the cluster is not to be asked: a variable that says how is wrong."""
    problems = run_values(settings, area)[1] + variables.token_problems(environment, settings)
    return any(map(litemaas_variables.keeps_from_asking, problems))


def check(
    settings: t.Mapping[str, t.Any],
    area: t.Mapping[str, t.Any],
    environment: t.Mapping[str, str],
    needs: LitemaasNeeds = LitemaasNeeds(),
    names: t.Iterable[str] = (),
) -> LitemaasInput:
    """Check the variables' names, their values, and what is written here, in this order. C(names) are the names of all
    variables there are."""
    names = list(names)
    values, found = run_values(settings, area)
    problems = variables.unknown_variables(names) + litemaas_variables.unknown_variables(names)
    for prefix, given, written in (
        (variables.PREFIX, settings, needs.writes),
        (litemaas_variables.PREFIX, area, needs.writes_of_area),
    ):
        problems += [
            {"path": prefix + name, "message": problem}
            for name in written
            for problem in [given.get(name) and writable.problem(name, given[name])]
            if problem
        ]
    problems += found + variables.token_problems(environment, settings)
    return LitemaasInput({}, values, problems, [])
