# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generation A, GET /v1/models: which services are the gateway's, the probe, the entries."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.maas import a_list
from sandbox.maas.a_list import FIXED, RELEASED, Probe, attached, entry, is_ready, listed, url_of

from sandbox_tests.maas_objects import GATEWAY, route
from sandbox_tests.maas_objects import service as any_service

OURS = {"gateway": {"refs": [GATEWAY]}}
URL = "https://maas.test/llm/gem"
TRUE = [{"type": "Ready", "status": "True"}]


def service(name: str = "gem", router: dict | None = None, **status: object) -> dict:
    there = any_service(name)
    there["spec"] = {"model": {"name": name}, "router": OURS if router is None else router}
    there["status"] = {"url": f"https://maas.test/llm/{name}", "observedGeneration": 1, "conditions": TRUE, **status}
    return there


def found(services: list[dict], probe: Probe = RELEASED, **answers: int | Exception) -> list[str] | None:
    """Ids of the list where each service gives its answer."""

    async def ask(_method: str, url: str) -> int:
        answer = answers[url.split("/")[4]]
        if isinstance(answer, Exception):
            raise answer
        return answer

    entries = asyncio.run(listed(services, [], probe, ask))
    return entries and sorted(each["id"] for each in entries)


@pytest.mark.parametrize(
    ("router", "routes", "expected"),
    [
        (OURS, [], True),
        ({"route": {}}, [route("gem")], False),
        ({"route": {"http": {}}}, [route("gem")], True),
        ({"route": {"http": {}}}, [], False),
        ({"route": {"http": {}}}, [route("gem", gateway={"name": "other", "namespace": "x"})], False),
        ({"route": {"http": {"refs": [{"name": "gem-kserve-route"}]}}}, [route("gem")], True),
        ({"route": {"http": {"spec": {"parentRefs": [GATEWAY]}}}}, [], True),
        ({"gateway": {"refs": [{"name": "other", "namespace": "x"}]}, "route": {}}, [route("gem")], False),
        ({}, [route("gem")], False),
    ],
)
def test_attachment(router, routes, expected):
    """Observed on generation A, attachment: `route: {}` and an HTTPRoute are not enough, gateway.refs are."""
    assert attached(service(router=router), routes) is expected


def test_an_attached_service_is_probed_and_others_are_not():
    outside = service("outside", router={"route": {}})
    assert found([service("gem"), outside], gem=200) == ["gem"]


def test_a_server_that_answers_405_to_options_is_hidden():
    """Observed on generation A, probe: a backend answering 405 is absent, one answering 200 is listed."""
    assert (RELEASED.method, RELEASED.path) == ("OPTIONS", "/v1/chat/completions")
    assert found([service("gem"), service("gpt")], gem=405, gpt=200) == ["gpt"]


def test_the_first_fix_probes_by_get_and_takes_405():
    assert (FIXED.method, FIXED.path) == ("GET", "/v1/models")
    assert found([service("gem")], FIXED, gem=405) == ["gem"]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_denied_is_hidden_at_once(status):
    assert found([service("gem")], gem=status) is None


def test_other_answers_are_tried_four_times(monkeypatch):
    monkeypatch.setattr(a_list, "FIRST_PAUSE", 0.001)
    for answer in (503, 429, OSError("refused")):
        assert found([service("gem")], gem=answer) is None
    answers = [503, OSError("refused"), 500, 200]

    async def ask(_method: str, _url: str) -> int:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    assert len(asyncio.run(listed([service("gem")], [], RELEASED, ask))) == 1


def test_no_accessible_model_is_null():
    """Observed on generation A: no accessible model -> `data` is null, not `[]`."""
    assert found([]) is None


def test_the_order_of_entries_is_arbitrary():
    """Observed on generation A: order of entries is arbitrary."""
    services = [service(f"m{number}") for number in range(6)]

    async def ask(_method: str, _url: str) -> int:
        return 200

    orders = {tuple(each["id"] for each in asyncio.run(listed(services, [], RELEASED, ask))) for _try in range(20)}
    assert len(orders) > 1


@pytest.mark.parametrize(
    ("change", "ready"),
    [
        ({}, True),
        ({"conditions": [*TRUE, {"type": "Other", "status": "Unknown"}]}, False),
        ({"conditions": []}, False),
        ({"observedGeneration": 0}, False),
    ],
)
def test_ready_means_every_condition(change, ready):
    """Observed on generation A, `ready:false` entry: any condition not True (seen with an extra Unknown condition)."""
    assert is_ready(service(**change)) is ready


def test_a_service_on_its_way_out_is_not_ready_and_one_without_a_url_is_absent():
    going = service()
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert not is_ready(going)
    assert found([service(url=None)]) is None
    assert url_of(service(url=None, addresses=[{"url": "https://a"}])) == "https://a"
    assert url_of(service(url=None, address={"url": "https://b"}, addresses=[{"url": "https://a"}])) == "https://b"


def test_an_entry():
    """Observed on generation A, entry: no `kind`, no `subscriptions`; `owned_by` the namespace."""
    there = service()
    there["metadata"]["annotations"] = {"openshift.io/display-name": "Gem", "opendatahub.io/context-window": "1"}
    assert entry(there) == {
        "id": "gem",
        "created": 1795262400,
        "object": "model",
        "owned_by": "llm",
        "url": URL,
        "ready": True,
        "modelDetails": {"displayName": "Gem"},
    }
    there["spec"]["model"] = {"uri": "hf://x"}
    assert entry(there)["id"] == "gem"
