# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.node --dir DIR [--null]``: run the imitated node until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
from pathlib import Path

import aiohttp

from ..kube import Kube
from .kubelet import Node, check_machine


async def run(folder: Path, null: bool) -> None:
    """Run the node of the sandbox in ``folder`` until SIGTERM or SIGINT."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    state = json.loads((folder / "state.json").read_text())
    probing = aiohttp.TCPConnector(limit=0, force_close=True)
    async with Kube(state) as kube, aiohttp.ClientSession(connector=probing) as http:
        try:
            await Node(folder, state, kube, http, null).run(folder / "run" / "node.ready")
        except asyncio.CancelledError:
            logging.info("stopped")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.node", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="folder of the sandbox")
    parser.add_argument("--null", action="store_true", help="make pods Ready at once and run nothing")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    folder = arguments.dir.resolve()
    check_machine(folder)
    asyncio.run(run(folder, arguments.null))


if __name__ == "__main__":
    main()
