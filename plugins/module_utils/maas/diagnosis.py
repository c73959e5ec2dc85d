# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the chain from an instance's key to an answer of its provider breaks, why, and what to do.

The chain is walked link by link, and each link is judged alone. What may not be read is skipped with the reason, and
the walk goes on: a link further on shows what comes of it. Judged here are the links that the cluster itself shows;
those that only calls show, in C(diagnosis_calls.py).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import (
    BROKEN,
    HINT,
    OK,
    SKIPPED,
    Explanation,
    Link,
    is_broken,
)
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact
from ansible_collections.llamastack.maas.plugins.module_utils.kserve import causes, conditions as of_kserve, revisions
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.causes import (
    DEPLOYMENT,
    GATEWAY,
    OBJECT,
    POD,
    REGISTRATION,
    ROUTE,
    SECRET,
    SERVICE,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import Evidence
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.readiness import is_restored, rollout, scaled_by
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import conditions, gateway_admission, presence
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import (
    READY,
    SCALED,
    Object,
    Readiness,
    conditions_of,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import INFERENCE_SERVICE
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.presence import Presence
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Generation

LIST = "list"
MODELS = "models"
CALL = "call"

CLUSTER_LINKS = (SECRET, OBJECT, DEPLOYMENT, POD, SERVICE, ROUTE, GATEWAY, REGISTRATION)
CALL_LINKS = (LIST, MODELS, CALL)

Instance = t.Mapping[str, t.Any]
Unread = t.Mapping[str, ApiError]

# Which conditions of the service report another link.
_CONDITIONS_OF_LINKS = {
    "GatewaysReady": GATEWAY,
    "HTTPRoutesReady": ROUTE,
    "RouterReady": ROUTE,
    "MainWorkloadReady": DEPLOYMENT,
    "WorkloadsReady": DEPLOYMENT,
}
# How KServe begins the reason of a workload that it could not make at all.
_NOT_MADE = "Reconcile"

_LOOK_AT = {
    OBJECT: "Look at the conditions of the LLMInferenceService and at the log of the KServe controller.",
    DEPLOYMENT: "Look at the Deployment and at its ReplicaSet: conditions and events.",
    POD: "Look at the pod: conditions, events and log.",
    SERVICE: "Look at the KServe controller, which makes it.",
    ROUTE: "Look at the HTTPRoute and at the KServe controller, which makes it.",
    GATEWAY: "Look at the Gateway and at its controller: contact the platform team.",
    REGISTRATION: "Look at the object and at the log of the MaaS controller: contact the platform team.",
}


class SecretSeen(t.NamedTuple):
    """A Secret without its values: its keys, what is wrong with the values of some, its revision, and whose it is."""

    fields: t.Collection[str]
    problems: t.Mapping[str, str]
    revision: str
    presence: Presence = Presence(presence.OURS)


@dataclass(frozen=True)
class Case:
    """All that the cluster shows of one instance.

    C(secret): None where it does not exist. C(unread): by kind what may not be read; of that, None is unknown.
    C(groups): the names of OpenShift's groups, None where there is no such kind or it may not be read.
    C(unmanaged): the service and the objects that register it, where they are not this list's, by kind.
    """

    instance: Instance
    evidence: Evidence
    generation: Generation
    secret: SecretSeen | None = None
    endpoint: Object | None = None
    gateway: Object | None = None
    namespace_labels: t.Mapping[str, str] | None = None
    groups: t.Collection[str] | None = None
    unread: Unread = field(default_factory=dict)
    unmanaged: t.Mapping[str, Presence] = field(default_factory=dict)


def chain(case: Case) -> list[Link]:
    """Every link that the cluster itself shows, in order."""
    findings = [_JUDGES[link](case) for link in CLUSTER_LINKS]
    if rollout(case.evidence).state != SCALED or is_broken(findings):
        # What is broken besides would break it with replicas, too.
        return findings
    return [finding._replace(state=BROKEN) if finding.link == DEPLOYMENT else finding for finding in findings]


def _secret(case: Case) -> Link:
    credentials = case.instance["credentials"]
    secret = credentials["secret"]
    if not secret:
        return Link(SECRET, OK, evidence="it needs no key")
    what = f"Secret {case.evidence.namespace}/{secret['name']}"
    if case.secret is None and "Secret" in case.unread:
        return _unread(SECRET, case.unread["Secret"])
    unmanaged = case.secret is not None and case.secret.presence.state == presence.UNMANAGED
    if unmanaged:
        whose = f"Have its owner correct it. {case.secret.presence.remedy}"
    elif secret["managed"]:
        whose = "Deploy again with the key."
    else:
        whose = "Have its owner correct it, or correct credentials_secret."
    if case.secret is None:
        return Link.broken(SECRET, Explanation("the Secret with the key does not exist", what, whose))
    missing = [each["key"] for each in credentials["fields"] if each["key"] not in case.secret.fields]
    if missing:
        seen = f"{what} has {', '.join(sorted(case.secret.fields)) or 'no keys'}, and lacks {', '.join(missing)}"
        return Link.broken(SECRET, Explanation("the Secret lacks a key that the instance reads", seen, whose))
    for key, problem in case.secret.problems.items():
        seen = f"{what}: the value of {key} {problem}"
        return Link.broken(SECRET, Explanation("the key in the Secret cannot work", seen, whose))
    if unmanaged:
        told = (
            "the Secret is not managed by this list",
            f"{what} {case.secret.presence.why}",
            case.secret.presence.remedy,
        )
        # The pods read it all the same; but nothing could be deployed.
        absent = case.evidence.service is None and INFERENCE_SERVICE not in case.unread
        return Link.broken(SECRET, Explanation(*told)) if absent else Link(SECRET, HINT, *map(redact, told))
    rolled = case.evidence.variable(revisions.CREDENTIALS_REVISION)
    if rolled and rolled != case.secret.revision:
        seen = f"{what} has revision {case.secret.revision}, the pods were started with {rolled}"
        remedy = "Deploy again, which restarts them."
        return Link(SECRET, HINT, "the pods run with the key that was in the Secret before", seen, remedy)
    return Link(SECRET, OK)


def _object(case: Case) -> Link:
    evidence = case.evidence
    if evidence.service is None and INFERENCE_SERVICE in case.unread:
        return _unread(OBJECT, case.unread[INFERENCE_SERVICE])
    if evidence.service is None:
        what = f"LLMInferenceService {evidence.namespace}/{evidence.name} does not exist"
        return Link.broken(OBJECT, Explanation("it is not deployed", what, "Run llamastack.maas.deploy."))
    whose = case.unmanaged.get(INFERENCE_SERVICE)
    if whose:
        what = f"LLMInferenceService {evidence.namespace}/{evidence.name} {whose.why}"
        return Link.broken(
            OBJECT, Explanation("the service of this name is not managed by this list", what, whose.remedy)
        )
    collision = next((each for each in causes.explain(evidence, OBJECT) if "spec.model.name" in each.cause), None)
    if collision:
        return Link.broken(OBJECT, collision)
    readiness = of_kserve.inference_service(evidence.service, "LLMInferenceService", evidence.now)
    if readiness.reason == "NotObserved" and not causes.explain(evidence, OBJECT):
        remedy = "Run diagnose again in a minute."
        return Link(OBJECT, HINT, "KServe has not observed the last change yet", readiness.message, remedy)
    part = readiness.what.partition(", ")[2]
    elsewhere = _CONDITIONS_OF_LINKS.get(part)
    cannot_be_made = elsewhere == DEPLOYMENT and readiness.reason.startswith(_NOT_MADE)
    if (
        readiness.state == READY
        or readiness.reason in (of_kserve.NO_URL, of_kserve.UNUSABLE_URL)
        or (elsewhere and not cannot_be_made)
    ):
        return Link(OBJECT, OK)
    return _broken(OBJECT, evidence, readiness)


def _deployment(case: Case) -> Link:
    evidence = case.evidence
    readiness = rollout(evidence)
    if readiness.state == SCALED:
        return Link(DEPLOYMENT, HINT, "it is scaled to 0", readiness.message, _scale_up(evidence))
    if _is_stopped(evidence):
        return Link(DEPLOYMENT, SKIPPED, "the service is stopped, so KServe runs none")
    if readiness.state == READY or (readiness.reason == "RollingOut" and evidence.pods):
        return Link(DEPLOYMENT, OK)
    if "Deployment" in case.unread and evidence.deployment is None:
        return _unread(DEPLOYMENT, case.unread["Deployment"])
    if readiness.reason == "ProgressDeadlineExceeded" and evidence.pods:
        return Link(DEPLOYMENT, OK)
    return _broken(DEPLOYMENT, evidence, readiness)


def _is_stopped(evidence: Evidence) -> bool:
    found = of_kserve.inference_service(evidence.service, "LLMInferenceService", evidence.now)
    return found.reason == of_kserve.STOPPED


def _scale_up(evidence: Evidence) -> str:
    if is_restored(evidence):
        return (
            "KServe is to put the replicas back: look at the KServe controller (llmisvc), and at whatever scales the"
            " Deployment."
        )
    others = " and ".join(scaled_by(evidence))
    if others:
        return (
            f"Deploy again with llamastack_maas_force_conflicts, which gives it the replicas of the list: {others} has"
            " set them last. Or scale it up there."
        )
    return "Deploy again, which gives it the replicas of the list."


def _pod(case: Case) -> Link:
    evidence = case.evidence
    if rollout(evidence).state == SCALED or _is_stopped(evidence):
        return Link(POD, SKIPPED, "there is none to look for: no replica is asked for")
    if "Pod" in case.unread:
        return _unread(POD, case.unread["Pod"])
    found = [conditions.pod(pod, f"pod {pod['metadata']['name']}", evidence.now) for pod in evidence.pods]
    for readiness in found:
        if readiness.state != READY:
            return _broken(POD, evidence, readiness)
    for container in evidence.containers():
        ended = (container.get("lastState") or {}).get("terminated") or {}
        if ended.get("reason") == "OOMKilled":
            why, *_rest = causes.explain(evidence, POD)
            return Link(POD, HINT, *map(redact, why))
    return Link(POD, OK)


def _service(case: Case) -> Link:
    if case.endpoint is not None:
        return Link(SERVICE, OK)
    if "Service" in case.unread:
        return _unread(SERVICE, case.unread["Service"])
    readiness = Readiness(conditions.FAILED, "Service", "NotFound", "the service has no address within the cluster")
    return _broken(SERVICE, case.evidence, readiness)


def _route(case: Case) -> Link:
    condition = case.evidence.condition("HTTPRoutesReady")
    refused = causes.explain(case.evidence, ROUTE)
    if refused:
        return Link.broken(ROUTE, refused[0])
    if case.evidence.route is None and "HTTPRoute" not in case.unread:
        seen = Readiness(conditions.FAILED, "HTTPRoute", "NotFound", condition.get("message") or "it does not exist")
        return _broken(ROUTE, case.evidence, seen)
    if condition and condition["status"] != "True":
        reason, message = condition.get("reason") or "NotReady", condition.get("message") or "no message"
        return _broken(ROUTE, case.evidence, Readiness(conditions.WAITING, "HTTPRoutesReady", reason, message))
    if case.evidence.route is None and condition:
        return Link(ROUTE, OK, evidence="HTTPRoutesReady of the service is True; the HTTPRoute itself may not be read")
    if case.evidence.route is None:
        return _unread(ROUTE, case.unread["HTTPRoute"])
    return Link(ROUTE, OK)


def _gateway(case: Case) -> Link:
    known = causes.explain(case.evidence, GATEWAY)
    if known:
        return Link.broken(GATEWAY, known[0])
    condition = case.evidence.condition("GatewaysReady")
    if case.gateway is None:
        if "Gateway" in case.unread and condition.get("status") == "True":
            return Link(
                GATEWAY, OK, evidence="GatewaysReady of the service is True; the Gateway itself may not be read"
            )
        if "Gateway" in case.unread:
            return _unread(GATEWAY, case.unread["Gateway"])
        remedy = "Correct llamastack_maas_gateway, or have Models-as-a-Service installed."
        return Link.broken(GATEWAY, Explanation("the Gateway does not exist", "it was not found", remedy))
    name = f"Gateway {case.gateway['metadata']['namespace']}/{case.gateway['metadata']['name']}"
    programmed = conditions_of(case.gateway).get("Programmed") or {}
    if programmed.get("status") != "True":
        seen = (
            f"{name}: Programmed {programmed.get('status') or 'unknown'}: {programmed.get('message') or 'no message'}"
        )
        return Link.broken(GATEWAY, Explanation("the Gateway is not programmed", seen, _LOOK_AT[GATEWAY]))
    labels = case.namespace_labels
    if labels is not None and not gateway_admission.admits(case.gateway, case.evidence.namespace, labels):
        selectors = "; ".join(gateway_admission.selectors(case.gateway)) or "its own namespace only"
        why = Explanation(
            "the Gateway takes no routes of the namespace",
            f"{name} admits {selectors}",
            "Have the namespace labelled: llamastack.maas.deploy with llamastack_maas_scope=platform does that.",
        )
        return Link.broken(GATEWAY, why)
    return Link(GATEWAY, OK)


def _registration(case: Case) -> Link:
    evidence = case.evidence
    present = {Ref.of(obj): obj for obj in evidence.registration}
    closed = [ref.kind for ref in evidence.wanted if ref not in present and ref.kind in case.unread]
    if evidence.service is None and INFERENCE_SERVICE in case.unread:
        closed.append(INFERENCE_SERVICE)
    for ref in evidence.wanted:
        if ref.kind in closed:
            continue
        readiness = of_kserve.registration(present.get(ref), ref.kind, str(ref), "all", evidence.now)
        if readiness.state != READY:
            return _broken(REGISTRATION, evidence, readiness)
    objects = [*evidence.registration, *evidence.strays]
    registered = case.generation.registered(evidence.namespace, evidence.name, evidence.service, objects)
    if not registered and not closed:
        why = Explanation(
            "nothing registers the model with MaaS",
            f"LLMInferenceService {evidence.name} names no tier",
            "Run llamastack.maas.deploy, which registers it.",
        )
        return Link.broken(REGISTRATION, why)
    if closed:
        return _unread(REGISTRATION, case.unread[closed[0]])
    for ref in present:
        whose = case.unmanaged.get(ref.kind)
        if whose:
            return Link(
                REGISTRATION, HINT, f"the {ref.kind} is not managed by this list", f"{ref} {whose.why}", whose.remedy
            )
    unknown = _unknown_groups(case)
    if unknown:
        return Link(
            REGISTRATION,
            HINT,
            f"OpenShift knows no group {', '.join(unknown)}",
            f"access names {', '.join(unknown)}, for which there is no Group of user.openshift.io",
            "Correct access.groups, unless the group comes from another identity provider.",
        )
    return Link(REGISTRATION, OK)


def _unknown_groups(case: Case) -> list[str]:
    if case.groups is None:
        return []
    # What begins with system: is the cluster's own, and never an object.
    wanted = [group for group in case.instance["access"].get("groups") or [] if not group.startswith("system:")]
    return [group for group in wanted if group not in case.groups]


_JUDGES: dict[str, t.Callable[[Case], Link]] = {
    SECRET: _secret,
    OBJECT: _object,
    DEPLOYMENT: _deployment,
    POD: _pod,
    SERVICE: _service,
    ROUTE: _route,
    GATEWAY: _gateway,
    REGISTRATION: _registration,
}


def _broken(link: str, evidence: Evidence, readiness: Readiness) -> Link:
    """A broken link by the cause that is recognised, of the link itself before any other; else by what was seen."""
    # What a healthy pod has logged before says nothing about a link in front of it.
    others = [other for other in CLUSTER_LINKS if other not in (link, POD)]
    for known in (causes.explain(evidence, link), causes.explain(evidence, *others)):
        if known:
            return Link.broken(link, known[0])
    return Link.broken(link, Explanation(readiness.message or readiness.reason, str(readiness), _LOOK_AT[link]))


def _unread(link: str, error: ApiError) -> Link:
    return Link(link, SKIPPED, f"it may not be read: {error}")
