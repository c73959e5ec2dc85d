# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait for instances: one look at all of them, as often as it takes, and the story of each that is not ready."""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import Explanation
from ansible_collections.llamastack.maas.plugins.module_utils.base.polling import Attempt, PollResult, poll
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.causes import explain
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.cluster_view import (
    ClusterView,
    Listing,
    log_of,
    workloads,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import Evidence
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.explanation import account
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.readiness import is_restored, observe, pod_reason
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import conditions
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import (
    FAILED,
    READY,
    SCALED,
    WAITING,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref

_NAMED_IN_PROGRESS = 4
# What there is nothing more to wait for.
_SETTLED = (READY, SCALED)


class Observation:
    """What one look found of one instance."""

    def __init__(self, evidence: Evidence, registered: t.Sequence[Ref], scope: str) -> None:
        self.name = evidence.name
        self.evidence = evidence
        found = observe(evidence, registered, scope)
        self.readiness = conditions.first_open(found)
        self.note = next((each.message for each in found if each.state == READY and each.message), "")
        if self.readiness.state == SCALED and is_restored(evidence):
            self.readiness = self.readiness._replace(state=WAITING)
        self.explanations: list[Explanation] | None = None

    def progress(self) -> str:
        reason = pod_reason(self.evidence)
        pod = f" (pod: {reason})" if reason else ""
        return f"{self.name}: {self.readiness.what} {self.readiness.reason}{pod}"

    def as_result(self) -> dict[str, t.Any]:
        ready = self.readiness.state == READY
        result = {
            "ready": ready,
            "state": self.readiness.state,
            "url": ((self.evidence.service or {}).get("status") or {}).get("url"),
            "note": self.note if self.readiness.state in _SETTLED else "",
            "what": self.readiness.what,
            "reason": "" if ready else self.readiness.reason,
            "message": "" if ready else self.readiness.message,
        }
        if self.explanations is not None:
            result["explanations"] = [explanation._asdict() for explanation in self.explanations]
        return result


class Wait:
    """Looks at all instances at once."""

    def __init__(self, cluster: Cluster, params: dict[str, t.Any], check_mode: bool = False) -> None:
        self._cluster = cluster
        self._namespace: str = params["namespace"]
        self._names: list[str] = params["instances"]
        self._scope: str = params["scope"]
        self.timeout: float = 0 if check_mode else params["wait_timeout"]
        self._registered: dict[str, list[Ref]] = {name: [] for name in self._names}
        for obj in params["registration"]:
            owner = owner_of(obj)
            if owner and owner.instance in self._registered:
                self._registered[owner.instance].append(Ref.of(obj))
        self.seen: dict[str, Observation] = {}
        self.stories: list[str] = []

    def run(self) -> PollResult:
        """Look until all are ready, waiting longer cannot help, or the time is over."""
        return poll(self.look, clock=time.monotonic, sleep=time.sleep, timeout=self.timeout)

    def look(self) -> Attempt:
        """One look at everything. An API server that does not answer now may do so later."""
        try:
            self.seen = self._read()
        except ApiError as exc:
            if not exc.is_transient:
                raise
            return Attempt(progress=f"the API server does not answer ({exc.outcome})", retry_after=exc.retry_after)
        states = [seen.readiness.state for seen in self.seen.values()]
        return Attempt(
            done=all(state in _SETTLED for state in states),
            failed=FAILED in states and WAITING not in states,
            progress=self._progress(),
        )

    def _progress(self) -> str:
        by_state: dict[str, list[Observation]] = {READY: [], WAITING: [], FAILED: [], SCALED: []}
        for seen in self.seen.values():
            by_state[seen.readiness.state].append(seen)
        waiting, failed = by_state[WAITING], by_state[FAILED]
        parts = [f"{len(by_state[READY])} of {len(self.seen)} ready"]
        if by_state[SCALED]:
            parts.append(f"scaled to 0: {', '.join(seen.name for seen in by_state[SCALED])}")
        if failed:
            parts.append(f"failed: {', '.join(seen.name for seen in failed)}")
        parts += [seen.progress() for seen in waiting[:_NAMED_IN_PROGRESS]]
        if len(waiting) > _NAMED_IN_PROGRESS:
            parts.append(f"and {len(waiting) - _NAMED_IN_PROGRESS} more")
        return "; ".join(parts)

    def _read(self) -> dict[str, Observation]:
        groups = sorted({ref[:3] for refs in self._registered.values() for ref in refs})
        listings = [Listing(group) for group in groups]
        if self._scope != "platform":
            listings += workloads(self._cluster, self._namespace)
        view = ClusterView(self._cluster, listings)
        for refusal in view.refused.values():
            raise refusal
        return {
            name: Observation(
                view.evidence(self._namespace, name, self._registered[name]), self._registered[name], self._scope
            )
            for name in self._names
        }

    def explain(self) -> None:
        """Gather the evidence on all that is not ready: one LIST of the namespace's warnings, one log per instance."""
        unready = self._unready()
        calls: list[t.Callable[[], t.Any]] = [
            lambda: self._cluster.list("v1", "Event", self._namespace, fields="type=Warning")
        ]
        calls += [lambda s=seen: log_of(self._cluster, s.evidence) for seen in unready]
        events, *logs = in_parallel(calls) if self._scope != "platform" else [[]] + [[] for _seen in unready]
        for seen, log in zip(unready, logs):
            evidence = dataclasses.replace(seen.evidence, events=_or_nothing(events), log=_or_nothing(log))
            seen.explanations = explain(evidence)
            self.stories.append(account(evidence, seen.readiness, seen.explanations))

    def message(self, outcome: PollResult) -> str:
        """What is not ready, each with its story where C(explain) has made one."""
        unready = self._unready()
        stories = self.stories or [f"{seen.name}: {seen.readiness}" for seen in unready] or [outcome.last.progress]
        head = f"Not ready: {len(unready)} of {len(self._names)} instances." if unready else "Nothing could be seen."
        return "\n".join([head, *stories])

    def _unready(self) -> list[Observation]:
        return [seen for seen in self.seen.values() if seen.readiness.state not in _SETTLED]


def _or_nothing(answer: t.Any) -> list[t.Any]:
    """Evidence that may not be read is evidence that is not there; what decides has been read already."""
    return [] if isinstance(answer, ApiError) else answer
