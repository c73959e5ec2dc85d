# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Models of LiteLLM become rows of ``models``, at every start and on demand, and rows without a model lose what depends on them."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from .database import Database, DatabaseError, Invented
from .gateway import Gateway, GatewayError

log = logging.getLogger(__name__)

UNAVAILABLE = "Model is unavailable"


async def synchronise(
    database: Database | Invented, gateway: Gateway, litellm_database: Database | None, mark_unavailable: bool = True
) -> dict[str, Any]:
    """What was done, in the words of ``POST /api/v1/models/sync``. Nothing is done where LiteLLM has no model."""
    result = {"success": False, "totalModels": 0, "newModels": 0, "updatedModels": 0, "unavailableModels": 0}
    result |= {"errors": [], "syncedAt": datetime.now(UTC).isoformat()}
    try:
        found = {model["model_name"]: model for model in await gateway.models()}
        if litellm_database:
            found = await _stored(found, litellm_database)
        result["totalModels"] = len(found)
        if not found:
            result["errors"].append("No models received from LiteLLM")
            return result
        known = {row["id"]: row for row in await database.rows("SELECT * FROM models")}
        for name, model in found.items():
            wanted = _row(name, model)
            if name not in known:
                await _insert(database, wanted)
                result["newModels"] += 1
            elif {**known[name], **wanted} != known[name]:
                await _update(database, wanted)
                result["updatedModels"] += 1
        if mark_unavailable:
            for name in set(known) - set(found):
                await _lose(database, name)
                result["unavailableModels"] += 1
        result["success"] = True
    except (DatabaseError, GatewayError) as error:
        log.error("Model synchronization failed: %s", error)
        result["errors"].append(f"Synchronization failed: {error}")
    return result


async def _stored(found: dict[str, Any], database: Database) -> dict[str, Any]:
    names = {row["model_name"] for row in await database.rows('SELECT model_name FROM "LiteLLM_ProxyModelTable"')}
    for name in set(found) - names:
        log.warning("Skipping model from LiteLLM API - not found in LiteLLM database: %s", name)
    return {name: model for name, model in found.items() if name in names}


def _row(name: str, model: dict[str, Any]) -> dict[str, Any]:
    parameters, info = model.get("litellm_params") or {}, model.get("model_info") or {}
    provider, slash, _rest = parameters.get("model", "").partition("/")
    return {
        "id": name,
        "name": name,
        "provider": parameters.get("custom_llm_provider") or (provider if slash else "unknown"),
        "availability": "available",
        "api_base": parameters.get("api_base"),
        "max_tokens": info.get("max_tokens"),
        "litellm_model_id": info.get("id"),
    }


_COLUMNS = "id, name, provider, availability, api_base, max_tokens, litellm_model_id"
_VALUES = "{id}, {name}, {provider}, {availability}, {api_base}, {max_tokens}, {litellm_model_id}"


async def _insert(database: Database | Invented, row: dict[str, Any]) -> None:
    await database.rows(f"INSERT INTO models ({_COLUMNS}) VALUES ({_VALUES}) RETURNING id", **row)


async def _update(database: Database | Invented, row: dict[str, Any]) -> None:
    change = f"UPDATE models SET ({_COLUMNS}, updated_at) = ({_VALUES}, now()) WHERE id = {{id}} RETURNING id"
    await database.rows(change, **row)


async def _lose(database: Database | Invented, name: str) -> None:
    """Subscriptions and keys of a model that is gone end, and nothing brings them back."""
    await database.rows(
        "UPDATE models SET availability = 'unavailable', updated_at = now()"
        " WHERE id = {name} AND availability != 'unavailable' RETURNING id",
        name=name,
    )
    ended = await database.rows(
        "UPDATE subscriptions SET status = 'inactive', status_reason = {why}"
        " WHERE model_id = {name} AND status = 'active' RETURNING id",
        name=name,
        why=UNAVAILABLE,
    )
    for row in ended:
        await database.rows(
            "INSERT INTO subscription_status_history (subscription_id, old_status, new_status, reason)"
            " VALUES ({id}, 'active', 'inactive', {why}) RETURNING id",
            id=row["id"],
            why=UNAVAILABLE,
        )
    without = await database.rows("DELETE FROM api_key_models WHERE model_id = {name} RETURNING api_key_id", name=name)
    for row in without:
        await database.rows(
            "UPDATE api_keys SET is_active = false WHERE id = {id}"
            " AND NOT EXISTS (SELECT FROM api_key_models WHERE api_key_id = {id}) RETURNING id",
            id=row["api_key_id"],
        )
