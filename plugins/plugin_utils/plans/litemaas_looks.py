# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What C(litemaas_validate), C(litemaas_status) and C(litemaas_diagnose) have in common: what they look at, and where."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import redaction
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import SCALED
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import litemaas
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base

ANOTHER = "litemaas_url names a gateway, so the programs of the namespace were not looked at"

NO_URL = (
    "litemaas_url: is missing, and namespace {namespace} has no gateway that callers find by a Route or an Ingress. Run"
    " llamastack.maas.litemaas_diagnose, or give the URL of a LiteLLM."
)


def cluster(request: base.RunInput, values: base.Object) -> base.Arguments | None:
    """How M(llamastack.maas.litemaas_info) is asked; not where another gateway is named."""
    return {"namespace": values["namespace"], "set": values["set"]} if values["url"] is None else None


def seen(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    """How M(llamastack.maas.litemaas_wait_ready) is asked for one look. What is not ready is a finding among others."""
    if plan.values["url"] is not None:
        return None
    return {
        "namespace": plan.values["namespace"],
        "set": plan.values["set"],
        "objects": _programs(plan.values),
        "wait_timeout": 0,
        "fail_unready": False,
        # A program that does not start is quoted with the end of its log.
        "masking": {**masking(plan, held)["masking"], "secrets": _secrets(plan.values)},
    }


def _secrets(values: base.Object) -> list[str]:
    return sorted(each["name"] for each in values["secrets"].values())


def _programs(values: base.Object) -> list[base.Object]:
    """What runs of an installation, in the order in which the programs need each other."""
    wanted = [] if values["database"]["external"] else [("StatefulSet", names.POSTGRES)]
    wanted.append(("Deployment", names.LITELLM))
    if values["app"]:
        wanted += [("Deployment", names.BACKEND), ("Deployment", names.FRONTEND)]
    return [
        {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": values["namespace"]}}
        for kind, name in wanted
    ]


def programs(plan: base.Plan) -> list[base.Object] | None:
    """What was seen of each program; None where the cluster is not looked at."""
    return plan.returned("ready").get("objects")


def app_url(plan: base.Plan) -> str:
    """Where the pages of LiteMaaS are; empty where there are none, or that is not known."""
    return (plan.cluster.get("app_url") or "") if plan.values["app"] else ""


def app_arguments(plan: base.Plan) -> base.Arguments:
    """How a module asks the backend of LiteMaaS."""
    if not app_url(plan):
        return {}
    secret = {
        "name": plan.values["secrets"]["backend"]["name"],
        "namespace": plan.values["namespace"],
        "key": names.ADMIN_API_KEY,
    }
    return {"app": app_url(plan), "app_secret": secret}


def content(plan: base.Plan, kind: str, fields: t.Sequence[str]) -> list[base.Object]:
    """What is asked for of one kind, with no more than these fields."""
    return [{field: entry.get(field) for field in fields} for entry in plan.content.get(kind, [])]


def content_arguments(plan: base.Plan) -> base.Arguments:
    """The models and routes, for the modules that call them."""
    return {
        "models": content(plan, "models", ("name", "mode", "model")),
        "routes": content(plan, "routes", ("name", "order", "on_context")),
    }


def masking(plan: base.Plan, held: base.Held) -> base.Arguments:
    """What a module that quotes others has to mask: the providers' keys, as far as they are at hand, and the proxy's
    password."""
    given = {litemaas.INSTANCES: held.entries, "models": held.values.get("models")}
    found = litemaas.credential_values(given, plan.notes["credentials"], held.environment)
    given_values = [value for each in found.values() for value in each.values()]
    given_values += base.passwords(plan.values["egress"])
    values = [part for value in given_values for part in redaction.parts(value)]
    return {"masking": {"values": list(dict.fromkeys(values)), "patterns": [], "secrets": [], **plan.masking}}


def served(plan: base.Plan) -> dict[str, base.Object]:
    """By its public name what KServe shows of each model that it serves."""
    by_url = {each["url"]: each for each in (plan.cluster.get("served") or {}).values() if each.get("url")}
    found = {
        model["name"]: by_url.get((model.get("params") or {}).get("api_base"))
        for model in plan.content.get("models", [])
    }
    return {name: each for name, each in found.items() if each}


def scaled(plan: base.Plan) -> dict[str, str]:
    """By its public name every model that runs no pod."""
    return {name: SCALED for name, each in served(plan).items() if each["state"] == SCALED}
