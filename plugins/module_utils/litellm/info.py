# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What LiteLLM has, as it is shown: in the words of the lists, and without a credential."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.litellm import models, objects
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.objects import Row


def _models(rows: t.Sequence[Row]) -> list[Row]:
    return [
        {
            "name": row["model_name"],
            "id": row["model_info"].get("id"),
            "model": row["litellm_params"].get("model"),
            "mode": row["model_info"].get("mode"),
            "route": bool(row["model_info"].get("member")),
            "in_database": bool(row["model_info"].get("db_model")),
            "set": objects.set_of(row["model_info"]),
            "params": models.shown_params(row["litellm_params"]),
        }
        for row in rows
    ]


def _settings(settings: Row) -> Row:
    return models.shown_params(settings)


def _limits(row: Row) -> Row:
    return {name: row.get(api) for name, api in objects.LIMITS.items()}


def _account(row: Row) -> Row:
    return {
        "models": row.get("models") or [],
        **_limits(row),
        "spend": row.get("spend"),
        "set": objects.set_of(row.get("metadata")),
    }


def _teams(rows: t.Sequence[Row]) -> list[Row]:
    return [{"id": row["team_id"], "alias": row.get("team_alias"), **_account(row)} for row in rows]


def _users(rows: t.Sequence[Row]) -> list[Row]:
    return [{"id": row["user_id"], "teams": row.get("teams") or [], **_account(row)} for row in rows]


def _keys(rows: t.Sequence[Row]) -> list[Row]:
    return [
        {
            "alias": row.get("key_alias"),
            "team": row.get("team_id"),
            "user": None if row.get("user_id") == objects.DEFAULT_USER else row.get("user_id"),
            **_account(row),
            "expires": row.get("expires"),
            "blocked": bool(row.get("blocked")),
        }
        for row in rows
    ]


def _budgets(rows: t.Sequence[Row]) -> list[Row]:
    return [{"id": row["budget_id"], **_limits(row)} for row in rows]


SHOWN: dict[str, t.Callable[[t.Any], t.Any]] = {
    "models": _models,
    "settings": _settings,
    "teams": _teams,
    "users": _users,
    "virtual_keys": _keys,
    "budgets": _budgets,
}
"""How each of the lists is shown."""


def list_of(name: str) -> str:
    """The list that is read for what is shown under a name: C(keys) could not be named in Jinja."""
    return name.rpartition("_")[2]
