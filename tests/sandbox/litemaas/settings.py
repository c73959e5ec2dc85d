# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the backend reads from its environment, as its schema has it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

REQUIRED = ("DATABASE_URL", "JWT_SECRET", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_ISSUER")
ADMIN_PREFIX = "ltm_admin_"


class Refused(Exception):
    """The program does not start, for this reason."""


@dataclass(frozen=True)
class Settings:
    """What is used of it here."""

    production: bool
    environment: str
    port: int
    database_url: str
    jwt_secret: str
    client_id: str
    issuer: str
    callback_url: str
    auth_provider: str
    litellm_url: str
    litellm_key: str
    litellm_database_url: str
    admin_keys: frozenset[str]
    trusted_origins: tuple[str, ...]
    extra_ca: str
    router: str


def read(environment: Mapping[str, str]) -> Settings:
    """The settings; Refused with the first thing that is wrong, in the words of its schema check."""
    for name in REQUIRED:
        if name not in environment:
            raise Refused(f"env must have required property '{name}'")
    if not re.match("^https?://", environment["OAUTH_ISSUER"]):
        raise Refused('env/OAUTH_ISSUER must match pattern "^https?://"')
    given = environment.get
    origins = given("ALLOWED_FRONTEND_ORIGINS") or "localhost:3000,localhost:3001,127.0.0.1:3000,127.0.0.1:3001"
    return Settings(
        production=given("NODE_ENV") == "production",
        environment=given("NODE_ENV", "development"),
        port=int(given("PORT", "8081")),
        database_url=environment["DATABASE_URL"],
        jwt_secret=environment["JWT_SECRET"],
        client_id=environment["OAUTH_CLIENT_ID"],
        issuer=environment["OAUTH_ISSUER"],
        callback_url=given("OAUTH_CALLBACK_URL", "http://localhost:8081/api/auth/callback"),
        auth_provider=given("AUTH_PROVIDER", "openshift"),
        litellm_url=given("LITELLM_API_URL", "http://localhost:4000").rstrip("/"),
        litellm_key=given("LITELLM_API_KEY", ""),
        litellm_database_url=given("LITELLM_DATABASE_URL", ""),
        admin_keys=frozenset(given("ADMIN_API_KEYS", "").split(",")),
        trusted_origins=tuple(origins.split(",")),
        extra_ca=given("NODE_EXTRA_CA_CERTS", ""),
        # Of the sandbox: its node says where hosts of Routes and Ingresses are reached.
        router=given("SANDBOX_ROUTER", "") if given("LITELLM_API_URL", "").startswith("https://") else "",
    )
