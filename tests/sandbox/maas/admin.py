# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests may do to the imitated platform, over HTTP.

* ``POST /reset``: forget keys, counts and decisions, lift every fault, put the platform's own objects back
* ``GET /faults``, ``PATCH /faults``: see ``faults.Faults``
* ``GET /usage``: tokens counted so far, by counter
"""

from __future__ import annotations

import time

from aiohttp import web

from .faults import Faults
from .interface import Generation
from .limits import Meter


async def serve(port: int, generation: Generation, meter: Meter, faults: Faults) -> web.AppRunner:
    """Listen on the loopback address; ``cleanup()`` of what is returned ends it."""

    async def reset(_request: web.Request) -> web.Response:
        generation.reset()
        meter.clear()
        faults.reset()
        await generation.bootstrap()
        return web.json_response({})

    async def read_faults(_request: web.Request) -> web.Response:
        return web.json_response(faults.state())

    async def move_faults(request: web.Request) -> web.Response:
        try:
            faults.update(await request.json())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(faults.state())

    async def usage(_request: web.Request) -> web.Response:
        return web.json_response(meter.usage(time.monotonic()))

    app = web.Application()
    app.add_routes(
        [
            web.post("/reset", reset),
            web.get("/faults", read_faults),
            web.patch("/faults", move_faults),
            web.get("/usage", usage),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner
