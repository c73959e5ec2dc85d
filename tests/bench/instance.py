# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The size of one instance and the time until it is healthy: the real server of the default image, no sandbox."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ogx.server import is_busy, start
from ogx.upstream import ACCEPTED_KEY, Upstream
from sandbox import images

from .figures import Table, Target, median

OPENAI = {"name": "bench", "provider": "openai", "models": ["gpt-4o-mini", "gpt-4o"]}
ANTHROPIC = {"name": "bench", "provider": "anthropic", "models": ["claude-sonnet-4-6"], "api_key": "sk-ant-none"}
NOWHERE = {"egress": {"proxy": "http://127.0.0.1:9"}}
CHATS = 20


def run(rounds: int) -> list[Table]:
    """One row for each provider: the one with a library of its own is larger."""
    (venv,) = images.ensure().values()
    upstream = Upstream()
    openai = {**OPENAI, "api_key": ACCEPTED_KEY, "settings": {"base_url": upstream.base_url}}
    table = Table("One instance", ["RSS in MB", "seconds to healthy", "processor seconds to healthy"])
    try:
        for entry, settings, megabytes, seconds in ((openai, {}, 160, 5), (ANTHROPIC, NOWHERE, 200, 7)):
            found = [_once(Path(venv), entry, settings) for _round in range(rounds)]
            medians = [median(column) for column in zip(*found, strict=True)]
            table.rows.append((entry["provider"], medians))
            # Where processors are short, only what the start itself uses tells anything.
            clock = medians[2] if is_busy() else medians[1]
            table.targets += [
                Target(f"RSS of {entry['provider']} in MB", medians[0], megabytes),
                Target(f"seconds to healthy of {entry['provider']}", clock, seconds),
            ]
    finally:
        upstream.stop()
    return [table]


def _once(venv: Path, entry: dict, settings: dict) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        server = start(venv, Path(scratch), entry, settings)
        try:
            if entry["provider"] == OPENAI["provider"]:
                for _chat in range(CHATS):
                    server.chat("bench/gpt-4o")
            return server.resident_megabytes(), server.seconds_to_healthy, server.cpu_seconds_to_healthy
        finally:
            server.stop()
