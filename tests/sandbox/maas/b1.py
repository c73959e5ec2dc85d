# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generation B1 (MaaS v0.1.1, OpenShift AI 3.4): what its gateway policies decide.

Imitated: inference takes API keys only, a token of the cluster is taken only on paths that end in ``/v1/models``; a
model is closed until a MaaSAuthPolicy grants it and its own AuthPolicy is in force; the subscription is the key's own,
the one that X-MaaS-Subscription names, or the only one that fits; 401 ``Authentication required``, 403 with
``x-ext-auth-reason``. The list of models is made by asking the models through this same gateway.

Deviations: a token where only keys are taken is 401 and an unknown key 403, as the rules of the policy say, though
neither was observed; the paths ``/publishers/…`` and the header X-Gateway-Model-Name, whose routes KServe v0.20 makes
and that of OpenShift AI 3.4 does not, lead to no model and are 403; OIDC is not imitated.
"""

from __future__ import annotations

import json
import time
from collections.abc import Coroutine
from typing import Any

from ..kube import Kube
from . import b1_platform, b1_status, probing, resources, selection
from .b1_api import MaasApi, World
from .b1_controller import Statuses
from .b1_list import TOTAL_SECONDS, Fetch
from .callers import SUBSCRIPTION_HEADER, Caller, Callers, forbidden, unauthenticated
from .controller import Controller
from .decisions import Decisions
from .faults import Faults
from .informers import Informers
from .interface import Answer, Grant, Limit, Request
from .key_endpoints import V0_1_1, KeyEndpoints
from .keys import KeyStore
from .routes import service_of
from .selection import Object, SelectionError

LIST_PATH = "/v1/models"
DEFAULT_MAX_DAYS = 90

#: What it wants to know of the cluster besides what the gateway does.
RESOURCES = b1_platform.RESOURCES


class B1:
    """The generation; see ``interface.Generation``."""

    platform_prefixes = {
        "/maas-api": "/",
        "/v1/models": "/v1/models",
        "/v1/subscriptions": "/v1/subscriptions",
        "/v1/api-keys": "/v1/api-keys",
    }

    def __init__(self, kube: Kube, informers: Informers, faults: Faults) -> None:
        self._kube = kube
        self._informers = informers
        self._keys = KeyStore(time.time)
        self._callers = Callers(kube, self._keys, faults)
        keys = KeyEndpoints(V0_1_1, self._keys, self._subscriptions, self._max_days, self._callers.is_admin)
        world = World(lambda: informers.list(resources.REFS), self._subscriptions, _fetch_as)
        self._api = MaasApi(world, keys)
        self._controller = Controller(kube, informers, Statuses(informers), faults)
        self._decisions = Decisions(faults, self._decide, _decided_by)

    async def bootstrap(self) -> None:
        await b1_platform.bootstrap(self._kube)

    def controllers(self) -> list[Coroutine[Any, Any, None]]:
        return [self._controller.run()]

    def reset(self) -> None:
        self._keys.clear()
        self._callers.clear()
        self._decisions.clear()

    def process(self, request: Request) -> Request:
        return request

    async def platform(self, request: Request) -> Answer:
        return await self._api.answer(request, await self._callers.of(request))

    async def authorise(self, request: Request) -> Grant:
        return await self._decisions.of(request)

    async def _decide(self, request: Request) -> Grant:
        caller = await self._callers.of(request)
        if not caller.with_key and not request.path.endswith(LIST_PATH):
            raise unauthenticated()
        model = service_of(request.path)
        policies = self._informers.list(resources.POLICIES, resources.TENANT)
        if model not in b1_status.enforced_models(policies):
            raise forbidden()
        subscription = self._selected(caller, model)
        if model not in selection.granted(policies, caller.username, caller.groups):
            raise forbidden()
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
                for tokens, seconds in selection.limits_of(subscription, model)
            ],
        )

    def _selected(self, caller: Caller, model: selection.ModelKey) -> Object:
        try:
            return selection.select(
                self._subscriptions(),
                caller.username,
                caller.groups,
                requested=caller.subscription,
                model="/".join(model),
                models={model},
            )
        except SelectionError as error:
            raise forbidden(error.code, str(error)) from None

    def _subscriptions(self) -> list[Object]:
        return self._informers.list(resources.SUBSCRIPTIONS, resources.TENANT)

    def _max_days(self) -> int:
        tenant = self._informers.get(b1_platform.TENANTS, b1_platform.DEFAULT_TENANT, resources.TENANT) or {}
        return ((tenant.get("spec") or {}).get("apiKeys") or {}).get("maxExpirationDays", DEFAULT_MAX_DAYS)


def _decided_by(request: Request) -> tuple[str, str, bool, str]:
    """What a decision depends on."""
    headers = request.headers
    listing = request.path.endswith(LIST_PATH)
    model = "/".join(service_of(request.path))
    return headers.get("Authorization", ""), model, listing, headers.get(SUBSCRIPTION_HEADER, "")


def _fetch_as(authorization: str) -> Fetch:
    """Asks endpoints with a client's credential."""

    async def fetch(url: str, subscription: str) -> tuple[int, bytes]:
        headers = {"Authorization": authorization, SUBSCRIPTION_HEADER: subscription}
        return await probing.ask("GET", url, headers, TOTAL_SECONDS)

    return fetch
