# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image whose server answers as OGX does, and needs next to nothing: 50 of them start on two processors.

It knows the paths that a deployment asks for, and takes the models of its configuration for those of its provider.
"""

from __future__ import annotations

import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml


def make_image(folder: Path) -> Path:
    """A folder that the sandbox's node takes for an image."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    # By which name the start script calls a server that is not OGX.
    server = programs / "llama"
    server.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).resolve()} "$3"\n')
    server.chmod(0o755)
    return folder


def serve(config: dict) -> None:
    """Serve what the configuration says, for good."""
    (provider,) = config["providers"]["inference"]
    own = [f"{provider['provider_id']}/{model}" for model in provider["config"]["allowed_models"]]
    published = [model["model_id"] for model in config["registered_resources"]["models"]]
    models = [{"id": each, "object": "model", "created": 0, "owned_by": "bench"} for each in own + published]
    answers = {"/v1/health": {"status": "OK"}, "/v1/models": {"object": "list", "data": models}}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(answers.get(self.path))

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(_chat(asked["model"]) if self.path == "/v1/chat/completions" else None)

        def _answer(self, answer: dict | None) -> None:
            body = json.dumps(answer or {}).encode()
            self.send_response(200 if answer else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    settings = config["server"]
    server = ThreadingHTTPServer((settings["host"], settings["port"]), Handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings["tls_certfile"], settings["tls_keyfile"])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


def _chat(model: str) -> dict:
    choice = {"index": 0, "message": {"role": "assistant", "content": "pong"}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [choice],
        "usage": usage,
    }


if __name__ == "__main__":
    serve(yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8")))
