# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of generation A: of ServiceAccounts of the real API server, one account for each user in its tier's namespace.

Imitated: namespace and account come with the first token; revoking makes the account anew, which ends every token of
that user, whoever holds it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ..kube import ApiError, Kube
from .a_tiers import GATEWAY, Tier

AUDIENCE = f"{GATEWAY}-sa"
ACCOUNTS = "v1/serviceaccounts"


@dataclass(frozen=True)
class Token:
    """A token as it was given out; times are seconds since 1970."""

    text: str
    id: str
    issued: int
    expires: int


class Tokens:
    """Makes and ends tokens; ``tier_of`` gives the tier of groups, None where they are in none."""

    def __init__(self, kube: Kube, tier_of: Callable[[tuple[str, ...]], Awaitable[Tier | None]]) -> None:
        self._kube = kube
        self._tier_of = tier_of

    async def issue(self, username: str, groups: tuple[str, ...], seconds: int) -> Token | None:
        """A token for a user; None where the user is in no tier."""
        tier = await self._tier_of(groups)
        if tier is None:
            return None
        name = account_name(username)
        path = f"/api/v1/namespaces/{tier.namespace}/serviceaccounts/{name}/token"
        spec = {"audiences": [AUDIENCE], "expirationSeconds": seconds}
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        try:
            made = await self._kube.raw("POST", path, body=body)
        except ApiError as error:
            if error.status != 404:
                raise
            await self._make_account(tier, name)
            made = await self._kube.raw("POST", path, body=body)
        text = made["status"]["token"]
        told = claims(text)
        return Token(text, told["jti"], int(told["iat"]), int(told["exp"]))

    async def revoke(self, username: str, groups: tuple[str, ...]) -> bool:
        """End all tokens of a user; False where the user is in no tier."""
        tier = await self._tier_of(groups)
        if tier is None:
            return False
        name = account_name(username)
        try:
            await self._kube.delete(ACCOUNTS, name, tier.namespace)
        except ApiError as error:
            if error.status != 404:
                raise
            return True
        await self._make_account(tier, name)
        return True

    async def _make_account(self, tier: Tier, name: str) -> None:
        labels = {
            "app.kubernetes.io/component": "token-issuer",
            "app.kubernetes.io/part-of": "maas-api",
            "maas.opendatahub.io/instance": GATEWAY,
            "maas.opendatahub.io/tier": tier.name,
        }
        for kind, metadata in (
            ("Namespace", {"name": tier.namespace, "labels": labels}),
            ("ServiceAccount", {"name": name, "namespace": tier.namespace, "labels": labels}),
        ):
            try:
                await self._kube.create({"apiVersion": "v1", "kind": kind, "metadata": metadata})
            except ApiError as error:
                if error.status != 409:
                    raise


def account_name(username: str) -> str:
    """The account that stands for a user.

    >>> account_name("alice@example.com").rpartition("-")[0]
    'alice-example-com'
    """
    name = re.sub("[^a-z0-9]+", "-", username.lower()).strip("-")
    digest = hashlib.sha1(username.encode(), usedforsecurity=False).hexdigest()[:8]
    return f"{name[:54].strip('-')}-{digest}"


def claims(token: str) -> dict[str, Any]:
    """What a JWT says, unverified; empty for anything else."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        parsed = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def is_own(token: str) -> bool:
    """Whether a bearer is a token for inference, by what it says."""
    audience = claims(token).get("aud")
    return AUDIENCE in (audience if isinstance(audience, list) else [audience])
