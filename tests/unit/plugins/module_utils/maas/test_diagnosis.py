# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import verdict, walk
from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis_report import as_lines
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import TransportError
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import Evidence
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import presence
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import seconds
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.presence import Presence
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.maas.credentials import Caller, Lender
from ansible_collections.llamastack.maas.plugins.module_utils.maas.diagnosis import (
    CALL,
    CLUSTER_LINKS,
    Case,
    SecretSeen,
    chain,
)
from ansible_collections.llamastack.maas.plugins.module_utils.maas.diagnosis_calls import Outside, call, calls
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Listed
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import registry

MAAS = "https://maas.example.com"
URL = f"{MAAS}/llm/gem"
CHAT, MODELS = "/llm/gem/v1/chat/completions", "/llm/gem/v1/models"
NOW, LONG_AGO = "2026-11-21T15:40:00Z", "2026-11-21T15:10:00Z"
API = "maas.opendatahub.io/v1alpha1"
ALICE = Caller("alice-token", "alice", ("data-science", "system:authenticated"))
FORBIDDEN = ApiError("GET", "/x", 403, "no")


def meta(name="gem", namespace="llm", **more):
    return {"name": name, "namespace": namespace, "generation": 1, "creationTimestamp": LONG_AGO, **more}


def condition(name, status="True", reason="As", message="as it is"):
    return {"type": name, "status": status, "reason": reason, "message": message, "lastTransitionTime": LONG_AGO}


def service(*changed, name="gem", model="gem", revision="r1", url=URL):
    told = {each: condition(each) for each in ("GatewaysReady", "HTTPRoutesReady", "MainWorkloadReady", "Ready")}
    told.update({each["type"]: each for each in changed})
    variable = {"name": "LLAMASTACK_MAAS_CREDENTIALS_REVISION", "value": revision}
    return {
        "metadata": meta(name),
        "spec": {"model": {"name": model}, "template": {"containers": [{"name": "main", "env": [variable]}]}},
        "status": {"conditions": list(told.values()), "observedGeneration": 1, "url": url},
    }


def unrouted():
    """A service that KServe has said nothing about the route of."""
    found = service()
    told = found["status"]["conditions"]
    found["status"]["conditions"] = [each for each in told if each["type"] != "HTTPRoutesReady"]
    return found


def registered(kind, name, namespace, phase, **spec):
    state = {"phase": phase, "conditions": [condition("Ready")]}
    return {"apiVersion": API, "kind": kind, "metadata": meta(name, namespace), "spec": spec, "status": state}


REGISTRATION = [
    registered("MaaSModelRef", "gem", "llm", "Ready", modelRef={"name": "gem"}),
    registered("MaaSAuthPolicy", "llm-gem", "platform", "Active", modelRefs=[{"name": "gem", "namespace": "llm"}]),
    registered("MaaSSubscription", "llm-gem", "platform", "Active", modelRefs=[{"name": "gem", "namespace": "llm"}]),
]
DEPLOYMENT = {
    "metadata": meta("gem-kserve"),
    "spec": {"replicas": 1},
    "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1},
}
RUNNING = {"name": "main", "state": {"running": {}}, "ready": True, "restartCount": 0}
POD = {
    "metadata": meta("gem-kserve-1-a"),
    "status": {"conditions": [condition("Ready")], "containerStatuses": [RUNNING]},
}
GATEWAY = {
    "metadata": meta("maas", "ingress"),
    "spec": {"listeners": [{"allowedRoutes": {"namespaces": {"from": "All"}}}]},
    "status": {"conditions": [condition("Programmed")]},
}


@pytest.fixture
def case(b2, instances):
    """A healthy case, with what is given instead."""

    def build(**changes):
        secret = {"name": "gem-credentials", "managed": True}
        fields = [{"key": "api_key", "env": "KEY", "file": None}]
        given = {
            "credentials": {"origin": "environment variable KEY", "secret": secret, "fields": fields},
            "provider": "openai",
            **changes.pop("instance", {}),
        }
        evidence = {
            "service": service(),
            "deployment": DEPLOYMENT,
            "pods": [POD],
            "registration": REGISTRATION,
            "route": {"metadata": meta("gem-kserve-route"), "status": {"parents": []}},
            "wanted": [Ref.of(obj) for obj in REGISTRATION],
            **changes.pop("evidence", {}),
        }
        whole = {
            "secret": SecretSeen(["api_key"], {}, "r1"),
            "endpoint": {"metadata": meta("gem-kserve-workload-svc")},
            "gateway": GATEWAY,
            "namespace_labels": {},
            "generation": b2,
            **changes,
        }
        return Case(
            instance=instances("gem", **given), evidence=Evidence("llm", "gem", seconds(NOW), **evidence), **whole
        )

    return build


def first(found):
    return verdict(walk(chain(found), go_on=False), CALL)


def test_a_chain_that_holds(case):
    assert [(finding.link, finding.state) for finding in chain(case())] == [(link, "ok") for link in CLUSTER_LINKS]
    assert first(case())["state"] == "unknown", "nobody has called it yet"


def scaled(replicas=1, of_service=None, stopped=False):
    """What the cluster shows of an instance that was scaled to 0, there or by its service."""
    found = service()
    found["spec"]["replicas"] = of_service
    if stopped:
        found["metadata"]["annotations"] = {"serving.kserve.io/stop": "true"}
    rollout = {
        "metadata": meta("gem-kserve"),
        "spec": {"replicas": replicas},
        "status": {
            "observedGeneration": 1,
            "replicas": replicas,
            "updatedReplicas": replicas,
            "availableReplicas": replicas,
        },
    }
    return {"service": found, "deployment": None if stopped else rollout, "pods": []}


@pytest.mark.parametrize(
    ("evidence", "remedy"),
    [
        (scaled(0), "Deploy again"),
        (scaled(0, of_service=0), "Deploy again"),
        ({**scaled(0, of_service=0), "deployment": None}, "Deploy again"),
        (scaled(0, of_service=2), "KServe is to put the replicas back"),
    ],
)
def test_what_is_scaled_to_0_is_broken_there_and_nobody_looks_for_its_pod(case, evidence, remedy):
    found = chain(case(evidence=evidence))
    states = {finding.link: finding.state for finding in found}
    assert (states["deployment"], states["pod"]) == ("broken", "skipped")
    broken = verdict(found, CALL)
    assert (broken["link"], broken["cause"]) == ("deployment", "it is scaled to 0")
    assert broken["remedy"].startswith(remedy)


@pytest.mark.parametrize("manager", ["kubectl", "keda-operator"])
def test_who_has_scaled_the_service_owns_its_replicas(case, manager):
    evidence = scaled(0, of_service=0)
    ours = {"manager": "llamastack.maas", "operation": "Apply", "fieldsV1": {"f:spec": {"f:model": {}}}}
    theirs = {"manager": manager, "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    evidence["service"]["metadata"]["managedFields"] = [ours]
    assert "llamastack_maas_force_conflicts" not in verdict(chain(case(evidence=evidence)), CALL)["remedy"]
    evidence["service"]["metadata"]["managedFields"].append({**theirs, "subresource": "scale"})
    remedy = verdict(chain(case(evidence=evidence)), CALL)["remedy"]
    assert "with llamastack_maas_force_conflicts" in remedy and f"{manager} has set them" in remedy


def test_of_what_is_scaled_to_0_another_fault_comes_first(case):
    found = chain(case(evidence=scaled(0), gateway=None))
    assert verdict(found, CALL)["link"] == "gateway"
    assert ("deployment", "hint", "it is scaled to 0") in [(each.link, each.state, each.cause) for each in found]


def test_of_what_is_stopped_nobody_looks_for_deployment_and_pod(case):
    found = {finding.link: finding for finding in chain(case(evidence=scaled(stopped=True)))}
    assert found["object"].state == "broken" and "stop" in found["object"].evidence + found["object"].cause
    assert (found["deployment"].state, found["pod"].state) == ("skipped", "skipped")


THEIRS = Presence(presence.UNMANAGED, "is not managed by this collection", "Name it in credentials_secret.")


def test_a_secret_of_others_that_the_pods_can_read_is_a_hint(case):
    secret, *_rest = chain(case(secret=SecretSeen(["api_key"], {}, "1234", THEIRS)))
    assert (secret.state, secret.cause) == ("hint", "the Secret is not managed by this list")
    assert secret.evidence == "Secret llm/gem-credentials is not managed by this collection"
    assert secret.remedy == "Name it in credentials_secret."


@pytest.mark.parametrize(
    ("seen", "evidence"),
    [
        (SecretSeen(["api_key"], {}, "1234", THEIRS), {"service": None}),
        (SecretSeen(["token"], {}, "1234", THEIRS), {}),
        (SecretSeen(["api_key"], {"api_key": "is empty"}, "1234", THEIRS), {}),
    ],
)
def test_a_secret_of_others_that_stops_it_is_not_for_deploy_to_mend(case, seen, evidence):
    broken = first(case(secret=seen, evidence=evidence))
    assert (broken["state"], broken["link"]) == ("broken", "secret")
    assert "does not exist" not in broken["cause"] and "eploy" not in broken["remedy"]
    assert "credentials_secret" in broken["remedy"]


def test_a_service_of_others_is_not_diagnosed_as_the_instance(case):
    broken = first(case(unmanaged={"LLMInferenceService": THEIRS}))
    assert (broken["link"], broken["cause"]) == ("object", "the service of this name is not managed by this list")


def test_what_registers_it_and_is_of_another_set_is_a_hint(case):
    finding = chain(case(unmanaged={"MaaSSubscription": THEIRS}))[-1]
    assert (finding.state, finding.cause) == ("hint", "the MaaSSubscription is not managed by this list")
    assert "MaaSSubscription platform/llm-gem is not managed by" in finding.evidence


@pytest.mark.parametrize(
    ("link", "cause", "changes"),
    [
        ("secret", "the Secret with the key does not exist", {"secret": None}),
        ("secret", "the Secret lacks a key that the instance reads", {"secret": SecretSeen(["token"], {}, "r1")}),
        (
            "secret",
            "the key in the Secret cannot work",
            {"secret": SecretSeen(["api_key"], {"api_key": "is empty"}, "r1")},
        ),
        ("object", "it is not deployed", {"evidence": {"service": None}}),
        (
            "object",
            "KServe cannot render the pod template",
            {"evidence": {"service": service(condition("PresetsCombined", "False", "CombineBaseError"))}},
        ),
        (
            "object",
            "another service of the namespace has the same spec.model.name, so the gateway serves only one of them",
            {"evidence": {"neighbours": [service(name="other", model="gem")]}},
        ),
        ("deployment", "KServe has not made it yet", {"evidence": {"deployment": None, "pods": []}}),
        ("service", "the service has no address within the cluster", {"endpoint": None}),
        (
            "route",
            "it does not exist",
            {"evidence": {"route": None, "service": service(condition("HTTPRoutesReady", message=""))}},
        ),
        (
            "route",
            "the Gateway does not exist",
            {"evidence": {"route": None, "service": service(condition("GatewaysReady", "False", "RefsInvalid"))}},
        ),
        (
            "route",
            "the platform lacks its authorisation service, so KServe publishes no route",
            {"evidence": {"service": service(condition("HTTPRoutesReady", "False", "GatewayPreconditionNotMet"))}},
        ),
        ("gateway", "the Gateway does not exist", {"gateway": None}),
        (
            "gateway",
            "the Gateway is not programmed",
            {"gateway": {**GATEWAY, "status": {"conditions": [condition("Programmed", "False")]}}},
        ),
        (
            "gateway",
            "the Gateway takes no routes of the namespace",
            {"gateway": {**GATEWAY, "spec": {"listeners": [{"allowedRoutes": {"namespaces": {"from": "Same"}}}]}}},
        ),
        (
            "gateway",
            "callers cannot use the URL of the service",
            {"evidence": {"service": service(url="https://gem.llm.svc.cluster.local:8000")}},
        ),
        ("registration", "it does not exist", {"evidence": {"registration": REGISTRATION[:1]}}),
        (
            "registration",
            "the MaaSSubscription is in a namespace that MaaS does not look at",
            {
                "evidence": {
                    "registration": REGISTRATION[:2],
                    "strays": [{**REGISTRATION[2], "metadata": meta("llm-gem", "elsewhere")}],
                }
            },
        ),
        (
            "registration",
            "the MaaSModelRef is not named like the service, and the gateway takes the model's name from the path",
            {
                "evidence": {
                    "registration": REGISTRATION[1:],
                    "strays": [{**REGISTRATION[0], "metadata": meta("another")}],
                }
            },
        ),
    ],
)
def test_the_first_broken_link_and_its_cause(case, link, cause, changes):
    found = first(case(**changes))
    assert (found["state"], found["link"], found["cause"]) == ("broken", link, cause)
    assert found["evidence"] and found["remedy"]
    assert found["links"][-1]["link"] == link, "it stops there"


def test_it_goes_on_when_asked_to(case):
    broken = case(secret=None, endpoint=None)
    states = {finding.link: finding.state for finding in walk(chain(broken), go_on=True)}
    assert (states["secret"], states["service"], states["registration"]) == ("broken", "broken", "ok")


@pytest.mark.parametrize(
    ("kind", "link", "changes"),
    [
        ("Secret", "secret", {"secret": None}),
        ("LLMInferenceService", "object", {"evidence": {"service": None}}),
        ("Service", "service", {"endpoint": None}),
        ("HTTPRoute", "route", {"evidence": {"route": None, "service": unrouted()}}),
        ("MaaSSubscription", "registration", {"evidence": {"registration": REGISTRATION[:2]}}),
    ],
)
def test_what_may_not_be_read_is_skipped(case, kind, link, changes):
    found = chain(case(unread={kind: FORBIDDEN}, **changes))
    assert {finding.link: finding.state for finding in found}[link] == "skipped"
    assert verdict(found, CALL)["state"] == "unknown"


def test_what_the_service_tells_of_what_may_not_be_read_counts(case):
    unread = {"HTTPRoute": FORBIDDEN, "Gateway": FORBIDDEN}
    found = {finding.link: finding for finding in chain(case(unread=unread, gateway=None, evidence={"route": None}))}
    assert (found["route"].state, found["gateway"].state) == ("ok", "ok")
    assert "HTTPRoutesReady of the service is True" in found["route"].evidence


def test_what_the_service_alone_would_tell_of_tiers_is_skipped_with_it(case, a):
    nothing = {"service": None, "registration": [], "wanted": []}
    found = chain(case(unread={"LLMInferenceService": FORBIDDEN}, generation=a, evidence=nothing))
    assert {finding.link: finding.state for finding in found}["registration"] == "skipped"


def test_hints_do_not_break_the_chain(case):
    states = {
        finding.link: finding for finding in chain(case(secret=SecretSeen(["api_key"], {}, "r2"), groups={"other"}))
    }
    assert states["secret"].state == "hint" and "the key that was in the Secret before" in states["secret"].cause
    assert states["registration"].cause == "OpenShift knows no group data-science"


def test_a_change_that_was_made_just_now_is_no_break(case):
    changed = service()
    changed["metadata"].update(generation=2, creationTimestamp=NOW)
    found = chain(case(evidence={"service": changed}))
    assert {finding.link: finding.state for finding in found}["object"] == "hint"
    changed["metadata"]["creationTimestamp"] = LONG_AGO
    assert first(case(evidence={"service": changed}))["cause"] == "KServe does not reconcile the service"


# Calls

LISTED = (Listed("publishers/llm/models/gem", "llm/gem", subscriptions=("llm-gem",)),)


@pytest.fixture
def ask(case, maas):
    """Calls the instance as the network answers, and returns what the first broken link says."""

    def run(log=(), listed=LISTED, **changes):
        whole = case(**changes)
        outside = Outside(ALICE, listed)
        with Lender(whole.generation, maas.connect, ALICE.token, 60) as lender:
            called = call(whole.instance, URL, lender, "llm-gem", 30)
        return verdict(calls(whole, outside, called, lambda: list(log)), CALL)

    return run


def test_a_real_answer_is_healthy(ask, maas):
    maas.serves("gem", "gpt-4o-mini")
    assert ask()["state"] == "healthy"
    assert [request.path for request in maas.sent] == [MODELS, CHAT]


ERROR_401 = (401, {"error": {"message": "Error code: 401 - Incorrect API key provided"}})
ERROR_404 = (404, {"error": {"message": "Error code: 404 - no such model"}})
ERROR_429 = (429, {"error": {"message": "Error code: 429 - Rate limit reached"}})
ERROR_500 = (500, {"error": {"message": "Internal server error: An unexpected error occurred."}})


@pytest.mark.parametrize(
    ("models", "answer", "log", "link", "cause"),
    [
        ((), ERROR_401, (), "models", "the provider refused the key"),
        (
            ("gpt-4o-mini",),
            ERROR_401,
            (),
            "call",
            "the provider refuses the key that it has taken before: it is revoked, or has expired",
        ),
        (("gpt-4o-mini",), ERROR_429, (), "call", "the provider's own limit or quota is used up"),
        (
            ("gpt-4o-mini",),
            ERROR_500,
            ("httpx.ProxyError: 403 Forbidden",),
            "call",
            "the egress proxy blocks the provider",
        ),
        (
            (),
            ERROR_500,
            ("ssl: CERTIFICATE_VERIFY_FAILED",),
            "models",
            "the provider's certificate is not trusted in the pod",
        ),
        (("gpt-4o-mini",), ERROR_500, (), "call", "the instance got no usable answer from its provider"),
        (("gpt-4o",), ERROR_404, (), "models", "the provider does not have a model that the list names"),
        (
            (),
            None,
            (),
            "models",
            "the provider answers, but the server still has the empty list of a first listing that failed",
        ),
    ],
)
def test_what_the_provider_does(ask, maas, models, answer, log, link, cause):
    maas.serves("gem", *models)
    if answer:
        maas.on("POST", CHAT, answer)
    found = ask(log=log)
    assert (found["link"], found["cause"]) == (link, cause)
    assert found["evidence"] and found["remedy"]


WRONG_FORM = "models has ids in a form that is not the provider's"
PROVIDERS, _findings = registry.load()


def missing(instance, model):
    """An instance whose list names ``model`` beside one that its provider has."""
    models = ["gpt-4o-mini", model]
    return {**instance, "models": models, "listed_ids": [f"gem/{each}" for each in models]}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("form", ["{name}/m", "{type}/m", "{short}/m", "gem/m", "publishers/llm/models/gem", "all/m"])
def test_models_in_a_form_of_a_server_or_of_the_gateway(ask, maas, provider, form):
    maas.serves("gem", "gpt-4o-mini")
    of_provider = {"provider": provider, "provider_type": PROVIDERS[provider]["type"]}
    model = form.format(name=provider, type=of_provider["provider_type"], short=of_provider["provider_type"][8:])
    found = ask(instance=missing(of_provider, model))
    assert (found["link"], found["cause"]) == ("models", WRONG_FORM)
    assert found["evidence"].endswith(f"models has {model}")


@pytest.mark.parametrize(
    ("provider", "model"),
    [("gemini", "gemini-3"), ("openai_compatible", "meta-llama/Llama-3.1-8B"), ("openai_compatible", "openai/gpt-oss")],
)
def test_models_that_only_the_provider_lacks(ask, maas, provider, model):
    maas.serves("gem", "gpt-4o-mini")
    found = ask(instance=missing({"provider": provider, "provider_type": PROVIDERS[provider]["type"]}, model))
    assert (found["link"], found["cause"]) == ("models", "the provider does not have a model that the list names")


@pytest.mark.parametrize(
    ("model", "cause"),
    [("gpt-99", "the provider does not have a model that the list names"), ("openai/gpt-4o", WRONG_FORM)],
)
def test_a_model_that_is_registered_is_called_to_see_whether_it_is_there(ask, maas, model, cause):
    """It is listed whatever the provider has."""
    maas.serves("gem", "gpt-4o-mini", model)
    maas.on("POST", CHAT, {"model": "gem/gpt-4o-mini", "choices": [{"message": {"content": "ready"}}]}, ERROR_404)
    of_provider = {"provider": "openai", "provider_type": "remote::openai"}
    named = missing(of_provider, model)
    found = ask(instance={**named, "registered_ids": named["listed_ids"]})
    assert (found["link"], found["cause"]) == ("models", cause)
    assert f"gem/{model}: " in found["evidence"] and found["remedy"]


def test_the_log_tells_a_path_from_a_model(ask, maas):
    """Of a 404 that is not in OpenAI's shape nothing but the status comes through; where the list met one, too, it is the path."""
    registered = {
        "models": ["m"],
        "listed_ids": ["gem/m"],
        "registered_ids": ["gem/m"],
        "settings": {"base_url": "https://llm.corp.example"},
    }
    maas.serves("gem", "m")
    for path in (CHAT, CHAT.replace("chat/completions", "embeddings"), CHAT.replace("chat/", "")):
        maas.on("POST", path, (404, {"error": {"message": "Error code: 404"}}))
    assert ask(instance=registered)["cause"] == "there is no such path, or no such model, at the provider"
    failed = '{"event": "list_provider_model_ids() failed", "level": "error", "error": "Error code: 404"}'
    assert ask(instance=registered, log=[failed])["cause"] == "there is no such path at the provider"


def test_a_wrong_key_is_found_by_the_call_where_the_models_are_registered(ask, maas):
    maas.serves("gem", "gpt-4o-mini")
    maas.on("POST", CHAT, ERROR_401)
    found = ask(instance={"models": ["gpt-4o-mini"], "registered_ids": ["gem/gpt-4o-mini"]})
    assert (found["link"], found["cause"]) == ("call", "the provider refused the key")


def test_a_model_that_answers_is_not_in_the_wrong_form(ask, maas):
    """The provider's own id may begin like an instance: here the whole list is missing, and the model answers."""
    maas.serves("gem")
    found = ask(instance={"models": ["gem/large"], "listed_ids": ["gem/gem/large"]})
    assert "first listing that failed" in found["cause"]
    maas.serves("gem", "gem/large")
    found = ask(instance={"models": ["gem/large", "gpt-99"], "listed_ids": ["gem/gem/large", "gem/gpt-99"]})
    assert found["cause"] == "the provider does not have a model that the list names"


def test_a_gateway_that_cannot_be_reached(ask, maas):
    maas.on("GET", MODELS, TransportError("refused", "connection refused"))
    assert ask()["cause"] == "no answer came"


def test_not_listed(ask, maas):
    maas.serves("gem", "gpt-4o-mini")
    found = ask(listed=[])
    assert (found["link"], found["cause"]) == ("list", "MaaS does not list it to the caller")


def test_hidden_by_the_way_in_which_the_oldest_generation_looks(ask, maas, a):
    maas.serves("gem", "gpt-4o-mini")
    maas.on("POST", "/maas-api/v1/tokens", (201, {"token": "t"}))
    found = ask(listed=[], generation=a, instance={"access": {"tiers": []}})
    (hint,) = [link for link in found["links"] if link["state"] == "hint"]
    assert found["state"] == "healthy" and "OPTIONS" in hint["cause"] and hint["link"] == "list"


def test_a_caller_who_is_not_admitted_calls_nothing(case):
    outside = Outside(Caller("t", "mallory", ("system:authenticated",)), [])
    found = calls(case(), outside, None, list)
    assert {finding.state for finding in found} == {"skipped"}
    assert "mallory is in none of group data-science" in found[0].cause


def test_the_prober_is_admitted_beside_those_whom_access_names(case):
    groups = ("system:authenticated", "system:serviceaccounts")
    prober = Caller("t", "system:serviceaccount:llm:llamastack-maas-prober", groups)
    (found,) = calls(case(), Outside(prober, LISTED), None, list)
    assert (found.link, found.state) == ("list", "ok")


def test_without_a_token_the_reason_is_told(case):
    found = calls(case(), Outside(None, note="no token"), None, list)
    assert [(finding.link, finding.cause) for finding in found] == [
        ("list", "no token"),
        ("models", "no token"),
        ("call", "no token"),
    ]


def test_the_text_has_the_broken_at_its_end(case):
    results = {"bad": first(case(secret=None)), "good": first(case())}
    lines = as_lines(results, "instance")
    assert lines[0].startswith("good") and "bad       broken   at secret" in lines
    assert lines[-1] == "2 instances: 1 broken, 1 unknown"
