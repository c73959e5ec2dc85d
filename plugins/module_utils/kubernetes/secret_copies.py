# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets whose values are copied within a namespace, as a rotation keeps the key before it."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import LABEL_INSTANCE, owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import revision

Object = t.Dict[str, t.Any]


class CopyRefused(Exception):
    """Why nothing may be written."""


class Copies:
    """The copies of one call and what became of them."""

    def __init__(
        self,
        cluster: Cluster,
        copies: t.Sequence[Object],
        *,
        overwrite: bool,
        check_mode: bool,
    ) -> None:
        self._cluster = cluster
        self._targets: list[Object] = [each["target"] for each in copies]
        self._sources = [Ref("v1", "Secret", _namespace(each["target"]), each["source"]) for each in copies]
        self._overwrite = overwrite
        self._check_mode = check_mode
        self.entries: list[dict[str, t.Any]] = []
        self.diffs: list[dict[str, str]] = []
        self.revisions: dict[str, str] = {}

    def run(self) -> None:
        """Read everything, then write. Raises CopyRefused, and ApiError for what the API refuses."""
        unlabelled = [str(Ref.of(target)) for target in self._targets if owner_of(target) is None]
        if unlabelled:
            raise CopyRefused(
                f"{', '.join(unlabelled)} lacks the labels by which it is known as managed by this collection"
            )
        found = self._cluster.read({*self._sources, *map(Ref.of, self._targets)})
        for answer in found.values():
            if isinstance(answer, ApiError):
                raise answer
        for target in self._targets:
            why = apply.foreign(target, t.cast("Object | None", found[Ref.of(target)]))
            if why:
                raise CopyRefused(f"{Ref.of(target)} {why}.")
        missing = [str(ref) for ref in self._sources if found[ref] is None]
        if missing:
            raise CopyRefused(f"there is no {', '.join(missing)} to copy from")
        calls = [
            lambda s=source, o=target: self._copy(
                t.cast(Object, found[s]), o, t.cast("Object | None", found[Ref.of(o)])
            )
            for source, target in zip(self._sources, self._targets)
        ]
        for target, after in zip(self._targets, in_parallel(calls)):
            if isinstance(after, ApiError):
                raise after
            self._record(target, t.cast("Object | None", found[Ref.of(target)]), after)

    def _copy(self, source: Object, target: Object, current: Object | None) -> Object:
        if current is not None and not self._overwrite:
            return current
        wanted = {**target, "data": source.get("data") or {}}
        return self._cluster.apply(wanted, dry_run=self._check_mode)

    def _record(self, target: Object, before: Object | None, after: Object) -> None:
        ref = Ref.of(target)
        self.revisions[f"{ref.namespace}/{ref.name}"] = revision(ref.namespace or "", ref.name, after.get("data") or {})
        changed = not apply.same(before, after)
        action = ("updated" if before else "created") if changed else "unchanged"
        instance = target["metadata"].get("labels", {}).get(LABEL_INSTANCE)
        self.entries.append({**ref.as_result(), "instance": instance, "changed": changed, "action": action})
        if changed:
            self.diffs.append(apply.diff(before, after))


def _namespace(target: Object) -> str:
    return (target.get("metadata") or {}).get("namespace") or ""
