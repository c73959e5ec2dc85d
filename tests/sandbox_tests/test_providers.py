# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The far providers and their proxy, called as OGX's adapters and as the tests of the collection call them."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openai
import pytest

from sandbox import pki, provider_keys
from sandbox.processes import free_ports

TESTS = Path(__file__).parents[1]
KEYS = {
    "openai": ["sk-proj-first000000000000000000001111", "sk-proj-second00000000000000000002222"],
    "gemini": ["AIzaSandboxGeminiKey000000000000003333"],
    "anthropic": ["sk-ant-api03-sandbox000000000000004444"],
    "compatible": ["corp-key-0000000000000000000000005555"],
    "open": ["open-0000000000000000006666", "open-0000000000000000007777"],
}
HOSTS = {
    "openai": "api.openai.com",
    "gemini": "generativelanguage.googleapis.com",
    "anthropic": "api.anthropic.com",
    "compatible": "llm.corp.example",
    "keyless": "keyless.corp.example",
    "open": "open.corp.example",
    "reasoning": "reasoning.corp.example",
    "vectors": "vectors.corp.example",
}
BASES = {provider: "/v1beta/openai" if provider == "gemini" else "/v1" for provider in HOSTS}
CHAT_MODELS = {
    "openai": "gpt-4o-mini",
    "gemini": "gemini-2.5-flash",
    "anthropic": "claude-sonnet-4-6",
    "compatible": "corp-chat",
}
PROVIDERS = list(CHAT_MODELS)


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: Any  # parsed JSON, or the events of a stream


class World:
    """A running daemon, seen from a pod (call) and from a test (admin)."""

    def __init__(self, folder: Path):
        pki.create(folder / "pki")
        egress, admin = free_ports(2)
        self.folder, self.egress, self.admin_port = folder, egress, admin
        state = {
            "ca": str(folder / "pki" / "ca.pem"),
            "ca_key": str(folder / "pki" / "ca.key"),
            "ports": {"egress": egress, "provider_admin": admin},
            "keys": KEYS,
        }
        (folder / "state.json").write_text(json.dumps(state))
        self.trusting = ssl.create_default_context(cafile=state["ca"])
        self.log = folder / "log"
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "sandbox.providers", "--dir", str(folder)]
            self.process = subprocess.Popen(command, stderr=log, env={**os.environ, "PYTHONPATH": str(TESTS)})
        self.ready = folder / "run" / "providers.ready"
        deadline = time.monotonic() + 20
        while not self.ready.exists():
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    def connect(self, provider: str, context: ssl.SSLContext | None = None) -> http.client.HTTPSConnection:
        context = context or self.trusting
        connection = http.client.HTTPSConnection("127.0.0.1", self.egress, context=context, timeout=10)
        connection.set_tunnel(HOSTS[provider], 443)
        return connection

    def call(
        self, provider: str, path: str, body: Any = None, key: str | None = "", connection=None, **headers
    ) -> Reply:
        """GET, or with a body POST; ``key`` empty: the provider's first key, None: no key."""
        if key == "":
            key = KEYS.get(provider, [None])[0]
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        if provider == "anthropic":
            headers["anthropic-version"] = "2023-06-01"
        connection = connection or self.connect(provider)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        path = path if path.startswith("/v1") else f"{BASES[provider]}{path}"
        connection.request("GET" if body is None else "POST", path, data, headers)
        response = connection.getresponse()
        text = response.read().decode()
        if response.headers.get_content_type() == "text/event-stream":
            return Reply(
                response.status,
                dict(response.headers),
                [line[6:] for line in text.splitlines() if line[:6] == "data: "],
            )
        return Reply(response.status, {k.lower(): v for k, v in response.headers.items()}, json.loads(text))

    def chat(self, provider: str, **more: Any) -> Reply:
        call_options = {name: more.pop(name) for name in ("key", "connection") if name in more}
        body = {"model": CHAT_MODELS[provider], "messages": [{"role": "user", "content": "say hi"}], **more}
        return self.call(provider, "/chat/completions", body, **call_options)

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.admin_port}{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def problems(self, method: str, path: str, body: Any = None) -> list[str]:
        with pytest.raises(urllib.error.HTTPError) as refused:
            self.admin(method, path, body)
        assert refused.value.code == 400
        return json.load(refused.value)["problems"]

    def fault(self, provider: str, fault: str, **more: Any) -> None:
        self.admin("POST", "/faults", {"provider": provider, "fault": fault, **more})

    def received(self, query: str = "") -> list[dict[str, Any]]:
        return self.admin("GET", f"/requests{query}")["requests"]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("providers"))
    yield world
    world.process.terminate()
    assert world.process.wait(10) == 0


@pytest.fixture
def world(running):
    running.admin("POST", "/reset")
    return running


def raw(world: World, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", world.egress), timeout=5) as client:
        client.sendall(request)
        answer = b""
        while received := client.recv(4096):
            answer += received
    return answer


def test_a_foreign_host_is_blocked_in_plain_words(world):
    answer = raw(world, b"CONNECT pypi.org:443 HTTP/1.1\r\nHost: pypi.org:443\r\n\r\n").decode()
    assert answer.startswith("HTTP/1.1 403 Forbidden\r\n")
    assert "pypi.org:443 is blocked by the egress policy" in answer
    (seen,) = world.received()
    assert (seen["provider"], seen["method"], seen["path"], seen["status"]) == (None, "CONNECT", "pypi.org:443", 403)


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"CONNECT api.openai.com:80 HTTP/1.1", b"403"),
        (b"CONNECT api.openai.com HTTP/1.1", b"400"),
        (b"GET http://api.openai.com/v1/models HTTP/1.1", b"405"),
        (b"hello", b"400"),
    ],
)
def test_only_connect_to_port_443_is_served(world, request_line, status):
    assert raw(world, request_line + b"\r\n\r\n").split(b" ", 2)[1] == status


def test_the_certificate_needs_the_sandboxs_authority(world):
    with pytest.raises(ssl.SSLCertVerificationError):
        world.call("openai", "/models", connection=world.connect("openai", ssl.create_default_context()))
    assert world.call("openai", "/models").status == 200


def test_lists_have_the_real_shapes(world):
    models = {model["id"]: model for model in world.call("openai", "/models").body["data"]}
    assert {"gpt-4o-mini", "gpt-4o", "text-embedding-3-small"} <= set(models)
    assert models["gpt-4o-mini"] == {
        "id": "gpt-4o-mini",
        "object": "model",
        "created": 1721172741,
        "owned_by": "system",
    }
    gemini = world.call("gemini", "/models").body["data"]
    flash = {
        "id": "models/gemini-2.5-flash",
        "object": "model",
        "owned_by": "google",
        "display_name": "Gemini 2.5 Flash",
    }
    assert flash in gemini and all(model["id"].startswith("models/") for model in gemini)
    assert "corp-chat" in [model["id"] for model in world.call("compatible", "/models").body["data"]]


def test_anthropics_list_comes_in_pages_to_either_header(world):
    whole = world.call("anthropic", "/models", key=None, **{"x-api-key": KEYS["anthropic"][0]}).body
    first = whole["data"][0]
    assert first["type"] == "model" and first["display_name"] and first["created_at"].endswith("Z")
    assert (whole["has_more"], whole["first_id"], whole["last_id"]) == (False, first["id"], whole["data"][-1]["id"])
    paged, after = [], ""
    while True:
        page = world.call("anthropic", f"/models?limit=2{after}").body
        paged += page["data"]
        if not page["has_more"]:
            break
        after = f"&after_id={page['last_id']}"
    assert paged == whole["data"]
    assert any(model["id"] == "claude-haiku-4-5-20251001" for model in paged)
    assert world.chat("anthropic", model="claude-haiku-4-5").status == 200


@pytest.mark.parametrize(("provider", "number", "name"), [(p, 0, p) for p in PROVIDERS] + [("openai", 1, "openai_2")])
def test_a_chat_proves_who_answered_whom(world, provider, number, name):
    reply = world.chat(provider, key=KEYS[provider][number])
    choice, usage = reply.body["choices"][0], reply.body["usage"]
    assert choice["message"]["role"] == "assistant" and choice["finish_reason"] == "stop"
    assert choice["message"]["content"].startswith(f"{provider} answers with ")
    assert f"{CHAT_MODELS[provider]}, called with key {name}: say hi" in choice["message"]["content"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 10
    (seen,) = world.received(f"?provider={provider}&key={name}")
    assert seen["path"] == f"{BASES[provider]}/chat/completions" and seen["status"] == 200
    assert seen["model"] == CHAT_MODELS[provider]


def test_a_server_without_keys_takes_any(world):
    assert world.call("keyless", "/models", key=None).status == 200
    assert world.call("keyless", "/models", key="whatever").status == 200
    assert [seen["key"] for seen in world.received()] == [None, None]


def test_a_list_for_anybody_and_a_key_that_counts_at_a_call(world):
    chat = {"model": "house/chat", "messages": [{"role": "user", "content": "hi"}]}
    for key, status in ((None, 401), ("whatever", 401), (KEYS["open"][0], 200), (KEYS["open"][1], 402)):
        assert world.call("open", "/models", key=key).status == 200
        assert world.call("open", "/chat/completions", chat, key=key).status == status


def test_a_gateway_that_knows_one_name_for_the_limit(world):
    chat = {"model": "corp-thinker", "messages": [{"role": "user", "content": "hi"}]}
    refused = world.call("reasoning", "/chat/completions", {**chat, "max_tokens": 16}, key=None)
    assert refused.status == 400 and "max_completion_tokens" in refused.body["error"]["message"]
    for limit, status in ((15, 400), (16, 200)):
        body = {**chat, "max_completion_tokens": limit}
        assert world.call("reasoning", "/chat/completions", body, key=None).status == status


def test_a_server_of_embeddings_has_no_other_call(world):
    assert world.call("vectors", "/embeddings", {"model": "corp-embed", "input": ["hi"]}, key=None).status == 200
    chat = {"model": "corp-embed", "messages": [{"role": "user", "content": "hi"}]}
    refused = world.call("vectors", "/chat/completions", chat, key=None)
    assert (refused.status, refused.body) == (404, {"detail": "Not Found"})


def test_max_tokens_cuts_the_answer(world):
    for name in ("max_tokens", "max_completion_tokens"):
        reply = world.chat("openai", **{name: 3}).body
        assert reply["usage"]["completion_tokens"] == 3 and reply["choices"][0]["finish_reason"] == "length"
        assert reply["choices"][0]["message"]["content"] == "openai answers with "


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_stream_says_the_same_and_counts_only_when_asked(world, provider):
    expected = world.chat(provider).body
    plain = world.chat(provider, stream=True).body
    asked = world.chat(provider, stream=True, stream_options={"include_usage": True}).body
    assert plain.pop() == asked.pop() == "[DONE]"
    plain, asked = [json.loads(line) for line in plain], [json.loads(line) for line in asked]
    for chunks in (plain, asked):
        assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"} and len(
            {c["id"] for c in chunks}
        ) == 1
        deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
        assert "".join(delta.get("content") or "" for delta in deltas) == expected["choices"][0]["message"]["content"]
        assert deltas[0]["role"] == "assistant"
    assert all("usage" not in chunk for chunk in plain)
    assert asked[-1]["usage"] == expected["usage"]
    if provider == "gemini":
        so_far = [chunk["usage"]["completion_tokens"] for chunk in asked if chunk["choices"]]
        assert so_far == list(range(1, len(asked) + 1))
    else:
        assert asked[-1]["choices"] == [] and all(chunk["usage"] is None for chunk in asked[:-1])


def test_embeddings_are_the_same_in_both_encodings(world):
    body = {"model": "text-embedding-3-small", "input": ["one text", "another"]}
    numbers = world.call("openai", "/embeddings", body).body
    coded = world.call("openai", "/embeddings", {**body, "encoding_format": "base64"}).body
    assert numbers["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    first, second = (each["embedding"] for each in numbers["data"])
    assert len(first) == 1536 and first != second
    decoded = struct.unpack("<1536f", base64.b64decode(coded["data"][0]["embedding"]))
    assert decoded == pytest.approx(first)
    gemini = world.call("gemini", "/embeddings", {"model": "gemini-embedding-001", "input": "text"}).body
    assert len(gemini["data"][0]["embedding"]) == 3072 and "usage" not in gemini


def test_completions_are_for_their_own_models(world):
    reply = world.call("openai", "/completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "say hi"}).body
    assert reply["object"] == "text_completion" and "say hi" in reply["choices"][0]["text"]
    wrong = world.call("openai", "/completions", {"model": "gpt-4o", "prompt": "say hi"})
    assert wrong.status == 404 and "This is a chat model" in wrong.body["error"]["message"]


def test_the_official_client_works_through_the_proxy(world):
    transport = openai.DefaultHttpxClient(proxy=f"http://127.0.0.1:{world.egress}", verify=world.trusting)
    for provider in PROVIDERS:
        base = f"https://{HOSTS[provider]}{BASES[provider]}"
        client = openai.OpenAI(api_key=KEYS[provider][0], base_url=base, http_client=transport, max_retries=0)
        message = [{"role": "user", "content": "say hi"}]
        answer = client.chat.completions.create(model=CHAT_MODELS[provider], messages=message)
        assert "say hi" in answer.choices[0].message.content
        stream = client.chat.completions.create(model=CHAT_MODELS[provider], messages=message, stream=True)
        assert "say hi" in "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        if provider != "anthropic":
            assert [model.id for model in client.models.list()]


def message_of(provider: str, reply: Reply) -> str:
    body = reply.body[0] if provider == "gemini" else reply.body
    return body["error"] if isinstance(body["error"], str) else body["error"]["message"]


@pytest.mark.parametrize("path", ["/models", "/chat/completions"])
@pytest.mark.parametrize(
    ("provider", "status", "words"),
    [
        ("openai", 401, "Incorrect API key provided: sk-proj-************9999. You can find your API key at"),
        ("gemini", 400, "API key not valid. Please pass a valid API key."),
        ("anthropic", 401, "Invalid bearer token"),
        ("compatible", 401, "Unauthorized"),
    ],
)
def test_a_wrong_key_is_refused_as_the_provider_does(world, provider, status, words, path):
    key = "sk-proj-wrongwrong009999"
    body = (
        None if path == "/models" else {"model": CHAT_MODELS[provider], "messages": [{"role": "user", "content": "x"}]}
    )
    reply = world.call(provider, path, body, key=key)
    assert (reply.status, words in message_of(provider, reply)) == (status, True)
    assert world.received()[0]["key"] == "unknown"
    missing = world.call(provider, path, body, key=None)
    assert missing.status == status
    assert world.received()[1]["key"] is None


def test_errors_have_the_providers_own_shape(world):
    assert world.call("openai", "/models", key="wrong").body["error"]["code"] == "invalid_api_key"
    (gemini,) = world.call("gemini", "/models", key="wrong").body
    assert gemini["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    own = world.call("anthropic", "/models", key="wrong").body
    assert own["type"] == "error" and own["error"]["type"] == "authentication_error"
    compatible = world.chat("anthropic", key="wrong").body
    assert compatible["error"]["code"] == "authentication_error" and "type" not in compatible


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("openai", "The model `nope` does not exist or you do not have access to it."),
        ("gemini", "models/nope is not found for API version v1main"),
        ("anthropic", "model: nope"),
        ("compatible", "The model `nope` does not exist."),
    ],
)
def test_an_unknown_model_is_404(world, provider, words):
    reply = world.chat(provider, model="nope")
    assert reply.status == 404 and words in message_of(provider, reply)


@pytest.mark.parametrize("body", [b"{", {"messages": []}, {"model": "gpt-4o"}, {"model": "gpt-4o", "messages": ["x"]}])
def test_a_body_that_makes_no_sense_is_400(world, body):
    assert world.call("openai", "/chat/completions", body).status == 400


def test_what_is_not_imitated_is_said(world):
    assert world.call("openai", "/responses", {"model": "gpt-4o", "input": "x"}).status == 501
    assert world.call("anthropic", "/messages/batches", {"requests": []}).status == 501
    assert world.call("gemini", "/v1beta/models/gemini-2.5-flash:countTokens", {"contents": []}).status == 501
    assert world.call("gemini", "/completions", {"model": "gemini-2.5-flash", "prompt": "x"}).status == 501
    reply = world.chat("openai", tools=[{}], n=2)
    assert reply.status == 501 and "option n, tools of chat" in message_of("openai", reply)
    image = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]
    assert world.chat("openai", messages=image).status == 501


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", ["401", "404", "429", "500"])
def test_a_provider_fails_with_its_own_words_until_lifted(world, provider, fault):
    world.fault(provider, fault)
    reply = world.chat(provider)
    assert reply.status == int(fault) and message_of(provider, reply)
    assert reply.headers.get("retry-after") == ("1" if fault == "429" else None)
    listing = world.call(provider, "/models")
    assert listing.status == int(fault) and "model" not in str(listing.body).replace("/models", "")
    world.admin("DELETE", f"/faults?provider={provider}")
    assert world.chat(provider).status == 200
    assert [(seen["status"], seen["fault"]) for seen in world.received()] == [(int(fault), fault)] * 2 + [(200, None)]


@pytest.mark.parametrize(
    ("provider", "status"), [("openai", 402), ("compatible", 402), ("gemini", 403), ("anthropic", 400)]
)
def test_an_empty_account_is_refused_with_the_status_that_each_provider_has_for_it(world, provider, status):
    world.fault(provider, "402")
    reply = world.chat(provider)
    assert reply.status == status
    assert any(word in message_of(provider, reply) for word in ("Balance", "billing", "credit"))


def test_an_error_inside_an_answer_of_success(world):
    world.fault("compatible", "error_inside")
    reply = world.chat("compatible")
    assert reply.status == 200 and "choices" not in reply.body and message_of("compatible", reply)


def test_without_a_list_or_with_a_page_of_it_the_models_answer_all_the_same(world):
    world.fault("openai", "no_list")
    assert world.call("openai", "/models").status == 404
    assert world.chat("openai").status == 200
    world.fault("openai", "first_model")
    listing = world.call("openai", "/models").body
    assert [model["id"] for model in listing["data"]] == ["gpt-4o-mini"] and listing["has_more"]
    assert world.chat("openai", model="gpt-4o").status == 200


@pytest.mark.parametrize(("provider", "model"), [("openai", "chatgpt-4o-latest"), ("gemini", "gemini-flash-latest")])
def test_an_alias_answers_and_is_not_listed(world, provider, model):
    assert world.chat(provider, model=model).status == 200
    assert model not in str(world.call(provider, "/models").body)


# Chats in the providers' own protocols

GEMINI = "/v1beta/models/gemini-2.5-flash"


def gemini(
    world: World, text: str = "say hi", method: str = "generateContent", path: str = GEMINI, **more: Any
) -> Reply:
    body = {"contents": [{"role": "user", "parts": [{"text": text}]}], **more}
    key = KEYS["gemini"][0]
    return world.call("gemini", f"{path}:{method}", body, key=None, **{"x-goog-api-key": key})


def claude(world: World, **more: Any) -> Reply:
    body = {"model": "claude-sonnet-4-6", "messages": [{"role": "user", "content": "say hi"}], "max_tokens": 50, **more}
    return world.call("anthropic", "/messages", body, key=None, **{"x-api-key": KEYS["anthropic"][0]})


def test_geminis_own_chat_whole_and_in_pieces(world):
    said = "gemini answers with models/gemini-2.5-flash, called with key gemini: say hi"
    reply = gemini(world)
    (candidate,) = reply.body["candidates"]
    assert (reply.status, candidate["content"]["parts"], candidate["finishReason"]) == (200, [{"text": said}], "STOP")
    counts = {"promptTokenCount": 2, "candidatesTokenCount": 10, "totalTokenCount": 12}
    assert reply.body["usageMetadata"] == counts
    chunks = [json.loads(each) for each in gemini(world, method="streamGenerateContent?alt=sse").body]
    assert "".join(each["candidates"][0]["content"]["parts"][0]["text"] for each in chunks) == said
    assert ["finishReason" in each["candidates"][0] for each in chunks] == [False] * 9 + [True]
    short = gemini(world, generationConfig={"maxOutputTokens": 2}).body
    assert short["candidates"][0]["finishReason"] == "MAX_TOKENS"
    received, *_rest = world.received("?provider=gemini")
    assert (received["model"], received["key"]) == ("gemini-2.5-flash", "gemini")


def test_gemini_refuses_alone_what_it_refuses_in_its_own_protocol(world):
    assert gemini(world, path="/v1beta/models/nope").body["error"]["status"] == "NOT_FOUND"
    assert gemini(world, contents=[]).body["error"]["status"] == "INVALID_ARGUMENT"
    body = {"contents": [{"parts": [{"text": "x"}]}]}
    refused = world.call("gemini", f"{GEMINI}:generateContent?key=wrong", body, key=None)
    assert (refused.status, refused.body["error"]["details"][0]["reason"]) == (400, "API_KEY_INVALID")
    refused = world.call("gemini", f"{GEMINI}:generateContent", body, key=None)
    assert (refused.status, refused.body["error"]["status"]) == (403, "PERMISSION_DENIED")
    world.fault("gemini", "429")
    assert gemini(world).body["error"]["status"] == "RESOURCE_EXHAUSTED"


def test_anthropics_own_chat_whole_and_in_pieces(world):
    said = "anthropic answers with claude-sonnet-4-6, called with key anthropic: say hi"
    reply = claude(world, system="be brief")
    assert (reply.status, reply.body["content"]) == (200, [{"type": "text", "text": said}])
    assert (reply.body["stop_reason"], reply.body["usage"]["output_tokens"]) == ("end_turn", 10)
    events = [json.loads(each) for each in claude(world, stream=True).body]
    assert [each["type"] for each in events[:2]] == ["message_start", "content_block_start"]
    assert "".join(each["delta"]["text"] for each in events if each["type"] == "content_block_delta") == said
    assert events[-2]["delta"]["stop_reason"] == "end_turn" and events[-1] == {"type": "message_stop"}
    assert claude(world, max_tokens=2).body["stop_reason"] == "max_tokens"


def test_anthropic_refuses_in_its_own_shape(world):
    refused = claude(world, model="nope")
    assert (refused.status, refused.body["type"], refused.body["error"]["type"]) == (404, "error", "not_found_error")
    assert claude(world, max_tokens=None).body["error"]["message"] == "max_tokens: Field required"
    assert claude(world, tools=[{}]).status == 501
    world.fault("anthropic", "500")
    assert claude(world).body["error"]["type"] == "api_error"


def test_a_fault_of_one_key_leaves_the_other_alone_and_ends_by_itself(world):
    world.fault("openai", "429", key="openai_2", times=2, retry_after=7)
    statuses = [world.chat("openai", key=key).status for key in KEYS["openai"] * 3]
    assert statuses == [200, 429, 200, 429, 200, 200]
    (fault,) = world.admin("GET", "/faults")["faults"]
    assert (fault["hits"], fault["remaining"], fault["retry_after"]) == (2, 0, 7)


def test_faults_are_lifted_one_by_one(world):
    world.fault("openai", "404")
    world.fault("openai", "429", key="openai_2")
    world.fault("openai", "500", key="openai_2")
    world.fault("gemini", "500")
    first, second = KEYS["openai"]
    assert (world.chat("openai", key=first).status, world.chat("openai", key=second).status) == (404, 500)
    left = world.admin("DELETE", "/faults?provider=openai&key=openai_2")["faults"]
    assert [(fault["provider"], fault["key"]) for fault in left] == [("openai", None), ("gemini", None)]
    assert world.chat("openai", key=second).status == 404
    assert world.admin("DELETE", "/faults") == {"faults": []}
    assert (world.chat("openai").status, world.chat("gemini").status) == (200, 200)


def wait_for_a_request(world: World) -> None:
    deadline = time.monotonic() + 5
    while not world.received():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_hanging_provider_answers_when_the_fault_is_lifted(world):
    world.fault("openai", "hang")
    replies = []
    caller = threading.Thread(target=lambda: replies.append(world.chat("openai")))
    caller.start()
    wait_for_a_request(world)
    caller.join(0.3)
    assert caller.is_alive() and world.received()[0]["status"] is None
    assert world.chat("gemini").status == 200
    world.admin("DELETE", "/faults?provider=openai")
    caller.join(5)
    assert replies[0].status == 200 and world.received("?provider=openai")[0]["status"] == 200


def test_a_caller_may_give_up_on_a_hanging_provider(world):
    world.fault("openai", "hang")
    connection = world.connect("openai")
    connection.timeout = 0.3
    with pytest.raises(TimeoutError):
        world.chat("openai", connection=connection)
    connection.close()
    world.admin("DELETE", "/faults")
    assert world.chat("openai").status == 200
    assert [seen["status"] for seen in world.received()] == [None, 200]


def test_a_refusing_provider_closes_new_and_open_connections(world):
    kept = world.connect("openai")
    assert world.chat("openai", connection=kept).status == 200
    world.fault("openai", "refuse")
    with pytest.raises(ConnectionError):
        world.chat("openai", connection=kept)
    with pytest.raises(OSError):
        world.chat("openai")
    assert [(seen["method"], seen["status"]) for seen in world.received()[1:]] == [("POST", None), ("CONNECT", None)]
    assert world.chat("gemini").status == 200


def test_one_key_can_be_refused(world):
    world.fault("openai", "refuse", key="openai_2")
    with pytest.raises(ConnectionError):
        world.chat("openai", key=KEYS["openai"][1])
    assert world.chat("openai").status == 200


@pytest.mark.parametrize(("fault", "status"), [("unreachable", "502 Bad Gateway"), ("blocked", "403 Forbidden")])
def test_what_the_proxy_turns_away(world, fault, status):
    world.fault("anthropic", fault)
    with pytest.raises(OSError, match=status):
        world.chat("anthropic")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_key_is_repeated_in_its_refusal_and_good_ones_still_work(world, provider):
    key = provider_keys.draw()
    for spelling, spell in provider_keys.SPELLINGS.items():
        assert world.admin("POST", "/echo", {"provider": provider, "as": spelling}) == {"echo": {provider: spelling}}
        refused = world.chat(provider, key=key)
        message = f"Invalid API Key: {spell(key)} (nobody has {spell(key)} here)"
        assert (refused.status, refused.body) == (401, {"error": {"message": message}})
        assert world.chat(provider).status == 200
    world.fault(provider, "401", key=provider)
    assert "Invalid API Key: " in json.dumps(world.call(provider, "/models").body)
    assert world.admin("POST", "/echo", {"provider": provider, "as": None}) == {"echo": {}}
    assert "Invalid API Key: " not in json.dumps(world.chat(provider, key=key).body)


def test_drawn_keys_have_no_shape_and_are_found_in_every_spelling():
    key, other = provider_keys.draw(), provider_keys.draw()
    assert key != other and set("/+=") <= set(key)
    for spell in provider_keys.SPELLINGS.values():
        assert provider_keys.shown(f"Invalid API Key: {spell(key)}.", other, key)
    assert provider_keys.shown(f"{key[:8]}****", key) and not provider_keys.shown("Invalid API Key: ********", key)


def test_it_describes_itself(world):
    described = world.admin("GET", "/")
    assert described["providers"]["openai"] == {"host": "api.openai.com", "keys": ["openai", "openai_2"]}
    assert set(described["providers"]) == set(HOSTS)


@pytest.mark.parametrize(
    ("body", "about"),
    [
        ({}, ["provider", "fault"]),
        ({"provider": "opneai", "fault": 429}, ["provider", "fault"]),
        ({"provider": "openai", "fault": "teapot", "key": "gemini", "time": 1}, ["time", "key", "fault"]),
        ({"provider": "openai", "fault": "429", "times": 0, "retry_after": -1}, ["times", "retry_after"]),
        ({"provider": "openai", "fault": "500", "times": True, "retry_after": 1}, ["times", "retry_after"]),
        ({"provider": "openai", "fault": "unreachable", "key": "openai"}, ["key"]),
        ({"provider": "openai", "fault": "blocked", "key": "openai"}, ["key"]),
        ([], ["body"]),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_whole(world, body, about):
    assert [problem.split(":")[0] for problem in world.problems("POST", "/faults", body)] == about
    assert world.admin("GET", "/faults") == {"faults": []}


@pytest.mark.parametrize(
    ("body", "about"),
    [
        ({}, ["provider", "as"]),
        ({"provider": "keyless", "as": "rot13", "key": "x"}, ["key", "provider", "as"]),
        ([], ["body"]),
    ],
)
def test_an_echo_that_makes_no_sense_is_refused(world, body, about):
    assert [problem.split(":")[0] for problem in world.problems("POST", "/echo", body)] == about


def test_a_query_that_makes_no_sense_is_refused(world):
    assert world.problems("GET", "/requests?providr=openai") == [
        "providr: unknown parameter; known are provider, key, path"
    ]
    assert len(world.problems("DELETE", "/faults?provider=x&key=y")) == 2


def test_reset_forgets_everything(world):
    world.fault("openai", "500")
    assert world.chat("openai").status == 500
    world.admin("POST", "/echo", {"provider": "openai", "as": "plain"})
    assert world.admin("POST", "/reset") == {"faults": [], "requests": []}
    assert world.received() == []
    assert world.chat("openai").status == 200
    assert "Invalid API Key: " not in json.dumps(world.chat("openai", key="x").body)


def test_no_key_is_kept_or_logged(world):
    for provider, keys in KEYS.items():
        for key in [*keys, "sk-proj-wrongwrongwrong009999"]:
            world.call(provider, f"/models?key={key}", key=key)
            chat = {"model": CHAT_MODELS.get(provider, "house/chat"), "messages": [{"role": "user", "content": "hi"}]}
            world.call(provider, "/chat/completions", chat, key=key)
    told = world.log.read_text() + json.dumps(world.received())
    assert "key=openai_2" in told and "key=unknown" in told
    for key in [*(key for keys in KEYS.values() for key in keys), "sk-proj-wrongwrongwrong009999"]:
        assert key[8:] not in told


def test_sigterm_ends_it_although_a_request_hangs(tmp_path):
    world = World(tmp_path)
    world.fault("openai", "hang")
    waiting = threading.Thread(target=lambda: world.chat("openai"), daemon=True)
    waiting.start()
    wait_for_a_request(world)
    world.process.send_signal(signal.SIGTERM)
    assert world.process.wait(5) == 0
    assert not world.ready.exists()
