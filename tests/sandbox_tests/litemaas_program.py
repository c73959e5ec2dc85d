# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The imitated LiteMaaS as processes of a test, and a LiteLLM that notes down how it is called."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Coroutine, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from sandbox.litemaas.__main__ import PROGRAMS
from sandbox.processes import free_ports

TESTS = Path(__file__).parents[1]
ADMIN_KEY = "ltm_admin_of-the-test"
SECRET = "a secret of the test"
REQUIRED = {
    "JWT_SECRET": SECRET,
    "OAUTH_CLIENT_ID": "system:serviceaccount:litemaas:litemaas",
    "OAUTH_CLIENT_SECRET": "of-the-test",
    "OAUTH_ISSUER": "https://oauth.example.com",
    "ADMIN_API_KEYS": f"{ADMIN_KEY},without-the-prefix",
}


class Answer(NamedTuple):
    status: int
    body: Any


class Program:
    """A running program at ``url``; ``log`` is all that it has printed so far."""

    def __init__(self, url: str, file: Path) -> None:
        self.url, self._file = url, file

    @property
    def log(self) -> str:
        return self._file.read_text()

    def ask(self, method: str, path: str, token: str = "", body: object = None, **headers: str) -> Answer:
        """Ask, with the User-Agent of no browser unless ``headers`` names one."""
        given = {"User-Agent": "of-the-test", "Accept": "application/json", "Content-Type": "application/json"}
        given |= {key.replace("_", "-"): value for key, value in headers.items()}
        if token:
            given["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=given, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Answer(answer.status, _read(answer))
        except urllib.error.HTTPError as error:
            return Answer(error.code, _read(error))

    def as_admin(self, method: str, path: str, body: object = None) -> Answer:
        return self.ask(method, path, ADMIN_KEY, body)


def _read(answer: Any) -> Any:
    text = answer.read().decode()
    return json.loads(text) if "json" in answer.headers.get("Content-Type", "") else text


def start(program: str, folder: Path, environment: dict[str, str]) -> subprocess.Popen:
    """The program as the process that a container has, its output in ``<folder>/<program>.log``."""
    with open(folder / f"{program}.log", "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "sandbox.litemaas", program],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(TESTS), **environment},
            stdout=log,
            stderr=log,
        )


@contextlib.contextmanager
def running(program: str, folder: Path, environment: dict[str, str], host: str, port: int) -> Iterator[Program]:
    """The program in a thread of the test, which takes less time than a process."""
    log = logging.FileHandler(folder / f"{program}.log")
    logging.getLogger("sandbox.litemaas").addHandler(log)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def finish(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    try:
        runner = finish(PROGRAMS[program](environment, host))
        yield Program(f"http://{host}:{port}", folder / f"{program}.log")
        finish(runner.cleanup())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
        logging.getLogger("sandbox.litemaas").removeHandler(log)
        log.close()


@contextlib.contextmanager
def backend(folder: Path, database_url: str, litellm_url: str, **more: str) -> Iterator[Program]:
    """The backend; ``more`` of its environment goes before what it gets anyway."""
    (port,) = free_ports(1)
    litellm = {"LITELLM_API_URL": litellm_url, "LITELLM_API_KEY": "sk-of-the-administrator"}
    given = {**REQUIRED, **litellm, "DATABASE_URL": database_url, "PORT": str(port), **more}
    with running("backend", folder, given, "127.0.0.1", port) as program:
        yield program


class Call(NamedTuple):
    method: str
    path: str
    query: dict[str, list[str]]
    key: str | None
    body: Any


class NotedLiteLLM:
    """Answers the calls of the backend from ``models``; ``calls`` is what reached it, ``broken`` makes it answer 500.

    :arg tls: serves https with this.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.calls: list[Call] = []
        self.models: list[dict[str, Any]] = []
        self.broken = False
        self._teams: set[str] = set()
        noted = self

        class Handler(BaseHTTPRequestHandler):
            def _handle(self) -> None:
                parts = urlsplit(self.path)
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
                call = Call(self.command, parts.path, parse_qs(parts.query), self.headers["x-litellm-api-key"], body)
                noted.calls.append(call)
                status, answer = noted.answer(call)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = _handle

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_port}"

    def answer(self, call: Call) -> tuple[int, Any]:
        if self.broken:
            return 500, {"detail": "broken by the test"}
        if call.path == "/model/info":
            return 200, {"data": self.models}
        if call.path == "/team/info":
            known = call.query["team_id"][0] in self._teams
            return (200, {}) if known else (404, {"detail": "Team not found"})
        if call.path == "/team/new":
            self._teams.add(call.body["team_id"])
        if call.path == "/user/info":
            return 404, {"detail": "User not found"}
        if call.path == "/key/generate":
            return 200, {"key": f"sk-0123456789abcdef{len(self.calls):04}"}
        return 200, {}

    def serve(self, *names: str) -> None:
        """Have exactly these models."""
        self.models = [
            {"model_name": name, "litellm_params": {"model": f"openai/{name}"}, "model_info": {"id": f"id-of-{name}"}}
            for name in names
        ]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
