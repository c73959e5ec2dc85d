# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A LiteLLM to talk to, whose keys, limits and replicas behave as those of the releases 1.108.6 and 1.81.0 were seen to.

Every decision can be replaced by a test: ``instead`` has answers by method and path.
"""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Response, TransportError
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm

URL = "https://litellm.example.com"
MASTER = "sk-master-of-the-test"
EPOCH = datetime(2026, 12, 1, tzinfo=timezone.utc)
#: By the type of the error, the status of 1.108 and of 1.81.
STATUS = {
    "key_model_access_denied": (403, 401),
    "expired_key": (401, 400),
    "budget_exceeded": (422, 400),
    "auth_error": (401, 401),
    "token_not_found_in_db": (401, 401),
}
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}


def deployment(name, model="openai/gpt-4o-mini", number=1, **info):
    order = info.pop("order", None)
    params = {"model": model, **({"order": order} if order else {})}
    return {"model_name": name, "litellm_params": params, "model_info": {"id": f"{name}-{number}", **info}}


class FakeLitellm:
    def __init__(self, old=False, replicas=1):
        self.old = old
        self.now = 0.0
        self.rows = [deployment("a"), deployment("b")]
        self.settings = {"context_window_fallbacks": None, "fallbacks": None}
        self.keys = {}
        self.teams, self.users = {}, {}
        self.logs = []
        self.cost = 0.001
        self.written_after = 3.0
        self.salt = (11, 11)
        self.instead = {}
        self.calls = []
        self.replicas = [{} for _number in range(replicas)]
        self._turn = 0
        self._lock = threading.Lock()

    def connect(self, key):
        return Litellm(self.send, URL, key)

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds

    def send(self, method, url, headers, body, timeout):
        with self._lock:
            parts = urlsplit(url.removeprefix(URL))
            document = json.loads(body) if body else None
            value = headers.get("Authorization", "").removeprefix("Bearer ")
            self.calls.append((method, parts.path, document))
            given = self.instead.get((method, parts.path))
            answer = given(value, document) if callable(given) else given
            if answer is None:
                query = {name: found[0] for name, found in parse_qs(parts.query).items()}
                answer = self._answer(method, parts.path, query, document, value)
        if isinstance(answer, TransportError):
            raise answer
        status, content, *fields = answer
        headers = {"content-type": "application/json", **(fields[0] if fields else {})}
        body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        ends = [end for end in range(1, len(body)) if body[end - 2 : end] == b"\n\n"] + [len(body)]
        return Response(status, headers, body, [(0.25 * number, end) for number, end in enumerate(ends, start=1)])

    def error(self, kind, message="refused"):
        status = STATUS[kind][self.old]
        return status, {"error": {"message": message, "type": kind, "param": None, "code": str(status)}}

    def _answer(self, method, path, query, document, value):
        if path == "/health/liveliness":
            return 200, '"I\'m alive!"'
        if path == "/health/readiness":
            return 200, {"status": "connected" if self.old else "healthy", "db": "connected"}
        if path == "/ui/":
            return 200, "<!DOCTYPE html>", {"content-type": "text/html; charset=utf-8"}
        if not value:
            return self.error("auth_error", "No api key passed in.")
        return self._admin(method, path, query, document) if value == MASTER else self._call(path, document, value)

    # As an administrator

    def _admin(self, method, path, query, document):
        if path == "/credentials/migrate-encryption/check":
            if self.old:
                return 405, {"detail": "Method Not Allowed"}
            scanned, legacy = self.salt
            counts = {"scanned": scanned, "legacy": legacy, "plaintext": scanned - legacy, "already_v2": 0}
            return 200, {"status": "success", "report": {"locations": {"model_table": counts, "credentials": {}}}}
        if path == "/v2/model/info":
            return 200, {"data": self.rows, "total_pages": 1}
        if path == "/router/settings":
            return 200, {"current_values": self.settings}
        if path == "/key/list":
            return 200, {"keys": list(self.keys.values()), "total_pages": 1}
        if path == "/key/generate":
            return self._generate(document)
        if path == "/key/block":
            self.keys[document["key"]]["blocked"] = True
            return 200, {}
        if path == "/key/delete":
            found = [self.keys.pop(each) for each in document["keys"] if each in self.keys]
            return (200, {"deleted_keys": document["keys"]}) if found else (404, {"error": {"message": "no key"}})
        if path == "/key/info":
            row = self.keys.get(query["key"])
            return (200, {"info": {**row, "spend": self._spent(query["key"])}}) if row else (404, {"detail": "none"})
        if path == "/spend/logs":
            return 200, [row for at, row in self.logs if row["api_key"] == query["api_key"] and self.now >= at]
        return 404, {"detail": "Not Found"}

    def _generate(self, document):
        if any(row["key_alias"] == document["key_alias"] for row in self.keys.values()):
            return 400, {"error": {"message": "alias is used", "type": "bad_request_error"}}
        token = hashlib.sha256(document["key"].encode()).hexdigest()
        seconds = {"1s": 1, "30m": 1800}.get(document.get("duration"), 60)
        expires = (EPOCH + timedelta(seconds=self.now + seconds)).isoformat()
        row = {"token": token, "spend": 0.0, "blocked": None, **document, "expires": expires}
        del row["key"]
        self.keys[token] = row
        return 200, {"key": document["key"], "token": token}

    def _spent(self, token):
        return sum(row["spend"] for at, row in self.logs if row["api_key"] == token and self.now >= at)

    # With a virtual key

    def _call(self, path, document, value):
        token = hashlib.sha256(value.encode()).hexdigest()
        cache = self.replicas[self._turn]
        self._turn = (self._turn + 1) % len(self.replicas)
        seen, row = cache.get(token, (-60.0, None))
        if row is None or self.now - seen >= 60 or len(self.replicas) == 1:
            row = dict(self.keys[token]) if token in self.keys else None
            cache[token] = (self.now, row)
        if row is None:
            return self.error("token_not_found_in_db")
        if row["blocked"]:
            return self.error("auth_error", "Key is blocked")
        if datetime.fromisoformat(row["expires"]) <= EPOCH + timedelta(seconds=self.now):
            return self.error("expired_key")
        if row["spend"] >= row["max_budget"]:
            return self.error("budget_exceeded")
        if path == "/v1/models":
            return 200, {"data": [{"id": name} for name in row["models"]]}
        if document["model"] not in row["models"]:
            return self.error("key_model_access_denied")
        return self._model(path, document, token)

    def _model(self, path, document, token):
        name = document["model"]
        found = next((each for each in self.rows if each["model_name"] == name), None)
        if found is None:
            return 400, {"error": {"message": f"Invalid model name passed in model={name}", "type": None}}
        row = {"api_key": token, "total_tokens": 12, "spend": self.cost, "model_group": name}
        self.logs.append((self.now + self.written_after, row))
        fields = {"x-litellm-model-id": found["model_info"]["id"], "x-litellm-response-cost": str(self.cost)}
        if path.endswith("/embeddings"):
            return 200, {"model": name, "data": [{"embedding": [0.1]}], "usage": USAGE}, fields
        text = path.endswith("/v1/completions")
        if not document.get("stream"):
            choice = {"text": "ready"} if text else {"message": {"role": "assistant", "content": "ready"}}
            return 200, {"model": name, "choices": [choice], "usage": USAGE}, fields
        chunks = [{"choices": [{"text": each} if text else {"delta": {"content": each}}]} for each in ("rea", "dy")]
        chunks.append({"choices": [], "usage": USAGE})
        events = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)
        del fields["x-litellm-response-cost"]
        return 200, events, {**fields, "content-type": "text/event-stream"}
