# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Kubernetes object is meant."""

from __future__ import annotations

import typing as t


class Ref(t.NamedTuple):
    """The identity of an object; ``namespace`` is None for one that is in none. As text: ``Secret llm/gem``."""

    api_version: str
    kind: str
    namespace: str | None
    name: str

    @classmethod
    def of(cls, obj: t.Mapping[str, t.Any]) -> Ref:
        """The identity of a whole object. Raises ValueError naming what it lacks."""
        metadata = obj.get("metadata") or {}
        wanted = {
            "apiVersion": obj.get("apiVersion"),
            "kind": obj.get("kind"),
            "metadata.name": metadata.get("name"),
        }
        missing = [path for path, value in wanted.items() if not value]
        if missing:
            raise ValueError(f"lacks {' and '.join(missing)}")
        return cls(obj["apiVersion"], obj["kind"], metadata.get("namespace"), metadata["name"])

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    def as_result(self) -> dict[str, str | None]:
        """As modules return it."""
        return {"kind": self.kind, "name": self.name, "namespace": self.namespace}
