# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from sandbox.node.probes import Probe, Verdict, check, probes


def probe(kind: str = "readiness", url: str = "", success: int = 1, failure: int = 3, timeout: float = 1) -> Probe:
    return Probe(kind, url, {}, 0, 1, timeout, success, failure, None)


def test_defaults_are_those_of_the_api() -> None:
    container = {
        "ports": [{"name": "api", "containerPort": 8000}],
        "startupProbe": {"httpGet": {"path": "/v1/health", "port": "api", "scheme": "HTTPS"}, "failureThreshold": 60},
        "livenessProbe": {"httpGet": {"port": 8000}, "terminationGracePeriodSeconds": 5},
    }
    startup, liveness = probes(container, "127.9.0.2")
    assert startup == Probe("startup", "https://127.9.0.2:8000/v1/health", {}, 0, 10, 1, 1, 60, None)
    assert liveness == Probe("liveness", "http://127.9.0.2:8000/", {}, 0, 10, 1, 1, 3, 5)


@pytest.mark.parametrize(
    ("kind", "results", "made", "value"),
    [
        ("readiness", "", [], False),
        ("readiness", "+", [True], True),
        ("readiness", "+--", [True, False, False], True),
        ("readiness", "+---", [True, False, False, True], False),
        ("readiness", "+--+--", [True, False, False, True, False, False], True),
        ("liveness", "", [], True),
        ("liveness", "--+--", [False, False, True, False, False], True),
        ("liveness", "---", [False, False, True], False),
        ("startup", "--", [False, False], False),
    ],
)
def test_a_verdict_changes_at_its_threshold(kind: str, results: str, made: list[bool], value: bool) -> None:
    verdict = Verdict(probe(kind))
    assert [verdict.observe(result == "+") for result in results] == made
    assert verdict.value is value


def test_success_threshold() -> None:
    verdict = Verdict(probe(success=2))
    assert [verdict.observe(success) for success in (True, False, True, True)] == [False, False, False, True]


async def _serve(handle: Callable[[web.Request], Awaitable[web.Response]], scheme: str, timeout: float) -> str | None:
    runner = web.AppRunner(web.Application(), shutdown_timeout=0.01)
    runner.app.router.add_get("/x", handle)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        async with aiohttp.ClientSession() as session:
            message = await check(session, probe(url=f"{scheme}://{host}:{port}/x", timeout=timeout))
            return message and message.replace(f"{host}:{port}", "POD")
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("status", [200, 204, 302, 399])
def test_a_probe_succeeds(status: int) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    assert asyncio.run(_serve(answer, "http", 1)) is None


def test_a_bad_status() -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=404)

    assert asyncio.run(_serve(answer, "http", 1)) == "HTTP probe failed with statuscode: 404"


def test_a_timeout() -> None:
    async def answer(_request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    message = 'Get "http://POD/x": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    assert asyncio.run(_serve(answer, "http", 0.05)) == message


def test_a_server_that_hangs_up() -> None:
    async def answer(request: web.Request) -> web.Response:
        request.transport.close()
        return web.Response()

    assert asyncio.run(_serve(answer, "http", 1)) == 'Get "http://POD/x": EOF'


def test_https_to_a_plain_server() -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response()

    message = 'Get "https://POD/x": http: server gave HTTP response to HTTPS client'
    assert asyncio.run(_serve(answer, "https", 1)) == message


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"

        async def run() -> str | None:
            async with aiohttp.ClientSession() as session:
                return await check(session, probe(url=f"https://{address}/x"))

        assert asyncio.run(run()) == f'Get "https://{address}/x": dial tcp {address}: connect: connection refused'
