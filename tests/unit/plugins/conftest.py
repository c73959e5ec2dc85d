# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A MaaS to talk to: answers by method and path, everything that was sent, and a clock that only sleeping moves."""

from __future__ import annotations

import base64
import json
import threading
from types import SimpleNamespace

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.llamastack.maas.plugins.module_utils.base import redaction, resend
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import HttpClient, Response, TransportError
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known

MAAS = "https://maas.example.com"


class FakeMaas:
    """The network. A route's answers are given in turn, the last one for ever.

    An answer is a document (200), a pair of status and document or text, a triple with header fields, an exception, or
    a callable that takes the request and returns one of these.
    """

    def __init__(self):
        self.now = 0.0
        self.routes = {}
        self.sent = []
        self.slept = []
        # Whether the gateway lets nobody ask for the list; on B2 only from the first MaaSAuthPolicy on.
        self.guarded = True
        self._lock = threading.Lock()

    def on(self, method, path, *answers):
        self.routes[method, path] = list(answers)

    def send(self, method, url, headers, body, timeout):
        path = url.removeprefix(MAAS)
        request = SimpleNamespace(
            method=method,
            url=url,
            path=path,
            headers=dict(headers),
            document=json.loads(body) if body else None,
            timeout=timeout,
            at=self.now,
        )
        with self._lock:
            self.sent.append(request)
            answers = self.routes.get((method, path)) or [(404, "404 page not found")]
            if self.guarded and path == "/v1/models" and "Authorization" not in headers:
                answers = [(401, "Authentication required")]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, TransportError):
            raise answer
        status, document, fields = 200, answer, {}
        if isinstance(answer, tuple):
            status, document, *rest = answer
            fields = dict(rest[0]) if rest else {}
        is_text = isinstance(document, str)
        content = document if is_text else json.dumps(document)
        fields.setdefault("content-type", "text/plain" if is_text else "application/json")
        body = content.encode()
        # Of a stream an event comes every quarter of a second; what is none comes in one piece.
        ends = [end for end in range(1, len(body)) if body[end - 2 : end] == b"\n\n"] + [len(body)]
        return Response(status, fields, body, [(0.25 * number, end) for number, end in enumerate(ends, start=1)])

    def connect(self, headers):
        return HttpClient(self.send, MAAS, headers=headers)

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def requests(self, method, path):
        return [request for request in self.sent if (request.method, request.path) == (method, path)]

    def lists(self, *names, namespace="llm"):
        self.on("GET", "/v1/models", model_list(*names, namespace=namespace))

    def serves(self, name, *models, namespace="llm", path=None):
        """The instance C(name) answers, and its provider has reported C(models)."""
        base = path or f"/{namespace}/{name}/v1"
        ids = [f"publishers/{namespace}/models/{name}", *(f"{name}/{model}" for model in models)]
        self.on("GET", f"{base}/models", {"data": [{"id": each, "object": "model"} for each in ids]})
        self.on("GET", f"{base}/health", {"status": "OK"})
        self.on("POST", f"{base}/chat/completions", chat)


def model_list(*names, namespace="llm"):
    return {
        "object": "list",
        "data": [
            {
                "id": f"publishers/{namespace}/models/{name}",
                "object": "model",
                "owned_by": f"{namespace}/{name}",
                "url": MAAS,
                "ready": True,
                "subscriptions": [{"name": f"{namespace}-{name}"}],
            }
            for name in names
        ],
    }


def chat(request):
    """A chat completion, whole or as a stream, as OGX answers."""
    model = request.document["model"]
    usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
    if not request.document.get("stream"):
        return {"model": model, "choices": [{"message": {"role": "assistant", "content": "ready"}}], "usage": usage}
    chunks = [
        {"model": model, "choices": [{"delta": {"content": "rea"}}]},
        {"model": model, "choices": [{"delta": {"content": "dy"}}]},
        {"model": model, "choices": [], "usage": usage},
    ]
    text = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)
    return 200, text, {"content-type": "text/event-stream"}


def make_instance(name="openai-prod", **changes):
    return {
        "name": name,
        "namespace": "llm",
        "set": "default",
        "provider": "openai",
        "url": f"{MAAS}/llm/{name}",
        "model_prefix": name,
        "models": ["gpt-4o-mini"],
        "published_model": "gpt-4o-mini",
        "published_id": f"publishers/llm/models/{name}",
        "listed_ids": [f"{name}/gpt-4o-mini"],
        "display_name": name,
        "description": "",
        "access": {
            "groups": ["data-science"],
            "users": [],
            "token_limits": [{"limit": 1000, "window": "1m"}],
            "priority": 0,
            "tiers": None,
        },
        **changes,
    }


@pytest.fixture
def maas():
    return FakeMaas()


@pytest.fixture
def a():
    return known.get("a")


@pytest.fixture
def b1():
    return known.get("b1")


@pytest.fixture
def b2():
    return known.get("b2")


@pytest.fixture
def jwt():
    """Makes the JSON web token of given claims."""

    def make(claims):
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return f"eyJhbGciOi.{payload}.signature"

    return make


@pytest.fixture
def instance():
    return make_instance()


@pytest.fixture
def instances():
    return make_instance


@pytest.fixture
def forget():
    """``forget()``: as in a process of its own, no credential and no shape of one is known any more."""

    def clear():
        for known in ("_secrets", "_grams", "_short", "_shapes", "_left"):
            getattr(redaction, known).clear()

    return clear


@pytest.fixture(autouse=True)
def knows_nothing(forget):
    """What one test hides is not hidden in the next one, and what it sends again is not reported there."""
    yield
    forget()
    resend.take()


@pytest.fixture
def run_module(capsys):
    """``run_module(module, **arguments) -> result``, that of a failure, too."""

    def call(module, **arguments):
        with patch_module_args(arguments), pytest.raises(SystemExit):
            module.main()
        return json.loads(capsys.readouterr().out)

    return call
