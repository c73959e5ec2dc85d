# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the objects of models that KServe serves."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kserve import served_models
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.served_models import Served, Wanted
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import (
    Cluster,
    KindNotServed,
    in_parallel,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import (
    INFERENCE_SERVICE,
    INFERENCE_SERVICE_API,
    INFERENCE_SERVICE_STORED_API,
)

# Each kind in the versions that it may be served in, the best one first.
_VERSIONS = {
    "InferenceService": ("serving.kserve.io/v1beta1",),
    INFERENCE_SERVICE: (INFERENCE_SERVICE_STORED_API, INFERENCE_SERVICE_API),
}


def read(cluster: Cluster, wanted: t.Sequence[Wanted]) -> list[Served]:
    """What each wanted model is. Who may not read one kind is told so where the other kind has no such model."""
    kinds = [(version, kind) for kind, versions in _VERSIONS.items() for version in _served(cluster, kind, versions)]
    if not kinds:
        return [Served(problem="KServe is not installed: the cluster serves no InferenceService") for _each in wanted]
    namespaces = sorted({each["namespace"] for each in wanted})
    places = [(version, kind, namespace) for version, kind in kinds for namespace in namespaces]
    answers = in_parallel([lambda p=place: cluster.list(*p) for place in places])
    objects: list[t.Mapping[str, t.Any]] = []
    refused: dict[str, ApiError] = {}
    for (_version, _kind, namespace), answer in zip(places, answers):
        if not isinstance(answer, ApiError):
            objects += answer
        elif answer.status == 403:
            refused[namespace] = answer
        elif not isinstance(answer, KindNotServed):
            raise answer
    return [served_models.choose(each, objects, refused.get(each["namespace"])) for each in wanted]


def _served(cluster: Cluster, kind: str, versions: t.Iterable[str]) -> list[str]:
    return [version for version in versions if cluster.serves(version, kind)][:1]
