# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events about pods, counted and limited as client-go's recorder does it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import aiohttp

from ..kube import ApiError, Kube
from .status import timestamp

log = logging.getLogger(__name__)


class Limiter:
    """At most ``burst`` events about one object at once, and one more every ``refill`` seconds."""

    def __init__(self, burst: int = 25, refill: float = 300.0) -> None:
        self._burst, self._refill = burst, refill
        self._tokens: dict[Hashable, tuple[float, float]] = {}

    def allows(self, about: Hashable, now: float) -> bool:
        """Whether one more event may be sent at ``now``."""
        tokens, since = self._tokens.get(about, (float(self._burst), now))
        tokens = min(float(self._burst), tokens + (now - since) / self._refill)
        self._tokens[about] = (tokens - 1 if tokens >= 1 else tokens, now)
        return tokens >= 1

    def forget(self, about: Hashable) -> None:
        """The object is gone."""
        self._tokens.pop(about, None)


class _Event(NamedTuple):
    pod: Mapping[str, Any]
    type: str
    reason: str
    message: str
    container: str
    component: str


class Recorder:
    """Sends events in the background, in order; a repeated one becomes a higher count of the first."""

    def __init__(self, kube: Kube, host: str) -> None:
        self._kube, self._host = kube, host
        self._queue: asyncio.Queue[_Event | str] = asyncio.Queue()
        self._limiter = Limiter()
        self._sent: dict[str, dict[tuple, dict[str, Any]]] = {}

    def normal(self, pod: Mapping[str, Any], reason: str, message: str, container: str = "") -> None:
        """A Normal event of the kubelet about a pod, or one of its containers."""
        self._queue.put_nowait(_Event(pod, "Normal", reason, message, container, "kubelet"))

    def warning(self, pod: Mapping[str, Any], reason: str, message: str, container: str = "") -> None:
        """A Warning event of the kubelet."""
        self._queue.put_nowait(_Event(pod, "Warning", reason, message, container, "kubelet"))

    def scheduler(self, pod: Mapping[str, Any], type: str, reason: str, message: str) -> None:
        """An event of the scheduler."""
        self._queue.put_nowait(_Event(pod, type, reason, message, "", "default-scheduler"))

    def provisioner(self, claim: Mapping[str, Any], type: str, reason: str, message: str) -> None:
        """An event of the provisioner of volumes about a claim."""
        self._queue.put_nowait(_Event(claim, type, reason, message, "", "sandbox-provisioner"))

    def forget(self, uid: str) -> None:
        """The pod is gone: no more events about it after those recorded before."""
        self._queue.put_nowait(uid)

    async def run(self) -> None:
        """Send what is recorded, for ever."""
        while True:
            event = await self._queue.get()
            if isinstance(event, str):
                self._sent.pop(event, None)
                self._limiter.forget(event)
                continue
            try:
                await self._send(event)
            except (ApiError, aiohttp.ClientError, TimeoutError) as error:
                log.debug("event lost: %s", error)

    async def _send(self, event: _Event) -> None:
        now = time.time()
        uid, namespace = event.pod["metadata"]["uid"], event.pod["metadata"]["namespace"]
        if not self._limiter.allows(uid, now):
            return
        sent = self._sent.setdefault(uid, {})
        known = sent.get(event[1:])
        if known:
            change = {"count": known["count"] + 1, "lastTimestamp": timestamp(now)}
            try:
                sent[event[1:]] = await self._kube.patch("v1/events", known["metadata"]["name"], change, namespace)
                return
            except ApiError as error:
                if error.status != 404:
                    raise
        sent[event[1:]] = await self._kube.create(self._object(event, now))

    def _object(self, event: _Event, now: float) -> dict[str, Any]:
        metadata = event.pod["metadata"]
        involved = {"apiVersion": "v1", "kind": event.pod.get("kind", "Pod")} | {
            key: metadata[key] for key in ("name", "namespace", "uid")
        }
        if event.container:
            involved["fieldPath"] = f"spec.containers{{{event.container}}}"
        source = {"component": event.component} | ({"host": self._host} if event.component == "kubelet" else {})
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{metadata['name']}.{time.time_ns():x}", "namespace": metadata["namespace"]},
            "involvedObject": involved,
            "type": event.type,
            "reason": event.reason,
            "message": event.message,
            "source": source,
            "firstTimestamp": timestamp(now),
            "lastTimestamp": timestamp(now),
            "count": 1,
            "reportingComponent": event.component,
            "reportingInstance": self._host,
        }
