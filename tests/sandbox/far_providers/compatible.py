# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any OpenAI-compatible server; the shapes are vLLM's, whose ids may hold slashes and whose key is optional."""

from __future__ import annotations

import time
from typing import Any

from .dialect import Answer, Call, Model, Refused, serial
from .openai import OpenAI


class Compatible(OpenAI):
    uses = ("chat",)
    models = (
        Model("meta-llama/Llama-3.3-70B-Instruct", 1733443200, "chat", "vllm"),
        Model("corp-chat", 1733443200, "chat", "vllm"),
    )

    def error(self, status: int, message: str, kind: str, code: str | None = None, **more: Any) -> Answer:
        error = {"message": message, "type": kind, "param": more.get("param"), "code": status}
        return Answer({"error": error}, status, more.get("headers", {}))

    def bad_request(self, call: Call, message: str) -> Answer:
        return self.error(400, message, "BadRequestError")

    def no_key(self, call: Call) -> Answer:
        return Answer({"error": "Unauthorized"}, 401)

    def wrong_key(self, call: Call) -> Answer:
        return self.no_key(call)

    def no_model(self, call: Call) -> Answer:
        return self.error(404, f"The model `{call.model}` does not exist.", "NotFoundError", param="model")

    def no_path(self, call: Call) -> Answer:
        return Answer({"detail": "Not Found"}, 404)

    def rate_limited(self, call: Call, retry_after: int) -> Answer:
        return self.error(429, "Too Many Requests", "RateLimitError", headers={"retry-after": str(retry_after)})

    def server_error(self, call: Call) -> Answer:
        return self.error(500, "Internal server error", "InternalServerError")

    def listed(self, model: Model) -> dict[str, Any]:
        return {**super().listed(model), "root": model.id, "parent": None, "max_model_len": 131_072}

    def head(self, kind: str, call: Call) -> dict[str, Any]:
        return {"id": f"{kind}-{serial()}", "created": int(time.time()), "model": call.model}

    def usage(self, prompt: int, completion: int) -> dict[str, Any]:
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


class OpenList(Compatible):
    """A reseller that lists its models to anybody and looks at the key at a call only. Its second key is out of credit.

    List and refusals are OpenRouter's, whose list needs no key.
    """

    models = (Model("house/chat", 1733443200, "chat", "house"),)

    def key_name(self, call: Call) -> str | None:
        name = super().key_name(call)
        return self.key_names[0] if call.operation == "list" else name

    def wrong_key(self, call: Call) -> Answer:
        return Answer({"error": {"message": "User not found.", "code": 401}}, 401)

    def chat(self, call: Call, key_name: str | None) -> Answer:
        if key_name != self.key_names[0]:
            message = "Insufficient credits. Add more using https://openrouter.ai/settings/credits"
            raise Refused(Answer({"error": {"message": message, "code": 402}}, 402))
        return super().chat(call, key_name)


class Reasoning(Compatible):
    """A gateway in front of a reasoning model: it knows one name for the limit of an answer, and wants some tokens."""

    models = (Model("corp-thinker", 1733443200, "chat", "corp"),)
    least_tokens = 16

    def chat(self, call: Call, key_name: str | None) -> Answer:
        if call.body.get("max_tokens") is not None:
            message = (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
                "instead."
            )
            raise Refused(self.bad_request(call, message))
        limit = call.body.get("max_completion_tokens")
        if limit is not None and limit < self.least_tokens:
            raise Refused(self.bad_request(call, f"max_completion_tokens must be >= {self.least_tokens}"))
        return super().chat(call, key_name)


class Embeddings(Compatible):
    """A server that makes embeddings and has no other call."""

    uses = ("embeddings",)
    models = (Model("corp-embed", 1733443200, "embeddings", "corp", dimensions=8),)

    def operation(self, method: str, path: str) -> str | None:
        return super().operation(method, path) or ("absent" if path.startswith(f"{self.base}/") else None)

    def answer(self, call: Call) -> Answer:
        return self.no_path(call) if call.operation == "absent" else super().answer(call)
