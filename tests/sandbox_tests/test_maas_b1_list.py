# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generation B1, GET /v1/models: what the answers of the models' own endpoints make of the list."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from sandbox.maas import b1_list
from sandbox.maas.b1_list import Unclear, entries, listed, probe_url, served_models
from sandbox.maas.selection import SelectionError

from sandbox_tests.maas_objects import keys, model_ref, subscription

HERE = "https://maas.test/llm/gem"
GROUPS = ("data-science",)


def ref(name: str = "gem", *, phase: str = "Ready", endpoint: str = HERE, **more: object) -> dict:
    return model_ref(name, status={"phase": phase, "endpoint": endpoint}, **more)


def free(*names: str, name: str = "free", **more: object) -> dict:
    return subscription(name, keys(*names), groups=GROUPS, **more)


def told(*models: object) -> tuple[int, bytes]:
    return 200, json.dumps({"object": "list", "data": list(models)}).encode()


def ids(refs: list[dict], subscriptions: list[dict], answers: dict[str, object], **more: float) -> list[str]:
    """Ids of the list where each URL gives its answer: (status, body) or an exception."""

    async def fetch(url: str, _subscription: str) -> tuple[int, bytes]:
        answer = answers[url]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return [each["id"] for each in asyncio.run(listed(refs, subscriptions, fetch, **more))]


@pytest.mark.parametrize(
    ("status", "body", "served"),
    [
        (200, '{"data": [{"id": "a"}, {"id": "b"}]}', ["a", "b"]),
        (200, '{"data": []}', [None]),
        (200, '{"data": [{"identifier": "a"}]}', [None]),
        (200, '{"data": [{"identifier": "a"}, {"id": "b"}]}', ["b"]),
        (405, "", [None]),
        (200, '{"models": []}', []),
        (200, '{"data": null}', []),
        (200, '[{"id": "a"}]', []),
        (401, "", []),
        (403, "", []),
        (404, "", []),
    ],
)
def test_what_an_answer_makes_of_the_list(status, body, served):
    """Observed of the list on B1: backend answer -> list. None is an entry named like the MaaSModelRef."""
    assert [each and each["id"] for each in served_models(status, body.encode())] == served


@pytest.mark.parametrize(("status", "body"), [(500, ""), (503, "no healthy upstream"), (200, "<html>")])
def test_answers_that_are_worth_another_try(status, body):
    """Observed of the list on B1: 5xx and unparsable: four tries."""
    with pytest.raises(Unclear):
        served_models(status, body.encode())


def test_an_unclear_answer_is_tried_four_times_and_then_hidden(monkeypatch):
    """Observed of the list on B1: 5xx and unparsable: 4 tries, hidden."""
    monkeypatch.setattr(b1_list, "FIRST_PAUSE", 0.001)
    calls = []

    async def fetch(url: str, _subscription: str) -> tuple[int, bytes]:
        calls.append(url)
        return 503, b""

    assert asyncio.run(listed([ref()], [free("gem")], fetch)) == []
    assert len(calls) == 4


def test_a_recovered_endpoint_is_listed(monkeypatch):
    monkeypatch.setattr(b1_list, "FIRST_PAUSE", 0.001)
    answers = [OSError("refused"), (500, b""), told({"id": "gem/a"})]

    async def fetch(_url: str, _subscription: str) -> tuple[int, bytes]:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    (entry,) = asyncio.run(listed([ref()], [free("gem")], fetch))
    assert entry["id"] == "gem/a"


def test_one_hanging_endpoint_holds_the_list_up_and_is_left_out():
    """Observed of the list on B1: one hanging backend delays the whole list to 15 s."""
    assert b1_list.TOTAL_SECONDS == 15

    async def fetch(url: str, _subscription: str) -> tuple[int, bytes]:
        if "hang" in url:
            await asyncio.sleep(60)
        return told({"id": "a"})

    refs = [ref("gem"), ref("hang", endpoint="https://maas.test/llm/hang")]
    started = time.monotonic()
    found = asyncio.run(listed(refs, [free("gem", "hang")], fetch, total_seconds=0.2))
    assert [each["id"] for each in found] == ["a"]
    assert 0.2 <= time.monotonic() - started < 2


def test_every_model_of_every_subscription_is_asked_with_the_name_of_the_subscription():
    """Observed of the list on B1: one probe per subscription and model."""
    asked = []

    async def fetch(url: str, name: str) -> tuple[int, bytes]:
        asked.append((url, name))
        return told({"id": "a"})

    (entry,) = asyncio.run(listed([ref()], [free("gem"), free("gem", name="gold")], fetch))
    assert sorted(asked) == [(f"{HERE}/v1/models", "free"), (f"{HERE}/v1/models", "gold")]
    assert [each["name"] for each in entry["subscriptions"]] == ["free", "gold"]


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("https://maas.test/llm/gem", "https://maas.test/llm/gem/v1/models"),
        ("https://maas.test/llm/gem/", "https://maas.test/llm/gem/v1/models"),
        ("https://maas.test:8443//llm//gem", "https://maas.test:8443/llm/gem/v1/models"),
    ],
)
def test_double_slashes_are_joined(endpoint, url):
    """Observed of the list on B1: double slashes are joined."""
    assert probe_url(endpoint) == url


def test_an_entry_tells_what_the_backend_and_the_reference_say():
    """Observed of the list on B1: `created` is the backend's, `url` the endpoint verbatim; no modelCapabilities."""
    annotations = {"openshift.io/display-name": "Gem", "opendatahub.io/model-capabilities": '["chat"]'}
    there = ref(endpoint=f"{HERE}/", metadata={"annotations": annotations})
    (entry,) = entries([(there, free("gem"), [{"id": "gem/a", "created": 7}])])
    assert entry == {
        "id": "gem/a",
        "created": 7,
        "object": "model",
        "owned_by": "llm/gem",
        "kind": "LLMInferenceService",
        "url": f"{HERE}/",
        "ready": True,
        "subscriptions": [{"name": "free"}],
        "modelDetails": {"displayName": "Gem"},
    }


def test_a_phase_is_no_filter_and_an_empty_endpoint_is():
    """Observed of the list on B1: Pending with an endpoint is listed `ready:false`; empty endpoint: absent."""
    found = [(ref(phase="Pending"), free("gem"), [None])]
    (entry,) = entries(found)
    assert (entry["id"], entry["ready"]) == ("gem", False)
    assert ids([ref(endpoint="")], [free("gem")], {}) == []


def test_the_same_id_of_several_instances_appears_several_times_sorted():
    """Observed of the list on B1: entries sorted by id, url, owned_by."""
    refs = [ref("b", endpoint="https://maas.test/llm/b"), ref("a", endpoint="https://maas.test/llm/a")]
    answers = {f"https://maas.test/llm/{name}/v1/models": told({"id": "same"}, {"id": name}) for name in "ab"}
    assert ids(refs, [free("a", "b")], answers) == ["a", "b", "same", "same"]


def test_which_subscriptions_a_list_is_made_of():
    """Observed of the list: all of the caller in phase Active or Degraded, or the one that is named."""
    there = [free("gem", name=phase.lower(), phase=phase) for phase in ("Active", "Degraded", "Pending", "Failed")]
    names = [each["metadata"]["name"] for each in b1_list.chosen(there, "alice", GROUPS, "")]
    assert names == ["active", "degraded"]
    (named,) = b1_list.chosen(there, "alice", GROUPS, "degraded")
    assert named["metadata"]["name"] == "degraded"


@pytest.mark.parametrize(
    ("username", "groups", "name", "text"),
    [
        ("alice", GROUPS, "nope", "requested subscription not found"),
        ("mallory", (), "active", "access denied to requested subscription"),
    ],
)
def test_an_unknown_and_a_foreign_subscription_are_told_apart(username, groups, name, text):
    """Where the imitation differed: the list of v0.1.1 says one thing to a foreign and another to an unknown one."""
    with pytest.raises(SelectionError, match=text) as caught:
        b1_list.chosen([free("gem", name="active")], username, groups, name)
    assert caught.value.phase is None
