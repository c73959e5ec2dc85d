# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""api.anthropic.com: its own list of models, in pages, its own chat, and its OpenAI-compatible one.

A key comes in ``x-api-key``, which counts first, or as a Bearer: so in the chat, and in the list since version 2 of
Anthropic's client. Models before 4.6 are listed by their dated id and may be called without the date. Errors of the
list and of its own chat have Anthropic's shape, those of the other one OpenAI's.

Deviates: the capabilities of a listed model are left out; a wrong Bearer in the chat is answered like one in the list. Its
own chat, ``/v1/messages``, has text only.
"""

from __future__ import annotations

import re
import time
from typing import Any

from .dialect import Answer, Call, Model, NotImitated, Refused, serial, text_of, tokens
from .openai import OpenAI

_OWN_FIELDS = {"max_tokens", "messages", "metadata", "model", "stream", "system", "temperature", "top_k", "top_p"}


class Anthropic(OpenAI):
    uses = ("chat",)
    models = (
        Model("claude-sonnet-4-6", 1771286400, "chat", title="Claude Sonnet 4.6"),
        Model("claude-opus-4-6", 1770163200, "chat", title="Claude Opus 4.6"),
        Model("claude-opus-4-5-20251101", 1764028800, "chat", title="Claude Opus 4.5"),
        Model("claude-haiku-4-5-20251001", 1760486400, "chat", title="Claude Haiku 4.5"),
        Model("claude-sonnet-4-5-20250929", 1759104000, "chat", title="Claude Sonnet 4.5"),
    )

    def operation(self, method: str, path: str) -> str | None:
        return "own" if (method, path) == ("POST", "/v1/messages") else super().operation(method, path)

    def own(self, call: Call, key_name: str | None) -> Answer:
        """A chat in Anthropic's own protocol."""
        model = self._model(call, "chat")
        messages = [text_of(message.get("content")) for message in call.body["messages"]]
        words, reason = self._words(model, key_name, messages[-1], call.body["max_tokens"])
        reason = {"stop": "end_turn", "length": "max_tokens"}[reason]
        prompt = tokens("\n".join([text_of(call.body.get("system")), *messages]))

        def usage(count: int) -> dict[str, Any]:
            cache = {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
            return {"input_tokens": prompt, "output_tokens": count, **cache}

        message = {"id": f"msg_{serial()}", "type": "message", "role": "assistant", "model": model.id}
        ends = {"stop_reason": reason, "stop_sequence": None}
        if not call.body.get("stream"):
            text = [{"type": "text", "text": "".join(words)}]
            return Answer({**message, "content": text, **ends, "usage": usage(len(words))})
        begins = {**message, "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage(1)}
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        deltas = [
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}} for word in words
        ]
        last = {"type": "message_delta", "delta": ends, "usage": {"output_tokens": len(words)}}
        chunks = [{"type": "message_start", "message": begins}, block, *deltas]
        chunks += [{"type": "content_block_stop", "index": 0}, last, {"type": "message_stop"}]
        return Answer(chunks=tuple(chunks), named=True)

    def _check(self, call: Call) -> None:
        if call.operation != "own":
            return super()._check(call)
        if "anthropic-version" not in call.headers:
            raise Refused(self.bad_request(call, "anthropic-version: header is required"))
        given = call.body if isinstance(call.body, dict) else {}
        for name in ("model", "messages", "max_tokens"):
            if not given.get(name):
                raise Refused(self.bad_request(call, f"{name}: Field required"))
        if unsupported := {name for name, value in given.items() if value is not None} - _OWN_FIELDS:
            raise NotImitated(f"option {', '.join(sorted(unsupported))} of messages")

    def key(self, call: Call) -> str | None:
        return call.headers.get("x-api-key") or call.bearer

    def answer_error(self, status: int, message: str, kind: str, call: Call, **more: Any) -> Answer:
        headers = {"request-id": f"req_{serial()}", **more.get("headers", {})}
        if call.operation in ("list", "own"):
            body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": headers["request-id"]}
        else:
            body = {"error": {"code": kind, "message": message, "type": kind, "param": None}}
        return Answer(body, status, headers)

    def bad_request(self, call: Call, message: str) -> Answer:
        return self.answer_error(400, message, "invalid_request_error", call)

    def no_key(self, call: Call) -> Answer:
        return self.answer_error(401, "x-api-key header is required", "authentication_error", call)

    def wrong_key(self, call: Call) -> Answer:
        message = "invalid x-api-key" if call.headers.get("x-api-key") else "Invalid bearer token"
        return self.answer_error(401, message, "authentication_error", call)

    def no_credit(self, call: Call) -> Answer:
        message = (
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or "
            "purchase credits."
        )
        return self.answer_error(400, message, "invalid_request_error", call)

    def no_model(self, call: Call) -> Answer:
        return self.answer_error(404, f"model: {call.model}", "not_found_error", call)

    def no_path(self, call: Call) -> Answer:
        return self.answer_error(404, "Not found", "not_found_error", call)

    def rate_limited(self, call: Call, retry_after: int) -> Answer:
        message = (
            "This request would exceed your organization's rate limit of 50 requests per minute. For details, refer "
            "to: https://docs.claude.com/en/api/rate-limits."
        )
        return self.answer_error(429, message, "rate_limit_error", call, headers={"retry-after": str(retry_after)})

    def server_error(self, call: Call) -> Answer:
        return self.answer_error(500, "Internal server error", "api_error", call)

    def list_models(self, call: Call) -> Answer:
        if "anthropic-version" not in call.headers:
            raise Refused(self.bad_request(call, "anthropic-version: header is required"))
        if unknown := set(call.query) - {"limit", "after_id"}:
            raise NotImitated(f"parameter {', '.join(sorted(unknown))} of the list")
        limit, after = call.query.get("limit", "20"), call.query.get("after_id")
        if not limit.isdigit() or not 1 <= int(limit) <= 1000:
            raise Refused(self.bad_request(call, "limit: Input should be a whole number from 1 to 1000"))
        ids = [model.id for model in self.models]
        if after is not None and after not in ids:
            raise Refused(self.bad_request(call, f"after_id: {after} is no model"))
        rest = self.models[ids.index(after) + 1 :] if after else self.models
        page = [self.listed(model) for model in rest[: int(limit)]]
        first, last = (page[0]["id"], page[-1]["id"]) if page else (None, None)
        return Answer({"data": page, "has_more": len(page) < len(rest), "first_id": first, "last_id": last})

    def listed(self, model: Model) -> dict[str, Any]:
        return {
            "type": "model",
            "id": model.id,
            "display_name": model.title,
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(model.created)),
            "lifecycle": "active",
            "deprecated_at": None,
            "retires_at": None,
            "line": model.id.split("-")[1],
            "max_input_tokens": 200_000,
            "max_tokens": 64_000,
        }

    def call_names(self, model: Model) -> tuple[str, ...]:
        return (model.id, re.sub(r"-20\d{6}$", "", model.id))

    def head(self, kind: str, call: Call) -> dict[str, Any]:
        return {"id": f"msg_{serial()}", "created": int(time.time()), "model": call.model}

    def message(self, text: str) -> dict[str, Any]:
        return {"role": "assistant", "content": text}

    def usage(self, prompt: int, completion: int) -> dict[str, Any]:
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
