# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sandbox.kube import ApiError, Kube, path_of
from sandbox_tests.fake_api import FakeApi


def run(folder: Path, scenario: Callable[[FakeApi, Kube], Awaitable[None]]) -> None:
    async def play() -> None:
        api = FakeApi()
        async with asyncio.timeout(20), api.running(folder) as state, Kube(state) as kube:
            await scenario(api, kube)

    asyncio.run(play())


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (("v1/pods",), "/api/v1/pods"),
        (("v1/pods", "llm", "a", "status"), "/api/v1/namespaces/llm/pods/a/status"),
        (("v1/nodes", None, "n"), "/api/v1/nodes/n"),
        (("apps/v1/deployments", "llm"), "/apis/apps/v1/namespaces/llm/deployments"),
    ],
)
def test_paths(arguments: tuple[str | None, ...], path: str) -> None:
    assert path_of(*arguments) == path


def test_objects_are_created_read_patched_listed_and_deleted(tmp_path: Path) -> None:
    async def scenario(api: FakeApi, kube: Kube) -> None:
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "llm"}, "spec": {"x": 1}}
        created = await kube.create(pod)
        assert (await kube.get("v1/pods", "a", "llm"))["spec"] == {"x": 1}
        await kube.patch("v1/pods", "a", {"spec": {"y": 2}}, "llm")
        await kube.patch_status("v1/pods", "a", {"phase": "Running"}, "llm")
        (listed,) = await kube.list("v1/pods")
        assert (listed["kind"], listed["spec"], listed["status"]) == ("Pod", {"x": 1, "y": 2}, {"phase": "Running"})
        await kube.delete("v1/pods", "a", "llm", grace_seconds=0, uid=created["metadata"]["uid"])
        assert api.requests[-1] == "DELETE /api/v1/namespaces/llm/pods/a"
        assert not api.objects

    run(tmp_path, scenario)


def test_apply_finds_the_resource_of_a_kind(tmp_path: Path) -> None:
    async def scenario(api: FakeApi, kube: Kube) -> None:
        await kube.apply({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}})
        assert api.requests[-1] == "PATCH /api/v1/nodes/n"
        with pytest.raises(LookupError, match="no kind Pot in v1"):
            await kube.apply({"apiVersion": "v1", "kind": "Pot", "metadata": {"name": "n"}})

    run(tmp_path, scenario)


def test_an_error_says_what_was_asked_and_what_came_back(tmp_path: Path) -> None:
    async def scenario(_api: FakeApi, kube: Kube) -> None:
        with pytest.raises(ApiError) as caught:
            await kube.get("v1/pods", "none", "llm")
        error = caught.value
        assert (error.status, error.reason, error.message) == (404, "NotFound", 'pods "none" not found')
        path = "/api/v1/namespaces/llm/pods/none"
        assert str(error) == f'GET {kube.url}{path}: 404 NotFound: pods "none" not found'

    run(tmp_path, scenario)


@pytest.mark.parametrize("interrupt", [FakeApi.break_watches, FakeApi.end_watches])
@pytest.mark.parametrize("forgotten", [False, True])
def test_a_watch_tells_every_change_once_whatever_happens_to_it(
    tmp_path: Path, interrupt: Callable[[FakeApi], None], forgotten: bool
) -> None:
    async def scenario(api: FakeApi, kube: Kube) -> None:
        changes = kube.watch("v1/secrets")

        async def following() -> tuple[str, str]:
            event = await anext(changes)
            return event.type, event.object["metadata"]["name"]

        api.put("secrets", "a", {})
        api.put("secrets", "b", {})
        assert [await following(), await following()] == [("ADDED", "a"), ("ADDED", "b")]
        api.put("secrets", "a", {"data": {}})
        assert await following() == ("MODIFIED", "a")
        interrupt(api)
        api.put("secrets", "b", {"data": {}})
        api.remove("secrets", "a")
        api.put("secrets", "c", {})
        if forgotten:
            api.forget_history()
        missed = {await following(), await following(), await following()}
        assert missed == {("DELETED", "a"), ("MODIFIED", "b"), ("ADDED", "c")}
        api.remove("secrets", "c")
        assert await following() == ("DELETED", "c")

    run(tmp_path, scenario)
