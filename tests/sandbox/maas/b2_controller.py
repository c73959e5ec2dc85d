# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status that the controllers of generation B2 give the three kinds, from what the cluster holds."""

from __future__ import annotations

from . import b2_status, selection, b_status
from .b2_platform import TENANTS
from .controller import RETRY_SECONDS, Item
from .informers import Informers
from .resources import GATEWAY, GATEWAYS, POLICIES, REFS, ROUTES, SERVICES, SUBSCRIPTIONS, TENANT
from .selection import ModelKey, Object


class Statuses:
    """See ``controller.Statuses``."""

    def __init__(self, informers: Informers) -> None:
        self._informers = informers

    def of(self, item: Item, obj: Object, now: str) -> Object:
        routes = self._informers.list(ROUTES)
        refs = {selection.key_of(each): each for each in self._informers.list(REFS)}
        if item.resource == REFS:
            return self._ref_status(obj, routes, now)
        if item.resource == POLICIES:
            return b2_status.policy_status(obj, set(refs), self._unwritable(), now)
        living = {key: ref for key, ref in refs.items() if not ref["metadata"].get("deletionTimestamp")}
        routed = {key: route for key, ref in living.items() if (route := b_status.route_of(ref, routes))}
        others = self._informers.list(SUBSCRIPTIONS, item.namespace)
        return b_status.subscription_status(obj, living, routed, others, GATEWAY, now)

    def affected(self, resource: str) -> list[Item]:
        if resource != TENANTS:
            return []
        return [Item(REFS, *selection.key_of(each)) for each in self._informers.list(REFS)]

    def look_again(self, item: Item) -> float | None:
        return RETRY_SECONDS if item.resource == POLICIES and self._unwritable() else None

    def _ref_status(self, ref: Object, routes: list[Object], now: str) -> Object:
        key = selection.key_of(ref)
        return b2_status.model_ref_status(
            ref,
            route=b_status.route_of(ref, routes),
            service=self._informers.get(SERVICES, ref["spec"]["modelRef"]["name"], key[0]),
            gateway=self._informers.get(GATEWAYS, *GATEWAY),
            gateway_key=GATEWAY,
            granted=self._named(POLICIES, key),
            subscribed=self._named(SUBSCRIPTIONS, key),
            tenants=[each["metadata"]["name"] for each in self._informers.list(TENANTS)],
            now=now,
        )

    def _unwritable(self) -> str | None:
        """Why the gateway's policy cannot be written: one policy of the tenant is enough, and fails all."""
        found = (b_status.unwritable_subject(each) for each in self._living(POLICIES))
        return next((problem for problem in found if problem), None)

    def _named(self, resource: str, key: ModelKey) -> bool:
        return any(key in selection.model_keys(each) for each in self._living(resource))

    def _living(self, resource: str) -> list[Object]:
        found = self._informers.list(resource, TENANT)
        return [each for each in found if not each["metadata"].get("deletionTimestamp")]
