# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch of objects on its way to the cluster: read, refuse what is not managed by this instance set, apply in waves."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.apply import listing
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import (
    Cluster,
    KindNotServed,
    in_parallel,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import (
    LABEL_INSTANCE,
    backup_secret_name,
    owner_of,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref

NOTHING_BY_THIS_TASK = "This task has written nothing"
_NOTHING = "Nothing was written"

Object = t.Dict[str, t.Any]


class Failure(Exception):
    """A message for the user."""


class Batch:
    """The objects of one call, what the cluster had of them, and what became of them."""

    def __init__(
        self,
        cluster: Cluster,
        objects: list[Object],
        *,
        to_come: list[Object] | None = None,
        check_mode: bool,
        force: bool,
        show_diffs: bool,
    ) -> None:
        self._cluster = cluster
        self._objects = objects
        self._to_come = to_come or []
        # Other tasks before this one may have written something.
        self.nothing = NOTHING_BY_THIS_TASK if to_come is None else _NOTHING
        self._check_mode = check_mode
        self._force = force
        self._show_diffs = show_diffs
        self._current: dict[Ref, Object | None] = {}
        self._unserved: set[str] = set()
        self._absent_namespaces: set[str] = set()
        self._actions: dict[Ref, str] = {}
        self.diffs: list[dict[str, str]] = []
        self.warnings: list[str] = []

    def results(self) -> list[dict[str, t.Any]]:
        """One entry per object."""
        entries = []
        for obj in self._objects:
            ref = Ref.of(obj)
            action = self._actions.get(ref, "not attempted")
            instance = obj["metadata"]["labels"].get(LABEL_INSTANCE)
            changed = action in ("created", "updated")
            entries.append({**ref.as_result(), "instance": instance, "changed": changed, "action": action})
        return entries

    def run(self) -> str | None:
        """Read, then refuse or apply. Returns what went wrong."""
        try:
            self._resolve_kinds()
            self._read_current()
            self._refuse_foreign()
            for wave in apply.waves(self._objects):
                self._apply(wave)
        except (Failure, ApiError) as exc:
            return str(exc)
        return None

    def _resolve_kinds(self) -> None:
        missing = {}
        for obj in self._objects:
            try:
                self._cluster.path(obj["apiVersion"], obj["kind"])
            except KindNotServed as exc:
                missing[obj["kind"]] = str(exc)
        if not missing:
            return
        text = (
            f"{'; '.join(missing.values())}. KServe, or Models-as-a-Service, is not installed in the version that this"
            " run expects."
        )
        if not self._check_mode:
            raise Failure(f"{self.nothing}: {text}")
        self._unserved = set(missing)
        self.warnings.append(f"The real run would fail: {text}")

    def _read_current(self) -> None:
        refs = [Ref.of(obj) for obj in self._objects if obj["kind"] not in self._unserved]
        self._read([ref for ref in refs if ref.kind == "Namespace"])
        self._absent_namespaces = {ref.name for ref, obj in self._current.items() if obj is None}
        self._read([ref for ref in refs if ref.kind != "Namespace" and ref.namespace not in self._absent_namespaces])

    def _read(self, refs: list[Ref]) -> None:
        refused = []
        for ref, answer in self._cluster.read(refs).items():
            if isinstance(answer, ApiError):
                refused.append(f"{ref}: {answer}")
            else:
                self._current[ref] = answer
        if refused:
            raise Failure(
                listing(f"{self.nothing}: could not see whether these are there and whose they are:", refused)
            )

    def _refuse_foreign(self) -> None:
        missing = self._cluster.unserved(self._to_come)
        to_come = [obj for obj in self._to_come if (obj["apiVersion"], obj["kind"]) not in missing]
        found = self._cluster.read(apply.refusable(to_come))
        self._current.update((ref, obj) for ref, obj in found.items() if not isinstance(obj, ApiError))
        foreign = apply.foreign_objects([*self._objects, *to_come], self._current, take_over=self._force)
        if foreign:
            raise Failure(f"{self.nothing}: {apply.refusal(foreign)}")

    def to_apply(self) -> list[Object]:
        """What there is to do for later tasks, tried as they will apply it."""
        # The values of a Secret come with its task, so that nothing is known of them yet.
        there = [obj for obj in self._to_come if self._current.get(Ref.of(obj)) and not apply.lacks_values(obj)]
        answers = in_parallel([lambda o=obj: self._apply_one(o, dry_run=True) for obj in there])
        done = {
            ref
            for ref, after in zip(map(Ref.of, there), answers)
            if not isinstance(after, ApiError) and apply.writes_nothing(self._current[ref], after)
        }
        return [ref.as_result() for ref in map(Ref.of, self._to_come) if ref not in done]

    def _apply(self, wave: list[Object]) -> None:
        calls = [lambda o=obj: self._apply_one(o, dry_run=self._check_mode) for obj in wave]
        failed = []
        for obj, answer in zip(wave, in_parallel(calls)):
            ref = Ref.of(obj)
            if isinstance(answer, ApiError):
                self._actions[ref] = "failed"
                failed.append(f"{ref}: {answer}")
            else:
                self._record(ref, answer)
        if failed:
            done = sum(action not in ("failed", "not attempted") for action in self._actions.values())
            head = f"{len(failed)} of {len(self._objects)} objects could not be applied ({done} were, see objects):"
            raise Failure(listing(head, failed))

    def _apply_one(self, obj: Object, *, dry_run: bool) -> Object | None:
        """The object as it is after the apply; None for an unmanaged one that is used as it is."""
        ref = Ref.of(obj)
        if ref.kind in self._unserved:
            return obj
        wanted = obj
        if ref.kind == "Namespace":
            wanted = apply.namespace_to_apply(obj, self._current[ref])
            if wanted is None:
                return None
        elif apply.is_shared(obj, self._current.get(ref)):
            return None
        elif self._check_mode and ref.namespace in self._absent_namespaces:
            return obj
        try:
            return self._cluster.apply(wanted, dry_run=dry_run, force=self._force)
        except ApiError as exc:
            if self._check_mode and exc.is_missing_namespace:
                return obj
            raise

    def _record(self, ref: Ref, after: Object | None) -> None:
        before = self._current.get(ref)
        if after is None:
            self._actions[ref] = "used"
            return
        if apply.same(before, after):
            self._actions[ref] = "unchanged"
            return
        self._actions[ref] = "updated" if before else "created"
        # A difference is YAML: writing those of hundreds of objects takes as long as applying them.
        if self._show_diffs:
            self.diffs.append(apply.diff(before, after))


def leftovers(cluster: Cluster, wanted: Object) -> Object:
    """What is left of an instance set beside its instances, and what may not be listed. Raises ApiError."""
    found: dict[str, list[Object]] = {}
    unreadable = []
    for kind, answer in cluster.list_set(wanted).items():
        if isinstance(answer, ApiError):
            if answer.status != 403:
                raise answer
            unreadable.append(f"{kind[1]} in namespace {kind[2]}: {answer}")
            continue
        for obj in answer:
            owner, metadata = owner_of(obj), obj["metadata"]
            name = owner.instance if owner else None
            if name and (name not in wanted["instances"] or metadata["name"] == backup_secret_name(name)):
                short = {key: metadata[key] for key in ("name", "namespace", "labels")}
                found.setdefault(name, []).append(
                    {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": short}
                )
    return {"leftovers": dict(sorted(found.items())), "unreadable": unreadable}
