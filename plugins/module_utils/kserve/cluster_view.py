# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster shows of all instances at once: one LIST for each kind, however many instances there are."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import Evidence
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import conditions
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, Group, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import (
    CONTAINER_NAME,
    INFERENCE_SERVICE,
    INFERENCE_SERVICE_API,
    INFERENCE_SERVICE_STORED_API,
    LABEL_WORKLOAD_OF,
    OURS,
    WORKLOADS,
    deployment_name,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.ogx.server_log import LINES_TO_READ

Object = t.Dict[str, t.Any]

DEPLOYMENT = "Deployment"
POD = "Pod"


class Listing(t.NamedTuple):
    """One LIST. ``labels`` narrows it; of what is only to be counted or dated, the metadata is enough."""

    group: Group
    labels: str | None = OURS
    metadata_only: bool = False


def workloads(cluster: Cluster, namespace: str) -> list[Listing]:
    """The services of a namespace and what KServe has made of them."""
    stored = INFERENCE_SERVICE_STORED_API
    # The version that needs no conversion, where there is one.
    version = stored if cluster.serves(stored, INFERENCE_SERVICE) else INFERENCE_SERVICE_API
    return [
        Listing((version, INFERENCE_SERVICE, namespace)),
        Listing(("apps/v1", DEPLOYMENT, namespace), WORKLOADS),
        Listing(("v1", POD, namespace), WORKLOADS),
    ]


class ClusterView:
    """The outcome of several LISTs that were made side by side.

    ``refused``: those that the API server did not answer, by their group. What they would have shown is unknown.
    """

    def __init__(
        self, cluster: Cluster, listings: t.Sequence[Listing], further: t.Sequence[t.Callable[[], t.Any]] = ()
    ):
        """``further`` calls are made side by side with the LISTs; the attribute of that name has their results or errors."""
        calls: list[t.Callable[[], t.Any]] = [lambda each=listing: _list(cluster, each) for listing in listings]
        answers = in_parallel([*calls, *further])
        self.now = cluster.server_time or time.time()
        self.further = answers[len(calls) :]
        self.refused: dict[Group, ApiError] = {}
        self._lists: dict[Group, list[Object]] = {}
        for listing, answer in zip(listings, answers):
            if isinstance(answer, ApiError):
                self.refused[listing.group] = answer
            else:
                self._lists[listing.group] = answer
        self._by_ref = {
            Ref(*group[:2], group[2] or obj["metadata"].get("namespace"), obj["metadata"]["name"]): obj
            for group, items in self._lists.items()
            for obj in items
        }
        self._service_by_name = {obj["metadata"]["name"]: obj for obj in self.of_kind(INFERENCE_SERVICE)}
        self._deployment_by_name = {obj["metadata"]["name"]: obj for obj in self.of_kind(DEPLOYMENT)}
        self._pods_by_instance: dict[str, list[Object]] = {}
        for pod in self.of_kind(POD):
            instance = (pod["metadata"].get("labels") or {}).get(LABEL_WORKLOAD_OF)
            self._pods_by_instance.setdefault(instance, []).append(pod)

    def of_kind(self, kind: str) -> list[Object]:
        """Everything of a kind that was listed, in all namespaces that were."""
        return [obj for group, items in self._lists.items() if group[1] == kind for obj in items]

    def objects(self) -> t.Iterable[tuple[Ref, Object]]:
        """Everything that was listed."""
        return self._by_ref.items()

    def get(self, ref: Ref) -> Object | None:
        """A listed object, or None."""
        return self._by_ref.get(ref)

    def covers(self, ref: Ref) -> bool:
        """Whether the object would have been seen if it were there, with the labels that its LIST asks for."""
        return ref[:3] in self._lists

    def evidence(self, namespace: str, name: str, registered: t.Iterable[Ref] = ()) -> Evidence:
        """What there is of one instance, registered by ``registered``; without its events and log."""
        rollout = self._deployment_by_name.get(deployment_name(name))
        found = [self._by_ref[ref] for ref in registered if ref in self._by_ref]
        return Evidence(
            namespace=namespace,
            name=name,
            now=self.now,
            service=self._service_by_name.get(name),
            deployment=rollout,
            pods=conditions.current_pods(self._pods_by_instance.get(name, []), rollout),
            registration=found,
        )


def log_of(cluster: Cluster, evidence: Evidence) -> list[str]:
    """The log of the first pod; where its container waits to be started again, that of the run that ended."""
    for pod in evidence.pods:
        statuses = (pod.get("status") or {}).get("containerStatuses") or []
        status = next((entry for entry in statuses if entry["name"] == CONTAINER_NAME), {})
        waiting = (status.get("state") or {}).get("waiting")
        if waiting and not status.get("restartCount"):
            return []
        return cluster.log(
            evidence.namespace,
            pod["metadata"]["name"],
            container=CONTAINER_NAME,
            lines=LINES_TO_READ,
            previous=bool(waiting),
        )
    return []


def _list(cluster: Cluster, listing: Listing) -> list[Object]:
    options: dict[str, t.Any] = {"labels": listing.labels}
    if listing.metadata_only:
        options["metadata_only"] = True
    return cluster.list(*listing.group, **options)
