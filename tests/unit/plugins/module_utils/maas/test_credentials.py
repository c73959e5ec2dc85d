# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key whose answer is lost: it is looked for by its name and revoked before another one is made."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base import resend
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import TransportError
from ansible_collections.llamastack.maas.plugins.module_utils.maas.credentials import MintingRefused, mint, revoke

KEYS = "/maas-api/v1/api-keys"
LOST = TransportError("connection", "Connection reset by peer")
LATE = TransportError("timeout", "timed out")


class Store:
    """The API keys of a MaaS, which loses the answers to the first requests for one."""

    def __init__(self, maas, *losses, others=0):
        self.maas, self.losses, self.numbers = maas, list(losses), itertools.count()
        self.keys = {f"other{number}": f"other{number}" for number in range(others)}
        maas.on("POST", KEYS, self.create)
        maas.on("POST", f"{KEYS}/search", self.search)

    def create(self, request):
        name, made = request.document["name"], f"k{next(self.numbers)}"
        loss = self.losses.pop(0) if self.losses else None
        if loss != "never arrived":
            self.keys[made] = name
            self.maas.on("DELETE", f"{KEYS}/{made}", lambda _request: (self.keys.pop(made), {"status": "revoked"})[1])
        if loss == "never arrived":
            return LOST
        return loss or (201, {"key": f"sk-oai-{made}", "id": made, "name": name})

    def search(self, request):
        assert request.document["filters"] == {"status": ["active"], "includeEphemeral": True}
        offset = request.document["pagination"]["offset"]
        page = list(self.keys.items())[offset : offset + 50]
        data = [{"id": key_id, "name": name} for key_id, name in page] or None
        return {"object": "list", "data": data, "has_more": offset + 50 < len(self.keys)}


@pytest.fixture(params=["b1", "b2"])
def b(request):
    return request.getfixturevalue(request.param)


def issue(maas, generation):
    return mint(generation, maas.connect({}), "llm-x", 600)


def names(maas):
    return [request.document["name"] for request in maas.requests("POST", KEYS)]


@pytest.mark.parametrize("others", [0, 120])
def test_a_lost_key_is_revoked_before_another_is_made(maas, b, others):
    store = Store(maas, LOST, others=others)
    credential = issue(maas, b)
    assert set(store.keys) - {f"other{number}" for number in range(others)} == {"k1"} == {credential.id}
    order = [(request.method, request.path) for request in maas.sent]
    assert order.index(("DELETE", f"{KEYS}/k0")) < len(order) - 1 and order[-1] == ("POST", KEYS)
    assert len(set(names(maas))) == 2 and all(name.startswith("llamastack-maas-") for name in names(maas))
    (said,) = resend.take()
    assert "found by its name" in said and said.endswith("and revoked: 1; another was asked for.")


def test_what_is_issued_after_it_was_looked_for_goes_in_the_end(maas, b):
    store = Store(maas, "never arrived")
    credential = issue(maas, b)
    assert store.keys == {"k1": names(maas)[1]}
    store.keys["late"] = names(maas)[0]
    maas.on("DELETE", f"{KEYS}/late", lambda _request: store.keys.pop("late"))
    assert revoke(b, maas.connect({}), credential) is None
    assert store.keys == {}


@pytest.mark.parametrize("loss", [LATE, (504, "upstream request timeout"), (503, "reset before headers")])
def test_what_a_gateway_or_the_time_has_cut_off_is_revoked_and_left_to_the_caller(maas, b, loss):
    store = Store(maas, loss)
    with pytest.raises(MintingRefused):
        issue(maas, b)
    assert store.keys == {} and len(names(maas)) == 1


def test_a_key_that_cannot_be_read_is_revoked(maas, b):
    store = Store(maas, (201, '{"key": "sk-oai-'))
    with pytest.raises(MintingRefused, match="answered 201: the answer holds no API key"):
        issue(maas, b)
    assert store.keys == {}


def test_it_is_not_tried_for_ever(maas, b):
    store = Store(maas, *[LOST] * 9)
    with pytest.raises(MintingRefused, match="Connection reset by peer"):
        issue(maas, b)
    assert store.keys == {} and len(names(maas)) == 3


@pytest.mark.parametrize("trouble", [(403, "forbidden"), LOST, {"object": "list"}, {"data": [{"name": "x"}]}])
def test_where_it_cannot_be_looked_for_none_is_made(maas, b, trouble):
    Store(maas, LOST)
    maas.on("POST", f"{KEYS}/search", trouble)
    with pytest.raises(MintingRefused, match="whether it has issued one is not known, for POST .*/search"):
        issue(maas, b)
    assert len(names(maas)) == 1


def test_where_it_cannot_be_revoked_none_is_made(maas, b):
    Store(maas, LOST)
    maas.on("DELETE", f"{KEYS}/k0", (500, "database"))
    maas.routes["DELETE", f"{KEYS}/k0"] = [(500, "database")]
    store_create = maas.routes["POST", KEYS][0]

    def create(request):
        answer = store_create(request)
        maas.on("DELETE", f"{KEYS}/k0", (500, "database"))
        return answer

    maas.on("POST", KEYS, create)
    with pytest.raises(MintingRefused, match="DELETE .*/k0 answered 500"):
        issue(maas, b)
    assert len(names(maas)) == 1


def test_a_refusal_is_asked_about_nothing(maas, b):
    Store(maas, (403, {"code": "subscription_not_ready"}))
    with pytest.raises(MintingRefused):
        issue(maas, b)
    assert maas.requests("POST", f"{KEYS}/search") == []


def test_a_token_that_cannot_be_looked_for_expires(maas, a):
    maas.on("POST", "/maas-api/v1/tokens", LOST, (201, {"token": "t"}))
    assert issue(maas, a).token == "t"
    (said,) = resend.take()
    assert "expires by itself; another was asked for" in said and len(maas.sent) == 2
