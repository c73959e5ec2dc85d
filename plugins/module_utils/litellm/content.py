# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All content of a LiteLLM at once: what was asked for, what was read, what is wrong, and what is to be done in turn.

Nothing here sends anything. The single modules are the same for one object.
"""

from __future__ import annotations

import fnmatch
import re
import typing as t
from collections import Counter
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import nearest
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import accounts, keys, models, objects
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.models import Deployment
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.objects import (
    BUDGET,
    KEY,
    MODEL,
    ROUTE,
    TEAM,
    USER,
    Operation,
    Row,
)

Entry = t.Dict[str, t.Any]

# The stages in which is written. Users are made before they are members, and say last what was asked for.
MODELS, FALLBACKS, BUDGETS, TEAMS, NEW_USERS, MEMBERS, USERS, KEYS = (
    "models",
    "fallbacks",
    "budgets",
    "teams",
    "new users",
    "members",
    "users",
    "keys",
)
STAGES = (MODELS, FALLBACKS, BUDGETS, TEAMS, NEW_USERS, MEMBERS, USERS, KEYS)
DELETIONS = (KEYS, USERS, TEAMS, BUDGETS, FALLBACKS, MODELS)
"""Those in which is deleted, in turn, after everything was written."""

# The first version that limits the tokens that a team has of a model. (1.77.7 stores the limit, and nothing reads it.)
_LIMITS_OF_MODELS = (1, 80)

# What LiteLLM is asked for.
READ_MODELS, READ_SETTINGS, READ_BUDGETS, READ_TEAMS, READ_USERS, READ_KEYS = (
    "models",
    "settings",
    "budgets",
    "teams",
    "users",
    "keys",
)

READ_OF = {
    MODELS: (READ_MODELS,),
    FALLBACKS: (READ_SETTINGS,),
    BUDGETS: (READ_BUDGETS,),
    TEAMS: (READ_TEAMS,),
    NEW_USERS: (READ_USERS,),
    MEMBERS: (READ_TEAMS,),
    USERS: (READ_USERS,),
    KEYS: (READ_KEYS,),
}
"""What shows whether the writes of a stage have come to pass."""


@dataclass(frozen=True)
class Content:
    """What there is to be."""

    set_name: str = "default"
    adopt: bool = False
    prune: bool = False
    is_whole: bool = False
    """Whether this is all of the set, so that what belongs to the set beside it has to be found."""
    models: t.Sequence[Entry] = ()
    routes: t.Sequence[Entry] = ()
    budgets: t.Sequence[Entry] = ()
    teams: t.Sequence[Entry] = ()
    users: t.Sequence[Entry] = ()
    keys: t.Sequence[Entry] = ()
    members: t.Sequence[Entry] = ()
    """Models that routes name and that are not to be written themselves."""
    credentials: t.Mapping[str, t.Mapping[str, str | None]] = field(default_factory=dict, repr=False)
    absent: t.Collection[tuple[str, str]] = ()
    """Kind and name of what is to be deleted."""

    def of(self, kind: str) -> t.Sequence[Entry]:
        """The entries of a kind."""
        return getattr(self, f"{kind}s")

    def absent_of(self, kind: str) -> set[str]:
        """The names of a kind that are to be deleted."""
        return {name for each, name in self.absent if each == kind}

    def deployments(self) -> list[Deployment]:
        """All deployments that there are to be, those of routes after those of models."""
        made = {each["name"]: models.deployment(each, self.credentials) for each in (*self.members, *self.models)}
        found = [made[each["name"]] for each in self.models]
        for route in self.routes:
            found += models.route_deployments(route, made)
        return found

    @property
    def needs(self) -> set[str]:
        """What has to be read."""
        wanted = {kind for kind in objects.KINDS if self.of(kind) or self.absent_of(kind)}
        if self.prune:
            wanted.add(ROUTE)
        if self.prune or self.is_whole:
            wanted |= {MODEL, TEAM, USER, KEY}
        needed = set()
        lists = any(each.get("models") or each.get("model_tpm") for each in (*self.teams, *self.users, *self.keys))
        routes_named = any(route.get("on_context") for route in self.routes)
        if wanted & {MODEL, ROUTE} or lists or routes_named:
            needed.add(READ_MODELS)
        if ROUTE in wanted:
            needed.add(READ_SETTINGS)
        if BUDGET in wanted:
            needed.add(READ_BUDGETS)
        if TEAM in wanted or any(each.get("team") for each in (*self.users, *self.keys)):
            needed.add(READ_TEAMS)
        if USER in wanted or any(each.get("user") for each in self.keys):
            needed.add(READ_USERS)
        if KEY in wanted or self.prune or self.absent:
            needed.add(READ_KEYS)
        if self.prune or self.absent_of(MODEL):
            needed |= {READ_TEAMS, READ_USERS}
        return needed


@dataclass
class Present:
    """What there is. What was not needed is empty."""

    models: list[Row] = field(default_factory=list)
    settings: Row = field(default_factory=dict)
    budgets: list[Row] = field(default_factory=list)
    teams: list[Row] = field(default_factory=list)
    users: list[Row] = field(default_factory=list)
    keys: list[Row] = field(default_factory=list)
    key_values: t.Mapping[str, str | None] = field(default_factory=dict, repr=False)
    """Of the asked keys, what their Secrets hold; None is yet to be made."""


def input_problems(asked: Content) -> list[str]:
    """What is wrong with the lists by themselves, each with its place."""
    problems = []
    for kind in objects.KINDS:
        label = _name_key(kind)
        names = Counter(each[label] for each in asked.of(kind))
        problems += [f"{kind}s: {label} {name} is there {number} times" for name, number in names.items() if number > 1]
    known = {each["name"] for each in (*asked.models, *asked.members)}
    for index, model in enumerate(asked.models):
        place = f"models[{index}] ({model['name']})"
        wrong = [*models.price_problems(model), *models.credential_problems(model)]
        problems += [f"{place}.{key}: {sentence}" for key, sentence in wrong]
        credential = model.get("credential")
        if credential and credential not in asked.credentials:
            problems.append(f"{place}.credential: {nearest(credential, asked.credentials)}")
        named = model.get("params") or {}
        if "model" in named:
            problems.append(f"{place}.params.model: stands beside params, as model")
        limit = model.get("max_output_tokens")
        if limit is not None and limit < 1:
            problems.append(f"{place}.max_output_tokens: must be at least 1")
    for index, route in enumerate(asked.routes):
        place = f"routes[{index}] ({route['name']})"
        if route["name"] in {each["name"] for each in asked.models}:
            problems.append(f"{place}.name: is the name of a model, too; a route needs a name of its own")
        if not route["order"]:
            problems.append(f"{place}.order: must name at least one model")
        if len(set(route["order"])) < len(route["order"]):
            problems.append(f"{place}.order: names a model twice")
        problems += [
            f"{place}.order[{number}]: there is no model {name} in models; {nearest(name, known)}"
            for number, name in enumerate(route["order"])
            if name not in known
        ]
        if route["name"] in (route.get("on_context") or []):
            problems.append(f"{place}.on_context: names the route itself")
    for index, key in enumerate(asked.keys):
        if key.get("secret") and key.get("value"):
            problems.append(f"keys[{index}] ({key['alias']}): has a Secret and a value; one of them is enough")
    for kind in (TEAM, USER, KEY, BUDGET):
        for index, entry in enumerate(asked.of(kind)):
            place = f"{kind}s[{index}] ({entry[_name_key(kind)]})"
            for name in objects.LIMITS:
                value = objects.number(entry.get(name))
                if value is not None and value < 0:
                    problems.append(f"{place}.{name}: must not be below 0")
            if entry.get("budget_duration") and entry.get("budget") is None:
                problems.append(f"{place}.budget_duration: has no budget to go with")
    return problems


def problems(asked: Content, read: Present) -> list[str]:
    """What is wrong with the names that the lists use: LiteLLM takes any. Asked after :func:`input_problems`."""
    found: list[str] = []
    gone_models = {name for kind, name in _gone(asked, read) if kind in (MODEL, ROUTE)}
    public = {row["model_name"] for row in read.models} - gone_models
    public |= {each["name"] for each in (*asked.models, *asked.routes)}
    groups = {name for row in read.models for name in row["model_info"].get("access_groups") or []}
    wildcards = [name for name in public if "*" in name]
    gone = _gone(asked, read)
    teams = {row["team_id"] for row in read.teams} - {name for kind, name in gone if kind == TEAM}
    teams |= {each["id"] for each in asked.teams}
    users = {row["user_id"] for row in read.users} - {name for kind, name in gone if kind == USER}
    users |= {each["id"] for each in asked.users}

    def check_model(place: str, name: str) -> None:
        known = name in public or name in groups or name in objects.WORDS
        if not known and not any(fnmatch.fnmatchcase(name, pattern) for pattern in wildcards):
            found.append(f"{place}: there is no model or route {name}; {nearest(name, public | groups)}")

    for kind in (TEAM, USER, KEY):
        for index, entry in enumerate(asked.of(kind)):
            place = f"{kind}s[{index}] ({entry[_name_key(kind)]})"
            for number, name in enumerate(entry.get("models") or []):
                check_model(f"{place}.models[{number}]", name)
            for name in entry.get("model_tpm") or {}:
                check_model(f"{place}.model_tpm", name)
            if entry.get("team") and entry["team"] not in teams:
                found.append(f"{place}.team: there is no team {entry['team']}; {nearest(entry['team'], teams)}")
            if entry.get("user") and entry["user"] not in users:
                found.append(f"{place}.user: there is no user {entry['user']}; {nearest(entry['user'], users)}")
    for index, route in enumerate(asked.routes):
        for number, name in enumerate(route.get("on_context") or []):
            check_model(f"routes[{index}] ({route['name']}).on_context[{number}]", name)
    fallbacks = models.general_fallbacks(read.settings)
    for index, route in enumerate(asked.routes):
        for name in (route["name"], "*"):
            if fallbacks.get(name):
                found.append(
                    f"routes[{index}] ({route['name']}): the router settings of LiteLLM fall back from {name} to"
                    f" {', '.join(map(str, fallbacks[name]))}, so calls of this route would go there, too. Take that"
                    " entry out of fallbacks"
                )
    return found


def version_problems(asked: Content, version: str | None) -> list[str]:
    """What a LiteLLM of this version takes and does not do. C(version): as its readiness says; new ones do not say it."""
    found = re.match(r"(\d+)\.(\d+)", version or "")
    if not found or tuple(map(int, found.groups())) >= _LIMITS_OF_MODELS:
        return []
    return [
        f"teams[{index}] ({team['id']}).model_tpm: LiteLLM {version} keeps no limits of a team and a model, so all of"
        f" {', '.join(team['model_tpm'])} would be without one. Update LiteLLM to 1.80 or later, or limit the team by tpm"
        for index, team in enumerate(asked.teams)
        if team.get("model_tpm")
    ]


def warnings(asked: Content, read: Present, now: str) -> list[str]:
    """What is allowed and hardly meant; ``now`` is in ISO 8601, in UTC."""
    found = []
    for each in asked.deployments():
        if not each.member and models.priced_without_limit(each):
            found.append(
                f"model {each.name} has a price and no max_output_tokens: for every call that names no limit, a key"
                " with a budget sets aside the price of 16384 tokens"
            )
    for alias, end in keys.expired(asked.keys, read.keys, now):
        found.append(f"key {alias} expired at {end}. A new duration, or none, makes it valid again")
    unknown = accounts.member_models_unknown(asked.users, read.teams)
    members = {each.get("user_id") for row in read.teams for each in row.get("members_with_roles") or []}
    for name in unknown:
        if name in members:
            found.append(
                f"this LiteLLM keeps no models of a member: those of user {name} do not bind the keys that name a team"
            )
    elsewhere = {route["name"]: set(route.get("on_context") or []) for route in asked.routes}
    for kind in (TEAM, KEY):
        for entry in asked.of(kind):
            offered = set(objects.listed(entry.get("models")) or [objects.ALL_MODELS])
            if offered & {objects.ALL_MODELS, objects.TEAM_MODELS}:
                continue
            for name in sorted(offered & set(elsewhere)):
                skipped = ", ".join(sorted(elsewhere[name] - offered))
                if skipped:
                    found.append(
                        f"{kind} {entry[_name_key(kind)]} may call route {name} and not {skipped}, so a context that is"
                        " too long for the route is refused there"
                    )
    by_team = {each["id"]: each for each in asked.teams}
    for key in asked.keys:
        team = by_team.get(key.get("team") or "")
        offered = objects.listed(team.get("models")) if team else None
        if offered is None or objects.ALL_MODELS in offered:
            continue
        lost = sorted(set(key.get("models") or []) - set(offered) - set(objects.WORDS))
        if lost:
            found.append(f"key {key['alias']} cannot call {', '.join(lost)}: its team {key['team']} has no such model")
    return found


def plan(stage: str, asked: Content, read: Present) -> tuple[list[Operation], list[str]]:
    """What is to be done in one stage, and why something must not be done."""
    how: dict[str, t.Any] = {"set_name": asked.set_name, "adopt": asked.adopt, "prune": asked.prune}
    if stage == MODELS:
        operations, refusals = models.plan(asked.deployments(), read.models, absent=asked.absent, **how)
        kept = [each for each in operations if each.action == objects.DELETED and each.kind == MODEL]
        return operations, refusals + _used_models(asked, read, kept)
    if stage == FALLBACKS:
        gone = {name for kind, name in _gone(asked, read) if kind == ROUTE}
        return models.plan_fallbacks(asked.routes, gone, read.settings), []
    if stage == BUDGETS:
        return accounts.plan_budgets(asked.budgets, read.budgets, read.keys, absent=asked.absent_of(BUDGET))
    if stage == TEAMS:
        return accounts.plan_teams(asked.teams, read.teams, read.keys, absent=asked.absent_of(TEAM), **how)
    if stage == MEMBERS:
        return accounts.plan_members(asked.users, read.users, read.teams, set_name=asked.set_name), []
    if stage in (NEW_USERS, USERS):
        operations, refusals = accounts.plan_users(
            asked.users, read.users, read.keys, absent=asked.absent_of(USER), **how
        )
        is_new = stage == NEW_USERS
        return [each for each in operations if (each.action == objects.CREATED) == is_new], [] if is_new else refusals
    return keys.plan(asked.keys, read.keys, read.key_values, absent=asked.absent_of(KEY), **how)


def dead_values(asked: Content, read: Present) -> list[keys.DeadValue]:
    """The values of keys that will be good for nothing."""
    return keys.dead_values(plan(KEYS, asked, read)[0], asked.keys, read.keys, asked.set_name)


def leftovers(asked: Content, read: Present) -> list[tuple[str, str]]:
    """Kind and name of what is ours and is not asked for."""
    return [
        *models.leftovers(asked.deployments(), read.models, asked.set_name),
        *accounts.leftovers(TEAM, asked.teams, read.teams, asked.set_name),
        *accounts.leftovers(USER, asked.users, read.users, asked.set_name),
        *keys.leftovers(asked.keys, read.keys, asked.set_name),
    ]


def differences(asked: Content, read: Present) -> dict[tuple[str, str], list[str]]:
    """By kind and name, which fields of what is there would be written: as :func:`plan` has it, but for its refusals."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    missing = set()
    for stage in STAGES:
        for operation in plan(stage, asked, read)[0]:
            found.setdefault(operation.ref, {}).update(dict.fromkeys(operation.fields))
            if operation.action == objects.CREATED:
                missing.add(operation.ref)
    return {ref: list(fields) for ref, fields in found.items() if fields and ref not in missing}


def _gone(asked: Content, read: Present) -> set[tuple[str, str]]:
    """Kind and name of what will be deleted."""
    return set(asked.absent) | (set(leftovers(asked, read)) if asked.prune else set())


def _used_models(asked: Content, read: Present, operations: t.Sequence[Operation]) -> list[str]:
    """Why models that would go must stay: others name them, who would lose them without a word."""
    refusals = []
    for operation in operations:
        left = {call.body["id"] for call in operation.calls}
        if any(row["model_name"] == operation.name and row["model_info"]["id"] not in left for row in read.models):
            continue  # the name stays
        users = [
            f"{kind} {row.get(_row_name(kind))}"
            for kind, rows in ((TEAM, read.teams), (USER, read.users), (KEY, read.keys))
            for row in rows
            if operation.name in (row.get("models") or []) and objects.set_of(row.get("metadata")) != asked.set_name
        ]
        if users:
            refusals.append(
                f"model {operation.name} is named by others than this instance set: {', '.join(sorted(users))}. Take it"
                " out of their lists first, or keep it"
            )
    return refusals


def _name_key(kind: str) -> str:
    return {MODEL: "name", ROUTE: "name", KEY: "alias"}.get(kind, "id")


def _row_name(kind: str) -> str:
    return "key_alias" if kind == KEY else f"{kind}_id"
