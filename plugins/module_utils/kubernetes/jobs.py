# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has become of a Job, and what it has to say."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import (
    FAILED,
    READY,
    WAITING,
    Readiness,
    conditions_of,
)

Object = t.Mapping[str, t.Any]

RESULT = "result: "
"""What the line of a log begins with that holds a result as JSON."""


def state_of(job: Object, pods: t.Sequence[Object]) -> Readiness:
    """Whether a Job is done (C(ready)), has failed, or what it waits for."""
    what = f"Job {job['metadata']['name']}"
    conditions = conditions_of(job)
    if (conditions.get("Complete") or {}).get("status") == "True":
        return Readiness(READY, what)
    failed = conditions.get("Failed") or {}
    if failed.get("status") == "True":
        return Readiness(FAILED, what, failed.get("reason") or "Failed", failed.get("message") or "")
    return Readiness(WAITING, what, *_awaited(job, pods))


def _awaited(job: Object, pods: t.Sequence[Object]) -> tuple[str, str]:
    pod = newest(pods)
    if pod is None:
        return "NoPod", "it has no pod yet"
    status = pod.get("status") or {}
    statuses = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    waiting = [each["state"]["waiting"] for each in statuses if (each.get("state") or {}).get("waiting")]
    said = next((each for each in waiting if each.get("reason") not in (None, "PodInitializing")), None)
    if said:
        return str(said["reason"]), str(said.get("message") or "a container does not start")
    scheduled = conditions_of(pod).get("PodScheduled") or {}
    if scheduled.get("status") == "False":
        return scheduled.get("reason") or "Unschedulable", scheduled.get("message") or "no node takes its pod"
    number = (job.get("status") or {}).get("failed") or 0
    return "Running", "its pod runs" + (f" after {number} that failed" if number else "")


def newest(pods: t.Sequence[Object]) -> Object | None:
    """The pod that was made last."""
    return max(pods, key=lambda pod: pod["metadata"].get("creationTimestamp") or "", default=None)


def container_to_ask(pod: Object) -> str:
    """Whose log says why a pod is where it is: the first container that has failed, else the last."""
    status = pod.get("status") or {}
    for each in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        if ((each.get("state") or {}).get("terminated") or {}).get("exitCode"):
            return each["name"]
    return pod["spec"]["containers"][-1]["name"]


def result_in(log: t.Sequence[str]) -> dict[str, t.Any]:
    """What a Job returns by the last line of its log that begins with C(RESULT); empty where there is none."""
    for line in reversed(log):
        if line.startswith(RESULT):
            try:
                found = json.loads(line[len(RESULT) :])
            except ValueError:
                return {}
            return found if isinstance(found, dict) else {}
    return {}
