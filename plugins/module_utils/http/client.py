# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small HTTP client for gateways (MaaS, LiteLLM) and for what is behind them.

It does no I/O of its own: a C(send) callable is passed in. Whatever happens comes back as an C(Answer), never as an
exception, so that the callers decide on data. What an answer says about itself never holds a credential.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ansible_collections.llamastack.maas.plugins.module_utils.base import resend, service_url
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import hide, redact, without_known

EXCERPT_LENGTH = 300

# Ways in which no HTTP answer came at all, as the `send` callable reports them.
FAILURE_TLS = "tls"
FAILURE_NAME = "name"
FAILURE_REFUSED = "refused"
FAILURE_TIMEOUT = "timeout"
FAILURE_CONNECTION = "connection"
FAILURE_URL = "url"
# Not sent at all: a credential would have gone where it must not.
FAILURE_UNSAFE = "unsafe"


@dataclass(frozen=True)
class Request:
    """One request, not yet bound to a host or a caller. C(path) begins with a slash, or is a whole URL."""

    method: str
    path: str
    document: t.Any = None
    """Sent as JSON; None sends no body."""
    patience: float = 0.0
    """Seconds that the answer may take in good order; a shorter timeout is made as long."""


@dataclass(frozen=True)
class Response:
    """What C(send) returns: the status, the header fields by lower-case name, and the whole body."""

    status: int
    headers: t.Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    arrivals: t.Sequence[tuple[float, int]] = ()
    """When the body came: seconds since the request was sent, and how many bytes had come by then."""


class TransportError(resend.RequestFailure):
    """No HTTP answer came. C(kind) is one of the FAILURE_ constants; the message is the system's own."""

    def __init__(self, kind: str, message: str, delivery: str = resend.FINAL) -> None:
        super().__init__(message)
        self.kind = kind
        self.delivery = delivery


class Send(t.Protocol):
    """Sends one request. Follows no redirect, returns every status, raises C(TransportError)."""

    def __call__(
        self, method: str, url: str, headers: t.Mapping[str, str], body: bytes | None, timeout: float
    ) -> Response: ...


@dataclass(frozen=True)
class Answer:
    """The outcome of a request: an HTTP answer, or the reason why none came (C(status) 0, C(failure) set)."""

    method: str
    url: str
    status: int
    headers: t.Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    failure: str | None = None
    message: str = field(default="", repr=False)
    arrivals: t.Sequence[tuple[float, int]] = field(default=(), repr=False)
    """As in C(Response)."""

    @property
    def may_be_lost(self) -> bool:
        """Whether the request may have been carried out although nothing, or only a gateway, says so."""
        return self.failure in (FAILURE_CONNECTION, FAILURE_TIMEOUT) or self.status in (502, 503, 504)

    @property
    def text(self) -> str:
        """The body, without credentials that this process knows."""
        return without_known(self.body.decode("utf-8", errors="replace"))

    def json(self) -> t.Any:
        """The body as JSON, or None where it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def retry_after(self) -> float | None:
        """The seconds of the Retry-After header; its form with a date is not used by the gateway."""
        value = self.headers.get("retry-after", "").strip()
        return float(value) if value.isdigit() else None

    def error_words(self) -> str:
        """What the other side says went wrong, whole and unmasked: to decide by, not to show."""
        return _error_of(self.json()) or self.text

    def error_text(self) -> str:
        """What the other side says went wrong: the text in one of the usual JSON shapes, else the body."""
        return shown(self.error_words())

    def describe(self) -> str:
        """One line for a message: what was asked, what came."""
        if self.failure:
            came = "was not called" if self.failure == FAILURE_UNSAFE else "got no answer"
            return f"{self.method} {self.url} {came}: {shown(self.message)}"
        said = self.error_text()
        return f"{self.method} {self.url} answered {self.status}" + (f": {said}" if said else "")


def shown(text: str) -> str:
    """C(text) on one line of readable length, without credentials."""
    printable = "".join(char if char.isprintable() else " " for char in redact(text))
    text = " ".join(printable.split())
    return text if len(text) <= EXCERPT_LENGTH else text[: EXCERPT_LENGTH - 3] + "..."


def _error_of(document: t.Any) -> str:
    """The text under the first of C(error), C(detail) and C(message), however deep: LiteLLM wraps one in another.

    What is wrong with the fields of a request comes as a list of C({"loc": [...], "msg": text}).
    """
    if isinstance(document, str):
        return document
    if isinstance(document, list):
        return "; ".join(filter(None, map(_field_error, document)))
    if isinstance(document, dict):
        return next(filter(None, (_error_of(document.get(key)) for key in ("error", "message", "detail"))), "")
    return ""


def _field_error(entry: t.Any) -> str:
    if not isinstance(entry, dict):
        return ""
    place = ".".join(str(step) for step in entry.get("loc") or [])
    return f"{place}: {entry['msg']}" if place and entry.get("msg") else str(entry.get("msg") or "")


def url_problem(url: str) -> str | None:
    """What is wrong with the URL of a gateway as a person gave it, or None."""
    if "@" in url:
        return "the URL must not hold a user name or a password"
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname)
        _port = parts.port  # raises ValueError where it is no number
    except ValueError as error:
        return f"{url!r} is not a URL: {error}"
    if parts.scheme not in ("https", "http") or not has_host:
        return f"{url!r} is not a URL like https://maas.apps.example.com"
    if parts.query or parts.fragment:
        return f"{url!r} must end with the path, without a query or a fragment"
    return None


class HttpClient:
    """Sends requests to one base URL, or to whole URLs, as one caller or as nobody.

    C(headers) are what makes the caller (see C(Generation.caller_headers)). A whole URL that may not be called with a
    credential is not called with one, unless it is below the base URL itself, which a person has given.
    """

    def __init__(
        self,
        send: Send,
        base_url: str,
        *,
        headers: t.Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._send = send
        self._base_url = base_url.rstrip("/")
        self._headers = dict(headers or {})
        self._timeout = timeout
        hide([self._headers.get("Authorization", "").partition(" ")[2]])

    def request(self, request: Request, *, timeout: float | None = None) -> Answer:
        """Send C(request). The timeout is in seconds for the whole exchange; the default is the client's."""
        url = request.path if "://" in request.path else self._base_url + request.path
        is_own = "://" not in request.path or self._is_own(url)
        unsafe = self._headers and not is_own and service_url.problem(url)
        if unsafe:
            return Answer(request.method, url, 0, failure=FAILURE_UNSAFE, message=unsafe)
        headers = {"Accept": "application/json", **self._headers}
        body = None
        if request.document is not None:
            body = json.dumps(request.document).encode()
            headers["Content-Type"] = "application/json"
        try:
            response = self._send(request.method, url, headers, body, max(timeout or self._timeout, request.patience))
        except TransportError as error:
            return Answer(request.method, url, 0, failure=error.kind, message=str(error) or error.kind)
        return Answer(request.method, url, response.status, response.headers, response.body, arrivals=response.arrivals)

    def _is_own(self, url: str) -> bool:
        # The instances are below other paths than /v1.
        return url == self._base_url or url.startswith(f"{self._base_url}/v1/")


def server_sent_events(text: str) -> list[str]:
    """The data of each event of a C(text/event-stream) body, in order; comments and empty events are left out."""
    events = []
    data: list[str] = []
    # Not splitlines(): within JSON, what else ends a line there is a character like any other.
    for line in re.split(r"\r\n|\r|\n", text) + [""]:
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            events.append("\n".join(data))
            data = []
    return events
