# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The admin API of the imitated MaaS."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp

from sandbox.maas import admin
from sandbox.maas.faults import Faults
from sandbox.maas.interface import Limit
from sandbox.maas.limits import Meter
from sandbox.processes import free_ports


class Generation:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def reset(self) -> None:
        self.calls.append("reset")

    async def bootstrap(self) -> None:
        self.calls.append("bootstrap")


def served(check: Callable[[aiohttp.ClientSession, Generation, Meter, Faults], Awaitable[None]]) -> None:
    """Run ``check`` with a client of a running admin API."""

    async def run() -> None:
        generation, meter, faults = Generation(), Meter(), Faults()
        (port,) = free_ports(1)
        runner = await admin.serve(port, generation, meter, faults)
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
                await check(client, generation, meter, faults)
        finally:
            await runner.cleanup()

    asyncio.run(run())


def test_faults_are_set_one_by_one_and_read_back():
    async def check(client, _generation, _meter, faults):
        async with client.patch("/faults", json={"controllers_paused": True}) as answer:
            assert (answer.status, (await answer.json())["controllers_paused"]) == (200, True)
        async with client.patch("/faults", json={"reject_credentials": {"status": 401, "seconds": 60}}) as answer:
            assert answer.status == 200
        async with client.get("/faults") as answer:
            told = await answer.json()
        assert told["controllers_paused"] is True
        assert told["reject_credentials"]["status"] == faults.refusing() == 401

    served(check)


def test_a_fault_that_is_not_understood_is_400():
    async def check(client, *_others):
        for wrong in ({"nonsense": 1}, {"reject_credentials": {"status": 401}}, [1]):
            async with client.patch("/faults", json=wrong) as answer:
                assert answer.status == 400
                assert (await answer.json())["error"]

    served(check)


def test_usage_tells_counters_and_reset_forgets_everything():
    async def check(client, generation, meter, faults):
        meter.count([Limit(("free@llm/gem", "alice"), 100, 60)], 7, time.monotonic())
        faults.update({"controllers_paused": True, "decision_cache_seconds": 5})
        async with client.get("/usage") as answer:
            assert await answer.json() == [{"counter": "free@llm/gem|alice", "limit": 100, "window": 60, "used": 7}]
        async with client.post("/reset") as answer:
            assert answer.status == 200
        async with client.get("/usage") as answer:
            assert await answer.json() == []
        assert faults.state() == Faults().state()
        assert generation.calls == ["reset", "bootstrap"]

    served(check)
