# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import (
    FAILURE_CONNECTION,
    Response,
    TransportError,
)
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm, LitellmError, with_query
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.connection import LitellmModule

KEY = "sk-the-master-key-of-this-test"


class Server:
    """Answers each request with what ``answer(method, path, query, document)`` returns: a status and a document."""

    def __init__(self, answer):
        self.answer = answer
        self.sent = []

    def __call__(self, method, url, headers, body, timeout):
        parts = urlsplit(url)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        document = json.loads(body) if body else None
        self.sent.append((method, parts.path, query, document, dict(headers)))
        found = self.answer(method, parts.path, query, document)
        if isinstance(found, Exception):
            raise found
        status, content = found
        return Response(status, {}, content if isinstance(content, bytes) else json.dumps(content).encode())


def litellm(answer):
    server = Server(answer)
    return server, Litellm(server, "http://litellm.litemaas.svc:4000/", KEY)


def test_a_call_carries_the_key_and_gives_the_document():
    # The URL is given by a person: the key goes to one within the cluster and without TLS, too.
    server, client = litellm(lambda *_request: (200, {"id": 1}))
    assert client.post("/model/new", {"model_name": "a"}) == {"id": 1}
    assert client.get("/v2/model/info", modelId="a b", unused=None, full=True) == {"id": 1}
    assert server.sent[0][:4] == ("POST", "/model/new", {}, {"model_name": "a"})
    assert server.sent[0][4]["Authorization"] == f"Bearer {KEY}"
    assert server.sent[1][1:3] == ("/v2/model/info", {"modelId": "a b", "full": "true"})


def test_a_path_without_parameters_has_no_question_mark():
    assert with_query("/team/list", {"page": None}) == "/team/list"


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ({"error": {"message": "no", "type": "budget_exceeded", "code": "422"}}, "budget_exceeded", "no"),
        ({"detail": {"error": {"message": "no", "type": "expired_key"}}}, "expired_key", "no"),
        ({"detail": {"error": "Team not found"}}, "", "Team not found"),
        ({"detail": "Not Found"}, "", "Not Found"),
        (
            {"detail": [{"type": "missing", "loc": ["body", "model"], "msg": "Field required"}]},
            "missing",
            "body.model: Field required",
        ),
        ({"error": {"message": "no", "type": "None", "code": "400"}}, "", "no"),
        ({"detail": []}, "", '{"detail": []}'),
    ],
)
def test_what_is_refused_is_known_by_its_type_in_every_shape_of_error(body, kind, said):
    _server, client = litellm(lambda *_request: (400, body))
    with pytest.raises(LitellmError) as caught:
        client.get("/key/info")
    assert (caught.value.status, caught.value.type, caught.value.may_be_done) == (400, kind, False)
    assert str(caught.value).endswith(f"/key/info answered 400: {said}")


def test_a_refusal_shows_no_key():
    _server, client = litellm(lambda *_request: (401, {"error": {"message": f"invalid key {KEY}"}}))
    with pytest.raises(LitellmError) as caught:
        client.get("/key/info", key=KEY)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("failure", [TransportError(FAILURE_CONNECTION, "reset"), (500, {}), (502, b"<html>")])
def test_what_got_no_proper_answer_may_have_been_done(failure):
    _server, client = litellm(lambda *_request: failure)
    with pytest.raises(LitellmError) as caught:
        client.post("/key/generate", {})
    assert caught.value.may_be_done


def test_a_list_is_read_to_its_last_page_in_order():
    def answer(method, path, query, document):
        number = int(query["page"])
        return 200, {"keys": [f"{number}-{entry}" for entry in range(2)], "total_pages": 3}

    server, client = litellm(answer)
    assert client.pages("/key/list", "keys", "size", return_full_object=True) == [
        "1-0",
        "1-1",
        "2-0",
        "2-1",
        "3-0",
        "3-1",
    ]
    assert {request[2]["size"] for request in server.sent} == {"100"}
    assert {request[2]["return_full_object"] for request in server.sent} == {"true"}


def test_a_web_page_is_no_answer_whatever_its_status_is():
    _server, client = litellm(lambda *_request: (200, b"<!DOCTYPE html>"))
    with pytest.raises(LitellmError, match="/v2/model/info.* answered 200: <!DOCTYPE html>"):
        client.pages("/v2/model/info", "data")


def test_a_page_that_is_refused_is_not_taken_for_an_empty_one():
    _server, client = litellm(
        lambda _m, _p, query, _d: (200, {"keys": [1], "total_pages": 2}) if query["page"] == "1" else (403, {})
    )
    with pytest.raises(LitellmError):
        client.pages("/key/list", "keys", "size")


def module_of(arguments):
    return SimpleNamespace(main=lambda: LitellmModule({}).litellm().get("/x")), arguments


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"url": "litellm.example.com", "token": KEY}, "url: 'litellm.example.com' is not a URL"),
        ({"url": "https://a:b@litellm.example.com", "token": KEY}, "url: the URL must not hold"),
        ({"url": "https://litellm.example.com", "token": KEY, "ca_file": "/none.pem"}, "ca_file: The file"),
        ({"url": "https://litellm.example.com"}, "one of the following is required: token, token_secret"),
        (
            {
                "url": "https://litellm.example.com",
                "token": KEY,
                "token_secret": {"name": "litellm-secret", "namespace": "litemaas"},
            },
            "parameters are mutually exclusive: token|token_secret",
        ),
    ],
)
def test_options_that_cannot_work_are_refused(run_module, arguments, said):
    module, arguments = module_of(arguments)
    result = run_module(module, **arguments)
    assert result["failed"] and result["msg"].startswith(said)


class FakeCluster:
    secrets: dict = {}

    def get(self, api_version, kind, name, namespace):
        return self.secrets.get((namespace, name))


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        (None, "token_secret: there is no Secret litemaas/litellm-secret"),
        ({"data": {"UI_PASSWORD": "eA=="}}, "has no field LITELLM_MASTER_KEY; it holds UI_PASSWORD"),
        ({}, "has no field LITELLM_MASTER_KEY; it holds nothing"),
    ],
)
def test_a_secret_that_lacks_the_token_is_named(run_module, monkeypatch, secret, said):
    monkeypatch.setattr(LitellmModule, "cluster", lambda _self: FakeCluster())
    monkeypatch.setattr(FakeCluster, "secrets", {("litemaas", "litellm-secret"): secret})
    module, _arguments = module_of({})
    result = run_module(
        module,
        url="https://litellm.example.com",
        token_secret={"name": "litellm-secret", "namespace": "litemaas"},
    )
    assert result["failed"] and said in result["msg"]


def test_the_token_of_a_secret_is_used_without_its_line_break(monkeypatch):
    sent = []
    monkeypatch.setattr(LitellmModule, "cluster", lambda _self: FakeCluster())
    monkeypatch.setattr(
        FakeCluster,
        "secrets",
        {("litemaas", "litellm-secret"): {"data": {"MASTER": "c2stZnJvbS10aGUtc2VjcmV0LTEyMzQK"}}},
    )
    module = LitellmModule.__new__(LitellmModule)
    module.params = {
        "token_secret": {"name": "litellm-secret", "namespace": "litemaas", "key": "MASTER"},
        "ca_file": None,
        "validate_litellm_certs": True,
        "request_timeout": 3.0,
    }
    module.url = "https://litellm.example.com"
    module._send = lambda *request: sent.append(request) or Response(200, {}, b"{}")
    module.litellm().get("/health")
    assert sent[0][2]["Authorization"] == "Bearer sk-from-the-secret-1234"
    assert sent[0][4] == 3.0
