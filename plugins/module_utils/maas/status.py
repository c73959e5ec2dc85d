# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How things stand with each instance, as plain data from what was read. It holds no secrets.

What could not be read is None, and its reason is in the text beside it: unknown is never absent.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.kserve import revisions
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.cluster_view import ClusterView
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import Evidence
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.readiness import judge
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import drift, ownership, presence
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import (
    READY,
    Readiness,
    conditions_of,
    seconds,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Generation, Listed

# What the list alone does not show: it takes the values of the Secret.
_NOT_COMPARED = (revisions.CREDENTIALS_REVISION,)

# What an instance cannot do without, besides its service.
_NEEDED = ("Secret", "ConfigMap")

ABSENT = "absent"

Object = t.Mapping[str, t.Any]
Instance = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Sources:
    """All that a status is made of.

    ``instances`` are the complete entries of the list, ``objects`` what deploying them would apply, ``registering`` the
    kinds of those that register a model; ``listed`` is what MaaS lists to the caller, None where it was not asked, and
    ``list_note`` says why it was not. ``by_name`` is what was looked for by its name, see :func:`unseen`.
    """

    namespace: str
    set: str
    generation: Generation
    instances: t.Sequence[Instance]
    view: ClusterView
    objects: t.Sequence[Object] = ()
    registering: t.Sequence[str] = ()
    listed: t.Sequence[Listed] | None = None
    list_note: str = ""
    by_name: t.Mapping[Ref, t.Any] = field(default_factory=dict)
    by_instance: dict[str, list[Object]] = field(init=False)

    def __post_init__(self) -> None:
        wanted: dict[str, list[Object]] = {}
        for obj in self.objects:
            owner = owner_of(obj)
            if owner and owner.instance:
                wanted.setdefault(owner.instance, []).append(obj)
        object.__setattr__(self, "by_instance", wanted)


def of_all(sources: Sources) -> dict[str, dict[str, t.Any]]:
    """By name every instance of the list in its order, then those that only the cluster has."""
    extra = _extra(sources)
    listed = {instance["name"]: instance for instance in sources.instances}
    return {
        name: _of_one(sources, name, listed.get(name), extra.get(name, []))
        for name in [*listed, *(name for name in sorted(extra) if name not in listed)]
    }


def unseen(
    view: ClusterView, namespace: str, instances: t.Iterable[Instance], objects: t.Iterable[Object]
) -> list[Ref]:
    """What is to be looked for by its name, for others may have made it: what lists by our labels do not show, and what
    an instance needs of a kind that may not be listed, for its objects may still be shown one by one."""
    wanted = [ref for ref in map(Ref.of, objects) if view.covers(ref) or ref.kind in _NEEDED]
    secrets = [(each.get("credentials") or {}).get("secret") for each in instances]
    wanted += [Ref("v1", "Secret", namespace, each["name"]) for each in secrets if each]
    return [ref for ref in dict.fromkeys(wanted) if view.get(ref) is None]


def unread(view: ClusterView) -> list[str]:
    """What the caller may not read, in words."""
    return [f"{kind} in {namespace}: {error}" for (_version, kind, namespace), error in view.refused.items()]


def _of_one(sources: Sources, name: str, instance: Instance | None, extra: list[str]) -> dict[str, t.Any]:
    view = sources.view
    wanted = map(Ref.of, sources.by_instance.get(name, []))
    registered = [ref for ref in wanted if ref.kind in sources.registering]
    evidence = view.evidence(sources.namespace, name, registered)
    readiness = judge(evidence, [ref for ref in registered if view.covers(ref)])
    ids, ids_note = _ids(sources, name, instance)
    state, reason = _state(sources, name, readiness, evidence)
    return {
        "in_list": instance is not None,
        "state": state,
        "reason": reason,
        "since": _since(evidence, readiness),
        "replicas": _replicas(evidence.deployment),
        "restarts": _restarts(evidence.pods),
        "url": ((evidence.service or {}).get("status") or {}).get("url"),
        "ids": ids,
        "ids_note": ids_note,
        "registered": _registered(sources, evidence),
        "credential": _credential(sources, name, instance),
        "image": evidence.container.get("image"),
        "config_revision": evidence.variable(revisions.CONFIG_REVISION),
        "drift": {**_drift(sources, name), "extra": extra},
    }


def _state(sources: Sources, name: str, readiness: Readiness, evidence: Evidence) -> tuple[str, str]:
    """State and reason. A service of that name that is not of this list is none."""
    for desired in sources.by_instance.get(name, []):
        whose = _whose(sources, desired)
        if desired["kind"] == ownership.INFERENCE_SERVICE and whose.state == presence.UNMANAGED:
            return ABSENT, f"{Ref.of(desired)} {whose.why}. {whose.remedy}"
    if evidence.service is None:
        return ABSENT, str(readiness)
    return readiness.state, "" if readiness.state == READY else str(readiness)


def _whose(sources: Sources, desired: Object) -> presence.Presence:
    ref = Ref.of(desired)
    return presence.of(dict(desired), sources.view.get(ref) or sources.by_name.get(ref))


def _since(evidence: Evidence, readiness: Readiness) -> str | None:
    """When the last part of a ready instance became ready; of another, when the part that decides changed last."""
    whole = [obj for obj in (evidence.service, *evidence.registration) if obj]
    conditions = [conditions_of(obj).get("Ready") or {} for obj in whole]
    if evidence.deployment:
        conditions.append(conditions_of(evidence.deployment).get("Available") or {})
    if readiness.state != READY:
        conditions = [entry for entry in conditions if entry.get("status") != "True"] or conditions
    times = [entry["lastTransitionTime"] for entry in conditions if entry.get("lastTransitionTime")]
    return max(times, key=seconds, default=None)


def _replicas(deployment: Object | None) -> dict[str, int] | None:
    if deployment is None:
        return None
    ready = (deployment.get("status") or {}).get("readyReplicas") or 0
    return {"ready": ready, "wanted": deployment["spec"].get("replicas", 1)}


def _restarts(pods: t.Iterable[Object]) -> int:
    return sum(
        container.get("restartCount", 0)
        for pod in pods
        for container in (pod.get("status") or {}).get("containerStatuses") or []
    )


def _ids(sources: Sources, name: str, instance: Instance | None) -> tuple[list[str] | None, str]:
    if sources.listed is None:
        return None, sources.list_note
    known = instance or {"name": name, "namespace": sources.namespace}
    visibility = sources.generation.visibility(sources.listed, known)
    if visibility.not_ready:
        return visibility.ids, f"listed as not ready: {', '.join(visibility.not_ready)}"
    return visibility.ids, visibility.note


def _registered(sources: Sources, evidence: Evidence) -> list[dict[str, t.Any]]:
    objects = [obj for kind in sources.registering for obj in sources.view.of_kind(kind)]
    found = sources.generation.registered(sources.namespace, evidence.name, evidence.service, objects)
    return [{**each._asdict(), "limits": [dict(limit) for limit in each.limits]} for each in found]


def _credential(sources: Sources, name: str, instance: Instance | None) -> dict[str, t.Any]:
    """Where the key comes from and since when it stands in our Secret; of a Secret of others that is not known."""
    given = (instance or {}).get("credentials") or {}
    secret = given.get("secret") or {"name": ownership.secret_name(name), "managed": True}
    result = {"source": given.get("origin"), "secret": secret["name"], "written": None, "age": None, "note": ""}
    if instance and not given.get("secret"):
        return {**result, "secret": None, "note": "it has none"}
    ref = Ref("v1", "Secret", sources.namespace, secret["name"])
    if not secret["managed"]:
        absent = ref in sources.by_name and sources.by_name[ref] is None
        return {**result, "note": "others keep this Secret" + (", and it does not exist" if absent else "")}
    live = sources.view.get(ref) or sources.by_name.get(ref)
    if not isinstance(live, t.Mapping):
        # Secrets of others are not listed: their annotations may hold values.
        return {**result, "note": _no_secret(sources, ref, live)}
    known = {"name": name, "namespace": sources.namespace, "set": sources.set}
    whose = presence.of(presence.identity("Secret", secret["name"], known), live)
    if whose.state == presence.UNMANAGED:
        return {**result, "note": f"the Secret {whose.why}. {whose.remedy}"}
    written = drift.applied_at(live)
    age = sources.view.now - (seconds(written) or sources.view.now) if written else None
    return {**result, "written": written, "age": age, "note": "" if written else "the API server does not report it"}


def _no_secret(sources: Sources, ref: Ref, answer: ApiError | None) -> str:
    """Why nothing is known of a Secret of ours: ``answer`` is the refusal to show it, where there is one."""
    if answer is not None:
        is_refused = answer.is_lacking_permission
        return "the Secret may not be read" if is_refused else f"the Secret cannot be read: {answer.outcome}"
    if sources.view.covers(ref) or ref in sources.by_name:
        return "there is no managed one; one that others make is known by credentials_secret"
    return "the Secrets may not be listed"


def _drift(sources: Sources, name: str) -> dict[str, list[str]]:
    """What deploying the list would make, and change or refuse to change, for the instance, as far as it was read."""
    missing, changed = [], []
    for desired in sources.by_instance.get(name, []):
        ref = Ref.of(desired)
        live = sources.view.get(ref)
        whose = _whose(sources, desired)
        if whose.state == presence.UNMANAGED:
            changed.append(f"{ref}: {whose.why}")
        elif live is not None:
            changed += [f"{ref}: {path}" for path in drift.differences(desired, live, _NOT_COMPARED)]
        elif ref in sources.by_name and sources.by_name[ref] is None:
            missing.append(str(ref))
    return {"missing": missing, "changed": changed}


def _extra(sources: Sources) -> dict[str, list[str]]:
    """By instance what the cluster has of this instance set and namespace, and the list does not ask for."""
    wanted = {Ref.of(obj) for obj in sources.objects}
    found: dict[str, list[str]] = {}
    for ref, obj in sources.view.objects():
        owner = owner_of(obj)
        if owner and (owner.namespace, owner.set) == (sources.namespace, sources.set) and owner.instance:
            if ref not in wanted:
                found.setdefault(owner.instance, []).append(str(ref))
    return found
