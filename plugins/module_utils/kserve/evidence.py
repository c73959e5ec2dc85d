# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster shows of one instance, and questions that are asked of it."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.causes import PodEvidence, by_time
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import (
    Object,
    conditions_of,
    seconds,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import (
    CONTAINER_NAME,
    deployment_name,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref


def server_container(service: Object | None) -> Object:
    """The container of the server in an LLMInferenceService, empty where there is none."""
    pod = ((service or {}).get("spec") or {}).get("template") or {}
    return next((each for each in pod.get("containers") or [] if each["name"] == CONTAINER_NAME), {})


def server_variable(service: Object | None, name: str) -> str | None:
    """The value that an environment variable of the server has as plain text."""
    env = server_container(service).get("env") or []
    return next((each.get("value") for each in env if each["name"] == name), None)


@dataclass(frozen=True)
class Evidence(PodEvidence):
    """All that is known of one instance.

    ``pods`` are those of the newest revision, ``registration`` what is registered with Models-as-a-Service, ``events``
    the namespace's warnings, ``log`` the lines of the container ``main``, ``now`` the API server's time.
    ``route`` is the HTTPRoute that KServe has made, ``neighbours`` are the other services of the namespace, ``wanted``
    is what should register it, and ``strays`` are objects that name it without being one of those.
    """

    namespace: str
    name: str
    now: float
    service: Object | None = None
    deployment: Object | None = None
    pods: t.Sequence[Object] = ()
    registration: t.Sequence[Object] = ()
    events: t.Sequence[Object] = ()
    log: t.Sequence[str] = ()
    route: Object | None = None
    neighbours: t.Sequence[Object] = ()
    wanted: t.Sequence[Ref] = ()
    strays: t.Sequence[Object] = ()
    own_events: list[Object] = field(init=False)

    def __post_init__(self) -> None:
        own = [event for event in self.events if self._is_about_us(event.get("involvedObject") or {})]
        object.__setattr__(self, "own_events", by_time(own))

    def _is_about_us(self, about: Object) -> bool:
        kind, name = about.get("kind"), about.get("name") or ""
        workload = re.escape(deployment_name(self.name))
        if kind == "LLMInferenceService":
            return name == self.name
        if kind == "Deployment":
            return name == deployment_name(self.name)
        if kind == "ReplicaSet":
            return bool(re.fullmatch(workload + r"-[a-z0-9]+", name))
        if kind == "Pod":
            current = {pod["metadata"]["name"] for pod in self.pods}
            return name in current if current else bool(re.fullmatch(workload + r"-[a-z0-9]+-[a-z0-9]{5}", name))
        return False

    def is_registered_by(self, kind: str) -> bool:
        """Whether an object of this kind registers it as wanted."""
        return any(obj.get("kind") == kind for obj in self.registration)

    def condition(self, name: str) -> Object:
        """A condition of the service, empty where it has none of that type."""
        return conditions_of(self.service).get(name) or {} if self.service else {}

    @property
    def container(self) -> Object:
        """The container of the server as the service wants it, empty where there is none."""
        return server_container(self.service)

    def variable(self, name: str) -> str | None:
        """The value that an environment variable of the server has as plain text."""
        return server_variable(self.service, name)

    def age(self, obj: Object) -> float:
        """Seconds since the object was made."""
        return self.now - (seconds(obj["metadata"].get("creationTimestamp")) or self.now)
