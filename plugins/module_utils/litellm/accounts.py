# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Teams, users, their membership and shared budgets: what brings those that there are to what was asked for."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.litellm import objects
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.objects import (
    BUDGET,
    TEAM,
    USER,
    Call,
    Change,
    Comparison,
    Operation,
    Row,
)

LITEMAAS_TEAM = "a0000000-0000-4000-8000-000000000001"
"""The team that the backend of LiteMaaS makes for itself. It is never deleted."""

_MODEL_TPM = "model_tpm_limit"
Entry = t.Mapping[str, t.Any]
Planned = t.Tuple[t.List[Operation], t.List[str]]


def plan_teams(
    entries: t.Sequence[Entry],
    rows: t.Sequence[Row],
    keys: t.Sequence[Row],
    *,
    set_name: str,
    adopt: bool,
    prune: bool,
    absent: t.Collection[str] = (),
) -> Planned:
    """What is to be done to the teams; ``keys`` are all keys, for a team that has those of others is not deleted."""
    found = {row["team_id"]: row for row in rows}
    operations, refusals = _each(TEAM, entries, found, _team, set_name, adopt)
    for name in _to_delete(entries, found, set_name, prune, absent):
        row = found[name]
        theirs = [each for each in keys if each.get("team_id") == name and not _is_ours(each, set_name)]
        if name == LITEMAAS_TEAM:
            refusals.append(f"team {name} is the one of the backend of LiteMaaS, and is never deleted")
        elif not _is_ours(row, set_name) and not adopt:
            refusals.append(objects.refusal(TEAM, name, objects.set_of(row.get("metadata"))))
        elif theirs:
            refusals.append(_used(TEAM, name, theirs))
        else:
            operations.append(_deletion(TEAM, name, "/team/delete", {"team_ids": [name]}))
    return operations, refusals


def _team(entry: Entry, row: Row | None, set_name: str) -> tuple[Row, list[Change]]:
    before = _before(row, set_name)
    compared = Comparison(before)
    if row is None and not entry.get("alias"):
        compared.body["team_alias"] = entry["id"]  # by which people see it
    row = row or {}
    compared.field("alias", "team_alias", entry.get("alias"), row.get("team_alias"))
    compared.models(entry.get("models"), row.get("models"))
    compared.limits(entry, row)
    metadata = dict(row.get("metadata") or {})
    per_model = Comparison(before)
    per_model.field("model_tpm", _MODEL_TPM, entry.get("model_tpm") or None, metadata.get(_MODEL_TPM) or None)
    metadata.update({key: value for key, value in per_model.body.items() if value is not None})
    if per_model.body.get(_MODEL_TPM, metadata) is None:
        metadata.pop(_MODEL_TPM, None)
    asked = [*compared.asked, *per_model.asked]
    return _marked(compared.body, row, metadata, set_name, asked), [*compared.changes, *per_model.changes]


def plan_users(
    entries: t.Sequence[Entry],
    rows: t.Sequence[Row],
    keys: t.Sequence[Row],
    *,
    set_name: str,
    adopt: bool,
    prune: bool,
    absent: t.Collection[str] = (),
) -> Planned:
    """What is to be done to the users, without their membership; ``keys`` are all keys."""
    found = {row["user_id"]: row for row in rows}
    operations, refusals = _each(USER, entries, found, _user, set_name, adopt)
    for name in _to_delete(entries, found, set_name, prune, absent):
        row = found[name]
        theirs = [each for each in keys if each.get("user_id") == name and not _is_ours(each, set_name)]
        if not _is_ours(row, set_name) and not adopt:
            refusals.append(objects.refusal(USER, name, objects.set_of(row.get("metadata"))))
        elif theirs:
            refusals.append(_used(USER, name, theirs))
        else:
            operations.append(_deletion(USER, name, "/user/delete", {"user_ids": [name]}))
    return operations, refusals


def _user(entry: Entry, row: Row | None, set_name: str) -> tuple[Row, list[Change]]:
    before = _before(row, set_name)
    compared = Comparison(before)
    is_new, row = row is None, row or {}
    # An empty list is ignored here.
    compared.models(
        entry.get("models"),
        row.get("models"),
        cleared=[objects.ALL_MODELS] if objects.allowed(row.get("models")) else [],
    )
    compared.limits(entry, row)
    if is_new:
        compared.body["auto_create_key"] = False
    more = {"team": entry["team"]} if entry.get("team") else {}
    metadata = dict(row.get("metadata") or {})
    if _is_ours(row, set_name):
        metadata.pop("team", None)
    return _marked(compared.body, row, metadata, set_name, compared.asked, **more), compared.changes


def plan_members(
    entries: t.Sequence[Entry], users: t.Sequence[Row], teams: t.Sequence[Row], *, set_name: str
) -> list[Operation]:
    """What brings users into their team, with the limits that they have there, and out of the one before.

    A user's own limits and models count for keys without a team only, so the membership gets them, too. It is written
    before the user's metadata says what was asked for: a run that was killed is carried on.
    """
    found = {row["user_id"]: row for row in users}
    by_id = {row["team_id"]: row for row in teams}
    operations: list[Operation] = []
    for entry in entries:
        row = found.get(entry["id"])
        left = _team_before(row, set_name)
        if left and left != entry.get("team") and entry["id"] in _members(by_id.get(left)):
            call = Call("POST", "/team/member_delete", {"team_id": left, "user_id": entry["id"]})
            operations.append(Operation(USER, entry["id"], objects.UPDATED, [Change("team", left, None)], [call]))
        if entry.get("team"):
            operations += filter(None, [_member(entry, row, by_id.get(entry["team"]), set_name)])
    return operations


def _members(team: Row | None) -> set[str]:
    return {each.get("user_id") for each in (team or {}).get("members_with_roles") or []}


def member_models_unknown(entries: t.Sequence[Entry], teams: t.Sequence[Row]) -> list[str]:
    """The users whose models this LiteLLM cannot keep for the keys that they have in their team."""
    by_id = {row["team_id"]: row for row in teams}
    return [
        entry["id"]
        for entry in entries
        if entry.get("team") and _models_in_team(entry)
        if not _knows_models(_membership(entry, by_id.get(entry["team"])))
    ]


def _models_in_team(entry: Entry) -> list[str] | None:
    """What of its team a user may call. LiteLLM's word for none stands for none but those of teams: no list of its own."""
    models = objects.listed(entry.get("models"))
    return models if models is None else [] if models == [objects.NO_MODELS] else objects.allowed(models)


def _membership(entry: Entry, team: Row | None) -> Row | None:
    rows = (team or {}).get("team_memberships") or []
    return next((each for each in rows if each.get("user_id") == entry["id"]), None)


def _knows_models(membership: Row | None) -> bool:
    # LiteLLM 1.81 has no row for a member without a budget, and no models in a budget.
    budget = (membership or {}).get("litellm_budget_table")
    return membership is not None and (not budget or "allowed_models" in budget)


def _member(entry: Entry, user: Row | None, team: Row | None, set_name: str) -> Operation | None:
    who = {"team_id": entry["team"], "user_id": entry["id"]}
    is_member = entry["id"] in _members(team)
    membership = _membership(entry, team)
    budget = (membership or {}).get("litellm_budget_table") or {}
    compared = Comparison(_before(user, set_name) if is_member else ())
    compared.limits(entry, budget)
    if not is_member or _knows_models(membership):
        found = sorted(budget.get("allowed_models") or [])
        compared.field("models", "allowed_models", _models_in_team(entry), found, cleared=[])
    changes = [Change(f"team.{change.field}", change.before, change.after) for change in compared.changes]
    calls = []
    if not is_member:
        member = {"user_id": entry["id"], "role": "user"}
        calls.append(Call("POST", "/team/member_add", {"team_id": entry["team"], "member": member}))
        changes.insert(0, Change("team", None, entry["team"]))
    shared = ((team or {}).get("metadata") or {}).get("team_member_budget_id")
    if is_member and list(compared.body) == ["budget_duration"] and budget.get("budget_id", shared) != shared:
        # LiteLLM 1.81 ignores it where a member is updated.
        calls.append(Call("POST", "/budget/update", {"budget_id": budget["budget_id"], **compared.body}))
    elif compared.changes:
        # All of them: LiteLLM 1.81 makes a new budget of those that are given.
        limits = {api: compared.body.get(api, budget.get(api)) for api in objects.LIMITS.values()}
        limits["max_budget_in_team"] = limits.pop("max_budget")
        models = {key: value for key, value in compared.body.items() if key == "allowed_models"}
        calls.append(Call("POST", "/team/member_update", {**who, **limits, **models}))
    return Operation(USER, entry["id"], objects.UPDATED, changes, calls) if calls else None


def plan_budgets(
    entries: t.Sequence[Entry], rows: t.Sequence[Row], keys: t.Sequence[Row], *, absent: t.Collection[str] = ()
) -> Planned:
    """What is to be done to budgets that others share. LiteLLM keeps nothing by which ours would be known."""
    found = {row["budget_id"]: row for row in rows}
    operations: list[Operation] = []
    refusals: list[str] = []
    for entry in entries:
        row = found.get(entry["id"])
        # What is not asked for is cleared: there is nobody to remember who has asked for it.
        compared = Comparison(tuple(objects.LIMITS))
        compared.limits(entry, row or {})
        if row is None or compared.changes:
            path = "/budget/new" if row is None else "/budget/update"
            action = objects.CREATED if row is None else objects.UPDATED
            call = Call("POST", path, {"budget_id": entry["id"], **compared.body})
            operations.append(Operation(BUDGET, entry["id"], action, compared.changes, [call]))
    for name in sorted(set(absent) & set(found)):
        users = [each for each in keys if each.get("budget_id") == name]
        if users:
            refusals.append(_used(BUDGET, name, users))
        else:
            operations.append(_deletion(BUDGET, name, "/budget/delete", {"id": name}))
    return operations, refusals


def leftovers(kind: str, entries: t.Sequence[Entry], rows: t.Sequence[Row], set_name: str) -> list[tuple[str, str]]:
    """Kind and name of what is ours and is not asked for."""
    asked = {entry["id"] for entry in entries}
    names = [row[f"{kind}_id"] for row in rows if _is_ours(row, set_name)]
    return sorted((kind, name) for name in names if name not in asked)


def _each(
    kind: str,
    entries: t.Sequence[Entry],
    found: t.Mapping[str, Row],
    compare: t.Callable[[Entry, Row | None, str], tuple[Row, list[Change]]],
    set_name: str,
    adopt: bool,
) -> Planned:
    operations: list[Operation] = []
    refusals: list[str] = []
    for entry in entries:
        name, row = entry["id"], found.get(entry["id"])
        owner = objects.set_of(row.get("metadata")) if row else None
        if row is not None and owner != set_name and not (adopt and owner is None):
            refusals.append(objects.refusal(kind, name, owner))
            continue
        body, changes = compare(entry, row, set_name)
        if row is None:
            call = Call("POST", f"/{kind}/new", {f"{kind}_id": name, **_set(body)})
            operations.append(Operation(kind, name, objects.CREATED, changes, [call]))
        elif body:
            action = objects.ADOPTED if owner is None else objects.UPDATED
            call = Call("POST", f"/{kind}/update", {f"{kind}_id": name, **body})
            operations.append(Operation(kind, name, action, changes, [call]))
    return operations, refusals


def _set(body: Row) -> Row:
    return {key: value for key, value in body.items() if value is not None}


def _marked(body: Row, row: Row, metadata: Row, set_name: str, asked: t.Iterable[str], **more: t.Any) -> Row:
    """The body, with the metadata as a whole where it is not yet as it has to be: it is replaced."""
    wanted = {**metadata, **objects.mark(set_name, asked, **more)}
    return {**body, "metadata": wanted} if wanted != (row.get("metadata") or {}) else body


def _before(row: Row | None, set_name: str) -> frozenset[str]:
    return objects.asked_before(row.get("metadata")) if row and _is_ours(row, set_name) else frozenset()


def _team_before(row: Row | None, set_name: str) -> str | None:
    return (row.get("metadata") or {}).get("team") if row and _is_ours(row, set_name) else None


def _is_ours(row: Row, set_name: str) -> bool:
    return objects.set_of(row.get("metadata")) == set_name


def _to_delete(
    entries: t.Sequence[Entry], found: t.Mapping[str, Row], set_name: str, prune: bool, absent: t.Collection[str]
) -> list[str]:
    asked = {entry["id"] for entry in entries}
    left = {name for name, row in found.items() if prune and _is_ours(row, set_name) and name not in asked}
    return sorted(left | (set(absent) & set(found)))


def _used(kind: str, name: str, keys: t.Sequence[Row]) -> str:
    names = ", ".join(sorted(str(each.get("key_alias") or each.get("key_name")) for each in keys))
    return (
        f"{kind} {name} is used by keys that are not managed by this instance set, which would stop working: {names}."
        " Delete these first, or keep it"
    )


def _deletion(kind: str, name: str, path: str, body: Row) -> Operation:
    return Operation(kind, name, objects.DELETED, [Change("id", name, None)], [Call("POST", path, body)])
