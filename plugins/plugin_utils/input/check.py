# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is wrong with the input of a run, at once: variables, paths, providers, list."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, Problem, format_problems
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import instances, registry, variables, writable
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.registry import Registry

if t.TYPE_CHECKING:
    from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Generation

Object = t.Dict[str, t.Any]


class Needs(t.NamedTuple):
    """What a run needs of its input.

    C(credentials): the values of keys; C(credentials_of): of these instances only, where it names any; C(list_needed):
    a list that is not given at all is a problem; C(names_only): of the list only the names, whatever else is wrong in
    it; C(writes): the variables whose path the run writes to.
    """

    credentials: bool = True
    credentials_of: t.Collection[str] = ()
    list_needed: bool = True
    names_only: bool = False
    writes: t.Collection[str] = ()


class CheckedInput(t.NamedTuple):
    """The outcome. C(instances) is empty where there is any problem; C(values) are those of all variables but the list."""

    instances: list[Object]
    settings: Object
    values: Object
    registry: Registry
    generation: Generation | None
    problems: list[Problem]
    warnings: list[Problem]

    @property
    def message(self) -> str:
        """All problems, a line each."""
        return format_problems(self.problems)


def blocked(given: t.Any, settings: t.Mapping[str, t.Any], environment: t.Mapping[str, str], needs: Needs) -> bool:
    """Whether the cluster is not to be asked: a variable that says how is wrong, or there is no list. No entry of the
    list is looked at."""
    found = variables.run_values(settings)[1].errors + variables.token_problems(environment, settings)
    findings = Findings(instances.PATH)
    entries = instances.parse(given, findings)
    if entries is None and needs.list_needed:
        findings.error(instances.NOT_GIVEN)
    return any(map(variables.keeps_from_asking, found + findings.errors))


def check(
    given: t.Any,
    settings: t.Mapping[str, t.Any],
    environment: t.Mapping[str, str],
    needs: Needs = Needs(),
    names: t.Iterable[str] = (),
    secrets: t.Mapping[str, t.Any] | None = None,
) -> CheckedInput:
    """Check the variables' names, the settings, what is written here, the providers and the list, in this order.

    C(given) is the list as the user wrote it, C(settings) the other variables without their prefix, with what the
    cluster says of itself; C(names) are the names of all variables there are; C(secrets) is what was seen of the Secrets
    that the list names.
    """
    values, findings = variables.run_values(settings)
    completed = variables.settings_of(values, settings)
    problems = variables.unknown_variables(names)
    for name in needs.writes:
        problem = settings.get(name) and writable.problem(name, settings[name])
        if problem:
            findings.at(variables.PREFIX + name).error(problem)
    problems += findings.errors + variables.token_problems(environment, settings)
    if needs.names_only:
        result, generation, providers = instances.names_only(given), None, t.cast(Registry, {})
    else:
        providers, provider_findings = registry.load(completed["providers"])
        problems += provider_findings.errors
        name = completed["generation"]
        generation = known.get(name) if name in known.NAMES else None
        result = instances.normalise(
            given,
            instances.Context(
                settings=completed,
                registry=providers,
                generation=generation,
                environment=environment if needs.credentials else None,
                secrets=secrets,
                credentials_of=needs.credentials_of,
                list_needed=needs.list_needed,
            ),
        )
    problems += result.problems
    found = [] if problems else result.instances
    return CheckedInput(found, completed, values, providers, generation, problems, findings.warnings + result.warnings)
