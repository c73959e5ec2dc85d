# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway's data plane over real sockets: TLS on both sides, pods that are small servers on loopback addresses."""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
import trustme
from aiohttp import web
from yarl import URL

from sandbox.maas import gateway as data_plane
from sandbox.maas.gateway import Gateway
from sandbox.maas.interface import Answer, Grant, Limit, Refused, Request, text_answer
from sandbox.maas.limits import Meter
from sandbox.maas.pod_trust import SECRETS
from sandbox.processes import free_ports

from sandbox_tests.maas_objects import CONTROLLER, ApiServer, Object, Objects, gateway, metadata, route

SERVICE = "gem-kserve-workload-svc"
LIMIT = Limit(("free@llm/gem", "alice"), 10, 60)


class Generation:
    """Lets everybody through whose bearer is ``good``; the MaaS API repeats what it is asked."""

    platform_prefixes = {"/maas-api": "/", "/v1/models": "/v1/models"}
    request_limits: tuple[Limit, ...] = ()

    def process(self, request: Request) -> Request:
        return request

    async def authorise(self, request: Request) -> Grant:
        if request.headers.get("Authorization") != "Bearer good":
            raise Refused(text_answer(401, "Authentication required"))
        return Grant("alice", {"X-MaaS-Username": "alice"}, [LIMIT], self.request_limits)

    async def platform(self, request: Request) -> Answer:
        return text_answer(200, f"{request.method} {request.path}")


class World:
    """A running gateway in front of pods."""

    def __init__(
        self, session: aiohttp.ClientSession, gateway: Gateway, api: ApiServer, objects: Objects, url: str
    ) -> None:
        self.session, self.gateway, self.api, self.objects, self.url = session, gateway, api, objects, url

    def ask(self, method: str, path: str, bearer: str = "good", **more: object):
        return self.session.request(
            method, URL(self.url + path, encoded=True), headers={"Authorization": f"Bearer {bearer}"}, **more
        )

    async def answer(self, path: str, method: str = "GET", **more: object) -> tuple[int, str]:
        async with self.ask(method, path, **more) as answer:
            return answer.status, await answer.text()


def pod(name: str, address: str, *, ready: bool = True, **more: object) -> Object:
    labels = {"app.kubernetes.io/name": "gem", "kserve.io/component": "workload"}
    status = {"podIP": address, "conditions": [{"type": "Ready", "status": str(ready)}]}
    return {"metadata": metadata(name, "llm", labels=labels, **more), "spec": {"containers": []}, "status": status}


Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def world(handler: Handler, *pods: Object, trusted: bool = True) -> AsyncIterator[World]:
    """A gateway with one route; ``handler`` plays every pod that is given."""
    front, back = trustme.CA(), trustme.CA()
    gateway_port, pod_port = free_ports(2)
    labels = {"maas.opendatahub.io/gateway-access": "true"}
    owner = {"kind": "LLMInferenceService", "name": "gem"}
    port = {"port": 8000, "targetPort": pod_port, "appProtocol": "https"}
    selector = {"app.kubernetes.io/name": "gem", "kserve.io/component": "workload"}
    objects = Objects(
        {
            data_plane.GATEWAY_CLASSES: [
                {"metadata": metadata("openshift-default"), "spec": {"controllerName": CONTROLLER}}
            ],
            data_plane.GATEWAYS: [gateway({"from": "Selector", "selector": {"matchLabels": labels}})],
            data_plane.NAMESPACES: [{"metadata": metadata("llm", labels=labels)}],
            data_plane.SERVICES: [
                {
                    "metadata": metadata(SERVICE, "llm", ownerReferences=[owner]),
                    "spec": {"ports": [port], "selector": selector},
                }
            ],
            data_plane.ROUTES: [route("gem", hostnames=["127.0.0.1"])],
            data_plane.PODS: list(pods),
            SECRETS: [certificate_of((back if trusted else trustme.CA()))],
        }
    )
    objects.objects[data_plane.GATEWAYS][0]["spec"]["listeners"][0].pop("hostname")
    api = ApiServer()
    gateway_ = Gateway(api, objects, Generation(), Meter(), "127.0.0.1")
    runners = [await gateway_.serve(gateway_port, server_context(front, "127.0.0.1"))]
    tls = server_context(back, f"{SERVICE}.llm.svc.cluster.local")
    for each in pods:
        runner = web.ServerRunner(web.Server(handler))
        await runner.setup()
        await web.TCPSite(runner, each["status"]["podIP"], pod_port, ssl_context=tls).start()
        runners.append(runner)
    client = ssl.create_default_context(cadata=front.cert_pem.bytes().decode())
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=client)) as session:
            yield World(session, gateway_, api, objects, f"https://127.0.0.1:{gateway_port}")
    finally:
        await gateway_.close()
        for runner in runners:
            await runner.cleanup()


def certificate_of(authority: trustme.CA) -> dict:
    """The Secret in which KServe keeps the certificate of a service."""
    data = {"tls.crt": base64.b64encode(authority.cert_pem.bytes()).decode()}
    return {"metadata": metadata("gem-kserve-self-signed-certs", "llm"), "data": data}


def server_context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


async def echo(request: web.BaseRequest) -> web.Response:
    told = {"path": request.raw_path, "headers": dict(request.headers), "body": (await request.read()).decode()}
    return web.json_response({**told, "pod": request.transport.get_extra_info("sockname")[0]})


async def costly(_request: web.BaseRequest) -> web.Response:
    return web.json_response({"usage": {"total_tokens": 10}})


def test_a_request_reaches_the_pod_without_prefix_and_credential():
    async def check() -> None:
        async with world(echo, pod("a", "127.0.0.1")) as there:
            async with there.ask("POST", "/llm/gem/v1/chat/completions?a=%2Fb", data=b"{}") as answer:
                told = await answer.json()
        assert told["path"] == "/v1/chat/completions?a=%2Fb"
        assert told["body"] == "{}"
        assert told["headers"]["X-MaaS-Username"] == "alice"
        assert "Authorization" not in told["headers"]

    asyncio.run(check())


def test_a_stream_is_passed_on_as_it_comes():
    async def check() -> None:
        seen = asyncio.Event()

        async def stream(request: web.BaseRequest) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            await response.write(b"data: 1\n\n")
            await asyncio.wait_for(seen.wait(), 5)
            await response.write(b"data: 2\n\n")
            return response

        async with world(stream, pod("a", "127.0.0.1")) as there:
            async with there.ask("POST", "/llm/gem/v1/chat/completions") as answer:
                assert await answer.content.readany() == b"data: 1\n\n"
                seen.set()
                assert await answer.content.read() == b"data: 2\n\n"

    asyncio.run(check())


def test_ready_pods_take_turns_and_others_get_nothing():
    async def check() -> None:
        pods = [pod("a", "127.0.0.1"), pod("b", "127.0.0.2"), pod("c", "127.0.0.3", ready=False)]
        pods.append(pod("d", "127.0.0.4", deletionTimestamp="2026-01-01T00:00:00Z"))
        async with world(echo, *pods) as there:
            reached = []
            for _call in range(4):
                async with there.ask("GET", "/llm/gem/v1/models") as answer:
                    reached.append((await answer.json())["pod"])
        assert sorted(reached) == ["127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.2"]

    asyncio.run(check())


def test_a_route_without_a_backend_is_500():
    async def check() -> None:
        async with world(echo, pod("a", "127.0.0.1")) as there:
            for rule in there.objects.objects[data_plane.ROUTES][0]["spec"]["rules"]:
                rule["backendRefs"] = [{**rule["backendRefs"][0], "weight": 0}]
            there.objects.tell(data_plane.ROUTES, {}, {})
            assert await there.answer("/llm/gem/v1/models") == (500, "")

    asyncio.run(check())


def test_without_a_ready_pod_it_is_503():
    async def check() -> None:
        async with world(echo, pod("a", "127.0.0.1", ready=False)) as there:
            assert await there.answer("/llm/gem/v1/models") == (503, "no healthy upstream")

    asyncio.run(check())


def test_a_pod_with_a_certificate_of_another_authority_is_503():
    async def check() -> None:
        async with world(echo, pod("a", "127.0.0.1"), trusted=False) as there:
            status, text = await there.answer("/llm/gem/v1/models")
            assert status == 503
            assert "CERTIFICATE_VERIFY_FAILED" in text

    asyncio.run(check())


def test_a_pod_that_started_before_kserve_wrote_a_new_certificate_is_still_trusted():
    """KServe writes a new one when it learns a pod's address; the server does not reload its files."""

    async def check() -> None:
        async with world(echo, pod("a", "127.0.0.1")) as there:
            assert (await there.answer("/llm/gem/v1/models"))[0] == 200
            there.objects.objects[SECRETS] = [certificate_of(trustme.CA())]
            there.objects.tell(SECRETS, {}, there.objects.objects[SECRETS][0])
            status, _text = await there.answer("/llm/gem/v1/models")
            assert status == 200

    asyncio.run(check())


def test_a_pod_that_is_gone_is_503():
    async def check() -> None:
        async with world(echo) as there:
            there.objects.objects[data_plane.PODS] = [pod("a", "127.0.0.9")]
            status, text = await there.answer("/llm/gem/v1/models")
            assert status == 503
            assert text.startswith("upstream connect error or disconnect/reset before headers")

    asyncio.run(check())


def test_an_answer_that_the_pod_breaks_off_is_broken_off_for_the_client():
    async def half(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b"{")
        request.transport.abort()
        return response

    async def check() -> None:
        async with world(half, pod("a", "127.0.0.1")) as there:
            with pytest.raises(aiohttp.ClientError):
                await there.answer("/llm/gem/v1/models")

    asyncio.run(check())


def test_no_route_is_404_without_a_body_and_no_credential_is_401():
    async def check() -> None:
        async with world(echo, pod("a", "127.0.0.1")) as there:
            assert await there.answer("/llm/gpt/v1/models") == (404, "")
            async with there.ask("GET", "/llm/gem/v1/models", bearer="bad") as answer:
                assert (answer.status, await answer.text()) == (401, "Authentication required")

    asyncio.run(check())


def test_the_maas_api_is_reached_under_its_prefixes():
    async def check() -> None:
        async with world(echo) as there:
            assert await there.answer("/maas-api/v1/models") == (200, "GET /v1/models")
            assert await there.answer("/v1/models") == (200, "GET /v1/models")
            assert await there.answer("/v1/modelsx") == (404, "")

    asyncio.run(check())


def test_beyond_the_limit_it_is_429_but_for_the_list_of_models():
    async def check() -> None:
        async with world(costly, pod("a", "127.0.0.1")) as there:
            chat = "/llm/gem/v1/chat/completions"
            assert (await there.answer(chat, "POST"))[0] == 200
            assert await there.answer(chat, "POST") == (429, "Too Many Requests")
            assert (await there.answer("/llm/gem/v1/models"))[0] == 200

    asyncio.run(check())


def test_beyond_the_limit_of_requests_it_is_429_for_every_path(monkeypatch):
    """Rate limiting, A: requests are counted whatever they are for, the probes of the list included."""

    async def check() -> None:
        async with world(echo, pod("a", "127.0.0.1")) as there:
            assert (await there.answer("/llm/gem/v1/models"))[0] == 200
            assert (await there.answer("/llm/gem/v1/chat/completions", "OPTIONS"))[0] == 200
            assert await there.answer("/llm/gem/v1/models") == (429, "Too Many Requests")

    monkeypatch.setattr(Generation, "request_limits", (Limit(("requests", "alice"), 2, 60),))
    asyncio.run(check())


def test_status_is_written_at_the_start_and_routes_follow_the_cluster():
    async def check() -> None:
        async with world(echo, pod("a", "127.0.0.1")) as there:
            written = {name: patch["status"] for _resource, name, patch in there.api.written}
            assert written["maas-default-gateway"]["listeners"][0]["attachedRoutes"] == 2
            assert written["gem-kserve-route"]["parents"][0]["conditions"][0]["status"] == "True"
            assert written["openshift-default"]["conditions"][0]["type"] == "Accepted"
            there.objects.objects[data_plane.ROUTES].clear()
            there.objects.tell(data_plane.ROUTES, {}, None)
            assert await there.answer("/llm/gem/v1/models") == (404, "")

    asyncio.run(check())


def test_the_log_has_a_line_for_a_request_and_no_credential(caplog):
    async def check() -> None:
        async with world(echo, pod("a", "127.0.0.1")) as there:
            await there.answer("/llm/gem/v1/models?key=secret")

    with caplog.at_level(logging.INFO, logger="maas.gateway"):
        asyncio.run(check())
    (line,) = [record.getMessage() for record in caplog.records if record.name == "maas.gateway"]
    assert line.startswith("GET /llm/gem/v1/models 200 ")
    assert line.endswith(" alice")
    assert "good" not in line
