# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status that the controllers of generation B1 give the three kinds, from what the cluster holds.

Imitated: the AuthPolicy of a model comes with the first MaaSAuthPolicy that names it once the model has a route, stays
when the route goes, and goes with the reference or the last policy that names it.

Deviation: it is no object, and in force ``ENFORCE_SECONDS`` after it came.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from . import b1_status, b_status, selection
from .controller import Item
from .informers import Informers
from .resources import GATEWAY, POLICIES, REFS, ROUTES, SERVICES, SUBSCRIPTIONS, TENANT
from .selection import ModelKey, Object

ENFORCE_SECONDS = 1.0


class Statuses:
    """See ``controller.Statuses``; ``clock`` gives seconds that never go back."""

    def __init__(self, informers: Informers, clock: Callable[[], float] = time.monotonic) -> None:
        self._informers = informers
        self._clock = clock
        self._auth_policies: dict[ModelKey, float] = {}

    def of(self, item: Item, obj: Object, now: str) -> Object:
        routes = self._informers.list(ROUTES)
        if item.resource == REFS:
            service = self._informers.get(SERVICES, obj["spec"]["modelRef"]["name"], item.namespace)
            return b1_status.model_ref_status(
                obj, route=b_status.route_of(obj, routes), service=service, gateway_key=GATEWAY, now=now
            )
        refs = {selection.key_of(each): each for each in self._informers.list(REFS)}
        living = {key: ref for key, ref in refs.items() if not ref["metadata"].get("deletionTimestamp")}
        routed = {key: route for key, ref in living.items() if (route := b_status.route_of(ref, routes))}
        if item.resource == POLICIES:
            self._keep_auth_policies(set(living), set(routed))
            return b1_status.policy_status(obj, set(refs), set(routed), self._enforced(), now)
        others = self._informers.list(SUBSCRIPTIONS, item.namespace)
        return b_status.subscription_status(obj, living, routed, others, GATEWAY, now)

    def affected(self, _resource: str) -> list[Item]:
        return []

    def look_again(self, item: Item) -> float | None:
        if item.resource == POLICIES and self._enforced() != set(self._auth_policies):
            return ENFORCE_SECONDS / 2
        return None

    def _keep_auth_policies(self, living: set[ModelKey], routed: set[ModelKey]) -> None:
        named = {
            key
            for each in self._informers.list(POLICIES, TENANT)
            if not each["metadata"].get("deletionTimestamp")
            for key in selection.model_keys(each)
        }
        kept = {key: since for key, since in self._auth_policies.items() if key in named & living}
        self._auth_policies = {key: self._clock() for key in named & routed} | kept

    def _enforced(self) -> set[ModelKey]:
        now = self._clock()
        return {key for key, since in self._auth_policies.items() if now - since >= ENFORCE_SECONDS}
