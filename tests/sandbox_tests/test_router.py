# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Routes and Ingresses lead, and which of them are admitted."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from sandbox import pki
from sandbox.egress import EgressProxy
from sandbox.processes import free_ports
from sandbox.router import ROUTES, TIMEOUT, Router, Way, admission, find, seconds_of, ways_of_ingress, ways_of_route


def route(
    name: str = "litellm", namespace: str = "litemaas", created: str = "2026-12-01T00:00:00Z", **spec: Any
) -> dict:
    metadata = {"name": name, "namespace": namespace, "uid": f"{namespace}/{name}", "creationTimestamp": created}
    return {"metadata": metadata, "spec": {"host": "a.example", "to": {"kind": "Service", "name": "litellm"}, **spec}}


@pytest.mark.parametrize(
    ("text", "seconds"), [(None, 30), ("600s", 600), ("5m", 300), ("1500", 1.5), ("250ms", 0.25), ("soon", 30)]
)
def test_durations_of_haproxy(text: str | None, seconds: float) -> None:
    assert seconds_of(text, 30) == seconds


def test_a_route_leads_to_its_service_in_its_time() -> None:
    given = route(port={"targetPort": "http"}, path="/v1")
    given["metadata"]["annotations"] = {TIMEOUT: "600s"}
    assert ways_of_route(given) == [Way("a.example", "/v1", "litemaas", "litellm", "http", 600)]
    own = route(tls={"termination": "reencrypt", "certificate": "C", "key": "K"})
    assert ways_of_route(own) == [Way("a.example", "/", "litemaas", "litellm", "", 30, True, b"C\nK")]


def test_an_ingress_leads_by_host_and_path_with_the_certificate_of_its_secret() -> None:
    def backend(service: str, **port: Any) -> dict[str, Any]:
        return {"service": {"name": service, "port": port}}

    paths = [
        {"path": "/", "pathType": "Prefix", "backend": backend("front", number=8080)},
        {"path": "/api", "pathType": "Prefix", "backend": backend("back", name="http")},
    ]
    ingress = {
        "metadata": {"name": "i", "namespace": "litemaas"},
        "spec": {
            "tls": [{"hosts": ["a.example"], "secretName": "cert"}],
            "rules": [{"host": "a.example", "http": {"paths": paths}}, {"http": {"paths": paths}}],
        },
    }
    data = {"tls.crt": base64.b64encode(b"C").decode(), "tls.key": base64.b64encode(b"K").decode()}
    ways = ways_of_ingress(ingress, {("litemaas", "cert"): {"data": data}})
    assert [(way.service, way.port, way.certificate) for way in ways] == [
        ("front", 8080, b"C\nK"),
        ("back", "http", b"C\nK"),
    ]
    assert find(ways, "a.example", "/api/v1").service == "back"
    assert find(ways, "a.example", "/apis").service == "front"
    assert find(ways, "b.example", "/") is None


def test_the_older_route_keeps_its_host() -> None:
    first, second = route(), route(namespace="other", created="2026-12-02T00:00:00Z")
    assert admission(first, [first, second]) == ("True", "", "")
    status, reason, message = admission(second, [first, second])
    assert (status, reason) == ("False", "HostAlreadyClaimed")
    assert message == "route litellm already exposes a.example and is older"
    beside = route(name="ui", created="2026-12-02T00:00:00Z", path="/ui")
    assert admission(beside, [first, beside])[0] == "True"


def test_what_is_not_imitated_is_not_admitted() -> None:
    assert admission(route(tls={"termination": "passthrough"}), [])[:2] == ("False", "ExtendedValidationFailed")


Get = Callable[[str], Awaitable[tuple[int, str]]]


def play(folder: Path, story: Callable[[Get, asyncio.Event], Awaitable[None]]) -> None:
    """``story(get, go)`` on a router that has a Route to a server, which is slow at /slow until ``go`` is set."""

    async def tell() -> None:
        go = asyncio.Event()

        async def pieces(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"X-Host": request.host})
            await answer.prepare(request)
            for piece in ("first ", "last"):
                await answer.write(piece.encode())
                await asyncio.wait_for(go.wait(), 5)
            return answer

        async def slow(_request: web.Request) -> web.Response:
            await asyncio.wait_for(go.wait(), 5)
            return web.Response(text="late")

        app = web.Application()
        app.add_routes([web.get("/pieces", pieces), web.get("/slow", slow)])
        server = web.AppRunner(app, shutdown_timeout=0.1)
        await server.setup()
        port, at = free_ports(2)
        await web.TCPSite(server, "127.0.0.1", port).start()

        pki.create(folder / "pki")
        state = {"ca": str(folder / "pki" / "ca.pem"), "ca_key": str(folder / "pki" / "ca.key")}
        (folder / "run").mkdir()
        (folder / "run" / "services.json").write_text(json.dumps({"litellm.litemaas": "127.0.0.1"}))
        admitted = {"ingress": [{"conditions": [{"type": "Admitted", "status": "True"}]}]}
        trusting = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=state["ca"]))
        async with aiohttp.ClientSession() as inner, aiohttp.ClientSession(connector=trusting) as outer:
            router = Router(folder, state, None, inner)
            given = route() | {"status": admitted}
            given["metadata"]["annotations"] = {TIMEOUT: "300ms"}
            router._objects[ROUTES]["litemaas", "litellm"] = given
            router._objects["v1/services"]["litemaas", "litellm"] = {"spec": {"ports": [{"port": port}]}}
            await router.start()
            proxy = EgressProxy(router)
            await proxy.start("127.0.0.1", at)

            async def get(url: str) -> tuple[int, str]:
                async with outer.get(url, proxy=f"http://127.0.0.1:{at}") as answer:
                    if answer.url.path == "/pieces":
                        assert (await answer.content.readany(), answer.headers["X-Host"]) == (b"first ", "a.example")
                        go.set()
                    return answer.status, await answer.text()

            try:
                await story(get, go)
            finally:
                await proxy.stop()
                await router._runner.cleanup()
                await server.cleanup()

    asyncio.run(asyncio.wait_for(tell(), 30))


def test_requests_go_through_in_pieces_as_they_come(tmp_path: Path) -> None:
    async def story(get: Get, _go: asyncio.Event) -> None:
        assert await get("https://a.example/pieces") == (200, "last")

    play(tmp_path, story)


def test_a_server_that_says_nothing_in_the_time_of_its_route_is_given_up(tmp_path: Path) -> None:
    async def story(get: Get, go: asyncio.Event) -> None:
        assert (await get("https://a.example/slow"))[0] == 504
        go.set()
        assert await get("https://a.example/slow") == (200, "late")

    play(tmp_path, story)


def test_a_host_of_nobody_is_refused(tmp_path: Path) -> None:
    async def story(get: Get, _go: asyncio.Event) -> None:
        with pytest.raises(aiohttp.ClientHttpProxyError) as refused:
            await get("https://b.example/")
        assert refused.value.status == 502

    play(tmp_path, story)
