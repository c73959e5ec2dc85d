# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox's far providers without a sandbox: on their real host names, behind the proxy that a process is given."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sandbox import pki, provider_keys
from sandbox.processes import Processes, free_ports

_NAME = "providers"


def start(folder: Path, processes: Processes) -> dict[str, str]:
    """Start them with their files in ``folder``; returns what a process that calls them needs in its environment."""
    pki.create(folder / "pki")
    egress, admin = free_ports(2)
    state = {
        "ca": str(folder / "pki" / "ca.pem"),
        "ca_key": str(folder / "pki" / "ca.key"),
        "ports": {"egress": egress, "provider_admin": admin},
        "keys": {
            name: [provider_keys.draw() for _number in range(2)]
            for name in ("openai", "gemini", "anthropic", "compatible", "open")
        },
    }
    file = folder / "state.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(state, indent=2))
    command = [sys.executable, "-m", "sandbox.providers", "--dir", folder]
    processes.start(_NAME, command, environment={"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONUNBUFFERED": "1"})
    processes.wait_ready_file(_NAME, seconds=60)
    return {
        "HTTPS_PROXY": f"http://127.0.0.1:{egress}",
        "NO_PROXY": "localhost,127.0.0.1",
        "SSL_CERT_FILE": state["ca"],
    }


def keys(folder: Path) -> dict[str, list[str]]:
    """The keys that each of them accepts."""
    return json.loads((folder / "state.json").read_text())["keys"]


def admin_url(folder: Path) -> str:
    """Where faults are set and what arrived is read, see sandbox.provider_admin."""
    return f"http://127.0.0.1:{json.loads((folder / 'state.json').read_text())['ports']['provider_admin']}"
