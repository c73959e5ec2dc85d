# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run on LiteMaaS is planned: read what has to be read, check all, refuse once, then build what the verb needs."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Problem
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import (
    litemaas,
    litemaas_check,
    litemaas_variables,
    variables,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import (
    LitemaasInput,
    LitemaasNeeds,
    SeenForContent,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Held,
    Object,
    Plan,
    PlanError,
    Readers,
    RunInput,
    Verb,
    chosen,
)


@dataclasses.dataclass(frozen=True)
class LitemaasVerb(Verb):
    """A verb of LiteMaaS: what of its input is checked, and what is read for it."""

    needs: t.Callable[[RunInput], LitemaasNeeds] = lambda request: LitemaasNeeds()
    cluster: t.Callable[[RunInput, Object], t.Optional[Arguments]] = lambda request, values: None
    """How M(llamastack.maas.litemaas_info) is asked, by the values of the variables; None where it is not."""
    problems: t.Callable[[LitemaasInput, Object, RunInput], list[Problem]] = lambda checked, seen, request: []
    """What else is wrong with the input, beside what was read of the cluster. May add warnings to what is checked."""
    complete: t.Callable[[Plan, LitemaasInput], None] = lambda plan, checked: None
    """Fills in the objects and the rest. Raises PlanError."""

    prefix: t.ClassVar[str] = litemaas_variables.PREFIX
    table: t.ClassVar = litemaas_variables.TABLE

    def reads_variable(self, name: str) -> bool:
        return name in variables.RUN_WIDE

    def about(self, plan: Plan) -> Object:
        return {
            "namespace": plan.values["namespace"],
            "url": plan.url,
            "content": {kind: len(entries) for kind, entries in plan.content.items()},
        }

    def plan(self, request: RunInput, look: Readers) -> tuple[Plan, list[Problem]]:
        needs = self.needs(request)
        values = litemaas_check.run_values(request.settings, request.area)[0]
        asked, seen, for_content = self.cluster(request, values), {}, SeenForContent()
        lists = lists_of(request)
        services = litemaas.wanted_services(lists) if needs.content else []
        secrets = litemaas.named_secrets(lists) if needs.content else []

        def check() -> LitemaasInput:
            given = (request.settings, request.area, request.environment)
            return litemaas_check.check(*given, needs, request.names, lists, for_content)

        if asked is not None or services or secrets:
            if litemaas_check.blocked(request.settings, request.area, request.environment):
                raise PlanError(check().message)
            if asked is not None and look.litemaas_info:
                seen = look.litemaas_info(asked)
            for_content = self._read_for_content(values, services, secrets, look)
        checked = check()
        checked.problems.extend(self.problems(checked, seen, request))
        if checked.problems and self.refuses:
            raise PlanError(checked.message)
        made = Plan(
            verb=self.name,
            phases=chosen(request.phases or self.phases, request.run_tags, request.skip_tags),
            whole=not request.phases,
            check_mode=request.check_mode,
            values={name: value for name, value in checked.values.items() if name not in _SECRET},
            settings={"namespace": checked.values["namespace"], "set": checked.values["set"]},
            content=checked.content,
            cluster={**seen, "served": for_content.served} if for_content.served else seen,
            notes={"credentials": checked.credentials, "lines": list(checked.notes)},
        )
        self.complete(made, checked)
        return made, checked.warnings if self.refuses else []

    def _read_for_content(
        self, values: Object, services: list[Object], secrets: list[str], look: Readers
    ) -> SeenForContent:
        served = look.kserve_model_info({"models": services})["models"] if services and look.kserve_model_info else None
        seen = {"namespace": values["namespace"], "names": secrets}
        return SeenForContent(served, look.kube_secret_info(seen)["secrets"] if secrets else None)


def lists_of(request: RunInput) -> dict[str, t.Any]:
    """The lists of a run as given, as L(litemaas) takes them."""
    return {name: request.given if name == litemaas.INSTANCES else request.area.get(name) for name in litemaas.LISTS}


_SECRET = {*variables.SECRET, *litemaas_variables.SECRET}


def gateway_arguments(plan: Plan, held: Held) -> Arguments:
    """How a module calls LiteLLM: as given, or the one in the namespace with what its Secret holds."""
    values, token = plan.values, held.values.get("token")
    ours = {"name": values["secrets"]["litellm"]["name"], "namespace": values["namespace"], "key": "LITELLM_MASTER_KEY"}
    given = {
        "url": plan.returned("ready").get("url") or plan.url,
        "token": token,
        "token_secret": None if token else values["token_secret"] or ours,
        "ca_file": values["ca_file"],
        "validate_litellm_certs": values["validate_certs"],
    }
    return {name: value for name, value in given.items() if value is not None}
