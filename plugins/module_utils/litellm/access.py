# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which list of models keeps a key from a model: its own, its team's or its user's.

LiteLLM allows what all of them allow. An empty list allows everything, but for those that say so by one of LiteLLM's
words. With a team, the list of the user does not count.
"""

from __future__ import annotations

import fnmatch
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import Explanation

Row = t.Mapping[str, t.Any]

ALL_MODELS = "all-proxy-models"
TEAM_MODELS = "all-team-models"
NO_MODELS = "no-default-models"


class Lists(t.NamedTuple):
    """A key with the team and the user that it belongs to, None where it has none, or they are not there."""

    key: Row
    team: Row | None = None
    user: Row | None = None


class Known(t.NamedTuple):
    """A model: its public name, what LiteLLM asks for, and the access groups that it is in."""

    name: str
    upstream: t.Collection[str] = ()
    groups: t.Collection[str] = ()


def known(rows: t.Iterable[Row]) -> dict[str, Known]:
    """By public name all models that LiteLLM has."""
    upstream: dict[str, list[str]] = {}
    groups: dict[str, set[str]] = {}
    for row in rows:
        upstream.setdefault(row["model_name"], []).append(str((row.get("litellm_params") or {}).get("model")))
        groups.setdefault(row["model_name"], set()).update((row.get("model_info") or {}).get("access_groups") or [])
    return {name: Known(name, upstream[name], groups[name]) for name in upstream}


def refusal(model: Known, lists: Lists) -> Explanation | None:
    """Why the key may not call the model, and what to do; None where it may."""
    alias = lists.key.get("key_alias") or "the key"
    own = list(lists.key.get("models") or [])
    team_id, user_id = lists.key.get("team_id"), lists.key.get("user_id")
    # Without a team, that word allows everything.
    if TEAM_MODELS not in own and not _allows(own, model):
        if any(name in own for name in model.upstream):
            return Explanation(
                "the key names the model as its provider does, not by its public name",
                f"models of key {alias}: {', '.join(own)}; the public name is {model.name}",
                f"Name {model.name} in models of the key.",
            )
        return Explanation(
            "the list of the key does not allow the model",
            f"models of key {alias}: {', '.join(own)}",
            f"Name {model.name} in models of the key.",
        )
    if team_id:
        if lists.team is None:
            return Explanation(
                "the key belongs to a team that does not exist",
                f"team of key {alias}: {team_id}",
                "Make the team, by litemaas_teams, or give the key another one.",
            )
        models = list(lists.team.get("models") or [])
        if _allows(models, model):
            return None
        return Explanation(
            "the list of the team does not allow the model",
            f"models of team {team_id}: {', '.join(models)}",
            f"Admit the team to {model.name}: by access.groups of its entry.",
        )
    if not user_id or lists.user is None:
        return None
    models = list(lists.user.get("models") or [])
    if NO_MODELS in models:
        # Of a user, this word goes before all names beside it.
        return Explanation(
            "the user may call models through a team only, whatever the key says",
            f"models of user {user_id}: {', '.join(models)}; on the admin page these are the Personal Models",
            f"Put {model.name} in models of the user, in place of {NO_MODELS}, give the key a team, or give it no user.",
        )
    if _allows(models, model):
        return None
    return Explanation(
        "the list of the user does not allow the model, whatever the key says",
        f"models of user {user_id}: {', '.join(models)}; on the admin page these are the Personal Models",
        f"Name {model.name} in models of the user, give the key a team, or give it no user.",
    )


def _allows(models: t.Sequence[str], model: Known) -> bool:
    if not models or ALL_MODELS in models:
        return True
    names = [each for each in models if each != NO_MODELS]
    return any(fnmatch.fnmatchcase(model.name, _literal(name)) or name in model.groups for name in names)


def _literal(name: str) -> str:
    """A name of a list as a pattern: of LiteLLM's wildcards there is only the star."""
    return name.replace("[", "[[]").replace("?", "[?]")
