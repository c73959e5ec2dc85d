# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bodies are those that OGX 1.3.0 answered, with the OpenAI client 2 and 3."""

from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils import inference, provider_errors
from ansible_collections.llamastack.maas.plugins.module_utils.maas_client import Answer

URL = "https://maas.example.com/llm/x/v1/chat/completions"


def answered(status, body, headers=None):
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer("POST", URL, status, headers or {}, text.encode())


def by_ogx(status, message):
    return answered(status, {"error": {"message": message}})


@pytest.mark.parametrize(
    ("instance", "ids", "asked"),
    [
        ({"published_model": "b", "models": ["a", "b"]}, ["gem/a"], ["gem/b"]),
        ({"models": ["a", "b"]}, [], ["gem/a"]),
        ({"models": None}, ["publishers/llm/models/gem", "gem/models/a"], ["gem/models/a"]),
        ({"models": ["whisper-1", "gpt-4o"]}, [], ["gem/gpt-4o"]),
        ({"models": ["tts-1", "bge-m3", "dall-e-3"]}, ["gem/x"], ["gem/bge-m3"]),
        ({"models": ["whisper-1", "gpt-4o"], "published_model": "whisper-1"}, [], ["gem/whisper-1"]),
        ({"models": ["text-embedding-3-small"]}, [], ["gem/text-embedding-3-small"]),
        ({"model_prefix": "g"}, ["gem/a", "g/a"], ["g/a"]),
        ({}, ["publishers/llm/models/gem"], []),
        ({}, ["gem/dall-e-3", "gem/whisper-1", "gem/gpt-4o", "gem/o3"], ["gem/gpt-4o", "gem/o3", "gem/dall-e-3"]),
    ],
)
def test_the_model_to_ask_is_the_published_one_or_some_that_are_known(instance, ids, asked):
    assert inference.models_to_ask({"name": "gem", **instance}, ids) == asked


def test_of_models_that_nobody_named_the_next_is_asked_where_one_is_refused():
    listing = answered(200, {"data": [{"id": "gem/a"}, {"id": "gem/b"}, {"id": "gem/c"}]})
    answers = {
        "gem/a": by_ogx(404, "Error code: 404 - The model `a` does not exist"),
        "gem/b": answered(200, {"choices": [{"message": {"content": ""}}]}),
    }
    called = inference.call(lambda request: answers[request.document["model"]], {"name": "gem"}, URL[:-17], listing)
    assert (called.model, called.verdict.ok) == ("gem/b", True)
    answers["gem/a"] = by_ogx(401, "Error code: 401 - Invalid key")
    called = inference.call(lambda request: answers[request.document["model"]], {"name": "gem"}, URL[:-17], listing)
    assert (called.model, called.verdict.kind) == ("gem/a", inference.KEY_REFUSED)


CASES = [
    (by_ogx(401, "Error code: 401 - Incorrect API key provided: sk-proj-****9999."), inference.KEY_REFUSED, True),
    (by_ogx(401, "Error code: 401 - {'error': {'code': 'invalid_api_key'}}"), inference.KEY_REFUSED, True),
    (by_ogx(401, "Error code: 401 - Invalid bearer token"), inference.KEY_REFUSED, True),
    (by_ogx(401, "Error code: 401"), inference.KEY_REFUSED, True),
    (
        by_ogx(400, "Error code: 400 - [{'error': {'message': 'API key not valid. Please pass a valid API key.'}}]"),
        inference.KEY_REFUSED,
        True,
    ),
    (
        by_ogx(400, "API key not provided. Please provide a valid API key in the provider data header"),
        inference.KEY_REFUSED,
        False,
    ),
    (by_ogx(400, "Error code: 400"), provider_errors.REQUEST_REFUSED, True),
    (
        by_ogx(400, "Model 'other' is not in the allowed models list. Allowed models: ['gpt-4o-mini']"),
        inference.MODEL_CLOSED,
        False,
    ),
    (by_ogx(403, "Error code: 403 - Project has no access"), provider_errors.PROVIDER_REFUSES, True),
    (by_ogx(404, "Error code: 404 - The model `x` does not exist"), inference.MODEL_UNKNOWN, True),
    (by_ogx(404, "Model 'x' not found."), inference.MODEL_UNKNOWN, False),
    (by_ogx(429, "Error code: 429"), inference.PROVIDER_LIMIT, True),
    (by_ogx(500, "Error code: 500 - Internal server error"), provider_errors.PROVIDER_ERROR, True),
    (by_ogx(500, "Internal server error: An unexpected error occurred."), inference.PROVIDER_UNCLEAR, False),
    (by_ogx(502, "Connection error"), inference.PROVIDER_DOWN, False),
    (by_ogx(504, "Operation timed out"), inference.PROVIDER_DOWN, False),
    (by_ogx(402, "Error code: 402 - Insufficient Balance"), provider_errors.NO_MONEY, True),
    (by_ogx(400, "Error code: 400 - Your credit balance is too low"), provider_errors.NO_MONEY, True),
    (
        by_ogx(429, "Error code: 429 - You exceeded your current quota, please check billing"),
        provider_errors.NO_MONEY,
        True,
    ),
    (by_ogx(403, "Error code: 403 - Country, region, or territory not supported"), provider_errors.NOT_FROM_HERE, True),
    (by_ogx(401, "Error code: 401 - You must be a member of an organization"), provider_errors.ACCOUNT_CLOSED, True),
    (by_ogx(401, "Error code: 401 - key not allowed to access model"), provider_errors.MODEL_FORBIDDEN, True),
    (by_ogx(409, "Error code: 409 - conflict"), provider_errors.PROVIDER_BUSY, True),
    (by_ogx(413, "Error code: 413 - Request too large"), provider_errors.TOO_LONG, True),
    (by_ogx(422, "Error code: 422"), provider_errors.PARAMETER_REFUSED, True),
    (by_ogx(404, "Error code: 404 - Invalid URL (POST /chat/completions)"), inference.PATH_UNKNOWN, True),
    (by_ogx(404, "Error code: 404"), inference.MODEL_UNKNOWN, True),
    (answered(401, "Authentication required"), inference.CALLER_UNKNOWN, False),
    (answered(401, ""), inference.CALLER_UNKNOWN, False),
    (answered(403, "Access denied"), inference.CALLER_REFUSED, False),
    (answered(403, {"error": "x"}, {"x-ext-auth-reason": "unauthorized"}), inference.CALLER_REFUSED, False),
    (answered(404, ""), inference.NO_ROUTE, False),
    (answered(429, "Too Many Requests"), inference.TOKEN_LIMIT, False),
    (answered(503, "no healthy upstream"), inference.INSTANCE_DOWN, False),
    (answered(401, {"statusCode": 401, "message": "missing subscription key."}), inference.CALLER_UNKNOWN, False),
    (answered(401, {"error": {"message": "token expired"}}), inference.CALLER_UNKNOWN, False),
    (answered(403, {"message": "Forbidden"}), inference.CALLER_REFUSED, False),
    (answered(302, ""), inference.UNUSABLE, False),
    (Answer("POST", URL, 0, failure="tls", message="self-signed"), inference.TLS, False),
    (Answer("POST", URL, 0, failure="refused", message="x"), inference.UNREACHABLE, False),
    (Answer("POST", URL, 0, failure="timeout", message="x"), inference.PROVIDER_DOWN, False),
    (answered(200, {"choices": [{"message": {"content": "ready"}}]}), inference.OK, True),
    (answered(200, {"choices": [{"message": {"content": None}, "finish_reason": "length"}]}), inference.OK, True),
    (answered(200, "<html>sign in</html>"), inference.UNUSABLE, False),
    (answered(200, {"choices": []}), inference.UNUSABLE, False),
    (answered(200, {"choices": [{"message": {}}]}), inference.UNUSABLE, False),
    (answered(200, {"detail": "Insufficient balance"}), provider_errors.NO_MONEY, True),
    (
        answered(200, 'data: {"error": {"message": "Insufficient credits", "code": 402}}\n\n'),
        provider_errors.NO_MONEY,
        True,
    ),
    (
        answered(200, 'event: error\ndata: {"message": "Error code: 401 - Incorrect API key"}\n\n'),
        provider_errors.KEY_REFUSED,
        True,
    ),
    (
        answered(200, 'data: {"error": {"message": "500: Internal server error: An unexpected error occurred."}}\n\n'),
        inference.PROVIDER_UNCLEAR,
        False,
    ),
    (answered(200, 'data: {"choices": [{"delta": {"content": "ready"}}]}\n\ndata: [DONE]\n\n'), inference.OK, True),
    (
        answered(200, {"choices": [], "error": {"message": "Insufficient credits", "code": 402}}),
        provider_errors.NO_MONEY,
        True,
    ),
    (
        answered(200, {"choices": [{"message": {"content": ""}, "error": {"message": "bad gateway", "code": 502}}]}),
        provider_errors.PROVIDER_ERROR,
        True,
    ),
]


@pytest.mark.parametrize(("answer", "kind", "by_provider"), CASES)
def test_who_is_behind_an_answer(answer, kind, by_provider):
    verdict = inference.judge_chat(answer)
    assert (verdict.kind, verdict.by_provider) == (kind, by_provider)


@pytest.mark.parametrize(("answer", "kind", "by_provider"), [case for case in CASES if case[1] != inference.OK])
def test_every_reason_says_what_was_asked_and_what_came_and_what_to_do(answer, kind, by_provider):
    verdict = inference.judge_chat(answer)
    assert f"POST {URL}" in verdict.reason
    assert verdict.remedy
    assert "9999" not in verdict.reason


def test_a_refusal_without_words_is_about_the_key_where_the_list_failed_too():
    """Or about the place: of Google's "User location is not supported" no more is left."""
    verdict = inference.judge_chat(by_ogx(400, "Error code: 400"), provider_listed_nothing=True)
    assert verdict.kind == inference.KEY_REFUSED
    assert verdict.reason.startswith("the provider refused the key, or the place or the project")


OPENAI = {"settings": {"base_url": "https://llm.corp.example"}}


@pytest.mark.parametrize(
    ("message", "instance", "listed_nothing", "kind"),
    [
        ("Error code: 404", OPENAI, True, inference.PATH_UNKNOWN),
        ("Error code: 404 - Resource not found", OPENAI, True, inference.PATH_UNKNOWN),
        ("Error code: 405", OPENAI, True, inference.PATH_UNKNOWN),
        ("Error code: 404", None, True, inference.PATH_UNKNOWN),
        # Where the list came, or the URL is the adapter's own, the path is right.
        ("Error code: 404", OPENAI, False, inference.MODEL_UNKNOWN),
        ("Error code: 404 - Resource not found", OPENAI, False, inference.MODEL_UNKNOWN),
        ("Error code: 404", {"settings": {}}, True, inference.MODEL_UNKNOWN),
        ("Error code: 404 - The model `x` does not exist", OPENAI, True, inference.MODEL_UNKNOWN),
    ],
)
def test_a_404_of_list_and_call_is_the_path(message, instance, listed_nothing, kind):
    answer = by_ogx(int(message[12:15]), message)
    verdict = inference.judge_chat(answer, instance, provider_listed_nothing=listed_nothing)
    assert verdict.kind == kind
    assert ("base_url" in verdict.remedy) == (kind == inference.PATH_UNKNOWN)


@pytest.mark.parametrize(
    ("path", "document", "good"),
    [
        ("embeddings", {"data": [{"embedding": [0.1, 0.2]}]}, True),
        ("embeddings", {"data": [{"embedding": "zczMPQ=="}]}, True),
        ("embeddings", {"data": []}, False),
        ("embeddings", {"choices": [{"message": {}}]}, False),
        ("completions", {"choices": [{"text": ""}]}, True),
        ("completions", {"choices": [{"message": {}}]}, False),
        ("chat/completions", {"choices": [{"text": "ready"}]}, False),
    ],
)
def test_an_answer_has_to_hold_what_was_asked_for(path, document, good):
    answer = Answer("POST", f"https://maas.example.com/llm/x/v1/{path}", 200, {}, json.dumps(document).encode())
    assert inference.judge_chat(answer).kind == (inference.OK if good else inference.UNUSABLE)


@pytest.mark.parametrize(
    ("document", "types"),
    [
        (
            {"data": [{"id": "x/e", "custom_metadata": {"model_type": "embedding"}}, {"id": "x/m"}]},
            {"x/e": "embedding"},
        ),
        ({"data": [{"id": "x/m", "custom_metadata": None}, "x"]}, {}),
        ({"data": None}, {}),
        ("text", {}),
    ],
)
def test_the_kinds_that_a_list_tells(document, types):
    assert inference.model_types(answered(200, document)) == types


def stream_of(*events):
    return answered(200, "".join(f"data: {event}\n\n" for event in events), {"content-type": "text/event-stream"})


CHUNK = '{"choices": [{"delta": {"content": "a"}}]}'
USAGE = '{"choices": [], "usage": {"total_tokens": 12}}'


@pytest.mark.parametrize(
    ("events", "chunks", "tokens"),
    [
        ([CHUNK, CHUNK, USAGE], 2, 12),
        ([CHUNK, USAGE, "[DONE]"], 1, 12),
        ([CHUNK], 1, 0),
        (['{"choices": [{"delta": {"content": "a"}}], "error": null}'], 1, 0),
    ],
)
def test_a_good_stream(events, chunks, tokens):
    assert inference.read_stream(stream_of(*events)) == inference.Stream(chunks, tokens, "")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (stream_of(CHUNK, '{"error": {"message": "cut off"}}'), "the stream broke off: cut off"),
        (stream_of("<html>"), "an event is not JSON: <html>"),
        (stream_of(USAGE), "no chunk came (text/event-stream)"),
        (answered(200, {"choices": [{}]}, {"content-type": "application/json"}), "no chunk came (application/json)"),
    ],
)
def test_a_bad_stream(answer, error):
    assert inference.read_stream(answer).error == error


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ('{"error": {"message": "Insufficient credits", "code": 402}}', provider_errors.NO_MONEY),
        ('{"message": "slow down", "code": 429}', provider_errors.PROVIDER_LIMIT),
        ('{"choices": [{"delta": {}, "error": {"message": "x", "code": 502}}]}', provider_errors.PROVIDER_ERROR),
        ('{"choices": [{"delta": {}, "finish_reason": "error"}]}', provider_errors.PROVIDER_ERROR),
        ('{"error": {"message": "Error code: 401 - Incorrect API key"}}', inference.KEY_REFUSED),
    ],
)
def test_an_error_in_a_stream_has_a_cause_and_a_remedy(event, kind):
    stream = inference.read_stream(stream_of(CHUNK, event))
    assert stream.verdict.kind == kind
    assert stream.error and stream.error in stream.verdict.reason and stream.verdict.remedy


@pytest.mark.parametrize(
    ("document", "tokens"),
    [({"usage": {"total_tokens": 5}}, 5), ({"usage": None}, 0), ({"usage": {}}, 0), ({}, 0), (None, 0)],
)
def test_total_tokens(document, tokens):
    assert inference.total_tokens(document) == tokens


@pytest.mark.parametrize(
    ("document", "ids"),
    [
        ({"data": [{"id": "b"}, {"id": "a"}, {"identifier": "old"}]}, ["a", "b"]),
        ({"data": []}, []),
        ({"data": None}, None),
        ([], None),
        ("text", None),
    ],
)
def test_model_ids(document, ids):
    assert inference.model_ids(answered(200, document)) == ids


REGISTERED = {"name": "gem", "models": ["a", "b"], "registered_ids": ["gem/a", "gem/b"]}


def test_what_is_registered_is_offered_and_says_nothing_of_the_provider():
    ids = ["gem/a", "gem/b", "gem/c", "publishers/llm/models/gem"]
    assert inference.offered(REGISTERED, ids) == ["gem/a", "gem/b", "gem/c"]
    assert inference.reported_by_provider(REGISTERED, ids) == ["gem/c"]


def test_the_others_are_those_that_are_named_and_registered():
    assert inference.others_to_ask(REGISTERED) == ["gem/b"]
    assert inference.others_to_ask({**REGISTERED, "published_model": "b"}) == ["gem/a"]
    assert inference.others_to_ask({**REGISTERED, "registered_ids": []}) == []


@pytest.mark.parametrize(
    ("instance", "kind"),
    [
        ({**REGISTERED, "settings": {}}, inference.KEY_REFUSED),
        ({**REGISTERED, **OPENAI}, provider_errors.REQUEST_REFUSED),
        ({"name": "gem", **OPENAI}, inference.KEY_REFUSED),
    ],
)
def test_where_models_are_registered_only_google_refuses_a_key_without_a_word(instance, kind):
    verdict = inference.judge_chat(by_ogx(400, "Error code: 400"), instance, provider_listed_nothing=True)
    assert verdict.kind == kind


def test_a_404_without_words_may_be_the_model():
    verdict = inference.judge_chat(
        by_ogx(404, "Error code: 404"), {**REGISTERED, **OPENAI}, provider_listed_nothing=True
    )
    assert verdict.reason.startswith("there is no such path, or no such model, at the provider")
