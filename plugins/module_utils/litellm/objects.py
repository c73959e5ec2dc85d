# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all objects of LiteLLM have in common: the mark of ours, what is compared and how, and what is to be done.

Nothing here sends anything. An object of ours says in its C(model_info) or C(metadata) which instance set it belongs to
and which of its fields were asked for: a field that is not asked for any more is cleared, one that was never asked for
is left to whoever has set it.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import MANAGED_BY

Row = t.Dict[str, t.Any]

MODEL, ROUTE, BUDGET, TEAM, USER, KEY = "model", "route", "budget", "team", "user", "key"
KINDS = (MODEL, ROUTE, BUDGET, TEAM, USER, KEY)
"""In the order in which they are written; they are deleted in the opposite one."""

CREATED, UPDATED, ADOPTED, REPLACED, DELETED = "created", "updated", "adopted", "replaced", "deleted"
UNCHANGED = "unchanged"

NO_MODELS = "no-default-models"
"""LiteLLM's word for a list that allows nothing; an empty list allows everything."""
ALL_MODELS = "all-proxy-models"
TEAM_MODELS = "all-team-models"
WORDS = (NO_MODELS, ALL_MODELS, TEAM_MODELS)
"""What a list of models may hold beside public names."""

DEFAULT_USER = "default_user_id"
"""Whom LiteLLM names where nobody was named: the user of the master key."""

LIMITS = {"budget": "max_budget", "budget_duration": "budget_duration", "tpm": "tpm_limit", "rpm": "rpm_limit"}
"""The limits of teams, users, keys and budgets, and what LiteLLM calls them."""

_HIDDEN = "(hidden)"


@dataclass(frozen=True)
class Call:
    """A request that writes."""

    method: str
    path: str
    body: t.Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Change:
    """A field before and after; a credential is not in it."""

    field: str
    before: t.Any
    after: t.Any


@dataclass(frozen=True)
class Operation:
    """What is to be done to one object."""

    kind: str
    name: str
    action: str
    changes: t.Sequence[Change] = ()
    calls: t.Sequence[Call] = ()
    """In order."""
    cleanup: t.Sequence[Call] = ()
    """What may follow as soon as it has been read back what C(calls) wrote."""
    new_id: str = ""
    """The id of the deployment that it makes."""
    part: str = ""
    """Which part of the object it is about, where there are several."""

    @property
    def ref(self) -> tuple[str, str]:
        """Which object."""
        return self.kind, self.name

    @property
    def key(self) -> tuple[str, str, str]:
        """Which object, and which part of it."""
        return self.kind, self.name, self.part

    @property
    def fields(self) -> list[str]:
        """The names of what changes."""
        return [change.field for change in self.changes]

    def diff(self) -> dict[str, str]:
        """As Ansible shows a difference."""
        header = f"{self.kind} {self.name}"
        before = {change.field: change.before for change in self.changes if change.before is not None}
        after = {change.field: change.after for change in self.changes if change.after is not None}
        return {
            "before_header": header,
            "after_header": header,
            "before": "" if self.action == CREATED else _as_yaml(before),
            "after": "" if self.action == DELETED else _as_yaml(after),
        }


def _as_yaml(values: t.Mapping[str, t.Any]) -> str:
    return yaml_text.dump(dict(values), sort_keys=True) if values else ""


def hidden_change(name: str, had_one: bool) -> Change:
    """The change of a credential."""
    return Change(name, f"{_HIDDEN[:-1]}, old)" if had_one else None, f"{_HIDDEN[:-1]}, new)")


def mark(set_name: str, asked: t.Iterable[str], **more: t.Any) -> Row:
    """What an object of ours says of itself; ``asked`` are the names of the fields that were asked for."""
    return {"managed_by": MANAGED_BY, "set": set_name, "asked": sorted(asked), **more}


def set_of(marked: t.Mapping[str, t.Any] | None) -> str | None:
    """The instance set of the object with this C(model_info) or C(metadata), None where it is not ours."""
    marked = marked or {}
    return marked.get("set") if marked.get("managed_by") == MANAGED_BY else None


def asked_before(marked: t.Mapping[str, t.Any] | None) -> frozenset[str]:
    """The names of the fields that were asked for when the object was last written."""
    found = (marked or {}).get("asked")
    return frozenset(found) if isinstance(found, list) else frozenset()


def refusal(kind: str, name: str, found: str | None) -> str:
    """Why an object must not be touched that is of no set (None) or of another one, and what to do."""
    if found is None:
        return (
            f"{kind} {name} exists in LiteLLM and is not managed by this collection. To have it managed from now on,"
            " set adopt (in playbooks litemaas_adopt); otherwise choose another name"
        )
    return f"{kind} {name} belongs to instance set {found}. Change it through that list, or choose another name here"


def same(wanted: t.Any, found: t.Any) -> bool:
    """Whether LiteLLM's value is what was asked for: 33 is 33.0 is "33", and a mapping has its keys in any order."""
    if isinstance(wanted, bool) or isinstance(found, bool):
        return str(wanted).lower() == str(found).lower()
    one, other = number(wanted), number(found)
    if one is not None and other is not None:
        return abs(one - other) <= 1e-9 * max(abs(one), abs(other))
    if isinstance(wanted, dict) and isinstance(found, dict):
        return set(wanted) == set(found) and all(same(value, found[key]) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(same, wanted, found))
    return wanted == found


def number(value: t.Any) -> float | None:
    """The number that a value is, or is the text of."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def listed(models: t.Sequence[str] | None) -> list[str] | None:
    """A list of models as LiteLLM is to have it: sorted, and with its own word where nothing is allowed."""
    return None if models is None else sorted(set(models)) or [NO_MODELS]


def allowed(models: t.Any) -> list[str]:
    """A list of models as LiteLLM has it; empty where all are allowed."""
    found = sorted(set(models or []))
    return [] if ALL_MODELS in found else found


class Comparison:
    """Collects the fields in which an object differs from what was asked for, as LiteLLM is to be given them.

    ``before`` are the fields that were asked for when it was written, under the names that are given here.
    """

    def __init__(self, before: t.Collection[str] = ()) -> None:
        self._before = before
        self.asked: list[str] = []
        self.body: Row = {}
        self.changes: list[Change] = []

    def field(self, name: str, api: str, wanted: t.Any, found: t.Any, *, cleared: t.Any = None) -> None:
        """Compare one field; ``cleared`` is what takes a value away."""
        if wanted is not None:
            self.asked.append(name)
            if not same(wanted, found):
                self.put(name, api, found, wanted)
        elif name in self._before and found not in (None, cleared):
            self.put(name, api, found, cleared, after=None)
            self.asked.append(name)  # until it is gone: not every answer of 200 has taken something away

    def models(self, wanted: t.Sequence[str] | None, found: t.Any, *, cleared: t.Sequence[str] = ()) -> None:
        """Compare a list of models. One that allows all is empty or says so by LiteLLM's word, which is the same."""
        given, there = listed(wanted), allowed(found)
        same_grant = given is not None and allowed(given) == there
        self.field("models", "models", there if same_grant else given, there, cleared=list(cleared))

    def put(self, name: str, api: str, found: t.Any, value: t.Any, **shown: t.Any) -> None:
        """Have a field written."""
        self.body[api] = value
        self.changes.append(Change(name, found, shown.get("after", value)))

    def limits(self, entry: t.Mapping[str, t.Any], row: t.Mapping[str, t.Any]) -> None:
        """Compare the limits of :data:`LIMITS`."""
        for name, api in LIMITS.items():
            found = row.get(api)
            if name == "budget_duration" and row.get("max_budget") is None and entry.get(name) is None:
                found = None  # of no budget: LiteLLM 1.81 cannot take it away
            self.field(name, api, entry.get(name), found)
