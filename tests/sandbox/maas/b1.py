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

from ..kube import Kube
from . import b1_platform, b1_status, probing, selection
from .b import B
from .b1_api import MaasApi, World
from .b1_controller import Statuses
from .b1_list import TOTAL_SECONDS, Fetch
from .callers import SUBSCRIPTION_HEADER, forbidden, unauthenticated
from .faults import Faults
from .informers import Informers
from .interface import Answer, Grant, Request
from .key_endpoints import V0_1_1
from .routes import service_of

LIST_PATH = "/v1/models"

#: What it wants to know of the cluster besides what the gateway does.
RESOURCES = b1_platform.RESOURCES


class B1(B):
    """The generation; see ``interface.Generation``."""

    release = V0_1_1
    tenant = (b1_platform.TENANTS, b1_platform.DEFAULT_TENANT)

    def __init__(self, kube: Kube, informers: Informers, faults: Faults) -> None:
        super().__init__(kube, informers, faults, Statuses(informers))
        self._api = MaasApi(World(self._refs, self._subscriptions, _fetch_as), self._key_endpoints)

    async def bootstrap(self) -> None:
        await b1_platform.bootstrap(self._kube)

    async def platform(self, request: Request) -> Answer:
        return await self._api.answer(request, await self._callers.of(request))

    async def _decide(self, request: Request) -> Grant:
        caller = await self._callers.of(request)
        if not caller.with_key and not request.path.endswith(LIST_PATH):
            raise unauthenticated()
        model = service_of(request.path)
        policies = self._policies()
        if model not in b1_status.enforced_models(policies):
            raise forbidden()
        subscription = self._selected(caller, "/".join(model), {model})
        if model not in selection.granted(policies, caller.username, caller.groups):
            raise forbidden()
        return self._grant(caller, subscription, {model})

    def _decided_by(self, request: Request) -> tuple[str, str, bool, str]:
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
