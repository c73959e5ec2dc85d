# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""generativelanguage.googleapis.com: OpenAI's protocol under ``/v1beta/openai``, and Gemini's own chat under ``/v1beta``.

Ids start with ``models/``, which a call may leave out; errors come in a list of one; a wrong key is 400; with usage
asked for, every chunk of a stream carries it; embeddings come without any.

In its own protocol the key is in ``x-goog-api-key`` or ``?key=``, the model in the path, and an error is no list.

Deviates: the real service names the pause after a 429 in the body only; here ``Retry-After`` says it too. Of its own
protocol there are ``generateContent`` and ``streamGenerateContent?alt=sse`` with text only.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .dialect import Answer, Call, Model, NotImitated, Refused, serial, text_of, tokens
from .openai import OpenAI

_OWN = re.compile(r"/v1(?:beta)?/models/[\w.-]+:(?:stream)?[gG]enerateContent")
_OWN_FIELDS = {"contents", "generationConfig", "model", "safetySettings", "systemInstruction"}
_OWN_OPTIONS = {"candidateCount", "maxOutputTokens", "max_output_tokens", "seed", "temperature", "topK", "topP"}
_OWN_OPTIONS |= {"thinkingConfig", "top_p", "top_k"}


class Gemini(OpenAI):
    base = "/v1beta/openai"
    uses = ("chat", "embeddings")
    models = (
        Model("models/gemini-2.5-flash", 0, "chat", "google", "Gemini 2.5 Flash"),
        Model("models/gemini-2.5-pro", 0, "chat", "google", "Gemini 2.5 Pro"),
        Model("models/gemini-2.5-flash-lite", 0, "chat", "google", "Gemini 2.5 Flash-Lite"),
        Model("models/gemini-flash-latest", 0, "chat", "google", "Gemini Flash Latest", listed=False),
        Model("models/gemini-embedding-001", 0, "embeddings", "google", "Gemini Embedding 001", dimensions=3072),
    )

    def operation(self, method: str, path: str) -> str | None:
        if method == "POST" and _OWN.fullmatch(path):
            return "own"
        return super().operation(method, path)

    def is_elsewhere(self, path: str) -> bool:
        return not path.startswith("/v1beta/models/") and super().is_elsewhere(path)

    def key(self, call: Call) -> str | None:
        if call.operation == "own":
            # LiteLLM of last year puts it into the query as it is, where a plus reads as a space.
            return call.headers.get("x-goog-api-key") or call.query.get("key", "").replace(" ", "+") or None
        return super().key(call)

    def answer(self, call: Call) -> Answer:
        return _shaped(call, super().answer(call))

    def failure(self, status: int, call: Call, retry_after: int) -> Answer:
        return _shaped(call, super().failure(status, call, retry_after))

    def own(self, call: Call, key_name: str | None) -> Answer:
        """A chat in Gemini's own protocol."""
        model = self._model(call, "chat")
        config = call.body.get("generationConfig") or {}
        said = "\n".join(
            _text(content) for content in [call.body.get("systemInstruction"), *call.body["contents"]] if content
        )
        limit = config.get("maxOutputTokens") or config.get("max_output_tokens")
        words, reason = self._words(model, key_name, _text(call.body["contents"][-1]), limit)
        reason = {"stop": "STOP", "length": "MAX_TOKENS"}[reason]
        prompt, head = tokens(said), {"modelVersion": call.model, "responseId": serial()}

        def part(text: str, so_far: int, last: bool) -> dict[str, Any]:
            candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
            counts = {"promptTokenCount": prompt, "candidatesTokenCount": so_far, "totalTokenCount": prompt + so_far}
            ends = {"finishReason": reason} if last else {}
            return {"candidates": [candidate | ends], "usageMetadata": counts, **head}

        if not call.path.endswith(":streamGenerateContent"):
            return Answer(part("".join(words), len(words), True))
        if call.query.get("alt") != "sse":
            raise NotImitated("streamGenerateContent without alt=sse")
        chunks = [part(word, number, number == len(words)) for number, word in enumerate(words, start=1)]
        return Answer(chunks=tuple(chunks), named=True)

    def _check(self, call: Call) -> None:
        if call.operation != "own":
            return super()._check(call)
        contents = call.body.get("contents") if isinstance(call.body, dict) else None
        if not isinstance(contents, list) or not contents:
            raise Refused(self.bad_request(call, "* GenerateContentRequest.contents: contents is not specified\n"))
        config = {name: value for name, value in (call.body.get("generationConfig") or {}).items() if value is not None}
        unsupported = set(call.body) - _OWN_FIELDS | set(config) - _OWN_OPTIONS
        if unsupported:
            raise NotImitated(f"option {', '.join(sorted(unsupported))} of generateContent")

    def error(self, status: int, message: str, kind: str, *details: dict[str, Any], **more: Any) -> Answer:
        error = {"code": status, "message": message, "status": kind}
        if details:
            error["details"] = list(details)
        return Answer([{"error": error}], status, more.get("headers", {}))

    def bad_request(self, call: Call, message: str) -> Answer:
        return self.error(400, message, "INVALID_ARGUMENT")

    def no_key(self, call: Call) -> Answer:
        if call.operation == "own":
            message = (
                "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
                "other form of API consumer identity to call this API."
            )
            return self.error(403, message, "PERMISSION_DENIED")
        return self.error(400, "Missing or invalid Authorization header.", "INVALID_ARGUMENT")

    def wrong_key(self, call: Call) -> Answer:
        message = "API key not valid. Please pass a valid API key."
        info = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": {"service": "generativelanguage.googleapis.com"},
        }
        localized = {"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US", "message": message}
        return self.error(400, message, "INVALID_ARGUMENT", info, localized)

    def unauthorized(self, call: Call) -> Answer:
        message = (
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
            "valid authentication credential. See "
            "https://developers.google.com/identity/sign-in/web/devconsole-project."
        )
        return self.error(401, message, "UNAUTHENTICATED")

    def no_credit(self, call: Call) -> Answer:
        return self.error(403, "This API method requires billing to be enabled.", "PERMISSION_DENIED")

    def no_model(self, call: Call) -> Answer:
        method = "embedContent" if call.operation == "embeddings" else "generateContent"
        message = (
            f"models/{call.model.removeprefix('models/')} is not found for API version v1main, or is not supported for "
            f"{method}. Call ListModels to see the list of available models and their supported methods."
        )
        return self.error(404, message, "NOT_FOUND")

    def no_path(self, call: Call) -> Answer:
        return self.error(404, "Requested entity was not found.", "NOT_FOUND")

    def wrong_use(self, call: Call) -> Answer:
        return self.no_model(call)

    def rate_limited(self, call: Call, retry_after: int) -> Answer:
        message = (
            "You exceeded your current quota, please check your plan and billing details. For more information on this "
            "error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
        )
        retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_after}s"}
        return self.error(429, message, "RESOURCE_EXHAUSTED", retry, headers={"retry-after": str(retry_after)})

    def server_error(self, call: Call) -> Answer:
        return self.error(500, "An internal error has occurred. Please retry.", "INTERNAL")

    def embeddings(self, call: Call, key_name: str | None) -> Answer:
        body = dict(super().embeddings(call, key_name).body)
        del body["usage"]
        return Answer(body)

    def listed(self, model: Model) -> dict[str, Any]:
        return {"id": model.id, "object": "model", "owned_by": model.owner, "display_name": model.title}

    def call_names(self, model: Model) -> tuple[str, ...]:
        return (model.id, model.id.removeprefix("models/"))

    def head(self, kind: str, call: Call) -> dict[str, Any]:
        return {"id": serial(), "created": int(time.time()), "model": call.model.removeprefix("models/")}

    def message(self, text: str) -> dict[str, Any]:
        return {"role": "assistant", "content": text}

    def chat_chunks(
        self, head: dict[str, Any], words: list[str], reason: str, usage: dict[str, Any] | None
    ) -> Iterator[dict[str, Any]]:
        for number, word in enumerate(words, start=1):
            choice = {"index": 0, "delta": {"role": "assistant", "content": word}}
            if number == len(words):
                choice["finish_reason"] = reason
            so_far = {"usage": self.usage(usage["prompt_tokens"], number)} if usage else {}
            yield {**head, "object": "chat.completion.chunk", "choices": [choice], **so_far}

    def usage(self, prompt: int, completion: int) -> dict[str, Any]:
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _text(content: Any) -> str:
    parts = content.get("parts") if isinstance(content, dict) else None
    if not isinstance(parts, list) or not all(isinstance(part, dict) and set(part) == {"text"} for part in parts):
        raise NotImitated("content other than text")
    return text_of([{"type": "text", **part} for part in parts])


def _shaped(call: Call, answer: Answer) -> Answer:
    """In Gemini's own protocol an error stands alone."""
    if call.operation == "own" and isinstance(answer.body, list):
        return replace(answer, body=answer.body[0])
    return answer
