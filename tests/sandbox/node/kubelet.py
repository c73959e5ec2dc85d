# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node itself: what it registers, which pods it runs, and the kubelet's server for logs."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import platform
import re
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from .. import pki
from ..kube import Kube
from . import logs
from .addresses import Addresses
from .claims import Claims
from .container import ContainerRunner
from .events import Recorder
from .images import Images
from .pod import Pod
from .podspec import Reference
from .schedule import unschedulable
from .services import Services
from .status import timestamp

log = logging.getLogger(__name__)

NAME = "sandbox-node"
LABELS = {"kubernetes.io/hostname": NAME, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
#: More than any machine has: what pods ask for is counted, what they use is not limited.
ALLOCATABLE = {"cpu": "64", "memory": "256Gi", "ephemeral-storage": "1Ti", "pods": "250"}


class Node:
    """Runs the pods of one API server.

    :arg folder: the sandbox's folder; pods live below ``pods``.
    :arg state: the sandbox's state: API server, certificate authority, ``images`` and ``ports.kubelet`` are read.
    :arg null: make pods Ready at once and run nothing.
    """

    name = NAME

    def __init__(
        self, folder: Path, state: dict[str, Any], kube: Kube, http: aiohttp.ClientSession, null: bool
    ) -> None:
        self.folder, self.kube, self.http, self.null = folder, kube, http, null
        self.images = Images(state["images"], _stand_ins(state))
        self.addresses = Addresses(folder)
        self.address = self.addresses.node
        self.events = Recorder(kube, NAME)
        self.claims = Claims(kube, self.events, Path(state.get("volumes") or folder / "volumes"))
        self._pods: dict[str, Pod] = {}
        self.services = Services(self.addresses.take, self._pods.values, folder / "run" / "services.json")
        self._state = state
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self, ready: Path) -> None:
        """Run pods until cancelled; ``ready`` is written once the node is registered and serves logs."""
        shutil.rmtree(self.folder / "pods", ignore_errors=True)
        port = self._state["ports"]["kubelet"]
        async with self._server(port):
            await self._register(port)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self.events.run())
                    group.create_task(self._watch_pods())
                    group.create_task(self._watch_services())
                    group.create_task(self.services.run())
                    group.create_task(self.claims.watch_claims())
                    group.create_task(self.claims.watch_volumes())
                    for resource in ("secrets", "configmaps"):
                        group.create_task(self._watch_references(resource))
                    ready.parent.mkdir(parents=True, exist_ok=True)
                    ready.write_text(f"{self.address}:{port}\n")
            finally:
                for task in self._tasks.values():
                    task.cancel()
                await asyncio.gather(*self._tasks.values(), return_exceptions=True)
                self.addresses.close()

    def unschedulable(self, pod: Pod) -> str | None:
        """Why a pod has no place next to those that are there; None when it has."""
        others = [
            each.object for each in self._pods.values() if each is not pod and each.object["spec"].get("nodeName")
        ]
        return self.claims.unbound(pod.object) or unschedulable(pod.object, LABELS, ALLOCATABLE, others)

    async def _register(self, port: int) -> None:
        now = timestamp(datetime.now(UTC).timestamp())
        await self.kube.apply({"apiVersion": "v1", "kind": "Node", "metadata": {"name": NAME, "labels": LABELS}})
        condition = {
            "type": "Ready",
            "status": "True",
            "reason": "KubeletReady",
            "message": "kubelet is posting ready status",
        }
        status = {
            "capacity": ALLOCATABLE,
            "allocatable": ALLOCATABLE,
            "addresses": [{"type": "InternalIP", "address": self.address}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
            "conditions": [condition | {"lastHeartbeatTime": now, "lastTransitionTime": now}],
            "images": [{"names": [image]} for image in self.images.named],
        }
        await self.kube.patch_status("v1/nodes", NAME, status)

    async def _watch_pods(self) -> None:
        async for kind, pod in self.kube.watch("v1/pods"):
            uid = pod["metadata"]["uid"]
            if kind == "DELETED":
                self._pods.pop(uid, None)
                self.services.settle()
                if uid in self._tasks:
                    self._tasks[uid].cancel()
            elif uid in self._pods:
                self._pods[uid].update(pod)
            elif self._is_ours(pod):
                self._adopt(pod)

    def _is_ours(self, pod: dict[str, Any]) -> bool:
        finished = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        deleting = "deletionTimestamp" in pod["metadata"]
        return pod["spec"].get("nodeName", NAME) == NAME and (deleting or not finished)

    def _adopt(self, pod: dict[str, Any]) -> None:
        uid = pod["metadata"]["uid"]
        address = self.addresses.take()
        self._pods[uid] = Pod(self, pod, address)
        task = self._tasks[uid] = asyncio.create_task(self._pods[uid].run(), name=pod["metadata"]["name"])

        def ended(_task: asyncio.Task[None]) -> None:
            del self._tasks[uid]
            self.addresses.give_back(address)
            self.events.forget(uid)
            if not task.cancelled() and (error := task.exception()):
                log.error("pod %(namespace)s/%(name)s is given up until it changes", pod["metadata"], exc_info=error)
                self._pods.pop(uid, None)

        task.add_done_callback(ended)

    async def _watch_services(self) -> None:
        async for kind, service in self.kube.watch("v1/services"):
            self.services.update(kind, service)

    async def _watch_references(self, resource: str) -> None:
        async for _kind, obj in self.kube.watch(f"v1/{resource}"):
            metadata = obj["metadata"]
            for pod in self._pods.values():
                if pod.namespace == metadata["namespace"]:
                    pod.refer(Reference(resource, metadata["name"]))

    @asynccontextmanager
    async def _server(self, port: int) -> AsyncIterator[None]:
        """The kubelet's HTTPS server. It asks nobody who he is: it listens on a loopback address only."""
        application = web.Application()
        application.router.add_get("/containerLogs/{namespace}/{pod}/{container}", self._logs)
        application.router.add_route("*", "/{path:.*}", _not_imitated)
        certificate, key = self.folder / "pki" / "kubelet.pem", self.folder / "pki" / "kubelet.key"
        pki.issue(pki.load(self._state["ca"], self._state["ca_key"]), certificate, key, self.address)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.address, port, ssl_context=context).start()
            yield
        finally:
            await runner.cleanup()

    async def _logs(self, request: web.Request) -> web.StreamResponse:
        where, options = request.match_info, request.query
        named = (
            each for each in self._pods.values() if (each.namespace, each.name) == (where["namespace"], where["pod"])
        )
        pod, name = next(named, None), where["container"]
        if pod is None or name not in pod.containers:
            return web.Response(status=404, text=f'pod "{where["pod"]}" or its container "{name}" not found on {NAME}')
        container, previous = pod.containers[name], options.get("previous") == "true"
        file = container.log_file(previous)
        if not file.exists():
            if previous:
                text = f'previous terminated container "{name}" in pod "{pod.name}" not found'
            else:
                reason = container.status.state.get("waiting", {}).get("reason", "ContainerCreating")
                text = f'container "{name}" in pod "{pod.name}" is waiting to start: {reason}'
            return web.Response(status=400, text=text)
        try:
            query = logs.Query.of(options, datetime.now(UTC))
        except ValueError as error:
            return web.Response(status=400, text=str(error))
        stored = file.read_bytes()
        if options.get("follow") != "true" or previous:
            return web.Response(body=logs.select(logs.parse(stored), query), content_type="text/plain")
        return await _follow(request, container, file, query)


async def _follow(
    request: web.Request, container: ContainerRunner, file: Path, query: logs.Query
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    with open(file, "rb") as opened:
        stored = b""
        while True:
            more = container.running and container.log_file() == file
            stored += opened.read()
            complete, _newline, rest = stored.rpartition(b"\n")
            if complete:
                await response.write(logs.select(logs.parse(complete + b"\n"), query))
                query, stored = logs.Query(timestamps=query.timestamps), rest
            if not more:
                await response.write_eof()
                return response
            await asyncio.sleep(0.2)


async def _not_imitated(request: web.Request) -> web.Response:
    return web.Response(status=501, text=f"the sandbox's node does not imitate {request.method} {request.path}\n")


def check_machine(folder: Path) -> None:
    """Exit with the reason where this node cannot work."""
    if platform.system() != "Linux" or not hasattr(ctypes.CDLL(None), "prctl"):
        raise SystemExit("node: it needs Linux (a loopback network of many addresses, pidfd, prctl)")
    if not re.fullmatch(r"[\w./@%+=:-]+", str(folder), re.ASCII):
        raise SystemExit(
            f"node: {folder} holds a character that a shell would take for its own; set SANDBOX_DIR to another folder"
        )


def _stand_ins(state: dict[str, Any]) -> dict[str, Any]:
    """What stands in for images; nothing with MaaS."""
    found = state.get("stand_ins")
    return {**found, "router": f"http://127.0.0.1:{state['ports']['router']}"} if found else {}
