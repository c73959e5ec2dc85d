# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GET /v1/models of generation A: every service at the gateway is probed with the caller's token.

Imitated as observed on v0.0.2: which services count as attached, what makes an entry ready, an entry for each service
under its ``spec.model.name``, in arbitrary order; the probe is ``OPTIONS <url>/v1/chat/completions``, so a server that
answers 405 to it is not listed. The first fix after that release probes by ``GET <url>/v1/models`` and takes 405 for
an answer; see the fault ``probe_by_get``.

Deviation: an inline route (``router.route.http``) is looked at for its parentRefs and references, as its real code is,
but was observed only empty.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from . import b_status, catalog, selection
from .resources import GATEWAY

Object = dict[str, Any]

ATTEMPTS = 4
FIRST_PAUSE = 0.1
_DETAILS = {name: catalog.DETAILS[name] for name in ("genaiUseCase", "description", "displayName")}

#: Asks (method, URL) with a credential and gives the status; OSError where there is no answer.
Ask = Callable[[str, str], Awaitable[int]]


@dataclass(frozen=True)
class Probe:
    """How a service is asked whether the caller may use it."""

    method: str
    path: str
    seconds: float
    takes_405: bool

    def verdict(self, status: int) -> bool | None:
        """Whether an answer means access; None where it is worth another try."""
        if 200 <= status < 300:
            return True
        if status == 405:
            return self.takes_405
        return False if status in (401, 403, 404) else None


RELEASED = Probe("OPTIONS", "/v1/chat/completions", seconds=3.0, takes_405=False)
FIXED = Probe("GET", "/v1/models", seconds=5.0, takes_405=True)


async def listed(services: Iterable[Object], routes: list[Object], probe: Probe, ask: Ask) -> list[Object] | None:
    """The entries of the list, None where there are none."""
    candidates = [each for each in services if attached(each, routes) and url_of(each)]
    granted = await asyncio.gather(*(_granted(url_of(each) or "", probe, ask) for each in candidates))
    entries = [entry(service) for service, yes in zip(candidates, granted, strict=True) if yes]
    random.shuffle(entries)
    return entries or None


async def _granted(url: str, probe: Probe, ask: Ask) -> bool:
    pause = FIRST_PAUSE
    for attempts_left in reversed(range(ATTEMPTS)):
        try:
            verdict = probe.verdict(await ask(probe.method, url.rstrip("/") + probe.path))
        except OSError:
            verdict = None
        if verdict is not None:
            return verdict
        if attempts_left:
            await asyncio.sleep(pause)
            pause *= 2
    return False


def attached(service: Object, routes: Iterable[Object]) -> bool:
    """Whether a service counts as one of the gateway's.

    ``router.gateway.refs`` that name it are enough. Else the router must hold a ``route.http``, and that, a route which
    it references, or the one that KServe made must have the gateway for a parent: ``route: {}`` alone is not enough.
    """
    router = service["spec"].get("router") or {}
    refs = (router.get("gateway") or {}).get("refs") or []
    if GATEWAY in [(each["name"], each.get("namespace")) for each in refs]:
        return True
    http = (router.get("route") or {}).get("http")
    if http is None:
        return False
    namespace, name = selection.key_of(service)
    inline = {"metadata": {"namespace": namespace}, "spec": http.get("spec") or {}}
    referenced = {each["name"] for each in http.get("refs") or []}
    own = [
        route
        for route in routes
        if route["metadata"]["namespace"] == namespace
        and (route["metadata"]["name"] in referenced or b_status.is_route_of(route, name))
    ]
    return any(GATEWAY in b_status.gateways_of(route) for route in [inline, *own])


def is_ready(service: Object) -> bool:
    """Whether every condition is True, and of the present generation."""
    status = service.get("status") or {}
    conditions = status.get("conditions") or []
    return (
        not service["metadata"].get("deletionTimestamp")
        and status.get("observedGeneration") == service["metadata"]["generation"]
        and bool(conditions)
        and all(each["status"] == "True" for each in conditions)
    )


def url_of(service: Object) -> str | None:
    """Where a service is reached; one without a URL is not listed."""
    status = service.get("status") or {}
    addresses = [status.get("address") or {}, *(status.get("addresses") or [])]
    return next((url for url in [status.get("url"), *(each.get("url") for each in addresses)] if url), None)


def entry(service: Object) -> Object:
    """The entry of a service."""
    told: Object = {
        "id": service["spec"]["model"].get("name") or service["metadata"]["name"],
        "created": catalog.created(service),
        "object": "model",
        "owned_by": service["metadata"]["namespace"],
        "url": url_of(service),
        "ready": is_ready(service),
    }
    if details := selection.described(service, _DETAILS):
        told["modelDetails"] = details
    return told
