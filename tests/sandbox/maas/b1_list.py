# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GET /v1/models of generation B1: every model is asked, at its own endpoint, for what it serves.

Imitated as observed on v0.1.1: one request for each model of each subscription, with the caller's credential, ten at a
time and 15 seconds for all; what an answer makes of the list; a phase is no filter.

Deviation: where a backend tells no ``created``, it is that of the reference.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from . import catalog, selection
from .selection import Object

ATTEMPTS = 4
FIRST_PAUSE = 0.1
AT_ONCE = 10
TOTAL_SECONDS = 15.0

#: Asks a URL with the caller's credential and a subscription's name: status and body, OSError where there is no answer.
Fetch = Callable[[str, str], Awaitable[tuple[int, bytes]]]
#: A model that an endpoint serves: as it told it, None for one that is to be named like its reference.
Served = Object | None


class Unclear(Exception):
    """An answer that says neither what is served nor that nothing is: worth another try."""


def served_models(status: int, body: bytes) -> list[Served]:
    """What the answer of an endpoint makes of the list; empty where it is hidden. Raises Unclear."""
    if status == 405:
        return [None]
    if status in (401, 403, 404):
        return []
    if not 200 <= status < 300:
        raise Unclear
    try:
        parsed = json.loads(body)
        models = parsed.get("data") if isinstance(parsed, dict) else None
    except ValueError:
        raise Unclear from None
    if not isinstance(models, list):
        return []
    return [each for each in models if isinstance(each, dict) and each.get("id")] or [None]


def probe_url(endpoint: str) -> str:
    """Where an endpoint lists its models; double slashes are joined.

    >>> probe_url("https://maas.example.com//llm/gem/")
    'https://maas.example.com/llm/gem/v1/models'
    """
    scheme, _separator, rest = f"{endpoint}/v1/models".partition("://")
    return f"{scheme}://{re.sub('/+', '/', rest)}"


async def listed(
    refs: Iterable[Object], subscriptions: Iterable[Object], fetch: Fetch, total_seconds: float = TOTAL_SECONDS
) -> list[Object]:
    """The entries of the list."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(ref: Object, subscription: Object) -> list[Served]:
        async with turns:
            return await _probe(probe_url(ref["status"]["endpoint"]), subscription["metadata"]["name"], fetch)

    by_key = {selection.key_of(ref): ref for ref in refs if (ref.get("status") or {}).get("endpoint")}
    asked: dict[asyncio.Task[list[Served]], tuple[Object, Object]] = {}
    for subscription in subscriptions:
        for key in dict.fromkeys(selection.model_keys(subscription)):
            if key in by_key:
                asked[asyncio.create_task(ask(by_key[key], subscription))] = (by_key[key], subscription)
    if not asked:
        return []
    done, late = await asyncio.wait(asked, timeout=total_seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return entries((*asked[task], task.result()) for task in asked if task in done)


async def _probe(url: str, subscription: str, fetch: Fetch) -> list[Served]:
    pause = FIRST_PAUSE
    for attempts_left in reversed(range(ATTEMPTS)):
        try:
            return served_models(*await fetch(url, subscription))
        except (Unclear, OSError):
            if attempts_left:
                await asyncio.sleep(pause)
                pause *= 2
    return []


def entries(found: Iterable[tuple[Object, Object, list[Served]]]) -> list[Object]:
    """Entries of what was found at each reference for each subscription, sorted by id, URL and owner."""
    merged: dict[tuple[str, str, str], Object] = {}
    for ref, subscription, models in found:
        for model in models:
            entry = _entry(ref, model)
            entry = merged.setdefault((entry["id"], entry["url"], entry["owned_by"]), entry)
            told = catalog.subscription_of_entry(subscription)
            if told not in entry["subscriptions"]:
                entry["subscriptions"].append(told)
    for entry in merged.values():
        entry["subscriptions"].sort(key=lambda each: each["name"])
    return [merged[key] for key in sorted(merged)]


def _entry(ref: Object, model: Served) -> dict[str, Any]:
    told = model or {}
    entry: dict[str, Any] = {
        "id": told.get("id") or ref["metadata"]["name"],
        "created": told.get("created") or catalog.created(ref),
        "object": "model",
        "owned_by": "/".join(selection.key_of(ref)),
        "kind": ref["spec"]["modelRef"]["kind"],
        "url": ref["status"]["endpoint"],
        "ready": selection.phase_of(ref) == "Ready",
        "subscriptions": [],
    }
    if details := selection.described(ref, catalog.DETAILS):
        entry["modelDetails"] = details
    return entry


def chosen(subscriptions: list[Object], username: str, groups: tuple[str, ...], requested: str) -> list[Object]:
    """The subscriptions that a list is made of; raises SelectionError where the one that is named cannot be used."""
    if requested:
        return [selection.select(subscriptions, username, groups, requested=requested)]
    return [each for each in selection.owned(subscriptions, username, groups) if selection.usable(each)]
