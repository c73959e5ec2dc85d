# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the MaaS API asks models through the gateway: redirects are followed, certificates are not verified."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp


async def ask(method: str, url: str, headers: Mapping[str, str], seconds: float) -> tuple[int, bytes]:
    """Status and body of an answer; OSError where there is none within ``seconds``."""
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            async with session.request(method, url, headers=headers, ssl=False) as answer:
                return answer.status, await answer.read()
    except aiohttp.ClientError as error:
        raise OSError(str(error)) from error
