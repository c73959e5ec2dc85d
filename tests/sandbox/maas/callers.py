# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls: by API keys, and by real TokenReviews and SubjectAccessReviews."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..kube import Kube
from .faults import Faults
from .interface import Refused, Request, text_answer
from .keys import PREFIX, KeyStore
from .resources import TENANT

SUBSCRIPTION_HEADER = "X-MaaS-Subscription"
ADMIN_CACHE_SECONDS = 30


@dataclass(frozen=True)
class Caller:
    """Who calls: ``subscription`` is the one that the API key is bound to or that the client's header names."""

    username: str
    groups: tuple[str, ...]
    with_key: bool
    subscription: str = ""


class Callers:
    """Tells callers apart by what the gateway's policies of generation B accept."""

    def __init__(self, kube: Kube, keys: KeyStore, faults: Faults) -> None:
        self._kube = kube
        self._keys = keys
        self._faults = faults
        self._admins: dict[tuple[str, tuple[str, ...]], tuple[float, bool]] = {}

    def clear(self) -> None:
        """Forget who is an administrator."""
        self._admins.clear()

    async def of(self, request: Request) -> Caller:
        """The caller of a request; Refused without a valid credential."""
        if (status := self._faults.refusing()) is not None:
            raise unauthenticated() if status == 401 else forbidden()
        token = bearer(request)
        if not token:
            raise unauthenticated()
        if token.startswith(PREFIX):
            key = self._keys.validate(token)
            if key is None:
                raise forbidden()
            return Caller(key.username, key.groups, with_key=True, subscription=key.subscription)
        user = await review(self._kube, token)
        if user is None:
            raise unauthenticated()
        named = request.headers.get(SUBSCRIPTION_HEADER, "").strip()
        return Caller(user.username, user.groups, with_key=False, subscription=named)

    async def is_admin(self, username: str, groups: tuple[str, ...]) -> bool:
        """Whether the user may create MaaSAuthPolicies of the tenant."""
        until, answer = self._admins.get((username, groups), (0.0, False))
        if time.monotonic() < until:
            return answer
        attributes = {
            "group": "maas.opendatahub.io",
            "resource": "maasauthpolicies",
            "verb": "create",
            "namespace": TENANT,
        }
        answer = await allowed(self._kube, username, groups, attributes)
        self._admins[username, groups] = (time.monotonic() + ADMIN_CACHE_SECONDS, answer)
        return answer


@dataclass(frozen=True)
class User:
    """Whom a token of the cluster stands for."""

    username: str
    groups: tuple[str, ...]


async def review(kube: Kube, token: str, audience: str | None = None) -> User | None:
    """Whose token this is: one of the cluster's own audience, or of another; None where it is nobody's."""
    spec = {"token": token, "audiences": [audience]} if audience else {"token": token}
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": spec}
    status = (await kube.create(asked))["status"]
    if not status.get("authenticated"):
        return None
    return User(status["user"]["username"], tuple(status["user"].get("groups") or ()))


async def allowed(kube: Kube, username: str, groups: tuple[str, ...], attributes: dict[str, str]) -> bool:
    """Whether RBAC allows it: a SubjectAccessReview over resource attributes."""
    spec = {"user": username, "groups": list(groups), "resourceAttributes": attributes}
    asked = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    return (await kube.create(asked))["status"]["allowed"]


def bearer(request: Request) -> str:
    """The bearer of a request, empty where there is none."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def unauthenticated() -> Refused:
    """401 of the gateway."""
    return Refused(text_answer(401, "Authentication required"))


def forbidden(reason: str | None = "unauthorized", text: str = "Access denied") -> Refused:
    """403 of the gateway; the policies of generation A tell no reason."""
    return Refused(text_answer(403, text, {"x-ext-auth-reason": reason} if reason else {}))
