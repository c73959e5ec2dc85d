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
as the policy's rules say, though only the validation behind it was observed; decisions are cached only when
``decision_cache_seconds`` is set (60 s on a cluster), and then whole; OIDC and ``x-api-key`` are not imitated; one
tenant, ``models-as-a-service``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from ..kube import Kube
from . import b2_platform, selection
from .b2_api import Caller, MaasApi, Tenant
from .b2_controller import Controller
from .b2_keys import KeyEndpoints
from .faults import Faults
from .informers import Informers
from .interface import Answer, Grant, Limit, Refused, Request, json_answer, text_answer
from .keys import PREFIX, KeyStore
from .selection import SelectionError

MODEL_HEADER = "X-Gateway-Model-Name"
SUBSCRIPTION_HEADER = "X-MaaS-Subscription"
STREAMED_PATHS = ("/v1/chat/completions", "/v1/completions")
ADMIN_CACHE_SECONDS = 30
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
        self._faults = faults
        self._keys = KeyStore(time.time)
        self._tenant = Tenant(
            refs=lambda: informers.list(b2_platform.REFS),
            policies=lambda: informers.list(b2_platform.POLICIES, b2_platform.TENANT),
            subscriptions=lambda: informers.list(b2_platform.SUBSCRIPTIONS, b2_platform.TENANT),
            gateway=lambda: informers.get(b2_platform.GATEWAYS, *b2_platform.GATEWAY),
        )
        keys = KeyEndpoints(self._keys, self._tenant.subscriptions, self._max_days, self._is_admin)
        self._api = MaasApi(self._tenant, keys)
        self._controller = Controller(kube, informers, faults)
        self._admins: dict[tuple[str, tuple[str, ...]], tuple[float, bool]] = {}
        self._decisions: dict[tuple[str, str, str], tuple[float, Grant | Refused]] = {}

    async def bootstrap(self) -> None:
        await b2_platform.bootstrap(self._kube)

    def controllers(self) -> list[Coroutine[Any, Any, None]]:
        return [self._controller.run()]

    def reset(self) -> None:
        self._keys.clear()
        self._admins.clear()
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
        caller = await self._authenticate(request)
        return await self._api.answer(request, caller)

    async def authorise(self, request: Request) -> Grant:
        key = (
            request.headers.get("Authorization", ""),
            model_identity(request),
            request.headers.get(SUBSCRIPTION_HEADER, ""),
        )
        until, decision = self._decisions.get(key, (0.0, None))
        if decision is None or time.monotonic() >= until:
            try:
                decision = await self._decide(request)
            except Refused as refused:
                decision = refused
            if seconds := self._faults.decision_cache_seconds:
                self._decisions[key] = (time.monotonic() + seconds, decision)
        if isinstance(decision, Refused):
            raise decision
        return decision

    async def _decide(self, request: Request) -> Grant:
        caller = await self._authenticate(request)
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
            raise _forbidden(error.code, str(error)) from None
        allowed = selection.granted(self._tenant.policies(), caller.username, caller.groups)
        if models.isdisjoint(allowed) or subscription["metadata"].get("deletionTimestamp"):
            raise _forbidden()
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

    async def _authenticate(self, request: Request) -> Caller:
        if (status := self._faults.refusing()) is not None:
            raise _unauthenticated() if status == 401 else _forbidden()
        scheme, _space, bearer = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not bearer:
            raise _unauthenticated()
        if bearer.startswith(PREFIX):
            key = self._keys.validate(bearer)
            if key is None:
                raise _forbidden()
            return Caller(key.username, key.groups, with_key=True, subscription=key.subscription)
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": bearer}}
        status = (await self._kube.create(review))["status"]
        if not status.get("authenticated"):
            raise _unauthenticated()
        user = status["user"]
        named = request.headers.get(SUBSCRIPTION_HEADER, "").strip()
        return Caller(user["username"], tuple(user.get("groups") or ()), with_key=False, subscription=named)

    async def _is_admin(self, username: str, groups: tuple[str, ...]) -> bool:
        """Whether the user may create MaaSAuthPolicies of the tenant: a real SubjectAccessReview."""
        until, answer = self._admins.get((username, groups), (0.0, False))
        if time.monotonic() < until:
            return answer
        attributes = {
            "group": "maas.opendatahub.io",
            "resource": "maasauthpolicies",
            "verb": "create",
            "namespace": b2_platform.TENANT,
        }
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {"user": username, "groups": list(groups), "resourceAttributes": attributes},
        }
        answer = (await self._kube.create(review))["status"]["allowed"]
        self._admins[username, groups] = (time.monotonic() + ADMIN_CACHE_SECONDS, answer)
        return answer

    def _max_days(self) -> int:
        config = self._informers.get(b2_platform.TENANT_CONFIGS, b2_platform.TENANT_CONFIG, b2_platform.TENANT) or {}
        return ((config.get("spec") or {}).get("apiKeys") or {}).get("maxExpirationDays", DEFAULT_MAX_DAYS)


def model_identity(request: Request) -> str:
    """The model that a request is for, as the gateway's policy names it; empty where it names none."""
    parts = [part for part in request.path.split("/") if part]
    if len(parts) >= 2 and parts[0] not in ("v1", "maas-api"):
        return f"{parts[0]}/{parts[1]}"
    return request.headers.get(MODEL_HEADER, "")


def _unauthenticated() -> Refused:
    return Refused(text_answer(401, "Authentication required"))


def _forbidden(reason: str = "unauthorized", text: str = "Access denied") -> Refused:
    return Refused(text_answer(403, text, {"x-ext-auth-reason": reason}))
