# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an instance does not come up, and what to do about it: known causes, recognised in what the cluster shows."""

from __future__ import annotations

import re
import typing as t
from functools import partial

from ansible_collections.llamastack.maas.plugins.module_utils.base import service_url
from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import Explanation
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.conditions import awaits_pairing
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import Evidence
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import causes
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import (
    SETTLED_AFTER,
    Object,
    conditions_of,
)
from ansible_collections.llamastack.maas.plugins.module_utils.ogx.server_log import telling_lines
from ansible_collections.llamastack.maas.plugins.module_utils.openai import errors

# The links of the chain from the key to an answer that the cluster itself shows.
SECRET = "secret"
OBJECT = "object"
DEPLOYMENT = "deployment"
POD = "pod"
SERVICE = "service"
ROUTE = "route"
GATEWAY = "gateway"
REGISTRATION = "registration"


def explain(evidence: Evidence, *links: str) -> list[Explanation]:
    """All known causes that the evidence shows, or those that break one of C(links), the one nearest to the root first."""
    found = (cause.recognise(evidence) for cause in _KNOWN_CAUSES if not links or cause.link in links)
    return [Explanation(*map(redact, explanation)) for explanation in found if explanation is not None]


def provider_trouble(log: t.Sequence[str]) -> Explanation | None:
    """What the log of a running instance says about its provider, by the newest line that says something.

    The instance is healthy all the while. What the provider refused of one call, or of one model, is no trouble of the
    instance: any caller can bring that about.
    """
    lines = telling_lines(log, len(log))[::-1]
    for line in lines:
        if _CONNECTION.search(line):
            # Only the trace of it says why.
            return _network_trouble(lines) or _explained("the provider cannot be reached", line, _CHECK_EGRESS)
        found = _network_trouble([line]) or _refusal(line)
        if found:
            return found
        if _UNREADABLE.search(line):
            return _explained("the provider answered with something else than was asked for", line, _ASK_BY_HAND)
    return None


def _network_trouble(lines: t.Sequence[str]) -> Explanation | None:
    for pattern, cause, remedy in _NETWORK_TROUBLE:
        for line in lines:
            if re.search(pattern, line):
                return _explained(cause, line, remedy)
    return None


def _refusal(line: str) -> Explanation | None:
    refusal = errors.passed_on(line)
    if not refusal:
        return None
    kind = errors.kind_of(refusal)
    of_a_list = _OF_A_LIST.search(line)
    if refusal.status == 400 and not refusal.text and of_a_list:
        # Of Google's errors nothing but the status is there, and a list has nothing else that could be wrong.
        kind = errors.KEY_REFUSED
    if kind not in errors.ABOUT_THE_ACCOUNT and not (of_a_list and kind == errors.PATH_UNKNOWN):
        return None
    cause, remedy = errors.CAUSES[kind]
    return _explained(cause, line, remedy)


def _explained(cause: str, line: str, remedy: str) -> Explanation:
    return Explanation(cause, f"its log: {line}", remedy)


_CHECK_EGRESS = "Check that the pods may reach the provider: llamastack_maas_egress, network policies, base_url."
_ASK_BY_HAND = (
    "Make the same call to the provider by hand, with its key: it answers with success, and inside is an error, or the "
    "page of something that stands in between. Check base_url and the provider's account."
)

# As OGX 1.3.0 writes them with the OpenAI client 2 and 3. The reason of a connection error is only logged for chats.
_OF_A_LIST = re.compile(r"list_provider_model_ids\(\) failed|Model refresh")
_UNREADABLE = re.compile(
    r"^(error: )?(Exception in ASGI application: )?"
    r"(TypeError|AttributeError|JSONDecodeError|APIResponseValidationError)\b"
    r"|list_provider_model_ids\(\) failed: .*(object (is not|has no)|JSON)"
)
_CONNECTION = re.compile(r"Connection error|APIConnectionError|Server disconnected")
_NETWORK_TROUBLE = (
    (
        r"Illegal header value",
        "the key holds a line break or another character that no header may hold",
        "Write the key without it and deploy again.",
    ),
    (
        # Raised when a client is made, before it calls anybody: by httpx, httpx2, and idna for names in other scripts.
        r"Invalid port: '|Invalid IDNA hostname: '|Invalid network in '|Codepoint U\+002A at position",
        "the client cannot read what NO_PROXY of the pod holds, so it calls nobody",
        "Deploy again: of llamastack_maas_egress.no_proxy only what clients can read is written. Where the image or the"
        " cluster sets NO_PROXY, set llamastack_maas_egress, which goes before the image, or correct it there.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "the provider's certificate is not trusted in the pod",
        "Give all certificates that the pod must trust: llamastack_maas_egress.ca_bundle replaces those of the image.",
    ),
    (r"ProxyError: 403", "the egress proxy blocks the provider", "Have the provider's hosts admitted at the proxy."),
    (r"ProxyError", "the egress proxy does not reach the provider", _CHECK_EGRESS),
    (r"Name or service not known", "the provider's name does not resolve in the pod", _CHECK_EGRESS),
)
# Reasons of the service's conditions that show the cause by themselves.
_CONDITION_CAUSES = (
    (
        OBJECT,
        "CombineBaseError",
        "KServe cannot render the pod template",
        "KServe reads the template as a Go template: take literal {{ out of settings, names and environment.",
    ),
    (
        OBJECT,
        "ConfigNotFound",
        "a preset of KServe is missing",
        "KServe is installed incompletely, or its CRDs and controller differ in version: contact the platform team.",
    ),
    (
        GATEWAY,
        "RefsInvalid",
        "the Gateway does not exist",
        "Correct llamastack_maas_gateway, or have Models-as-a-Service installed.",
    ),
    (
        GATEWAY,
        "GatewaysNotReady",
        "the Gateway is not programmed",
        "Look at the conditions of the Gateway and at its controller: contact the platform team.",
    ),
    (
        ROUTE,
        "GatewayPreconditionNotMet",
        "the platform lacks its authorisation service, so KServe publishes no route",
        "Have Red Hat Connectivity Link (Kuadrant) installed: its AuthPolicy kind is missing.",
    ),
    (
        OBJECT,
        "Stopped",
        "somebody has stopped the service",
        "Take the annotation serving.kserve.io/stop off it.",
    ),
)


def _condition(link: str) -> t.Callable[[Evidence], Explanation | None]:
    """Recognises the causes that the service's conditions show of one link."""

    def recognise(evidence: Evidence) -> Explanation | None:
        conditions = conditions_of(evidence.service) if evidence.service else {}
        for broken, reason, cause, remedy in _CONDITION_CAUSES:
            for name, condition in conditions.items():
                if broken == link and condition.get("reason") == reason and condition.get("status") != "True":
                    seen = f"{name} {condition['status']}, {reason}: {condition.get('message')}"
                    return Explanation(cause, seen, remedy)
        return None

    return recognise


def _no_url_for_callers(evidence: Evidence) -> Explanation | None:
    if not evidence.service or evidence.condition("Ready").get("status") != "True":
        return None
    url = (evidence.service.get("status") or {}).get("url")
    if url:
        unfit = service_url.problem(url)
        seen = f"the service is Ready, its URL is {url}: {unfit}"
        return Explanation("callers cannot use the URL of the service", seen, service_url.REMEDY) if unfit else None
    return Explanation(
        "the Gateway has no address",
        "the service is Ready, its URL is empty",
        "Look at the status.addresses of the Gateway and at its load balancer: contact the platform team.",
    )


def _immutable_selector(evidence: Evidence) -> Explanation | None:
    for name in ("MainWorkloadReady", "WorkloadsReady"):
        message = evidence.condition(name).get("message") or ""
        if "selector" in message and "immutable" in message:
            return Explanation(
                "spec.labels of the service were changed after it was made",
                f"{name}: {message}",
                "Take the change of spec.labels back, or remove the instance and deploy it again.",
            )
    return None


def _nobody_observes(evidence: Evidence) -> Explanation | None:
    if evidence.service is None:
        return None
    status = evidence.service.get("status") or {}
    generation = evidence.service["metadata"].get("generation")
    if status.get("observedGeneration") == generation or evidence.age(evidence.service) < SETTLED_AFTER:
        return None
    if evidence.condition("PresetsCombined").get("status") == "False":
        return None
    return Explanation(
        "KServe does not reconcile the service",
        f"generation {generation}, observed {status.get('observedGeneration') or 'none'}",
        "Look at the KServe controller (llmisvc) and its log: contact the platform team.",
    )


_image = partial(
    causes.image,
    remedy="Check llamastack_maas_image, llamastack_maas_image_pull_secrets and whether the nodes reach the registry.",
)
_quota = partial(
    causes.quota,
    remedy="Raise the ResourceQuota, remove what is not needed, or lower resources of the instance.",
)
_limit_range = partial(
    causes.limit_range, remedy="Adjust resources of the instance to the LimitRange, or have it changed."
)
_pod_refused = partial(
    causes.pod_refused, remedy="Adjust the instance to the policy that refuses it, or have that changed."
)
_unschedulable = partial(causes.unschedulable, remedy="Lower resources of the instance, or have the cluster enlarged.")
_container_config = partial(
    causes.container_config, remedy="Deploy again; of an unmanaged Secret, check credentials_secret.keys."
)
_mount = partial(
    causes.mount,
    remedy="Deploy again if it is a Secret or ConfigMap of the instance; llamastack_maas_egress.ca_bundle must name a"
    " ConfigMap of the model namespace.",
)
_out_of_memory = partial(causes.out_of_memory, remedy="Raise resources.limits.memory of the instance.")


def _probe_path(evidence: Evidence) -> Explanation | None:
    shown = evidence.event(
        r"(startup|readiness|liveness) probe failed: HTTP probe failed with statuscode: 404", "Unhealthy"
    )
    if shown is None:
        return None
    return Explanation(
        f"the {shown.group(1).lower()} probe asks for a path that the server does not have",
        shown.group(0),
        "All three probes must ask for /v1/health: KServe's preset fills in those that the object leaves out.",
    )


def _hanging_provider(evidence: Evidence) -> Explanation | None:
    """OGX listens only after its provider has answered the first listing of models, for which it waits very long."""
    lines = telling_lines(evidence.log, len(evidence.log))
    started = [index for index, line in enumerate(lines) if "Starting up OGX server" in line]
    if not started or any("Application startup complete" in line for line in lines[started[-1] :]):
        return None
    if provider_trouble(evidence.log) or any(container.get("ready") for container in evidence.containers()):
        return None
    return Explanation(
        "the server waits for its provider, which takes the connection and does not answer",
        f"its log ends while it starts: {lines[-1]}",
        "Check proxy and firewall between the pods and the provider; the server starts once the provider answers.",
    )


def _crash(evidence: Evidence) -> Explanation | None:
    seen = causes.crash(evidence)
    if not seen:
        return None
    tail = next(iter(telling_lines(evidence.log, 1)), "")
    seen += f"; its log: {tail}" if tail else ""
    missing = _MISSING_PACKAGE.search(tail)
    if missing:
        return Explanation(
            "the image lacks a Python package that the server needs for its provider",
            seen,
            f"Name an image that holds {missing[1]}, in the instance or in llamastack_maas_image, and deploy again.",
        )
    return Explanation(
        "the server ends as soon as it starts",
        seen,
        "Its log shows why; check settings and image of the instance.",
    )


# As Python writes it.
_MISSING_PACKAGE = re.compile(r"ModuleNotFoundError: No module named '([A-Za-z0-9_]+)")


def _provider(evidence: Evidence) -> Explanation | None:
    return provider_trouble(evidence.log)


# Messages of the MaaS controller that show the cause by themselves.
_REGISTRATION_CAUSES = (
    (
        "does not reference gateway",
        "the service is published at another Gateway than MaaS looks at",
        "Set llamastack_maas_gateway to the Gateway that the message expects and deploy again.",
    ),
    (
        "is not attached to tenant gateway",
        "a model of the subscription is published at another Gateway than MaaS looks at",
        "Set llamastack_maas_gateway of that model to the Gateway that the message expects and deploy it again.",
    ),
    (
        "invalid subject",
        "a MaaSAuthPolicy names a group or user with a double quote or a backslash, which no policy can hold",
        "Correct that policy, which need not be this one: on OpenShift AI 3.5 one fails all of its tenant.",
    ),
    (
        "resolve tenant gateway",
        "the tenant does not exist",
        "Correct llamastack_maas_tenant, or leave it out.",
    ),
)


def _registration(evidence: Evidence) -> Explanation | None:
    for text, cause, remedy in _REGISTRATION_CAUSES:
        for obj in evidence.registration:
            message = (conditions_of(obj).get("Ready") or {}).get("message") or ""
            if text in message:
                return Explanation(cause, message, remedy)
    return None


def _no_pairing(evidence: Evidence) -> Explanation | None:
    for ref in evidence.registration:
        if ref.get("kind") == "MaaSModelRef" and awaits_pairing(ref):
            return Explanation(
                "no MaaSAuthPolicy and MaaSSubscription together name the model",
                (conditions_of(ref).get("Ready") or {}).get("message") or "GovernanceAttached False",
                "Deploy scope platform or all, or have the platform team do so.",
            )
    return None


def _no_phase(evidence: Evidence) -> Explanation | None:
    for obj in evidence.registration:
        if not str(obj.get("kind")).startswith("MaaS") or (obj.get("status") or {}).get("phase"):
            continue
        age = evidence.age(obj)
        if age < SETTLED_AFTER:
            continue
        where = f"{obj['kind']} {obj['metadata']['namespace']}/{obj['metadata']['name']}"
        if obj["metadata"].get("finalizers"):
            return Explanation(
                "the MaaS controller has lost a status",
                f"{where} has its finalizer, but no phase after {age:.0f} s",
                "Any change of its spec makes the controller look again: of a subscription, change access.priority.",
            )
        return Explanation(
            "no MaaS controller looks after the object",
            f"{where} has neither finalizer nor phase after {age:.0f} s",
            "Check that the MaaS controller runs and that llamastack_maas_subscription_namespace is one of its own.",
        )
    return None


def _same_name(evidence: Evidence) -> Explanation | None:
    for ref in evidence.registration:
        unique = conditions_of(ref).get("ModelIdentityUnique") or {}
        if unique.get("status") == "False":
            return Explanation(
                "another model of the namespace has the same spec.model.name",
                unique.get("message") or unique.get("reason") or "ModelIdentityUnique False",
                "Rename one of the two.",
            )
    return None


def _same_model_name(evidence: Evidence) -> Explanation | None:
    """KServe reports it by an event only, and the gateway shadows one of the two."""
    own = _model_name(evidence.service) if evidence.service else None
    for other in evidence.neighbours:
        if own and _model_name(other) == own:
            return Explanation(
                "another service of the namespace has the same spec.model.name, so the gateway serves only one of them",
                f"LLMInferenceService {other['metadata']['name']} has spec.model.name {own}, too",
                "Rename one of the two.",
            )
    shown = evidence.event(r".+", "ModelNameCollision")
    if shown is None:
        return None
    return Explanation(
        "another service of the namespace has the same spec.model.name, so the gateway serves only one of them",
        shown.group(0),
        "Rename one of the two.",
    )


def _model_name(service: Object) -> str:
    return ((service.get("spec") or {}).get("model") or {}).get("name") or service["metadata"]["name"]


def _route_not_admitted(evidence: Evidence) -> Explanation | None:
    for parent in ((evidence.route or {}).get("status") or {}).get("parents") or []:
        for condition in parent.get("conditions") or []:
            if condition["type"] == "Accepted" and condition["status"] == "False":
                gateway = parent.get("parentRef") or {}
                return Explanation(
                    "the Gateway does not take the route",
                    f"HTTPRoute {evidence.route['metadata']['name'] if evidence.route else ''} at Gateway"
                    f" {gateway.get('namespace')}/{gateway.get('name')}: {condition.get('reason')}:"
                    f" {condition.get('message')}",
                    "Have the namespace admitted by the Gateway's listener (allowedRoutes, often by a label):"
                    " llamastack.maas.deploy with llamastack_maas_scope=platform sets it.",
                )
    return None


def _ref_named_differently(evidence: Evidence) -> Explanation | None:
    for ref in evidence.strays:
        named = ((ref.get("spec") or {}).get("modelRef") or {}).get("name")
        if (
            ref.get("kind") == "MaaSModelRef"
            and named == evidence.name
            and not evidence.is_registered_by("MaaSModelRef")
        ):
            return Explanation(
                "the MaaSModelRef is not named like the service, and the gateway takes the model's name from the path",
                f"MaaSModelRef {ref['metadata']['namespace']}/{ref['metadata']['name']} refers to {named}",
                f"Name it {evidence.name}: deploying the list makes one of that name; delete the other one.",
            )
    return None


def _in_another_namespace(evidence: Evidence) -> Explanation | None:
    for stray in evidence.strays:
        kind, where = stray.get("kind"), stray["metadata"]["namespace"]
        wanted = next((ref for ref in evidence.wanted if ref.kind == kind), None)
        if kind == "MaaSModelRef" or wanted is None or where == wanted.namespace or evidence.is_registered_by(kind):
            continue
        return Explanation(
            f"the {kind} is in a namespace that MaaS does not look at",
            f"{kind} {where}/{stray['metadata']['name']} names the model; {wanted} does not exist",
            f"MaaS reads policies and subscriptions of {wanted.namespace}: have it made there, or correct"
            " llamastack_maas_subscription_namespace.",
        )
    return None


class _Cause(t.NamedTuple):
    """A cause that is recognised, and the link of the chain from key to answer that it breaks."""

    link: str
    recognise: t.Callable[[Evidence], Explanation | None]


# Those nearest to the root first. To recognise another cause, add a function and a line.
_KNOWN_CAUSES = (
    _Cause(OBJECT, _nobody_observes),
    _Cause(OBJECT, _condition(OBJECT)),
    _Cause(OBJECT, _immutable_selector),
    _Cause(OBJECT, _same_model_name),
    _Cause(GATEWAY, _condition(GATEWAY)),
    _Cause(GATEWAY, _no_url_for_callers),
    _Cause(DEPLOYMENT, _quota),
    _Cause(DEPLOYMENT, _limit_range),
    _Cause(DEPLOYMENT, _pod_refused),
    _Cause(POD, _unschedulable),
    _Cause(POD, _image),
    _Cause(POD, _container_config),
    _Cause(POD, _mount),
    _Cause(POD, _out_of_memory),
    _Cause(POD, _probe_path),
    _Cause(POD, _hanging_provider),
    _Cause(POD, _provider),
    _Cause(POD, _crash),
    _Cause(ROUTE, _condition(ROUTE)),
    _Cause(ROUTE, _route_not_admitted),
    _Cause(REGISTRATION, _ref_named_differently),
    _Cause(REGISTRATION, _in_another_namespace),
    _Cause(REGISTRATION, _registration),
    _Cause(REGISTRATION, _same_name),
    _Cause(REGISTRATION, _no_phase),
    _Cause(REGISTRATION, _no_pairing),
)
