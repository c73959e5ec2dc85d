# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend: what it does when it starts, and the endpoints that it has."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from . import settings as environment
from . import tokens
from .database import Database, DatabaseError, Invented
from .gateway import Gateway, GatewayError
from .settings import ADMIN_PREFIX, Settings
from .sync import synchronise

log = logging.getLogger(__name__)

SCHEMA = Path(__file__).with_name("schema.sql")
#: Whom a request without a credential is taken for, where it looks like a browser's.
BROWSER_USER = {"userId": "550e8400-e29b-41d4-a716-446655440001", "username": "frontend", "roles": ["admin", "user"]}
ADMIN_USER = {"userId": "admin-api-key", "username": "admin-api", "roles": ["admin", "api"]}
_BROWSERS = ("Mozilla", "Chrome", "Safari", "Firefox")
_NOT_BROWSERS = ("curl", "wget", "Postman")

Handler = Callable[[web.Request, dict[str, Any]], Awaitable[web.Response]]


async def serve(variables: Mapping[str, str], host: str) -> web.AppRunner:
    """Start it as its environment says; ``cleanup()`` of what is returned ends it."""
    settings = environment.read(variables)
    trusted = ssl.create_default_context()
    if settings.extra_ca:
        trusted.load_verify_locations(settings.extra_ca)
    http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusted), proxy=settings.router or None)
    backend = Backend(settings, Gateway(http, settings.litellm_url, settings.litellm_key))
    await backend.start()
    app = web.Application()
    app.add_routes(backend.routes())
    app.on_cleanup.append(lambda _app: http.close())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, settings.port).start()
    return runner


class Backend:
    """The program, without its server."""

    def __init__(self, settings: Settings, gateway: Gateway) -> None:
        self._settings, self._gateway = settings, gateway
        self._database: Database | Invented = Database(settings.database_url, settings)
        self._litellm_database = (
            Database(settings.litellm_database_url, settings) if settings.litellm_database_url else None
        )
        self._started = time.monotonic()

    async def start(self) -> None:
        """Find the database, make the tables, synchronise the models; nothing of that keeps it from serving."""
        try:
            await self._database.rows("SELECT now()")
        except DatabaseError as error:
            log.warning("PostgreSQL not available, using mock data for development: %s", error)
            self._database = Invented()
            return
        log.info("Database connection established")
        try:
            await self._database.script(SCHEMA.read_text())
            log.info("Database migrations applied successfully")
        except DatabaseError as error:
            log.error("Failed to apply database migrations: %s", error)
        result = await self._synchronise()
        log.info("Initial model synchronization: %s", json.dumps(result))
        try:
            await self._gateway.ensure_default_team()
        except GatewayError as error:
            log.error("Failed to ensure default team exists: %s", error)

    def routes(self) -> list[web.RouteDef]:
        """All that it answers; the last one is for what is not imitated."""
        admin, user = self._for_admins, self._for_users
        return [
            web.get("/api/v1/health", self._health),
            web.get("/api/v1/health/ready", self._ready),
            web.get("/api/v1/health/live", self._live),
            web.post("/api/auth/login", self._login),
            web.get("/api/v1/models", self._models),
            web.post("/api/v1/models/sync", admin(self._sync)),
            web.get("/api/v1/models/sync/stats", admin(self._stats)),
            web.get("/api/v1/admin/users", admin(self._users)),
            web.post("/api/v1/admin/models", admin(self._create_model)),
            web.get("/api/v1/subscriptions", user(self._subscriptions)),
            web.post("/api/v1/subscriptions", user(self._subscribe)),
            web.get("/api/v1/api-keys", user(self._keys)),
            web.post("/api/v1/api-keys", user(self._create_key)),
            web.route("*", "/{path:.*}", _not_imitated),
        ]

    # Health

    async def _health(self, _request: web.Request) -> web.Response:
        checks = {
            "database": _word(await self._database_answers()),
            "litellm": _word(await self._gateway.healthy()),
            "auth": "healthy",
        }
        healthy = set(checks.values()) == {"healthy"}
        details = {"uptime": time.monotonic() - self._started, "environment": self._settings.environment}
        body = {"status": _word(healthy), "timestamp": _now(), "version": "1.0.0", "checks": checks, "details": details}
        return web.json_response(body, status=200 if healthy else 503)

    async def _ready(self, _request: web.Request) -> web.Response:
        ready = await self._database_answers()
        return web.json_response({"ready": ready}, status=200 if ready else 503)

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def _database_answers(self) -> bool:
        try:
            await self._database.rows("SELECT 1 AS test")
        except DatabaseError as error:
            log.error("Database health check failed: %s", error)
            return False
        return True

    # Who asks

    async def _login(self, request: web.Request) -> web.Response:
        origin = request.headers.get("Origin") or f"{request.scheme}://{request.host}"
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": f"{origin}/api/auth/callback",
            "state": secrets.token_hex(16),
        }
        if self._settings.auth_provider != "openshift":
            return _not_imitated_here("a login with another provider than openshift")
        url = f"{self._settings.issuer.rstrip('/')}/oauth/authorize?{urlencode({**query, 'scope': 'user:info'})}"
        return web.json_response({"authUrl": url})

    def _for_admins(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            user = self._by_token(request)
            if user is None:
                return _error(401, "UNAUTHORIZED", "Invalid or missing authentication token")
            if "admin" not in user["roles"]:
                return _error(403, "FORBIDDEN", "Access denied")
            return await handler(request, user)

        return handle

    def _for_users(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            user = self._by_token(request)
            if user is None and request.headers.get("Authorization"):
                return _error(401, "UNAUTHORIZED", "Invalid or missing authentication token")
            if user is None and self._like_a_browser(request):
                if self._settings.production:
                    log.warning("Frontend bypass used in production mode - consider implementing proper authentication")
                user = BROWSER_USER
            if user is None:
                return _error(401, "UNAUTHORIZED", "Authentication required")
            return await handler(request, user)

        return handle

    def _by_token(self, request: web.Request) -> dict[str, Any] | None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token.startswith(ADMIN_PREFIX):
            return ADMIN_USER if token in self._settings.admin_keys else None
        return tokens.user(self._settings.jwt_secret, token)

    def _like_a_browser(self, request: web.Request) -> bool:
        headers = request.headers
        came_from = headers.get("Origin", "") + " " + headers.get("Referer", "")
        if any(origin in came_from for origin in self._settings.trusted_origins):
            return True
        agent, accepted = headers.get("User-Agent", ""), headers.get("Accept", "")
        return (
            any(name in agent for name in _BROWSERS)
            and not any(name in agent for name in _NOT_BROWSERS)
            and ("application/json" in accepted or "*/*" in accepted)
        )

    # Models

    async def _synchronise(self, mark_unavailable: bool = True) -> dict[str, Any]:
        return await synchronise(self._database, self._gateway, self._litellm_database, mark_unavailable)

    async def _sync(self, request: web.Request, _user: dict[str, Any]) -> web.Response:
        body = await request.json() if request.can_read_body else {}
        return web.json_response(await self._synchronise(body.get("markUnavailable", True)))

    async def _stats(self, _request: web.Request, _user: dict[str, Any]) -> web.Response:
        rows = await self._database.rows("SELECT availability, updated_at FROM models")
        available = sum(row["availability"] == "available" for row in rows)
        body = {"totalModels": len(rows), "availableModels": available, "unavailableModels": len(rows) - available}
        return web.json_response({**body, "lastSyncAt": max((row["updated_at"] for row in rows), default=None)})

    async def _models(self, request: web.Request) -> web.Response:
        """From the table; from LiteLLM where that has none."""
        rows = await self._database.rows(
            "SELECT * FROM models WHERE availability = 'available' ORDER BY provider, name"
        )
        found = [{"id": row["id"], "name": row["name"], "provider": row["provider"], "isActive": True} for row in rows]
        if not found:
            try:
                names = {model["model_name"] for model in await self._gateway.models()}
            except GatewayError:
                return _error(500, "INTERNAL_ERROR", "Failed to retrieve models")
            found = [{"id": name, "name": name, "provider": "unknown", "isActive": True} for name in sorted(names)]
        return _page(request, found)

    async def _create_model(self, request: web.Request, _user: dict[str, Any]) -> web.Response:
        """It is made in LiteLLM and in the table, then the audit log wants a user that an admin's key does not have."""
        asked = await request.json()
        parameters = {"model": asked.get("backend_model_name", asked["model_name"]), "api_base": asked.get("api_base")}
        await self._gateway.create_model({"model_name": asked["model_name"], "litellm_params": parameters})
        await self._database.rows(
            "INSERT INTO models (id, name, provider) VALUES ({name}, {name}, 'openai') RETURNING id",
            name=asked["model_name"],
        )
        return _error(500, "INTERNAL_ERROR", "Failed to create model")

    # Users, what they may use, and their keys

    async def _users(self, request: web.Request, _user: dict[str, Any]) -> web.Response:
        rows = await self._database.rows(
            "SELECT id, username, email, full_name, roles, is_active FROM users ORDER BY created_at DESC"
        )
        found = [
            {
                "id": row["id"],
                "username": row["username"],
                "email": row["email"],
                "roles": row["roles"],
                "isActive": row["is_active"],
            }
            for row in rows
        ]
        return _page(request, found)

    async def _subscriptions(self, request: web.Request, user: dict[str, Any]) -> web.Response:
        rows = await self._database.rows(
            "SELECT id, model_id, status FROM subscriptions WHERE user_id::text = {user} ORDER BY created_at DESC",
            user=user["userId"],
        )
        found = [{"id": row["id"], "modelId": row["model_id"], "status": row["status"]} for row in rows]
        return _page(request, found)

    async def _subscribe(self, request: web.Request, user: dict[str, Any]) -> web.Response:
        model = (await request.json()).get("modelId")
        if not await self._database.rows("SELECT id FROM models WHERE id = {model}", model=model):
            return _error(400, "VALIDATION_ERROR", f"Model {model} not found")
        try:
            await self._ensure_user(user)
            (row,) = await self._database.rows(
                "INSERT INTO subscriptions (user_id, model_id) VALUES ({user}, {model}) RETURNING id, model_id, status",
                user=user["userId"],
                model=model,
            )
        except (DatabaseError, GatewayError, ValueError) as error:
            return _failed("create subscription", error)
        body = {"id": row["id"], "userId": user["userId"], "modelId": row["model_id"], "status": row["status"]}
        return web.json_response(body, status=201)

    async def _keys(self, request: web.Request, user: dict[str, Any]) -> web.Response:
        rows = await self._database.rows(
            "SELECT id, name, key_prefix, is_active,"
            " ARRAY(SELECT model_id FROM api_key_models WHERE api_key_id = api_keys.id) AS models"
            " FROM api_keys WHERE user_id::text = {user} ORDER BY created_at DESC",
            user=user["userId"],
        )
        found = [
            {
                "id": row["id"],
                "name": row["name"],
                "prefix": row["key_prefix"],
                "models": row["models"],
                "isActive": row["is_active"],
            }
            for row in rows
        ]
        return _page(request, found)

    async def _create_key(self, request: web.Request, user: dict[str, Any]) -> web.Response:
        asked = await request.json()
        name, models = asked.get("name") or "key", asked.get("modelIds") or []
        allowed = await self._database.rows(
            "SELECT model_id FROM subscriptions WHERE user_id::text = {user} AND status = 'active'", user=user["userId"]
        )
        if missing := sorted(set(models) - {row["model_id"] for row in allowed}):
            return _error(400, "VALIDATION_ERROR", f"No active subscription for: {', '.join(missing)}")
        limits = {"max_budget": asked.get("maxBudget"), "tpm_limit": asked.get("tpmLimit")}
        limits |= {"rpm_limit": asked.get("rpmLimit")}
        alias = f"{name}_{secrets.token_hex(4)}"
        try:
            await self._ensure_user(user)
            key = await self._gateway.generate_key(
                {"key_alias": alias, "user_id": user["userId"], "models": models}
                | {field: value for field, value in limits.items() if value is not None}
            )
            (row,) = await self._database.rows(
                "INSERT INTO api_keys (user_id, name, key_hash, key_prefix, lite_llm_key_value, litellm_key_alias,"
                " max_budget, tpm_limit, rpm_limit) VALUES ({user}, {name}, {hash}, {prefix}, {key}, {alias},"
                " {max_budget}, {tpm_limit}, {rpm_limit}) RETURNING id",
                user=user["userId"],
                name=name,
                hash=hashlib.sha256(key.encode()).hexdigest(),
                prefix=key[:7],
                key=key,
                alias=alias,
                **limits,
            )
            for model in models:
                await self._database.rows(
                    "INSERT INTO api_key_models VALUES ({key}, {model}) RETURNING model_id", key=row["id"], model=model
                )
        except (DatabaseError, GatewayError, ValueError) as error:
            return _failed("create API key", error)
        body = {"id": row["id"], "name": name, "key": key, "keyPrefix": key[:7], "models": models, "isActive": True}
        return web.json_response(body, status=201)

    async def _ensure_user(self, user: dict[str, Any]) -> None:
        (row,) = await self._database.rows(
            "SELECT id, username, email FROM users WHERE id::text = {user}", user=user["userId"]
        )
        await self._gateway.ensure_user(row)


async def _not_imitated(request: web.Request) -> web.Response:
    if not request.path.startswith("/api/"):
        return _error(404, "NOT_FOUND", f"Route {request.method}:{request.path} not found")
    return _not_imitated_here(f"{request.method} {request.path}")


def _not_imitated_here(what: str) -> web.Response:
    return _error(501, "NOT_IMITATED", f"the sandbox does not imitate {what} of LiteMaaS")


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


def _failed(what: str, error: Exception) -> web.Response:
    log.error("Failed to %s: %s", what, error)
    return _error(500, "INTERNAL_ERROR", f"Failed to {what}")


def _page(request: web.Request, found: list[dict[str, Any]]) -> web.Response:
    page, limit = int(request.query.get("page", "1")), int(request.query.get("limit", "20"))
    pagination = {"page": page, "limit": limit, "total": len(found), "totalPages": -(-len(found) // limit)}
    return web.json_response({"data": found[(page - 1) * limit : page * limit], "pagination": pagination})


def _word(healthy: bool) -> str:
    return "healthy" if healthy else "unhealthy"


def _now() -> str:
    return datetime.now(UTC).isoformat()
