# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an instance is ready as a whole: its service, its rollout, its pods and its registration together."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kserve.conditions import inference_service, registration
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import Evidence
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import conditions
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import (
    FAILED,
    READY,
    SCALED,
    SCALED_REASON,
    Readiness,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import FIELD_MANAGER
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref


def judge(evidence: Evidence, registered: t.Sequence[Ref], scope: str = "all") -> Readiness:
    """What decides about an instance that is to be registered by ``registered``, for the scope that ``scope`` names."""
    return conditions.first_open(observe(evidence, registered, scope))


def observe(evidence: Evidence, registered: t.Sequence[Ref], scope: str = "all") -> list[Readiness]:
    """All that decides about an instance, see :func:`judge`."""
    found = []
    if scope != "platform":
        service = inference_service(evidence.service, "LLMInferenceService", evidence.now)
        found.append(service)
        # Until KServe has observed a change, what it made before is of the generation before.
        if service.reason != "NotObserved":
            found += _workload(evidence)
    present = {Ref.of(obj): obj for obj in evidence.registration}
    for ref in registered:
        found.append(registration(present.get(ref), ref.kind, ref.kind, scope, evidence.now))
    return found or [Readiness(READY, "nothing to await")]


def rollout(evidence: Evidence) -> Readiness:
    """What decides about the pods as a whole. Where none is asked for, by the service or of the Deployment, it is scaled to 0."""
    found = conditions.deployment(evidence.deployment, "Deployment", evidence.now)
    asked = _asked(evidence)
    if asked == 0 and found.state != SCALED:
        return Readiness(SCALED, "LLMInferenceService", SCALED_REASON, "it asks for 0 replicas, so nothing answers")
    if asked and found.state == SCALED:
        return found._replace(message=f"{found.message}, although the LLMInferenceService asks for {asked}")
    return found


def is_restored(evidence: Evidence) -> bool:
    """Whether KServe is to undo that the Deployment was scaled to 0, because the service asks for replicas."""
    return bool(_asked(evidence))


def scaled_by(evidence: Evidence) -> list[str]:
    """Who else has set the replicas of the service, such as kubectl scale. An apply without force conflicts then."""
    entries = ((evidence.service or {}).get("metadata") or {}).get("managedFields") or []
    owners = {
        entry["manager"] for entry in entries if "f:replicas" in ((entry.get("fieldsV1") or {}).get("f:spec") or {})
    }
    return sorted(owners - {FIELD_MANAGER})


def _asked(evidence: Evidence) -> int | None:
    return ((evidence.service or {}).get("spec") or {}).get("replicas")


def pod_reason(evidence: Evidence) -> str:
    """Why the first pod that is not ready is not; empty where all are."""
    return next((readiness.reason for readiness in _pods(evidence) if readiness.state != READY), "")


def _workload(evidence: Evidence) -> list[Readiness]:
    whole = rollout(evidence)
    if whole.state == SCALED:
        return [whole]
    return [whole, *(readiness for readiness in _pods(evidence) if readiness.state == FAILED)]


def _pods(evidence: Evidence) -> list[Readiness]:
    return [conditions.pod(pod, "pod", evidence.now) for pod in evidence.pods]
