# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals in the words of providers, gateways and servers, as OGX passes them on."""

from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer
from ansible_collections.llamastack.maas.plugins.module_utils.openai import small_call
from ansible_collections.llamastack.maas.plugins.module_utils.openai.small_call import (
    CHAT,
    COMPLETIONS,
    EMBEDDINGS,
    Asked,
    Form,
    ask,
    first_form,
    next_form,
)

BASE = "https://maas.example.com/llm/x/v1"
OTHER = Form(limit="max_completion_tokens")
UNLIMITED = Form(limit=None)


def answered(status, body, path=CHAT, headers=None):
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer("POST", f"{BASE}/{path}", status, headers or {}, text.encode())


def by_ogx(status, said):
    """An error of the provider as OGX passes it on: text as it is, a document as the client prints it."""
    return answered(
        status, {"error": {"message": f"Error code: {status} - {said}" if said else f"Error code: {status}"}}
    )


def openai(message, param=None, code=None):
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def after(answer, form=None):
    return next_form([Asked(answer, form or Form())])


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            400,
            openai(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
                "instead.",
                "max_tokens",
                "unsupported_parameter",
            ),
        ),
        (400, openai("Unrecognized request argument supplied: max_tokens")),
        (400, "max_tokens is not supported"),
        (400, {"detail": "The parameter max_tokens is deprecated; use max_completion_tokens"}),
        (
            422,
            {
                "detail": [
                    {
                        "type": "extra_forbidden",
                        "loc": ["body", "max_tokens"],
                        "msg": "Extra inputs are not permitted",
                        "input": 16,
                    }
                ]
            },
        ),
        (
            400,
            {"object": "error", "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'max_tokens')}]", "code": 400},
        ),
        (400, "litellm.UnsupportedParamsError: azure does not support parameters: ['max_tokens'], for model=o1"),
        (400, {"message": 'json: unknown field "max_tokens"'}),
        (400, {"error": "Additional properties are not allowed ('max_tokens' was unexpected)"}),
        (400, "Invalid field: maxTokens"),
        (500, "TypeError: create() got an unexpected keyword argument 'max_tokens'"),
        (422, ""),
        (400, ""),
        (400, {"error": {"message": "Extra inputs are not permitted", "code": "invalid"}}),
        (400, openai("Unknown parameter in the request")),
    ],
)
def test_a_refused_limit_is_spelled_in_the_other_way_then_left_out(status, said) -> None:
    refused = by_ogx(status, said)
    assert after(refused) == OTHER
    assert next_form([Asked(refused, Form()), Asked(refused, OTHER)]) == UNLIMITED
    assert next_form([Asked(refused, Form()), Asked(refused, OTHER), Asked(refused, UNLIMITED)]) is None


def test_what_names_the_other_spelling_though_it_was_not_sent_is_about_the_limit_too() -> None:
    """OGX sends max_tokens to OpenAI as max_completion_tokens."""
    refused = by_ogx(400, "Unrecognized request argument supplied: max_completion_tokens")
    assert next_form([Asked(refused, Form()), Asked(refused, OTHER)]) == UNLIMITED


@pytest.mark.parametrize(
    ("said", "tokens"),
    [
        ("max_tokens must be >= 16", None),
        ("max_tokens must be >= 32", 32),
        ("Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 64, but got 16 instead.", 64),
        ("max_tokens must be at least 100, got 16.", 100),
        ("`max_tokens` must be greater than 1024", 1025),
        (
            {
                "detail": [
                    {
                        "loc": ["body", "max_tokens"],
                        "msg": "Input should be greater than or equal to 20",
                        "ctx": {"ge": 20},
                    }
                ]
            },
            20,
        ),
        ("`max_tokens` must be greater than `thinking.budget_tokens`", 2048),
        (
            "Could not finish the message because max_tokens or model output limit was reached. "
            "Please try again with higher max_tokens.",
            2048,
        ),
        ("max_tokens is too small", 2048),
        ("max_tokens: minimum is 50", 50),
        ("max_tokens should be between 128 and 4096", 128),
        ("Range of max_tokens should be [24, 8192]", 24),
        ("max_tokens is less than the minimum value 40", 40),
        ("max_tokens must be less than or equal to 8", 8),
        ("max_tokens is too large: 16. This model supports at most 10 completion tokens", 10),
        ("max_tokens must be in [1, 8]", 8),
    ],
)
def test_a_limit_that_is_too_small_or_too_large_is_changed(said, tokens) -> None:
    assert after(by_ogx(400, said)) == (Form(tokens=tokens) if tokens else OTHER)


@pytest.mark.parametrize(
    ("said", "tokens"),
    [
        ("Expected a value >= 32, but got 16", 32),
        ("Value must be at least 1,024 (given: 16)", 1024),
        ("Completion length limit of 16 is too low", 2048),
        ("output length must be >= 64", 64),
        ("Requested token count below the minimum", 2048),
        ("response size is too small; minimum 50", 50),
        ("You must request at least 20 tokens", 20),
        ("16 is below the allowed minimum of 24", 24),
    ],
)
def test_a_limit_is_recognized_by_its_number_and_by_what_it_limits(said, tokens) -> None:
    assert after(by_ogx(400, said)) == Form(tokens=tokens)


@pytest.mark.parametrize(
    ("status", "said", "path"),
    [
        (400, "Use /v1/embeddings", EMBEDDINGS),
        (400, "Please use the embeddings endpoint", EMBEDDINGS),
        (400, "Try the embeddings API instead", EMBEDDINGS),
        (400, "Model type mismatch: expected chat, found embedding", EMBEDDINGS),
        (400, "model_type must be llm, got embeddings", EMBEDDINGS),
        (422, {"detail": [{"type": "missing", "loc": ["body", "input"], "msg": "Field required"}]}, EMBEDDINGS),
        (
            422,
            {
                "detail": [
                    {
                        "type": "missing",
                        "loc": ["body", "prompt"],
                        "msg": "Field required",
                        "input": {"model": "m", "messages": [], "max_tokens": 16},
                    }
                ]
            },
            COMPLETIONS,
        ),
        (400, "Missing required field: input", EMBEDDINGS),
        (400, "Switch to the completions endpoint", COMPLETIONS),
        (400, "body.prompt is required", COMPLETIONS),
        (404, "gpt-3.5-turbo-instruct: did you mean to use v1/completions?", COMPLETIONS),
        (400, "This is a completion model, use /v1/completions", COMPLETIONS),
    ],
)
def test_the_kind_of_call_that_a_refusal_points_to_is_next(status, said, path) -> None:
    assert after(by_ogx(status, said)) == Form(path)


def test_an_embedding_is_pointed_to_a_chat() -> None:
    assert after(by_ogx(400, "Please use the chat completions endpoint"), Form(EMBEDDINGS)) == Form(CHAT)
    assert after(by_ogx(422, "body.messages: Field required"), Form(EMBEDDINGS)) == Form(CHAT)


@pytest.mark.parametrize(
    "said",
    [
        "This model only support stream mode, please enable the stream parameter to access the model.",
        "Streaming is required for this model",
        "Non-streaming requests are not supported",
        "'stream' must be true",
        "Only streaming is supported",
        "This endpoint requires stream=true",
        "The model must be called with streaming enabled",
        "parameter.enable_thinking must be set to false for non-streaming calls",
    ],
)
def test_a_model_that_only_streams(said) -> None:
    assert after(by_ogx(400, said)) == Form(streamed=True)
    assert after(by_ogx(400, said), Form(streamed=True)) != Form(streamed=True)


def test_what_stays_too_small_is_left_to_the_server() -> None:
    refused = by_ogx(400, "max_tokens is too small")
    tried = [Asked(refused, Form()), Asked(refused, Form(tokens=2048))]
    assert next_form(tried) == Form(limit="max_completion_tokens", tokens=2048)


def test_a_limit_that_is_required_is_given() -> None:
    assert after(by_ogx(400, "max_tokens: Field required"), UNLIMITED) == Form()
    assert after(by_ogx(400, "max_completion_tokens is required")) == OTHER


@pytest.mark.parametrize(
    ("status", "said", "paths"),
    [
        (
            404,
            openai(
                "This is not a chat model and thus not supported in the v1/chat/completions endpoint. "
                "Did you mean to use v1/completions?"
            ),
            [COMPLETIONS, EMBEDDINGS],
        ),
        (403, openai("You are not allowed to sample from this model"), [EMBEDDINGS, COMPLETIONS]),
        (
            400,
            openai(
                "The chatCompletion operation does not work with the specified model, text-embedding-ada-002.",
                code="OperationNotSupported",
            ),
            [EMBEDDINGS, COMPLETIONS],
        ),
        (400, "The model does not support Chat Completions API", [EMBEDDINGS, COMPLETIONS]),
        (
            404,
            "models/text-embedding-004 is not found for API version v1main, or is not supported "
            "for generateContent.",
            [EMBEDDINGS, COMPLETIONS],
        ),
        (400, '"nomic-embed-text" does not support chat', [EMBEDDINGS, COMPLETIONS]),
        (
            400,
            "Model x is not supported for task conversational. Supported task: feature-extraction.",
            [EMBEDDINGS, COMPLETIONS],
        ),
        (
            400,
            "As of transformers v4.44, default chat template is no longer allowed, so you must provide "
            "a chat template",
            [COMPLETIONS, EMBEDDINGS],
        ),
        (400, "Model 'x/e' is of type 'embedding' rather than the expected type 'llm'", [EMBEDDINGS, COMPLETIONS]),
        (404, {"detail": "Not Found"}, [EMBEDDINGS, COMPLETIONS]),
        (404, "", [EMBEDDINGS, COMPLETIONS]),
        (405, {"detail": "Method Not Allowed"}, [EMBEDDINGS, COMPLETIONS]),
        (404, openai("Invalid URL (POST /v1/chat/completions)"), [EMBEDDINGS, COMPLETIONS]),
        (400, "Model corp-embed can only be used for embeddings, chat is disabled", [EMBEDDINGS, COMPLETIONS]),
        (501, "This server does not support chat completions.", [EMBEDDINGS, COMPLETIONS]),
    ],
)
def test_a_model_that_cannot_chat_is_called_otherwise(status, said, paths) -> None:
    refused = by_ogx(status, said)
    first = after(refused)
    assert first == Form(paths[0])
    again = answered(
        400, {"error": {"message": "Model 'x' is of type 'llm' rather than the expected type 'embedding'"}}
    )
    assert next_form([Asked(refused, Form()), Asked(again, Form(EMBEDDINGS))]) == Form(COMPLETIONS)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, openai("Incorrect API key provided: sk-x")),
        (400, "API key not valid. Please pass a valid API key."),
        (402, "This request requires more credits, or fewer max_tokens. You requested up to 16 tokens"),
        (429, "Rate limit reached: max_tokens per minute"),
        (400, openai("Your credit balance is too low to access the Anthropic API.")),
        (403, "Country, region, or territory not supported"),
        (404, openai("The model `gpt-9` does not exist or you do not have access to it.")),
        (400, "Model 'x' is not in the allowed models list. Allowed models: ['corp-chat']"),
        (404, openai("This model is only supported in v1/responses and not in v1/chat/completions.")),
        (404, "The model `corp-chat` does not exist."),
        (503, "overloaded"),
    ],
)
def test_what_is_not_about_the_form_of_the_call_is_not_asked_again(status, said) -> None:
    assert after(by_ogx(status, said)) is None


@pytest.mark.parametrize(
    "answer",
    [
        answered(400, "Bad Request"),
        answered(404, ""),
        answered(403, {"error": "max_tokens"}, headers={"x-ext-auth-reason": "x"}),
        Answer("POST", BASE, 0, failure="timeout", message="max_tokens"),
        answered(200, {"choices": []}),
    ],
)
def test_what_the_gateway_says_is_not_about_the_form(answer) -> None:
    assert after(answer) is None


def test_a_stream_without_usage_and_embeddings_with_what_they_ask_for() -> None:
    assert after(by_ogx(400, "Unknown field: stream_options")) == Form(stream_usage=False)
    refused = by_ogx(400, "'input_type' parameter is required for asymmetric models")
    assert after(refused, Form(EMBEDDINGS)) == Form(EMBEDDINGS, extra=(("input_type", "query"),))
    refused = by_ogx(400, "encoding_format base64 is not supported")
    assert after(refused, Form(EMBEDDINGS)) == Form(EMBEDDINGS, extra=(("encoding_format", "float"),))


def test_whatever_is_answered_the_calls_are_few_and_no_form_comes_twice() -> None:
    forms = []

    def refuse(request):
        forms.append((request.path, json.dumps(request.document)))
        said = "max_tokens too small" if len(forms) % 2 else "does not support chat or embeddings or completions"
        return by_ogx(400, f"{said} {len(forms)}")

    ask(refuse, BASE, "x/m")
    assert len(forms) == len(set(forms)) <= small_call.MOST_CALLS


class TestAsk:
    def send(self, *answers):
        self.sent = []
        given = iter(answers)

        def send(request):
            self.sent.append(request)
            return next(given)

        return send

    def test_an_answer_ends_it(self) -> None:
        asked = ask(self.send(by_ogx(400, "max_tokens is not supported"), answered(200, {"choices": []})), BASE, "x/m")
        assert (asked.answer.status, asked.form) == (200, OTHER)
        assert [set(each.document) for each in self.sent] == [
            {"model", "messages", "max_tokens"},
            {"model", "messages", "max_completion_tokens"},
        ]

    def test_an_embedding_is_asked_for_with_input_only(self) -> None:
        ask(self.send(answered(200, {"data": []}, EMBEDDINGS)), BASE, "x/text-embedding-3-small")
        assert (self.sent[0].path, set(self.sent[0].document)) == (f"{BASE}/embeddings", {"model", "input"})

    def test_where_no_kind_of_call_is_taken_the_refusal_of_the_first_tells(self) -> None:
        refusals = (
            by_ogx(400, "The model does not support Chat Completions API"),
            answered(
                400, {"error": {"message": "Model 'x' is of type 'llm' rather than the expected type 'embedding'"}}
            ),
            by_ogx(404, {"detail": "Not Found"}),
        )
        asked = ask(self.send(*refusals), BASE, "x/m")
        assert "does not support Chat" in asked.answer.text and len(self.sent) == 3

    def test_a_refused_key_tells_more_than_a_refused_form(self) -> None:
        asked = ask(self.send(by_ogx(400, "does not support chat"), by_ogx(401, "Invalid key")), BASE, "x/m")
        assert asked.answer.status == 401

    @pytest.mark.parametrize("said", ["Unauthorized route /v1/embeddings", "key is not allowed to call this route", ""])
    def test_a_refused_kind_tells_more_than_a_401_that_does_not_name_the_key(self, said) -> None:
        asked = ask(self.send(by_ogx(400, "does not support chat completions"), by_ogx(401, said)), BASE, "x/m")
        assert asked.answer.status == 400

    def test_a_model_that_only_streams_is_asked_for_a_stream(self) -> None:
        chunks = ['{"model": "x/m", "choices": [{"delta": {"content": "a"}}]}', '{"choices": [], "usage": {"n": 1}}']
        streamed = answered(200, "".join(f"data: {each}\n\n" for each in [*chunks, "[DONE]"]))
        asked = ask(self.send(by_ogx(400, "This model only support stream mode"), streamed), BASE, "x/m")
        assert self.sent[1].document["stream"] is True
        assert small_call.document_of(asked.answer) == {
            "model": "x/m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}}],
            "usage": {"n": 1},
        }


@pytest.mark.parametrize(
    ("model", "model_type", "path"),
    [
        ("openai/text-embedding-3-small", None, EMBEDDINGS),
        ("corp/BAAI/bge-m3", None, EMBEDDINGS),
        ("corp/intfloat/e5-mistral-7b", None, EMBEDDINGS),
        ("corp/bge-reranker-v2", None, CHAT),
        ("openai/gpt-4o", None, CHAT),
        ("corp/embedded-llm", "llm", CHAT),
        ("corp/vectors", "embedding", EMBEDDINGS),
    ],
)
def test_the_kind_of_a_model_decides_the_first_call(model, model_type, path) -> None:
    assert first_form(model, model_type).path == path


def test_a_small_chat() -> None:
    assert small_call.request("https://x/v1", "m", Form(), prompt="p").document == {
        "model": "m",
        "messages": [{"role": "user", "content": "p"}],
        "max_tokens": small_call.MAX_TOKENS,
    }
    streamed = small_call.request("https://x/v1", "m", Form(), stream=True)
    assert streamed.path == "https://x/v1/chat/completions"
    assert streamed.document["stream"] is True
    assert streamed.document["stream_options"] == {"include_usage": True}
    plain = small_call.request("https://x/v1", "m", Form(COMPLETIONS, None), prompt="p")
    assert plain.document == {"model": "m", "prompt": "p"}
