# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox up|down|reset|status|demo``: the sandbox from the command line."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from . import demo, lifecycle, reset

CHECKOUT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "reset", "status", "demo"])
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path(os.environ.get("SANDBOX_DIR") or CHECKOUT / ".sandbox"),
        help="folder of the sandbox (default: SANDBOX_DIR, else .sandbox in the checkout)",
    )
    parser.add_argument(
        "--generation",
        choices=lifecycle.GENERATIONS,
        default=os.environ.get("GENERATION") or "b2",
        help="of MaaS (default: GENERATION, else b2)",
    )
    arguments = parser.parse_args()
    folder = arguments.dir.resolve()
    if arguments.command == "up":
        lifecycle.up(folder, arguments.generation)
        print(f"sandbox is up. To use it: . {folder}/env")
    elif arguments.command == "down":
        print("sandbox is down" if lifecycle.down(folder) else f"no sandbox in {folder}")
    elif arguments.command == "reset":
        reset.run(folder)
    elif arguments.command == "status":
        sys.exit(lifecycle.status(folder))
    else:
        sys.exit(demo.run(CHECKOUT, folder, arguments.generation, keep=os.environ.get("KEEP") == "1"))


if __name__ == "__main__":
    main()
