# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any OpenAI-compatible server; the shapes are vLLM's, whose ids may hold slashes and whose key is optional."""

from __future__ import annotations

import time
from typing import Any

from .dialect import Answer, Call, Model, serial
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
