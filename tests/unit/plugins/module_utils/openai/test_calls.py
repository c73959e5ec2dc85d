# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bodies are those that OGX 1.3.0 answered, with the OpenAI client 2 and 3."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer
from ansible_collections.llamastack.maas.plugins.module_utils.openai import calls, errors, model_names

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
    assert model_names.models_to_ask({"name": "gem", **instance}, ids) == asked


def test_of_models_that_nobody_named_the_next_is_asked_where_one_is_refused():
    listing = answered(200, {"data": [{"id": "gem/a"}, {"id": "gem/b"}, {"id": "gem/c"}]})
    answers = {
        "gem/a": by_ogx(404, "Error code: 404 - The model `a` does not exist"),
        "gem/b": answered(200, {"choices": [{"message": {"content": ""}}]}),
    }
    called = calls.call(lambda request: answers[request.document["model"]], {"name": "gem"}, URL[:-17], listing)
    assert (called.model, called.verdict.ok) == ("gem/b", True)
    answers["gem/a"] = by_ogx(401, "Error code: 401 - Invalid key")
    called = calls.call(lambda request: answers[request.document["model"]], {"name": "gem"}, URL[:-17], listing)
    assert (called.model, called.verdict.kind) == ("gem/a", calls.KEY_REFUSED)


CASES = [
    (by_ogx(401, "Error code: 401 - Incorrect API key provided: sk-proj-****9999."), calls.KEY_REFUSED, True),
    (by_ogx(401, "Error code: 401 - {'error': {'code': 'invalid_api_key'}}"), calls.KEY_REFUSED, True),
    (by_ogx(401, "Error code: 401 - Invalid bearer token"), calls.KEY_REFUSED, True),
    (by_ogx(401, "Error code: 401"), calls.KEY_REFUSED, True),
    (
        by_ogx(400, "Error code: 400 - [{'error': {'message': 'API key not valid. Please pass a valid API key.'}}]"),
        calls.KEY_REFUSED,
        True,
    ),
    (
        by_ogx(400, "API key not provided. Please provide a valid API key in the provider data header"),
        calls.KEY_REFUSED,
        False,
    ),
    (by_ogx(400, "Error code: 400"), errors.REQUEST_REFUSED, True),
    (
        by_ogx(400, "Model 'other' is not in the allowed models list. Allowed models: ['gpt-4o-mini']"),
        calls.MODEL_CLOSED,
        False,
    ),
    (by_ogx(403, "Error code: 403 - Project has no access"), errors.PROVIDER_REFUSES, True),
    (by_ogx(404, "Error code: 404 - The model `x` does not exist"), calls.MODEL_UNKNOWN, True),
    (by_ogx(404, "Model 'x' not found."), calls.MODEL_UNKNOWN, False),
    (by_ogx(429, "Error code: 429"), calls.PROVIDER_LIMIT, True),
    (by_ogx(500, "Error code: 500 - Internal server error"), errors.PROVIDER_ERROR, True),
    (by_ogx(500, "Internal server error: An unexpected error occurred."), calls.PROVIDER_UNCLEAR, False),
    (by_ogx(502, "Connection error"), calls.PROVIDER_DOWN, False),
    (by_ogx(504, "Operation timed out"), calls.PROVIDER_DOWN, False),
    (by_ogx(402, "Error code: 402 - Insufficient Balance"), errors.NO_MONEY, True),
    (by_ogx(400, "Error code: 400 - Your credit balance is too low"), errors.NO_MONEY, True),
    (
        by_ogx(429, "Error code: 429 - You exceeded your current quota, please check billing"),
        errors.NO_MONEY,
        True,
    ),
    (by_ogx(403, "Error code: 403 - Country, region, or territory not supported"), errors.NOT_FROM_HERE, True),
    (by_ogx(401, "Error code: 401 - You must be a member of an organization"), errors.ACCOUNT_CLOSED, True),
    (by_ogx(401, "Error code: 401 - key not allowed to access model"), errors.MODEL_FORBIDDEN, True),
    (by_ogx(409, "Error code: 409 - conflict"), errors.PROVIDER_BUSY, True),
    (by_ogx(413, "Error code: 413 - Request too large"), errors.TOO_LONG, True),
    (by_ogx(422, "Error code: 422"), errors.PARAMETER_REFUSED, True),
    (by_ogx(404, "Error code: 404 - Invalid URL (POST /chat/completions)"), calls.PATH_UNKNOWN, True),
    (by_ogx(404, "Error code: 404"), calls.MODEL_UNKNOWN, True),
    (answered(401, "Authentication required"), calls.CALLER_UNKNOWN, False),
    (answered(401, ""), calls.CALLER_UNKNOWN, False),
    (answered(403, "Access denied"), calls.CALLER_REFUSED, False),
    (answered(403, {"error": "x"}, {"x-ext-auth-reason": "unauthorized"}), calls.CALLER_REFUSED, False),
    (answered(404, ""), calls.NO_ROUTE, False),
    (answered(429, "Too Many Requests"), calls.TOKEN_LIMIT, False),
    (answered(503, "no healthy upstream"), calls.INSTANCE_DOWN, False),
    (answered(401, {"statusCode": 401, "message": "missing subscription key."}), calls.CALLER_UNKNOWN, False),
    (answered(401, {"error": {"message": "token expired"}}), calls.CALLER_UNKNOWN, False),
    (answered(403, {"message": "Forbidden"}), calls.CALLER_REFUSED, False),
    (answered(302, ""), calls.UNUSABLE, False),
    (Answer("POST", URL, 0, failure="tls", message="self-signed"), calls.TLS, False),
    (Answer("POST", URL, 0, failure="refused", message="x"), calls.UNREACHABLE, False),
    (Answer("POST", URL, 0, failure="timeout", message="x"), calls.PROVIDER_DOWN, False),
    (answered(200, {"choices": [{"message": {"content": "ready"}}]}), calls.OK, True),
    (answered(200, {"choices": [{"message": {"content": None}, "finish_reason": "length"}]}), calls.OK, True),
    (answered(200, "<html>sign in</html>"), calls.UNUSABLE, False),
    (answered(200, {"choices": []}), calls.UNUSABLE, False),
    (answered(200, {"choices": [{"message": {}}]}), calls.UNUSABLE, False),
    (answered(200, {"detail": "Insufficient balance"}), errors.NO_MONEY, True),
    (
        answered(200, 'data: {"error": {"message": "Insufficient credits", "code": 402}}\n\n'),
        errors.NO_MONEY,
        True,
    ),
    (
        answered(200, 'event: error\ndata: {"message": "Error code: 401 - Incorrect API key"}\n\n'),
        errors.KEY_REFUSED,
        True,
    ),
    (
        answered(200, 'data: {"error": {"message": "500: Internal server error: An unexpected error occurred."}}\n\n'),
        calls.PROVIDER_UNCLEAR,
        False,
    ),
    (answered(200, 'data: {"choices": [{"delta": {"content": "ready"}}]}\n\ndata: [DONE]\n\n'), calls.OK, True),
    (
        answered(200, {"choices": [], "error": {"message": "Insufficient credits", "code": 402}}),
        errors.NO_MONEY,
        True,
    ),
    (
        answered(200, {"choices": [{"message": {"content": ""}, "error": {"message": "bad gateway", "code": 502}}]}),
        errors.PROVIDER_ERROR,
        True,
    ),
]


@pytest.mark.parametrize(("answer", "kind", "by_provider"), CASES)
def test_who_is_behind_an_answer(answer, kind, by_provider):
    verdict = calls.judge_chat(answer)
    assert (verdict.kind, verdict.by_provider) == (kind, by_provider)


@pytest.mark.parametrize(("answer", "kind", "by_provider"), [case for case in CASES if case[1] != calls.OK])
def test_every_reason_says_what_was_asked_and_what_came_and_what_to_do(answer, kind, by_provider):
    verdict = calls.judge_chat(answer)
    assert f"POST {URL}" in verdict.reason
    assert verdict.remedy
    assert "9999" not in verdict.reason


def test_a_refusal_without_words_is_about_the_key_where_the_list_failed_too():
    """Or about the place: of Google's "User location is not supported" no more is left."""
    verdict = calls.judge_chat(by_ogx(400, "Error code: 400"), provider_listed_nothing=True)
    assert verdict.kind == calls.KEY_REFUSED
    assert verdict.reason.startswith("the provider refused the key, or the place or the project")


OPENAI = {"settings": {"base_url": "https://llm.corp.example"}}


@pytest.mark.parametrize(
    ("message", "instance", "listed_nothing", "kind"),
    [
        ("Error code: 404", OPENAI, True, calls.PATH_UNKNOWN),
        ("Error code: 404 - Resource not found", OPENAI, True, calls.PATH_UNKNOWN),
        ("Error code: 405", OPENAI, True, calls.PATH_UNKNOWN),
        ("Error code: 404", None, True, calls.PATH_UNKNOWN),
        # Where the list came, or the URL is the adapter's own, the path is right.
        ("Error code: 404", OPENAI, False, calls.MODEL_UNKNOWN),
        ("Error code: 404 - Resource not found", OPENAI, False, calls.MODEL_UNKNOWN),
        ("Error code: 404", {"settings": {}}, True, calls.MODEL_UNKNOWN),
        ("Error code: 404 - The model `x` does not exist", OPENAI, True, calls.MODEL_UNKNOWN),
    ],
)
def test_a_404_of_list_and_call_is_the_path(message, instance, listed_nothing, kind):
    answer = by_ogx(int(message[12:15]), message)
    verdict = calls.judge_chat(answer, instance, provider_listed_nothing=listed_nothing)
    assert verdict.kind == kind
    assert ("base_url" in verdict.remedy) == (kind == calls.PATH_UNKNOWN)


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
    assert calls.judge_chat(answer).kind == (calls.OK if good else calls.UNUSABLE)


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
    assert calls.model_types(answered(200, document)) == types


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
    assert calls.read_stream(stream_of(*events)) == calls.Stream(chunks, tokens, "")


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
    assert calls.read_stream(answer).error == error


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ('{"error": {"message": "Insufficient credits", "code": 402}}', errors.NO_MONEY),
        ('{"message": "slow down", "code": 429}', errors.PROVIDER_LIMIT),
        ('{"choices": [{"delta": {}, "error": {"message": "x", "code": 502}}]}', errors.PROVIDER_ERROR),
        ('{"choices": [{"delta": {}, "finish_reason": "error"}]}', errors.PROVIDER_ERROR),
        ('{"error": {"message": "Error code: 401 - Incorrect API key"}}', calls.KEY_REFUSED),
    ],
)
def test_an_error_in_a_stream_has_a_cause_and_a_remedy(event, kind):
    stream = calls.read_stream(stream_of(CHUNK, event))
    assert stream.verdict.kind == kind
    assert stream.error and stream.error in stream.verdict.reason and stream.verdict.remedy


WHO = '{"choices": [{"delta": {"role": "assistant", "content": ""}}]}'
REASONING = '{"choices": [{"delta": {"content": null, "reasoning_content": "so"}}]}'
TEXT = '{"choices": [{"text": "a"}]}'


def arriving(*pieces):
    """An answer whose pieces come a second after one another."""
    sizes = [len("".join(pieces[: number + 1]).encode()) for number in range(len(pieces))]
    return replace(answered(200, "".join(pieces)), arrivals=[(number + 1.0, size) for number, size in enumerate(sizes)])


@pytest.mark.parametrize(
    ("pieces", "first"),
    [
        ([f"data: {CHUNK}\n\n", f"data: {CHUNK}\n\n", "data: [DONE]\n\n"], 1.0),
        ([f"data: {WHO}\n\n", ": still there\n\n", f"data: {CHUNK}\n\n", f"data: {USAGE}\n\n"], 3.0),
        ([f"data: {WHO}\n\n", f"data: {REASONING}\n\n", f"data: {CHUNK}\n\n"], 2.0),
        ([f"data: {TEXT}\n\n", f"data: {TEXT}\n\n"], 1.0),
        # In the middle of an event nothing has come yet.
        ([f"data: {WHO}\n\ndata: {CHUNK[:20]}", f"{CHUNK[20:]}\n\n", f"data: {CHUNK}\n\n"], 2.0),
        ([f"data: {WHO}\n\n", f"data: {USAGE}\n\n"], None),
        (['{"choices": [{"message": ', '{"content": "a"}}]}'], None),
        (['data: {"choices": [null, {"delta": null}, 1]}\n\n', "data: []\n\n"], None),
    ],
)
def test_what_is_measured_of_an_answer(pieces, first):
    told = {"time_to_first_token": first} if first else {}
    assert calls.measures(arriving(*pieces)) == {**told, "total_time": float(len(pieces))}


def test_of_an_answer_that_came_at_an_unknown_time_nothing_is_measured():
    assert calls.measures(stream_of(CHUNK)) == {}


@pytest.mark.parametrize(
    ("document", "tokens"),
    [({"usage": {"total_tokens": 5}}, 5), ({"usage": None}, 0), ({"usage": {}}, 0), ({}, 0), (None, 0)],
)
def test_total_tokens(document, tokens):
    assert calls.total_tokens(document) == tokens


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
    assert calls.model_ids(answered(200, document)) == ids


REGISTERED = {"name": "gem", "models": ["a", "b"], "registered_ids": ["gem/a", "gem/b"]}


def test_what_is_registered_is_offered_and_says_nothing_of_the_provider():
    ids = ["gem/a", "gem/b", "gem/c", "publishers/llm/models/gem"]
    assert model_names.offered(REGISTERED, ids) == ["gem/a", "gem/b", "gem/c"]
    assert model_names.reported_by_provider(REGISTERED, ids) == ["gem/c"]


def test_the_others_are_those_that_are_named_and_registered():
    assert model_names.others_to_ask(REGISTERED) == ["gem/b"]
    assert model_names.others_to_ask({**REGISTERED, "published_model": "b"}) == ["gem/a"]
    assert model_names.others_to_ask({**REGISTERED, "registered_ids": []}) == []


@pytest.mark.parametrize(
    ("instance", "kind"),
    [
        ({**REGISTERED, "settings": {}}, calls.KEY_REFUSED),
        ({**REGISTERED, **OPENAI}, errors.REQUEST_REFUSED),
        ({"name": "gem", **OPENAI}, calls.KEY_REFUSED),
    ],
)
def test_where_models_are_registered_only_google_refuses_a_key_without_a_word(instance, kind):
    verdict = calls.judge_chat(by_ogx(400, "Error code: 400"), instance, provider_listed_nothing=True)
    assert verdict.kind == kind


def test_a_404_without_words_may_be_the_model():
    verdict = calls.judge_chat(by_ogx(404, "Error code: 404"), {**REGISTERED, **OPENAI}, provider_listed_nothing=True)
    assert verdict.reason.startswith("there is no such path, or no such model, at the provider")
