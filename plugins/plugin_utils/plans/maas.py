# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run of MaaS is planned: read what has to be read, check all, refuse once, then build what the verb needs."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Problem
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Object,
    Plan,
    PlanError,
    Readers,
    RunInput,
    Verb,
    chosen,
    cluster_arguments,
    entries,
    masked,
)


@dataclasses.dataclass(frozen=True)
class MaasVerb(Verb):
    """A verb of MaaS: how its input is checked, and what is read for it."""

    needs: t.Callable[[RunInput, Object], check.Needs] = lambda request, values: check.Needs()
    """By the request and the values of the variables."""
    reads_cluster: t.Callable[[RunInput], bool] = lambda request: True
    cluster: t.Callable[[Object], Arguments] = cluster_arguments
    """How M(llamastack.maas.maas_info) is asked, by the values of the variables."""
    secrets: t.Callable[[RunInput], t.Collection[str]] = lambda request: ()
    """The names of the Secrets to look at."""
    reads: tuple[str, ...] = ()
    """The only variables that are needed, where those are few: of the list no more than the names is read then, and
    the values of all else may be missing."""
    problems: t.Callable[[check.CheckedInput], list[Problem]] = lambda checked: []
    """What else is wrong with the input."""
    revisions: t.Callable[[RunInput, Object], t.Mapping[str, str]] = lambda request, values: {}
    """Of the Secrets that the run writes."""
    complete: t.Callable[[Plan, check.CheckedInput, Object], None] = lambda plan, checked, secrets: None
    """Fills in the objects and the rest, by what M(llamastack.maas.kube_secret_info) returned. Raises PlanError."""

    def reads_variable(self, name: str) -> bool:
        return not self.reads or name in self.reads

    @property
    def names_only(self) -> bool:
        return bool(self.reads)

    def about(self, plan: Plan) -> Object:
        return {
            "namespace": plan.settings["namespace"],
            "scope": plan.settings["scope"],
            "generation": plan.settings["generation"],
            "url": plan.url,
            "instances": plan.names,
        }

    def plan(self, request: RunInput, look: Readers) -> tuple[Plan, list[Problem]]:
        values = variables.run_values(request.settings)[0]
        needs = self.needs(request, values)
        settings, cluster, secrets = dict(request.settings), {}, {}
        asks, names = self.reads_cluster(request), sorted(self.secrets(request))
        if (asks or names) and check.blocked(request.given, settings, request.environment, needs):
            raise PlanError(check.check(request.given, settings, request.environment, needs, request.names).message)
        if asks:
            cluster = look.maas_info(self.cluster(values))
            settings.update(cluster.get("settings", {}))
        if names and (not asks or "settings" in cluster):
            secrets = look.kube_secret_info({"namespace": values["namespace"], "names": names})
        checked = check.check(
            request.given, settings, request.environment, needs, request.names, secrets.get("secrets")
        )
        checked.problems.extend(self.problems(checked))
        if checked.problems and self.refuses:
            raise PlanError(checked.message)
        made = Plan(
            verb=self.name,
            phases=chosen(request.phases or self.phases, request.run_tags, request.skip_tags),
            whole=not request.phases,
            check_mode=request.check_mode,
            values={name: value for name, value in checked.values.items() if name not in variables.SECRET},
            settings=checked.settings,
            instances=checked.instances,
            cluster=cluster,
            masking=masked(checked, entries(request.given)),
        )
        revisions = {**secrets.get("revisions", {}), **self.revisions(request, checked.values)}
        self.complete(made, checked, {**secrets, "revisions": revisions})
        # A run that goes on with bad input displays what is wrong with it.
        return made, checked.warnings if self.refuses else []
