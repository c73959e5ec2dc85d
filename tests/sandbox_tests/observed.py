# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends what a release of MaaS was sent to its imitation: objects and requests of ``sandbox/maas/observed/<release>``.

``objects.json`` is what the cluster held, ``answers.json`` the steps: a request with its answer, an object that was
deleted or whose status changed, or a pause. ``{name}`` in a path or header is a user's token, a credential that an
earlier step kept under that name, or with ``_id`` behind it, that credential's id. The gateway is the imitated one, over
real sockets; the API server and the models behind the gateway are small stand-ins.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from sandbox.kube import ApiError
from sandbox.maas import a_platform, a_tiers, b2_controller, selection
from sandbox.maas import gateway as data_plane
from sandbox.maas.__main__ import GENERATIONS
from sandbox.maas.a_tokens import AUDIENCE, claims
from sandbox.maas.controller import Item
from sandbox.maas.faults import Faults
from sandbox.maas.gateway import Gateway
from sandbox.maas.limits import Meter
from sandbox.maas.resources import GATEWAYS, POLICIES, REFS, ROUTES, SUBSCRIPTIONS
from sandbox.processes import free_ports

from sandbox_tests.maas_objects import CONTROLLER, GATEWAY, NOW, Object, Objects, token_answer

FOLDER = Path(data_plane.__file__).parent / "observed"
HOST = "127.0.0.1"
HEADERS = (
    "content-type",
    "location",
    "cache-control",
    "x-ext-auth-reason",
    "allow",
    "www-authenticate",
    "retry-after",
    "access-control-allow-origin",
)
USERS = {
    "alice": ["data-science", "system:authenticated"],
    "mallory": ["system:authenticated"],
    "platform": ["system:authenticated"],
    "admin": ["system:masters", "system:authenticated"],
}
ADMINS = ("platform", "admin")
RESOURCES = {
    "Namespace": (data_plane.NAMESPACES,),
    "GatewayClass": (data_plane.GATEWAY_CLASSES,),
    "Gateway": (GATEWAYS,),
    "LLMInferenceService": (a_platform.SERVICES, "serving.kserve.io/v1alpha2/llminferenceservices"),
    "HTTPRoute": (ROUTES,),
    "MaaSModelRef": (REFS,),
    "MaaSAuthPolicy": (POLICIES,),
    "MaaSSubscription": (SUBSCRIPTIONS,),
}


class Difference(NamedTuple):
    """A case that the imitation answers otherwise."""

    case: str
    real: str
    imitated: str


class Cluster(Objects):
    """Objects in memory."""

    def put(self, obj: Object) -> None:
        """Create or replace an object."""
        metadata = {"generation": 1, "creationTimestamp": NOW, "uid": obj["metadata"]["name"], **obj["metadata"]}
        stored = {**obj, "metadata": metadata}
        for resource in RESOURCES[obj["kind"]]:
            self._drop(resource, metadata["name"], metadata.get("namespace", ""))
            self.objects.setdefault(resource, []).append(stored)

    def remove(self, kind: str, namespace: str, name: str) -> None:
        """Take an object away."""
        for resource in RESOURCES[kind]:
            self._drop(resource, name, namespace)

    def of_kind(self, kind: str, namespace: str, name: str) -> Object:
        """One object."""
        return self.get(RESOURCES[kind][0], name, namespace)

    def _drop(self, resource: str, name: str, namespace: str) -> None:
        key = (name, namespace)
        there = self.objects.get(resource, [])
        self.objects[resource] = [
            each for each in there if (each["metadata"]["name"], each["metadata"].get("namespace", "")) != key
        ]


class Api:
    """In place of Kube: the tokens of ``USERS``, accounts with tokens of their own, and who may what."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.accounts: dict[tuple[str, str], int] = {}
        self.config_map: Object = {}
        self.made = 0

    async def apply(self, obj: Object, *, manager: str) -> None:
        assert (obj["kind"], manager) == ("ConfigMap", "maas-api")
        self.config_map = obj

    async def get(self, _resource: str, _name: str, _namespace: str) -> Object:
        return self.config_map

    async def patch_status(self, resource: str, name: str, status: Object, namespace: str | None = None) -> None:
        found = self.cluster.get(resource, name, namespace or "")
        found["status"] = {**(found.get("status") or {}), **status}

    async def create(self, obj: Object) -> Object:
        self.made += 1
        match obj["kind"]:
            case "TokenReview":
                return {"status": self._review(obj["spec"]["token"], obj["spec"].get("audiences"))}
            case "SubjectAccessReview":
                return {"status": {"allowed": self._allowed(obj["spec"])}}
            case "ServiceAccount":
                self.accounts[obj["metadata"]["namespace"], obj["metadata"]["name"]] = self.made
        return obj

    async def raw(self, method: str, path: str, *, body: Object) -> Object:
        _root, _api, _version, _namespaces, namespace, _accounts, name, _token = path.split("/")
        if (namespace, name) not in self.accounts:
            raise ApiError(path, 404, "NotFound", "")
        self.made += 1
        return token_answer(
            body["spec"], namespace, name, self.accounts[namespace, name], f"00000000-0000-4000-8000-{self.made:012d}"
        )

    async def delete(self, _resource: str, name: str, namespace: str) -> None:
        if self.accounts.pop((namespace, name), None) is None:
            raise ApiError("DELETE", 404, "NotFound", "")

    def _review(self, token: str, audiences: list[str] | None) -> Object:
        user = token.removeprefix("token-of-")
        if user in USERS and user != token:
            return {} if audiences else {"authenticated": True, "user": {"username": user, "groups": USERS[user]}}
        told = claims(token)
        if audiences != [AUDIENCE] or told.get("aud") != audiences:
            return {}
        _system, _kind, namespace, name = told["sub"].split(":")
        if self.accounts.get((namespace, name)) != told["account"]:
            return {}
        groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
        return {"authenticated": True, "user": {"username": told["sub"], "groups": groups}}

    def _allowed(self, asked: Object) -> bool:
        attributes = asked["resourceAttributes"]
        if attributes["resource"] == "maasauthpolicies":
            return asked["user"] in ADMINS
        service = self.cluster.get(a_platform.SERVICES, attributes["name"], attributes["namespace"])
        tiers = a_tiers.parse(self.config_map["data"]["tiers"])
        return service is not None and any(
            tier.accounts in asked["groups"] for tier in a_tiers.admitted(service, tiers) or []
        )


def differences(release: str, generation: str) -> Iterator[Difference]:
    """Every case of a release that its imitation answers otherwise."""
    folder = FOLDER / release
    steps = json.loads((folder / "answers.json").read_text())
    with models() as backend:
        objects = json.loads((folder / "objects.json").read_text().replace("{backend}", backend))
        yield from asyncio.run(_play(generation, objects, steps))


async def _play(generation: str, objects: list[Object], steps: list[Object]) -> list[Difference]:
    cluster = Cluster()
    for each in [*_platform(), *objects]:
        cluster.put(each)
    kind, _resources = GENERATIONS[generation]
    api = Api(cluster)
    maas = kind(api, cluster, Faults())
    if generation == "a":
        await maas.bootstrap()
    (port,) = free_ports(1)
    gateway = Gateway(api, cluster, maas, Meter(), HOST)
    runner = await gateway.serve(port, None)
    known = {user: f"token-of-{user}" for user in USERS}
    found = []
    try:
        _settle(cluster)
        for step in steps:
            if "wait" in step:
                await asyncio.sleep(step["wait"])
            elif "delete" in step:
                cluster.remove(*step["delete"])
                _settle(cluster)
            elif "status" in step:
                cluster.of_kind(*step["of"])["status"] = step["status"]
                _settle(cluster)
            elif difference := await asyncio.to_thread(_compare, port, step, known):
                found.append(difference)
    finally:
        await gateway.close()
        await runner.cleanup()
    return found


def _platform() -> list[Object]:
    listener = {"name": "https", "port": 8443, "protocol": "HTTPS", "allowedRoutes": {"namespaces": {"from": "All"}}}
    return [
        {
            "kind": "GatewayClass",
            "metadata": {"name": "openshift-default"},
            "spec": {"controllerName": CONTROLLER},
        },
        {
            "kind": "Gateway",
            "metadata": GATEWAY,
            "spec": {"gatewayClassName": "openshift-default", "listeners": [listener]},
        },
    ]


def _settle(cluster: Cluster) -> None:
    """Give everything the status that the controllers of B2 give it, until nothing changes any more."""
    statuses, changed = b2_controller.Statuses(cluster), True
    while changed:
        changed = False
        for resource in (REFS, POLICIES, SUBSCRIPTIONS):
            for obj in cluster.list(resource):
                status = statuses.of(Item(resource, *selection.key_of(obj)), obj, NOW)
                changed |= status != obj.get("status")
                obj["status"] = status


def _compare(port: int, step: Object, known: dict[str, str]) -> Difference | None:
    body = step.get("body")
    if isinstance(body, list):
        before, filler, times, after = body
        body = before + filler * times + after
    headers = {name: _filled(value, known) for name, value in step.get("headers", {}).items()}
    status, told, content = _send(port, step["method"], _filled(step["path"], known), headers, body)
    kept = {name: _neutral(value) for name, value in told.items() if name in HEADERS}
    text = content.decode("utf-8", "replace")
    try:
        parsed = json.loads(text)
    except ValueError:
        pass
    else:
        if name := step.get("keep"):
            known[name], known[f"{name}_id"] = _credential(parsed)
        text = json.dumps(_shown(parsed, step.get("show", "")), sort_keys=True, ensure_ascii=False)
    expected = step["answer"]
    text = _neutral(text)[: len(expected["body"])] if len(expected["body"]) >= 1500 else _neutral(text)
    if (status, kept, text) == (expected["status"], expected["headers"], _neutral(expected["body"])):
        return None
    real = f"{expected['status']} {expected['headers']} {expected['body']}"
    return Difference(step["case"], real, f"{status} {kept} {text}")


def _credential(made: Object) -> tuple[str, str]:
    return made.get("key") or made.get("token") or "", made.get("id") or made.get("jti") or ""


def _filled(text: str, known: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda match: known[match[1]], text)


def _shown(parsed: Any, show: str) -> Any:
    """An answer without what is random in it: credentials, times, the order of some lists."""
    if show == "status":
        return sorted(each["status"] for each in parsed)
    if show == "sorted" and isinstance(parsed, list):
        return sorted(parsed, key=lambda each: _neutral(json.dumps(each, sort_keys=True)))
    if not isinstance(parsed, dict):
        return parsed
    entries = parsed.get("data")
    if show == "name, status" and isinstance(entries, list):
        parsed["data"] = [[re.sub(r"-\d{10,}", "", each["name"]), each["status"]] for each in entries]
    elif isinstance(entries, list):
        if show == "sorted":
            entries.sort(key=lambda each: (each["owned_by"], each["id"]))
        for each in entries:
            each.get("subscriptions", []).sort(key=lambda told: told["name"])
    if "token" in parsed:
        parsed["token"] = "<jwt>"
    return parsed | {name: "<unix>" for name in ("expiresAt", "issuedAt") if isinstance(parsed.get(name), int)}


_NEUTRAL = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>"),
    (r"sk-oai-[A-Za-z0-9_]{12}\.\.\.", "<prefix>"),
    (r"sk-oai-[A-Za-z0-9_]{20,}", "<key>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
    (r"ephemeral-\d{10,}", "ephemeral-<n>"),
    (r'"created": \d{9,}', '"created": <n>'),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:<p>"),
    (r'"port": \d+', '"port": <p>'),
    (r"127\.0\.0\.1:<p>(?=/llm)", "<b>"),
)


def _neutral(text: str) -> str:
    for pattern, instead in _NEUTRAL:
        text = re.sub(pattern, instead, text)
    return text


def _send(
    port: int, method: str, path: str, headers: dict[str, str], body: str | None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        content = None if body is None else body.encode()
        if content is not None:
            connection.putheader("Content-Length", str(len(content)))
        connection.endheaders(content)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


class _Model(BaseHTTPRequestHandler):
    """Answers with the status that its path names, such as ``/llm/r405``; 200 where it names none."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        name = self.path.split("/")[2]
        status = int(name[1:]) if re.fullmatch(r"r\d{3}", name) else 200
        body = b"" if status == 204 else b'{"object":"list","data":[{"id":"backend/x"}]}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_OPTIONS = answer


class _Models(ThreadingHTTPServer):
    daemon_threads = True
    # All are asked at once.
    request_queue_size = 64


@contextmanager
def models() -> Iterator[str]:
    """Host and port of what plays every model."""
    server = _Models((HOST, 0), _Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
