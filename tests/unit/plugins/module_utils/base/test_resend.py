# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import http.client
import socket
import ssl
from types import SimpleNamespace

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base import redaction, resend
from ansible_collections.llamastack.maas.plugins.module_utils.base.resend import BUSY, FINAL, LOST, UNSENT

API = "https://api:6443/apis/v1/x"


class Trouble(resend.RequestFailure):
    def __init__(self, delivery, retry_after=None):
        super().__init__("Connection reset by peer")
        self.delivery, self.retry_after = delivery, retry_after


class Network:
    """Fails as it is told, then answers; its clock moves by sleeping, and by what each sending takes."""

    def __init__(self, takes=0.0):
        self.now, self.takes, self.slept, self.sent = 0.0, takes, [], 0
        self.resend = resend.Resend(clock=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def ask(self, *troubles, method="GET", url=API):
        troubles = list(troubles)

        def send():
            self.sent += 1
            self.now += self.takes
            if troubles:
                raise troubles.pop(0)
            return "answer"

        return self.resend(method, url, send)


@pytest.fixture
def network():
    return Network()


REPEATABLE = [
    ("GET", API),
    ("PATCH", f"{API}?fieldManager=llamastack.maas"),
    ("DELETE", API),
    ("POST", "https://maas/maas-api/v1/api-keys/search"),
    ("POST", "https://api:6443/apis/authentication.k8s.io/v1/selfsubjectreviews"),
    ("POST", "https://api:6443/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
]
MAKING = [
    ("POST", "https://maas/maas-api/v1/api-keys"),
    ("POST", "https://maas/maas-api/v1/tokens"),
    ("POST", "https://maas/llm/openai/v1/chat/completions"),
    ("POST", "https://maas/llm/openai/v1/embeddings?x=/api-keys/search"),
    ("POST", "https://api:6443/api/v1/namespaces/llm/serviceaccounts/prober/token"),
]


@pytest.mark.parametrize(("method", "url"), REPEATABLE)
@pytest.mark.parametrize("delivery", [UNSENT, BUSY, LOST])
def test_what_changes_nothing_when_done_twice_is_sent_again(network, method, url, delivery):
    assert network.ask(Trouble(delivery), Trouble(delivery), method=method, url=url) == "answer"
    assert network.sent == 3 and network.slept == [0.5, 1.0]


@pytest.mark.parametrize(("method", "url"), MAKING)
def test_what_makes_something_is_sent_again_only_where_nobody_has_received_it(network, method, url):
    assert network.ask(Trouble(UNSENT), Trouble(BUSY), method=method, url=url) == "answer"
    with pytest.raises(Trouble):
        network.ask(Trouble(LOST), method=method, url=url)
    assert network.sent == 4


def test_pauses_grow_and_end(network):
    with pytest.raises(Trouble):
        network.ask(*[Trouble(LOST)] * 9)
    assert network.slept == [0.5, 1.0, 2.0, 4.0] and network.sent == resend.ATTEMPTS


def test_a_server_that_says_when_is_asked_then_but_not_for_ever(network):
    assert network.ask(Trouble(BUSY, 3.0), Trouble(BUSY, 600.0)) == "answer"
    assert network.slept == [3.0, 10.0]


def test_an_answer_is_final(network):
    with pytest.raises(Trouble):
        network.ask(Trouble(FINAL))
    assert network.sent == 1 and not network.slept


def test_who_has_waited_for_a_timeout_has_waited_enough():
    slow = Network(takes=resend.PATIENCE)
    with pytest.raises(Trouble):
        slow.ask(Trouble(UNSENT))
    assert slow.sent == 1


def test_a_server_that_is_gone_is_waited_for_once(network):
    for _request in range(3):
        with pytest.raises(Trouble):
            network.ask(*[Trouble(UNSENT)] * 9)
    assert network.sent == resend.ATTEMPTS + 2
    assert network.ask(Trouble(UNSENT), url="https://other/x") == "answer"
    network.ask()
    assert network.ask(Trouble(UNSENT)) == "answer"


def test_an_answer_says_whether_the_request_may_have_been_carried_out_before(network):
    after = Trouble(FINAL)
    for first in (LOST, UNSENT):
        with pytest.raises(Trouble):
            network.ask(Trouble(first), after)
        assert after.after_loss is (first == LOST)


@pytest.mark.parametrize(
    ("error", "delivery"),
    [
        (ConnectionRefusedError(), UNSENT),
        (socket.gaierror(socket.EAI_AGAIN, "x"), UNSENT),
        (OSError(errno.EHOSTUNREACH, "x"), UNSENT),
        (ConnectionResetError(), LOST),
        (BrokenPipeError(), LOST),
        (http.client.RemoteDisconnected("x"), LOST),
        (http.client.IncompleteRead(b""), LOST),
        (ssl.SSLEOFError(8, "x"), LOST),
        (ssl.SSLError(1, "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred"), LOST),
        (socket.gaierror(socket.EAI_NONAME, "x"), FINAL),
        (ssl.SSLCertVerificationError(1, "x"), FINAL),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), FINAL),
        (TimeoutError(), FINAL),
        (OSError("Tunnel connection failed: 403 Forbidden"), FINAL),
        (ValueError(), FINAL),
    ],
)
def test_how_far_a_request_came(error, delivery):
    assert resend.delivery_of(error) == delivery


def test_however_a_module_ends_it_says_what_was_sent_again(network):
    redaction.hide(["sk-oai-verysecret"])
    ended = []
    module = SimpleNamespace(exit_json=ended.append, fail_json=ended.append, warned=[])
    module.warn = module.warned.append
    resend.report(module)
    resend.report(module)
    network.ask(Trouble(LOST), Trouble(LOST), url=f"{API}?secret=1")
    network.ask(Trouble(BUSY), method="PATCH", url="https://maas/sk-oai-verysecret")
    resend.note("A key was lost.")
    module.fail_json("x")
    assert module.warned == [
        "https://api:6443 gave no answer to requests, or was busy, so they were sent again: 2 GET. The last was GET "
        "/apis/v1/x: Connection reset by peer",
        "https://maas gave no answer to requests, or was busy, so they were sent again: 1 PATCH. The last was PATCH "
        "/********: Connection reset by peer",
        "A key was lost.",
    ]
    module.exit_json("y")
    assert ended == ["x", "y"] and len(module.warned) == 3
