# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small asyncio client of the Kubernetes API, shared by everything in the sandbox that plays a controller.

A resource is named by ``[group/]version/plural``, as in its URL: ``v1/pods``, ``apps/v1/deployments``. Where a whole
object is given, the resource follows from its ``apiVersion`` and ``kind`` through the API's discovery.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, NamedTuple

import aiohttp

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"

#: The server ends a watch after this many seconds; it is then resumed where it stopped.
WATCH_SECONDS = 300
#: How often a request is sent while the server answers 429, a second apart.
BUSY_ATTEMPTS = 10
#: Longest line of a watch, in bytes: one object, and etcd takes none above 1.5 MiB.
LINE_BYTES = 4 * 1024 * 1024


class ApiError(Exception):
    """An answer of the API server that is not 2xx.

    ``status`` is the HTTP code, ``reason`` and ``message`` come from the ``Status`` object, or from what came instead.
    """

    def __init__(self, request: str, status: int, reason: str, message: str) -> None:
        super().__init__(f"{request}: {status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message


class Event(NamedTuple):
    """One change seen by a watch: ``type`` is ADDED, MODIFIED or DELETED, ``object`` the whole object."""

    type: str
    object: dict[str, Any]


class Kube:
    """The API server of one sandbox, called as its administrator.

    Use it as an async context manager. Every method raises ApiError for an answer that is not 2xx and
    aiohttp.ClientError when there is none.
    """

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.url: str = state["api_server"].rstrip("/")
        self._ca: str = state["api_ca"]
        self._token: str = state["admin_token"]
        self._session: aiohttp.ClientSession | None = None
        self._kinds: dict[str, dict[str, tuple[str, bool]]] = {}

    async def __aenter__(self) -> Kube:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=self._ca), limit=0),
            headers={"Authorization": f"Bearer {self._token}", "User-Agent": "llamastack-maas-sandbox"},
            timeout=aiohttp.ClientTimeout(total=30),
            read_bufsize=LINE_BYTES,
        )
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._session.close()

    async def get(self, resource: str, name: str, namespace: str | None = None) -> dict[str, Any]:
        """One object."""
        return await self.raw("GET", path_of(resource, namespace, name))

    async def list(self, resource: str, namespace: str | None = None) -> list[dict[str, Any]]:
        """The objects of one namespace, or of all."""
        return _items(await self.raw("GET", path_of(resource, namespace)))

    async def create(self, obj: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object; reviews (TokenReview, SubjectAccessReview) are created and answered likewise."""
        return await self.raw("POST", await self._path_of_object(obj, named=False), body=obj)

    async def apply(self, obj: Mapping[str, Any], *, manager: str = "sandbox") -> dict[str, Any]:
        """Server-side apply of a whole object as field manager ``manager``, which takes over the fields of others."""
        params = {"fieldManager": manager, "force": "true"}
        path = await self._path_of_object(obj, named=True)
        return await self.raw("PATCH", path, body=obj, params=params, content_type=APPLY)

    async def patch(
        self,
        resource: str,
        name: str,
        patch: Mapping[str, Any],
        namespace: str | None = None,
        *,
        subresource: str | None = None,
    ) -> dict[str, Any]:
        """Merge ``patch`` into one object (lists are replaced whole)."""
        path = path_of(resource, namespace, name, subresource)
        return await self.raw("PATCH", path, body=patch, content_type=MERGE)

    async def replace(self, resource: str, obj: Mapping[str, Any]) -> dict[str, Any]:
        """Write the whole object (PUT): what it does not hold is gone. ApiError 409 where it changed since it was read."""
        metadata = obj["metadata"]
        return await self.raw("PUT", path_of(resource, metadata.get("namespace"), metadata["name"]), body=obj)

    async def patch_status(
        self, resource: str, name: str, status: Mapping[str, Any], namespace: str | None = None
    ) -> dict[str, Any]:
        """Merge ``status`` into the object's status subresource (lists such as conditions are replaced whole)."""
        return await self.patch(resource, name, {"status": status}, namespace, subresource="status")

    async def delete(
        self,
        resource: str,
        name: str,
        namespace: str | None = None,
        *,
        grace_seconds: int | None = None,
        uid: str | None = None,
    ) -> dict[str, Any]:
        """Delete one object; with ``uid`` only this one, not a namesake made since (then ApiError 409)."""
        options: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions"}
        if grace_seconds is not None:
            options["gracePeriodSeconds"] = grace_seconds
        if uid is not None:
            options["preconditions"] = {"uid": uid}
        return await self.raw("DELETE", path_of(resource, namespace, name), body=options)

    async def watch(self, resource: str) -> AsyncIterator[Event]:
        """All objects that there are in all namespaces, as ADDED, and from then on every change, for ever.

        Survives what a watch meets: an expired resourceVersion (410) and a lost connection lead to a new list, whose
        differences from what was yielded before come as ADDED, MODIFIED and DELETED. A resource whose CRD does not
        exist (yet) is like one without objects.
        """
        path = path_of(resource)
        known: dict[str, dict[str, Any]] = {}
        delay = 0.0
        while True:
            await asyncio.sleep(delay)
            delay = min(5.0, delay * 2 or 0.2)
            try:
                body = await self.raw("GET", path)
                for event in _differences(known, _items(body)):
                    _remember(known, event)
                    yield event
                version = body["metadata"]["resourceVersion"]
                delay = 0.0
                while version:
                    async for event in self._stream(path, version):
                        version = event.object["metadata"]["resourceVersion"]
                        if event.type != "BOOKMARK":
                            _remember(known, event)
                            yield event
            except ApiError as error:
                if error.status == 404:
                    for gone in list(known.values()):
                        _remember(known, event := Event("DELETED", gone))
                        yield event
                    delay = max(delay, 0.5)
                elif error.status != 410 and error.status != 429 and error.status < 500:
                    raise
            except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError):
                delay = max(delay, 0.2)

    async def raw(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """Any request; returns parsed JSON, or text where the answer is not JSON. ``path`` begins with a slash.

        An API server that is busy, or just takes up a CRD, says 429: the request is then repeated for some seconds.
        """
        data = None if body is None else json.dumps(body)
        headers = {"Accept": "application/json"}
        if data is not None:
            headers["Content-Type"] = content_type
        url = self.url + path
        for attempts_left in reversed(range(BUSY_ATTEMPTS)):
            async with self._session.request(method, url, data=data, params=params, headers=headers) as answer:
                parsed = await _parsed(answer)
                if answer.status < 300:
                    return parsed
                if answer.status != 429 or not attempts_left:
                    raise _error(f"{method} {url}", answer.status, answer.reason or "", parsed)
            await asyncio.sleep(1)

    async def _stream(self, path: str, version: str) -> AsyncIterator[Event]:
        params = {
            "watch": "true",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        timeout = aiohttp.ClientTimeout(total=None, sock_read=WATCH_SECONDS + 30)
        async with self._session.get(self.url + path, params=params, timeout=timeout) as answer:
            if answer.status != 200:
                raise _error(f"WATCH {self.url}{path}", answer.status, answer.reason or "", await _parsed(answer))
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    status = event["object"]
                    raise _error(f"WATCH {self.url}{path}", status.get("code", 500), "", status)
                yield Event(event["type"], event["object"])

    async def _path_of_object(self, obj: Mapping[str, Any], *, named: bool) -> str:
        version, kind, metadata = obj["apiVersion"], obj["kind"], obj.get("metadata") or {}
        if kind not in self._kinds.get(version, {}):
            self._kinds[version] = await self._discover(version)
        try:
            plural, namespaced = self._kinds[version][kind]
        except KeyError:
            raise LookupError(f"{self.url} serves no kind {kind} in {version}") from None
        namespace = metadata.get("namespace", "default") if namespaced else None
        return path_of(f"{version}/{plural}", namespace, metadata["name"] if named else None)

    async def _discover(self, version: str) -> dict[str, tuple[str, bool]]:
        try:
            body = await self.raw("GET", ("/apis/" if "/" in version else "/api/") + version)
        except ApiError as error:
            if error.status != 404:
                raise
            return {}
        return {r["kind"]: (r["name"], r["namespaced"]) for r in body["resources"] if "/" not in r["name"]}


def path_of(
    resource: str, namespace: str | None = None, name: str | None = None, subresource: str | None = None
) -> str:
    """URL path of ``[group/]version/plural``.

    >>> path_of("apps/v1/deployments", "llm", "openai", "status")
    '/apis/apps/v1/namespaces/llm/deployments/openai/status'
    """
    version, _slash, plural = resource.rpartition("/")
    parts = ["apis" if "/" in version else "api", version]
    if namespace:
        parts += ["namespaces", namespace]
    parts.append(plural)
    parts += [part for part in (name, subresource) if part]
    return "/" + "/".join(parts)


def _items(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Items of a list, each with the apiVersion and kind that the API server leaves out of built-in kinds."""
    kind = body["kind"].removesuffix("List")
    return [{"apiVersion": body["apiVersion"], "kind": kind, **item} for item in body.get("items") or []]


def _differences(known: Mapping[str, dict[str, Any]], items: Iterable[dict[str, Any]]) -> list[Event]:
    """What a new list says happened since ``known`` (by uid) was complete."""
    events = []
    current = {item["metadata"]["uid"]: item for item in items}
    for uid, item in known.items():
        if uid not in current:
            events.append(Event("DELETED", item))
    for uid, item in current.items():
        if uid not in known:
            events.append(Event("ADDED", item))
        elif item["metadata"]["resourceVersion"] != known[uid]["metadata"]["resourceVersion"]:
            events.append(Event("MODIFIED", item))
    return events


def _remember(known: dict[str, dict[str, Any]], event: Event) -> None:
    uid = event.object["metadata"]["uid"]
    if event.type == "DELETED":
        known.pop(uid, None)
    else:
        known[uid] = event.object


async def _parsed(answer: aiohttp.ClientResponse) -> Any:
    text = await answer.text()
    return json.loads(text) if text and "json" in answer.content_type else text


def _error(request: str, status: int, reason: str, body: Any) -> ApiError:
    if isinstance(body, dict):
        return ApiError(request, status, body.get("reason") or reason, body.get("message", ""))
    return ApiError(request, status, reason, str(body).strip())
