# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is wrong with the input of a run on LiteMaaS, at once: variables, paths, providers, lists."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Problem, format_problems
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names as names_of_ours
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import (
    litemaas,
    litemaas_variables,
    registry,
    variables,
    writable,
)

Object = t.Dict[str, t.Any]


class LitemaasNeeds(t.NamedTuple):
    """What a run needs of its input.

    C(content): the lists; C(list_needed): that none of them is given is a problem; C(credentials): the values of keys;
    C(writes): the variables of the collection whose path the run writes to; C(writes_of_area): those of LiteMaaS, likewise.
    """

    content: bool = True
    list_needed: bool = False
    credentials: bool = True
    writes: t.Collection[str] = ()
    writes_of_area: t.Collection[str] = ()


class SeenForContent(t.NamedTuple):
    """What was read of the cluster for the lists: by L(served_models.key_of) the models of KServe, by name the Secrets that
    entries name. None where it was not read."""

    served: t.Mapping[str, t.Any] | None = None
    secrets: t.Mapping[str, t.Any] | None = None


class LitemaasInput(t.NamedTuple):
    """The outcome. C(content) and C(credentials), see L(litemaas), are empty where there is any problem; C(values) are
    those of all variables but the lists; C(notes): lines for people."""

    content: Object
    values: Object
    problems: list[Problem]
    warnings: list[Problem]
    credentials: Object = {}
    notes: t.Sequence[str] = ()

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
    lists: t.Mapping[str, t.Any] | None = None,
    seen: SeenForContent = SeenForContent(),
) -> LitemaasInput:
    """Check the variables' names, their values, what is written here, the providers and the lists, in this order.

    C(names) are the names of all variables there are, C(lists) those of L(litemaas) as given.
    """
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
    if not needs.content or lists is None:
        return LitemaasInput({}, values, problems, [])
    providers, provider_findings = registry.load(values["providers"])
    context = litemaas.GatewayContext(
        namespace=values["namespace"],
        registry=providers,
        environment=environment if needs.credentials else None,
        secrets=seen.secrets,
        served=seen.served,
        list_needed=needs.list_needed,
        reserved={(values["namespace"], name) for name in names_of_ours.SECRETS},
    )
    made = litemaas.normalise(lists, context)
    problems += provider_findings.errors + made.problems
    content, credentials = ({}, {}) if problems else (made.content, made.credentials)
    return LitemaasInput(content, values, problems, made.warnings, credentials, made.notes)
