# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MaaS API of generation B1 (maas-api v0.1.1) as the gateway reaches it.

Imitated: keys (``key_endpoints``), the list of models by asking them (``b1_list``), subscriptions as their specs tell
them, and the manners of the server (``server``).

Deviation: of the metrics, which everybody who is somebody can read, there is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from . import b1_list, catalog, selection, server
from .b1_list import Fetch
from .callers import Caller
from .interface import Answer, Request, json_answer, text_answer
from .key_endpoints import KeyEndpoints
from .keys import timestamp
from .selection import Object, SelectionError


@dataclass(frozen=True)
class World:
    """What the API knows of the cluster; each is asked for anew at every request.

    ``fetch`` gives, for a client's Authorization, what asks an endpoint.
    """

    refs: Callable[[], list[Object]]
    subscriptions: Callable[[], list[Object]]
    fetch: Callable[[str], Fetch]


class MaasApi:
    """The server behind ``/maas-api``."""

    def __init__(self, world: World, keys: KeyEndpoints) -> None:
        self._world = world
        self._keys = keys

    async def answer(self, request: Request, caller: Caller) -> Answer:
        """The answer to an authenticated request."""
        return await server.answer(request, partial(self._endpoint, request, caller))

    def _endpoint(self, request: Request, caller: Caller, path: str) -> server.Endpoint | None:
        match (request.method, *path.split("/")[1:]):
            case ("GET", "health"):
                return self._health
            case ("GET", "v1", "models"):
                return partial(self._models, caller, request.headers["Authorization"])
            case ("GET", "v1", "subscriptions"):
                return partial(self._subscriptions, caller)
            case ("GET", "metrics"):
                return self._metrics
            case ("GET", "v1", "model", ref, "subscriptions"):
                return partial(self._subscriptions_of, ref, caller)
            case (_method, "v1", "api-keys", *rest):
                return self._keys.find(request, caller, *rest)
        return None

    async def _health(self) -> Answer:
        """GET /health"""
        return json_answer(200, {"status": "healthy"})

    async def _metrics(self) -> Answer:
        """GET /metrics, which the gateway passes on as it does everything else"""
        return text_answer(200, "# TYPE go_goroutines gauge\ngo_goroutines 12\n")

    async def _models(self, caller: Caller, authorization: str) -> Answer:
        """GET /v1/models"""
        try:
            chosen = b1_list.chosen(self._world.subscriptions(), caller.username, caller.groups, caller.subscription)
        except SelectionError as error:
            if error.phase is None:
                return server.list_error(403, str(error), "permission_error")
            return server.list_error(500, "Failed to select subscription", "server_error")
        entries = await b1_list.listed(self._world.refs(), chosen, self._world.fetch(authorization))
        headers = {"Cache-Control": "no-store", "X-Access-Checked-At": timestamp(time.time())}
        return json_answer(200, server.model_list(entries), headers)

    async def _subscriptions(self, caller: Caller) -> Answer:
        """GET /v1/subscriptions"""
        owned = selection.owned(self._world.subscriptions(), caller.username, caller.groups)
        return json_answer(200, [subscription_entry(each) for each in owned if selection.usable(each)])

    async def _subscriptions_of(self, ref: str, caller: Caller) -> Answer:
        """GET /v1/model/:ref/subscriptions, by the name of the reference and whatever the phase"""
        if not ref:
            return server.without_model_id({})
        owned = selection.owned(self._world.subscriptions(), caller.username, caller.groups)
        naming = [each for each in owned if ref in {name for _namespace, name in selection.model_keys(each)}]
        return json_answer(200, [subscription_entry(each) for each in naming])


def subscription_entry(subscription: Object) -> Object:
    """An item of /v1/subscriptions, its models as the spec names them."""
    models = [
        {"name": each["name"], "namespace": each["namespace"], **catalog.limits_of_model(each)}
        for each in subscription["spec"]["modelRefs"]
    ]
    return catalog.subscription_entry(subscription, models, undescribed=subscription["metadata"]["name"])
