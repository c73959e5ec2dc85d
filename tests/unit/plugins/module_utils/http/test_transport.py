# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Against a real TLS server on loopback: what is trusted, followed and sent is decided here and nowhere else."""

from __future__ import annotations

import contextlib
import http.server
import itertools
import json
import os
import socket
import ssl
import struct
import threading
import time

import pytest
import trustme
from ansible_collections.llamastack.maas.plugins.module_utils.base import resend
from ansible_collections.llamastack.maas.plugins.module_utils.http import transport
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import TransportError


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.answer(200, json.dumps({"headers": dict(self.headers), "body": body}))

    def do_GET(self):
        if self.path == "/trickle":
            self.trickle(200, pause=0.02)
        elif self.path == "/chunks":
            self.trickle(3)
        elif self.path == "/redirect":
            self.answer(302, "", Location="https://elsewhere.example.com/")
        elif self.path == "/huge":
            self.answer(200, "x" * 5_000_000)
        else:
            self.answer(403, "Access denied")

    def answer(self, status, text, **headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(text)), "X-Ext-Auth-Reason": "unauthorized"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def trickle(self, chunks, pause=0):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for _chunk in range(chunks):
                self.wfile.write(b"1\r\nx\r\n")
                self.wfile.flush()
                time.sleep(pause)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            pass


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    authority = trustme.CA()
    authority.file = str(tmp_path_factory.mktemp("pki") / "ca.pem")
    authority.cert_pem.write_to_path(authority.file)
    return authority


@pytest.fixture(scope="module")
def url(authority):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def sleeps():
    """The pauses before something was sent again; they take no time."""
    return []


@pytest.fixture
def send(authority, sleeps):
    return transport.sender(ca_file=authority.file, validate_certs=True, sleep=sleeps.append)


def test_sends_and_reads(url, send):
    response = send("POST", f"{url}/x", {"Authorization": "Bearer t"}, b'{"a": 1}', 5)
    echoed = json.loads(response.body)
    assert (response.status, echoed["body"], echoed["headers"]["Authorization"]) == (200, '{"a": 1}', "Bearer t")


def test_a_refusal_is_an_answer_with_lower_case_fields(url, send):
    response = send("GET", f"{url}/x", {}, None, 5)
    assert (response.status, response.body) == (403, b"Access denied")
    assert response.headers["x-ext-auth-reason"] == "unauthorized"


def test_a_redirect_is_not_followed(url, send):
    response = send("GET", f"{url}/redirect", {"Authorization": "Bearer t"}, None, 5)
    assert (response.status, response.headers["location"]) == (302, "https://elsewhere.example.com/")


def test_netrc_does_not_replace_the_caller(url, send, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine localhost login me password mine\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    headers = json.loads(send("POST", f"{url}/x", {}, b"{}", 5).body)["headers"]
    assert "Authorization" not in headers


@pytest.mark.parametrize("ca", [None, "another"])
def test_an_untrusted_certificate_is_refused(url, ca, tmp_path):
    if ca:
        ca = str(tmp_path / "other.pem")
        trustme.CA().cert_pem.write_to_path(ca)
    with pytest.raises(TransportError, match="CERTIFICATE_VERIFY_FAILED") as caught:
        transport.sender(ca_file=ca, validate_certs=True)("GET", f"{url}/x", {}, None, 5)
    assert caught.value.kind == "tls"


def test_a_certificate_for_another_name_is_refused(url, send):
    with pytest.raises(TransportError) as caught:
        send("GET", url.replace("localhost", "127.0.0.1"), {}, None, 5)
    assert caught.value.kind == "tls"


def test_unless_that_is_switched_off(url):
    assert transport.sender(ca_file=None, validate_certs=False)("GET", f"{url}/x", {}, None, 5).status == 403


@pytest.mark.parametrize("content", [None, "not a certificate"])
def test_a_file_of_authorities_that_cannot_be_used_is_refused_at_once(tmp_path, content):
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(ValueError, match=str(path)):
        transport.sender(ca_file=str(path), validate_certs=True)


@pytest.mark.parametrize(
    ("target", "kind"),
    [("https://localhost:1/", "refused"), ("https://localhost:port/", "url"), ("https:/x", "connection")],
)
def test_ways_to_fail(sleeps, send, target, kind):
    with pytest.raises(TransportError) as caught:
        send("GET", target, {}, None, 5)
    assert caught.value.kind == kind


@pytest.mark.parametrize(("error", "kind"), [(socket.EAI_NONAME, "name"), (socket.EAI_AGAIN, "connection")])
def test_a_name_that_does_not_exist_is_not_a_resolver_that_does_not_answer(sleeps, send, monkeypatch, error, kind):
    def getaddrinfo(*args, **kwargs):
        raise socket.gaierror(error, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(TransportError) as caught:
        send("GET", "https://maas.example.com/", {}, None, 5)
    assert caught.value.kind == kind and bool(sleeps) == (kind == "connection")


def test_when_the_answer_came_is_known(url, authority):
    ticks = itertools.count()
    send = transport.sender(ca_file=authority.file, validate_certs=True, clock=lambda: next(ticks))
    assert send("GET", f"{url}/x", {}, None, 5).arrivals == [(1, len("Access denied"))]
    ticks = itertools.count()
    assert send("GET", f"{url}/chunks", {}, None, 5).arrivals == [(1, 1), (2, 2), (3, 3)]


RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time to linger: what closes is a reset


def at_once(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def within_the_answer(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    time.sleep(0.05)
    at_once(connection)


def cut_off(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def hung_up(_connection):
    pass


@pytest.fixture
def shaky():
    """``shaky(trouble…) -> (url, methods)``: a server whose first connections end so; the others are answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def start(*troubles):
            methods, left = [], list(troubles)

            def serve():
                with contextlib.suppress(OSError):
                    while True:
                        connection, _peer = server.accept()
                        with connection:
                            methods.append(connection.recv(65536).split(b" ")[0].decode())
                            if left:
                                left.pop(0)(connection)
                            else:
                                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

            threading.Thread(target=serve, daemon=True).start()
            return f"http://127.0.0.1:{server.getsockname()[1]}", methods

        yield start
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("trouble", [at_once, within_the_answer, cut_off, hung_up])
def test_what_may_be_done_twice_is_sent_again(shaky, send, trouble, monkeypatch):
    url, methods = shaky(trouble)
    assert send("DELETE", f"{url}/maas-api/v1/api-keys/1", {}, None, 5).body == b"ok"
    assert methods == ["DELETE"] * 2
    (said,) = resend.take()
    assert f"{url} gave no answer to requests, or was busy, so they were sent again: 1 DELETE." in said


@pytest.mark.parametrize("trouble", [at_once, within_the_answer, cut_off, hung_up])
@pytest.mark.parametrize("path", ["/maas-api/v1/api-keys", "/maas-api/v1/tokens", "/llm/x/v1/chat/completions"])
def test_what_makes_something_is_not(shaky, send, trouble, path):
    url, methods = shaky(trouble)
    with pytest.raises(TransportError) as lost:
        send("POST", url + path, {}, b"{}", 5)
    assert lost.value.kind == "connection" and methods == ["POST"]


def test_where_no_connection_is_made_everything_is_sent_again(sleeps, send):
    with pytest.raises(TransportError) as refused:
        send("POST", "http://127.0.0.1:1/maas-api/v1/api-keys", {}, b"{}", 5)
    assert refused.value.kind == "refused" and sleeps == [0.5, 1.0, 2.0, 4.0]


def test_a_stream_that_trickles_ends_with_the_time(url, send):
    started = time.monotonic()
    with pytest.raises(TransportError) as caught:
        send("GET", f"{url}/trickle", {}, None, 0.1)
    assert caught.value.kind == "timeout"
    assert time.monotonic() - started < 2


def test_an_endless_answer_is_cut_off(url, send):
    with pytest.raises(TransportError, match="longer than"):
        send("GET", f"{url}/huge", {}, None, 5)


def test_a_proxy_is_used_for_as_long_as_it_is_asked_for(monkeypatch, sleeps) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://before:1")
    monkeypatch.delenv("https_proxy", raising=False)
    send = transport.sender(ca_file=None, validate_certs=True, sleep=sleeps.append)
    with transport.through_proxy("http://127.0.0.1:9", None), pytest.raises(TransportError) as refused:
        send("GET", "https://provider.example.com/", {}, None, 5)
    assert refused.value.kind == "refused"
    assert os.environ["HTTPS_PROXY"] == "http://before:1" and "https_proxy" not in os.environ
    with transport.through_proxy(None, None):
        assert os.environ["HTTPS_PROXY"] == "http://before:1"
