# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network between a client and the API server: every request of every connection takes so much longer.

It is requests that are delayed, not the handshakes of connections. Unlike the API server this speaks HTTP/1.1 only.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from sandbox import controlplane, pki

# Headers that tell of one connection, or that the library writes by itself.
_NOT_PASSED_ON = {"connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}


@contextmanager
def delayed(folder: Path, state: dict, seconds: float) -> Iterator[Path]:
    """The kubeconfig of an administrator whose requests take ``seconds`` longer; ``folder`` takes the files."""
    certificate, key = folder / "delay.pem", folder / "delay.key"
    pki.issue(pki.load(state["ca"], state["ca_key"]), certificate, key, "127.0.0.1")
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(certificate, key)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    proxy = _Proxy(state["api_server"], ssl.create_default_context(cafile=state["api_ca"]), seconds)
    port = asyncio.run_coroutine_threadsafe(proxy.start(served), loop).result()
    kubeconfig = folder / "delayed.kubeconfig"
    controlplane.kubeconfig(kubeconfig, {**state, "api_server": f"https://127.0.0.1:{port}"}, state["admin_token"])
    try:
        yield kubeconfig
    finally:
        asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Proxy:
    def __init__(self, upstream: str, trust: ssl.SSLContext, seconds: float) -> None:
        self._upstream, self._trust, self._seconds = upstream, trust, seconds

    async def start(self, served: ssl.SSLContext) -> int:
        """Listen on a free port and return it."""
        connector = aiohttp.TCPConnector(ssl=self._trust, limit=0)
        self._session = aiohttp.ClientSession(connector=connector, auto_decompress=False)
        application = web.Application(client_max_size=2**26)
        application.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=served)
        await site.start()
        return self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self._session.close()
        await self._runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self._seconds)
        async with self._session.request(
            request.method,
            f"{self._upstream}{request.rel_url}",
            data=await request.read() or None,
            headers=_end_to_end(request.headers),
            skip_auto_headers=("Accept-Encoding", "Content-Type", "User-Agent"),
            allow_redirects=False,
        ) as answer:
            return web.Response(status=answer.status, body=await answer.read(), headers=_end_to_end(answer.headers))


def _end_to_end(headers: aiohttp.typedefs.LooseHeaders) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name.lower() not in _NOT_PASSED_ON]
