# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(deploy): from the list to instances whose providers answer."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.summary import next_step, summarise
from ansible_collections.llamastack.maas.plugins.module_utils.base.summary_report import as_text
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode, revision
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import registration_of_all
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check, credentials
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests import instances as manifests
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.maas import MaasVerb

NAMESPACE, SECRETS, INSTANCES, REGISTRATION = "namespace", "secrets", "instances", "registration"
PHASES = (NAMESPACE, SECRETS, INSTANCES, REGISTRATION)

# What each task of the playbook applies, in their order.
_APPLIED = {"secrets": (NAMESPACE, SECRETS), "instances": (INSTANCES,), "registration": (REGISTRATION,)}

_WITHOUT = {base.PROJECT: (NAMESPACE,), base.PLATFORM: (SECRETS, INSTANCES)}
_PARTS = {base.ALL: ("project", "platform"), base.PROJECT: ("project",), base.PLATFORM: ("platform",)}


def _phases(request: base.RunInput, scope: str) -> list[str]:
    return in_scope(base.chosen(request.phases or PHASES, request.run_tags, request.skip_tags), scope)


def in_scope(phases: t.Iterable[str], scope: str) -> list[str]:
    """Those of the phases that the scope has a part in."""
    return [phase for phase in phases if phase not in _WITHOUT.get(scope, ())]


def _does(request: base.RunInput, phase: str) -> bool:
    return phase in _phases(request, str(request.settings.get("scope") or base.ALL))


def _needs(request: base.RunInput, values: base.Object) -> check.Needs:
    # Whoever runs the instances alone, or registers them, has no keys.
    return check.Needs(credentials=not request.phases or SECRETS in request.phases)


def _secrets(request: base.RunInput) -> set[str]:
    """Those of others always; ours where this run does not write them, but starts servers that read them."""
    looks_at_ours = _does(request, INSTANCES) and not _does(request, SECRETS)
    return {
        credentials.secret_of(entry)
        for entry in base.entries(request.given)
        if looks_at_ours or entry.get("credentials_secret") is not None
    } - {""}


def _revisions(request: base.RunInput, values: base.Object) -> dict[str, str]:
    if not _does(request, SECRETS):
        return {}
    return revisions_of(credentials.secret_data(base.entries(request.given), values["namespace"], request.environment))


def _complete(plan: base.Plan, checked: check.CheckedInput, secrets: base.Object) -> None:
    scope, names = plan.settings["scope"], plan.settings["namespace"]
    if plan.values["prune"] and not plan.instances and not plan.values["prune_all"] and plan.whole:
        raise base.PlanError(
            "Nothing was written: llamastack_maas_instances is empty, so llamastack_maas_prune would remove every instance"
            f" of set {plan.settings['set']} from namespace {names}. Give the list; or, if they are all to go, also set"
            " llamastack_maas_prune_all to true."
        )
    plan.phases = in_scope(plan.phases, scope)
    revisions = secrets["revisions"]
    plan.objects = {phase: objects_of(phase, plan, checked, revisions) for phase in plan.phases}


def objects_of(
    phase: str, plan: base.Plan, checked: check.CheckedInput, revisions: t.Mapping[str, str]
) -> list[base.Object]:
    """The objects of one phase, as far as the scope goes. Raises PlanError."""
    if phase == NAMESPACE:
        return [manifests.namespace_object(plan.settings)]
    if phase == SECRETS:
        return manifests.secret_objects(plan.instances)
    if phase == REGISTRATION:
        return registration_of(plan.instances, plan)
    return services_of(plan.instances, manifests.Build(plan.settings, checked.registry, checked.generation, revisions))


def registration_of(instances: t.Iterable[base.Object], plan: base.Plan) -> list[base.Object]:
    """What registers instances, as far as the scope goes."""
    parts = registration_of_all(known.get(plan.settings["generation"]), instances, plan.settings)
    return [item for part in _PARTS[plan.settings["scope"]] for item in parts[part]]


def services_of(instances: t.Iterable[base.Object], build: manifests.Build) -> list[base.Object]:
    """What runs instances. Raises PlanError."""
    try:
        return [item for instance in instances for item in manifests.instance_objects(instance, build)]
    except ImportError as error:
        raise base.PlanError(str(error)) from error


def secret_data(plan: base.Plan, held: base.Held, names: t.Collection[str] | None = None) -> dict[str, dict[str, str]]:
    """The values for the Secrets that are ours, of all instances or of those named."""
    wanted = [entry for entry in held.entries if names is None or entry.get("name") in names]
    return credentials.secret_data(wanted, plan.settings["namespace"], held.environment)


def revisions_of(data: t.Mapping[str, t.Mapping[str, str]]) -> dict[str, str]:
    """The revisions that Secrets with these values have."""
    return {key: revision(*key.split("/", 1), encode(values)) for key, values in data.items()}


def _apply(step: str) -> base.Step:
    def arguments(plan: base.Plan, held: base.Held) -> base.Arguments | None:
        objects = [obj for phase in _APPLIED[step] for obj in plan.objects.get(phase, [])]
        if not objects or base.is_applied(objects, _first(plan).get("to_apply")):
            return None
        found: base.Arguments = {"objects": objects, "force_conflicts": plan.values["force_conflicts"]}
        if SECRETS in plan.phases and step == "secrets":
            found["secret_data"] = secret_data(plan, held)
        if plan.whole and not any(plan.done.get(other) for other in _APPLIED):
            # The first one refuses for all of them, and sees for which there is anything to do, and what left the list.
            found["objects_to_come"] = [
                obj for phase in plan.phases if phase not in _APPLIED[step] for obj in plan.objects[phase]
            ]
            if REGISTRATION in plan.phases:
                found["leftovers_of"] = {
                    "namespace": plan.settings["namespace"],
                    "set": plan.settings["set"],
                    "kinds": _prunable(plan),
                    "instances": plan.names,
                }
        return found

    return base.Step("kube_apply", arguments, returns=("objects", "revisions") if step == "secrets" else ())


def _prunable(plan: base.Plan) -> list[base.Object]:
    """The ServiceAccount of the prober serves all instances of the namespace."""
    return [kind for kind in base.set_kinds(plan) if kind["kind"] != "ServiceAccount"]


def _ready(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    registration = plan.objects.get(REGISTRATION, [])
    if not plan.instances or (INSTANCES not in plan.phases and REGISTRATION not in plan.phases):
        return None
    return {
        "namespace": plan.settings["namespace"],
        "instances": plan.names,
        "registration": registration,
        "scope": plan.settings["scope"],
        "wait_timeout": plan.values["wait_timeout"],
        "masking": base.masking(plan, held),
    }


def _proof(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    """With the scope project, what still lacks its policy and subscription is shown to nobody; what is scaled to 0 does
    not answer."""
    seen = plan.returned("ready").get("instances", {})
    complete = [name for name, each in seen.items() if not each["note"] and each["state"] != "scaled to 0"]
    if not complete or plan.check_mode or plan.settings["scope"] == base.PLATFORM or REGISTRATION not in plan.phases:
        return None
    instances = [instance for instance in plan.instances if instance["name"] in complete]
    return base.discovery(plan, held, instances, {name: each["url"] for name, each in seen.items()})


def _applied(plan: base.Plan) -> list[base.Object]:
    return [obj for step in _APPLIED for obj in plan.returned(step).get("objects", [])]


def _first(plan: base.Plan) -> base.Object:
    """What the first apply returned, which has looked at what is to come, and at the whole instance set."""
    return next((plan.done[step] for step in _APPLIED if "to_apply" in plan.returned(step)), {})


def _left(plan: base.Plan) -> list[str]:
    """The instances that are in the cluster and not in the list."""
    return [name for name in _first(plan).get("leftovers", {}) if name not in plan.names]


def _prune(plan: base.Plan, held: base.Held) -> base.Arguments | None:
    """What left the list goes where that is asked for, and the keys before those that are proven in any case: what a
    rotation that was killed has kept is the key to go back to only until another one is proven."""
    found = _first(plan)
    objects = []
    if plan.values["prune"]:
        if found.get("unreadable"):
            raise base.PlanError(
                f"Nothing was pruned, because not everything of set {plan.settings['set']} can be seen:"
                f" {'; '.join(found['unreadable'])}"
            )
        objects += [obj for name in _left(plan) for obj in found["leftovers"][name]]
    for name, each in _summary(plan).items():
        if each["state"] == "proven":
            objects += found.get("leftovers", {}).get(name, [])
    if not objects:
        return None
    return {"objects": objects, "wait_timeout": plan.values["wait_timeout"], "fail_left": False}


def _summary(plan: base.Plan) -> dict[str, base.Object]:
    return summarise(
        plan.instances,
        ready=plan.returned("ready").get("instances", {}),
        discovered=plan.returned("proof").get("instances", {}),
        objects=_applied(plan),
        planned=plan.check_mode,
    )


def _outcome(plan: base.Plan) -> base.RunOutcome:
    summary, found, pruning = _summary(plan), _first(plan), plan.returned("prune")
    left = _left(plan)
    pruned = plan.values["prune"]
    notes = []
    if left and pruned:
        done = "Would be pruned" if plan.check_mode else "Pruned in part" if pruning.get("left") else "Pruned"
        notes.append(f"{done}, not being in the list: {', '.join(left)}")
    elif left:
        notes.append(
            f"Not in the list, and left as they are: {', '.join(left)}. With llamastack_maas_prune they are removed."
        )
    notes += [f"Cannot see what is not in the list: {each}" for each in found.get("unreadable", [])]
    notes.append(f"Next: {next_step(summary, plan.settings['scope'])}")
    stays = pruning.get("lines", []) if pruning.get("left") else []
    return base.RunOutcome(
        published={
            "namespace": plan.settings["namespace"],
            "instances": summary,
            "pruned": left if pruned else [],
            "not_in_list": [] if pruned else left,
        },
        lines=as_text(summary, notes).splitlines(),
        problem="\n".join(["Not everything could be deleted:", *stays]) if stays else "",
        # Of the playbook, this is what is published.
        returned={} if plan.whole else {"instances": summary},
    )


VERB = MaasVerb(
    name="deploy",
    published="summary",
    phases=PHASES,
    needs=_needs,
    reads_cluster=lambda request: tuple(request.phases) != (SECRETS,),
    secrets=_secrets,
    revisions=_revisions,
    complete=_complete,
    steps={
        **{step: _apply(step) for step in _APPLIED},
        "ready": base.Step("maas_wait_ready", _ready, returns=("instances",)),
        "proof": base.Step("model_discovery", _proof),
        "prune": base.Step("kube_delete", _prune),
    },
    outcome=_outcome,
)
