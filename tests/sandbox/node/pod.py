# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One pod's life on the node, from its first second to its removal from the API."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from ..kube import ApiError, path_of
from . import podspec, volumes
from .container import RETRY_SECONDS, ContainerRunner, first
from .podspec import Missing, Reference
from .status import BackOff, dated, pod_status, timestamp

if TYPE_CHECKING:
    from .kubelet import Node

log = logging.getLogger(__name__)

#: Volumes are written anew at least this often: the shortest life of a ServiceAccount token is 600 s.
REFRESH_SECONDS = 480.0


class Pod:
    """The pod of one uid: ``run`` is its task, ``update`` and ``refer`` tell it what has changed in the API."""

    def __init__(self, node: Node, pod: dict[str, Any], address: str) -> None:
        self.node = node
        self.object = pod
        self.address = address
        self.folder: Path = node.folder / "pods" / pod["metadata"]["uid"]
        self._claims: dict[str, Path] = {}
        self.containers = {
            spec["name"]: ContainerRunner(self, spec, self._mounts(spec)) for spec in podspec.containers(pod)
        }
        self._preparing = [self.containers[each["name"]] for each in pod["spec"].get("initContainers") or []]
        self._serving = [self.containers[each["name"]] for each in pod["spec"]["containers"]]
        if self._preparing:
            for container in self._serving:
                container.status.wait("PodInitializing")
        self._mounted: set[Reference] = set()
        self._reported: dict[str, Any] = dict(pod.get("status") or {})
        self._changed, self._refresh, self._deleting = asyncio.Event(), asyncio.Event(), asyncio.Event()
        for status in self._reported.get("containerStatuses") or []:
            self.containers[status["name"]].status.lose(status, time.time())
        for status in self._reported.get("initContainerStatuses") or []:
            self.containers[status["name"]].status.restarts = status["restartCount"]
        self.update(pod)

    @property
    def name(self) -> str:
        return self.object["metadata"]["name"]

    @property
    def namespace(self) -> str:
        return self.object["metadata"]["namespace"]

    @property
    def uid(self) -> str:
        return self.object["metadata"]["uid"]

    @property
    def restart_policy(self) -> str:
        return self.object["spec"].get("restartPolicy", "Always")

    @property
    def grace_seconds(self) -> int:
        """How long its containers have to end when they are restarted."""
        return self.object["spec"].get("terminationGracePeriodSeconds", 30)

    @property
    def described(self) -> dict[str, Any]:
        """The pod with its addresses, though the watch may not have brought them yet."""
        return {**self.object, "status": {**(self.object.get("status") or {}), **self._own_address(), **self._host()}}

    def update(self, pod: dict[str, Any]) -> None:
        """The pod's object changed."""
        self.object = pod
        if "deletionTimestamp" in pod["metadata"]:
            self._deleting.set()

    def refer(self, reference: Reference) -> None:
        """A Secret or ConfigMap of the pod's namespace changed."""
        if reference in self._mounted:
            self._refresh.set()

    def changed(self) -> None:
        """A container's status changed."""
        self._changed.set()
        self.node.services.settle()

    @property
    def ready(self) -> bool:
        """Whether it takes requests that come for a Service."""
        return not self._deleting.is_set() and all(container.status.ready for container in self._serving)

    async def read(self, references: set[Reference]) -> dict[Reference, dict[str, Any] | None]:
        """What the pod refers to, as it is now; None where there is none."""

        async def one(reference: Reference) -> dict[str, Any] | None:
            if reference.resource != "token":
                get = partial(self.node.kube.get, f"v1/{reference.resource}", reference.name, self.namespace)
                return await self._insist(get)
            account = self.object["spec"].get("serviceAccountName", "default")
            path = path_of("v1/serviceaccounts", self.namespace, account, "token")
            request = podspec.token_request(reference, self.object)
            return await self._insist(partial(self.node.kube.raw, "POST", path, body=request))

        ordered = list(references)
        return dict(zip(ordered, await asyncio.gather(*map(one, ordered)), strict=True))

    async def run(self) -> None:
        """Live until the pod is deleted and gone; when cancelled, its processes are killed at once."""
        reporter = None
        try:
            await self._report(self._own_address())
            if await self._unless_deleted(self._schedule()):
                reporter = asyncio.create_task(self._report_changes())
                await self._unless_deleted(self._live())
            await self._deleting.wait()
            grace = self.object["metadata"].get("deletionGracePeriodSeconds", 30)
            await asyncio.gather(*(container.stop(grace) for container in self.containers.values()))
            if reporter:
                reporter.cancel()
                await self._report(self._status(final=True))
            await self._remove()
        finally:
            if reporter:
                reporter.cancel()
            try:
                await asyncio.gather(*(container.kill() for container in self.containers.values()))
            finally:
                shutil.rmtree(self.folder, ignore_errors=True)

    async def _unless_deleted(self, work: Awaitable[None]) -> bool:
        """Do ``work`` and stop it when the pod's deletion begins; True when it was done."""
        task = asyncio.ensure_future(work)
        finished = await first(task, self._deleting.wait())
        if finished:
            task.result()
        return finished

    async def _schedule(self) -> None:
        if self.object["spec"].get("nodeName"):
            return
        while reason := self.node.unschedulable(self):
            self.node.events.scheduler(self.object, "Warning", "FailedScheduling", reason)
            condition = {"PodScheduled": {"status": "False", "reason": "Unschedulable", "message": reason}}
            before = self._reported.get("conditions") or []
            await self._report({"conditions": dated(condition, before, time.time())})
            await first(self.node.claims.change(), seconds=RETRY_SECONDS)
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": self.name, "uid": self.uid},
            "target": {"apiVersion": "v1", "kind": "Node", "name": self.node.name},
        }
        path = path_of("v1/pods", self.namespace, self.name, "binding")
        await self._insist(partial(self.node.kube.raw, "POST", path, body=binding))
        message = f"Successfully assigned {self.namespace}/{self.name} to {self.node.name}"
        self.node.events.scheduler(self.object, "Normal", "Scheduled", message)

    async def _live(self) -> None:
        self._changed.set()
        if self.node.null:
            for container in self.containers.values():
                container.pretend()
        elif refused := podspec.unsupported(self.object, self.node.images.starts_alone):
            message = f"Failed to create pod sandbox: this imitated node does not support: {'; '.join(refused)}"
            self.node.events.warning(self.object, "FailedCreatePodSandBox", message)
        else:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._claims = await self.node.claims.folders(self.object)
            for container in self.containers.values():
                container.mount(self._mounts(container.spec))
            await asyncio.gather(*map(self._mount, self._volumes))
            self._mounted = podspec.references(self._volumes)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_volumes_fresh())
                for container in self._preparing:
                    if not await container.prepare():
                        return
                for container in self._serving:
                    if self._preparing:
                        container.status.wait("PodInitializing")
                    group.create_task(container.run())

    @property
    def _volumes(self) -> list[dict[str, Any]]:
        return self.object["spec"].get("volumes") or []

    def _mounts(self, container: Mapping[str, Any]) -> dict[str, Path]:
        """Mount path -> the folder that stands for it; containers share emptyDirs and claims and nothing else."""
        places = {}
        shared = {each["name"] for each in self._volumes if "emptyDir" in each}
        for mount in container.get("volumeMounts") or []:
            name = mount["name"]
            folder = self.folder / "volumes" / ("shared" if name in shared else container["name"]) / name
            places[mount["mountPath"]] = self._claims.get(name, folder) / mount.get("subPath", "")
        return places

    async def _mount(self, volume: Mapping[str, Any]) -> None:
        back_off = BackOff(0.5, 122.0)
        while True:
            await asyncio.sleep(back_off.wait(time.time()))
            try:
                await self._write_volume(volume)
                return
            except Missing as error:
                message = f'MountVolume.SetUp failed for volume "{volume["name"]}" : {error}'
                self.node.events.warning(self.object, "FailedMount", message)

    async def _write_volume(self, volume: Mapping[str, Any]) -> None:
        objects = await self.read(podspec.references(volume))
        for name, container in self.containers.items():
            if any(mount["name"] == volume["name"] for mount in container.spec.get("volumeMounts") or []):
                files = podspec.volume_files(volume, self.object, objects, container.rewrite)
                if files is not None:
                    volumes.write(self.folder / "volumes" / name / volume["name"], files)

    async def _keep_volumes_fresh(self) -> None:
        while True:
            await first(self._refresh.wait(), seconds=REFRESH_SECONDS)
            self._refresh.clear()
            for volume in self._volumes:
                if podspec.references(volume):
                    try:
                        await self._write_volume(volume)
                    except Missing as error:
                        where = (self.namespace, self.name, volume["name"])
                        log.info("%s/%s keeps the files of volume %s: %s", *where, error)

    def _own_address(self) -> dict[str, Any]:
        return {"podIP": self.address, "podIPs": [{"ip": self.address}]}

    def _host(self) -> dict[str, Any]:
        return {"hostIP": self.node.address, "hostIPs": [{"ip": self.node.address}]}

    def _status(self, final: bool = False) -> dict[str, Any]:
        now = time.time()
        containers = [container.status for container in self._serving]
        preparing = [container.status for container in self._preparing]
        start = {"startTime": self._reported.get("startTime") or timestamp(now)}
        return self._host() | start | pod_status(self.object, containers, self._reported, now, final, preparing)

    async def _report_changes(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._report(self._status())

    async def _report(self, status: dict[str, Any]) -> None:
        """Bring part of the pod's status to the API."""
        if not status.items() <= self._reported.items():
            patch = {"metadata": {"uid": self.uid}, "status": status}
            call = partial(self.node.kube.patch, "v1/pods", self.name, patch, self.namespace, subresource="status")
            await self._insist(call)
            self._reported.update(status)

    async def _remove(self) -> None:
        delete = partial(self.node.kube.delete, "v1/pods", self.name, self.namespace, grace_seconds=0, uid=self.uid)
        await self._insist(delete)

    async def _insist(self, request: Callable[[], Awaitable[Any]]) -> Any:
        """Repeat a request until the API server has answered it; None where its object is not there (any more)."""
        while True:
            try:
                return await request()
            except ApiError as error:
                if error.status in (404, 409):
                    return None
                log.warning("%s/%s: %s", self.namespace, self.name, error)
            except (aiohttp.ClientError, TimeoutError) as error:
                log.warning("%s/%s: %r", self.namespace, self.name, error)
            await asyncio.sleep(1)
