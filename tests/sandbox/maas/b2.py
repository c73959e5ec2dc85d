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

Until there is a MaaSAuthPolicy, and again when the last one is gone, every model is 403 without a word, and the MaaS
API is open to everybody, whom it then takes for nobody: its lists are empty, its keys 500.

Deviations: decisions go by the specs of policies, also while one of them keeps the gateway's from being written; OIDC
and ``x-api-key`` are not imitated; one tenant, ``models-as-a-service``.
"""

from __future__ import annotations

import json
from dataclasses import replace

from ..kube import Kube
from . import b2_platform, resources, selection
from .b import B
from .b2_api import MaasApi, Tenant
from .b2_controller import Statuses
from .callers import SUBSCRIPTION_HEADER, bearer, forbidden
from .faults import Faults
from .informers import Informers
from .interface import Answer, Grant, Refused, Request, json_answer
from .key_endpoints import V0_2_1

MODEL_HEADER = "X-Gateway-Model-Name"
STREAMED_PATHS = ("/v1/chat/completions", "/v1/completions")

#: What it wants to know of the cluster besides what the gateway does.
RESOURCES = b2_platform.RESOURCES


class B2(B):
    """The generation; see ``interface.Generation``."""

    release = V0_2_1
    tenant = (b2_platform.TENANT_CONFIGS, b2_platform.TENANT_CONFIG)

    def __init__(self, kube: Kube, informers: Informers, faults: Faults) -> None:
        super().__init__(kube, informers, faults, Statuses(informers))
        self.webhooks = b2_platform.webhooks(informers)
        tenant = Tenant(
            refs=self._refs,
            policies=self._policies,
            subscriptions=self._subscriptions,
            gateway=lambda: informers.get(resources.GATEWAYS, *resources.GATEWAY),
        )
        self._api = MaasApi(tenant, self._key_endpoints)

    async def bootstrap(self) -> None:
        await b2_platform.bootstrap(self._kube)

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
        if not self._policies():
            return await self._unguarded(request)
        return await self._api.answer(request, await self._callers.of(request))

    async def _unguarded(self, request: Request) -> Answer:
        """The MaaS API while nothing asks who calls; its own endpoint for tenants does."""
        caller = None
        if request.path == "/v1/tenants":
            try:
                caller = await self._callers.of(request)
            except Refused:
                told = {"error": "Authentication failed", "details": "Invalid token"}
                if not bearer(request):
                    told = {"error": "Authentication required", "details": "Missing or invalid bearer token"}
                return json_answer(401, told)
        return await self._api.answer(request, caller)

    async def _decide(self, request: Request) -> Grant:
        identity = model_identity(request)
        if identity and not self._policies():
            raise Refused(Answer(403))
        caller = await self._callers.of(request)
        models = selection.resolve(identity, self._refs())
        subscription = self._selected(caller, identity, models)
        allowed = selection.granted(self._policies(), caller.username, caller.groups)
        if models.isdisjoint(allowed) or subscription["metadata"].get("deletionTimestamp"):
            raise forbidden()
        return self._grant(caller, subscription, models)

    def _decided_by(self, request: Request) -> tuple[str, str, str]:
        headers = request.headers
        return headers.get("Authorization", ""), model_identity(request), headers.get(SUBSCRIPTION_HEADER, "")


def model_identity(request: Request) -> str:
    """The model that a request is for, as the gateway's policy names it; empty where it names none."""
    parts = [part for part in request.path.split("/") if part]
    if len(parts) >= 2 and parts[0] not in ("v1", "maas-api"):
        return f"{parts[0]}/{parts[1]}"
    return request.headers.get(MODEL_HEADER, "")
