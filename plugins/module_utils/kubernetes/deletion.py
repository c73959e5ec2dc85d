# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a removal may delete, in which order, and what holds it up."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import drift, ownership
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError, remedy
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import Owner, owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref

ANY = "*"
"""Stands for the name where objects of a kind cannot even be listed."""

# A model is taken out of MaaS before it goes, and what its pods use is asked to go after them.
_ORDER = ("MaaSSubscription", "MaaSAuthPolicy", "MaaSModelRef", "LLMInferenceService")

_WHO_ANSWERS = (
    ("maas.opendatahub.io/", "the MaaS controller"),
    ("serving.kserve.io/", "the KServe controller (llmisvc)"),
    ("foregroundDeletion", "the garbage collector, which waits for what the object owns (a pod may take a minute)"),
    ("kubernetes", "the namespace controller"),
)

# Kubernetes answers these itself, sooner or later.
_OF_KUBERNETES = ("foregroundDeletion", "orphan", "kubernetes")

# How the objects of an instance are called, by kind.
_NAMES: t.Mapping[str, t.Callable[[str, str], t.Sequence[str]]] = {
    "MaaSSubscription": lambda namespace, name: [ownership.shared_name(namespace, name)],
    "MaaSAuthPolicy": lambda namespace, name: [ownership.shared_name(namespace, name)],
    "MaaSModelRef": lambda _namespace, name: [name],
    "LLMInferenceService": lambda _namespace, name: [name],
    "ConfigMap": lambda _namespace, name: [ownership.config_name(name)],
    "Secret": lambda _namespace, name: [ownership.secret_name(name), ownership.backup_secret_name(name)],
}


class Left(t.NamedTuple):
    """Why something stays, to follow its name; what to do; whether waiting can help."""

    why: str
    remedy: str = ""
    pending: bool = True


def named(all_of: t.Mapping[str, t.Any]) -> dict[Ref, Owner]:
    """All that the named instances of an instance set may consist of, by its names, with whose it would be.

    ``all_of`` has C(namespace), C(set), C(kinds) and C(instances).
    """
    return {
        Ref(each["api_version"], each["kind"], each["namespace"], name): Owner(
            all_of["namespace"], instance, all_of["set"]
        )
        for each in all_of["kinds"]
        for instance in all_of["instances"]
        for name in _NAMES.get(each["kind"], lambda _namespace, _name: [])(all_of["namespace"], instance)
    }


def looked_for(all_of: t.Mapping[str, t.Any]) -> list[str]:
    """The kinds of which a removal looks for anything: where it goes by names, those whose names are an instance's."""
    kinds = dict.fromkeys(each["kind"] for each in all_of.get("kinds") or [])
    return [kind for kind in kinds if all_of.get("instances") is None or kind in _NAMES]


def waves(refs: t.Iterable[Ref]) -> list[list[Ref]]:
    """The objects in groups; those of one group may be deleted at once, when the groups before it have been."""
    groups: dict[int, list[Ref]] = {}
    for ref in refs:
        groups.setdefault(_ORDER.index(ref.kind) if ref.kind in _ORDER else len(_ORDER), []).append(ref)
    return [groups[wave] for wave in sorted(groups)]


def foreign(owner: Owner | None, current: t.Mapping[str, t.Any]) -> str | None:
    """Why ``current`` is not deleted; None where it is ``owner``'s."""
    found = owner_of(current)
    if found is None:
        return "is not managed by this collection"
    if owner and found[::2] == owner[::2] and found != owner:
        return f"belongs to instance {found.instance}" if found.instance else "belongs to no instance"
    if found != owner:
        return f"belongs to instance set {found.set} of namespace {found.namespace}"
    keepers = drift.keepers(current)
    if keepers:
        return f"is applied by {' and '.join(keepers)}, not by this collection: take it out there"
    return None


def volumes_of(foreign_ones: t.Mapping[Ref, str], refs: t.Iterable[Ref]) -> dict[Ref, str]:
    """Those of ``refs`` that hold the data of a StatefulSet that stays, with the reason: nothing in them says whose it is."""
    kept = [ref for ref in foreign_ones if ref.kind == "StatefulSet"]
    return {
        ref: f"holds the data of StatefulSet {owner.name}, which {foreign_ones[owner]}"
        for ref in refs
        for owner in kept
        if ref.kind == "PersistentVolumeClaim"
        and ref.namespace == owner.namespace
        and re.search(rf"-{re.escape(owner.name)}-[0-9]+\Z", ref.name)
    }


def refused(error: ApiError) -> Left:
    """What the API refuses to show or to delete. An object that was replaced meanwhile is looked at again."""
    may_pass = error.is_transient or (error.status == 409 and not error.is_denied)
    return Left(f"stays: {redact(error.outcome)}", remedy(error), pending=may_pass)


def held_up(current: t.Mapping[str, t.Any]) -> Left:
    """What an object waits for that is being deleted."""
    others = [finalizer for finalizer in _finalizers(current) if finalizer not in _OF_KUBERNETES]
    who = " and ".join(dict.fromkeys(map(_who, others)))
    advice = (
        f"Have {who} run, then run this again. Where that is gone for good, take the finalizer off by hand: what it"
        " guards is left behind."
        if others
        else "Run this again in a minute, or have it wait longer: llamastack_maas_wait_timeout."
    )
    return Left(f"waits for {held_up_by(current)}", advice)


def held_up_by(current: t.Mapping[str, t.Any]) -> str:
    """Who has to act before an object that is being deleted is gone."""
    status = current.get("status") or {}
    remaining = [
        condition.get("message") or condition["type"]
        for condition in status.get("conditions") or []
        if condition.get("status") == "True" and condition["type"].startswith("Namespace")
    ]
    if remaining:
        return "; ".join(remaining)
    finalizers = _finalizers(current)
    if not finalizers:
        return "nothing that shows: look at it again"
    return "; ".join(f"finalizer {finalizer}, which {_who(finalizer)} has to answer" for finalizer in finalizers)


def _finalizers(current: t.Mapping[str, t.Any]) -> list[str]:
    return [*(current["metadata"].get("finalizers") or []), *((current.get("spec") or {}).get("finalizers") or [])]


def _who(finalizer: str) -> str:
    return next((who for prefix, who in _WHO_ANSWERS if finalizer.startswith(prefix)), "whoever set it")
