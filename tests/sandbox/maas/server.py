# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manners of the maas-api server, which every release has.

Imitated: 404 text for unknown paths and wrong methods, paths taken without their percent-encoding, redirects for a
trailing slash whose Location lacks the ``/maas-api`` prefix, 204 for OPTIONS.

Deviation: the internal endpoints, which the gateway is not meant to expose, are 501.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from .interface import Answer, Refused, Request, json_answer, text_answer

NOT_STORED = {"Cache-Control": "no-store"}

Endpoint = Callable[[], Awaitable[Answer]]


async def answer(request: Request, find: Callable[[str], Endpoint | None]) -> Answer:
    """The answer to an authenticated request; ``find`` gives the endpoint for the request's method and a path."""
    try:
        return await _dispatch(request, find)
    except Refused as refused:
        return refused.answer


async def _dispatch(request: Request, find: Callable[[str], Endpoint | None]) -> Answer:
    if request.method == "OPTIONS":
        return Answer(204)
    path = unquote(request.path)
    if path.startswith("/internal/"):
        return text_answer(501, f"the sandbox does not imitate {path} of the MaaS API")
    endpoint = find(path)
    if endpoint is not None:
        return await endpoint()
    inner = path.rstrip("/")
    if inner != path and find(inner) is not None:
        return _redirect(request.method, inner)
    return text_answer(404, "404 page not found")


def _redirect(method: str, path: str) -> Answer:
    location = {"Location": quote(path)}
    if method != "GET":
        return Answer(307, headers=location)
    body = f'<a href="{quote(path)}">Moved Permanently</a>.\n\n'
    return Answer(301, body.encode(), {"Content-Type": "text/html; charset=utf-8", **location})


def list_error(status: int, message: str, kind: str) -> Answer:
    """A refusal of GET /v1/models."""
    return json_answer(status, {"error": {"message": message, "type": kind}})


def without_model_id(headers: Mapping[str, str]) -> Answer:
    """A refusal of GET /v1/model/:id/subscriptions with nothing for the id."""
    error = {"message": "model-id is required", "type": "invalid_request_error"}
    return json_answer(400, {"error": error}, headers)


def model_list(entries: list[dict[str, Any]] | None) -> dict[str, Any]:
    """The body of GET /v1/models."""
    return {"object": "list", "data": entries}
