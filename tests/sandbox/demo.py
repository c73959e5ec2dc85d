# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make demo``: three providers become governed, proven model endpoints, on this machine and without a cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from . import lifecycle

INSTANCES = "docs/examples/instances.yml"


def run(checkout: Path, folder: Path, generation: str, *, keep: bool) -> int:
    """Start a sandbox, deploy and validate the example's instances, and stop it again unless it is to be kept."""
    # Who is told to end stops the sandbox first.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(128 + signal.SIGTERM))
    running_before = (folder / "state.json").exists()
    state = lifecycle.up(folder, generation)
    report_dir = folder / "report"
    playbook = [str(Path(sys.executable).with_name("ansible-playbook"))]
    given = [
        "-e",
        f"@{folder / 'vars.yml'}",
        "-e",
        f"@{checkout / INSTANCES}",
        "-e",
        f"llamastack_maas_report_dir={report_dir}",
    ]
    try:
        for verb in ("deploy", "validate"):
            command = [*playbook, f"llamastack.maas.{verb}", *given]
            print(f"\n$ {' '.join(['ansible-playbook', *command[1:]])}\n", flush=True)
            result = subprocess.run(command, env=_environment(folder, state), cwd=checkout, check=False)
            if result.returncode:
                return result.returncode
        print(f"Report: {report_dir / 'validation.html'}")
        return 0
    finally:
        if keep or running_before:
            stop = f"make sandbox-down SANDBOX_DIR={folder}"
            print(f"The sandbox still runs. To use it: . {folder}/env   To stop it: {stop}")
        else:
            lifecycle.down(folder)


def _environment(folder: Path, state: dict) -> dict[str, str]:
    """The demo's own environment: keys that the sandbox's providers accept in place of any that the user has."""
    keys = state["keys"]
    return os.environ | {
        "KUBECONFIG": str(folder / "admin.kubeconfig"),
        "OPENAI_API_KEY": keys["openai"][-1],
        "GEMINI_API_KEY": keys["gemini"][-1],
        "ANTHROPIC_API_KEY": keys["anthropic"][-1],
    }
