# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the user's lists to the complete, checked content of a gateway.

The content is plain data without the value of a credential:

    models  [{name, model, mode, params, info, credential}]: the public name; LiteLLM's id of what is behind it; chat,
            completion or embedding; LiteLLM's other parameters; what is kept of it; the name of its credential or None
    routes  [{name, order, on_context, cooldown, timeout}]: the models asked, and those after a context too long
    teams   [{id, models, budget, budget_duration, tpm, rpm, model_tpm}]: model_tpm by public name
    users   [{id, team, models, budget, budget_duration, tpm, rpm}]
    keys    [{alias, team, user, models, budget, budget_duration, tpm, rpm, duration, secret {name, namespace, key}}]

What is not given is None, and a list C(models) is never empty. Beside it are the credentials, by the name of the entry
that has them: their values come from C(credential_values) or, where they are in an unmanaged Secret, are read
where C(credential_secrets) says.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, Problem
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import (
    conversion,
    credentials,
    instances,
    litemaas_callers as callers,
    litemaas_models as models,
)

Object = t.Dict[str, t.Any]
Given = t.Mapping[str, t.Any]

PREFIX = "litemaas_"

# Each list: its variable, what is in it, and the parts of its entries that are no text.
_LISTS: dict[str, tuple[str, str, t.Any]] = {
    "models": (f"{PREFIX}models", "models", models.MODEL_SHAPE),
    "routes": (f"{PREFIX}routes", "routes", models.ROUTE_SHAPE),
    "teams": (f"{PREFIX}teams", "teams", callers.OWNER_SHAPE),
    "users": (f"{PREFIX}users", "users", callers.OWNER_SHAPE),
    "keys": (f"{PREFIX}keys", "keys", callers.KEY_SHAPE),
}
INSTANCES = "instances"
LISTS = (INSTANCES, *_LISTS)

_NOT_GIVEN = (
    f"is not given, nor is {PREFIX}models or another list of what the gateway is to hold. Was -e @instances.yml "
    "forgotten? A list that is meant to be empty is []"
)

GatewayContext = models.GatewayContext


class CheckedContent(t.NamedTuple):
    """The outcome. C(content) and C(credentials) are empty where there is any problem; C(notes): lines for people."""

    content: dict[str, list[Object]]
    credentials: dict[str, Object]
    problems: list[Problem]
    warnings: list[Problem]
    notes: list[str]


def normalise(given: Given, context: GatewayContext) -> CheckedContent:
    """Check all lists and complete their entries. C(given): by C(LISTS) what the user wrote."""
    findings = Findings()
    at = {name: findings.at(variable(name)) for name in LISTS}
    lists = {name: _read(name, given.get(name), at[name]) for name in LISTS}
    if context.list_needed and all(entries is None for entries in lists.values()):
        at[INSTANCES].error(_NOT_GIVEN)
    found = {name: entries or [] for name, entries in lists.items()}
    offers = models.Offers({}, [], [], {}, [])
    models.of_instances(found[INSTANCES], context, offers, at[INSTANCES])
    models.of_models(found["models"], context, offers, at["models"])
    models.of_routes(found["routes"], offers, at["routes"])
    by = callers.of_lists(found, offers, context, at)
    notes = offers.notes + by.notes
    if findings.errors:
        return CheckedContent({}, {}, findings.errors, findings.warnings, notes)
    content = {"models": offers.models, "routes": offers.routes, "teams": by.teams, "users": by.users, "keys": by.keys}
    return CheckedContent(content, offers.credentials, [], findings.warnings, notes)


def wanted_services(given: Given) -> list[Object]:
    """The models of KServe that lists name, each once, for L(served_models). They may still be wrong elsewhere."""
    found = []
    for entry in _entries("models", given):
        wanted = models.wanted_service(entry.get("inference_service"), Findings())
        if wanted is not None and wanted not in found:
            found.append(wanted)
    return found


def named_secrets(given: Given) -> list[str]:
    """The names under C(credentials_secret) in lists that may still be wrong elsewhere, sorted."""
    found = [entry.get("credentials_secret") for name in (INSTANCES, "models") for entry in _entries(name, given)]
    return sorted({each["name"] for each in found if isinstance(each, dict) and isinstance(each.get("name"), str)})


def credential_values(
    given: Given, named: t.Mapping[str, Object], environment: t.Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """By LiteLLM's parameter the values of C(named), the credentials of a content, that are not in Secrets."""
    found = {}
    for entry in (each for name in (INSTANCES, "models") for each in _entries(name, given)):
        params = (named.get(str(entry.get("name"))) or {"params": {}})["params"]
        values = credentials.values(entry, environment)
        if params and values:
            found[entry["name"]] = {params[field]: value for field, value in values.items() if field in params}
    return found


def credential_secrets(named: t.Mapping[str, Object]) -> dict[str, Object]:
    """Of C(named) those in unmanaged Secrets: C({namespace, name, keys}), by LiteLLM's parameter a key of it."""
    return {name: found["secret"] for name, found in named.items() if found["secret"]}


def variable(name: str) -> str:
    """The variable that holds a list."""
    return instances.PATH if name == INSTANCES else _LISTS[name][0]


def _read(name: str, given: t.Any, findings: Findings) -> list[t.Any] | None:
    if name == INSTANCES:
        return instances.parse(given, findings)
    dummy, what, shape = _LISTS[name]
    return conversion.read_list(None if conversion.is_blank(given) else given, shape, what, findings)


def _entries(name: str, given: Given) -> list[Object]:
    return [entry for entry in _read(name, given.get(name), Findings()) or [] if isinstance(entry, dict)]
