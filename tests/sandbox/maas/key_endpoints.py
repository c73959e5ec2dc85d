# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/v1/api-keys`` of generation B as MaaS v0.1.1 and v0.2.1 answer it; what they do differently is a ``Release``.

Imitated as observed on v0.2.1, its quirks included: names are not unique; ``labels`` and unknown filters are
ignored; a key that names no subscription is bound to the one of highest priority whatever its phase; bulk-revoke
knows no dry run; expired and revoked keys stay listed, ephemeral ones only where they are asked for; an order that
names no field is 500; nothing found is ``null``; the second DELETE of a key is 404; a key may mint another key. Without
an identity a search finds nothing, and everything else is 500 AUTH_FAILURE.

Deviations: a page holds 50 keys unless asked for, and 100 at most, which is assumed; so is the order of checks where
several fail.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from . import selection
from .callers import Caller
from .golang import DecodeError, Struct, decode_object, duration_of, format_duration
from .interface import Answer, Refused, Request, json_answer
from .keys import Key, KeyStore, shown_prefix, timestamp
from .resources import TENANT
from .selection import SelectionError
from .server import NOT_STORED, Endpoint

EPHEMERAL_SECONDS = 3600
DAY = 86400
NAME_LENGTH = 128
PAGE, LARGEST_PAGE = 50, 100

_SORT_FIELDS: dict[str, Callable[[Key], Any]] = {
    "created_at": lambda key: (key.created, key.order),
    "expires_at": lambda key: key.expires,
    "last_used_at": lambda key: (key.last_used is None, key.last_used or 0.0),
    "name": lambda key: key.name,
}
_STATUSES = ("active", "revoked", "expired")
BODY_BYTES = 1024 * 1024

_CREATE = Struct(
    "api_keys.CreateAPIKeyRequest",
    {"name": str, "description": str, "subscription": str, "expiresIn": object, "ephemeral": bool},
)
_FILTERS = Struct(
    "api_keys.SearchFilters", {"status": list, "subscription": str, "username": str, "includeEphemeral": bool}
)
_SEARCH = Struct(
    "api_keys.SearchAPIKeysRequest",
    {
        "filters": _FILTERS,
        "sort": Struct("api_keys.SortParams", {"by": str, "order": str}),
        "pagination": Struct("api_keys.PaginationParams", {"limit": int, "offset": int}),
    },
)
_BULK_REVOKE = Struct("api_keys.BulkRevokeRequest", {"username": str})


@dataclass(frozen=True)
class Release:
    """What releases of MaaS do differently."""

    #: Whether GET /v1/api-keys/config is an endpoint; else ``config`` is taken for the id of a key.
    has_config: bool
    #: Whether names of blanks only, or of more than 128 characters, are refused.
    checks_names: bool
    #: Whether metadata of a key name its tenant.
    tells_tenant: bool
    #: Whether a body of more than 1 MiB is refused, and answers of a search are not to be stored.
    is_careful: bool
    #: How the longest life of an ephemeral key is put in a refusal.
    longest_ephemeral: str


V0_1_1 = Release(has_config=False, checks_names=False, tells_tenant=False, is_careful=False, longest_ephemeral="1 hour")
V0_2_1 = Release(
    has_config=True,
    checks_names=True,
    tells_tenant=True,
    is_careful=True,
    longest_ephemeral=format_duration(EPHEMERAL_SECONDS),
)


class KeyEndpoints:
    """The endpoints, over a store.

    :arg release: which release of MaaS answers.
    :arg subscriptions: gives the tenant's MaaSSubscriptions.
    :arg max_days: gives the longest life of a key, in days.
    :arg is_admin: whether a user (name, groups) may see and revoke the keys of others.
    """

    def __init__(
        self,
        release: Release,
        store: KeyStore,
        subscriptions: Callable[[], list[dict[str, Any]]],
        max_days: Callable[[], int],
        is_admin: Callable[[str, tuple[str, ...]], Awaitable[bool]],
    ) -> None:
        self._release = release
        self._store = store
        self._subscriptions = subscriptions
        self._max_days = max_days
        self._is_admin = is_admin

    def find(self, request: Request, caller: Caller | None, *rest: str) -> Endpoint | None:
        """The endpoint for a method and what the path holds behind ``/v1/api-keys``; nobody calls where it is None."""
        if caller is None:
            known = self.find(request, Caller("", (), with_key=False), *rest)
            return known and (self._found_nothing if rest == ("search",) and request.method == "POST" else _no_identity)
        who = (caller.username, caller.groups)
        match (request.method, *rest):
            case ("POST",):
                return partial(self.create, *who, request.body)
            case ("POST", "search"):
                return partial(self._search, *who, request.body)
            case ("POST", "bulk-revoke"):
                return partial(self.bulk_revoke, *who, request.body)
            case ("GET", "config"):
                return self.config
            case ("GET", key_id) if key_id:
                return partial(self.get, *who, key_id)
            case ("DELETE", key_id) if key_id:
                return partial(self.revoke, *who, key_id)
        return None

    async def config(self) -> Answer:
        """GET /v1/api-keys/config"""
        if not self._release.has_config:
            return _not_found()
        longest = {
            "max_expiration_days": self._max_days(),
            "ephemeral_max_expiration": format_duration(EPHEMERAL_SECONDS),
        }
        return json_answer(200, longest)

    async def create(self, username: str, groups: tuple[str, ...], body: bytes) -> Answer:
        """POST /v1/api-keys"""
        asked = self._decode(body, _CREATE)
        ephemeral = asked.get("ephemeral", False)
        seconds = _expiration(asked.get("expiresIn"))
        name = self._checked_name(asked.get("name", ""), ephemeral)
        seconds = self._checked_life(seconds, ephemeral)
        subscription = self._bound(username, groups, asked.get("subscription", "").strip())
        text, key = self._store.mint(
            name=name,
            description=asked.get("description", ""),
            username=username,
            groups=groups,
            subscription=subscription,
            seconds=seconds,
            ephemeral=ephemeral,
        )
        made = {
            "key": text,
            "keyPrefix": shown_prefix(text),
            "id": key.id,
            "name": key.name,
            "subscription": key.subscription,
            "createdAt": timestamp(key.created),
            "expiresAt": timestamp(key.expires),
            "ephemeral": key.ephemeral,
        }
        return json_answer(201, made)

    async def get(self, username: str, groups: tuple[str, ...], key_id: str) -> Answer:
        """GET /v1/api-keys/:id"""
        return json_answer(200, self._metadata(await self._own(username, groups, key_id)))

    async def revoke(self, username: str, groups: tuple[str, ...], key_id: str) -> Answer:
        """DELETE /v1/api-keys/:id"""
        await self._own(username, groups, key_id)
        revoked = self._store.revoke(key_id)
        return _not_found() if revoked is None else json_answer(200, self._metadata(revoked))

    async def _search(self, username: str, groups: tuple[str, ...], body: bytes) -> Answer:
        try:
            answer = await self.search(username, groups, body)
        except Refused as refused:
            answer = refused.answer
        return self._not_stored(answer)

    async def _found_nothing(self) -> Answer:
        return self._not_stored(json_answer(200, {"object": "list", "data": [], "has_more": False}))

    def _not_stored(self, answer: Answer) -> Answer:
        return replace(answer, headers={**answer.headers, **NOT_STORED}) if self._release.is_careful else answer

    async def search(self, username: str, groups: tuple[str, ...], body: bytes) -> Answer:
        """POST /v1/api-keys/search"""
        asked = self._decode(body, _SEARCH)
        filters, sort = asked.get("filters", {}), asked.get("sort", {"by": "created_at", "order": "desc"})
        page = asked.get("pagination", {"limit": PAGE})
        for status in filters.get("status") or []:
            if status.strip() not in _STATUSES:
                raise _bad(f"invalid status '{status}': must be active, revoked, or expired")
        of_user = filters.get("username") or ""
        if not await self._is_admin(username, groups):
            if of_user not in ("", username):
                raise Refused(json_answer(403, {"error": "non-admin users can only search their own API keys"}))
            of_user = username
        by, order = sort.get("by", ""), sort.get("order", "").strip().lower()
        limit, offset = page.get("limit", 0), page.get("offset", 0)
        if by and by not in _SORT_FIELDS:
            raise _bad("invalid sort.by: must be one of: created_at, expires_at, last_used_at, name")
        if order not in ("", "asc", "desc"):
            raise _bad("invalid sort.order: must be asc or desc")
        if limit < 1:
            raise _bad("pagination.limit must be at least 1")
        if offset < 0:
            raise _bad("pagination.offset must be non-negative")
        if not by:
            return json_answer(500, {"error": "Failed to search API keys"})
        now = self._store.clock()
        found = [key for key in self._store.all() if _passes(key, of_user, filters, now)]
        found.sort(key=_SORT_FIELDS[by], reverse=order == "desc")
        end = offset + min(limit, LARGEST_PAGE)
        data = [self._metadata(key) for key in found[offset:end]]
        return json_answer(200, {"object": "list", "data": data or None, "has_more": end < len(found)})

    async def bulk_revoke(self, username: str, groups: tuple[str, ...], body: bytes) -> Answer:
        """POST /v1/api-keys/bulk-revoke"""
        asked = self._decode(body, _BULK_REVOKE)
        of_user = asked.get("username")
        if not of_user:
            field = "BulkRevokeRequest.Username"
            raise _bad(f"Key: '{field}' Error:Field validation for 'Username' failed on the 'required' tag")
        if of_user != username and not await self._is_admin(username, groups):
            raise Refused(json_answer(403, {"error": "Access denied: you can only bulk revoke your own API keys"}))
        revoked = [key for key in self._store.all() if key.username == of_user and self._store.revoke(key.id)]
        text = f"Successfully revoked {len(revoked)} active API key(s) for user {of_user}"
        return json_answer(200, {"revokedCount": len(revoked), "message": text})

    def _checked_name(self, name: str, ephemeral: bool) -> str:
        if not name:
            if not ephemeral:
                raise _bad("name is required for non-ephemeral keys")
            return f"ephemeral-{time.time_ns()}"
        if not self._release.checks_names:
            return name
        name = name.strip()
        if not name:
            raise _bad("key name cannot be whitespace only")
        if len(name) > NAME_LENGTH:
            raise _bad(f"key name cannot exceed {NAME_LENGTH} characters")
        if any(ord(each) < 32 or ord(each) == 127 for each in name):
            raise _bad("key name contains invalid control characters")
        return name

    def _checked_life(self, seconds: float | None, ephemeral: bool) -> float:
        days = self._max_days()
        if seconds is None:
            return EPHEMERAL_SECONDS if ephemeral else days * DAY
        if seconds <= 0:
            raise _bad("expiration must be positive")
        told = format_duration(seconds)
        if ephemeral and seconds > EPHEMERAL_SECONDS:
            longest = self._release.longest_ephemeral
            raise _bad(f"ephemeral key expiration ({told}) cannot exceed {longest}: expiration exceeds maximum allowed")
        if seconds > days * DAY:
            text = f"requested expiration ({told}) exceeds maximum allowed ({days} days)"
            raise _bad(f"{text}: expiration exceeds maximum allowed")
        return seconds

    def _bound(self, username: str, groups: tuple[str, ...], requested: str) -> str:
        """Name of the subscription that a new key is bound to."""
        subscriptions = self._subscriptions()
        if not requested:
            candidates = selection.by_priority(selection.owned(subscriptions, username, groups))
            if not candidates:
                raise _no_subscription()
            return candidates[0]["metadata"]["name"]
        try:
            chosen = selection.select(subscriptions, username, groups, requested=requested)
        except SelectionError as error:
            if error.phase is None:
                raise _no_subscription() from None
            status = 403 if error.phase == "Failed" else 400
            refusal = {"error": str(error), "code": "subscription_not_ready"}
            raise Refused(json_answer(status, refusal)) from None
        return chosen["metadata"]["name"]

    def _decode(self, body: bytes, struct: Struct) -> dict[str, Any]:
        if self._release.is_careful and len(body) > BODY_BYTES:
            raise _bad("http: request body too large")
        try:
            return decode_object(body, struct)
        except DecodeError as error:
            raise _bad(str(error)) from None

    async def _own(self, username: str, groups: tuple[str, ...], key_id: str) -> Key:
        key = self._store.get(key_id)
        if key is None or (key.username != username and not await self._is_admin(username, groups)):
            raise Refused(_not_found())
        return key

    def _metadata(self, key: Key) -> dict[str, Any]:
        metadata = {
            "id": key.id,
            "name": key.name,
            "description": key.description,
            "username": key.username,
            "subscription": key.subscription,
            "tenant": TENANT if self._release.tells_tenant else "",
            "creationDate": timestamp(key.created),
            "expirationDate": timestamp(key.expires),
            "status": key.status(self._store.clock()),
            "lastUsedAt": timestamp(key.last_used) if key.last_used is not None else "",
            "ephemeral": key.ephemeral,
        }
        return {field: value for field, value in metadata.items() if value != ""}


def _expiration(value: Any) -> float | None:
    """Seconds of ``expiresIn``: a number, ``90d``, or a Go duration."""
    try:
        return duration_of(value, days=True)
    except DecodeError as error:
        raise _bad(str(error)) from None


def _passes(key: Key, username: str, filters: dict[str, Any], now: float) -> bool:
    statuses = {each.strip() for each in filters.get("status") or []}
    return (
        username in ("", key.username)
        and (not key.ephemeral or filters.get("includeEphemeral", False))
        and (not statuses or key.status(now) in statuses)
        and filters.get("subscription") in (None, "", key.subscription)
    )


async def _no_identity() -> Answer:
    """What is said where the gateway tells nobody's name."""
    return json_answer(
        500, {"error": "Exception thrown while generating token", "exceptionCode": "AUTH_FAILURE", "refId": "001"}
    )


def _bad(text: str) -> Refused:
    return Refused(json_answer(400, {"error": text}))


def _no_subscription() -> Refused:
    text = "Unable to resolve a subscription for this API key"
    return Refused(json_answer(400, {"error": text, "code": "invalid_subscription"}))


def _not_found() -> Answer:
    return json_answer(404, {"error": "API key not found"})
