# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.litemaas backend|frontend``: run one of the two until SIGTERM. It listens on ``HOST``."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys

from . import backend, frontend
from .settings import Refused

PROGRAMS = {"backend": backend.serve, "frontend": frontend.serve}


async def run(program: str) -> None:
    """Serve until SIGTERM or SIGINT."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    runner = await PROGRAMS[program](os.environ, os.environ.get("HOST", "127.0.0.1"))
    await ended.wait()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.litemaas")
    parser.add_argument("program", choices=PROGRAMS)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        asyncio.run(run(parser.parse_args().program))
    except Refused as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
