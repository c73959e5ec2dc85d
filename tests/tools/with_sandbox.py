# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tools.with_sandbox COMMAND…``: run a command against a sandbox of its own, then stop the sandbox.

The sandbox of ``SANDBOX_DIR``, where that is set, is used instead, and left running if it ran before. Where the command
fails, the logs of its own sandbox are kept.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from sandbox import lifecycle

from tools.venvs import report


def run(command: list[str], folder: Path) -> int:
    """Run ``command`` with the variables of the sandbox in ``folder``; returns its exit code."""
    ran_before = (folder / "state.json").exists()
    lifecycle.up(folder, os.environ.get("GENERATION") or "b2")
    try:
        return subprocess.run(["sh", "-c", '. "$0" && exec "$@"', folder / "env", *command], check=False).returncode
    finally:
        if not ran_before:
            lifecycle.down(folder)


def main() -> None:
    """Command line: the command and its arguments. Who is told to end stops the sandbox first."""
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(128 + signal.SIGTERM))
    given = os.environ.get("SANDBOX_DIR")
    if given:
        raise SystemExit(run(sys.argv[1:], Path(given).resolve()))
    folder = Path(tempfile.mkdtemp(prefix="sandbox-"))
    code = run(sys.argv[1:], folder)
    if code:
        report(f"logs of the sandbox: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
