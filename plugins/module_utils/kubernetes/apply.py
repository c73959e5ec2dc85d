# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an apply of a batch of objects may do, in which order, and what it has changed."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import drift
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import (
    LABEL_INSTANCE,
    LABEL_MANAGED_BY,
    LABEL_NAMESPACE,
    LABEL_SET,
    Owner,
    owner_of,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode

Object = t.Dict[str, t.Any]

_OUR_LABELS = (LABEL_MANAGED_BY, LABEL_INSTANCE, LABEL_NAMESPACE, LABEL_SET)

# Each wave needs the ones before it: a pod starts only once the Secret, the ConfigMap and the account that it names
# are there, and the Secret of an account is deleted where the account is not there. Everything else finds its counterparts
# in any order.
_WAVE_OF_KIND = {"Namespace": 0, "ServiceAccount": 1, "Secret": 2, "ConfigMap": 2}
_LAST_WAVE = 3

# Its values are filled in by the cluster.
_TOKEN_OF_ACCOUNT = "kubernetes.io/service-account-token"  # noqa: S105 - a type

# What the API server keeps about an object beside what somebody wanted of it.
_SERVER_SIDE_METADATA = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def input_problems(objects: t.Sequence[Object], secret_data: t.Mapping[str, t.Mapping[str, str]]) -> list[str]:
    """Everything that is wrong with the objects and the Secrets' values that were handed in."""
    problems = []
    seen: set[Ref] = set()
    secrets: set[str] = set()
    for index, obj in enumerate(objects):
        try:
            ref = Ref.of(obj)
        except ValueError as exc:
            problems.append(f"objects[{index}]: {exc}")
            continue
        if ref in seen:
            problems.append(f"objects[{index}]: {ref} is listed twice")
        seen.add(ref)
        if owner_of(obj) is None:
            labels = f"{LABEL_MANAGED_BY}, {LABEL_NAMESPACE} and {LABEL_SET}"
            problems.append(
                f"objects[{index}]: {ref} lacks the labels {labels}, by which it is known as managed by this collection"
            )
        if ref.kind == "Secret":
            secrets.add(_secret_key(ref))
            if obj.get("data") or obj.get("stringData"):
                problems.append(f"objects[{index}]: {ref} holds values; they belong into secret_data")
            if lacks_values(obj) and not secret_data.get(_secret_key(ref)):
                problems.append(f"objects[{index}]: {ref} has no values in secret_data, and would be emptied")
    for key, values in secret_data.items():
        if key not in secrets:
            problems.append(f"secret_data: there is no Secret {key} among the objects")
        not_text = [field for field, value in values.items() if not isinstance(value, str)]
        if not_text:
            problems.append(f"secret_data: {key}: {', '.join(sorted(not_text))} must be text; quote it")
    return problems


def lacks_values(obj: Object) -> bool:
    """Whether an object is a Secret whose values are handed in beside it, and are not in it yet."""
    return obj["kind"] == "Secret" and not obj.get("data") and obj.get("type") != _TOKEN_OF_ACCOUNT


def with_secret_data(objects: t.Sequence[Object], secret_data: t.Mapping[str, t.Mapping[str, str]]) -> list[Object]:
    """The objects, with the values of ``secret_data`` (``<namespace>/<name>`` to key to text) put into the Secrets."""
    values = [secret_data.get(_secret_key(Ref.of(obj))) if obj["kind"] == "Secret" else None for obj in objects]
    return [{**obj, "data": encode(data)} if data else obj for obj, data in zip(objects, values)]


def _secret_key(ref: Ref) -> str:
    return f"{ref.namespace}/{ref.name}"


def waves(objects: t.Iterable[Object]) -> list[list[Object]]:
    """The objects in groups; those of one group can be applied at once, when the groups before it are there."""
    groups: dict[int, list[Object]] = {}
    for obj in objects:
        groups.setdefault(_WAVE_OF_KIND.get(obj["kind"], _LAST_WAVE), []).append(obj)
    return [groups[wave] for wave in sorted(groups)]


def foreign(desired: Object, current: Object | None, take_over: bool = False) -> str | None:
    """Why ``current`` must not be touched, with what to do; None where it is ours or does not exist.

    An object of ours that only others have applied belongs to them: it was rendered, and is kept by a program that would
    undo what we change. ``take_over`` takes it from them. A Namespace is never refused: see :func:`namespace_to_apply`;
    nor is what another set shares: see :func:`is_shared`.
    """
    if current is None or desired["kind"] == "Namespace" or is_shared(desired, current):
        return None
    wanted, found = owner_of(desired), owner_of(current)
    if found == wanted and found is not None:
        keepers = [] if take_over else drift.keepers(current)
        return _kept_by(keepers) if keepers else None
    if found is not None:
        return f"belongs to {_describe(found)}. Change it through that list, or choose another name here"
    advice = "Choose another instance name, or delete it if nobody needs it"
    if desired["kind"] == "Secret":
        advice = f"To use it as it is, name it in credentials_secret. {advice}"
    return f"is not managed by this collection{_made_by(current)}. {advice}"


def _kept_by(keepers: list[str]) -> str:
    who = " and ".join(keepers)
    return (
        f"is applied by {who}, not by this collection. Change it where {who} takes it from, or set"
        " llamastack_maas_force_conflicts to take it over (the other manager may put its values back)"
    )


def is_shared(desired: Object, current: Object | None) -> bool:
    """Whether another instance set of the same namespace has made what belongs to no instance: it is used as it is."""
    wanted, found = owner_of(desired), owner_of(current) if current else None
    if wanted is None or found is None or wanted.instance:
        return False
    return found != wanted and found._replace(set=wanted.set) == wanted


def refusable(objects: t.Iterable[Object]) -> list[Ref]:
    """The names among ``objects`` of which :func:`foreign` may refuse one."""
    return [Ref.of(obj) for obj in objects if obj["kind"] != "Namespace"]


def foreign_objects(
    objects: t.Iterable[Object], existing: t.Mapping[Ref, t.Any], take_over: bool = False
) -> list[tuple[Ref, str]]:
    """Those of ``objects`` that must not be touched, each with the reason of :func:`foreign`.

    ``existing`` holds what there is of their names: an object, None, or a refusal to show it, which decides nothing.
    """
    found = []
    for obj in objects:
        ref = Ref.of(obj)
        current = existing.get(ref)
        why = foreign(obj, dict(current), take_over) if isinstance(current, t.Mapping) else None
        if why:
            found.append((ref, why))
    return found


def refusal(foreign_ones: t.Iterable[tuple[Ref, str]]) -> str:
    """One message for the outcome of :func:`foreign_objects`."""
    return listing(
        "these objects exist already and are not managed by this instance set:",
        [f"{ref} {why}." for ref, why in foreign_ones],
    )


def listing(head: str, items: t.Iterable[str]) -> str:
    """A message with an item a line."""
    return "\n- ".join([head, *items])


def _describe(owner: Owner) -> str:
    instance = f"instance {owner.instance} of " if owner.instance else ""
    return f"{instance}instance set {owner.set} of namespace {owner.namespace}"


def _made_by(current: Object) -> str:
    """Whatever the object shows of who manages it."""
    metadata = current["metadata"]
    signs = [f"owned by {owner['kind']} {owner['name']}" for owner in metadata.get("ownerReferences") or []]
    managed_by = (metadata.get("labels") or {}).get(LABEL_MANAGED_BY)
    if managed_by:
        signs.append(f"{LABEL_MANAGED_BY}: {managed_by}")
    managers = sorted({entry["manager"] for entry in metadata.get("managedFields") or [] if entry.get("manager")})
    if managers:
        signs.append(f"written by {', '.join(managers)}")
    return f" ({'; '.join(signs)})" if signs else ""


def namespace_to_apply(desired: Object, current: Object | None) -> Object | None:
    """What of a Namespace is to be applied: all of it where it is absent or ours.

    One that others made is used as it is: only those of the desired labels are put on it that do not mark it
    as ours, and None says that it has them already.
    """
    if current is None or owner_of(current) == owner_of(desired):
        return desired
    present = current["metadata"].get("labels") or {}
    wanted = {key: value for key, value in desired["metadata"]["labels"].items() if key not in _OUR_LABELS}
    if all(present.get(key) == value for key, value in wanted.items()):
        return None
    return {
        "apiVersion": desired["apiVersion"],
        "kind": desired["kind"],
        "metadata": {"name": desired["metadata"]["name"], "labels": wanted},
    }


def content(obj: Object | None) -> Object:
    """An object without its status and what the API server keeps about it; empty for None."""
    if obj is None:
        return {}
    metadata = {key: value for key, value in obj["metadata"].items() if key not in _SERVER_SIDE_METADATA}
    return {**{key: value for key, value in obj.items() if key != "status"}, "metadata": metadata}


def same(before: Object | None, after: Object | None) -> bool:
    """Whether two states of an object are the same to whoever wrote it."""
    return content(before) == content(after)


def writes_nothing(before: Object, after: Object | None) -> bool:
    """Whether an apply that comes to ``after``, None for what is used as it is, would not even make a field ours, too."""
    return after is None or (same(before, after) and drift.owned_fields(before) == drift.owned_fields(after))


def diff(before: Object | None, after: Object | None) -> dict[str, str]:
    """Two states of an object as Ansible shows a difference: headers and YAML, without any value of a Secret."""
    header = str(Ref.of(t.cast(Object, before or after)))
    hidden_before, hidden_after = _hide_values(content(before), content(after))
    return {
        "before_header": header,
        "after_header": header,
        "before": _as_yaml(hidden_before),
        "after": _as_yaml(hidden_after),
    }


def _hide_values(before: Object, after: Object) -> tuple[Object, Object]:
    """A Secret's keys stay, and whether a value changed; of anything else, all stays."""
    if "Secret" not in (before.get("kind"), after.get("kind")):
        return before, after
    before, after = copy.deepcopy(before), copy.deepcopy(after)
    for path in (("data",), ("stringData",), ("metadata", "annotations")):
        old, new = _at(before, path), _at(after, path)
        for key in set(old) | set(new):
            if path[-1] == "annotations" and key != _LAST_APPLIED:
                continue
            changed = key in old and key in new and old[key] != new[key]
            if key in old:
                old[key] = "(hidden, old)" if changed else "(hidden)"
            if key in new:
                new[key] = "(hidden, new)" if changed else "(hidden)"
    return before, after


def _at(obj: Object, path: tuple[str, ...]) -> dict[str, str]:
    for key in path:
        obj = obj.get(key) or {}
    return obj


def _as_yaml(obj: Object) -> str:
    return yaml_text.dump(obj, sort_keys=True) if obj else ""
