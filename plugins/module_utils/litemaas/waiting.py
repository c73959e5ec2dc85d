# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait for the programs of an installation: one look at all of them, as often as it takes, and the story of each that
does not come up."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import Explanation
from ansible_collections.llamastack.maas.plugins.module_utils.base.polling import Attempt, PollResult, poll
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact
from ansible_collections.llamastack.maas.plugins.module_utils.base.text import plural
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import conditions
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import (
    FAILED,
    READY,
    SCALED,
    WAITING,
    Readiness,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import selector
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas.causes import (
    LINES_TO_READ,
    ProgramEvidence,
    explain,
)
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas.reading import url_of

Object = t.Dict[str, t.Any]

_NAMED_IN_PROGRESS = 4
_LOG_TAIL = 12
_EVENTS_SHOWN = 4
# What there is nothing more to wait for.
_SETTLED = (READY, SCALED)

_WORKLOADS = ("StatefulSet", "Job", "Deployment")
_START = "Run llamastack.maas.litemaas_deploy, which starts it again."
_LOOK_AT = "Look at its pods, their events and their logs."


class Program:
    """What one look found of one object: a program, or the way to one."""

    def __init__(self, ref: Ref, obj: Object | None, pods: t.Sequence[Object], claims: t.Sequence[Object], now: float):
        self.ref = ref
        self.obj = obj
        self.pods = pods
        self.claims = claims
        self.now = now
        self.readiness = judge(ref, obj, pods, claims, now)
        self.explanations: list[Explanation] = []
        if self.readiness.state == SCALED:
            why = Explanation("it is scaled to 0", str(self.readiness), _START)
            self.explanations.append(why)

    @property
    def what(self) -> str:
        return f"{self.ref.kind} {self.ref.name}"

    @property
    def app(self) -> str:
        """What its pods are known by."""
        return names.MIGRATION if self.ref.kind == "Job" else self.ref.name

    def evidence(self, events: t.Sequence[Object] = (), log: t.Sequence[str] = ()) -> ProgramEvidence:
        return ProgramEvidence(
            name=self.app,
            now=self.now,
            deployment=self.obj,
            pods=self.pods,
            events=events,
            claims=self.claims,
            log=log,
        )

    def as_result(self) -> Object:
        ready = self.readiness.state == READY
        found: Object = {
            "kind": self.ref.kind,
            "name": self.ref.name,
            "ready": ready,
            "state": self.readiness.state,
            "what": self.readiness.what,
            "reason": "" if ready else self.readiness.reason,
            "message": "" if ready else self.readiness.message,
        }
        if self.explanations:
            found["explanations"] = [each._asdict() for each in self.explanations]
        return found


def judge(ref: Ref, obj: Object | None, pods: t.Sequence[Object], claims: t.Sequence[Object], now: float) -> Readiness:
    """Whether what an object stands for is at work; of one that is not, the part that keeps it is what decides."""
    what = f"{ref.kind} {ref.name}"
    if ref.kind in ("Route", "Ingress"):
        return _exposed(obj, what, now)
    if ref.kind == "Job":
        found = _job(obj, what)
    else:
        of_kind = conditions.stateful_set if ref.kind == "StatefulSet" else conditions.deployment
        found = of_kind(obj, what, now, "it does not exist yet")
    if found.state != WAITING or obj is None:
        return found
    parts = [conditions.claim(each, f"PersistentVolumeClaim {each['metadata']['name']}", now) for each in claims]
    parts += [conditions.pod(each, f"{what}, pod {each['metadata']['name']}", now) for each in pods]
    # What failed decides; else what keeps a pod says more than that it is not ready.
    return next((each for state in (FAILED, WAITING) for each in parts if each.state == state and each.reason), found)


def _job(obj: Object | None, what: str) -> Readiness:
    if obj is None:
        return Readiness(WAITING, what, "NotFound", "it does not exist yet")
    found = conditions.conditions_of(obj)
    for state, condition in ((READY, "Complete"), (FAILED, "Failed")):
        if (found.get(condition) or {}).get("status") == "True":
            return Readiness(
                state, what, found[condition].get("reason") or condition, found[condition].get("message") or ""
            )
    return Readiness(WAITING, what, "Running", "it has not ended yet")


def _exposed(obj: Object | None, what: str, now: float) -> Readiness:
    if obj is None:
        return Readiness(WAITING, what, "NotFound", "it does not exist yet")
    if url_of(obj):
        return Readiness(READY, what)
    for entry in (obj.get("status") or {}).get("ingress") or []:
        admitted = conditions.conditions_of({"status": entry}).get("Admitted") or {}
        if admitted.get("status") == "False":
            state = FAILED if conditions.settled(admitted, now) else WAITING
            return Readiness(state, what, admitted.get("reason") or "NotAdmitted", admitted.get("message") or "")
    return Readiness(WAITING, what, "NotAdmitted", "no router has admitted it yet")


class InstallationWait:
    """Looks at all programs at once."""

    def __init__(self, cluster: Cluster, params: t.Mapping[str, t.Any], check_mode: bool = False) -> None:
        self._cluster = cluster
        self._namespace: str = params["namespace"]
        self._labels = selector(params["namespace"], names.set_label(params["set"]))
        self._refs = [Ref.of(obj) for obj in params["objects"]]
        self.timeout: float = 0 if check_mode else params["wait_timeout"]
        self.seen: list[Program] = []
        self.stories: list[str] = []

    def run(self) -> PollResult:
        """Look until all are at work, waiting longer cannot help, or the time is over."""
        return poll(self.look, clock=time.monotonic, sleep=time.sleep, timeout=self.timeout)

    def look(self) -> Attempt:
        """One look at everything. An API server that does not answer now may do so later."""
        try:
            self.seen = self._read()
        except ApiError as exc:
            if not exc.is_transient:
                raise
            return Attempt(progress=f"the API server does not answer ({exc.outcome})", retry_after=exc.retry_after)
        states = [seen.readiness.state for seen in self.seen]
        return Attempt(
            done=all(state in _SETTLED for state in states),
            # Nothing comes up without the database, so nothing is waited for beside what has failed.
            failed=FAILED in states,
            progress=self._progress(),
        )

    def _progress(self) -> str:
        waiting = self._unready()
        parts = [f"{len(self.seen) - len(waiting)} of {len(self.seen)} ready"]
        for seen in waiting[:_NAMED_IN_PROGRESS]:
            found = seen.readiness
            where = "" if found.what == seen.what else f" ({found.what.partition(', ')[2] or found.what})"
            parts.append(f"{seen.what}{where} {found.reason}")
        if len(waiting) > _NAMED_IN_PROGRESS:
            parts.append(f"and {len(waiting) - _NAMED_IN_PROGRESS} more")
        return "; ".join(parts)

    def _unready(self) -> list[Program]:
        return [seen for seen in self.seen if seen.readiness.state not in _SETTLED]

    def _read(self) -> list[Program]:
        has_pods = any(ref.kind in _WORKLOADS for ref in self._refs)
        calls: list[t.Callable[[], t.Any]] = [
            lambda r=ref: self._cluster.get(r.api_version, r.kind, r.name, r.namespace) for ref in self._refs
        ]
        for kind in ("Pod", "PersistentVolumeClaim") if has_pods else ():
            calls.append(lambda k=kind: self._cluster.list("v1", k, self._namespace, labels=self._labels))
        answers = in_parallel(calls)
        for answer in answers[: len(self._refs)]:
            if isinstance(answer, ApiError):
                raise answer
        # Who may not list them sees less of why something does not come up.
        pods, claims = (_or_nothing(answer) for answer in answers[len(self._refs) :] or ([], []))
        now = self._cluster.server_time or time.time()
        return [
            Program(ref, obj, _pods_of(ref, obj, pods), claims if ref.kind == "StatefulSet" else [], now)
            for ref, obj in zip(self._refs, answers)
        ]

    def explain(self) -> None:
        """Gather the evidence on all that is not at work: one LIST of the namespace's warnings, one log per program."""
        unready = self._unready()
        calls: list[t.Callable[[], t.Any]] = [
            lambda: self._cluster.list("v1", "Event", self._namespace, fields="type=Warning")
        ]
        calls += [lambda s=seen: self._log(s) for seen in unready]
        events, *logs = (_or_nothing(answer) for answer in in_parallel(calls))
        for seen, log in zip(unready, logs):
            evidence = seen.evidence(events, log)
            seen.explanations = explain(evidence) if seen.ref.kind in _WORKLOADS else []
            self.stories.append(story(seen, evidence))

    def _log(self, seen: Program) -> list[str]:
        """The log of the container that keeps the first pod: one that failed, else the first that is not ready."""
        for pod in seen.pods:
            status = pod.get("status") or {}
            for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
                if container.get("ready"):
                    continue
                waiting = (container.get("state") or {}).get("waiting")
                if waiting and not container.get("restartCount"):
                    return []
                return self._cluster.log(
                    self._namespace,
                    pod["metadata"]["name"],
                    container=container["name"],
                    lines=LINES_TO_READ,
                    previous=bool(waiting),
                )
        return []

    def message(self, outcome: PollResult) -> str:
        """What is not at work, each with its story where C(explain) has made one."""
        unready = self._unready()
        stories = self.stories or [f"{seen.readiness}" for seen in unready] or [outcome.last.progress]
        head = (
            f"Not ready: {len(unready)} of {plural(len(self.seen), 'object')}." if unready else "Nothing could be seen."
        )
        return "\n".join([head, *stories])

    def url(self, name: str) -> str | None:
        """Where a Route or Ingress that was awaited is found."""
        exposing = [seen for seen in self.seen if seen.ref.kind in ("Route", "Ingress") and seen.ref.name == name]
        return url_of(exposing[0].obj) if exposing else None


def story(seen: Program, evidence: ProgramEvidence) -> str:
    """All that is to be said of a program that does not come up, as indented lines below its name."""
    readiness = seen.readiness
    lines = [f"{seen.what}: {readiness}" if readiness.what != seen.what else str(readiness)]
    for each in seen.explanations:
        lines += [f"  cause: {each.cause} ({each.evidence})", f"  to do: {each.remedy}"]
    if not seen.explanations and seen.ref.kind in _WORKLOADS:
        lines.append(f"  to do: {_LOOK_AT}")
    said = [f"{event.get('reason')}: {event.get('message')}" for event in evidence.own_events]
    lines += [f"  event: {text}" for text in list(dict.fromkeys(said))[-_EVENTS_SHOWN:]]
    tail = [line for line in evidence.log if line.strip()][-_LOG_TAIL:]
    if tail:
        lines += ["  log:", *(f"    {line}" for line in tail)]
    return redact("\n".join(lines))


def _pods_of(ref: Ref, obj: Object | None, pods: t.Iterable[Object]) -> list[Object]:
    app = names.MIGRATION if ref.kind == "Job" else ref.name
    own = [pod for pod in pods if (pod["metadata"].get("labels") or {}).get(names.LABEL_APP) == app]
    if ref.kind == "Deployment":
        return conditions.current_pods(own, obj)
    if ref.kind == "Job":
        own = [pod for pod in own if pod["metadata"]["labels"].get("job-name") in (None, ref.name)]
        # Of several attempts, the last one says most.
        own.sort(key=lambda pod: pod["metadata"].get("creationTimestamp") or "", reverse=True)
    return [pod for pod in own if not pod["metadata"].get("deletionTimestamp")]


def _or_nothing(answer: t.Any) -> list[t.Any]:
    """Evidence that may not be read is evidence that is not there; what decides has been read already."""
    return [] if isinstance(answer, ApiError) else answer
