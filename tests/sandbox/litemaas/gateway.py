# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend's calls of LiteLLM: which they are, with which header, and how often they are repeated."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp

log = logging.getLogger(__name__)

#: The team that the backend makes in LiteLLM and puts its users into.
DEFAULT_TEAM = "a0000000-0000-4000-8000-000000000001"
HEADER = "x-litellm-api-key"
ATTEMPTS = 3
_TIMEOUT = aiohttp.ClientTimeout(total=30)
_PAUSE = 0.1


class GatewayError(Exception):
    """LiteLLM did not answer, or refused; ``status`` is None or its answer's."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Gateway:
    """LiteLLM at a URL, called with the key of its administrator."""

    def __init__(self, http: aiohttp.ClientSession, url: str, key: str) -> None:
        self._http, self._url, self._key = http, url, key

    async def healthy(self) -> bool:
        try:
            await self._call("GET", "/health/liveness")
        except GatewayError:
            return False
        return True

    async def models(self) -> list[dict[str, Any]]:
        return (await self._call("GET", "/model/info"))["data"]

    async def create_model(self, model: dict[str, Any]) -> dict[str, Any]:
        return await self._call("POST", "/model/new", body=model)

    async def ensure_default_team(self) -> None:
        """Whatever is wrong when the team is read, it is made."""
        try:
            await self._call("GET", "/team/info", team_id=DEFAULT_TEAM)
        except GatewayError:
            team = {"team_id": DEFAULT_TEAM, "team_alias": "Default Team", "max_budget": 10000, "models": []}
            await self._call("POST", "/team/new", body={**team, "tpm_limit": 50000, "rpm_limit": 1000})

    async def ensure_user(self, user: dict[str, Any]) -> None:
        try:
            await self._call("GET", "/user/info", user_id=user["id"])
        except GatewayError:
            new = {"user_id": user["id"], "user_email": user["email"], "user_alias": user["username"]}
            await self._call("POST", "/user/new", body={**new, "auto_create_key": False, "models": []})

    async def generate_key(self, key: dict[str, Any]) -> str:
        return (await self._call("POST", "/key/generate", body=key))["key"]

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None, **query: str) -> Any:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._once(method, path, body, query)
            except GatewayError as error:
                final = error.status is not None and error.status < 500
                if final or attempt == ATTEMPTS:
                    log.error("LiteLLM %s %s: %s", method, path, error)
                    raise
            await asyncio.sleep(_PAUSE)

    async def _once(self, method: str, path: str, body: dict[str, Any] | None, query: dict[str, str]) -> Any:
        try:
            async with self._http.request(
                method, self._url + path, params=query, json=body, headers={HEADER: self._key}, timeout=_TIMEOUT
            ) as answer:
                if answer.status >= 400:
                    raise GatewayError(f"answered {answer.status}", answer.status)
                return await answer.json() if answer.content_type == "application/json" else await answer.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise GatewayError(f"did not answer: {error!r}") from error
