# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frontend: one page for every path, and ``/api/`` of the backend at ``BACKEND_URL``."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
from aiohttp import web

from .settings import Refused

PORT = 8080
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>LiteMaaS</title></head>
<body><h1>LiteMaaS</h1><p>The sandbox imitates LiteMaaS; its pages are not here.</p></body></html>
"""
# Of one connection, not of a message.
_HOP = {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade"}


async def serve(variables: Mapping[str, str], host: str) -> web.AppRunner:
    """Start it; ``cleanup()`` of what is returned ends it."""
    backend = variables.get("BACKEND_URL", "")
    if not backend:
        raise Refused('nginx: [emerg] invalid URL prefix in "/api/": BACKEND_URL is not set')
    http = aiohttp.ClientSession(auto_decompress=False)

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def hand_on(request: web.Request) -> web.StreamResponse:
        forwarded = {key: value for key, value in request.headers.items() if key.lower() not in _HOP}
        forwarded |= {
            "Host": request.host,
            "X-Forwarded-For": request.remote or "",
            "X-Forwarded-Proto": request.scheme,
        }
        try:
            async with http.request(
                request.method,
                backend + request.rel_url.raw_path_qs,
                headers=forwarded,
                data=await request.read(),
                allow_redirects=False,
            ) as answer:
                headers = {key: value for key, value in answer.headers.items() if key.lower() not in _HOP}
                return web.Response(status=answer.status, headers=headers, body=await answer.read())
        except aiohttp.ClientError:
            return web.Response(status=502, text="<html><head><title>502 Bad Gateway</title></head></html>")

    app = web.Application()
    app.add_routes([web.route("*", "/api/{path:.*}", hand_on), web.get("/{path:.*}", page)])
    app.on_cleanup.append(lambda _app: http.close())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, PORT).start()
    return runner
