# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MaaS API of generation B2 (maas-api v0.2.1) as the gateway reaches it.

Imitated: keys (``key_endpoints``), the list of models and its membership rule, subscriptions, tenants, and the
manners of the server (``server``), X-Request-Id among them; what is said to nobody, whom the gateway lets through while
there is no MaaSAuthPolicy: lists are empty.

Deviation: ``externalUrl`` and ``port`` of /v1/tenants name the port of the gateway's listener, which is 443 on a
cluster.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from . import catalog, selection, server
from .callers import Caller
from .interface import Answer, Request, json_answer
from .key_endpoints import KeyEndpoints
from .keys import timestamp
from .resources import TENANT
from .selection import ModelKey, Object, SelectionError

_CAPABILITIES = "opendatahub.io/model-capabilities"


@dataclass(frozen=True)
class Tenant:
    """What the API knows of its tenant's objects; each is asked for anew at every request."""

    refs: Callable[[], list[Object]]
    policies: Callable[[], list[Object]]
    subscriptions: Callable[[], list[Object]]
    gateway: Callable[[], Object | None]


class MaasApi:
    """The server behind ``/maas-api``."""

    def __init__(self, tenant: Tenant, keys: KeyEndpoints) -> None:
        self._tenant = tenant
        self._keys = keys

    async def answer(self, request: Request, caller: Caller | None) -> Answer:
        """The answer to a request; ``caller`` is None where the gateway did not ask who it is."""
        answer = await server.answer(request, partial(self._endpoint, request, caller))
        return replace(answer, headers={**answer.headers, "X-Request-Id": str(uuid.uuid4())})

    def _endpoint(self, request: Request, caller: Caller | None, path: str) -> server.Endpoint | None:
        somebody = caller or Caller("", (), with_key=False)
        match (request.method, *path.split("/")[1:]):
            case ("GET", "v1", "models"):
                return partial(self._models, somebody)
            case ("GET", "v1", "subscriptions"):
                return partial(self._subscriptions, somebody)
            case ("GET", "v1", "model", ref, "subscriptions"):
                return partial(self._subscriptions_of, ref, somebody)
            case ("GET", "v1", "tenants"):
                return partial(self._tenants, somebody)
            case (_method, "v1", "api-keys", *rest):
                return self._keys.find(request, caller, *rest)
        return None

    async def _models(self, caller: Caller) -> Answer:
        """GET /v1/models"""
        subscriptions = self._tenant.subscriptions()
        allowed = None
        if caller.subscription:
            try:
                chosen = [
                    selection.select(subscriptions, caller.username, caller.groups, requested=caller.subscription)
                ]
            except SelectionError as error:
                if error.phase is None:
                    return server.list_error(403, "access denied to requested subscription", "permission_error")
                return server.list_error(500, "Failed to select subscription", "server_error")
        else:
            owned = selection.owned(subscriptions, caller.username, caller.groups)
            chosen = [each for each in owned if selection.usable(each)]
            allowed = selection.granted(self._tenant.policies(), caller.username, caller.groups)
        entries = list_entries(self._tenant.refs(), chosen, allowed)
        headers = {"Cache-Control": "no-store", "X-Access-Checked-At": timestamp(time.time())}
        return json_answer(200, server.model_list(entries), headers)

    async def _subscriptions(self, caller: Caller) -> Answer:
        """GET /v1/subscriptions"""
        owned = selection.owned(self._tenant.subscriptions(), caller.username, caller.groups)
        allowed = selection.granted(self._tenant.policies(), caller.username, caller.groups)
        described = self._described([each for each in owned if selection.usable(each)], allowed)
        return json_answer(200, [each for each in described if each["model_refs"]], server.NOT_STORED)

    async def _subscriptions_of(self, ref: str, caller: Caller) -> Answer:
        """GET /v1/model/:ref/subscriptions, by the name of the reference and whatever the phase"""
        if not ref:
            return server.without_model_id(server.NOT_STORED)
        owned = selection.owned(self._tenant.subscriptions(), caller.username, caller.groups)
        allowed = selection.granted(self._tenant.policies(), caller.username, caller.groups)
        naming = [
            each
            for each in owned
            if any(name == ref and (space, name) in allowed for space, name in selection.model_keys(each))
        ]
        return json_answer(200, self._described(naming), server.NOT_STORED)

    def _described(self, subscriptions: list[Object], allowed: set[ModelKey] | None = None) -> list[Object]:
        refs = {selection.key_of(ref): ref for ref in self._tenant.refs()}
        return [subscription_entry(each, refs, allowed) for each in subscriptions]

    async def _tenants(self, caller: Caller) -> Answer:
        """GET /v1/tenants: any token of the cluster, no API key"""
        if caller.with_key:
            return json_answer(401, {"error": "Authentication failed", "details": "Invalid token"})
        gateway = self._tenant.gateway()
        if gateway is None:
            return json_answer(404, {"error": "Gateway not found"})
        described = gateway_entry(gateway)
        if described is None:
            refusal = {
                "error": "Failed to resolve gateway",
                "details": "Unable to determine external hostname from Gateway status",
            }
            return json_answer(500, refusal)
        return json_answer(200, {"tenants": [{"name": TENANT, "gateway": described}]})


def list_entries(refs: list[Object], subscriptions: list[Object], allowed: set[ModelKey] | None) -> list[Object]:
    """Entries of /v1/models: Ready references that a subscription names; with ``allowed``, only of those models.

    Entries of one id, URL and owner are one. ``subscriptions`` of an entry come in random order, as they do.
    """
    entries: dict[tuple[str, str, str], Object] = {}
    for subscription in subscriptions:
        named = set(selection.model_keys(subscription))
        told = catalog.subscription_of_entry(subscription)
        for ref in refs:
            key = selection.key_of(ref)
            if key not in named or selection.phase_of(ref) != "Ready" or (allowed is not None and key not in allowed):
                continue
            entry = _entry(ref)
            entry = entries.setdefault((entry["id"], entry.get("url", ""), entry["owned_by"]), entry)
            entry["subscriptions"].append(told)
    for entry in entries.values():
        random.shuffle(entry["subscriptions"])
    return [entries[key] for key in sorted(entries)]


def _entry(ref: Object) -> Object:
    entry = {
        "id": selection.model_id(ref),
        "created": catalog.created(ref),
        "object": "model",
        "owned_by": "/".join(selection.key_of(ref)),
        "kind": ref["spec"]["modelRef"]["kind"],
        "ready": True,
        "subscriptions": [],
    }
    if url := selection.model_url(ref):
        entry["url"] = url
    details = selection.described(ref, catalog.DETAILS)
    if capabilities := _capabilities(ref):
        details["modelCapabilities"] = capabilities
    if details:
        entry["modelDetails"] = details
    return entry


def _capabilities(ref: Object) -> list[str]:
    try:
        return json.loads((ref["metadata"].get("annotations") or {}).get(_CAPABILITIES, "[]"))
    except ValueError:
        return []


def subscription_entry(subscription: Object, refs: dict[ModelKey, Object], allowed: set[ModelKey] | None) -> Object:
    """An item of /v1/subscriptions; of its models, with ``allowed``, only these, missing ones included."""
    models = [
        _model_entry(each, refs.get((each["namespace"], each["name"])))
        for each in subscription["spec"]["modelRefs"]
        if allowed is None or (each["namespace"], each["name"]) in allowed
    ]
    return catalog.subscription_entry(subscription, models)


def _model_entry(named: Object, ref: Object | None) -> Object:
    entry: Object = {"name": named["name"], **catalog.limits_of_model(named)}
    if ref is None:
        return entry
    entry["source"] = "external" if ref["spec"]["modelRef"]["kind"] == "ExternalModel" else "internal"
    if alias := (ref.get("status") or {}).get("resolvedModelAlias"):
        entry["model_name"] = alias
    return {**entry, **selection.described(ref, catalog.DISPLAY)}


def gateway_entry(gateway: Object) -> Object | None:
    """How the gateway is reached from outside; None while no listener of its status has a route."""
    status = gateway.get("status") or {}
    serving = [each["name"] for each in status.get("listeners") or [] if each.get("attachedRoutes")]
    listener = next((each for each in gateway["spec"]["listeners"] if each["name"] in serving), None)
    if listener is None:
        return None
    addresses = [each["value"] for each in status.get("addresses") or []]
    host = listener.get("hostname") or next(iter(addresses), None)
    if host is None:
        return None
    scheme = "http" if listener["protocol"] == "HTTP" else "https"
    port = listener["port"]
    standard = {"http": 80, "https": 443}[scheme]
    return {
        "name": gateway["metadata"]["name"],
        "namespace": gateway["metadata"]["namespace"],
        "protocol": scheme,
        "externalUrl": f"{scheme}://{host}" + ("" if port == standard else f":{port}"),
        "port": port,
    }
