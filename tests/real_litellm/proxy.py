# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy in front of a gateway: it counts the requests, and makes each as slow as a network would."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# What is about one connection, or is written anew.
_NOT_PASSED_ON = {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "date", "server"}


@dataclass
class Proxy:
    """``url`` stands for the gateway; ``seen`` are method and path of what came, in order."""

    url: str
    seen: list[tuple[str, str]] = field(default_factory=list)

    @property
    def reads(self) -> list[str]:
        return [path for method, path in self.seen if method == "GET"]

    @property
    def writes(self) -> list[str]:
        return [path for method, path in self.seen if method != "GET"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextmanager
def proxied(target: str, seconds: float = 0.0) -> Iterator[Proxy]:
    """A proxy in front of the gateway at the URL ``target``; each request takes ``seconds`` longer."""
    host = urlsplit(target).netloc

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            pass

        def _pass_on(self) -> None:
            proxy.seen.append((self.command, urlsplit(self.path).path))
            time.sleep(seconds)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON}
            upstream = HTTPConnection(host, timeout=120)
            upstream.request(self.command, self.path, body, headers)
            answer = upstream.getresponse()
            content = answer.read()
            upstream.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _NOT_PASSED_ON:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass_on

    server = _Server(("127.0.0.1", 0), Handler)
    proxy = Proxy(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
