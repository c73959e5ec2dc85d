# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The smallest provider that an OpenAI adapter can talk to: a model list, chats and streams, one accepted key.

It imitates the shapes of OpenAI's API over plain HTTP and nothing of its limits or errors but 401; below /open it asks
for no key, and below /silent it has no list of models. It answers to every model. Paths that it does not know are 404.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ACCEPTED_KEY = "sk-upstream-accepted-0001"
MODELS = ("gpt-4o-mini", "gpt-4o", "gpt-4.1", "team-a/oss")


class Upstream:
    """A running provider; `requests` holds the JSON bodies of the chats that it answered."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        upstream = self

        class Handler(_Handler):
            requests = upstream.requests

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self.silent_base_url = f"http://127.0.0.1:{self._server.server_port}/silent/v1"
        self.open_base_url = f"http://127.0.0.1:{self._server.server_port}/open/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    requests: list[dict[str, Any]]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if not self.path.endswith("/v1/models") or self.path.startswith("/silent/"):
            self._answer(404, {"error": {"message": "not found"}})
        elif self._is_known():
            data = [{"id": model, "object": "model", "created": 0, "owned_by": "openai"} for model in MODELS]
            self._answer(200, {"object": "list", "data": data})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/v1/embeddings") and self._is_known():
            self.requests.append(body)
            data = [{"object": "embedding", "index": 0, "embedding": [0.25, 0.5]}]
            self._answer(200, {"object": "list", "model": body["model"], "data": data, "usage": _USAGE})
        elif not self.path.endswith("/v1/chat/completions"):
            self._answer(404, {"error": {"message": "not found"}})
        elif self._is_known():
            self.requests.append(body)
            if body.get("stream"):
                self._stream(body)
            else:
                message = {"role": "assistant", "content": "pong"}
                self._answer(200, {**_completion(body), "choices": [_choice("message", message)]})

    def _is_known(self) -> bool:
        known = self.path.startswith("/open/") or self.headers.get("Authorization") == f"Bearer {ACCEPTED_KEY}"
        if not known:
            self._answer(401, {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}})
        return known

    def _stream(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for word in ("po", "ng"):
            chunk = {**_completion(body), "object": "chat.completion.chunk"}
            chunk["choices"] = [_choice("delta", {"role": "assistant", "content": word})]
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output quiet."""


_USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


def _completion(body: dict[str, Any]) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": body["model"], "usage": _USAGE}


def _choice(kind: str, content: dict[str, str]) -> dict[str, Any]:
    return {"index": 0, "finish_reason": "stop", kind: content}
