# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway's data plane: TLS in front, the routes of the cluster, TLS to the pods, streams passed on as they come.

Imitates what Envoy does for the MaaS gateway: routes are the HTTPRoutes that KServe makes, requests are balanced over
the ready pods behind a route's Service, each pod's certificate is verified for the Service's host name
(``pod_trust.py``), 404 without a body where no route matches, 503 ``no healthy upstream`` without a ready pod, 429
``Too Many Requests`` beyond a limit. The status of GatewayClass, Gateway and HTTPRoutes is written as a gateway's
controller does it.

Deviations: pods are found by the Service's selector, not by EndpointSlices (nothing writes them here); HTTP/1.1 only;
an unauthenticated request for a path that no route matches is 404, where the real order of filters is not known;
neither Envoy's own request headers nor WebSockets; the client's Authorization never reaches a pod.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import ssl
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from ..kube import ApiError, Kube
from . import routes
from .conditions import is_true, status_patch, with_condition
from .informers import Informers
from .interface import Answer, Generation, Grant, Refused, Request, text_answer
from .limits import EXEMPT_PATH, Meter, UsageReader
from .pod_trust import SECRETS, PodTrust
from .resources import GATEWAYS, ROUTES
from .routes import Backend, Cluster, Rule

LOG = logging.getLogger("maas.gateway")

GATEWAY_CLASSES = "gateway.networking.k8s.io/v1/gatewayclasses"
NAMESPACES = "v1/namespaces"
SERVICES = "v1/services"
PODS = "v1/pods"
#: What the gateway wants to know of the cluster.
RESOURCES = [GATEWAY_CLASSES, GATEWAYS, ROUTES, NAMESPACES, SERVICES, PODS, SECRETS]

CONNECT_SECONDS = 5
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


class Gateway:
    """Serves one host name for all gateways whose class is ours."""

    def __init__(self, kube: Kube, informers: Informers, generation: Generation, meter: Meter, host: str) -> None:
        self._kube = kube
        self._informers = informers
        self._generation = generation
        self._meter = meter
        self._host = host
        self._turn = itertools.count()
        self._trust = PodTrust(informers)
        self._rules: list[Rule] = []
        self._changed = asyncio.Event()
        self._upstream: aiohttp.ClientSession | None = None
        informers.on_change(self._on_change)

    async def serve(self, port: int, tls: ssl.SSLContext) -> web.ServerRunner:
        """Begin to listen on the loopback address; ``cleanup()`` of what is returned ends it."""
        self._refresh()
        await self.write_status()
        self._upstream = aiohttp.ClientSession(
            auto_decompress=False,
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        )
        runner = web.ServerRunner(web.Server(self._handle, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()
        return runner

    async def close(self) -> None:
        """Drop the connections to the pods."""
        if self._upstream:
            await self._upstream.close()

    async def keep_status(self) -> None:
        """Follow the cluster for ever: the route table at once, the status of objects right after."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self.write_status()
            except (ApiError, aiohttp.ClientError, TimeoutError) as error:
                LOG.warning("status not written, trying again: %s", error)
                await asyncio.sleep(1)
                self._changed.set()

    async def write_status(self) -> None:
        """Write the status of every class, gateway and route of ours that is not what it should be."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        cluster, all_routes = self._cluster(), self._informers.list(ROUTES)
        for each in self._our_classes():
            conditions = with_condition(
                (each.get("status") or {}).get("conditions"),
                "Accepted",
                True,
                "Accepted",
                "Handled by the gateway of the sandbox",
                generation=each["metadata"]["generation"],
                now=now,
            )
            await self._write(GATEWAY_CLASSES, each, {"conditions": conditions})
        for each in cluster.gateways.values():
            status = routes.gateway_status(each, all_routes, cluster, self._host, more=1, now=now)
            await self._write(GATEWAYS, each, status)
        for each in all_routes:
            status = routes.route_status(each, cluster, now)
            if status["parents"] or each.get("status"):
                await self._write(ROUTES, each, status)

    async def _write(self, resource: str, obj: dict[str, Any], status: dict[str, Any]) -> None:
        patch = status_patch(obj.get("status"), status)
        if patch is None:
            return
        metadata = obj["metadata"]
        try:
            await self._kube.patch_status(resource, metadata["name"], patch, metadata.get("namespace"))
        except ApiError as error:
            if error.status != 404:
                raise

    def _on_change(self, resource: str, _before: dict[str, Any] | None, _after: dict[str, Any] | None) -> None:
        if resource in RESOURCES and resource not in (PODS, SECRETS):
            self._refresh()
            self._changed.set()

    def _refresh(self) -> None:
        cluster = self._cluster()
        admitted = [each for each in self._informers.list(ROUTES) if routes.attached(each, cluster)]
        self._rules = [rule for each in admitted for rule in routes.rules_of(each)]
        self._rules += [
            Rule(name="maas-api", path=prefix, replace_prefix=replacement, platform=True)
            for prefix, replacement in self._generation.platform_prefixes.items()
        ]

    def _cluster(self) -> Cluster:
        classes = {each["metadata"]["name"] for each in self._our_classes()}
        gateways = [each for each in self._informers.list(GATEWAYS) if each["spec"]["gatewayClassName"] in classes]
        return Cluster(
            gateways={_key(each): each for each in gateways},
            namespace_labels={
                each["metadata"]["name"]: each["metadata"].get("labels") or {}
                for each in self._informers.list(NAMESPACES)
            },
            services=frozenset(_key(each) for each in self._informers.list(SERVICES)),
        )

    def _our_classes(self) -> list[dict[str, Any]]:
        classes = self._informers.list(GATEWAY_CLASSES)
        return [each for each in classes if each["spec"]["controllerName"] == routes.CONTROLLER]

    async def _handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        started = time.monotonic()
        request = Request(
            method=incoming.method,
            path=incoming.rel_url.raw_path,
            headers=CIMultiDict(incoming.headers),
            body=await incoming.content.read(),
            query=incoming.rel_url.raw_query_string,
        )
        who = "-"
        try:
            rule, request = self._route(request, incoming.host)
            if rule.platform:
                inner = replace(request, path=routes.rewritten(rule, request.path))
                response = _response(await self._generation.platform(inner))
            else:
                grant = await self._generation.authorise(request)
                who = grant.username
                response = await self._forward(incoming, request, rule, grant)
        except Refused as refused:
            response = _response(refused.answer)
        except (ApiError, aiohttp.ClientError, TimeoutError) as error:
            LOG.error("%s %s: %s", request.method, request.path, error)
            response = _response(text_answer(500, "the API server of the sandbox does not answer"))
        took = (time.monotonic() - started) * 1000
        LOG.info("%s %s %s %.0f ms %s", request.method, request.path, response.status, took, who)
        return response

    def _route(self, request: Request, host: str) -> tuple[Rule, Request]:
        request = self._generation.process(request)
        rule = routes.choose(self._rules, request.method, host.partition(":")[0], request.path, request.headers)
        if rule is None:
            raise Refused(Answer(404))
        return rule, request

    async def _forward(
        self, incoming: web.BaseRequest, request: Request, rule: Rule, grant: Grant
    ) -> web.StreamResponse:
        limits = () if request.path.endswith(EXEMPT_PATH) else grant.limits
        if self._meter.exhausted([*limits, *grant.request_limits], time.monotonic()):
            raise Refused(text_answer(429, "Too Many Requests"))
        self._meter.count(grant.request_limits, 1, time.monotonic())
        path = routes.rewritten(rule, request.path)
        async with await self._call_pod(request, rule, path, grant.headers) as answer:
            usage = UsageReader(path, answer.content_type, answer.headers.get("Content-Encoding"))
            try:
                return await _relay(answer, incoming, usage)
            finally:
                self._meter.count(limits, usage.tokens(), time.monotonic())

    async def _call_pod(
        self, request: Request, rule: Rule, path: str, more_headers: Mapping[str, str]
    ) -> aiohttp.ClientResponse:
        backends = [each for each in rule.backends if each.weight]
        if not backends:
            raise Refused(Answer(500))
        backend = random.choices(backends, [each.weight for each in backends])[0]
        address, secure = self._address(backend)
        headers = _end_to_end(request.headers)
        for name in ("Authorization", "Content-Length"):
            headers.popall(name, None)
        headers.update(more_headers)
        query = f"?{request.query}" if request.query else ""
        tls: dict[str, Any] = {}
        if secure:
            tls = {
                "ssl": self._trust_of(backend),
                "server_hostname": f"{backend.service}.{backend.namespace}.svc.cluster.local",
            }
        url = URL(f"{'https' if secure else 'http'}://{address}{path}{query}", encoded=True)
        try:
            return await self._upstream.request(
                request.method, url, headers=headers, data=request.body or None, allow_redirects=False, **tls
            )
        except (aiohttp.ClientConnectionError, TimeoutError) as error:
            text = "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure"
            raise Refused(text_answer(503, f"{text}, transport failure reason: {error}")) from error

    def _address(self, backend: Backend) -> tuple[str, bool]:
        """Address of a ready pod behind a Service, in turn, and whether it speaks TLS."""
        service = self._informers.get(SERVICES, backend.service, backend.namespace)
        ports = [each for each in service["spec"]["ports"] if each["port"] == backend.port] if service else []
        pods = self._ready_pods(service) if ports else []
        if not pods:
            raise Refused(text_answer(503, "no healthy upstream"))
        pod = pods[next(self._turn) % len(pods)]
        port = _target_port(ports[0], pod)
        return f"{pod['status']['podIP']}:{port}", ports[0].get("appProtocol") == "https"

    def _ready_pods(self, service: dict[str, Any]) -> list[dict[str, Any]]:
        selector = {"matchLabels": service["spec"].get("selector") or {}}
        return [
            pod
            for pod in self._informers.list(PODS, service["metadata"]["namespace"])
            if routes.selects(selector, pod["metadata"].get("labels") or {})
            and is_true(pod, "Ready")
            and pod["status"].get("podIP")
            and not pod["metadata"].get("deletionTimestamp")
        ]

    def _trust_of(self, backend: Backend) -> ssl.SSLContext:
        service = self._informers.get(SERVICES, backend.service, backend.namespace)
        owners = [each["name"] for each in service["metadata"].get("ownerReferences") or []]
        context = self._trust.of(backend.namespace, owners[0] if owners else backend.service)
        if context is None:
            raise Refused(text_answer(503, f"no certificate to verify the pods of {backend.service} with"))
        return context


async def _relay(answer: aiohttp.ClientResponse, incoming: web.BaseRequest, usage: UsageReader) -> web.StreamResponse:
    """Pass an answer on piece by piece; where either side breaks off, so does the other."""
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=_end_to_end(answer.headers))
    await response.prepare(incoming)
    try:
        async for chunk in answer.content.iter_any():
            usage.feed(chunk)
            await response.write(chunk)
        await response.write_eof()
    except (aiohttp.ClientError, ConnectionError) as error:
        LOG.warning("%s %s: broken off: %s", incoming.method, incoming.path, error)
        if incoming.transport:
            incoming.transport.abort()
    return response


def _key(obj: dict[str, Any]) -> tuple[str, str]:
    return obj["metadata"]["namespace"], obj["metadata"]["name"]


def _target_port(port: dict[str, Any], pod: dict[str, Any]) -> int:
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    named = [each for container in pod["spec"]["containers"] for each in container.get("ports") or []]
    return next(each["containerPort"] for each in named if each.get("name") == target)


def _end_to_end(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """A copy without what concerns one connection only."""
    dropped = HOP_BY_HOP | {each.strip().lower() for each in headers.get("Connection", "").split(",")}
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in dropped)


def _response(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
