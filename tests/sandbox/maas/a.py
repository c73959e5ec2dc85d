# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generation A (MaaS v0.0.2, OpenShift AI 3.2 and 3.3): what its gateway policies decide.

Imitated: inference takes tokens of audience ``maas-default-gateway-sa`` only (a real TokenReview); the service is the
path's, and RBAC must allow verb ``post`` on it (a real SubjectAccessReview); the tier of the caller sets limits of
requests and of tokens, each for the user and not for a model. The MaaS API takes tokens of the cluster besides.

Deviations: the texts of 401 and 403 are assumed, none was observed; what makes the tier of an account is not cached;
nothing of the caller is told to the pod; the routes of KServe v0.20, whose paths and header OpenShift AI 3.3 does not
know, are refused like any service that there is not; the gateway has no listener for plain HTTP.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from ..kube import ApiError, Kube
from . import a_list, a_platform, a_tiers, probing, resources
from .a_api import MaasApi, World
from .a_controller import Controller
from .a_list import Ask, Probe
from .a_tiers import Tier
from .a_tokens import AUDIENCE, Tokens
from .admission import Webhook
from .callers import User, allowed, bearer, forbidden, review, unauthenticated
from .decisions import Decisions
from .faults import Faults
from .informers import Informers
from .interface import Answer, Grant, Limit, Request
from .routes import service_of

#: What it wants to know of the cluster besides what the gateway does.
RESOURCES = a_platform.RESOURCES


class A:
    """The generation; see ``interface.Generation``."""

    platform_prefixes = {"/maas-api": "/", "/v1/models": "/v1/models"}
    webhooks: tuple[Webhook, ...] = ()

    def __init__(self, kube: Kube, informers: Informers, faults: Faults) -> None:
        self._kube = kube
        self._faults = faults
        world = World(
            services=lambda: informers.list(a_platform.SERVICES),
            routes=lambda: informers.list(resources.ROUTES),
            tiers=self._tiers,
            probe=self._probe,
            ask=_ask_as,
        )
        self._api = MaasApi(world, Tokens(kube, self._tier_of))
        self._controller = Controller(kube, informers, self._tiers, faults)
        self._decisions = Decisions(faults, self._decide, _decided_by)

    async def bootstrap(self) -> None:
        await a_platform.bootstrap(self._kube)

    def controllers(self) -> list[Coroutine[Any, Any, None]]:
        return [self._controller.run()]

    def reset(self) -> None:
        self._api.clear()
        self._decisions.clear()

    def process(self, request: Request) -> Request:
        return request

    async def platform(self, request: Request) -> Answer:
        self._refuse_by_fault()
        token = bearer(request)
        caller = await self._reviewed(token) or await self._reviewed(token, AUDIENCE)
        if caller is None:
            raise unauthenticated()
        return await self._api.answer(request, caller)

    async def authorise(self, request: Request) -> Grant:
        return await self._decisions.of(request)

    async def _decide(self, request: Request) -> Grant:
        self._refuse_by_fault()
        caller = await self._reviewed(bearer(request), AUDIENCE)
        if caller is None:
            raise unauthenticated()
        namespace, name = service_of(request.path)
        attributes = {
            "group": "serving.kserve.io",
            "resource": "llminferenceservices",
            "namespace": namespace,
            "name": name,
            "verb": "post",
        }
        if not await allowed(self._kube, caller.username, caller.groups, attributes):
            raise forbidden(reason=None)
        return self._grant(caller.username, await self._tier_of(caller.groups))

    def _grant(self, username: str, tier: Tier | None) -> Grant:
        table = a_platform.SHIPPED_LIMITS if self._faults.shipped_limits else a_platform.GENEROUS_LIMITS
        if tier is None or tier.name not in table:
            return Grant(username, {})
        requests, tokens = table[tier.name]
        user = username.rpartition(":")[2]
        return Grant(
            username,
            {},
            limits=[Limit(("tokens", tier.name, user), *tokens)],
            request_limits=[Limit(("requests", tier.name, user), *requests)],
        )

    async def _reviewed(self, token: str, audience: str | None = None) -> User | None:
        return await review(self._kube, token, audience) if token else None

    async def _tiers(self) -> list[Tier]:
        """The tiers of the ConfigMap, none without it."""
        try:
            config_map = await self._kube.get("v1/configmaps", a_platform.CONFIG_MAP, a_platform.NAMESPACE)
        except ApiError as error:
            if error.status != 404:
                raise
            return []
        return a_tiers.parse(config_map["data"]["tiers"])

    async def _tier_of(self, groups: tuple[str, ...]) -> Tier | None:
        return a_tiers.tier_of(await self._tiers(), groups)

    def _probe(self) -> Probe:
        return a_list.FIXED if self._faults.probe_by_get else a_list.RELEASED

    def _refuse_by_fault(self) -> None:
        if (status := self._faults.refusing()) is not None:
            raise unauthenticated() if status == 401 else forbidden(reason=None)


def _decided_by(request: Request) -> tuple[str, tuple[str, str]]:
    """What a decision depends on."""
    return request.headers.get("Authorization", ""), service_of(request.path)


def _ask_as(token: str, seconds: float) -> Ask:
    """Probes services with a token."""

    async def ask(method: str, url: str) -> int:
        status, _body = await probing.ask(method, url, {"Authorization": f"Bearer {token}"}, seconds)
        return status

    return ask
