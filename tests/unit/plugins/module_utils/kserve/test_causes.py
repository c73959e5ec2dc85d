# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.causes import explain, provider_trouble
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import Evidence
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.explanation import account
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import WAITING, Readiness, seconds

NOW = seconds("2026-11-21T15:40:00Z")
LONG_AGO = "2026-11-21T15:32:00Z"
JUST_NOW = "2026-11-21T15:39:50Z"
POD = "gem-kserve-54784dbcb9-6d5rx"
NOT_FOUND = 'failed to resolve reference "docker.io/a/b:1": docker.io/a/b:1: not found'


def meta(name="gem", created=LONG_AGO, **more):
    return {"name": name, "namespace": "llm", "creationTimestamp": created, "generation": 1, **more}


def service(*conditions, observed=1, url="", **metadata):
    return {
        "metadata": meta(**metadata),
        "status": {"conditions": list(conditions), "observedGeneration": observed, "url": url},
    }


def condition(name, status, reason, message="as it is"):
    return {"type": name, "status": status, "reason": reason, "message": message}


def pod(state=None, last=None, restarts=0, conditions=(), **container):
    status = {
        "name": "main",
        "state": state or {"running": {}},
        "lastState": last or {},
        "restartCount": restarts,
        **container,
    }
    return {
        "metadata": meta(POD),
        "status": {"phase": "Running", "conditions": list(conditions), "containerStatuses": [status]},
    }


def event(reason, message, kind="Pod", name=POD, at=LONG_AGO, count=1):
    about = {"kind": kind, "name": name}
    return {
        "metadata": {},
        "reason": reason,
        "message": message,
        "involvedObject": about,
        "lastTimestamp": at,
        "count": count,
    }


def registered(kind, phase=None, *conditions, created=LONG_AGO, **metadata):
    status = {"conditions": list(conditions), **({"phase": phase} if phase else {})}
    return {"kind": kind, "metadata": meta(created=created, **metadata), "status": status}


def line(text, **fields):
    return json.dumps({"event": text, "level": "info", **fields})


STARTING = [
    line("Waiting for application startup."),
    line("Starting up OGX server"),
    line("Registering unprefixed model alias"),
]
QUOTA = 'pods "gem-kserve-1" is forbidden: exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0'

CAUSES = [
    ("KServe does not reconcile the service", {"service": service(observed=None)}),
    (
        "KServe cannot render the pod template",
        {"service": service(condition("PresetsCombined", "False", "CombineBaseError"), observed=None)},
    ),
    ("a preset of KServe is missing", {"service": service(condition("PresetsCombined", "False", "ConfigNotFound"))}),
    ("the Gateway does not exist", {"service": service(condition("GatewaysReady", "False", "RefsInvalid"))}),
    ("the Gateway does not exist", {"service": service(condition("HTTPRoutesReady", "False", "RefsInvalid"))}),
    ("the Gateway is not programmed", {"service": service(condition("GatewaysReady", "False", "GatewaysNotReady"))}),
    ("the Gateway has no address", {"service": service(condition("Ready", "True", ""))}),
    (
        "callers cannot use the URL of the service",
        {"service": service(condition("Ready", "True", ""), url="http://maas/llm/gem")},
    ),
    (
        "the platform lacks its authorisation service, so KServe publishes no route",
        {"service": service(condition("HTTPRoutesReady", "False", "GatewayPreconditionNotMet"))},
    ),
    (
        "spec.labels of the service were changed after it was made",
        {
            "service": service(
                condition(
                    "MainWorkloadReady",
                    "False",
                    "ReconcileSingleNodeWorkloadError",
                    "spec.selector: field is immutable",
                )
            )
        },
    ),
    (
        "the quota of the namespace is used up",
        {
            "deployment": {
                "metadata": meta(),
                "status": {"conditions": [condition("ReplicaFailure", "True", "FailedCreate", QUOTA)]},
            }
        },
    ),
    (
        "the quota of the namespace is used up",
        {"events": [event("FailedCreate", f"Error creating: {QUOTA}", "ReplicaSet", "gem-kserve-54784dbcb9")]},
    ),
    (
        "the LimitRange of the namespace does not allow these resources",
        {
            "events": [
                event(
                    "FailedCreate", "maximum memory usage per Container is 1Gi", "ReplicaSet", "gem-kserve-54784dbcb9"
                )
            ]
        },
    ),
    (
        "no node takes the pod",
        {"pods": [pod(conditions=[condition("PodScheduled", "False", "Unschedulable", "0/3 nodes")])]},
    ),
    ("the image cannot be pulled", {"pods": [pod({"waiting": {"reason": "ErrImagePull", "message": NOT_FOUND}})]}),
    ("the image cannot be pulled", {"pods": [pod({"waiting": {"reason": "ImagePullBackOff"}})]}),
    (
        "a Secret or ConfigMap that the container needs is missing or lacks a key",
        {"pods": [pod({"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "x" not found'}})]},
    ),
    (
        "a volume cannot be mounted",
        {
            "pods": [pod({"waiting": {"reason": "ContainerCreating"}})],
            "events": [event("FailedMount", 'MountVolume.SetUp failed for volume "ca" : configmap "x" not found')],
        },
    ),
    (
        "the container needs more memory than its limit",
        {"pods": [pod(last={"terminated": {"reason": "OOMKilled"}}, restarts=2)]},
    ),
    (
        "the startup probe asks for a path that the server does not have",
        {
            "pods": [pod()],
            "events": [event("Unhealthy", "Startup probe failed: HTTP probe failed with statuscode: 404")],
        },
    ),
    (
        "the server waits for its provider, which takes the connection and does not answer",
        {"pods": [pod()], "log": STARTING},
    ),
    ("the server ends as soon as it starts", {"pods": [pod(last={"terminated": {"exitCode": 3}}, restarts=4)]}),
    (
        "the image lacks a Python package that the server needs for its provider",
        {
            "pods": [pod(last={"terminated": {"exitCode": 1}}, restarts=1)],
            "log": ["Traceback (most recent call last):", "ModuleNotFoundError: No module named 'anthropic'"],
        },
    ),
    (
        "the service is published at another Gateway than MaaS looks at",
        {
            "registration": [
                registered(
                    "MaaSModelRef",
                    "Failed",
                    condition("Ready", "False", "ReconcileFailed", "x does not reference gateway (expected: a/b)"),
                )
            ]
        },
    ),
    (
        "a model of the subscription is published at another Gateway than MaaS looks at",
        {
            "registration": [
                registered(
                    "MaaSSubscription",
                    "Failed",
                    condition(
                        "Ready",
                        "False",
                        "ReconcileFailed",
                        "failed to reconcile TokenRateLimitPolicies: model llm/x is not attached to tenant gateway for y",
                    ),
                )
            ]
        },
    ),
    (
        "a MaaSAuthPolicy names a group or user with a double quote or a backslash, which no policy can hold",
        {
            "registration": [
                registered(
                    "MaaSAuthPolicy",
                    "Failed",
                    condition("Ready", "False", "ReconcileFailed", 'invalid subject "CORP\\\\jdoe"'),
                )
            ]
        },
    ),
    (
        "the tenant does not exist",
        {
            "registration": [
                registered(
                    "MaaSModelRef",
                    "Failed",
                    condition("Ready", "False", "ReconcileFailed", 'resolve tenant gateway a: AITenant "x" not found'),
                )
            ]
        },
    ),
    (
        "another model of the namespace has the same spec.model.name",
        {
            "registration": [
                registered("MaaSModelRef", "Pending", condition("ModelIdentityUnique", "False", "ModelNameConflict"))
            ]
        },
    ),
    ("no MaaS controller looks after the object", {"registration": [registered("MaaSSubscription")]}),
    (
        "the MaaS controller has lost a status",
        {"registration": [registered("MaaSSubscription", finalizers=["maas.opendatahub.io/subscription-cleanup"])]},
    ),
    (
        "no MaaSAuthPolicy and MaaSSubscription together name the model",
        {
            "registration": [
                registered(
                    "MaaSModelRef",
                    "Pending",
                    condition("Ready", "False", "BackendNotReady", "Awaiting governance pairing"),
                )
            ]
        },
    ),
]


def evidence(**found):
    return Evidence(namespace="llm", name="gem", now=NOW, **found)


@pytest.mark.parametrize("cause, found", CAUSES)
def test_a_known_cause(cause, found):
    (explanation,) = explain(evidence(**found))
    assert explanation.cause == cause
    assert explanation.evidence and explanation.remedy.endswith(".")


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"service": service(condition("Ready", "True", ""), url="https://maas/llm/gem")},
        {"service": service(observed=None, created=JUST_NOW)},
        {"service": service(condition("GatewaysReady", "True", "RefsInvalid"))},
        {"registration": [registered("MaaSSubscription", created=JUST_NOW)]},
        {"registration": [registered("MaaSSubscription", "Active")]},
        {"pods": [pod()], "log": [*STARTING, line("Application startup complete.")]},
        {"pods": [pod(ready=True)], "log": STARTING},
        {"pods": [pod()], "events": [event("Unhealthy", "Startup probe failed: connection refused")]},
        # A pod that runs now has had its trouble with the quota.
        {"pods": [pod()], "events": [event("FailedCreate", QUOTA, "ReplicaSet", "gem-kserve-54784dbcb9")]},
    ],
)
def test_nothing_is_made_up(found):
    assert explain(evidence(**found)) == []


@pytest.mark.parametrize(
    "kind, name, own",
    [
        ("LLMInferenceService", "gem", True),
        ("Deployment", "gem-kserve", True),
        ("ReplicaSet", "gem-kserve-54784dbcb9", True),
        ("Pod", "gem-kserve-54784dbcb9-6d5rx", True),
        ("LLMInferenceService", "gem-kserve", False),
        ("Deployment", "gem-kserve-b-kserve", False),
        ("Pod", "gem-kserve-b-kserve-54784dbcb9-6d5rx", False),
        ("Pod", "gem2-kserve-54784dbcb9-6d5rx", False),
    ],
)
def test_events_of_an_instance_with_a_similar_name_do_not_count(kind, name, own):
    assert bool(evidence(events=[event("Failed", "x", kind, name)]).own_events) is own


def test_events_of_the_revision_before_do_not_count():
    assert not evidence(pods=[pod()], events=[event("Failed", "x", "Pod", "gem-kserve-11111aaaaa-aaaaa")]).own_events


REFUSED = "Error code: 401 - Incorrect API key provided: sk-proj-****9999. You can find your API key at https://x."


@pytest.mark.parametrize(
    "log, cause",
    [
        ([line("Model refresh failed", provider_id="gem", error=REFUSED)], "the provider refused the key"),
        (
            [line("list_provider_model_ids() failed", provider="GeminiInferenceAdapter", error="Error code: 400")],
            "the provider refused the key",
        ),
        (
            ["openai.BadRequestError: Error code: 400 - [{'error': {'reason': 'API_KEY_INVALID'}}]"],
            "the provider refused the key",
        ),
        (
            [line("Model refresh failed", provider_id="gem", error="Connection error.")],
            "the provider cannot be reached",
        ),
        (
            [line("Model refresh failed", error="Connection error."), "httpcore2.ProxyError: 403 Forbidden"],
            "the egress proxy blocks the provider",
        ),
        (
            [
                line("list_provider_model_ids() failed", error="Invalid port: ':'"),
                "openai.APIConnectionError: Connection error.",
            ],
            "the client cannot read what NO_PROXY of the pod holds, so it calls nobody",
        ),
        (
            ["httpx.InvalidURL: Invalid IDNA hostname: '*m\u00fcnchen.de'"],
            "the client cannot read what NO_PROXY of the pod holds, so it calls nobody",
        ),
        (
            ["idna.core.InvalidCodepoint: Codepoint U+002A at position 1 of '*xn--mnchen-3ya' not allowed"],
            "the client cannot read what NO_PROXY of the pod holds, so it calls nobody",
        ),
        (["httpcore.ProxyError: 502 Bad Gateway"], "the egress proxy does not reach the provider"),
        (
            ["httpcore2.ConnectError: [Errno -2] Name or service not known"],
            "the provider's name does not resolve in the pod",
        ),
        (
            ["httpx2.ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED]"],
            "the provider's certificate is not trusted in the pod",
        ),
        (
            ["httpcore2.LocalProtocolError: Illegal header value b'Bearer sk-proj-abcdef\\n'"],
            "the key holds a line break or another character that no header may hold",
        ),
        (
            [line("Model refresh failed", error="Error code: 429 - Rate limit reached")],
            "the provider's own limit or quota is used up",
        ),
        (
            [line("Model refresh failed", error="Error code: 402 - Insufficient Balance")],
            "the provider's account has no credit or budget left",
        ),
        (
            ["openai.PermissionDeniedError: Error code: 403 - Country, region, or territory not supported"],
            "the provider does not serve callers from this place",
        ),
        (
            [line("list_provider_model_ids() failed", provider="VLLMInferenceAdapter", error="Error code: 404")],
            "there is no such path at the provider",
        ),
        (
            ["TypeError: 'NoneType' object is not iterable", line("GET /v1/models 200")],
            "the provider answered with something else than was asked for",
        ),
        (
            [line("list_provider_model_ids() failed", error="'str' object has no attribute '_set_private_attributes'")],
            "the provider answered with something else than was asked for",
        ),
        # The newest counts.
        (
            [line("Model refresh failed", error=REFUSED), line("x", error="Connection error.")],
            "the provider cannot be reached",
        ),
        # What any caller can bring about is no trouble of the instance.
        (["openai.NotFoundError: Error code: 404 - The model `x` does not exist"], None),
        (["openai.BadRequestError: Error code: 400 - context_length_exceeded: maximum context length"], None),
        (["openai.AuthenticationError: Error code: 401 - key not allowed to access model"], None),
        ([line("Model refresh failed", error="Error code: 500")], "the provider is out of order"),
        ([line("Application startup complete.")], None),
        (["openai.BadRequestError: Error code: 400"], None),
    ],
)
def test_what_the_log_tells_about_the_provider(log, cause):
    found = provider_trouble(log)
    assert (found.cause if found else None) == cause
    assert found is None or "sk-proj" not in found.evidence


def test_the_whole_story():
    found = evidence(
        pods=[pod({"waiting": {"reason": "CrashLoopBackOff"}}, last={"terminated": {"exitCode": 1}}, restarts=5)],
        events=[
            event("BackOff", "Back-off restarting", count=3),
            event(
                "FailedCreate",
                "(combined from similar events): no: gem-kserve-54784dbcb9-aaaaa",
                "ReplicaSet",
                "gem-kserve-54784dbcb9",
            ),
            event("FailedCreate", "no: gem-kserve-54784dbcb9-bbbbb", "ReplicaSet", "gem-kserve-54784dbcb9"),
        ],
        log=["Traceback (most recent call last):", '  File "x.py"', "ValueError: bad key sk-live-abcdef123456"],
    )
    readiness = Readiness(WAITING, "LLMInferenceService, MainWorkloadReady", "MinimumReplicasUnavailable", "no pod")
    story = account(found, readiness, explain(found)).splitlines()
    assert story[0] == "gem: LLMInferenceService, MainWorkloadReady: MinimumReplicasUnavailable: no pod"
    assert f"  pod {POD}: Running; main waiting (CrashLoopBackOff), not ready, 5 restarts" in story
    assert "  event: BackOff Pod: Back-off restarting (3 times)" in story
    assert sum("FailedCreate" in text for text in story) == 1
    assert story[-2:] == ["  log:", "    ValueError: bad key ********"]


def test_a_cause_does_not_repeat_the_first_line():
    found = evidence(pods=[pod({"waiting": {"reason": "ErrImagePull", "message": NOT_FOUND}})])
    story = account(found, Readiness(WAITING, "pod", "ErrImagePull", NOT_FOUND), explain(found))
    assert story.count(NOT_FOUND) == 1


def test_without_a_known_cause_it_says_where_to_look():
    found = evidence(service=service())
    assert "to do: Look at the conditions of LLMInferenceService llm/gem" in account(
        found, Readiness(WAITING, "x", "y"), []
    )
