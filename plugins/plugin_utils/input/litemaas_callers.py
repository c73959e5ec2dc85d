# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From access, teams, users and keys to who may call what, and how much.

LiteLLM lets a key call what is in three lists at once: its own, that of its team, and without a team that of its user;
an empty list is no limit. So every list is written out, and the list of an owner grows by what its keys name.
"""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, nearest
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import litemaas_values as values

if t.TYPE_CHECKING:
    from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_models import GatewayContext, Offers

Object = t.Dict[str, t.Any]

OWNER_SHAPE: t.Any = {"models": "names", **values.LIMIT_SHAPE}
KEY_SHAPE: t.Any = {"models": "names", "secret": "dict", **values.LIMIT_SHAPE}

_TEAM_KEYS = ("id", "models", *values.LIMIT_KEYS)
_USER_KEYS = ("id", "team", "models", *values.LIMIT_KEYS)
_KEY_KEYS = ("alias", "team", "user", "models", "duration", "secret", *values.LIMIT_KEYS)

# The field of a Secret that a key is put in where its entry does not say.
_SECRET_FIELD = "LITELLM_API_KEY"

# Who LiteLLM itself is.
_ADMIN = "default_user_id"


class Callers(t.NamedTuple):
    """Those who call a gateway. C(notes): what was widened so that keys get what they name."""

    teams: list[Object]
    users: list[Object]
    keys: list[Object]
    notes: list[str]


class _Owner(t.NamedTuple):
    """A team or a user: its data, what it may call by itself, and what its keys add, each with the keys that do.

    C(in_team): likewise for a user's keys that have a team. Where a user's list names models at all, it binds those keys,
    too; without any, they get what their team gets.
    """

    data: Object
    own: list[str]
    added: dict[str, list[str]]
    in_team: dict[str, list[str]]

    def grown(self) -> dict[str, list[str]]:
        """What was added to its own list, by the keys that name it."""
        if not self.own and not self.added:
            return {}
        return {**{name: keys for name, keys in self.in_team.items() if name not in self.own}, **self.added}

    def models(self, offers: Offers) -> list[str]:
        listed = {*self.own, *self.grown()}
        return [name for name in offers.names if name in listed] or [values.NO_MODELS]


def of_lists(
    lists: t.Mapping[str, list[t.Any]], offers: Offers, context: GatewayContext, at: t.Mapping[str, Findings]
) -> Callers:
    """C(lists) and C(at), the place of each, by C(teams), C(users) and C(keys)."""
    teams = _teams(lists["teams"], offers, at["teams"])
    users = _users(lists["users"], teams, offers, at["users"])
    keys = _keys(lists["keys"], teams, users, offers, context, at["keys"])
    notes = [
        f"{what} {name} may call {model} too: LiteLLM lets a key call only what its {what} may, and it is named by "
        f"{', '.join(aliases)}"
        for what, owners in (("team", teams), ("user", users))
        for name, owner in owners.items()
        for model, aliases in owner.grown().items()
    ]
    return Callers(
        [{**owner.data, "models": owner.models(offers)} for owner in teams.values()],
        [{**owner.data, "models": owner.models(offers)} for owner in users.values()],
        keys,
        notes,
    )


def _entries(given: list[t.Any], known: tuple[str, ...], findings: Findings) -> t.Iterator[tuple[Object, Findings]]:
    """The entries that can be read. The first of the known keys is what they are told apart by, and unique."""
    first: dict[str, int] = {}
    for index, entry in enumerate(given):
        place, key = findings.at(index), known[0]
        if not isinstance(entry, dict):
            place.error(f"must be a mapping with at least {key}")
            continue
        place.refuse_unknown_keys(entry, known)
        values.plain(entry, place)
        name = values.identifier(entry.get(key), place.at(key))
        if name is None:
            continue
        if name in first:
            place.at(key).error(f"{name} is that of entry {first[name]} too")
        else:
            first[name] = index
        yield entry, place


def _teams(given: list[t.Any], offers: Offers, findings: Findings) -> dict[str, _Owner]:
    """Those of the list, and every group that some access admits."""
    teams: dict[str, _Owner] = {}
    for entry, place in _entries(given, _TEAM_KEYS, findings):
        own = _models(entry.get("models"), offers, place.at("models")) or []
        teams[entry["id"]] = _Owner({"id": entry["id"], **values.limits(entry, place), "model_tpm": {}}, own, {}, {})
    declared = list(teams)
    for name, offer in offers.names.items():
        for group in offer.access.groups:
            if group not in teams:
                _warn_of_slip(group, declared, offer.place.at("access").at("groups"))
                none = dict.fromkeys(values.LIMIT_KEYS)
                teams[group] = _Owner({"id": group, **none, "model_tpm": {}}, [], {}, {})
            teams[group].own.append(name)
            if offer.access.tpm is not None:
                teams[group].data["model_tpm"][name] = offer.access.tpm
    return teams


def _warn_of_slip(group: str, declared: t.Sequence[str], findings: Findings) -> None:
    near = difflib.get_close_matches(group, declared, n=1, cutoff=0.8)
    if near:
        findings.warn(f"{group} becomes a team of its own, beside {near[0]} in litemaas_teams; did you mean that?")


def _users(given: list[t.Any], teams: t.Mapping[str, _Owner], offers: Offers, findings: Findings) -> dict[str, _Owner]:
    users: dict[str, _Owner] = {}
    for entry, place in _entries(given, _USER_KEYS, findings):
        if entry["id"] == _ADMIN:
            place.at("id").error(f"{_ADMIN} is LiteLLM's administrator; give another id")
        team = _known(entry.get("team"), teams, "team", place.at("team"))
        own = _models(entry.get("models"), offers, place.at("models")) or []
        users[entry["id"]] = _Owner({"id": entry["id"], "team": team, **values.limits(entry, place)}, own, {}, {})
    return users


def _models(given: t.Any, offers: Offers, findings: Findings) -> list[str] | None:
    """Public names, of which those that are unknown are reported: LiteLLM takes any, and refuses the call."""
    if given is None:
        return None
    found = values.names(given, findings)
    for index, name in enumerate(given if isinstance(given, list) else []):
        if name in found and name not in offers.names:
            findings.at(index).error(f"no model and no route has the public name {name}; {nearest(name, offers.names)}")
    return [name for name in found if name in offers.names]


def _known(given: t.Any, owners: t.Mapping[str, _Owner], what: str, findings: Findings) -> str | None:
    if given is None:
        return None
    name = values.identifier(given, findings)
    if name is not None and name not in owners:
        among = "litemaas_users" if what == "user" else "litemaas_teams, and no access names such a group"
        findings.error(f"there is no {what} {name} in {among}; {nearest(name, owners)}")
        return None
    return name


def _keys(
    given: list[t.Any],
    teams: t.Mapping[str, _Owner],
    users: t.Mapping[str, _Owner],
    offers: Offers,
    context: GatewayContext,
    findings: Findings,
) -> list[Object]:
    keys: list[Object] = []
    places: dict[tuple[str, str, str], str] = {}
    for entry, place in _entries(given, _KEY_KEYS, findings):
        team = _known(entry.get("team"), teams, "team", place.at("team"))
        user = _known(entry.get("user"), users, "user", place.at("user"))
        _check_membership(team, user, users, place)
        secret = _secret(entry.get("secret"), context, place.at("secret"))
        if secret is not None:
            where = (secret["namespace"], secret["name"], secret["key"])
            if where in places:
                place.at("secret").error(
                    f"is that of key {places[where]} too; give each a Secret or a field of its own"
                )
            places.setdefault(where, entry["alias"])
        keys.append(
            {
                "alias": entry["alias"],
                "team": team,
                "user": user,
                "models": _models_of_key(entry, teams.get(team or ""), users.get(user or ""), offers, place),
                **values.limits(entry, place),
                "duration": values.duration(entry.get("duration"), place.at("duration")),
                "secret": secret,
            }
        )
    return keys


def _check_membership(team: str | None, user: str | None, users: t.Mapping[str, _Owner], findings: Findings) -> None:
    theirs = users[user].data["team"] if user is not None else None
    if team is not None and theirs is not None and team != theirs:
        findings.at("user").error(f"{user} is in team {theirs}, and the key is one of team {team}")


def _models_of_key(
    entry: Object, team: _Owner | None, user: _Owner | None, offers: Offers, findings: Findings
) -> list[str]:
    """What a key may call, never all by an empty list. What its owner may not call is added to the owner."""
    owner = team or user
    found = _models(entry.get("models"), offers, findings.at("models"))
    if found is None:
        found = [name for name in offers.names if owner is not None and name in owner.own]
        if not found and (owner is not None or (entry.get("team") is None and entry.get("user") is None)):
            findings.at("models").error(
                "is missing: the key could call nothing, because " + _why_nothing(owner, team is not None)
            )
    if owner is not None:
        for name in found:
            if name not in owner.own:
                owner.added.setdefault(name, []).append(entry["alias"])
            if team is not None and user is not None:
                user.in_team.setdefault(name, []).append(entry["alias"])
    return found


def _why_nothing(owner: _Owner | None, is_team: bool) -> str:
    if owner is None:
        return "it is of no team and of no user; give the public names that it may call"
    remedy = "give the public names that the key may call"
    if is_team:
        return f"no access names team {owner.data['id']}; {remedy}"
    return f"user {owner.data['id']} may call nothing beside what a team may; {remedy}, or a team"


def _secret(given: t.Any, context: GatewayContext, findings: Findings) -> Object | None:
    if not isinstance(given, dict):
        findings.error(
            "is missing: the Secret that holds the key's value, such as {name: notebook-key, namespace: team-a}"
            if given is None
            else "must be a mapping: name and namespace of a Secret and, where the field is called otherwise, key"
        )
        return None
    found = values.field_of_secret(given, context.namespace, _SECRET_FIELD, findings)
    if found is not None and (found["namespace"], found["name"]) in context.reserved:
        findings.error(
            f"{found['name']} in namespace {found['namespace']} holds other credentials; give the key a Secret of its own"
        )
        return None
    return found
