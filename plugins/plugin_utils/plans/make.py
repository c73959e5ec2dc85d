# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a plan is made: read what has to be read, check all, refuse once, then build what the verb needs."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check, instances, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Held,
    Object,
    Plan,
    PlanError,
    Readers,
    RunInput,
    Verb,
    chosen,
    masked,
)


def plan(verb: Verb, request: RunInput, look: Readers) -> tuple[Plan, check.CheckedInput]:
    """The plan of a run, and what was checked for it, with its warnings.

    Raises PlanError with all that is wrong with the input, each with its path, or with what was missed in the cluster.
    """
    values = variables.run_values(request.settings)[0]
    needs = verb.needs(request, values)
    settings, cluster, secrets = dict(request.settings), {}, {}
    asks, names = verb.reads_cluster(request), sorted(verb.secrets(request))
    if (asks or names) and check.blocked(request.given, settings, request.environment, needs):
        raise PlanError(check.check(request.given, settings, request.environment, needs, request.names).message)
    if asks:
        cluster = look.maas_info(verb.cluster(values))
        settings.update(cluster.get("settings", {}))
    if names and (not asks or "settings" in cluster):
        secrets = look.kube_secret_info({"namespace": values["namespace"], "names": names})
    checked = check.check(request.given, settings, request.environment, needs, request.names, secrets.get("secrets"))
    checked.problems.extend(verb.problems(checked))
    if checked.problems and verb.refuses:
        raise PlanError(checked.message)
    made = Plan(
        verb=verb.name,
        phases=chosen(request.phases or verb.phases, request.run_tags, request.skip_tags),
        whole=not request.phases,
        check_mode=request.check_mode,
        values={name: value for name, value in checked.values.items() if name not in variables.SECRET},
        settings=checked.settings,
        instances=checked.instances,
        cluster=cluster,
        masking=masked(checked, entries(request.given)),
    )
    revisions = {**secrets.get("revisions", {}), **verb.revisions(request, checked.values)}
    verb.complete(made, checked, {**secrets, "revisions": revisions})
    return made, checked


def entries(given: object) -> list[Object]:
    """The entries of a list that may still be wrong."""
    found = instances.parse(given, Findings(instances.PATH)) or []
    return [entry for entry in found if isinstance(entry, dict)]


def held(request: RunInput) -> Held:
    """What of the input holds credentials."""
    values = variables.run_values(request.settings)[0]
    return Held(entries(request.given), request.environment, {name: values[name] for name in variables.SECRET})
