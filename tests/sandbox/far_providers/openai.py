# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""api.openai.com, and the base of every provider that speaks its protocol.

Its answer to a wrong key repeats the first 8 and the last 4 characters of that key, as the real one does; with ``echo``
each provider repeats all of it, as servers of companies and gateways in front of providers do.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ..provider_keys import SPELLINGS
from .dialect import Answer, Call, Model, NotImitated, Refused, as_base64, serial, text_of, tokens, vector

NOT_IMITATED_OPTIONS = (
    *("audio", "best_of", "echo", "function_call", "functions", "logprobs", "modalities", "prediction"),
    *("response_format", "stop", "suffix", "tool_choice", "tools", "top_logprobs", "web_search_options"),
)


class OpenAI:
    """A provider called ``name`` on ``host``; ``keys`` maps names of keys to values, empty: no key is asked for."""

    base = "/v1"
    uses: tuple[str, ...] = ("chat", "completions", "embeddings")
    models: tuple[Model, ...] = (
        Model("gpt-4o-mini", 1721172741, "chat", "system"),
        Model("gpt-4o", 1715367049, "chat", "system"),
        Model("gpt-4.1-mini", 1744318173, "chat", "system"),
        Model("chatgpt-4o-latest", 1723515131, "chat", "system", listed=False),
        Model("gpt-3.5-turbo-instruct", 1692901427, "completions", "system"),
        Model("text-embedding-3-small", 1705948997, "embeddings", "system", dimensions=1536),
        Model("text-embedding-3-large", 1705953180, "embeddings", "system", dimensions=3072),
        Model("whisper-1", 1677532384, "audio", "openai-internal"),
        Model("tts-1", 1681940951, "audio", "openai-internal"),
    )

    def __init__(self, name: str, host: str, keys: Mapping[str, str]):
        self.name = name
        self.host = host
        self.key_names = tuple(keys)
        self.echo: str | None = None
        self._names_by_key = {key: name for name, key in keys.items()}
        self._operations = {("GET", f"{self.base}/models"): "list"}
        for use in self.uses:
            self._operations["POST", f"{self.base}/{'chat/completions' if use == 'chat' else use}"] = use

    def operation(self, method: str, path: str) -> str | None:
        """What the path is for; None for one that is not imitated."""
        return self._operations.get((method, path))

    def key_name(self, call: Call) -> str | None:
        """Name of the key that the call carries, ``unknown``, or None when it carries none or none is asked for."""
        key = self.key(call)
        if not key or not self.key_names:
            return None
        return self._names_by_key.get(key, "unknown")

    def answer(self, call: Call) -> Answer:
        """What the provider answers. Raises NotImitated for what it would do and this imitation does not."""
        try:
            key_name = self.key_name(call)
            if self.key_names and key_name is None:
                raise Refused(self.no_key(call))
            if key_name == "unknown":
                raise Refused(self.echoed(call) or self.wrong_key(call))
            if call.operation == "list":
                return self.list_models(call)
            self._check(call)
            return getattr(self, call.operation)(call, key_name)
        except Refused as refusal:
            return refusal.answer

    def failure(self, status: int, call: Call, retry_after: int) -> Answer:
        """How this provider fails a good call with 401, 402, 404, 429 or 500."""
        if status == 401:
            return self.echoed(call) or self.unauthorized(call)
        if status == 402:
            return self.no_credit(call)
        if status == 404:
            return self.no_model(call) if call.model else self.no_path(call)
        if status == 429:
            return self.rate_limited(call, retry_after)
        return self.server_error(call)

    def key(self, call: Call) -> str | None:
        return call.bearer

    def error(self, status: int, message: str, kind: str, code: str | None, **more: Any) -> Answer:
        headers = {"x-request-id": f"req_{serial()}", **more.get("headers", {})}
        return Answer(
            {"error": {"message": message, "type": kind, "param": more.get("param"), "code": code}}, status, headers
        )

    def bad_request(self, call: Call, message: str) -> Answer:
        return self.error(400, message, "invalid_request_error", None)

    def no_key(self, call: Call) -> Answer:
        message = (
            "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer "
            "auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're "
            "accessing the API from your browser and are prompted for a username and password. You can obtain an API "
            "key from https://platform.openai.com/account/api-keys."
        )
        return self.error(401, message, "invalid_request_error", None)

    def wrong_key(self, call: Call) -> Answer:
        key = self.key(call) or ""
        shown = f"{key[:8]}{'*' * (len(key) - 12)}{key[-4:]}" if len(key) > 12 else key
        where = "https://platform.openai.com/account/api-keys"
        message = f"Incorrect API key provided: {shown}. You can find your API key at {where}."
        return self.error(401, message, "invalid_request_error", "invalid_api_key")

    def echoed(self, call: Call) -> Answer | None:
        """The refusal of a key that repeats it, in the spelling ``echo``; None where it refuses in its own words."""
        key = self.key(call)
        if not key or self.echo is None:
            return None
        spelt = SPELLINGS[self.echo](key)
        # Once where a text announces a key, and once where nothing but its value tells that it is one.
        return Answer({"error": {"message": f"Invalid API Key: {spelt} (nobody has {spelt} here)"}}, 401)

    def unauthorized(self, call: Call) -> Answer:
        return self.wrong_key(call) if self.key(call) else self.no_key(call)

    def no_credit(self, call: Call) -> Answer:
        return self.error(402, "Insufficient Balance", "unknown_error", "invalid_request_error")

    def error_inside(self, call: Call) -> Answer:
        """As gateways in front of several providers answer where the provider behind them failed."""
        return Answer({"error": {"message": "Provider returned error", "code": 402}, "user_id": "user_1"})

    def first_page(self, call: Call) -> Answer:
        """The list where one page holds one model; what a client has to send for the next is not imitated."""
        return Answer({"object": "list", "data": [self.listed(self.models[0])], "has_more": True})

    def is_elsewhere(self, path: str) -> bool:
        """Whether the path is one of this API's, below another base than this provider has."""
        ours = [known[len(self.base) :] for _method, known in self._operations]
        return not path.startswith(f"{self.base}/") and any(path.endswith(each) for each in ours)

    def no_model(self, call: Call) -> Answer:
        message = f"The model `{call.model}` does not exist or you do not have access to it."
        return self.error(404, message, "invalid_request_error", "model_not_found")

    def no_path(self, call: Call) -> Answer:
        return self.error(404, f"Invalid URL (GET {self.base}/models)", "invalid_request_error", None)

    def wrong_use(self, call: Call) -> Answer:
        if call.operation == "embeddings":
            message = "You are not allowed to generate embeddings from this model"
            return self.error(403, message, "invalid_request_error", None)
        is_not, path, other = {
            "chat": ("not a chat model and thus", "chat/completions", "completions"),
            "completions": ("a chat model and", "completions", "chat/completions"),
        }[call.operation]
        message = f"This is {is_not} not supported in the v1/{path} endpoint. Did you mean to use v1/{other}?"
        return self.error(404, message, "invalid_request_error", None, param="model")

    def rate_limited(self, call: Call, retry_after: int) -> Answer:
        message = (
            f"Rate limit reached for {call.model or 'requests'} in organization org-sandbox on requests per min (RPM): "
            f"Limit 3, Used 3, Requested 1. Please try again in {retry_after}s. "
            "Visit https://platform.openai.com/account/rate-limits to learn more."
        )
        return self.error(429, message, "requests", "rate_limit_exceeded", headers={"retry-after": str(retry_after)})

    def server_error(self, call: Call) -> Answer:
        return self.error(
            500, "The server had an error while processing your request. Sorry about that!", "server_error", None
        )

    def list_models(self, call: Call) -> Answer:
        return Answer({"object": "list", "data": [self.listed(model) for model in self.models if model.listed]})

    def chat(self, call: Call, key_name: str | None) -> Answer:
        model = self._model(call)
        messages = [(message.get("role"), text_of(message.get("content"))) for message in call.body["messages"]]
        said = next((text for role, text in reversed(messages) if role == "user"), "")
        limit = call.body.get("max_completion_tokens") or call.body.get("max_tokens")
        words, reason = self._words(model, key_name, said, limit)
        usage = self.usage(3 + sum(4 + tokens(text) for _role, text in messages), len(words))
        head = self.head("chatcmpl", call)
        if call.body.get("stream"):
            return Answer(chunks=tuple(self.chat_chunks(head, words, reason, _asked_for(call, usage))))
        choice = {"index": 0, "message": self.message("".join(words)), "logprobs": None, "finish_reason": reason}
        return Answer({**head, "object": "chat.completion", "choices": [choice], "usage": usage})

    def completions(self, call: Call, key_name: str | None) -> Answer:
        model = self._model(call)
        said = text_of(call.body["prompt"])
        words, reason = self._words(model, key_name, said, call.body.get("max_tokens") or 16)
        usage = self.usage(tokens(said), len(words))
        head = {**self.head("cmpl", call), "object": "text_completion"}
        if not call.body.get("stream"):
            choice = {"text": "".join(words), "index": 0, "logprobs": None, "finish_reason": reason}
            return Answer({**head, "choices": [choice], "usage": usage})
        texts = [(word, None) for word in words] + [("", reason)]
        choices = [{"text": text, "index": 0, "logprobs": None, "finish_reason": end} for text, end in texts]
        return Answer(chunks=tuple(_usage_last(head, choices, _asked_for(call, usage))))

    def embeddings(self, call: Call, key_name: str | None) -> Answer:
        model = self._model(call)
        texts = call.body["input"] if isinstance(call.body["input"], list) else [call.body["input"]]
        if not all(isinstance(text, str) for text in texts):
            raise NotImitated("embeddings of anything but text")
        vectors = [vector(text, call.body.get("dimensions") or model.dimensions) for text in texts]
        encode = as_base64 if call.body.get("encoding_format") == "base64" else list
        data = [
            {"object": "embedding", "index": index, "embedding": encode(each)} for index, each in enumerate(vectors)
        ]
        count = sum(tokens(text) for text in texts)
        usage = {"prompt_tokens": count, "total_tokens": count}
        return Answer({"object": "list", "data": data, "model": call.model, "usage": usage})

    def listed(self, model: Model) -> dict[str, Any]:
        return {"id": model.id, "object": "model", "created": model.created, "owned_by": model.owner}

    def call_names(self, model: Model) -> tuple[str, ...]:
        """The names under which a model may be called."""
        return (model.id,)

    def head(self, kind: str, call: Call) -> dict[str, Any]:
        return {
            "id": f"{kind}-{serial()}",
            "created": int(time.time()),
            "model": call.model,
            "system_fingerprint": "fp_sandbox",
        }

    def message(self, text: str) -> dict[str, Any]:
        return {"role": "assistant", "content": text, "refusal": None, "annotations": []}

    def chat_chunks(
        self, head: dict[str, Any], words: list[str], reason: str, usage: dict[str, Any] | None
    ) -> Iterator[dict[str, Any]]:
        """The role, then the words, then the reason."""
        deltas = [({"role": "assistant", "content": "", "refusal": None}, None)]
        deltas += [({"content": word}, None) for word in words] + [({}, reason)]
        choices = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": end} for delta, end in deltas]
        return _usage_last({**head, "object": "chat.completion.chunk"}, choices, usage)

    def usage(self, prompt: int, completion: int) -> dict[str, Any]:
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }

    def _check(self, call: Call) -> None:
        if not isinstance(call.body, dict):
            raise Refused(self.bad_request(call, "We could not parse the JSON body of your request."))
        if not call.model:
            raise Refused(self.bad_request(call, "you must provide a model parameter"))
        needed = {"chat": "messages", "completions": "prompt", "embeddings": "input"}[call.operation]
        if not call.body.get(needed):
            raise Refused(self.bad_request(call, f"Missing required parameter: '{needed}'."))
        messages = call.body.get("messages", [])
        if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
            raise Refused(self.bad_request(call, "Invalid type for 'messages': expected an array of objects."))
        unsupported = [option for option in NOT_IMITATED_OPTIONS if call.body.get(option) is not None]
        if call.body.get("n") not in (None, 1):
            unsupported.append("n")
        if unsupported:
            raise NotImitated(f"option {', '.join(sorted(unsupported))} of {call.operation}")

    def _model(self, call: Call, use: str = "") -> Model:
        for model in self.models:
            if call.model in self.call_names(model):
                if model.use != (use or call.operation):
                    raise Refused(self.wrong_use(call))
                return model
        raise Refused(self.no_model(call))

    def _words(self, model: Model, key_name: str | None, said: str, limit: int | None) -> tuple[list[str], str]:
        """The answer in pieces of one token each, and why it ended."""
        key = f"key {key_name}" if key_name else "no key"
        words = re.findall(r"\S+\s*", f"{self.name} answers with {model.id}, called with {key}: {said}")
        if limit is not None and limit < len(words):
            return words[:limit], "length"
        return words, "stop"


def _asked_for(call: Call, usage: dict[str, Any]) -> dict[str, Any] | None:
    return usage if (call.body.get("stream_options") or {}).get("include_usage") else None


def _usage_last(
    head: dict[str, Any], choices: list[dict[str, Any]], usage: dict[str, Any] | None
) -> Iterator[dict[str, Any]]:
    """One chunk per choice; with usage asked for it is null in all of them, and a last chunk without choices has it."""
    nothing = {"usage": None} if usage else {}
    for choice in choices:
        yield {**head, "choices": [choice], **nothing}
    if usage:
        yield {**head, "choices": [], "usage": usage}
