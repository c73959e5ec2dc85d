# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects the API server is asked to try before anything is written, and what its answers mean.

One of each kind: quotas that count objects, admission policies and webhooks judge them as they would in a deployment.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import LABEL_INSTANCE
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode

# What is tried of a Secret in place of each of its values.
_PLACEHOLDER = "placeholder"

Object = t.Dict[str, t.Any]


class Trial(t.NamedTuple):
    """A kind, in a namespace, and the object of it that is tried; None with ``why`` where none can be."""

    kind: str
    namespace: str | None
    obj: Object | None
    why: str = ""


def trials(
    objects: t.Iterable[Object],
    existing: t.Mapping[Ref, t.Any],
    namespaces: t.Mapping[str, t.Any],
    denied: t.AbstractSet[tuple[str, str | None]],
    instances: t.Iterable[t.Mapping[str, t.Any]],
    take_over: bool = False,
) -> list[Trial]:
    """A trial for each kind of ``objects`` in each namespace.

    ``existing`` and ``namespaces`` hold what there is: an object, None, or the refusal to show it. ``denied`` has the kinds
    that the caller may not write, each with its namespace (of a Namespace its name, or None for one that is to be made); the
    ``instances`` have the fields of their Secrets.
    """
    fields = {each["name"]: _fields(each) for each in instances}
    groups: dict[tuple[str, str, str | None], list[Object]] = {}
    for obj in objects:
        groups.setdefault((obj["apiVersion"], obj["kind"], obj["metadata"].get("namespace")), []).append(obj)
    found = []
    for (_api_version, kind, namespace), group in groups.items():
        if kind == "Namespace":
            found += [_of_namespace(obj, namespaces, denied) for obj in group]
            continue
        why = _why_not(namespaces.get(namespace or ""), namespace)
        if not why and (kind, namespace) in denied:
            why = "the permission to write it is missing"
        if not why and "name" not in group[0]["metadata"]:
            why = "what would be written is not known yet"
        obj = None if why else _to_try(group, existing, take_over)
        if obj is None:
            why = why or "all objects of these names belong to others, or may not be read"
        elif kind == "Secret":
            keys = fields.get(obj["metadata"]["labels"].get(LABEL_INSTANCE)) or ["api_key"]
            obj = {**obj, "data": encode(dict.fromkeys(keys, _PLACEHOLDER))}
        found.append(Trial(kind, namespace, obj, why))
    return [trial for trial in found if trial.obj or trial.why]


def _fields(instance: t.Mapping[str, t.Any]) -> list[str]:
    return [field["key"] for field in (instance.get("credentials") or {}).get("fields") or []]


def _of_namespace(
    desired: Object, namespaces: t.Mapping[str, t.Any], denied: t.AbstractSet[tuple[str, str | None]]
) -> Trial:
    name = desired["metadata"]["name"]
    current = namespaces.get(name)
    if isinstance(current, ApiError):
        return Trial("Namespace", name, None, "it may not be read")
    # Nothing to write is nothing to try.
    wanted = apply.namespace_to_apply(desired, dict(current) if current else None)
    if wanted and not denied.isdisjoint({("Namespace", name), ("Namespace", None)}):
        return Trial("Namespace", name, None, "the permission to write it is missing")
    return Trial("Namespace", name, wanted)


def _why_not(namespace: t.Any, name: str | None) -> str:
    """Why nothing can be tried in a namespace; one that may not be read may be there."""
    if namespace is None and name is not None:
        return f"namespace {name} does not exist yet"
    if isinstance(namespace, t.Mapping) and namespace["metadata"].get("deletionTimestamp"):
        return f"namespace {name} is being deleted"
    return ""


def _to_try(group: t.Iterable[Object], existing: t.Mapping[Ref, t.Any], take_over: bool) -> Object | None:
    """The first object that a deployment would create, for only these count against a quota; else one to change."""
    changed = None
    for obj in group:
        current = existing.get(Ref.of(obj))
        if current is None:
            return obj
        if isinstance(current, ApiError):
            continue
        current = dict(current)
        if not apply.foreign(obj, current, take_over) and not apply.is_shared(obj, current):
            changed = changed or obj
    return changed
