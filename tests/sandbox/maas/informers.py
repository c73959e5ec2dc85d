# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A local copy of objects of the API server, kept current by watches."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from ..kube import Kube

#: Called with the resource, the object before (None when it is new) and the object after (None when it is gone).
Listener = Callable[[str, dict[str, Any] | None, dict[str, Any] | None], None]


class Informers:
    """Copies of whole resources (``[group/]version/plural``); objects in it are shared and must not be changed."""

    def __init__(self, kube: Kube, resources: list[str]) -> None:
        self._kube = kube
        self._objects: dict[str, dict[tuple[str, str], dict[str, Any]]] = {resource: {} for resource in resources}
        self._listeners: list[Listener] = []

    def on_change(self, listener: Listener) -> None:
        """Be told of every change from now on."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Read everything once, so that nothing is missing when watching begins."""
        for resource, objects in self._objects.items():
            objects.update({_key(obj): obj for obj in await self._kube.list(resource)})

    def watches(self) -> list[Coroutine[Any, Any, None]]:
        """One endless task for each resource."""
        return [self._watch(resource) for resource in self._objects]

    def get(self, resource: str, name: str, namespace: str = "") -> dict[str, Any] | None:
        """One object, or None."""
        return self._objects[resource].get((namespace, name))

    def list(self, resource: str, namespace: str | None = None) -> list[dict[str, Any]]:
        """All objects, or those of one namespace."""
        return [obj for (space, _name), obj in self._objects[resource].items() if namespace in (None, space)]

    async def _watch(self, resource: str) -> None:
        objects = self._objects[resource]
        async for event in self._kube.watch(resource):
            key = _key(event.object)
            before = objects.get(key)
            if event.type == "DELETED":
                objects.pop(key, None)
                after = None
            else:
                objects[key] = after = event.object
            for listener in self._listeners:
                listener(resource, before, after)


def _key(obj: dict[str, Any]) -> tuple[str, str]:
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]
