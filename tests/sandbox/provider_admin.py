# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the far providers and the journal of what reached them, with the JSON API to set and read both.

::

    GET    /           {"providers": {"openai": {"host": "api.openai.com", "keys": ["openai", "openai_2"]}, ...},
                        "faults": ["401", "402", "404", "429", "500", "error_inside", "no_list", "first_model", "hang",
                        "refuse", "blocked", "unreachable"]}
    GET    /faults     {"faults": [{"provider", "key", "fault", "retry_after", "remaining", "hits"}]}
    POST   /faults     {"provider": "openai", "fault": "429"}; further, all optional: "key": "openai_2" (default: every
                       key), "times": 3 (requests that it hits; default: all until lifted), "retry_after": 20 (seconds,
                       with 429 only; default 1). Replaces the fault of the same provider and key. Answers as GET.
    DELETE /faults     lifts all, or those of ?provider= and ?key=. Answers as GET: what is left.
    POST   /echo       {"provider": "openai", "as": "base64"}: it refuses a key by repeating it, "plain", in "base64" or as in a
                       "url"; null: in its own words. Answers {"echo": {"openai": "base64"}}.
    GET    /requests   {"requests": [{"number", "at", "provider", "method", "path", "model", "key", "status",
                       "fault"}]}, the oldest first; ?provider=, ?key=, ?path= narrow it. The last 10000 are kept.
    DELETE /requests   forgets them. Answers as GET.
    POST   /reset      lifts all faults, ends every echo, forgets all requests: {"faults": [], "requests": []}

Faults: 401, 402, 404, 429 and 500 answer as that provider does. ``error_inside`` answers 200 with an error in it, as
gateways in front of several providers do. ``no_list`` has the path of the list of models not there, and ``first_model``
lists the first model only, as the first of several pages; every other call is answered as ever. ``hang`` takes the request and answers it when the fault is
lifted. ``refuse`` closes the connection: at CONNECT, or, when it is for one key, once the key was read. ``blocked`` and
``unreachable`` are the proxy's 403 and 502, at CONNECT. A fault of one key goes before a fault of all. Clients of the
providers retry by themselves (OpenAI's and Anthropic's: 2 more times), so ``"times": 1`` with 429 or 500 goes unnoticed.

A request's ``key`` is the key's name, ``unknown`` for a key that the provider does not know, null where none was sent
or none is asked for; values are nowhere kept. ``status`` is null while there was no answer: hanging, closed, or given
up by the client. ``at`` is in seconds since 1970. What the proxy turned away is there with method CONNECT (provider
null for a foreign host).

A request to this API that is not understood is 400 ``{"problems": ["fault: ...", ...]}`` and changes nothing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from .provider_keys import SPELLINGS

STATUS_FAULTS = {"401": 401, "402": 402, "404": 404, "429": 429, "500": 500}
LIST_FAULTS = ("no_list", "first_model")
PROXY_FAULTS = ("blocked", "unreachable")
CONNECT_FAULTS = ("refuse", *PROXY_FAULTS)
FAULTS = (*STATUS_FAULTS, "error_inside", *LIST_FAULTS, "hang", *CONNECT_FAULTS)
KEPT_REQUESTS = 10_000


@dataclass
class Fault:
    """What a provider does wrong, for one key or for all (None). ``remaining`` None: until it is lifted."""

    provider: str
    key: str | None
    fault: str
    retry_after: int
    remaining: int | None
    hits: int = 0
    lifted: asyncio.Event = field(default_factory=asyncio.Event)

    def describe(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("provider", "key", "fault", "retry_after", "remaining", "hits")}


class Faults:
    """The faults that are set now."""

    def __init__(self) -> None:
        self._faults: dict[tuple[str, str | None], Fault] = {}

    def set(self, fault: Fault) -> None:
        if former := self._faults.get((fault.provider, fault.key)):
            former.lifted.set()
        self._faults[fault.provider, fault.key] = fault

    def lift(self, provider: str | None = None, key: str | None = None) -> None:
        """Lift the faults of a provider and a key; None stands for all."""
        for of_provider, of_key in list(self._faults):
            if provider in (None, of_provider) and key in (None, of_key):
                self._faults.pop((of_provider, of_key)).lifted.set()

    def take(self, provider: str, key: str | None) -> Fault | None:
        """The fault that hits this request, which counts as one of its times."""
        return self._hit(self._faults.get((provider, key))) or self._hit(self._faults.get((provider, None)))

    def take_connect(self, provider: str) -> Fault | None:
        """The fault that hits a CONNECT, where no key is known yet."""
        fault = self._faults.get((provider, None))
        return self._hit(fault) if fault and fault.fault in CONNECT_FAULTS else None

    def describe(self) -> list[dict[str, Any]]:
        return [fault.describe() for fault in self._faults.values()]

    @staticmethod
    def _hit(fault: Fault | None) -> Fault | None:
        if fault is None or fault.remaining == 0:
            return None
        if fault.remaining is not None:
            fault.remaining -= 1
        fault.hits += 1
        return fault


@dataclass
class Received:
    """One request as the journal shows it."""

    number: int
    at: float
    provider: str | None
    method: str
    path: str
    model: str | None = None
    key: str | None = None
    status: int | None = None
    fault: str | None = None


class Journal:
    """What reached the providers and their proxy, in order of arrival."""

    def __init__(self) -> None:
        self._received: deque[Received] = deque(maxlen=KEPT_REQUESTS)
        self._number = 0

    def add(self, provider: str | None, method: str, path: str, **details: Any) -> Received:
        """Enter a request; the caller fills in its status when it is answered."""
        self._number += 1
        received = Received(self._number, round(time.time(), 3), provider, method, path, **details)
        self._received.append(received)
        return received

    def forget(self) -> None:
        self._received.clear()

    def select(self, wanted: Mapping[str, str]) -> list[dict[str, Any]]:
        """The requests whose fields equal all that is wanted."""
        requests = [asdict(received) for received in self._received]
        return [request for request in requests if all(request[name] == value for name, value in wanted.items())]


def problems_of_fault(body: Any, providers: Mapping[str, tuple[str, ...]]) -> list[str]:
    """All that is wrong with the body of POST /faults. ``providers``: names of the keys of each provider."""
    if not isinstance(body, dict):
        return ["body: must be a JSON object"]
    problems = [
        f"{name}: unknown; known are fault, key, provider, retry_after, times"
        for name in sorted(set(body) - {"provider", "key", "fault", "times", "retry_after"})
    ]
    provider, key = body.get("provider"), body.get("key")
    if not isinstance(provider, str) or provider not in providers:
        problems.append(f"provider: must be one of {', '.join(providers)}")
    elif key is not None and (not isinstance(key, str) or key not in providers[provider]):
        problems.append(f"key: must be one of {', '.join(providers[provider]) or '(this provider asks for no key)'}")
    fault = body.get("fault")
    if not isinstance(fault, str) or fault not in FAULTS:
        problems.append(f"fault: must be one of {', '.join(FAULTS)} (a string)")
    if fault in PROXY_FAULTS and key is not None:
        problems.append(f"key: {fault} is the proxy's answer to CONNECT, where no key is known")
    if "times" in body and not _whole(body["times"], 1):
        problems.append("times: must be a whole number from 1")
    if "retry_after" in body and fault != "429":
        problems.append("retry_after: goes with fault 429 only")
    elif "retry_after" in body and not _whole(body["retry_after"], 0):
        problems.append("retry_after: must be a whole number of seconds from 0")
    return problems


def problems_of_echo(body: Any, providers: Mapping[str, tuple[str, ...]]) -> list[str]:
    """All that is wrong with the body of POST /echo. ``providers``: names of the keys of each provider."""
    if not isinstance(body, dict):
        return ["body: must be a JSON object"]
    problems = [f"{name}: unknown; known are as, provider" for name in sorted(set(body) - {"provider", "as"})]
    if not isinstance(body.get("provider"), str) or not providers.get(body["provider"]):
        asking = [name for name, keys in providers.items() if keys]
        problems.append(f"provider: must be one of {', '.join(asking)}")
    if "as" not in body or body["as"] not in (None, *SPELLINGS):
        problems.append(f"as: must be null or one of {', '.join(SPELLINGS)}")
    return problems


def problems_of_query(query: Mapping[str, str], known: tuple[str, ...]) -> list[str]:
    """All that is wrong with the query of a request to this API."""
    return [f"{name}: unknown parameter; known are {', '.join(known) or 'none'}" for name in query if name not in known]


def admin_app(providers: Mapping[str, Any], faults: Faults, journal: Journal) -> web.Application:
    """The JSON API. ``providers``: name to an object with ``host``, ``key_names`` and ``echo``."""
    key_names = {name: provider.key_names for name, provider in providers.items()}

    async def describe(request: web.Request) -> web.Response:
        described = {name: {"host": it.host, "keys": list(it.key_names)} for name, it in providers.items()}
        return web.json_response({"providers": described, "faults": list(FAULTS)})

    async def get_faults(request: web.Request) -> web.Response:
        _refuse(problems_of_query(request.query, ()))
        return web.json_response({"faults": faults.describe()})

    async def post_fault(request: web.Request) -> web.Response:
        try:
            body = await request.json()
        except ValueError:
            body = None
        _refuse(problems_of_query(request.query, ()) + problems_of_fault(body, key_names))
        fault = Fault(body["provider"], body.get("key"), body["fault"], body.get("retry_after", 1), body.get("times"))
        faults.set(fault)
        return web.json_response({"faults": faults.describe()})

    async def delete_faults(request: web.Request) -> web.Response:
        problems = problems_of_query(request.query, ("provider", "key"))
        provider, key = request.query.get("provider"), request.query.get("key")
        if provider is not None and provider not in providers:
            problems.append(f"provider: must be one of {', '.join(providers)}")
        if key is not None and not any(key in names for names in key_names.values()):
            problems.append("key: no provider has a key of this name")
        _refuse(problems)
        faults.lift(provider, key)
        return web.json_response({"faults": faults.describe()})

    async def post_echo(request: web.Request) -> web.Response:
        try:
            body = await request.json()
        except ValueError:
            body = None
        _refuse(problems_of_query(request.query, ()) + problems_of_echo(body, key_names))
        providers[body["provider"]].echo = body["as"]
        return web.json_response({"echo": {name: it.echo for name, it in providers.items() if it.echo}})

    async def get_requests(request: web.Request) -> web.Response:
        _refuse(problems_of_query(request.query, ("provider", "key", "path")))
        return web.json_response({"requests": journal.select(request.query)})

    async def delete_requests(request: web.Request) -> web.Response:
        _refuse(problems_of_query(request.query, ()))
        journal.forget()
        return web.json_response({"requests": []})

    async def reset(request: web.Request) -> web.Response:
        _refuse(problems_of_query(request.query, ()))
        faults.lift()
        journal.forget()
        for provider in providers.values():
            provider.echo = None
        return web.json_response({"faults": [], "requests": []})

    app = web.Application()
    app.add_routes(
        [
            web.get("/", describe),
            web.get("/faults", get_faults),
            web.post("/faults", post_fault),
            web.delete("/faults", delete_faults),
            web.post("/echo", post_echo),
            web.get("/requests", get_requests),
            web.delete("/requests", delete_requests),
            web.post("/reset", reset),
        ]
    )
    return app


def _refuse(problems: list[str]) -> None:
    if problems:
        raise web.HTTPBadRequest(text=json.dumps({"problems": problems}), content_type="application/json")


def _whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
