# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the teams, users and keys of a LiteLLM to the access of entries, and to lists of teams, users and keys.

To LiteLLM an empty list of models means all of them; here all are named, for nobody is to get more by an export. Who is
blocked, has come to an end or has a budget of nothing is left out: the lists have no such entries.
"""

from __future__ import annotations

import datetime
import fnmatch
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.litellm import objects
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.accounts import LITEMAAS_TEAM
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.export_models import Note, Offered
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.objects import Row

_MODEL_TPM = "model_tpm_limit"
# What restricts a caller, and no entry can say.
_RESTRICTS = ("allowed_routes", "guardrails", "max_parallel_requests", "model_max_budget", "permissions", "policies")
_IN_METADATA = ("guardrails", _MODEL_TPM, "model_rpm_limit")

_LONGEST = 255
_DURATION = re.compile(r"[1-9][0-9]{0,4}(s|mo|m|h|d|w)\Z")
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
# What MaaS cannot have in the name of a group.
_NO_GROUP = re.compile(r'["\\]')


@dataclass
class CallerLists:
    """The entries of the three lists."""

    teams: list[Row] = field(default_factory=list)
    users: list[Row] = field(default_factory=list)
    keys: list[Row] = field(default_factory=list)


def callers(
    teams: t.Sequence[Row],
    users: t.Sequence[Row],
    keys: t.Sequence[Row],
    offered: Offered,
    namespace: str,
    now: str,
    note: Note,
) -> CallerLists:
    """The callers; the entries of ``offered`` get their C(access)."""
    exporter = _Exporting(offered, note)
    exporter.add_teams(teams)
    exporter.add_users(users, keys)
    exporter.add_keys(keys, namespace, now)
    return exporter.found


class _Exporting:
    def __init__(self, offered: Offered, note: Note) -> None:
        self.found = CallerLists()
        self._offered = offered
        self._names = offered.names()
        self._note = note
        self._of_teams: dict[str, list[str]] = {}
        self._of_users: dict[str, list[str]] = {}
        self._team_of: dict[str, str | None] = {}

    # What a list of models means

    def _granted(self, kind: str, name: str, models: t.Any) -> list[str]:
        """The names here that a list of LiteLLM's grants, where an empty one grants all."""
        given = [str(each) for each in models or []]
        if not given or objects.ALL_MODELS in given or "*" in given:
            known = [name for name in self._names if name not in self._offered.made]
            if known:
                self._note(kind, name, "may call every model, also those to come; here it may call those of today")
            return known
        found: set[str] = set()
        for each in given:
            members = self._offered.members.get(each) or fnmatch.filter(self._names, each if "*" in each else "")
            if each in self._names or members:
                found |= {each} & {*self._names} | {*members}
            elif each not in objects.WORDS:
                self._note(kind, name, f"names the model {each}, which is none here")
        return [name for name in self._names if name in found]

    # Teams

    def add_teams(self, rows: t.Sequence[Row]) -> None:
        limits: dict[tuple[str, str], int | None] = {}
        for row in sorted(rows, key=lambda each: str(each.get("team_id"))):
            team = str(row.get("team_id") or "")
            why = _unfit(team, row)
            if team == LITEMAAS_TEAM:
                continue  # the backend of LiteMaaS makes it for itself
            if why:
                self._note("team", team, f"is left out: {why}")
                continue
            granted = self._granted("team", team, row.get("models"))
            per_model = (row.get("metadata") or {}).get(_MODEL_TPM) or {}
            # Names that only this export made go to whoever may call what they stand for.
            granted += [name for name, of in self._offered.made.items() if set(of) & set(granted)]
            for name in granted:
                sources = [name, *self._offered.made.get(name, [])]
                limits[team, name] = next((_whole(per_model[each]) for each in sources if per_model.get(each)), None)
            self._of_teams[team] = granted
            self.found.teams.append({"id": team, **_limits(row)})
            self._note_about_team(team, row)
        self._add_access(limits)
        self.found.teams = [each for each in self.found.teams if len(each) > 1 or not self._is_group(each["id"])]

    def _note_about_team(self, team: str, row: Row) -> None:
        if row.get("team_alias") and row["team_alias"] != team:
            self._note(
                "team", team, f"is called {row['team_alias']}; in MaaS, a group would have to have its id as name"
            )
        self._note_left("team", team, row, _RESTRICTS, ("guardrails", "model_rpm_limit"))

    def _is_group(self, team: str) -> bool:
        return any(team in entry.get("access", {}).get("groups", ()) for entry, _names in self._offered.entries())

    def _add_access(self, limits: t.Mapping[tuple[str, str], int | None]) -> None:
        """A team that may call all of an entry is one of its groups. One that may call some of an instance says so itself."""
        teams = {each["id"]: each for each in self.found.teams}
        for entry, names in self._offered.entries():
            groups = [
                team
                for team, granted in self._of_teams.items()
                if {*names} <= {*granted} and not _NO_GROUP.search(team)
            ]
            for team, granted in self._of_teams.items():
                some = [name for name in names if name in granted]
                if team not in groups and some:
                    teams[team].setdefault("models", []).extend(some)
                    self._limit_team(teams[team], [limits[team, name] for name in some])
            if groups:
                entry["access"] = {"groups": groups}
                self._limit_access(entry, {limits[team, name] for team in groups for name in names})

    def _limit_access(self, entry: Row, found: set[int | None]) -> None:
        given = sorted(each for each in found if each)
        if not given:
            return
        entry["access"]["token_limits"] = [{"limit": given[0], "window": "1m"}]
        if len(found) > 1:
            said = "no limit, or another one" if None in found else f"{given[-1]}"
            what = (
                f"a group may use {given[0]} tokens a minute; some have {said} in LiteLLM, which one entry cannot say"
            )
            self._note("access of", entry["name"], what)

    def _limit_team(self, team: Row, found: t.Sequence[int | None]) -> None:
        """A limit for a model that only the team's own list names becomes one for all: less, not more."""
        given = [each for each in found if each]
        if given and not 0 < (team.get("tpm") or 0) <= min(given):
            team["tpm"] = min(given)
            what = f"has a limit of {min(given)} tokens a minute for a model; here it is that of all its calls"
            self._note("team", team["id"], what)

    # Users

    def add_users(self, rows: t.Sequence[Row], keys: t.Sequence[Row]) -> None:
        for row in sorted(rows, key=lambda each: str(each.get("user_id"))):
            user = str(row.get("user_id") or "")
            if user == objects.DEFAULT_USER:
                continue
            why = _unfit(user, row)
            if why:
                self._note("user", user, f"is left out: {why}")
                continue
            team = self._one_team(user, row, keys)
            granted = self._granted("user", user, row.get("models"))
            self._of_users[user], self._team_of[user] = granted, team
            entry: Row = {"id": user}
            entry.update({"team": team} if team else {}, **_limits(row))
            entry.update({"models": granted} if granted else {})
            self.found.users.append(entry)
            if row.get("user_role") not in (None, "internal_user"):
                self._note("user", user, f"has the role {row['user_role']}, which no entry says")
            self._note_left("user", user, row, _RESTRICTS, _IN_METADATA)

    def _one_team(self, user: str, row: Row, keys: t.Sequence[Row]) -> str | None:
        teams = [str(team) for team in row.get("teams") or [] if str(team) in self._of_teams]
        others = {str(key["team_id"]) for key in keys if key.get("user_id") == user and key.get("team_id")} - {
            *teams[:1]
        }
        if len(teams) > 1:
            self._note("user", user, f"is in the teams {', '.join(teams)}; an entry has one")
        return teams[0] if teams and not others else None

    # Keys

    def add_keys(self, rows: t.Sequence[Row], namespace: str, now: str) -> None:
        aliases = {row["key_alias"] for row in rows if row.get("key_alias")}
        secrets: set[str] = set()
        for row in sorted(rows, key=lambda each: (str(each.get("key_alias") or "~"), str(each.get("token")))):
            alias = str(row.get("key_alias") or "")
            if not alias:
                alias = f"key-{str(row.get('token') or '')[:8]}"
                if alias in aliases:
                    continue
                self._note("key", alias, f"({row.get('key_name')}) has no alias; under this one it becomes a new key")
            entry, why = self._key(alias, row, now)
            if entry is None:
                self._note("key", alias, f"is left out: {why}")
                continue
            secret = _unique(_secret_name(alias), secrets)
            secrets.add(secret)
            entry["secret"] = {"name": secret, "namespace": namespace}
            self.found.keys.append(entry)
            self._note_left("key", alias, row, (*_RESTRICTS, "soft_budget"), _IN_METADATA)

    def _key(self, alias: str, row: Row, now: str) -> tuple[Row | None, str]:
        """The entry of a key without its Secret, or why there is none."""
        why = _unfit(alias, row)
        if not why and row.get("expires") and str(row["expires"])[:19] <= now[:19]:
            why = f"it has come to its end at {str(row['expires'])[:19]}"
        team, user = row.get("team_id"), row.get("user_id")
        user = None if user == objects.DEFAULT_USER else user
        if not why and team and team not in self._of_teams:
            why = f"its team {team} is not here"
        if not why and user and not team and user not in self._of_users:
            why = f"its user {user} is not here"
        if why:
            return None, why
        entry: Row = {"alias": alias}
        if team:
            entry["team"] = team
        if user and user in self._of_users and (not team or self._team_of[user] in (None, team)):
            entry["user"] = user
        elif user:
            self._note("key", alias, f"is of user {user}, too, who is not in its team here")
        models, why = self._models_of_key(alias, row, team, user)
        if why:
            return None, why
        entry.update({"models": models} if models else {}, **_limits(row))
        duration = self._duration(alias, row, now)
        return {**entry, **({"duration": duration} if duration else {})}, ""

    def _models_of_key(self, alias: str, row: Row, team: str | None, user: str | None) -> tuple[list[str], str]:
        """What the key names, none where that is all that its owner may call."""
        owner = self._of_teams[team] if team else self._of_users.get(user or "")
        given = [str(each) for each in row.get("models") or []]
        if owner is not None and (not given or {objects.TEAM_MODELS, objects.ALL_MODELS} & {*given}):
            return [], "" if owner else "its owner may call nothing that is here"
        granted = self._granted("key", alias, given)
        allowed = granted if owner is None else [name for name in granted if name in owner]
        if len(allowed) < len(granted):
            refused = ", ".join(name for name in granted if name not in allowed)
            self._note("key", alias, f"names {refused}, which its {'team' if team else 'user'} may not call")
        return allowed, "" if allowed else "it may call nothing that is here"

    def _duration(self, alias: str, row: Row, now: str) -> str | None:
        """How long the key is to live: as it was asked for where it is ours, else as long as it still has."""
        metadata = row.get("metadata") or {}
        if objects.set_of(metadata) is not None:
            return metadata.get("duration")
        if not row.get("expires"):
            return None
        end = str(row["expires"])[:19]
        left = (_time(end) - _time(now[:19])).total_seconds()
        self._note(
            "key", alias, f"ends at {end}; its duration here is the time that it has left, from when it is deployed"
        )
        unit, seconds = next(each for each in _UNITS if left >= 2 * each[1] or each[1] == 1)
        return f"{max(1, int(left // seconds))}{unit}"

    def _note_left(self, kind: str, name: str, row: Row, fields: t.Sequence[str], in_metadata: t.Sequence[str]) -> None:
        left = [each for each in fields if row.get(each) not in (None, [], {}, "")]
        left += [each for each in in_metadata if (row.get("metadata") or {}).get(each) not in (None, [], {}, "")]
        if left:
            self._note(kind, name, f"is restricted by {', '.join(left)}, which no entry can say")


def _unfit(name: str, row: Row) -> str:
    """Why somebody is left out whatever else there is."""
    limits = {
        **(row.get("litellm_budget_table") or {}),
        **{key: value for key, value in row.items() if value is not None},
    }
    if not name or name != name.strip() or len(name) > _LONGEST:
        return "the lists have no such name"
    if row.get("blocked"):
        return "it is blocked"
    zero = [name for name, api in objects.LIMITS.items() if name != "budget_duration" and limits.get(api) == 0]
    return f"its {' and '.join(zero)} is 0, which admits no call" if zero else ""


def _limits(row: Row) -> Row:
    """The limits of an entry; those of a shared budget where the row has none of its own."""
    shared = row.get("litellm_budget_table") or {}
    found: Row = {}
    for name, api in objects.LIMITS.items():
        value = shared.get(api) if row.get(api) is None else row[api]
        if name == "budget_duration":
            if value and _DURATION.match(str(value)) and found.get("budget"):
                found[name] = value
        elif value is not None:
            found[name] = _whole(value)
    return found


def _whole(value: t.Any) -> t.Any:
    number = objects.number(value)
    return int(number) if number is not None and number == int(number) else number


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S")


def _secret_name(alias: str) -> str:
    name = re.sub(r"[^a-z0-9-]+", "-", alias.lower()).strip("-")[:200].strip("-")
    return name if name.endswith("key") else f"{name}-key".lstrip("-")


def _unique(name: str, taken: t.Container[str]) -> str:
    found, number = name, 2
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    return found
