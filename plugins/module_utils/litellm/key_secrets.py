# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Secrets in which the values of virtual keys live: made once, read ever after, shown to nobody.

A value is in its Secret before LiteLLM has it, and out of it before LiteLLM deletes the key, so a run that was killed between
the two finds it and carries on.
"""

from __future__ import annotations

import secrets
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import parallel
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import hide
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels, owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import decode, encode
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.keys import (
    PREFIX,
    DeadValue,
    hash_of,
    value_problem,
)

if t.TYPE_CHECKING:
    from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster

Entry = t.Mapping[str, t.Any]


class SecretsRefused(Exception):
    """Why the Secrets cannot be used; one line for each."""

    def __init__(self, problems: t.Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class KeySecrets:
    """The values of the asked keys: given with the entry, or kept in a Secret.

    ``open_cluster`` is called where an entry names a Secret. Ours carry the labels of ``namespace`` and ``set_name``.
    """

    def __init__(self, open_cluster: t.Callable[[], Cluster], namespace: str, set_name: str) -> None:
        self._open = open_cluster
        self._namespace = namespace
        self._set = set_name
        self._found: dict[Ref, dict[str, t.Any] | None] = {}
        self.values: dict[str, str | None] = {}
        """By alias; None is yet to be made. Who gives neither a value nor a Secret has none to compare."""
        self._refs: dict[str, Ref] = {}
        self.made: list[str] = []
        """The Secrets that were written, as C(<namespace>/<name>)."""
        self._dead: dict[Ref, set[str]] = {}

    def read(self, keys: t.Sequence[Entry]) -> None:
        """See which values there are. Raises SecretsRefused, and ApiError where the cluster cannot be reached."""
        problems = []
        for key in keys:
            if key.get("value"):
                self.values[key["alias"]] = key["value"]
        self._refs = refs = {key["alias"]: _ref(key) for key in keys if key.get("secret")}
        if refs:
            for ref, answer in self._open().read(set(refs.values())).items():
                if isinstance(answer, ApiError):
                    problems.append(f"{ref}: {answer}")
                else:
                    self._found[ref] = answer
        for key in keys:
            ref = refs.get(key["alias"])
            if ref not in self._found:
                continue
            secret = self._found[ref] or {}
            field = key["secret"]["key"]
            value = decode((secret.get("data") or {}).get(field, "")).strip() or None
            self.values[key["alias"]] = value
            if secret and value is None and not self._is_ours(ref):
                problems.append(
                    f"key {key['alias']}: {ref} is not managed by this instance set and has no field {field}. A Secret"
                    " of others is used as it is where it holds the key in that field; otherwise choose another name"
                )
        for alias, value in self.values.items():
            problem = value_problem(value) if value else None
            if problem:
                where = f"field {_field(keys, alias)} of {refs[alias]}" if alias in refs else "value"
                problems.append(f"key {alias}: {where} {problem}")
        if problems:
            raise SecretsRefused(problems)
        hide(value for value in self.values.values() if value)

    def read_dead(self, values: t.Sequence[DeadValue]) -> None:
        """See which Secrets of ours hold such a value, and nothing else in that field. Raises as C(read)."""
        places = [(Ref("v1", "Secret", each.namespace, each.name), each) for each in values]
        new = {ref for ref, _each in places} - set(self._found)
        answers = self._open().read(new) if new else {}
        problems = [f"{ref}: {answer}" for ref, answer in answers.items() if isinstance(answer, ApiError)]
        if problems:
            raise SecretsRefused(problems)
        self._found.update(answers)
        for ref, each in places:
            secret = self._found[ref] or {}
            value = decode((secret.get("data") or {}).get(each.key, "")).strip()
            if value and hash_of(value) == each.hash and self._is_ours(ref):
                self._dead.setdefault(ref, set()).add(each.key)

    @property
    def cleared(self) -> list[str]:
        """The Secrets, as C(<namespace>/<name>), that hold values of keys that go."""
        return sorted(f"{ref.namespace}/{ref.name}" for ref in self._dead)

    def clear(self) -> None:
        """Take these values out of their Secrets, and delete what holds nothing else. Raises ApiError."""
        for answer in parallel.in_parallel([lambda r=ref: self._clear(r) for ref in self._dead], ApiError):
            if isinstance(answer, ApiError):
                raise answer

    def _clear(self, ref: Ref) -> None:
        secret = self._found[ref] or {}
        kept = {key: value for key, value in (secret.get("data") or {}).items() if key not in self._dead[ref]}
        if kept:
            self._found[ref] = self._open().apply({**self._object(ref), "data": kept})
        else:
            uid = secret["metadata"].get("uid")
            self._open().delete("v1", "Secret", ref.name, ref.namespace, uid=uid)
            self._found[ref] = None

    @property
    def to_make(self) -> list[str]:
        """The Secrets, as C(<namespace>/<name>), in which a value is yet to be made."""
        refs = [self._refs[alias] for alias, value in self.values.items() if value is None]
        return sorted({f"{ref.namespace}/{ref.name}" for ref in refs})

    def make(self, keys: t.Sequence[Entry]) -> None:
        """Make the missing values and put them into their Secrets. Raises ApiError."""
        self.made = self.to_make
        new: dict[Ref, dict[str, str]] = {}
        for key in keys:
            if key["alias"] in self.values and self.values[key["alias"]] is None:
                value = PREFIX + secrets.token_urlsafe(32)
                hide([value])
                new.setdefault(_ref(key), {})[key["secret"]["key"]] = value
        answers = parallel.in_parallel([lambda r=ref: self._write(r, new[r]) for ref in new], ApiError)
        for ref, answer in zip(new, answers):
            if isinstance(answer, ApiError):
                raise answer
            self._found[ref] = answer
        for key in keys:
            if key.get("secret") and self.values.get(key["alias"]) is None:
                self.values[key["alias"]] = new[_ref(key)][key["secret"]["key"]]

    def _write(self, ref: Ref, fields: t.Mapping[str, str]) -> dict[str, t.Any]:
        # What is applied is the whole of what is ours: a field that is left out would go.
        kept = (self._found.get(ref) or {}).get("data") or {}
        return self._open().apply({**self._object(ref), "data": {**kept, **encode(fields)}})

    def _is_ours(self, ref: Ref) -> bool:
        owner = owner_of(self._found[ref] or {})
        return owner is not None and owner == owner_of(self._object(ref))

    def _object(self, ref: Ref) -> dict[str, t.Any]:
        metadata = {
            "name": ref.name,
            "namespace": ref.namespace,
            "labels": labels(None, self._namespace, self._set),
        }
        return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata}


def _ref(key: Entry) -> Ref:
    return Ref("v1", "Secret", key["secret"]["namespace"], key["secret"]["name"])


def _field(keys: t.Sequence[Entry], alias: str) -> str:
    return next(key["secret"]["key"] for key in keys if key["alias"] == alias)
