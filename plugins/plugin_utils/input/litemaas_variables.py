# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of LiteMaaS: what there is, what they default to, and what is wrong with the values given.

The list of providers and keys, and how a run goes, is in those of the collection that C(variables.RUN_WIDE) names.
"""

from __future__ import annotations

import difflib
import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, Problem
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import (
    conversion,
    installation,
    litemaas_data,
    litemaas_values,
    variables,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.table import Table, Variable

PREFIX = "litemaas_"

_SHAPES: dict[str, conversion.Shape] = {**installation.SHAPES, **litemaas_data.SHAPES}

# How the cluster is read before a plan.
_ASKED_WITH = ("namespace",)

VARIABLES = (
    Variable("models", "list", [], "Models that are none of a provider: a list, or text that holds one as YAML."),
    Variable("routes", "list", [], "Names that stand for several models, in the order in which they are asked."),
    Variable("teams", "list", [], "Teams with their budgets and limits."),
    Variable("users", "list", [], "Users with their budgets and limits."),
    Variable("keys", "list", [], "Virtual keys, each with the Secret that holds its value."),
    Variable("namespace", "str", "litemaas", "Namespace of LiteMaaS.", True),
    Variable("url", "str", None, "URL of a LiteLLM; default: that of the one in the namespace."),
    Variable(
        "token", "str", None, "Master key of that LiteLLM; default: what the Secret of the one in the namespace holds."
    ),
    Variable("token_secret", "dict", {}, "Secret that holds the master key: name, namespace, key."),
    Variable("ca_file", "path", None, "PEM file with the authorities to trust for the URL of LiteLLM."),
    Variable("validate_certs", "bool", True, "Whether the certificate of LiteLLM is verified."),
    Variable(
        "adopt",
        "bool",
        False,
        "Whether a model, team, user or key of the same name that others made is managed from now on.",
    ),
    *installation.VARIABLES,
    *litemaas_data.VARIABLES,
)

# What playbooks publish for workflows.
PUBLISHED: tuple[str, ...] = (
    *("backed_up", "content", "deployment", "diagnosis", "export", "preflight", "removal", "render", "restored"),
    *("rotation", "status", "validation"),
)

# What holds credentials: no plan keeps it. Entries of a list may hold vaulted ones.
SECRET = ("token", "models")

TABLE = Table(PREFIX, VARIABLES, ("models", "routes", "teams", "users", "keys"), PUBLISHED, SECRET, _SHAPES)

# What roles of the area return to a play.
_RETURNED = re.compile(r"litemaas_[a-z]+_(result|diagnosis)\Z")


def unknown_variables(found: t.Collection[str]) -> list[Problem]:
    """Problems for variables that look like those of LiteMaaS and are not, with the near matches."""
    known = TABLE.public()
    findings = Findings()
    of_runs = {PREFIX + published for published in PUBLISHED} | {name for name in found if _RETURNED.match(name)}
    for name in sorted(set(found) - of_runs):
        if name.startswith(PREFIX) or difflib.get_close_matches(name, known, n=1, cutoff=0.92):
            findings.refuse_unknown_keys([name], known, "variable")
    return findings.errors


def run_values(given: t.Mapping[str, t.Any]) -> tuple[dict[str, t.Any], Findings]:
    """The values of all variables but the lists, with their defaults, and what is wrong with them."""
    findings = Findings()
    values = TABLE.values(given, findings)
    _check(values, findings)
    return values, findings


def keeps_from_asking(problem: Problem) -> bool:
    """Whether the cluster is not even asked because of a problem."""
    return problem["path"] in [PREFIX + name for name in _ASKED_WITH] or variables.keeps_from_asking(problem)


def _check(values: dict[str, t.Any], findings: Findings) -> None:
    """Report what is wrong with values of the right type, and bring the nested ones into their full shape."""

    def at(name: str) -> Findings:
        return findings.at(PREFIX + name)

    if not ownership.is_dns_1123(values["namespace"]):
        at("namespace").error("must be the name of a namespace: up to 63 lower case letters, digits and hyphens")
    if values["url"] is not None:
        found = variables.url_problem(values["url"])
        if found:
            at("url").error(found)
    if values["token_secret"]:
        given = values["token_secret"], values["namespace"], "LITELLM_MASTER_KEY"
        values["token_secret"] = litemaas_values.field_of_secret(*given, at("token_secret")) or {}
    installation.check(values, at)
    litemaas_data.check(values, at)
