# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imitates Models-as-a-Service and the gateway in front of it.

``python -m sandbox.maas --dir DIR`` serves https://<host>:<ports.gateway> with a certificate of the sandbox's
authority, runs the controllers of the generation named in ``state.json``, and an admin API for tests on
http://127.0.0.1:<ports.maas_admin> (``admin``).

Where to look: ``gateway`` moves requests, ``routes`` decides where they go, ``limits`` counts; ``a``, ``b1`` and ``b2``
are the generations, each with neighbours of its own; what ``b1`` and ``b2`` share is ``b``, ``controller``,
``b_status``, ``admission``, ``selection``, ``catalog``, ``callers`` and ``key_endpoints``. What is imitated and how it deviates stands
at the head of each file.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import ssl
import sys
import tempfile
from pathlib import Path
from typing import Any

from .. import pki
from ..kube import Kube
from . import a, admin, admission, b1, b2
from .faults import Faults
from .gateway import RESOURCES, Gateway
from .informers import Informers
from .limits import Meter

GENERATIONS = {"a": (a.A, a.RESOURCES), "b1": (b1.B1, b1.RESOURCES), "b2": (b2.B2, b2.RESOURCES)}


async def serve(folder: Path) -> None:
    """Run until SIGTERM."""
    state = json.loads((folder / "state.json").read_text())
    kind, resources = GENERATIONS[state["generation"]]
    meter, faults = Meter(), Faults()
    async with Kube(state) as kube, contextlib.AsyncExitStack() as stack:
        informers = Informers(kube, list(dict.fromkeys([*RESOURCES, *resources])))
        generation = kind(kube, informers, faults)
        gateway = Gateway(kube, informers, generation, meter, state["host"])
        stack.push_async_callback(gateway.close)
        webhook_port = state["ports"]["maas_webhook"]
        webhooks = await admission.serve(webhook_port, _tls(state), generation.webhooks, faults)
        stack.push_async_callback(webhooks.cleanup)
        await generation.bootstrap()
        await informers.load()
        if generation.webhooks:
            authority = Path(state["ca"]).read_bytes()
            url = f"https://127.0.0.1:{webhook_port}"
            await kube.apply(admission.registration(generation.webhooks, url, authority), manager="maas-controller")
        servers = [
            await gateway.serve(state["ports"]["gateway"], _tls(state)),
            await admin.serve(state["ports"]["maas_admin"], generation, meter, faults),
        ]
        for server in servers:
            stack.push_async_callback(server.cleanup)
        work = [*informers.watches(), *generation.controllers(), gateway.keep_status()]
        (folder / "run").mkdir(exist_ok=True)
        (folder / "run" / "maas.ready").touch()
        await _until_terminated(work)


async def _until_terminated(work: list[Any]) -> None:
    """Run all at once; whatever fails ends the daemon."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    tasks = [asyncio.create_task(each) for each in work]
    waiting = asyncio.create_task(stop.wait())
    done, pending = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done - {waiting}:
        task.result()


def _tls(state: dict[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.TemporaryDirectory() as scratch:
        certificate, key = Path(scratch) / "tls.crt", Path(scratch) / "tls.key"
        names = dict.fromkeys([state["host"], "localhost", "127.0.0.1"])
        pki.issue(pki.load(state["ca"], state["ca_key"]), certificate, key, *names)
        context.load_cert_chain(certificate, key)
    return context


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.maas", description="Models-as-a-Service, imitated")
    parser.add_argument("--dir", type=Path, required=True, help="folder of the sandbox")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(serve(parser.parse_args().dir))


if __name__ == "__main__":
    main()
