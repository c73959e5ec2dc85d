# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long after an instance has become visible ``model_discovery`` has seen it.

MaaS refuses every credential until a known moment; then the model is there.
"""

from __future__ import annotations

import inspect
import json
import time

from ansible_collections.llamastack.maas.plugins.module_utils.base import polling
from scenarios.harness import OPENAI, Sandbox

from .figures import Table, Target, median
from .plays import timed
from .sandboxes import running

SECONDS_INVISIBLE = (8, 15, 25)
POLL_INTERVAL = inspect.signature(polling.poll).parameters["max_interval"].default


def run(rounds: int) -> list[Table]:
    """A row for each time that the instance stays invisible."""
    entry = {**OPENAI, "access": {"groups": ["data-science"]}}
    table = Table("Discovery, in seconds", ["invisible for", "seen after"])
    with running() as sandbox:
        deployed = sandbox.play("deploy", [entry], token=sandbox.token("alice"))
        if deployed.code:
            raise SystemExit(f"bench: deploy failed:\n{deployed.output}")
        for seconds in SECONDS_INVISIBLE:
            latencies = [_latency(sandbox, seconds) for _round in range(rounds)]
            table.rows.append(("model_discovery", [seconds, median(latencies)]))
            table.targets.append(
                Target(f"seen after {seconds} s, and then at the latest", max(latencies), POLL_INTERVAL)
            )
    return [table]


def _latency(sandbox: Sandbox, seconds: float) -> float:
    sandbox.maas("PATCH", "/faults", {"reject_credentials": {"status": 403, "seconds": seconds}})
    visible_at = time.time() + seconds
    file = sandbox.scratch / "play.yml"
    url = f"{sandbox.url}/llm/{OPENAI['name']}"
    discover = {
        "url": sandbox.url,
        "ca_file": sandbox.ca,
        "token": sandbox.token("alice"),
        "generation": "b2",
        "instances": [{"name": OPENAI["name"], "namespace": "llm", "url": url}],
    }
    tasks = [{"llamastack.maas.model_discovery": discover}]
    file.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    run = timed(sandbox, [str(sandbox.ansible_playbook), str(file)])
    return run.tasks[-1]["ended"] - visible_at
