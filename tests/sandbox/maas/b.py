# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the releases of generation B have in common as the gateway sees them.

Imitated: the paths that lead to the MaaS API, keys and their longest life, the identity headers and the limits that a
request gets on its way. What is decided, and how the releases deviate, stands in ``b1`` and ``b2``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Coroutine, Hashable
from typing import Any

from ..kube import Kube
from . import resources, selection
from .admission import Webhook
from .callers import SUBSCRIPTION_HEADER, Caller, Callers, forbidden
from .controller import Controller, Statuses
from .decisions import Decisions
from .faults import Faults
from .informers import Informers
from .interface import Grant, Limit, Request
from .key_endpoints import KeyEndpoints, Release
from .keys import KeyStore
from .selection import ModelKey, Object, SelectionError

DEFAULT_MAX_DAYS = 90


class B:
    """Most of ``interface.Generation``. A release says which it is, and decides."""

    platform_prefixes = {
        "/maas-api": "/",
        "/v1/models": "/v1/models",
        "/v1/subscriptions": "/v1/subscriptions",
        "/v1/api-keys": "/v1/api-keys",
    }
    webhooks: tuple[Webhook, ...] = ()
    release: Release
    #: Resource and name of the object that says how long a key may live.
    tenant: tuple[str, str]

    def __init__(self, kube: Kube, informers: Informers, faults: Faults, statuses: Statuses) -> None:
        self._kube = kube
        self._informers = informers
        self._keys = KeyStore(time.time)
        self._callers = Callers(kube, self._keys, faults)
        self._key_endpoints = KeyEndpoints(
            self.release, self._keys, self._subscriptions, self._max_days, self._callers.is_admin
        )
        self._controller = Controller(kube, informers, statuses, faults)
        self._decisions = Decisions(faults, self._decide, self._decided_by)

    def controllers(self) -> list[Coroutine[Any, Any, None]]:
        return [self._controller.run()]

    def reset(self) -> None:
        self._keys.clear()
        self._callers.clear()
        self._decisions.clear()

    def process(self, request: Request) -> Request:
        return request

    async def authorise(self, request: Request) -> Grant:
        return await self._decisions.of(request)

    async def _decide(self, request: Request) -> Grant:
        """Whether a request for a pod may pass; raises Refused."""
        raise NotImplementedError

    def _decided_by(self, request: Request) -> Hashable:
        """What a decision depends on."""
        raise NotImplementedError

    def _selected(self, caller: Caller, identity: str, models: set[ModelKey]) -> Object:
        """The subscription for a request that names ``identity``, which means these models; raises Refused."""
        try:
            return selection.select(
                self._subscriptions(),
                caller.username,
                caller.groups,
                requested=caller.subscription,
                model=identity,
                models=models,
            )
        except SelectionError as error:
            raise forbidden(error.code, str(error)) from None

    @staticmethod
    def _grant(caller: Caller, subscription: Object, models: set[ModelKey]) -> Grant:
        """A request that may pass, with its identity headers and the limits of the subscription."""
        named = "/".join(selection.key_of(subscription))
        return Grant(
            username=caller.username,
            headers={
                "X-MaaS-Username": caller.username,
                "X-MaaS-Group": json.dumps(caller.groups),
                SUBSCRIPTION_HEADER: subscription["metadata"]["name"],
            },
            limits=[
                Limit((f"{named}@{'/'.join(model)}", caller.username), tokens, seconds)
                for model in sorted(models)
                for tokens, seconds in selection.limits_of(subscription, model)
            ],
        )

    def _refs(self) -> list[Object]:
        return self._informers.list(resources.REFS)

    def _policies(self) -> list[Object]:
        return self._informers.list(resources.POLICIES, resources.TENANT)

    def _subscriptions(self) -> list[Object]:
        return self._informers.list(resources.SUBSCRIPTIONS, resources.TENANT)

    def _max_days(self) -> int:
        tenant = self._informers.get(*self.tenant, resources.TENANT) or {}
        return ((tenant.get("spec") or {}).get("apiKeys") or {}).get("maxExpirationDays", DEFAULT_MAX_DAYS)
