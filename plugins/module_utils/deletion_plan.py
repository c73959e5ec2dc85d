# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a removal may delete, in which order, and what holds it up."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils import drift
from ansible_collections.llamastack.maas.plugins.module_utils.names import Owner, owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.objects import Ref

# A model is taken out of MaaS before it goes, and what its pods use is asked to go after them.
_ORDER = ("MaaSSubscription", "MaaSAuthPolicy", "MaaSModelRef", "LLMInferenceService")

_WHO_ANSWERS = (
    ("maas.opendatahub.io/", "the MaaS controller"),
    ("serving.kserve.io/", "the KServe controller (llmisvc)"),
    ("foregroundDeletion", "the garbage collector, which waits for what the object owns (a pod may take a minute)"),
    ("kubernetes", "the namespace controller"),
)


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
        return "was not made by this collection"
    if found != owner:
        return f"belongs to set {found.set} of namespace {found.namespace}"
    keepers = drift.keepers(current)
    if keepers:
        return f"is applied by {' and '.join(keepers)}, not by this collection: take it out there"
    return None


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
    finalizers = [
        *(current["metadata"].get("finalizers") or []),
        *((current.get("spec") or {}).get("finalizers") or []),
    ]
    if not finalizers:
        return "nothing that shows: look at it again"
    return "; ".join(f"finalizer {finalizer}, which {_who(finalizer)} has to answer" for finalizer in finalizers)


def _who(finalizer: str) -> str:
    return next((who for prefix, who in _WHO_ANSWERS if finalizer.startswith(prefix)), "whoever set it")
