# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(litemaas_content): from the lists to models, routes, teams, users and keys of a LiteLLM, whoever has deployed it."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.plugin_utils.input import litemaas
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasNeeds
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Held,
    Object,
    Plan,
    PlanError,
    RunOutcome,
    Step,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas import LitemaasVerb, gateway_arguments

if t.TYPE_CHECKING:
    from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasInput

CONTENT = "content"

_UNCHANGED = "unchanged"
_WOULD = {"created": "create", "updated": "update", "adopted": "adopt", "replaced": "replace", "deleted": "delete"}


def refuse_to_empty(plan: Plan) -> None:
    """Raises PlanError where everything of the set would go because a list was forgotten."""
    if plan.values["prune"] and not any(plan.content.values()) and not plan.values["prune_all"]:
        raise PlanError(
            "Nothing was written: all lists are empty, so llamastack_maas_prune would delete everything of set"
            f" {plan.settings['set']} from the gateway. Give the lists; or, if all of it is to go, also set"
            " llamastack_maas_prune_all to true."
        )


def _complete(plan: Plan, checked: LitemaasInput) -> None:
    refuse_to_empty(plan)
    if not plan.url:
        raise PlanError(
            f"litemaas_url: is missing, and namespace {plan.settings['namespace']} has no gateway that callers find by a Route"
            " or an Ingress. Give the URL of a LiteLLM, or deploy one by the playbook litemaas_deploy."
        )


def content_arguments(plan: Plan, held: Held) -> Arguments:
    """How M(llamastack.maas.litellm_content) is asked for the content of a plan."""
    named = plan.notes["credentials"]
    given = {litemaas.INSTANCES: held.entries, "models": held.values.get("models")}
    secrets = litemaas.credential_secrets(named)
    return {
        **gateway_arguments(plan, held),
        **plan.content,
        "credentials": litemaas.credential_values(given, named, held.environment),
        **({"credential_secrets": secrets} if secrets else {}),
        "namespace": plan.settings["namespace"],
        "set": plan.settings["set"],
        "adopt": plan.values["adopt"],
        "prune": plan.values["prune"],
    }


CONTENT_STEP = Step("litellm_content", content_arguments)


def content_lines(plan: Plan) -> list[str]:
    """What became of each object, for people."""
    returned = plan.returned(CONTENT)
    if not returned:
        return []
    changed = [each for each in returned["objects"] if each["action"] != _UNCHANGED]
    same = len(returned["objects"]) - len(changed)
    lines = [_line(each, plan.check_mode) for each in changed]
    lines += [f"unchanged: {same} of {len(returned['objects'])}"]
    lines += [
        f"{'would delete' if plan.check_mode else 'deleted'}: the value in Secret {name}, of a key that has another or is gone"
        for name in returned.get("cleared_secrets", [])
    ]
    lines += [_where(key) for key in plan.content["keys"]]
    left = [f"{each['kind']} {each['name']}" for each in returned["leftovers"]]
    if left and not plan.values["prune"]:
        lines.append(
            f"Not in the lists, and left as they are: {', '.join(left)}. With llamastack_maas_prune they are deleted."
        )
    return lines + plan.notes["lines"]


def _line(found: Object, would: bool) -> str:
    action = found["action"]
    what = f"{found['kind']} {found['name']}"
    fields = f": {', '.join(found['fields'])}" if action == "updated" and found.get("fields") else ""
    return f"would {_WOULD.get(action, action)}: {what}{fields}" if would else f"{action}: {what}{fields}"


def _where(key: Object) -> str:
    secret = key["secret"]
    return f"key {key['alias']}: Secret {secret['name']} in namespace {secret['namespace']}, field {secret['key']}"


def content_published(plan: Plan) -> Object:
    """The same for the next node of a workflow."""
    returned = plan.returned(CONTENT)
    objects = returned.get("objects", [])
    return {
        "url": plan.url,
        "counts": returned.get("counts", {}),
        "changed": [{key: each[key] for key in ("kind", "name", "action")} for each in objects if each["changed"]],
        "keys": {key["alias"]: key["secret"] for key in plan.content["keys"]},
        "not_in_lists": [] if plan.values["prune"] else returned.get("leftovers", []),
    }


def _outcome(plan: Plan) -> RunOutcome:
    lines = [f"LiteLLM {plan.url}, set {plan.settings['set']}", *(f"  {line}" for line in content_lines(plan))]
    return RunOutcome(published=content_published(plan), lines=lines)


VERB = LitemaasVerb(
    name="litemaas_content",
    published="content",
    cluster=lambda request, values: None if values["url"] else {"namespace": values["namespace"], "set": values["set"]},
    needs=lambda request: LitemaasNeeds(list_needed=True),
    complete=_complete,
    steps={CONTENT: CONTENT_STEP},
    outcome=_outcome,
)
