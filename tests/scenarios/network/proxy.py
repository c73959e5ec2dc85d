# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network between the collection and a server of the sandbox that resets connections, request by request.

It is the proxy of an enterprise that opens TLS, which is how it can see requests: it has certificates of the sandbox's own
authority, which the collection trusts. It speaks HTTP/1.1 only.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from sandbox import pki

#: The connection is reset before the request is passed on.
AT_ONCE = "at once"
#: The request has been carried out, and its answer ends in the middle.
WITHIN = "within the answer"

#: One of so many requests is reset.
EVERY = 20

# Headers that tell of one connection, or that are written anew.
_NOT_PASSED_ON = {"connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
# With no time to linger, what is closed is a reset.
_RESET = struct.pack("ii", 1, 0)


@dataclass
class Seen:
    """A request, how it was treated, and whether the server has answered it."""

    method: str
    path: str
    reset: str | None = None
    answered: bool = False

    @property
    def writes(self) -> bool:
        return self.method in ("PATCH", "POST", "PUT", "DELETE")


#: Says of a request, the last one of those seen so far, whether and how its connection is reset.
Rule = Callable[[Seen], str | None]


class Shaky:
    """Resets one of twenty requests, by count: half of them at once, and half within the answer.

    Every other one of the latter waits for a request that writes, which are fewer.
    """

    def __init__(self) -> None:
        self._count = 0
        self._kinds = itertools.cycle([(WITHIN, True), (AT_ONCE, False), (WITHIN, False), (AT_ONCE, False)])
        self._due: list[tuple[str, bool]] = []

    def __call__(self, seen: Seen) -> str | None:
        self._count += 1
        if self._count % EVERY == 0:
            self._due.append(next(self._kinds))
        for index, (kind, of_a_write) in enumerate(self._due):
            if seen.writes or not of_a_write:
                del self._due[index]
                return kind
        return None


class Network:
    """A proxy that runs for the time of a ``with`` block. ``seen``: the requests so far; ``rule`` may be replaced."""

    def __init__(self, folder: Path, state: dict) -> None:
        certificate, key = folder / "proxy.pem", folder / "proxy.key"
        pki.issue(pki.load(state["ca"], state["ca_key"]), certificate, key, state["host"])
        self._served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._served.load_cert_chain(certificate, key)
        self._trust = ssl.create_default_context(cafile=state["ca"])
        self.begin()

    def begin(self) -> None:
        """Forget what was seen, and reset nothing."""
        self.rule: Rule = lambda _seen: None
        self.seen: list[Seen] = []

    @contextlib.contextmanager
    def running(self) -> Iterator[Network]:
        self._loop = asyncio.new_event_loop()
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    async def _start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._trust, limit=0), auto_decompress=False
        )
        self._tasks: set[asyncio.Task] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            _connect, target, _headers = await _head(reader)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.start_tls(self._served)
            while await self._pass_on(target, reader, writer):
                pass
        writer.close()

    async def _pass_on(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; returns whether the connection is still there."""
        method, path, headers = await _head(reader)
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        body = await reader.readexactly(length)
        seen = Seen(method, path)
        self.seen.append(seen)
        seen.reset = self.rule(seen)
        if seen.reset == AT_ONCE:
            _reset(writer)
            return False
        async with self._session.request(
            method,
            f"https://{target}{path}",
            data=body or None,
            headers=_end_to_end(headers),
            skip_auto_headers=("Accept-Encoding", "Content-Type", "User-Agent"),
            allow_redirects=False,
        ) as answer:
            content = await answer.read()
            seen.answered = True
            fields = [*_end_to_end(answer.headers.items()), ("Content-Length", str(len(content)))]
            lines = [f"HTTP/1.1 {answer.status} {answer.reason}", *(f"{name}: {value}" for name, value in fields)]
        head = "\r\n".join([*lines, "", ""]).encode()
        if seen.reset == WITHIN:
            writer.write(head + content[: len(content) // 2] if content else head[: len(head) // 2])
            _reset(writer)
            return False
        writer.write(head + content)
        await writer.drain()
        return True


async def _head(reader: asyncio.StreamReader) -> tuple[str, str, list[tuple[str, str]]]:
    """Method, target and header fields of a request."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    method, target, _version = first.split(" ")
    return method, target, [tuple(line.split(": ", 1)) for line in lines]


def _end_to_end(headers) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _NOT_PASSED_ON]


def _reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
