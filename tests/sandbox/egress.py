# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A corporate egress proxy: HTTP CONNECT and nothing else.

Imitates what a pod meets behind ``HTTPS_PROXY``: a tunnel to an allowed host, 403 for any other, 502 for a host that
the proxy cannot reach, a closed connection for one that refuses.

Deviates: an allowed host is not connected to. Its TLS is ended here and an imitation answers, on the very socket that
carried the CONNECT, so no byte is copied. No proxy authentication, no plain HTTP forwarding (405).
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

LOG = logging.getLogger(__name__)
HEAD_LIMIT = 16 * 1024
HEAD_SECONDS = 10


@dataclass(frozen=True)
class Tunnel:
    """An allowed host: who speaks HTTP for it, and the TLS context with its certificate."""

    protocol_factory: Callable[[], asyncio.BaseProtocol]
    tls: ssl.SSLContext


@dataclass(frozen=True)
class Refusal:
    """What the client gets instead of a tunnel. ``status`` None: the connection is closed without an answer."""

    status: int | None
    message: str


class BadRequest(Exception):
    """The client's first bytes are no CONNECT; the message is the whole answer."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.refusal = Refusal(status, message)


_REASONS = {400: "Bad Request", 403: "Forbidden", 405: "Method Not Allowed", 502: "Bad Gateway"}


def parse_connect(head: bytes) -> tuple[str, int]:
    """Host (lower case) and port of a CONNECT request head; anything else raises BadRequest."""
    request_line = head.split(b"\r\n", 1)[0].decode("latin-1")
    parts = request_line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequest(400, f"not an HTTP/1.x request line: {request_line[:80]!r}")
    method, target, _version = parts
    if method != "CONNECT":
        raise BadRequest(405, f"this proxy only knows CONNECT, not {method}")
    host, separator, port = target.rpartition(":")
    if not separator or not host or not port.isdigit():
        raise BadRequest(400, f"CONNECT needs host:port, not {target[:80]!r}")
    return host.strip("[]").lower(), int(port)


def render(refusal: Refusal) -> bytes:
    """The bytes of a refusal as the proxy sends them."""
    body = refusal.message.encode() + b"\n"
    head = (
        f"HTTP/1.1 {refusal.status} {_REASONS[refusal.status]}\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


class EgressProxy:
    """Serves CONNECT on one address; ``route`` decides per (host, port) and is called once per request."""

    def __init__(self, route: Callable[[str, int], Tunnel | Refusal]):
        self._route = route
        self._listener: socket.socket | None = None
        self._tasks: set[asyncio.Task] = set()

    async def start(self, host: str, port: int) -> None:
        self._listener = socket.create_server((host, port), backlog=256)
        self._listener.setblocking(False)
        self._spawn(self._accept(self._listener))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._listener.close()

    def _spawn(self, coroutine) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _address = await loop.sock_accept(listener)
            client.setblocking(False)
            self._spawn(self._serve(client))

    async def _serve(self, client: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            tunnel = await self._negotiate(loop, client)
        except OSError as error:
            LOG.info("egress: client went away before its CONNECT was read (%s)", type(error).__name__)
            tunnel = None
        if tunnel is None:
            client.close()
            return
        try:
            await loop.connect_accepted_socket(tunnel.protocol_factory, client, ssl=tunnel.tls)
        except OSError as error:
            LOG.warning("egress: TLS handshake failed, does the client trust the sandbox's CA? (%s)", error)

    async def _negotiate(self, loop: asyncio.AbstractEventLoop, client: socket.socket) -> Tunnel | None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                host, port = parse_connect(await _read_head(loop, client))
            outcome = self._route(host, port)
        except BadRequest as error:
            LOG.info("egress: %s", error)
            outcome = error.refusal
        if isinstance(outcome, Tunnel):
            await loop.sock_sendall(client, b"HTTP/1.1 200 Connection established\r\n\r\n")
            return outcome
        if outcome.status is not None:
            await loop.sock_sendall(client, render(outcome))
        return None


async def _read_head(loop: asyncio.AbstractEventLoop, client: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        received = await loop.sock_recv(client, 4096)
        if not received:
            raise ConnectionResetError("closed")
        head += received
        if len(head) > HEAD_LIMIT:
            raise BadRequest(400, f"request head longer than {HEAD_LIMIT} bytes")
    head, _separator, early = head.partition(b"\r\n\r\n")
    if early:
        raise BadRequest(400, "bytes of the tunnel came before it was established")
    return head
