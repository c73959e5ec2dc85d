# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import hide
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import (
    EXCERPT_LENGTH,
    HttpClient,
    Request,
    Response,
    TransportError,
    server_sent_events,
    url_problem,
)

SECRET = "a-bearer-that-nobody-may-see"


def client_that_gets(answer, **kwargs):
    def send(method, url, headers, body, timeout):
        if isinstance(answer, Exception):
            raise answer
        return answer

    return HttpClient(send, "https://maas.example.com/", headers={"Authorization": f"Bearer {SECRET}"}, **kwargs)


def test_sends_a_document_as_json_to_the_base_url_with_the_callers_headers():
    sent = []

    def send(*args):
        sent.append(args)
        return Response(200)

    client = HttpClient(send, "https://maas.example.com/", headers={"Authorization": "Bearer x"}, timeout=7)
    client.request(Request("POST", "/v1/things", {"a": 1}))
    client.request(Request("GET", "https://other.example.com/v1"), timeout=3)

    assert sent[0] == (
        "POST",
        "https://maas.example.com/v1/things",
        {"Accept": "application/json", "Authorization": "Bearer x", "Content-Type": "application/json"},
        b'{"a": 1}',
        7,
    )
    assert sent[1][1] == "https://other.example.com/v1"
    assert sent[1][3:] == (None, 3)


UNSAFE = ["http://maas.example.com/llm/gem/v1/models", "https://gem.llm.svc.cluster.local:8000/v1/models"]


@pytest.mark.parametrize("url", UNSAFE)
@pytest.mark.parametrize("maas", ["https://maas.example.com", "http://maas.example.com"])
@pytest.mark.parametrize("header", ["Authorization", "x-api-key"])
def test_no_credential_goes_to_a_url_of_the_cluster_that_is_not_safe(url, maas, header):
    sent = []

    def send(*args):
        sent.append(args)
        return Response(200)

    answer = HttpClient(send, maas, headers={header: f"Bearer {SECRET}"}).request(Request("GET", url))
    assert (sent, answer.status) == ([], 0)
    assert answer.describe().startswith(f"GET {url} was not called: it")
    # Nobody may ask there, and what a person has given as the URL of MaaS is called.
    HttpClient(send, maas).request(Request("GET", url))
    HttpClient(send, maas, headers={header: "x"}).request(Request("GET", f"{maas}/v1/chat/completions"))
    HttpClient(send, url, headers={header: "x"}).request(Request("GET", url))
    assert len(sent) == 3


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"message": "no subscription", "type": "permission_error"}}', "no subscription"),
        (b'{"error": {"detail": "of 0.5"}}', "of 0.5"),
        (b'{"error": "flat text", "code": "x"}', "flat text"),
        (b'{"detail": "of 0.3"}', "of 0.3"),
        (b"Authentication required\n", "Authentication required"),
        (b"", ""),
        (b"\xff\x00\x1b[31mred", "\ufffd [31mred"),
    ],
)
def test_tells_what_the_other_side_said(body, said):
    answer = client_that_gets(Response(403, {}, body)).request(Request("GET", "/x"))
    assert answer.error_text() == said
    assert answer.describe() == "GET https://maas.example.com/x answered 403" + (f": {said}" if said else "")


def test_a_failure_to_connect_is_an_answer_too():
    answer = client_that_gets(TransportError("refused", "Connection refused")).request(Request("GET", "/x"))
    assert (answer.status, answer.failure) == (0, "refused")
    assert answer.describe() == "GET https://maas.example.com/x got no answer: Connection refused"


@pytest.mark.parametrize(
    "echo",
    [
        SECRET,
        "hunter2-hidden",
        "sk-oai-abc_defghijklmnop",
        "sk-proj-********9999",
        "AIzaSyA1234567890abcdef",
        "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl",
        "sha256~abcdefghij",
    ],
)
def test_no_message_shows_a_credential(echo):
    hide(["hunter2-hidden"])
    answer = client_that_gets(Response(401, {}, f"you sent <{echo}>".encode())).request(Request("GET", "/x"))
    assert echo not in answer.describe()
    assert echo not in repr(answer)
    assert "you sent <" in answer.describe()


def test_a_long_body_is_cut():
    answer = client_that_gets(Response(500, {}, b"x" * 5000)).request(Request("GET", "/x"))
    assert len(answer.error_text()) == EXCERPT_LENGTH
    assert answer.error_text().endswith("...")


@pytest.mark.parametrize(("value", "seconds"), [("7", 7.0), ("", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)])
def test_retry_after(value, seconds):
    answer = client_that_gets(Response(429, {"retry-after": value})).request(Request("GET", "/x"))
    assert answer.retry_after == seconds


def test_server_sent_events_without_a_final_done():
    text = ': comment\n\ndata: {"a":1}\n\ndata:one\ndata: two\n\nevent: x\n\ndata: last'
    assert server_sent_events(text) == ['{"a":1}', "one\ntwo", "last"]


def test_text_in_an_event_may_hold_what_ends_a_line_elsewhere():
    said = json.dumps({"content": "a\u2028b\x85c\U0001f680"}, ensure_ascii=False)
    assert server_sent_events(f"data: {said}\r\n\r\ndata: [DONE]\r\n\r\n") == [said, "[DONE]"]


@pytest.mark.parametrize("url", ["https://maas.example.com", "http://localhost:8080", "https://[::1]:8443/base"])
def test_good_urls(url):
    assert url_problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "maas.example.com",
        "https:/x",
        "ftp://x",
        "https://x:port",
        "https://u:pw@x",
        "https://u:pw@x:port",
        "ftp://u:pw@x",
        "u:pw@x",
        "https://x/?a=1",
        "https://x#y",
    ],
)
def test_bad_urls(url):
    problem = url_problem(url)
    assert problem
    assert "pw" not in problem
