# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(litemaas_export): what a LiteLLM holds, whoever made it, as a file of variables."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, Problem
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import litemaas_variables, registry
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasInput, LitemaasNeeds
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import litemaas
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Held,
    Object,
    Plan,
    PlanError,
    RunInput,
    RunOutcome,
    Step,
)

# What an export has to know of a provider.
_PARTS = ("litellm", "settings", "credentials", "model_ids")


def _cluster(request: RunInput, values: Object) -> Arguments | None:
    """Where the LiteLLM is, unless its URL is given: it may be in no cluster at all."""
    return None if values["url"] else {"namespace": values["namespace"], "set": values["set"]}


def _problems(checked: LitemaasInput, seen: Object, request: RunInput) -> list[Problem]:
    findings = Findings()
    if not checked.values["url"] and not seen.get("url"):
        findings.at(f"{litemaas_variables.PREFIX}url").error(
            f"is missing: namespace {checked.values['namespace']} has no Route and no Ingress of LiteLLM. Give the URL of the"
            " LiteLLM to read, and its master key as litemaas_token"
        )
    return findings.errors


def _export(plan: Plan, held: Held) -> Arguments:
    providers = registry.load(plan.values["providers"])[0]
    return {
        **litemaas.gateway_arguments(plan, held),
        "providers": {name: {part: entry[part] for part in _PARTS} for name, entry in providers.items()},
        "secret_namespace": plan.values["namespace"],
    }


def _outcome(plan: Plan) -> RunOutcome:
    found, file = plan.returned("export"), plan.values["export_file"]
    if not found:
        raise PlanError("Nothing was exported.")
    lines = [*found["summary"], ""]
    files, written = {}, []
    if file:
        files = {file: found["text"]}
        written = [f"Written: {file}", _next(found)]
        if plan.check_mode:
            lines.append(f"In check mode, {file} is not written.")
    else:
        lines += found["text"].splitlines()
    counts = {name: len(entries) for name, entries in found["lists"].items()}
    return RunOutcome(
        published={"file": file, "counts": counts, "notes": found["notes"], "variables": found["variables"]},
        lines=lines,
        returned={"lists": found["lists"], "notes": found["notes"], "variables": found["variables"]},
        files=files,
        written=written,
    )


def _next(found: Object) -> str:
    needed = ", ".join(found["variables"])
    first = f"set {needed}, read" if needed else "read"
    return f"Next: {first} the comments in the file, and run litemaas_content, or deploy to have its instances in MaaS."


VERB = litemaas.LitemaasVerb(
    name="litemaas_export",
    published="export",
    needs=lambda request: LitemaasNeeds(content=False, credentials=False, writes_of_area=("export_file",)),
    cluster=_cluster,
    problems=_problems,
    steps={"export": Step("litellm_export", _export, returns=("notes",))},
    outcome=_outcome,
)
