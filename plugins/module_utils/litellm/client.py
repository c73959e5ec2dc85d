# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API of a LiteLLM: documents in, documents out, and what it refuses as an exception.

What went wrong is decided by the C(type) of the error, never by its message: messages differ between versions, and so
do some status codes. Nothing here sends a POST again whose answer was lost: whoever writes reads afterwards.
"""

from __future__ import annotations

import typing as t
from urllib.parse import urlencode

from ansible_collections.llamastack.maas.plugins.module_utils.base import parallel
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import hide, redact
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, HttpClient, Request, Send

Document = t.Dict[str, t.Any]
T = t.TypeVar("T")

PAGE = 100
"""The most entries that LiteLLM gives in one answer."""

# The types of LiteLLM's own refusals of a call to a model, the same in all versions.
KEY_MODEL_DENIED = "key_model_access_denied"
TEAM_MODEL_DENIED = "team_model_access_denied"
USER_MODEL_DENIED = "user_model_access_denied"
EXPIRED_KEY = "expired_key"
BLOCKED_KEY = "auth_error"
UNKNOWN_KEY = "token_not_found_in_db"
BUDGET_EXCEEDED = "budget_exceeded"
THROTTLED = "throttling_error"


class LitellmError(Exception):
    """An answer that is no success or not LiteLLM's, or none. As text: what was asked and what came, without credentials."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(redact(answer.describe()))  # a key may stand in the URL, too
        self.answer = answer

    @property
    def status(self) -> int:
        """The HTTP status, 0 where no answer came."""
        return self.answer.status

    @property
    def type(self) -> str:
        """What kind of error LiteLLM says it is, such as :data:`BUDGET_EXCEEDED`; empty where it says nothing."""
        return error_type(self.answer.json())

    @property
    def may_be_done(self) -> bool:
        """Whether the request may have been carried out: the answer was lost, or LiteLLM failed on the way (5xx)."""
        return self.answer.may_be_lost or self.status >= 500


def error_type(document: t.Any) -> str:
    """The C(type) in the body of an error.

    The shapes are C({"error": {"type"}}), C({"detail": {"error": {"type"}}}), C({"detail": {"error": text}}),
    C({"detail": text}) and C({"detail": [{"type"}]}); those of text have none.
    """
    if isinstance(document, list):
        return error_type(document[0]) if document else ""
    if not isinstance(document, dict):
        return ""
    own = document.get("type")
    if isinstance(own, str):
        return "" if own == "None" else own
    return next(filter(None, (error_type(document.get(key)) for key in ("error", "detail"))), "")


class Litellm:
    """One LiteLLM, called with one key: the master key, or a virtual one. Calls may raise :class:`LitellmError`."""

    def __init__(self, send: Send, url: str, key: str | None, *, timeout: float = 30.0) -> None:
        if key:
            hide([key])
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = HttpClient(send, self.url, headers=headers, timeout=timeout)

    def answer(self, method: str, path: str, body: t.Any = None, *, timeout: float | None = None) -> Answer:
        """Whatever came of a request, a refusal, too."""
        return self._client.request(Request(method, path, body), timeout=timeout)

    def get(self, path: str, **query: t.Any) -> t.Any:
        """The document at ``path``. What is none is no answer of LiteLLM: a web page, with a status of 200, too."""
        answer = self.answer("GET", with_query(path, query))
        document = self._document(answer)
        if document is None:
            raise LitellmError(answer)
        return document

    def post(self, path: str, body: t.Any) -> t.Any:
        """What a POST answers."""
        return self._document(self.answer("POST", path, body))

    def patch(self, path: str, body: t.Any) -> t.Any:
        """What a PATCH answers. It is sent again where the answer was lost: LiteLLM merges what it is given."""
        return self._document(self.answer("PATCH", path, body))

    def delete(self, path: str) -> t.Any:
        """What a DELETE answers."""
        return self._document(self.answer("DELETE", path))

    def pages(self, path: str, items: str, size: str = "page_size", **query: t.Any) -> list[t.Any]:
        """All entries of a list that comes in pages: ``items`` is their field, ``size`` the parameter of their number.

        The first page says how many there are; the others are asked for side by side.
        """

        def page(number: int) -> Document:
            return self.get(path, **query, page=number, **{size: PAGE})

        first = page(1)
        rest = range(2, int(first.get("total_pages") or 1) + 1)
        found = list(first.get(items) or [])
        for answer in in_parallel([lambda n=number: page(n) for number in rest]):
            if isinstance(answer, LitellmError):
                raise answer
            found += answer.get(items) or []
        return found

    @staticmethod
    def _document(answer: Answer) -> t.Any:
        if answer.failure or not 200 <= answer.status < 300:
            raise LitellmError(answer)
        return answer.json()


def with_query(path: str, query: t.Mapping[str, t.Any]) -> str:
    """The path with the parameters that are not None; Booleans as LiteLLM reads them."""
    given = {
        key: str(value).lower() if isinstance(value, bool) else value
        for key, value in query.items()
        if value is not None
    }
    return f"{path}?{urlencode(given)}" if given else path


def in_parallel(calls: t.Sequence[t.Callable[[], T]]) -> list[T | LitellmError]:
    """Make all calls through a small pool; a :class:`LitellmError` that is raised takes the place of the result."""
    return parallel.in_parallel(calls, LitellmError)
