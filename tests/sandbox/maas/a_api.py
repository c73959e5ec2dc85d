# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MaaS API of generation A (maas-api v0.0.2) as the gateway reaches it.

Imitated: tokens and named tokens (its "API keys"), revoking them all at once, the lookup of tiers, the list of models
(``a_list``) with the exchange of a bearer that is no token for inference, and the manners of the server (``server``).

Deviation: named tokens are forgotten when the daemon ends, and listed in the order in which they were made.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from . import a_list, a_tiers, server
from .a_list import Ask, Probe
from .a_tiers import Object, Tier
from .a_tokens import Token, Tokens, is_own
from .callers import User, bearer
from .golang import DecodeError, Struct, decode_object, duration_of, format_duration
from .interface import Answer, Refused, Request, json_answer
from .keys import timestamp

HOUR = 3600
SHORTEST = 600
TOKEN_SECONDS = 4 * HOUR
NAMED_SECONDS = 30 * 24 * HOUR
EXCHANGED_SECONDS = SHORTEST

_TOKEN = Struct("token.Request", {"expiration": object})
_NAMED = Struct("api_keys.CreateRequest", {"name": str, "description": str, "expiration": object})
_LOOKUP = Struct("tier.LookupRequest", {"groups": list})


@dataclass(frozen=True)
class World:
    """What the API knows of the cluster; each is asked for anew at every request.

    ``ask`` gives, for a token and seconds, what probes a service.
    """

    services: Callable[[], list[Object]]
    routes: Callable[[], list[Object]]
    tiers: Callable[[], Awaitable[list[Tier]]]
    probe: Callable[[], Probe]
    ask: Callable[[str, float], Ask]


@dataclass
class Named:
    """A token that was made with a name."""

    token: Token
    username: str
    name: str
    description: str
    revoked: bool = field(default=False)


class MaasApi:
    """The server behind ``/maas-api``; ``clock`` gives the seconds since 1970."""

    def __init__(self, world: World, tokens: Tokens, clock: Callable[[], float] = time.time) -> None:
        self._world = world
        self._tokens = tokens
        self._clock = clock
        self._named: dict[str, Named] = {}

    def clear(self) -> None:
        """Forget the named tokens."""
        self._named.clear()

    async def answer(self, request: Request, caller: User) -> Answer:
        """The answer to an authenticated request."""
        return await server.answer(request, partial(self._endpoint, request, caller))

    def _endpoint(self, request: Request, caller: User, path: str) -> server.Endpoint | None:
        match (request.method, *path.split("/")[1:]):
            case ("GET", "health"):
                return self._health
            case ("POST", "v1", "tokens"):
                return partial(self._issue, caller, request.body)
            case ("DELETE", "v1", "tokens"):
                return partial(self._revoke_all, caller)
            case ("POST", "v1", "api-keys"):
                return partial(self._issue_named, caller, request.body)
            case ("GET", "v1", "api-keys"):
                return partial(self._list_named, caller)
            case ("GET", "v1", "api-keys", token_id) if token_id:
                return partial(self._get_named, token_id)
            case ("GET", "v1", "models"):
                return partial(self._models, caller, bearer(request))
            case ("POST", "v1", "tiers", "lookup"):
                return partial(self._lookup, request.body)
        return None

    async def _health(self) -> Answer:
        """GET /health"""
        return json_answer(200, {"status": "healthy"})

    async def _issue(self, caller: User, body: bytes) -> Answer:
        """POST /v1/tokens"""
        asked = _decode(body, _TOKEN) if body.strip() else {}
        seconds = _seconds(asked.get("expiration"), TOKEN_SECONDS)
        if 0 < seconds < SHORTEST:
            told = {"provided_expiration": format_duration(seconds)}
            raise _bad("token expiration must be at least 10 minutes", **told)
        token = await self._tokens.issue(caller.username, caller.groups, int(_valid(seconds)))
        if token is None:
            return json_answer(500, {"error": "Failed to generate token"})
        made = {
            "token": token.text,
            "expiration": format_duration(seconds),
            "expiresAt": token.expires,
            "issuedAt": token.issued,
            "jti": token.id,
        }
        return json_answer(201, made)

    async def _revoke_all(self, caller: User) -> Answer:
        """DELETE /v1/tokens"""
        if not await self._tokens.revoke(caller.username, caller.groups):
            return json_answer(500, {"error": "Failed to revoke tokens"})
        for named in self._of(caller):
            named.revoked = True
        return Answer(204)

    async def _issue_named(self, caller: User, body: bytes) -> Answer:
        """POST /v1/api-keys"""
        asked = _decode(body, _NAMED)
        name, description = asked.get("name", ""), asked.get("description", "")
        if not name:
            raise _bad("token name is required for api keys")
        seconds = _valid(_seconds(asked.get("expiration"), NAMED_SECONDS))
        token = await self._tokens.issue(caller.username, caller.groups, int(seconds)) if name.strip() else None
        if token is None:
            return json_answer(500, {"error": "Failed to generate api key"})
        self._named[token.id] = Named(token, caller.username, name, description)
        made = {
            "token": token.text,
            "expiration": format_duration(seconds),
            "expiresAt": token.expires,
            "jti": token.id,
            "name": name,
            **({"description": description} if description else {}),
        }
        return json_answer(201, made)

    async def _list_named(self, caller: User) -> Answer:
        """GET /v1/api-keys: a bare array"""
        return json_answer(200, [self._metadata(each) for each in self._of(caller)])

    async def _get_named(self, token_id: str) -> Answer:
        """GET /v1/api-keys/:id, for whoever knows the id"""
        named = self._named.get(token_id)
        if named is None:
            return json_answer(404, {"error": "API key not found"})
        return json_answer(200, self._metadata(named))

    async def _models(self, caller: User, token: str) -> Answer:
        """GET /v1/models"""
        if not is_own(token):
            exchanged = await self._tokens.issue(caller.username, caller.groups, EXCHANGED_SECONDS)
            if exchanged is None:
                return server.list_error(500, "Failed to authorize request", "server_error")
            token = exchanged.text
        probe = self._world.probe()
        ask = self._world.ask(token, probe.seconds)
        entries = await a_list.listed(self._world.services(), self._world.routes(), probe, ask)
        return json_answer(200, server.model_list(entries))

    async def _lookup(self, body: bytes) -> Answer:
        """POST /v1/tiers/lookup"""
        try:
            groups = decode_object(body, _LOOKUP).get("groups")
            if not groups:
                tag = "required" if groups is None else "min"
                field = "Key: 'LookupRequest.Groups' Error:Field validation for 'Groups'"
                raise DecodeError(f"{field} failed on the '{tag}' tag")
        except DecodeError as error:
            return json_answer(400, {"error": "bad_request", "message": f"invalid request body: {error}"})
        tier = a_tiers.tier_of(await self._world.tiers(), groups)
        if tier is None:
            message = f"group groups [{', '.join(groups)}] not found in any tier"
            return json_answer(404, {"error": "not_found", "message": message})
        return json_answer(200, {"tier": tier.name, "displayName": tier.display_name})

    def _of(self, caller: User) -> list[Named]:
        return [each for each in self._named.values() if each.username == caller.username]

    def _metadata(self, named: Named) -> dict[str, Any]:
        expired = named.revoked or self._clock() >= named.token.expires
        metadata = {
            "id": named.token.id,
            "name": named.name,
            "description": named.description,
            "creationDate": timestamp(named.token.issued),
            "expirationDate": timestamp(named.token.expires),
            "status": "expired" if expired else "active",
        }
        return {name: value for name, value in metadata.items() if value}


def _decode(body: bytes, struct: Struct) -> dict[str, Any]:
    try:
        return decode_object(body, struct)
    except DecodeError as error:
        raise _bad(str(error)) from None


def _seconds(value: Any, default: int) -> float:
    """Seconds of an ``expiration``: a number of them, or a Go duration; it knows no days."""
    try:
        seconds = duration_of(value)
    except DecodeError as error:
        raise _bad(str(error)) from None
    return default if seconds is None else seconds


def _valid(seconds: float) -> float:
    if seconds <= 0:
        raise _bad("expiration must be positive")
    if seconds < SHORTEST:
        raise _bad("token expiration must be at least 10 minutes")
    return seconds


def _bad(text: str, **more: str) -> Refused:
    return Refused(json_answer(400, {"error": text, **more}))
