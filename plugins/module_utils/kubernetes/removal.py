# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The removal of objects: what is asked of the cluster, over the decisions of C(deletion)."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.polling import Attempt, PollResult, poll
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import (
    apply,
    deletion,
    namespace_content,
    removal_report,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import (
    Cluster,
    KindNotServed,
    in_parallel,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.deletion import Left
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import Owner, owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref

Object = t.Dict[str, t.Any]

_NAMED_IN_PROGRESS = 4


class Removal:
    """Deletes what is still there, as often as it is asked, until nothing is left."""

    def __init__(self, cluster: Cluster, params: dict[str, t.Any], check_mode: bool) -> None:
        self._cluster = cluster
        self._all_of = params["all_of"]
        self._check_mode = check_mode
        self.timeout: float = 0 if check_mode else params["wait_timeout"]
        self._owners: dict[Ref, Owner | None] = {Ref.of(obj): owner_of(obj) for obj in params["objects"]}
        self._finds_all = bool(self._all_of) and self._all_of["instances"] is None
        if self._all_of and not self._finds_all:
            self._owners.update(deletion.named(self._all_of))
        self._refused: dict[Ref, ApiError] = {}
        self.removed: list[Ref] = []
        self.diffs: list[dict[str, str]] = []
        self.unmanaged: dict[Ref, str] = {}
        self.left: dict[Ref, Left] = {}
        self.untried: dict[Ref, str] = {}

    def run(self) -> PollResult:
        """Delete, and look again until all is gone, nothing more can go, or the time is over."""
        return poll(self.step, clock=time.monotonic, sleep=time.sleep, timeout=self.timeout)

    def step(self) -> Attempt:
        """Look at everything, delete what may be deleted, and find what is left."""
        self._refused = {}
        self._add_all_of()
        current = self._read()
        self.unmanaged = self._foreign(current)
        mine = {ref: obj for ref, obj in current.items() if ref not in self.unmanaged}
        objects = {ref: obj for ref, obj in mine.items() if ref.kind != "Namespace"}
        namespaces = {ref: obj for ref, obj in mine.items() if ref.kind == "Namespace"}
        self._delete(objects)
        in_the_way = bool(self._refused) or (bool(objects) and not self._check_mode)
        if not in_the_way:
            for ref, why in self._kept(namespaces, doomed=list(objects)).items():
                self.unmanaged[ref] = why
                del namespaces[ref]
            self._delete({ref: obj for ref, obj in namespaces.items() if ref not in self._refused})
        self.left = {} if self._check_mode else {ref: deletion.held_up(obj) for ref, obj in objects.items()}
        if in_the_way:
            self.left.update((ref, Left("stays until all in it is gone", pending=False)) for ref in namespaces)
        elif not self._check_mode:
            self.left.update((ref, deletion.held_up(obj)) for ref, obj in namespaces.items())
        self.left.update((ref, deletion.refused(error)) for ref, error in self._refused.items())
        return Attempt(
            done=not self.left,
            failed=bool(self.left) and not any(left.pending for left in self.left.values()),
            progress=self._progress(),
            retry_after=max((error.retry_after or 0.0 for error in self._refused.values()), default=0.0) or None,
        )

    def _progress(self) -> str:
        in_order = [ref for wave in deletion.waves(self.left) for ref in wave]
        names = [str(ref) for ref in in_order[:_NAMED_IN_PROGRESS]]
        if len(self.left) > len(names):
            names.append(f"{len(self.left) - len(names)} more")
        parts = [f"still there: {', '.join(names)}"] if names else []
        silent = next((error.outcome for error in self._refused.values() if error.is_transient), None)
        return "; ".join([*parts, *([f"the API server does not answer ({silent})"] if silent else [])])

    def _add_all_of(self) -> None:
        if not self._finds_all:
            return
        for group, answer in self._cluster.list_set(self._all_of).items():
            if isinstance(answer, ApiError):
                self._refused[Ref(*group, deletion.ANY)] = answer
            else:
                self._owners.update((Ref.of(obj), owner_of(obj)) for obj in answer)

    def _read(self) -> dict[Ref, Object]:
        by_kind: dict[tuple[t.Any, ...], list[Ref]] = {}
        for ref in self._owners:
            by_kind.setdefault(ref[:3], []).append(ref)
        answers = in_parallel([lambda r=refs: self._read_kind(r) for refs in by_kind.values()])
        found: dict[Ref, t.Any] = {}
        for refs, answer in zip(by_kind.values(), answers):
            # Then each of the kind is unknown, and none is asked to go.
            found.update(dict.fromkeys(refs, answer) if isinstance(answer, ApiError) else answer)
        return self._answered(found)

    def _read_kind(self, refs: list[Ref]) -> dict[Ref, t.Any]:
        """What there is of one kind in one namespace. A LIST that fails says nothing of the others."""
        # What holds up a Namespace stands in its status; of everything else, the metadata will do.
        metadata_only = refs[0].kind != "Namespace"
        try:
            return dict(self._cluster.read(refs, metadata_only=metadata_only))
        except ApiError as exc:
            if exc.is_transient:
                raise
        # One object that cannot be shown, such as for want of its conversion, fails the LIST of all.
        one_by_one = [lambda r=ref: self._cluster.read([r], metadata_only=metadata_only)[r] for ref in refs]
        return dict(zip(refs, in_parallel(one_by_one)))

    def _answered(self, answers: dict[Ref, t.Any]) -> dict[Ref, t.Any]:
        """The answers that are something, without the refusals, which are kept."""
        self._refused.update((ref, answer) for ref, answer in answers.items() if isinstance(answer, ApiError))
        return {ref: answer for ref, answer in answers.items() if answer and not isinstance(answer, ApiError)}

    def _foreign(self, current: dict[Ref, Object]) -> dict[Ref, str]:
        reasons = {ref: deletion.foreign(self._owners[ref], obj) for ref, obj in current.items()}
        foreign = {ref: why for ref, why in reasons.items() if why}
        return {**deletion.volumes_of(foreign, current), **foreign}

    def _kept(self, namespaces: dict[Ref, Object], doomed: list[Ref]) -> dict[Ref, str]:
        """The namespaces that hold something of others, with what that is."""
        going = {ref for ref, obj in namespaces.items() if obj["metadata"].get("deletionTimestamp")}
        kept = {}
        for ref in set(namespaces) - going:
            try:
                others = namespace_content.of_others(self._content(ref.name), doomed)
            except ApiError as exc:
                self._refused[ref] = exc
                continue
            if others:
                shown = ", ".join(str(other) for other in others[:_NAMED_IN_PROGRESS])
                more = f" and {len(others) - _NAMED_IN_PROGRESS} more" if len(others) > _NAMED_IN_PROGRESS else ""
                kept[ref] = f"still holds {shown}{more}"
        return kept

    def _content(self, namespace: str) -> list[Object]:
        kinds = namespace_content.listable_kinds(self._cluster.discovery())
        calls = [lambda k=kind: self._cluster.list(*k, namespace, metadata_only=True) for kind in kinds]
        found = []
        for answer in in_parallel(calls):
            if isinstance(answer, KindNotServed):
                continue
            if isinstance(answer, ApiError):
                raise answer
            found += answer
        return found

    def _delete(self, objects: dict[Ref, Object]) -> None:
        doomed = [ref for ref, obj in objects.items() if not obj["metadata"].get("deletionTimestamp")]
        answers: dict[Ref, bool | ApiError] = {}
        for wave in deletion.waves(doomed):
            calls = [lambda r=ref: self._delete_one(r, objects[r]["metadata"]["uid"]) for ref in wave]
            answers.update(zip(wave, in_parallel(calls)))
        removed = list(self._answered(answers))
        self.removed += removed
        self.diffs += [apply.diff(objects[ref], None) for ref in removed]

    def _delete_one(self, ref: Ref, uid: str) -> bool:
        try:
            return self._cluster.delete(
                ref.api_version, ref.kind, ref.name, ref.namespace, uid=uid, dry_run=self._check_mode
            )
        except KindNotServed:
            return False
        except ApiError as exc:
            if not (self._check_mode and exc.is_dry_run_unsupported):
                raise
            # That says nothing of the real run, which is no dry run.
            self.untried[ref] = exc.outcome
            return True

    def result(self) -> dict[str, t.Any]:
        """What became of it, as the module returns it."""
        removed = [self._entry(ref) for ref in self.removed]
        unmanaged = [{**self._entry(ref), "why": why} for ref, why in self.unmanaged.items()]
        in_order = [ref for wave in deletion.waves(self.left) for ref in wave]
        left = [{**self._entry(ref), "why": self.left[ref].why, "remedy": self.left[ref].remedy} for ref in in_order]
        return {
            "changed": bool(removed),
            "removed": removed,
            "unmanaged": unmanaged,
            "left": left,
            **removal_report.report(self._all_of, removed, left, unmanaged, planned=self._check_mode),
        }

    def _entry(self, ref: Ref) -> dict[str, t.Any]:
        owner = self._owners.get(ref)
        return {**ref.as_result(), "instance": owner.instance if owner else None}
