# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(rotate): new keys are written and proven; one that its provider refuses is rolled back."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, Problem
from ansible_collections.llamastack.maas.plugins.module_utils.base.summary import summarise
from ansible_collections.llamastack.maas.plugins.module_utils.base.summary_report import as_text
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import backup_secret_name
from ansible_collections.llamastack.maas.plugins.module_utils.maas import rotation
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check, registry, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.instances import named_secrets
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests import instances as manifests
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, deploy
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.maas import MaasVerb

# A credential may be refused for a moment, but before anything is written no cache has to learn of a change.
_ACCESS_TIMEOUT = 20


def _problems(checked: check.CheckedInput) -> list[Problem]:
    findings = Findings()
    if checked.settings["scope"] == base.PLATFORM:
        findings.at(variables.PREFIX + "scope").error("must be all or project, for platform has no keys to rotate")
    return findings.errors


def _due(plan: base.Plan) -> list[base.Object]:
    due = plan.returned("keys").get("due", [])
    return [instance for instance in plan.instances if instance["name"] in due]


def _when_due(
    arguments: t.Callable[[base.Plan, base.Held], base.Arguments | None],
) -> t.Callable[[base.Plan, base.Held], base.Arguments | None]:
    return lambda plan, held: arguments(plan, held) if _due(plan) else None


def _masking(plan: base.Plan, held: base.Held) -> dict[str, list[str]]:
    """Pods may still have the key before, and their providers repeat it."""
    return base.masking(plan, held, kept=[each["target"]["metadata"]["name"] for each in plan.done["keys"]["keep"]])


def _services(plan: base.Plan, revisions: str, names: t.Collection[str] | None = None) -> base.Arguments:
    """Due instances, or those of them that are named, with the revisions of their keys."""
    build = manifests.Build(
        plan.settings,
        registry.load(plan.settings["providers"])[0],
        known.get(plan.settings["generation"]),
        plan.done["keys"]["revisions"][revisions],
    )
    instances = [each for each in _due(plan) if names is None or each["name"] in names]
    return {"objects": deploy.services_of(instances, build)}


def _keys(plan: base.Plan, held: base.Held) -> base.Arguments:
    return {
        "namespace": plan.settings["namespace"],
        "instances": plan.instances,
        "secret_data": deploy.secret_data(plan, held),
        "names": plan.values["rotate"],
    }


def _access(plan: base.Plan, held: base.Held) -> base.Arguments:
    """The old key comes back with the pods as they were: whatever else differed would come, and stay, with the new one."""
    other = [f"{each['kind']} {each['name']}" for each in plan.done["compare"]["objects"] if each["changed"]]
    if other:
        raise base.PlanError(
            f"Nothing was written: the list and the cluster differ in more than keys: {', '.join(other)}."
            " Run llamastack.maas.deploy, which brings that and the new keys, or give the list as it was deployed."
        )
    urls = plan.done["keys"]["urls"]
    without = [each["name"] for each in _due(plan) if each["name"] not in urls]
    if without:
        raise base.PlanError(
            f"Nothing was written: the cluster shows no URL of {', '.join(without)} (status.url of its"
            " LLMInferenceService), so a new key could not be proven. Run llamastack.maas.diagnose, which shows what is"
            " missing; or name the instances to rotate without it: llamastack_maas_rotate."
        )
    more = {"proof": "access", "wait_timeout": _ACCESS_TIMEOUT, "masking": _masking(plan, held)}
    return base.discovery(plan, held, _due(plan), urls, **more)


def _key_check(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    if not plan.values["rotate_check"]:
        return None
    return {
        "namespace": plan.settings["namespace"],
        "instances": _due(plan),
        "secret_data": deploy.secret_data(plan, held),
        "egress": plan.settings["egress"],
    }


def _backup(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    """Until the rotation ends the old keys lie in the cluster, not in this process: it may be killed. What an earlier
    rotation has kept is the last key that was proven."""
    copies = plan.done["keys"]["keep"]
    return {"copies": copies, "overwrite": False} if copies else None


def _secrets(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    objects = manifests.secret_objects(_due(plan))
    data = deploy.secret_data(plan, held, plan.done["keys"]["due"])
    return {"objects": objects, "secret_data": data} if objects else None


def _ready(plan: base.Plan, held: base.Held) -> base.Arguments:
    return {
        "namespace": plan.settings["namespace"],
        "instances": [each["name"] for each in _due(plan)],
        "registration": deploy.registration_of(_due(plan), plan),
        "scope": plan.settings["scope"],
        "wait_timeout": plan.values["wait_timeout"],
        "masking": _masking(plan, held),
        # Those that are ready are proven all the same.
        "fail_unready": False,
    }


def _proof(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    """With the scope project, what still lacks its policy and subscription is shown to nobody."""
    seen = plan.returned("ready").get("instances", {})
    urls = {name: each["url"] for name, each in seen.items() if each["ready"] and not each["note"]}
    instances = [each for each in _due(plan) if each["name"] in urls]
    if not instances or plan.check_mode:
        return None
    return base.discovery(plan, held, instances, urls, masking=_masking(plan, held))


def _verdict(plan: base.Plan) -> base.Object:
    return rotation.outcome(
        plan.done["keys"],
        asked=plan.returned("key_check"),
        waited=plan.returned("ready"),
        discovered=plan.returned("proof"),
        written="secrets" in plan.done or "instances" in plan.done,
    )


def _rollback(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    copies = [plan.done["keys"]["roll_back"][name] for name in _verdict(plan)["roll_back"]]
    return {"copies": copies} if copies else None


def _rollback_instances(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    names = _verdict(plan)["roll_back"]
    return _services(plan, "before", names) if names else None


def _rollback_ready(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    names = _verdict(plan)["roll_back"]
    if not names:
        return None
    return {
        "namespace": plan.settings["namespace"],
        "instances": names,
        "wait_timeout": plan.values["wait_timeout"],
        "masking": _masking(plan, held),
    }


def _delete_backup(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    """That of a key which could not be proven, or which no list could show, stays: it may still have to come back."""
    done = set(map(backup_secret_name, _verdict(plan)["done"]))
    objects = [each["target"] for each in plan.done["keys"]["keep"] if each["target"]["metadata"]["name"] in done]
    return {"objects": objects} if objects else None


def _outcome(plan: base.Plan) -> base.RunOutcome:
    verdict = _verdict(plan)
    failure = next((str(each.get("msg")) for each in plan.done.values() if each.get("failed")), "")
    changed = [obj for step in ("secrets", "instances") for obj in plan.returned(step).get("objects", [])]
    summary = summarise(
        _due(plan),
        ready=plan.returned("ready").get("instances", {}),
        discovered=plan.returned("proof").get("instances", {}),
        objects=changed,
    )
    states = {name: each["state"] for name, each in verdict["instances"].items()}
    is_open = any(state not in (rotation.PROVEN, rotation.LISTED) for state in states.values())
    failed = failure or (is_open and not plan.check_mode)
    lines = []
    if not failed:
        # The run ended well, as it was not to spend a token; but that is not the end of the rotation.
        if any(state == rotation.LISTED and name not in verdict["done"] for name, state in states.items()):
            lines += verdict["lines"]
        lines += as_text(summary).splitlines() if summary else [_NOTHING]
    return base.RunOutcome(
        published={"namespace": plan.settings["namespace"], "instances": summary},
        lines=lines,
        problem="\n".join(filter(None, [failure, *verdict["lines"]])) if failed else "",
        returned={"objects": changed, "instances": summary},
    )


_NOTHING = "Every key given is the one in use: there is nothing to rotate."

VERB = MaasVerb(
    name="rotate",
    published="rotation",
    needs=lambda request, values: check.Needs(credentials_of=values["rotate"]),
    secrets=lambda request: named_secrets(request.given),
    problems=_problems,
    steps={
        "keys": base.Step("maas_key_rotation_info", _keys),
        "compare": base.Step("kube_apply", _when_due(lambda plan, held: _services(plan, "rolled")), check_mode=True),
        # Nothing is written by it, and what it finds out is what a run in check mode is for.
        "access": base.Step("model_discovery", _when_due(_access), check_mode=False),
        "key_check": base.Step("provider_key_check", _when_due(_key_check)),
        "backup": base.Step("kube_secret_copy", _when_due(_backup)),
        "secrets": base.Step("kube_apply", _when_due(_secrets)),
        "instances": base.Step("kube_apply", _when_due(lambda plan, held: _services(plan, "new"))),
        "ready": base.Step("maas_wait_ready", _when_due(_ready)),
        "proof": base.Step("model_discovery", _proof),
        "rollback": base.Step("kube_secret_copy", _rollback),
        "rollback_instances": base.Step("kube_apply", _rollback_instances),
        "rollback_ready": base.Step("maas_wait_ready", _rollback_ready),
        "delete_backup": base.Step("kube_delete", _delete_backup),
    },
    outcome=_outcome,
)
