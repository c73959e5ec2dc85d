# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Content of a gateway by ``litellm_content``, next to a loop of ``ansible.builtin.uri`` that asks for each object.

On a real LiteLLM with a real PostgreSQL, behind a proxy that counts, and that takes its time where a network would.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from real_litellm.gateway import Gateway, LiteLLM, gateway
from real_litellm.proxy import Proxy, proxied

from .figures import Table, Target, median
from .plays import Timed, timed

MODELS, TEAMS, KEYS = 100, 50, 200
SECONDS_OF_A_REQUEST = 0.05
MOST_READS = 12
TIMES_FASTER = 10
PART = 5
"""Of the loop every so many-th is measured: each of its requests takes the same time, and all of them take minutes."""
COLUMNS = ["whole process", "task", "requests that read", "that write"]


@dataclass(frozen=True)
class Place:
    """Where a playbook runs: what of a sandbox ``timed`` asks for."""

    scratch: Path

    def environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


@dataclass(frozen=True)
class Step:
    """A run and what it asked of LiteLLM."""

    timed: Timed
    reads: int
    writes: int

    @property
    def row(self) -> list[float]:
        return [self.timed.seconds, sum(task["seconds"] for task in self.timed.tasks), self.reads, self.writes]


def content() -> dict:
    """The arguments of the module."""
    models = [
        {
            "name": f"openai-prod/m{number}",
            "model": f"openai/m{number}",
            "mode": "chat",
            "credential": "openai",
            "params": {"api_base": "https://api.openai.com/v1"},
        }
        for number in range(MODELS)
    ]
    teams = [
        {"id": f"team-{number}", "models": [f"openai-prod/m{number}"], "budget": 100, "budget_duration": "30d"}
        for number in range(TEAMS)
    ]
    keys = [
        {
            "alias": f"key-{number}",
            "team": f"team-{number % TEAMS}",
            "models": [f"openai-prod/m{number % TEAMS}"],
            "budget": 5,
            "duration": "30d",
        }
        for number in range(KEYS)
    ]
    values = {key["alias"]: f"sk-of-the-bench-{number:08}" for number, key in enumerate(keys)}
    credentials = {"openai": {"api_key": "key-of-the-bench-0123"}}
    return {"models": models, "teams": teams, "keys": keys, "key_values": values, "credentials": credentials}


def module_play(litellm: LiteLLM, url: str) -> list[dict]:
    """One task for all of it."""
    return [{"llamastack.maas.litellm_content": {"url": url, "token": litellm.key, **content()}}]


def loop_play(litellm: LiteLLM, url: str, part: int = 1) -> list[dict]:
    """A request for each object, or for every ``part``-th, whose answer says that it is there."""
    given = content()
    paths = [f"/v2/model/info?search={each['name']}" for each in given["models"]]
    paths += [f"/team/info?team_id={each['id']}" for each in given["teams"]]
    paths += [f"/key/list?return_full_object=true&key_alias={each['alias']}" for each in given["keys"]]
    request = {"url": url + "{{ item }}", "headers": {"Authorization": f"Bearer {litellm.key}"}}
    return [{"ansible.builtin.uri": request, "loop": paths[::part], "loop_control": {"label": ""}}]


def run(rounds: int) -> list[Table]:
    """A table for each speed of the network."""
    tables = []
    with gateway() as started, tempfile.TemporaryDirectory() as folder:
        for seconds in (0.0, SECONDS_OF_A_REQUEST):
            tables.append(_table(started, Place(Path(folder)), seconds, rounds))
    return tables


def _table(started: Gateway, place: Place, seconds: float, rounds: int) -> Table:
    objects = f"{MODELS} models, {TEAMS} teams, {KEYS} keys"
    network = f"{seconds * 1000:.0f} ms for each request" if seconds else "loopback"
    table = Table(f"Content of a LiteLLM: {objects}, {network}", COLUMNS)
    litellm = started.litellm()
    with proxied(litellm.url, seconds) as proxy:
        first = _measured(place, module_play(litellm, proxy.url), proxy)
        again = [_measured(place, module_play(litellm, proxy.url), proxy) for _round in range(rounds)]
        loop = _measured(place, loop_play(litellm, proxy.url, PART), proxy)
    litellm.stop()
    table.rows.append(("litellm_content, first run", first.row))
    table.rows.append(("litellm_content, second run", _median(again)))
    table.targets.append(Target("requests that read in a second run", max(each.reads for each in again), MOST_READS))
    table.targets.append(Target("requests that write in a second run", max(each.writes for each in again), 0))
    process, task, reads, writes = loop.row
    whole = [process + task * (PART - 1), task * PART, reads * PART, writes * PART]
    table.rows.append(("loop of ansible.builtin.uri, second run", whole))
    if seconds:
        ratio = whole[0] / max(each.timed.seconds for each in again)
        table.targets.append(Target("times faster than the loop", ratio, TIMES_FASTER, at_least=True))
    return table


def _measured(place: Place, tasks: list[dict], proxy: Proxy) -> Step:
    file = place.scratch / "play.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps([{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}]))
    proxy.seen.clear()
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(file)]
    run = timed(place, command)
    return Step(run, len(proxy.reads), len(proxy.writes))


def _median(steps: list[Step]) -> list[float | None]:
    return [median(values) for values in zip(*(step.row for step in steps), strict=True)]
