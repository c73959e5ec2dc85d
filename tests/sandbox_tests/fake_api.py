# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of a Kubernetes API server as the tests of the API client and of the node need."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trustme
from aiohttp import web

KINDS = {
    "pods": "Pod",
    "nodes": "Node",
    "secrets": "Secret",
    "configmaps": "ConfigMap",
    "events": "Event",
    "services": "Service",
    "persistentvolumeclaims": "PersistentVolumeClaim",
    "persistentvolumes": "PersistentVolume",
}
_OF_THE_CLUSTER = ("nodes", "persistentvolumes")


class FakeApi:
    """Core v1 objects in memory, at most one of a name: read, list, watch, create, patch (merge), delete, bind.

    ``requests`` holds what came in, as "METHOD path" lines; ``objects`` is keyed by (plural, namespace, name).
    """

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.requests: list[str] = []
        self._history: list[tuple[int, str, str, dict[str, Any]]] = []
        self._version = 1
        self._forgotten = 0
        self._ended = 0
        self._changed = asyncio.Event()
        self._streams: set[asyncio.Task[Any]] = set()

    @asynccontextmanager
    async def running(self, folder: Path) -> AsyncIterator[dict[str, Any]]:
        """Serve, and yield the state of a sandbox with this API server, an authority of its own in ``folder/pki``."""
        (folder / "pki").mkdir()
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "pki" / "ca.pem")
        authority.private_key_pem.write_to_path(folder / "pki" / "ca.key")
        application = web.Application()
        application.router.add_get("/api/v1", self._discovery)
        for prefix in ("/api/v1", "/api/v1/namespaces/{namespace}"):
            for suffix in ("/{plural}", "/{plural}/{name}", "/{plural}/{name}/{subresource}"):
                application.router.add_route("*", prefix + suffix, self._handle)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield {
                "api_server": f"http://127.0.0.1:{runner.addresses[0][1]}",
                "api_ca": str(folder / "pki" / "ca.pem"),
                "ca": str(folder / "pki" / "ca.pem"),
                "ca_key": str(folder / "pki" / "ca.key"),
                "admin_token": "token",
            }
        finally:
            self.break_watches()
            await runner.cleanup()

    def put(self, plural: str, name: str, body: dict[str, Any], namespace: str = "llm") -> dict[str, Any]:
        """Create or replace an object."""
        old = self.objects.get((plural, namespace, name))
        metadata = {"name": name, "namespace": namespace, "uid": str(uuid.uuid4())} | body.get("metadata", {})
        if old:
            metadata["uid"] = old["metadata"]["uid"]
        obj = {"apiVersion": "v1", "kind": KINDS[plural], **body, "metadata": metadata}
        self.objects[plural, namespace, name] = obj
        self._record(plural, "MODIFIED" if old else "ADDED", obj)
        return obj

    def remove(self, plural: str, name: str, namespace: str = "llm") -> None:
        """Take an object away."""
        self._record(plural, "DELETED", self.objects.pop((plural, namespace, name)))

    def forget_history(self) -> None:
        """From now on no watch can be resumed from before now."""
        self._forgotten = self._version

    def break_watches(self) -> None:
        """Cut all connections that watch."""
        for stream in self._streams:
            stream.cancel()

    def end_watches(self) -> None:
        """End all watches as a server does when their time is up."""
        self._ended += 1
        self._changed.set()

    async def until(self, condition: Any, seconds: float = 10) -> Any:
        """Wait until ``condition()`` is true and return what it gave."""
        async with asyncio.timeout(seconds):
            while not (result := condition()):
                await asyncio.sleep(0.01)
            return result

    def messages(self, reason: str) -> list[str]:
        """Messages of the events with this reason."""
        found = [obj for (plural, _namespace, _name), obj in self.objects.items() if plural == "events"]
        return [event["message"] for event in found if event["reason"] == reason]

    def _record(self, plural: str, change: str, obj: dict[str, Any]) -> None:
        self._version += 1
        obj["metadata"]["resourceVersion"] = str(self._version)
        self._history.append((self._version, plural, change, json.loads(json.dumps(obj))))
        self._changed.set()
        self._changed = asyncio.Event()

    async def _discovery(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {"resources": [{"name": n, "kind": k, "namespaced": n not in _OF_THE_CLUSTER} for n, k in KINDS.items()]}
        )

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        where = request.match_info
        plural, namespace, name = where["plural"], where.get("namespace", ""), where.get("name")
        if request.query.get("watch") == "true":
            return await self._watch(request, plural)
        if name is None and request.method == "GET":
            items = [obj for key, obj in self.objects.items() if key[0] == plural]
            return web.json_response(
                {
                    "apiVersion": "v1",
                    "kind": f"{KINDS[plural]}List",
                    "metadata": {"resourceVersion": str(self._version)},
                    "items": items,
                }
            )
        body = await request.json() if request.can_read_body else {}
        if request.method == "POST" and where.get("subresource") == "binding":
            pod = self.objects[plural, namespace, name]
            return web.json_response(
                self._patch(plural, pod, {"spec": {"nodeName": body["target"]["name"]}}), status=201
            )
        if request.method == "POST":
            return web.json_response(self.put(plural, body["metadata"]["name"], body, namespace), status=201)
        obj = self.objects.get((plural, namespace, name))
        if obj is None and request.content_type == "application/apply-patch+yaml":
            obj = self.put(plural, name, body, namespace)
        if obj is None:
            return _status(404, "NotFound", f'{plural} "{name}" not found')
        if body.get("metadata", {}).get("uid", obj["metadata"]["uid"]) != obj["metadata"]["uid"]:
            return _status(409, "Conflict", "the uid does not match")
        if request.method == "PATCH":
            obj = self._patch(plural, obj, body)
        elif request.method == "DELETE":
            self._delete(plural, obj, body.get("gracePeriodSeconds", 0))
        return web.json_response(obj)

    def _patch(self, plural: str, obj: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
        merged = {**obj, **patch, "metadata": obj["metadata"]}
        for key in ("spec", "status"):
            if key in patch:
                merged[key] = {**obj.get(key, {}), **patch[key]}
        return self.put(plural, obj["metadata"]["name"], merged, obj["metadata"]["namespace"])

    def _delete(self, plural: str, obj: dict[str, Any], grace: int) -> None:
        metadata = obj["metadata"]
        if not grace:
            self.remove(plural, metadata["name"], metadata["namespace"])
        else:
            metadata |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": grace}
            self.put(plural, metadata["name"], obj, metadata["namespace"])

    async def _watch(self, request: web.Request, plural: str) -> web.StreamResponse:
        version = int(request.query["resourceVersion"])
        if version < self._forgotten:
            return _status(410, "Expired", "too old resource version")
        task = asyncio.current_task()
        self._streams.add(task)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        ended = self._ended
        try:
            await response.prepare(request)
            while ended == self._ended:
                changed = self._changed
                for at, of, change, obj in self._history:
                    if of == plural and at > version:
                        await response.write(json.dumps({"type": change, "object": obj}).encode() + b"\n")
                version = self._version
                await changed.wait()
            return response
        finally:
            self._streams.discard(task)


def _status(code: int, reason: str, message: str) -> web.Response:
    return web.json_response({"kind": "Status", "code": code, "reason": reason, "message": message}, status=code)
