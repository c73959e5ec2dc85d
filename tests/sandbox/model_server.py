# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of one model within the cluster: ``python -m sandbox.model_server --served-model-name NAME --port PORT``.

Imitates vLLM's OpenAI-compatible server as far as `far_providers.compatible` does: its list of models and chat, for anybody.
It takes vLLM's options and listens on ``HOST``. What it answers says that it is ``local``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal

from aiohttp import web

from .far_providers.compatible import Compatible
from .far_providers.dialect import Model
from .provider_admin import Faults, Journal
from .providers import Frontend


async def serve(model: str, host: str, port: int) -> None:
    """Run until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    server = Compatible("local", host, {})
    server.models = (Model(model, 1733443200, "chat", "vllm"),)
    runner = web.AppRunner(Frontend(server, Faults(), Journal()).app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    await stopped.wait()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.model_server", allow_abbrev=False)
    parser.add_argument("--served-model-name", required=True)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--model", help="where a real server finds its weights")
    given = parser.parse_args()
    asyncio.run(serve(given.served_model_name, os.environ.get("HOST", "127.0.0.1"), given.port))


if __name__ == "__main__":
    main()
