# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The world outside the cluster: the far providers on their real host names, behind an egress proxy.

``python -m sandbox.providers --dir DIR`` reads ``DIR/state.json`` (``ports.egress``, ``ports.provider_admin``, ``ca``,
``ca_key``, ``keys``), serves the proxy and the admin API on 127.0.0.1, writes ``DIR/run/providers.ready`` and runs
until SIGTERM. One line per request goes to stderr; keys appear by name only.

What is imitated, and how it deviates: egress.py (the proxy), far_providers/ (the providers' APIs). A path that is not
imitated is 501. Faults and the journal: provider_admin.py.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import ssl
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import trustme
from aiohttp import web

from . import pki
from .egress import EgressProxy, Refusal, Tunnel
from .far_providers import Answer, Call, NotImitated, OpenAI, all_providers
from .provider_admin import LIST_FAULTS, STATUS_FAULTS, Faults, Journal, Received, admin_app

LOG = logging.getLogger("sandbox.providers")
ADDRESS = "127.0.0.1"


class Frontend:
    """One provider as HTTP: applies faults, keeps the journal, sends what the provider answers."""

    def __init__(self, provider: OpenAI, faults: Faults, journal: Journal):
        self._provider = provider
        self._faults = faults
        self._journal = journal

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024**2)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        started = time.monotonic()
        operation = self._provider.operation(request.method, request.path)
        call = Call(operation or "", request.headers, request.query, await _json(request), request.path)
        received = self._journal.add(
            self._provider.name,
            request.method,
            request.path,
            model=call.model or None,
            key=self._provider.key_name(call),
        )
        try:
            answer = await self._answer(request, call, received)
            if answer is None:
                request.transport.abort()
                return web.Response()
            received.status = answer.status
            return await _send(request, answer)
        finally:
            _log(received, time.monotonic() - started)

    async def _answer(self, request: web.Request, call: Call, received: Received) -> Answer | None:
        """What to send; None: nothing, the connection is to be closed."""
        if not call.operation:
            if self._provider.is_elsewhere(request.path):
                return self._provider.no_path(call)
            return _not_imitated(f"{request.method} {request.path}")
        if fault := self._faults.take(self._provider.name, received.key):
            received.fault = fault.fault
            if status := STATUS_FAULTS.get(fault.fault):
                return self._provider.failure(status, call, fault.retry_after)
            if fault.fault == "error_inside":
                return self._provider.error_inside(call)
            if fault.fault not in ("hang", *LIST_FAULTS):
                return None
            if fault.fault == "hang":
                await fault.lifted.wait()
            elif call.operation == "list":
                return self._provider.no_path(call) if fault.fault == "no_list" else self._provider.first_page(call)
        try:
            return self._provider.answer(call)
        except NotImitated as error:
            return _not_imitated(str(error))


class Routes:
    """Decides about every CONNECT: providers have tunnels, everything else is blocked."""

    def __init__(self, tunnels: Mapping[str, tuple[str, Tunnel]], faults: Faults, journal: Journal):
        self._tunnels = tunnels
        self._faults = faults
        self._journal = journal

    def __call__(self, host: str, port: int) -> Tunnel | Refusal:
        blocked = Refusal(403, f"Access to {host}:{port} is blocked by the egress policy of this organization.")
        if port != 443 or host not in self._tunnels:
            return self._turn_away(blocked, None, host, port)
        provider, tunnel = self._tunnels[host]
        fault = self._faults.take_connect(provider)
        if fault is None:
            return tunnel
        refusals = {
            "refuse": Refusal(None, ""),
            "blocked": blocked,
            "unreachable": Refusal(502, f"Unable to reach {host}: the name could not be resolved."),
        }
        return self._turn_away(refusals[fault.fault], provider, host, port, fault.fault)

    def _turn_away(
        self, refusal: Refusal, provider: str | None, host: str, port: int, fault: str | None = None
    ) -> Refusal:
        received = self._journal.add(provider, "CONNECT", f"{host}:{port}", status=refusal.status, fault=fault)
        _log(received, 0)
        return refusal


async def serve(folder: Path) -> None:
    """Run everything until SIGTERM or SIGINT."""
    ready = folder / "run" / "providers.ready"
    ready.unlink(missing_ok=True)
    state = json.loads((folder / "state.json").read_text())
    ports = state["ports"]
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)

    authority = pki.load(state["ca"], state["ca_key"])
    providers = all_providers(state["keys"])
    faults, journal = Faults(), Journal()
    runners = []
    tunnels = {}
    for provider in providers.values():
        runner = web.AppRunner(Frontend(provider, faults, journal).app(), access_log=None, handler_cancellation=True)
        await runner.setup()
        runners.append(runner)
        tunnels[provider.host] = (provider.name, Tunnel(runner.server, _tls(authority, provider.host)))
    proxy = EgressProxy(Routes(tunnels, faults, journal))
    await proxy.start(ADDRESS, ports["egress"])
    admin = web.AppRunner(admin_app(providers, faults, journal), access_log=None)
    await admin.setup()
    runners.append(admin)
    await web.TCPSite(admin, ADDRESS, ports["provider_admin"]).start()

    ready.parent.mkdir(parents=True, exist_ok=True)
    ready.touch()
    LOG.info("egress proxy on %s:%d, admin API on %s:%d", ADDRESS, ports["egress"], ADDRESS, ports["provider_admin"])
    await stopped.wait()
    ready.unlink(missing_ok=True)
    faults.lift()
    await proxy.stop()
    await asyncio.gather(*(runner.cleanup() for runner in runners))


def _tls(authority: trustme.CA, host: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder, "tls.crt"), Path(folder, "tls.key")
        pki.issue(authority, certificate, key, host)
        context.load_cert_chain(certificate, key)
    return context


async def _json(request: web.Request) -> Any:
    """The body as JSON; None when there is none or it is something else."""
    try:
        return json.loads(await request.read())
    except ValueError:
        return None


async def _send(request: web.Request, answer: Answer) -> web.StreamResponse:
    if answer.chunks is None:
        return web.json_response(answer.body, status=answer.status, headers=answer.headers)
    response = web.StreamResponse(headers={**answer.headers, "Cache-Control": "no-cache"})
    response.content_type = "text/event-stream"
    await response.prepare(request)
    for chunk in answer.chunks:
        event = f"event: {chunk['type']}\n" if answer.named and "type" in chunk else ""
        await response.write(f"{event}data: {json.dumps(chunk)}\n\n".encode())
    if not answer.named:
        await response.write(b"data: [DONE]\n\n")
    return response


def _not_imitated(what: str) -> Answer:
    message = f"The sandbox does not imitate {what}."
    return Answer({"error": {"message": message, "type": "not_imitated", "param": None, "code": None}}, 501)


def _log(received: Received, seconds: float) -> None:
    LOG.info(
        "%s %s %s model=%s key=%s fault=%s status=%s %.0f ms",
        received.provider or "blocked",
        received.method,
        received.path,
        received.model,
        received.key,
        received.fault,
        received.status,
        seconds * 1000,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.providers", description=__doc__.splitlines()[0])
    parser.add_argument("--dir", type=Path, required=True, help="folder of the sandbox")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    asyncio.run(serve(parser.parse_args().dir))


if __name__ == "__main__":
    main()
