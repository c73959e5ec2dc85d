# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text on an instance that is not ready: the causes that are recognised, and what there is to see of it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import Explanation
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import Evidence
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import Object, Readiness
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import deployment_name
from ansible_collections.llamastack.maas.plugins.module_utils.ogx.server_log import telling_lines

LOG_TAIL = 20
_EVENTS_SHOWN = 4
_COMBINED = "(combined from similar events): "


def account(evidence: Evidence, readiness: Readiness, explanations: t.Sequence[Explanation]) -> str:
    """The whole story of an instance that is not ready, as indented lines below its name."""
    lines = [f"{evidence.name}: {readiness}"]
    for explanation in explanations:
        # What the first line says already is not said again.
        known = explanation.evidence in str(readiness) or (
            readiness.message and readiness.message in explanation.evidence
        )
        lines.append(f"  cause: {explanation.cause}" + ("" if known else f" ({explanation.evidence})"))
        lines.append(f"  to do: {explanation.remedy}")
    if not explanations:
        lines.append(f"  to do: {_look_at(evidence)}")
    lines += [f"  pod {pod['metadata']['name']}: {_state_of(pod)}" for pod in evidence.pods]
    lines += [f"  event: {text}" for text in _distinct_events(evidence)[-_EVENTS_SHOWN:]]
    tail = telling_lines(evidence.log, LOG_TAIL)
    if tail:
        lines.append("  log:")
        lines += [f"    {line}" for line in tail]
    return redact("\n".join(lines))


def _look_at(evidence: Evidence) -> str:
    if evidence.service is None:
        return "Run the instances' role: the service does not exist."
    return f"Look at the conditions of LLMInferenceService {evidence.namespace}/{evidence.name} and of what it made."


def _state_of(pod: Object) -> str:
    status = pod.get("status") or {}
    parts = [status.get("phase") or "Pending"]
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        state, details = next(iter((container.get("state") or {"unknown": {}}).items()))
        told = ", ".join(str(details[key]) for key in ("reason", "exitCode") if details.get(key) is not None)
        parts.append(
            f"{container['name']} {state}{f' ({told})' if told else ''}, "
            f"{'ready' if container.get('ready') else 'not ready'}, {container.get('restartCount', 0)} restarts"
        )
    return "; ".join(parts)


def _distinct_events(evidence: Evidence) -> list[str]:
    """The events, oldest first; those that differ but in the name of a pod are one."""
    told: dict[str, str] = {}
    pod_name = re.compile(re.escape(deployment_name(evidence.name)) + r"-[a-z0-9]+(-[a-z0-9]{5})?")
    for event in evidence.own_events:
        message = (event.get("message") or "").replace(_COMBINED, "")
        count = (event.get("series") or {}).get("count") or event.get("count") or 1
        text = f"{event.get('reason')} {(event.get('involvedObject') or {}).get('kind')}: {message}"
        key = pod_name.sub("", text)
        told.pop(key, None)
        told[key] = f"{text} ({count} times)" if count > 1 else text
    return list(told.values())
