# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way into a cluster without MaaS: Ingresses, and Routes of OpenShift where the sandbox has that kind.

``python -m sandbox.router --dir DIR`` is a proxy on 127.0.0.1:<ports.router>, which clients find by HTTPS_PROXY: no name
of the sandbox is in any DNS, and no port of root's is needed. A CONNECT to a host of an admitted Ingress or Route, port 443,
leads to the Service behind it; any other is refused with 502.

Imitated: a Route without a host gets ``<name>-<namespace>.<domain>`` and the condition Admitted (HostAlreadyClaimed where an
older one of another namespace has the host); paths, the longest first; TLS ended here (edge), also with a certificate of the
Route or of the Ingress's Secret, else with one of the sandbox's authority; the time in which a server has to send something:
30 s for a Route unless ``haproxy.router.openshift.io/timeout`` says otherwise (504), 60 s for an Ingress.

Deviates: a Route's host is filled in after it was created; passthrough is not admitted; certificates of servers behind
reencrypt are not verified; no plain HTTP, no weights, no annotations besides the timeout.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import logging
import re
import signal
import ssl
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from . import pki
from .egress import EgressProxy, Refusal, Tunnel
from .kube import ApiError, Kube
from .node.status import timestamp

LOG = logging.getLogger("sandbox.router")
ADDRESS = "127.0.0.1"
DOMAIN = "apps.sandbox.example"
CLASS = "sandbox"
CONTROLLER = "sandbox.llamastack.maas/router"
ROUTES, INGRESSES = "route.openshift.io/v1/routes", "networking.k8s.io/v1/ingresses"
TIMEOUT = "haproxy.router.openshift.io/timeout"
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
#: What is between two servers and no business of the next one.
_HOP = {"connection", "keep-alive", "proxy-authorization", "te", "trailers", "transfer-encoding", "upgrade", "host"}


@dataclass(frozen=True)
class Way:
    """A host and path that lead to a port of a Service; ``certificate`` is a chain with its key, if any is given."""

    host: str
    path: str
    namespace: str
    service: str
    port: int | str
    seconds: float
    tls: bool = False
    certificate: bytes = b""


def ingress_class() -> dict[str, Any]:
    """The class of Ingresses that name none."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": CLASS, "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}},
        "spec": {"controller": CONTROLLER},
    }


def seconds_of(text: str | None, default: float) -> float:
    """A duration of HAProxy, such as 600s or 5m; the default where there is none or none that it takes."""
    found = re.fullmatch(r"(\d+)(us|ms|s|m|h|d)?", text or "")
    return int(found[1]) * _UNITS[found[2] or "ms"] if found else default


def ways_of_route(route: Mapping[str, Any]) -> list[Way]:
    """Where a Route leads."""
    spec, metadata = route["spec"], route["metadata"]
    tls = spec.get("tls") or {}
    certificate = (tls.get("certificate", "") + "\n" + tls.get("key", "")).encode() if tls.get("key") else b""
    return [
        Way(
            host=spec["host"],
            path=spec.get("path") or "/",
            namespace=metadata["namespace"],
            service=spec["to"]["name"],
            port=(spec.get("port") or {}).get("targetPort", ""),
            seconds=seconds_of((metadata.get("annotations") or {}).get(TIMEOUT), 30.0),
            tls=tls.get("termination") == "reencrypt",
            certificate=certificate,
        )
    ]


def ways_of_ingress(ingress: Mapping[str, Any], secrets: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[Way]:
    """Where an Ingress leads."""
    spec, namespace = ingress["spec"], ingress["metadata"]["namespace"]
    certificates = {}
    for entry in spec.get("tls") or []:
        data = (secrets.get((namespace, entry.get("secretName", ""))) or {}).get("data") or {}
        if "tls.crt" in data and "tls.key" in data:
            given = base64.b64decode(data["tls.crt"]) + b"\n" + base64.b64decode(data["tls.key"])
            certificates.update(dict.fromkeys(entry.get("hosts") or [], given))
    found = []
    for rule in spec.get("rules") or []:
        for path in (rule.get("http") or {}).get("paths") or []:
            service = path["backend"].get("service")
            if service and rule.get("host"):
                port = service["port"].get("number") or service["port"].get("name")
                certificate = certificates.get(rule["host"], b"")
                where = (rule["host"], path.get("path") or "/", namespace, service["name"], port)
                found.append(Way(*where, seconds=60.0, certificate=certificate))
    return found


def find(ways: list[Way], host: str, path: str) -> Way | None:
    """The way of a request: the longest path that it begins with."""
    fitting = [way for way in ways if way.host == host and _begins(path, way.path)]
    return max(fitting, key=lambda way: len(way.path), default=None)


def _begins(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")


def admission(route: Mapping[str, Any], others: list[Mapping[str, Any]]) -> tuple[str, str, str]:
    """Status, reason and message of a Route's condition Admitted; ``others`` are all that have a host."""
    if (route["spec"].get("tls") or {}).get("termination") == "passthrough":
        return "False", "ExtendedValidationFailed", "the sandbox's router does not imitate passthrough"

    def age(each: Mapping[str, Any]) -> tuple[str, str]:
        return each["metadata"]["creationTimestamp"], each["metadata"]["uid"]

    def same(each: Mapping[str, Any]) -> bool:
        elsewhere = each["metadata"]["namespace"] != route["metadata"]["namespace"]
        taken = each["spec"].get("path", "") == route["spec"].get("path", "")
        return each["spec"].get("host") == route["spec"]["host"] and (elsewhere or taken)

    older = [each for each in others if same(each) and age(each) < age(route)]
    if older:
        owner = older[0]["metadata"]
        message = f"route {owner['name']} already exposes {route['spec']['host']} and is older"
        return "False", "HostAlreadyClaimed", message
    return "True", "", ""


class Router:
    """What is admitted, and the requests that come for it."""

    def __init__(self, folder: Path, state: Mapping[str, Any], kube: Kube, http: aiohttp.ClientSession) -> None:
        self._kube, self._http = kube, http
        self._names = folder / "run" / "services.json"
        self._authority = pki.load(state["ca"], state["ca_key"])
        self._objects: dict[str, dict[tuple[str, str], dict[str, Any]]] = {
            resource: {} for resource in (ROUTES, INGRESSES, "v1/services", "v1/secrets")
        }
        self._contexts: dict[tuple[str, bytes], ssl.SSLContext] = {}
        self._runner = web.AppRunner(self._app(), access_log=None, handler_cancellation=True)

    async def start(self) -> None:
        """Be ready to serve what tunnels bring."""
        await self._runner.setup()

    async def watch(self, resource: str) -> None:
        """Follow a kind for ever."""
        async for kind, obj in self._kube.watch(resource):
            key = (obj["metadata"]["namespace"], obj["metadata"]["name"])
            if kind == "DELETED":
                self._objects[resource].pop(key, None)
            else:
                self._objects[resource][key] = obj
            if resource == ROUTES:
                for route in list(self._objects[ROUTES].values()):
                    await self._try(self._admit_route(route))
            elif resource == INGRESSES and kind != "DELETED":
                await self._try(self._admit_ingress(obj))

    def __call__(self, host: str, port: int) -> Tunnel | Refusal:
        """Who answers a CONNECT."""
        ways = [way for way in self._ways() if way.host == host]
        if port != 443 or not ways:
            return Refusal(502, f"{host}:{port} leads nowhere: no Route or Ingress of this sandbox has that host.")
        given = next((way.certificate for way in ways if way.certificate), b"")
        return Tunnel(self._runner.server, self._context(host, given))

    def _ways(self) -> list[Way]:
        secrets = self._objects["v1/secrets"]
        admitted = [each for each in self._objects[ROUTES].values() if _is_admitted(each)]
        ingresses = [each for each in self._objects[INGRESSES].values() if _is_ours(each)]
        return [way for each in admitted for way in ways_of_route(each)] + [
            way for each in ingresses for way in ways_of_ingress(each, secrets)
        ]

    async def _admit_route(self, route: dict[str, Any]) -> None:
        metadata = route["metadata"]
        name, namespace = metadata["name"], metadata["namespace"]
        if not route["spec"].get("host"):
            host = f"{route['spec'].get('subdomain') or f'{name}-{namespace}'}.{DOMAIN}"
            route = await self._kube.patch(ROUTES, name, {"spec": {"host": host}}, namespace)
        everyone = [each for each in self._objects[ROUTES].values() if each["spec"].get("host")]
        status, reason, message = admission(route, everyone)
        condition = {"type": "Admitted", "status": status} | ({"reason": reason, "message": message} if reason else {})
        entry = {
            "host": route["spec"]["host"],
            "routerName": "default",
            "routerCanonicalHostname": f"router-default.{DOMAIN}",
            "wildcardPolicy": "None",
        }
        before = ((route.get("status") or {}).get("ingress") or [{}])[0]
        old = (before.get("conditions") or [{}])[0]
        since = old.get("lastTransitionTime") if old.get("status") == status else None
        condition["lastTransitionTime"] = since or timestamp(time.time())
        wanted = {"ingress": [entry | {"conditions": [condition]}]}
        if wanted != route.get("status"):
            await self._kube.patch_status(ROUTES, name, wanted, namespace)

    async def _admit_ingress(self, ingress: dict[str, Any]) -> None:
        metadata = ingress["metadata"]
        wanted = {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}}
        if _is_ours(ingress) and (ingress.get("status") or {}) != wanted:
            await self._kube.patch_status(INGRESSES, metadata["name"], wanted, metadata["namespace"])

    async def _try(self, work: Any) -> None:
        try:
            await work
        except ApiError as error:
            if error.status not in (404, 409):
                LOG.warning("%s", error)

    def _context(self, host: str, given: bytes) -> ssl.SSLContext:
        if (host, given) not in self._contexts:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            with tempfile.TemporaryDirectory() as folder:
                certificate, key = Path(folder, "tls.crt"), Path(folder, "tls.key")
                if given:
                    certificate.write_bytes(given)
                    context.load_cert_chain(certificate)
                else:
                    pki.issue(self._authority, certificate, key, host)
                    context.load_cert_chain(certificate, key)
            self._contexts[host, given] = context
        return self._contexts[host, given]

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024**2)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        way = find(self._ways(), request.host.partition(":")[0], request.path)
        where = self._target(way) if way else None
        if where is None:
            return web.Response(status=503, text="Application is not available\n")
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _HOP]
        headers += [("Host", request.host), ("X-Forwarded-Host", request.host), ("X-Forwarded-Proto", "https")]
        url = f"{'https' if way.tls else 'http'}://{where}{request.raw_path}"
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=way.seconds)
        started = None
        try:
            async with self._http.request(
                request.method,
                url,
                headers=headers,
                data=request.content if request.can_read_body else None,
                timeout=timeout,
                allow_redirects=False,
                ssl=False,
                auto_decompress=False,
            ) as answer:
                kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP]
                started = web.StreamResponse(status=answer.status, reason=answer.reason)
                started.headers.extend(kept)
                await started.prepare(request)
                async for chunk in answer.content.iter_any():
                    await started.write(chunk)
                await started.write_eof()
                return started
        except (aiohttp.ClientError, TimeoutError) as error:
            LOG.info("%s %s%s: %r", request.method, request.host, request.path, error)
            if started is not None:
                request.transport.abort()
                return started
            late = isinstance(error, TimeoutError)
            return web.Response(
                status=504 if late else 503, text="Gateway Time-out\n" if late else "Service Unavailable\n"
            )

    def _target(self, way: Way) -> str | None:
        """Address and port of the Service that a way leads to."""
        service = self._objects["v1/services"].get((way.namespace, way.service))
        address = json.loads(self._names.read_text()).get(f"{way.service}.{way.namespace}")
        if service is None or address is None:
            return None
        ports = service["spec"].get("ports") or []
        wanted = [
            each["port"]
            for each in ports
            if way.port in ("", each["port"], each.get("name"), each.get("targetPort")) or len(ports) == 1
        ]
        return f"{address}:{wanted[0]}" if wanted else None


def _is_admitted(route: Mapping[str, Any]) -> bool:
    entries = (route.get("status") or {}).get("ingress") or []
    return any(each["status"] == "True" for entry in entries for each in entry.get("conditions") or [])


def _is_ours(ingress: Mapping[str, Any]) -> bool:
    return ingress["spec"].get("ingressClassName", CLASS) == CLASS


async def serve(folder: Path) -> None:
    """Run until SIGTERM."""
    state = json.loads((folder / "state.json").read_text())
    connector = aiohttp.TCPConnector(limit=0)
    async with Kube(state) as kube, aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as http:
        router = Router(folder, state, kube, http)
        await router.start()
        proxy = EgressProxy(router)
        await proxy.start(ADDRESS, state["ports"]["router"])
        kinds = [INGRESSES, "v1/services", "v1/secrets", *([ROUTES] if state["routes"] else [])]
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        tasks = [asyncio.create_task(router.watch(kind)) for kind in kinds]
        waiting = asyncio.create_task(stopped.wait())
        (folder / "run" / "router.ready").touch()
        done, _pending = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in (waiting, *tasks):
            task.cancel()
        await asyncio.gather(waiting, *tasks, return_exceptions=True)
        await proxy.stop()
        for task in done - {waiting}:
            task.result()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.router", description=__doc__.splitlines()[0])
    parser.add_argument("--dir", type=Path, required=True, help="folder of the sandbox")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    asyncio.run(serve(parser.parse_args().dir))


if __name__ == "__main__":
    main()
