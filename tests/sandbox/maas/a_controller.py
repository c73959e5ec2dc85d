# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the Open Data Hub model controller that generation A lives on: RBAC brought by the tiers annotation.

Imitated: the Role and RoleBinding come and change with the annotation and go with it; those of a service that is gone
go by its ownership.

Deviations: a hand edit of them is undone only at the service's next change; they are there at once, where a cluster's
documentation says one to two minutes (see the fault ``decision_cache_seconds``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp

from ..kube import ApiError, Kube
from . import a_tiers, selection
from .a_platform import SERVICES
from .a_tiers import Object, Tier
from .faults import Faults
from .informers import Informers

LOG = logging.getLogger("maas.controller")

RETRY_SECONDS = 1.0
ROLES = "rbac.authorization.k8s.io/v1/roles"
BINDINGS = "rbac.authorization.k8s.io/v1/rolebindings"


class Controller:
    """Keeps the access objects of every service; ``tiers`` gives the tiers there are."""

    def __init__(
        self, kube: Kube, informers: Informers, tiers: Callable[[], Awaitable[list[Tier]]], faults: Faults
    ) -> None:
        self._kube = kube
        self._informers = informers
        self._tiers = tiers
        self._faults = faults
        self._due: set[tuple[str, str]] = set()
        self._woken = asyncio.Event()
        informers.on_change(self._on_change)

    async def run(self) -> None:
        """Work for ever."""
        self._look_at(*map(selection.key_of, self._informers.list(SERVICES)))
        while True:
            await self._woken.wait()
            await self._faults.running.wait()
            self._woken.clear()
            while self._due:
                key = self._due.pop()
                try:
                    await self._reconcile(key)
                except (ApiError, aiohttp.ClientError, TimeoutError) as error:
                    LOG.warning("%s: %s", key, error)
                    asyncio.get_running_loop().call_later(RETRY_SECONDS, self._look_at, key)

    def _look_at(self, *keys: tuple[str, str]) -> None:
        self._due.update(keys)
        self._woken.set()

    def _on_change(self, resource: str, before: Object | None, after: Object | None) -> None:
        if resource == SERVICES and after is not None and _annotation(before) != _annotation(after):
            self._look_at(selection.key_of(after))

    async def _reconcile(self, key: tuple[str, str]) -> None:
        namespace, name = key
        service = self._informers.get(SERVICES, name, namespace)
        if service is None or service["metadata"].get("deletionTimestamp"):
            return
        admitted = a_tiers.admitted(service, await self._tiers())
        if admitted is not None:
            for obj in a_tiers.access_objects(service, admitted):
                await self._kube.apply(obj, manager=a_tiers.MANAGER)
            return
        for resource, child in zip((ROLES, BINDINGS), a_tiers.access_names(name), strict=True):
            try:
                await self._kube.delete(resource, child, namespace)
            except ApiError as error:
                if error.status != 404:
                    raise


def _annotation(service: Object | None) -> tuple[str, str | None] | None:
    if service is None:
        return None
    metadata = service["metadata"]
    return metadata["uid"], (metadata.get("annotations") or {}).get(a_tiers.ANNOTATION)
