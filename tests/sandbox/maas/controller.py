# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controllers of generation B: what is looked at again after which event, finalizers, and writing status.

What a status says is the matter of the generation (``Statuses``).

Imitated: the finalizers of the three kinds, for which the whole object is written, and what is empty in its spec is gone
then; the events that lead to another look, among them that a service is looked
at only when its Ready condition or its generation changes, so that addresses which come later stay unseen; policies
and subscriptions outside the tenant's namespace are never touched; no answer while the controllers are absent.

Deviations: a look comes 0.3 s after its event; one worker for all kinds; no leader election, no events.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import aiohttp

from ..kube import ApiError, Kube
from . import resources, selection
from .conditions import condition_of, status_patch
from .faults import Faults
from .informers import Informers
from .resources import POLICIES, REFS, SUBSCRIPTIONS, TENANT
from .selection import ModelKey, Object

LOG = logging.getLogger("maas.controller")

FINALIZERS = {
    REFS: "maas.opendatahub.io/model-cleanup",
    POLICIES: "maas.opendatahub.io/authpolicy-cleanup",
    SUBSCRIPTIONS: "maas.opendatahub.io/subscription-cleanup",
}
RETRY_SECONDS = 1.0


class Item(NamedTuple):
    """An object to look at."""

    resource: str
    namespace: str
    name: str


class Statuses(Protocol):
    """What a generation makes of an object that is being looked at."""

    def of(self, item: Item, obj: Object, now: str) -> Object:
        """The whole new status; ``now`` is an RFC 3339 time."""

    def affected(self, resource: str) -> list[Item]:
        """What to look at after a change of a resource that only this generation knows."""

    def look_again(self, item: Item) -> float | None:
        """Seconds after which to look once more though nothing happens, None where there is no need."""


class Controller:
    """Keeps the status and finalizers of the three kinds; a look comes ``delay`` seconds after its event."""

    def __init__(
        self, kube: Kube, informers: Informers, statuses: Statuses, faults: Faults, delay: float = 0.3
    ) -> None:
        self._kube = kube
        self._statuses = statuses
        self._informers = informers
        self._faults = faults
        self._delay = delay
        self._due: dict[Item, float] = {}
        self._woken = asyncio.Event()
        informers.on_change(self._on_change)
        faults.on_change(self._look_at_all)

    async def run(self) -> None:
        """Work for ever."""
        self._look_at_all()
        while True:
            item = await self._next()
            try:
                await self._reconcile(item)
            except ApiError as error:
                if error.status == 404:
                    continue
                LOG.info("%s: %s", item, error)
                self._look_at(item, self._delay if error.status == 409 else RETRY_SECONDS)
            except (aiohttp.ClientError, TimeoutError) as error:
                LOG.warning("%s: %s", item, error)
                self._look_at(item, RETRY_SECONDS)

    async def _next(self) -> Item:
        while True:
            await self._faults.running.wait()
            now = time.monotonic()
            item = min(self._due, key=self._due.__getitem__, default=None)
            if item is not None and self._due[item] <= now:
                del self._due[item]
                return item
            self._woken.clear()
            try:
                async with asyncio.timeout(self._due[item] - now if item is not None else None):
                    await self._woken.wait()
            except TimeoutError:
                pass

    def _look_at(self, item: Item, delay: float) -> None:
        due = time.monotonic() + delay
        self._due[item] = min(due, self._due.get(item, due))
        self._woken.set()

    def _look_at_all(self) -> None:
        for resource in FINALIZERS:
            for obj in self._informers.list(resource):
                self._look_at(Item(resource, *selection.key_of(obj)), self._delay)

    def _on_change(self, resource: str, before: Object | None, after: Object | None) -> None:
        for item in [*affected(resource, before, after, self._informers), *self._statuses.affected(resource)]:
            deleted = after is not None and after["metadata"].get("deletionTimestamp")
            self._look_at(item, 0 if deleted and item.resource == resource else self._delay)

    async def _reconcile(self, item: Item) -> None:
        obj = await self._kube.get(item.resource, item.name, item.namespace)
        if item.resource != REFS and item.namespace != TENANT:
            return
        if obj["metadata"].get("deletionTimestamp"):
            await self._set_finalizer(item, obj, present=False)
            return
        await self._set_finalizer(item, obj, present=True)
        if item.name in self._faults.subscriptions_without_phase and obj["metadata"]["generation"] == 1:
            return
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        patch = status_patch(obj.get("status"), self._statuses.of(item, obj, now))
        if patch is not None:
            await self._kube.patch_status(item.resource, item.name, patch, item.namespace)
        if (again := self._statuses.look_again(item)) is not None:
            self._look_at(item, again)

    async def _set_finalizer(self, item: Item, obj: Object, *, present: bool) -> None:
        metadata, ours = obj["metadata"], FINALIZERS[item.resource]
        others = [each for each in metadata.get("finalizers") or [] if each != ours]
        wanted = [*others, ours] if present else others
        if wanted != (metadata.get("finalizers") or []):
            written = {**obj, "metadata": {**metadata, "finalizers": wanted}, "spec": without_empty(obj["spec"])}
            await self._kube.replace(item.resource, written)


def without_empty(value: Any) -> Any:
    """What a program written in Go writes back of an object's spec: no empty list, and no empty text."""
    if isinstance(value, list):
        return [without_empty(each) for each in value]
    if isinstance(value, dict):
        return {name: without_empty(each) for name, each in value.items() if each not in ([], "")}
    return value


def affected(resource: str, before: Object | None, after: Object | None, informers: Informers) -> set[Item]:
    """The objects to look at after a change."""
    obj: dict[str, Any] = after or before or {}
    namespace = obj["metadata"].get("namespace", "")
    match resource:
        case resources.REFS:
            items = _naming(informers, {selection.key_of(obj)})
            if _spec_changed(before, after):
                items.add(Item(REFS, *selection.key_of(obj)))
            return items
        case resources.POLICIES | resources.SUBSCRIPTIONS:
            if not _spec_changed(before, after):
                return set()
            items = {Item(resource, *selection.key_of(obj))}
            for state in (before, after):
                items |= {Item(REFS, *key) for key in selection.model_keys(state)} if state else set()
            if resource == SUBSCRIPTIONS:  # their priorities are compared
                items |= {
                    Item(SUBSCRIPTIONS, *selection.key_of(each)) for each in informers.list(SUBSCRIPTIONS, namespace)
                }
            return items
        case resources.ROUTES:
            keys = {selection.key_of(each) for each in informers.list(REFS, namespace)}
            return {Item(REFS, *key) for key in keys} | _naming(informers, keys)
        case resources.SERVICES:
            if not (_spec_changed(before, after) or _ready_of(before) != _ready_of(after)):
                return set()
            refs = [
                each
                for each in informers.list(REFS, namespace)
                if each["spec"]["modelRef"]["name"] == obj["metadata"]["name"]
            ]
            return {Item(REFS, *selection.key_of(each)) for each in refs}
    return set()


def _naming(informers: Informers, keys: set[ModelKey]) -> set[Item]:
    """Policies and subscriptions that name any of these models."""
    return {
        Item(resource, *selection.key_of(each))
        for resource in (POLICIES, SUBSCRIPTIONS)
        for each in informers.list(resource)
        if not keys.isdisjoint(selection.model_keys(each))
    }


def _spec_changed(before: Object | None, after: Object | None) -> bool:
    """Made, gone, another generation, or on its way out."""
    if before is None or after is None:
        return True
    old, new = before["metadata"], after["metadata"]
    return old.get("generation") != new.get("generation") or old.get("deletionTimestamp") != new.get(
        "deletionTimestamp"
    )


def _ready_of(service: Object | None) -> str | None:
    return (condition_of(service or {}, "Ready") or {}).get("status")
