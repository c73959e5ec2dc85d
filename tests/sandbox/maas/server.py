# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manners of the maas-api server, which every release has.

Imitated: 404 text for unknown paths and wrong methods, redirects for a trailing slash whose Location lacks the
``/maas-api`` prefix, 204 for OPTIONS.

Deviations: the internal endpoints, which the gateway is not meant to expose, and the metrics are 501; nobody comes
here without an identity, so what the server says where the gateway sends none (AUTH_FAILURE) is not imitated.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .interface import Answer, Refused, Request, json_answer, text_answer

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
    if request.path.startswith("/internal/") or request.path == "/metrics":
        return text_answer(501, f"the sandbox does not imitate {request.path} of the MaaS API")
    endpoint = find(request.path)
    if endpoint is not None:
        return await endpoint()
    inner = request.path.rstrip("/")
    if inner != request.path and find(inner) is not None:
        return Answer(301 if request.method == "GET" else 307, headers={"Location": inner})
    return text_answer(404, "404 page not found")


def list_error(status: int, message: str, kind: str) -> Answer:
    """A refusal of GET /v1/models."""
    return json_answer(status, {"error": {"message": message, "type": kind}})


def model_list(entries: list[dict[str, Any]] | None) -> dict[str, Any]:
    """The body of GET /v1/models."""
    return {"object": "list", "data": entries}
