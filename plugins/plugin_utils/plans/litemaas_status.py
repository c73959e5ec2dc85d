# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(litemaas_status): how a gateway stands, and what teams, users and keys have spent of what they may."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.module_utils.litellm import proof_keys
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasNeeds
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, litemaas_looks as looks
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas import LitemaasVerb, gateway_arguments
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import litemaas_status as reports


def _status(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    if plan.url is None:
        return None
    credentials = {name: list(each["params"].values()) for name, each in plan.notes["credentials"].items()}
    return {
        **gateway_arguments(plan, held),
        "gather": ["models", "teams", "users", "virtual_keys", "salt"],
        "compare": {**plan.content, "credentials": credentials, "set": plan.settings["set"]},
    }


def places(plan: base.Plan) -> dict[str, str]:
    """Where everything is, for people; of a gateway that we deploy, also who logs in, and where the password lies."""
    if plan.url is None:
        return {}
    found = {"Callers' URL": f"{plan.url}/v1", "Admin page": f"{plan.url}/ui/"}
    if plan.values["url"] is None:
        secret = plan.values["secrets"]["litellm"]["name"]
        user = plan.cluster.get("user") or "admin"
        found["Log-in"] = f"{user}, password in Secret {plan.values['namespace']}/{secret}, key {names.UI_PASSWORD}"
    if looks.app_url(plan):
        found["LiteMaaS"] = looks.app_url(plan)
    return found


def _differences(returned: base.Object) -> dict[tuple[str, str], list[str]]:
    """By the kinds of a status, which has routes among the models."""
    kinds = {"route": "models"}
    return {
        (kinds.get(each["kind"], f"{each['kind']}s"), each["name"]): each["fields"]
        for each in returned.get("differences", [])
    }


def _outcome(plan: base.Plan) -> base.RunOutcome:
    returned = plan.returned("status")
    asked = bool(returned) and not returned.get("failed")
    programs = looks.programs(plan)
    content = {kind: plan.content.get(kind, []) for kind in ("models", "routes", "teams", "users", "keys")}
    gateway = reports.Gateway(
        content=content,
        found=returned if asked else None,
        programs=None if programs is None else {each["name"]: each for each in programs},
        served=looks.served(plan),
        set=plan.values["set"],
        now=plan.time,
        differences=_differences(returned),
        proof_prefix=proof_keys.PREFIX,
    )
    status, where = reports.of(gateway), places(plan)
    form, file = plan.values["output"], plan.values["output_file"]
    printed = "table" if file else form
    lines = reports.as_text(status, printed, where).splitlines()
    if printed == "table" and not asked:  # As data, the text is nothing but the data.
        lines.append(f"not read: {returned.get('msg') or looks.NO_URL.format(namespace=plan.values['namespace'])}")
    return base.RunOutcome(
        published={**reports.places_as_data(where), **status},
        lines=lines,
        files={file: reports.as_text(status, form, where, plan.time)} if file else {},
    )


VERB = LitemaasVerb(
    name="litemaas_status",
    published="status",
    needs=lambda request: LitemaasNeeds(credentials=False, writes=("output_file",)),
    cluster=looks.cluster,
    steps={
        "ready": base.Step("litemaas_wait_ready", looks.seen),
        "status": base.Step("litellm_info", _status, returns=("models", "teams", "users", "virtual_keys")),
    },
    outcome=_outcome,
)
