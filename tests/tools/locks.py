# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make locks``: resolve every tests/requirements/*.in to the newest releases, with hashes for every platform."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tools.dev_venv import CHECKOUT
from tools.venvs import report

REQUIREMENTS = CHECKOUT / "tests" / "requirements"
OLDEST_PYTHON = {"ansible-2.16": "3.10"}


def main() -> None:
    """Arguments: the stems of the files to resolve, by default all."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, "-m", "venv", scratch], check=True)
        subprocess.run([Path(scratch, "bin", "pip"), "install", "--quiet", "uv"], check=True)
        for source in sorted(REQUIREMENTS.glob("*.in")):
            if sys.argv[1:] and source.stem not in sys.argv[1:]:
                continue
            report(f"resolving {source.name}")
            command = [
                Path(scratch, "bin", "uv"),
                "pip",
                "compile",
                "--quiet",
                "--universal",
                "--upgrade",
                "--generate-hashes",
            ]
            command += ["--no-header", "--python-version", OLDEST_PYTHON.get(source.stem, "3.12")]
            subprocess.run([*command, source.name, "--output-file", f"{source.stem}.txt"], cwd=REQUIREMENTS, check=True)


if __name__ == "__main__":
    main()
