# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services: a loopback address for each, which leads to the ready pods behind it, and names that lead to the address.

Imitates kube-proxy and the cluster's DNS. A Service has one address as long as this node runs. Each of its TCP ports
listens there while a pod behind it is ready; a connection goes to one of them in turn.

There is no DNS server that a process could be pointed at without root. So names are replaced where a process gets them,
in its environment (values from Secrets included) and its command line, by the rules of ``resolve``; a Python program of
a stand-in image also resolves them as it runs, from ``run/services.json``. It deviates: a name in a file is not replaced;
one that is not there yet when a container starts is not known to it before it starts again; a headless Service has an
address, too, and pods have no names of their own; no UDP, no session affinity, no ExternalName, and a port that the
machine keeps for root is not listened on unless root runs this.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .podspec import probe_port

if TYPE_CHECKING:
    from .pod import Pod

log = logging.getLogger(__name__)

_DOMAIN = "cluster.local"
_NAME = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
#: What stands before a host in a URL, a connection string or a command line.
_BEFORE_HOST = r"(?:(?<=://)|(?<=@)|(?<=\bhost=)|(?<=--host[= ])|(?<= -h )|(?<=^-h))"
#: What stands before a user of a URL looks like a host until the @ comes.
_SHORT = re.compile(rf"{_BEFORE_HOST}(?P<name>{_NAME})(?=[:/?,'\"\s]|$)(?![^/?\s'\"]*@)")
_LONG = re.compile(
    rf"(?<![\w.-])(?P<name>{_NAME})\.(?P<namespace>{_NAME})(?:\.svc(?:\.{re.escape(_DOMAIN)})?)?(?![\w-]|\.\w)"
)
_HOST_VARIABLE = re.compile(r"(?:.*_)?(?:PG)?HOST(?:NAME)?|-h|--host", re.IGNORECASE)


def resolve(text: str, namespace: str, name: str, addresses: Mapping[tuple[str, str], str]) -> str:
    """``text`` with the names of Services replaced by their addresses.

    A name with its namespace is replaced wherever it stands alone, a short one where nothing but a host can stand: in a
    URL, after ``host=``, ``-h`` or ``--host``, or as the whole value of a variable (``name``) or option that is called so.

    :arg addresses: by namespace and name.
    """

    def short(match: re.Match[str]) -> str:
        return addresses.get((namespace, match["name"]), match[0])

    def long(match: re.Match[str]) -> str:
        return addresses.get((match["namespace"], match["name"]), match[0])

    text = _LONG.sub(long, text)
    if _HOST_VARIABLE.fullmatch(name):
        return addresses.get((namespace, text), text)
    return _SHORT.sub(short, text)


class Services:
    """All Services of the cluster.

    :arg take: gives a loopback address.
    :arg pods: the pods of the node.
    :arg file: where names and addresses are written for programs that resolve names as they run.
    """

    def __init__(self, take: Callable[[], str], pods: Callable[[], Iterable[Pod]], file: Path) -> None:
        self._take, self._pods, self._file = take, pods, file
        self._services: dict[tuple[str, str], dict[str, Any]] = {}
        self.addresses: dict[tuple[str, str], str] = {}
        self._listening: dict[tuple[str, str, int], asyncio.Server | None] = {}
        self._turn = itertools.count()
        self._unsettled = asyncio.Event()

    def update(self, kind: str, service: dict[str, Any]) -> None:
        """A Service came, changed or went."""
        key = (service["metadata"]["namespace"], service["metadata"]["name"])
        if kind == "DELETED":
            self._services.pop(key, None)
        else:
            self._services[key] = service
            if key not in self.addresses:
                self.addresses[key] = self._take()
        known = {f"{name}.{namespace}": self.addresses[namespace, name] for namespace, name in self._services}
        draft = self._file.with_suffix(".new")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(known))
        draft.rename(self._file)
        self.settle()

    def settle(self) -> None:
        """What is behind the Services may have changed."""
        self._unsettled.set()

    def resolve(self, text: str, namespace: str, name: str) -> str:
        """See ``resolve`` of this module."""
        there = {key: self.addresses[key] for key in self._services}
        return resolve(text, namespace, name, there)

    async def run(self) -> None:
        """Listen for Services until cancelled."""
        try:
            while True:
                await self._unsettled.wait()
                self._unsettled.clear()
                await self._settle()
        finally:
            for server in self._listening.values():
                if server:
                    server.close()

    async def _settle(self) -> None:
        wanted = {
            (*key, port["port"]): port
            for key, service in self._services.items()
            for port in service["spec"].get("ports") or []
            if port.get("protocol", "TCP") == "TCP" and self._backends(service, port)
        }
        for key in self._listening.keys() - wanted.keys():
            if server := self._listening.pop(key):
                server.close()
        for key in wanted.keys() - self._listening.keys():
            self._listening[key] = await self._listen(*key)

    async def _listen(self, namespace: str, name: str, port: int) -> asyncio.Server | None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._forward((namespace, name), port, reader, writer)

        try:
            return await asyncio.start_server(serve, self.addresses[namespace, name], port)
        except OSError as error:
            log.warning("Service %s/%s: cannot listen on port %d: %s", namespace, name, port, error.strerror)
            return None

    def _backends(self, service: Mapping[str, Any], port: Mapping[str, Any]) -> list[tuple[str, int]]:
        selector = service["spec"].get("selector")
        if not selector:
            return []
        found = []
        for pod in self._pods():
            labels = pod.object["metadata"].get("labels") or {}
            if pod.namespace == service["metadata"]["namespace"] and selector.items() <= labels.items() and pod.ready:
                number = _target(pod.object, port)
                if number:
                    found.append((pod.address, number))
        return found

    async def _forward(
        self, key: tuple[str, str], port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        service = self._services.get(key, {"spec": {}})
        ports = [each for each in service["spec"].get("ports") or [] if each["port"] == port]
        backends = self._backends(service, ports[0]) if ports else []
        try:
            if not backends:
                return
            host, number = backends[next(self._turn) % len(backends)]
            there, back = await asyncio.open_connection(host, number)
            try:
                await asyncio.gather(_pump(reader, back), _pump(there, writer))
            finally:
                back.close()
        except OSError as error:
            log.info("Service %s/%s: %s", *key, error)
        finally:
            writer.close()


def _target(pod: Mapping[str, Any], port: Mapping[str, Any]) -> int | None:
    """The number of the pod's port behind a port of a Service; None where the pod has none of that name."""
    wanted = port.get("targetPort") or port["port"]
    for container in pod["spec"]["containers"]:
        try:
            return probe_port(container, wanted)
        except ValueError:
            continue
    return None


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
