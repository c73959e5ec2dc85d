# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generation B2 (MaaS v0.2.1, OpenShift AI 3.5): what its gateway policies decide.

Imitated: bearer is an API key or a token of the cluster (a real TokenReview); the subscription is the key's own, the
one that X-MaaS-Subscription names, or the only one that fits; a MaaSAuthPolicy must grant the model; 401
``Authentication required``, 403 with ``x-ext-auth-reason``; X-MaaS-Username and X-MaaS-Group of a client are
overwritten, not refused; a request is routed by ``model`` of its JSON body where that is a full ``publishers/…`` id;
streams are made to report their usage.

The model of a request is ``<namespace>/<name>`` of its path and else the id of its body: on ``/publishers/…`` paths
that names no model, so they are refused.

Deviations: the policies are in force from the start, not from the first MaaSAuthPolicy on; an unknown API key is 403,
as the policy's rules say, though only the validation behind it was observed; OIDC and ``x-api-key`` are not imitated;
one tenant, ``models-as-a-service``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from ..kube import Kube
from . import b2_platform, resources, selection
from .b2_api import MaasApi, Tenant
from .b2_controller import Statuses
from .callers import SUBSCRIPTION_HEADER, Callers, forbidden
from .controller import Controller
from .decisions import Decisions
from .faults import Faults
from .informers import Informers
from .interface import Answer, Grant, Limit, Request, json_answer
from .key_endpoints import V0_2_1, KeyEndpoints
from .keys import KeyStore
from .selection import SelectionError

MODEL_HEADER = "X-Gateway-Model-Name"
STREAMED_PATHS = ("/v1/chat/completions", "/v1/completions")
DEFAULT_MAX_DAYS = 90

#: What it wants to know of the cluster besides what the gateway does.
RESOURCES = b2_platform.RESOURCES


class B2:
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
        self._tenant = Tenant(
            refs=lambda: informers.list(resources.REFS),
            policies=lambda: informers.list(resources.POLICIES, resources.TENANT),
            subscriptions=lambda: informers.list(resources.SUBSCRIPTIONS, resources.TENANT),
            gateway=lambda: informers.get(resources.GATEWAYS, *resources.GATEWAY),
        )
        self._callers = Callers(kube, self._keys, faults)
        keys = KeyEndpoints(V0_2_1, self._keys, self._tenant.subscriptions, self._max_days, self._callers.is_admin)
        self._api = MaasApi(self._tenant, keys)
        self._controller = Controller(kube, informers, Statuses(informers), faults)
        self._decisions = Decisions(faults, self._decide, _decided_by)

    async def bootstrap(self) -> None:
        await b2_platform.bootstrap(self._kube)

    def controllers(self) -> list[Coroutine[Any, Any, None]]:
        return [self._controller.run()]

    def reset(self) -> None:
        self._keys.clear()
        self._callers.clear()
        self._decisions.clear()

    def process(self, request: Request) -> Request:
        headers = request.headers.copy()
        headers.popall(MODEL_HEADER, None)
        content = request.json_object() if request.method == "POST" else None
        if content is None:
            return replace(request, headers=headers)
        model = content.get("model")
        if isinstance(model, str) and model.startswith("publishers/"):
            headers[MODEL_HEADER] = model
        body = request.body
        if content.get("stream") is True and request.path.endswith(STREAMED_PATHS):
            content["stream_options"] = {**(content.get("stream_options") or {}), "include_usage": True}
            body = json.dumps(content).encode()
        return replace(request, headers=headers, body=body)

    async def platform(self, request: Request) -> Answer:
        if (request.method, request.path) == ("GET", "/health"):
            return json_answer(200, {"status": "healthy"})
        caller = await self._callers.of(request)
        return await self._api.answer(request, caller)

    async def authorise(self, request: Request) -> Grant:
        return await self._decisions.of(request)

    async def _decide(self, request: Request) -> Grant:
        caller = await self._callers.of(request)
        identity = model_identity(request)
        models = selection.resolve(identity, self._tenant.refs())
        try:
            subscription = selection.select(
                self._tenant.subscriptions(),
                caller.username,
                caller.groups,
                requested=caller.subscription,
                model=identity,
                models=models,
            )
        except SelectionError as error:
            raise forbidden(error.code, str(error)) from None
        allowed = selection.granted(self._tenant.policies(), caller.username, caller.groups)
        if models.isdisjoint(allowed) or subscription["metadata"].get("deletionTimestamp"):
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
                for model in sorted(models)
                for tokens, seconds in selection.limits_of(subscription, model)
            ],
        )

    def _max_days(self) -> int:
        config = self._informers.get(b2_platform.TENANT_CONFIGS, b2_platform.TENANT_CONFIG, resources.TENANT) or {}
        return ((config.get("spec") or {}).get("apiKeys") or {}).get("maxExpirationDays", DEFAULT_MAX_DAYS)


def _decided_by(request: Request) -> tuple[str, str, str]:
    """What a decision depends on."""
    headers = request.headers
    return headers.get("Authorization", ""), model_identity(request), headers.get(SUBSCRIPTION_HEADER, "")


def model_identity(request: Request) -> str:
    """The model that a request is for, as the gateway's policy names it; empty where it names none."""
    parts = [part for part in request.path.split("/") if part]
    if len(parts) >= 2 and parts[0] not in ("v1", "maas-api"):
        return f"{parts[0]}/{parts[1]}"
    return request.headers.get(MODEL_HEADER, "")
