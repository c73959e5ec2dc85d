# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of a container: what a series of results means (pure), and one attempt in the kubelet's words."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from .podspec import probe_port

#: Runs a command in the container for at most some seconds: its exit code (None: time was up) and what it printed.
Execute = Callable[[Sequence[str], float], Awaitable[tuple[int | None, str]]]


@dataclass(frozen=True)
class Probe:
    """A probe with the API's defaults filled in; ``kind`` is startup, readiness or liveness.

    It gets ``url``, runs ``command``, or connects to ``socket`` (host and port).
    """

    kind: str
    url: str
    headers: Mapping[str, str]
    initial_delay: float
    period: float
    timeout: float
    success_threshold: int
    failure_threshold: int
    grace_seconds: int | None
    command: tuple[str, ...] = ()
    socket: tuple[str, int] | None = None


def probes(container: Mapping[str, Any], address: str) -> list[Probe]:
    """The probes that a container has, against the pod's address."""
    found = []
    for kind in ("startup", "readiness", "liveness"):
        if given := container.get(f"{kind}Probe"):
            http, tcp = given.get("httpGet") or {}, given.get("tcpSocket") or {}
            where = None
            if asked := http or tcp:
                where = (asked.get("host") or address, probe_port(container, asked["port"]))
            path = (http.get("path") or "/").removeprefix("/")
            found.append(
                Probe(
                    kind=kind,
                    url=f"{http.get('scheme', 'HTTP').lower()}://{where[0]}:{where[1]}/{path}" if http else "",
                    headers={each["name"]: each["value"] for each in http.get("httpHeaders") or []},
                    initial_delay=given.get("initialDelaySeconds", 0),
                    period=given.get("periodSeconds", 10),
                    timeout=given.get("timeoutSeconds", 1),
                    success_threshold=given.get("successThreshold", 1),
                    failure_threshold=given.get("failureThreshold", 3),
                    grace_seconds=given.get("terminationGracePeriodSeconds"),
                    command=tuple((given.get("exec") or {}).get("command") or ()),
                    socket=where if tcp else None,
                )
            )
    return found


class Verdict:
    """What the results of one probe say: True or False once a threshold is reached, until then what held before.

    A container is taken for alive, not ready and not started before its first results.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self.value = probe.kind == "liveness"
        self._last: bool | None = None
        self._run = 0

    def observe(self, success: bool) -> bool:
        """Take one result in; True when it made (or confirmed) the verdict, False below its threshold."""
        self._run = self._run + 1 if success == self._last else 1
        self._last = success
        threshold = self._probe.success_threshold if success else self._probe.failure_threshold
        if self._run < threshold:
            return False
        self.value = success
        return True


async def check(session: aiohttp.ClientSession, probe: Probe, execute: Execute | None = None) -> str | None:
    """Try once; None for success, else the kubelet's message. Certificates are not verified."""
    if probe.command:
        return await _run(probe, execute)
    if probe.socket:
        return await _connect(probe)
    return await _get(session, probe)


async def _run(probe: Probe, execute: Execute) -> str | None:
    try:
        code, printed = await execute(probe.command, probe.timeout)
    except OSError as error:
        return f'exec: "{probe.command[0]}": {error.strerror}'
    if code is None:
        return f'command timed out: "{" ".join(probe.command)}" timed out after {probe.timeout:g}s'
    return printed if code else None


async def _connect(probe: Probe) -> str | None:
    host, port = probe.socket
    try:
        async with asyncio.timeout(probe.timeout):
            _reader, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"dial tcp {host}:{port}: i/o timeout"
    except OSError as error:
        refused = isinstance(error, ConnectionRefusedError)
        return f"dial tcp {host}:{port}: connect: {'connection refused' if refused else error.strerror}"
    writer.close()
    return None


async def _get(session: aiohttp.ClientSession, probe: Probe) -> str | None:
    headers = {"User-Agent": "kube-probe/1.34", "Accept": "*/*", **probe.headers}
    address = probe.url.split("/")[2]
    try:
        async with asyncio.timeout(probe.timeout):
            async with session.get(probe.url, headers=headers, ssl=False, allow_redirects=False) as answer:
                await answer.read()
                status = answer.status
    except TimeoutError:
        why = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    except aiohttp.ClientSSLError as error:
        why = _tls(error)
    except aiohttp.ClientConnectorError as error:
        refused = isinstance(error.os_error, ConnectionRefusedError)
        why = f"dial tcp {address}: connect: {'connection refused' if refused else error.os_error.strerror}"
    except aiohttp.ServerDisconnectedError:
        why = "EOF"
    except aiohttp.ClientOSError as error:
        why = f"read tcp {address}: {(error.strerror or str(error)).lower()}"
    except aiohttp.ClientError as error:
        why = str(error)
    else:
        return None if 200 <= status < 400 else f"HTTP probe failed with statuscode: {status}"
    return f'Get "{probe.url}": {why}'


def _tls(error: aiohttp.ClientSSLError) -> str:
    cause = error.__cause__ or getattr(error, "certificate_error", None) or error
    if isinstance(cause, ssl.SSLError) and cause.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
        return "http: server gave HTTP response to HTTPS client"
    return f"tls: {cause}"
