# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The C(send) of C(client.HttpClient) over Ansible's own HTTP client: the only place that opens a connection."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import time
import typing as t
from http.client import HTTPException, IncompleteRead, InvalidURL
from urllib.error import HTTPError, URLError

from ansible_collections.llamastack.maas.plugins.module_utils.base import resend
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import (
    FAILURE_CONNECTION,
    FAILURE_NAME,
    FAILURE_REFUSED,
    FAILURE_TIMEOUT,
    FAILURE_TLS,
    FAILURE_URL,
    Response,
    Send,
    TransportError,
)

# An answer to a small request is small; whoever sends more than this is not the API that was asked.
_BODY_LIMIT = 4 * 1024 * 1024
_CHUNK = 64 * 1024


TRUST_ARGUMENTS: dict[str, t.Any] = {
    "ca_file": {"type": "path"},
    "validate_maas_certs": {"type": "bool", "default": True},
}
"""The options of a module that say whom C(sender) trusts; documented by the fragment C(options.trust)."""


def sender(
    *,
    ca_file: str | None,
    validate_certs: bool,
    clock: t.Callable[[], float] = time.monotonic,
    sleep: t.Callable[[float], None] = time.sleep,
) -> Send:
    """A C(send) that trusts the certificates of the PEM file C(ca_file), or the system's where it is None.

    Raises ValueError where C(ca_file) cannot be used. Proxies of the environment are used. Redirects are not followed
    and C(~/.netrc) is not read: both would decide behind the caller's back where a credential goes, or which. What may be
    repeated is sent again where the connection fails.
    """
    if ca_file:
        try:
            ssl.create_default_context(cafile=ca_file)
        except OSError as error:
            raise ValueError(f"The file of CA certificates {ca_file} cannot be used: {error}") from error

    def send_once(method: str, url: str, headers: t.Mapping[str, str], body: bytes | None, timeout: float) -> Response:
        # It costs a tenth of a module's start, and many have nothing to send.
        from ansible.module_utils.urls import open_url

        started = clock()
        try:
            try:
                answer = open_url(
                    url,
                    data=body,
                    headers=dict(headers),
                    method=method,
                    timeout=timeout,
                    validate_certs=validate_certs,
                    ca_path=ca_file,
                    follow_redirects="none",
                    use_netrc=False,
                    http_agent="llamastack.maas",
                )
            except HTTPError as error:
                answer = error
            with answer:
                content, arrivals = _read(answer, clock, started, timeout)
        except TransportError:
            raise
        except (OSError, HTTPException, ValueError) as error:
            raise _transport_error(error) from error
        return Response(
            status=answer.code,
            headers={key.lower(): value for key, value in answer.headers.items()},
            body=content,
            arrivals=arrivals,
        )

    again = resend.Resend(clock=clock, sleep=sleep)

    def send(method: str, url: str, headers: t.Mapping[str, str], body: bytes | None, timeout: float) -> Response:
        return again(method, url, lambda: send_once(method, url, headers, body, timeout))

    return send


@contextlib.contextmanager
def through_proxy(proxy: str | None, no_proxy: str | None) -> t.Iterator[None]:
    """For the time of a C(with) block, what C(sender) sends goes through this proxy; None leaves the environment as it is.

    Ansible's client knows of no proxy but that of the environment. All threads of the process are concerned.
    """
    given = {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "NO_PROXY": no_proxy or ""} if proxy else {}
    # The spelling in small letters goes before the other one.
    names = [spelling for name in given for spelling in (name, name.lower())]
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: given[name.upper()] or "" for name in names})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _read(
    answer: t.Any, clock: t.Callable[[], float], started: float, timeout: float
) -> tuple[bytes, list[tuple[float, int]]]:
    """The body, and when it came. The socket's timeout bounds each read, this one all of them: a stream may trickle for ever."""
    chunks = []
    arrivals = []
    size = 0
    while True:
        chunk = answer.read1(_CHUNK) if hasattr(answer, "read1") else answer.read(_CHUNK)
        if not chunk:
            if getattr(answer, "length", None):  # of what was announced, so much has not come
                raise IncompleteRead(b"".join(chunks), answer.length)
            return b"".join(chunks), arrivals
        chunks.append(chunk)
        size += len(chunk)
        seconds = clock() - started
        arrivals.append((seconds, size))
        if size > _BODY_LIMIT:
            raise TransportError(FAILURE_CONNECTION, f"the answer is longer than {_BODY_LIMIT} bytes")
        if seconds > timeout:
            raise TransportError(FAILURE_TIMEOUT, f"the answer was not complete after {timeout:.0f} s")


def _transport_error(error: Exception) -> TransportError:
    cause: t.Any = error
    while isinstance(cause, URLError) and isinstance(cause.reason, Exception):
        cause = cause.reason
    message = str(cause) or type(cause).__name__
    delivery = resend.delivery_of(cause)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return TransportError(FAILURE_TLS, message)
    if isinstance(cause, socket.gaierror):
        # EAI_AGAIN is a resolver that did not answer; the others say that the name does not exist.
        return TransportError(FAILURE_CONNECTION if delivery == resend.UNSENT else FAILURE_NAME, message, delivery)
    if isinstance(cause, ConnectionRefusedError):
        return TransportError(FAILURE_REFUSED, message, delivery)
    if isinstance(cause, (socket.timeout, TimeoutError)):
        return TransportError(FAILURE_TIMEOUT, message)
    if isinstance(cause, (InvalidURL, ValueError)):
        return TransportError(FAILURE_URL, message)
    return TransportError(FAILURE_CONNECTION, message, delivery)
