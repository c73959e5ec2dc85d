# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.dry_run import Trial
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.base import preflight_report
from ansible_collections.llamastack.maas.plugins.module_utils.maas import detection, preflight
from ansible_collections.llamastack.maas.plugins.module_utils.maas.preflight import Need, PreflightFacts

URL = "https://maas.apps.example.com"
ADMITTED = {"maas.opendatahub.io/gateway-access": "true"}
FORBIDDEN = ApiError("GET", "https://api/x", 403, "forbidden", reason="Forbidden")
SERVICE = "serving.kserve.io/v1alpha2"
MAAS = "maas.opendatahub.io/v1alpha1"


def obj(api_version, kind, name, namespace="llm", **more):
    metadata = {"name": name, "namespace": namespace, "labels": labels("openai", "llm", "default")}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **more}


def namespace(name, found_labels=None, **metadata):
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": found_labels or {}, **metadata},
    }


def gateway(allowed, programmed="True", where="openshift-ingress"):
    return {
        "metadata": {"name": "maas-default-gateway", "namespace": where},
        "spec": {"listeners": [{"protocol": "HTTPS", "hostname": "m", "allowedRoutes": {"namespaces": allowed}}]},
        "status": {"conditions": [{"type": "Programmed", "status": programmed, "message": "no address yet"}]},
    }


SELECTOR = {"from": "Selector", "selector": {"matchLabels": ADMITTED}}
CONTAINER = {"name": "main", "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}}}
NAMESPACE = {**namespace("llm", {**labels(None, "llm", "default"), **ADMITTED})}
OBJECTS = [
    NAMESPACE,
    obj("v1", "Secret", "openai-credentials"),
    obj(SERVICE, "LLMInferenceService", "openai", spec={"template": {"containers": [CONTAINER]}}),
    obj(MAAS, "MaaSSubscription", "llm-openai", "models-as-a-service"),
]
KINDS = {
    "LLMInferenceService": [SERVICE, "serving.kserve.io/v1alpha1"],
    "MaaSModelRef": [MAAS],
    "MaaSAuthPolicy": [MAAS],
    "MaaSSubscription": [MAAS],
    "MaasTenantConfig": [MAAS],
    "Gateway": ["gateway.networking.k8s.io/v1"],
}


def settings(**changed):
    return {
        "namespace": "llm",
        "scope": "all",
        "prober": False,
        "model_uri": "hf://sshleifer/tiny-gpt2",
        "gateway": {"name": "maas-default-gateway", "namespace": "openshift-ingress"},
        **changed,
    }


def given(problems=(), warnings=(), **changed):
    instance = {"name": "openai", "image": "docker.io/ogxai/distribution-starter:1.3.0"}
    return {
        "instances": [] if problems else [instance],
        "problems": list(problems),
        "warnings": list(warnings),
        "settings": settings(**changed),
    }


def all_allowed(objects=None, scope="all", current=NAMESPACE):
    return dict.fromkeys(preflight.needs(OBJECTS if objects is None else objects, scope, "llm", current), True)


GOOD = PreflightFacts(
    given=given(),
    cluster={
        "kinds": KINDS,
        "generation": "b2",
        "evidence": "the cluster serves MaasTenantConfig",
        "gateway": {"exists": True},
        "settings": {"storage_initializer": True},
    },
    objects=OBJECTS,
    api_url="https://api",
    user="admin",
    namespaces={"llm": NAMESPACE, "models-as-a-service": namespace("models-as-a-service")},
    existing={Ref.of(each): None for each in OBJECTS[1:]},
    allowed=all_allowed(),
    gateway=gateway(SELECTOR),
    has_token=True,
    url=URL,
    url_source="given",
    answers=[Answer("GET", f"{URL}/maas-api/health", 401)],
)


def of(seen, check):
    """The states and all words of one check."""
    found = [result for result in preflight.results(seen) if result["check"] == check]
    return [result["state"] for result in found], " ".join(f"{each['detail']} {each['remedy']}" for each in found)


def test_a_good_cluster_passes_everything():
    assert {result["state"] for result in preflight.results(GOOD)} == {"passed"}


def test_what_a_dry_run_shows_before_the_first_write():
    quota = 'configmaps "x" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: 0, limited: 0'
    answers = {
        "ConfigMap": ApiError("PATCH", "https://api/x", 403, quota, reason="Forbidden"),
        "Secret": {"kind": "Secret"},
        "MaaSModelRef": ApiError("PATCH", "https://api/x", 400, 'admission webhook "v" does not support dry run'),
        "MaaSAuthPolicy": ApiError("PATCH", "https://api/x", 403, 'User "u" cannot patch resource "x"', "Forbidden"),
    }
    tried = [(Trial(kind, "llm", {"kind": kind}), answer) for kind, answer in answers.items()]
    tried += [(Trial(kind, "new", None, "namespace new does not exist yet"), None) for kind in ("Secret", "ConfigMap")]
    results = [result for result in preflight.results(replace(GOOD, tried=tried)) if result["check"] == "dry_run"]
    assert [result["state"] for result in results] == ["failed", "skipped", "skipped", "skipped", "passed"]
    details = [result["detail"] for result in results]
    assert "exceeded quota: q" in details[0] and "ResourceQuota" in results[0]["remedy"]
    assert details[1].startswith("Not tried: MaaSModelRef in namespace llm: 400 ")
    assert details[2].startswith("Not tried: MaaSAuthPolicy in namespace llm: 403 ")
    assert details[3] == (
        "Not tried: Secret in namespace new, ConfigMap in namespace new: namespace new does not exist yet"
    )
    assert details[4] == "The API server would take what a dry run sent it, one of each: Secret"


def test_objects_that_are_there_count_already_and_those_elsewhere_never():
    hard = {"count/secrets": "0", "count/maassubscriptions.maas.opendatahub.io": "0"}
    metadata = {"name": "few", "namespace": "llm"}
    quota = {"metadata": metadata, "spec": {"hard": hard}, "status": {"hard": hard, "used": dict.fromkeys(hard, "0")}}
    states, text = of(replace(GOOD, quotas=[quota]), "quota")
    assert states == ["failed"] and "count/secrets 0, of which 0 is in use; the objects to come need 1" in text
    there = {**GOOD.existing, Ref.of(OBJECTS[1]): OBJECTS[1]}
    assert of(replace(GOOD, quotas=[quota], existing=there), "quota")[0] == ["passed"]


def test_who_may_not_write_is_known_by_kind_and_namespace():
    allowed = {
        Need("v1", "Secret", "llm", "create"): False,
        Need("v1", "ConfigMap", "llm", "patch"): FORBIDDEN,
        Need("v1", "Pod", "llm", "list"): False,
        Need("v1", "ServiceAccount", "llm", "create", "prober", "token"): False,
        Need("v1", "Namespace", None, "create"): False,
    }
    assert preflight.denied(allowed) == {("Secret", "llm"), ("Namespace", None)}


def test_an_api_server_that_is_not_verified_is_a_warning():
    states, words = of(replace(GOOD, api_verified=False), "api")
    assert states == ["passed", "warning"]
    assert "https://api is not verified" in words and "K8S_AUTH_SSL_CA_CERT" in words


def test_everything_wrong_is_told_at_once():
    need = Need(MAAS, "MaaSSubscription", "models-as-a-service", "create")
    seen = replace(
        GOOD,
        given=given(problems=[{"path": "llamastack_maas_instances[0].name", "message": "is missing"}]),
        gateway=None,
        allowed={**GOOD.allowed, need: False},
        answers=[Answer("GET", URL, 0, failure="tls", message="self-signed certificate")],
    )
    failed = preflight_report.failures(preflight.results(seen))
    assert [line.split(":")[0] for line in failed] == ["input", "gateway", "permissions", "maas"]
    assert failed[0].startswith("input: llamastack_maas_instances[0].name: is missing")


def test_without_the_api_only_what_needs_none_is_checked():
    error = ApiError("GET", "https://api/version", 0, "connection refused")
    seen = PreflightFacts(given=given(), api_error=error, url=URL, answers=GOOD.answers)
    states = {result["check"]: result["state"] for result in preflight.results(seen)}
    assert states == {
        "input": "passed",
        "image": "passed",
        "api": "failed",
        "cluster": "skipped",
        "caller": "skipped",
        "maas": "passed",
    }


def test_a_cluster_that_could_not_be_looked_at_is_no_cluster_without_a_gateway():
    seen = replace(GOOD, cluster={"problems": ["gateway: must be a mapping"]}, gateway=None)
    assert of(seen, "cluster") == (["failed"], "gateway: must be a mapping ")
    assert of(seen, "gateway")[0] == [] and of(seen, "admission")[0] == ["skipped"]


# Rights


def test_rights_follow_from_the_objects():
    found = preflight.needs(OBJECTS, "all", "llm", NAMESPACE)
    assert [need.verb for need in found if need.kind == "Secret"] == ["get", "create", "patch"]
    assert [need.verb for need in found if need.kind == "MaaSSubscription"] == ["get", "list", "create", "patch"]
    assert Need("v1", "Pod", "llm", "list") in found
    assert "delete" not in {need.verb for need in found}


def test_the_platform_half_looks_at_no_pods():
    assert {need.kind for need in preflight.needs(OBJECTS[3:], "platform", "llm", None)} == {"MaaSSubscription"}


@pytest.mark.parametrize(
    ("current", "verbs"),
    [
        (None, ["get", "patch", "create"]),
        (namespace("llm"), ["get", "patch"]),
        (namespace("llm", ADMITTED), ["get"]),
        (FORBIDDEN, ["get"]),
    ],
)
def test_the_namespace_is_only_written_where_it_lacks_something(current, verbs):
    found = preflight.needs([NAMESPACE], "platform", "llm", current)
    assert [need.verb for need in found] == verbs


def test_the_prober_needs_a_token():
    assert not any(need.subresource for need in GOOD.allowed)
    (token,) = [need for need in preflight.needs(OBJECTS, "all", "llm", NAMESPACE, prober=True) if need.subresource]
    states, words = of(replace(GOOD, allowed={**GOOD.allowed, token: False}), "permissions")
    assert states.count("failed") == 1
    assert "ServiceAccount/token in namespace llm: no permission to create" in words
    assert not any(need.subresource for need in preflight.needs(OBJECTS, "platform", "llm", NAMESPACE, prober=True))


def test_a_missing_right_names_kind_place_verbs_and_the_other_half():
    lacking = {need: need.kind != "MaaSSubscription" or need.verb in ("get", "list") for need in GOOD.allowed}
    states, words = of(replace(GOOD, allowed=lacking), "permissions")
    assert states.count("failed") == 1
    assert "MaaSSubscription in namespace models-as-a-service: no permission to create, patch" in words
    assert "llamastack_maas_scope to project" in words


def test_a_right_that_could_not_be_asked_for_is_skipped():
    unknown = dict.fromkeys(GOOD.allowed, FORBIDDEN)
    assert set(of(replace(GOOD, allowed=unknown), "permissions")[0]) == {"skipped"}


def test_an_object_of_somebody_else_is_named():
    theirs = obj("v1", "Secret", "openai-credentials")
    theirs["metadata"]["labels"] = {}
    states, words = of(replace(GOOD, existing={**GOOD.existing, Ref.of(theirs): theirs}), "owners")
    assert states == ["failed"]
    assert "Secret llm/openai-credentials is not managed by this collection" in words


# Platform


def test_a_missing_kind_is_named():
    seen = replace(GOOD, unserved={(MAAS, "MaaSSubscription")})
    assert of(seen, "kinds")[0] == ["failed"] and "no MaaSSubscription of" in of(seen, "kinds")[1]


def test_where_nothing_is_written_the_kinds_are_unknown():
    assert of(replace(GOOD, objects=[]), "kinds")[0] == ["skipped"]


def test_bad_input_leaves_the_kinds_and_nothing_that_depends_on_names():
    kinds = [{**each, "metadata": {"namespace": each["metadata"].get("namespace")}} for each in OBJECTS[1:]]
    for bad in (given(problems=[{"path": "llamastack_maas_instances", "message": "is wrong"}]), given()):
        seen = replace(GOOD, given=bad, objects=[OBJECTS[0], *kinds], existing={})
        assert of(seen, "kinds")[0] == ["passed"] and "LLMInferenceService" in of(seen, "kinds")[1]
        assert of(seen, "owners") == (["skipped"], "What would be written is not known yet ")
        assert of(seen, "quota")[0] == of(seen, "limit_range")[0] == ["skipped"]


@pytest.mark.parametrize(
    ("known", "uri", "state"),
    [
        (True, "hf://a/b", "passed"),
        (None, "hf://a/b", "skipped"),
        (False, "hf://a/b", "warning"),
        (False, "oci://registry/model", "passed"),
    ],
)
def test_the_download_of_a_model_is_a_warning(known, uri, state):
    cluster = {**GOOD.cluster, "settings": {"storage_initializer": known}}
    states, words = of(replace(GOOD, cluster=cluster, given=given(model_uri=uri)), "storage_initializer")
    assert states == [state]
    assert state != "warning" or ("memory limit" in words and "llamastack_maas_model_uri" in words)


def undecided(**changed):
    kinds = {**KINDS, "MaaSModelRef": []}
    evidence = detection.generation(kinds, tiers=None, gateway=None).evidence
    cluster = {**GOOD.cluster, "kinds": kinds, "generation": None, "evidence": evidence, "gateway": {"exists": None}}
    return replace(GOOD, cluster=cluster, **changed)


def test_a_generation_that_deploy_will_ask_for_is_a_warning():
    states, words = of(undecided(), "generation")
    assert states == ["warning"] and "llamastack_maas_generation" in words


def test_a_generation_that_nobody_can_tell_fails():
    assert of(undecided(has_token=False), "generation")[0] == ["failed"]
    assert of(undecided(url=None), "generation")[0] == ["failed"]


@pytest.mark.parametrize(
    ("found", "state", "word"),
    [
        (None, "failed", "llamastack_maas_gateway"),
        (FORBIDDEN, "skipped", "could not be read"),
        (gateway(SELECTOR, "False"), "failed", "no address yet"),
    ],
)
def test_the_gateway(found, state, word):
    states, words = of(replace(GOOD, gateway=found), "gateway")
    assert states == [state] and word in words


@pytest.mark.parametrize(("scope", "state"), [("all", "passed"), ("platform", "passed"), ("project", "failed")])
def test_a_label_that_is_missing_stops_who_may_not_set_it(scope, state):
    seen = replace(GOOD, given=given(scope=scope), namespaces={"llm": namespace("llm")})
    states, words = of(seen, "admission")
    assert states == [state]
    assert state == "passed" or "maas.opendatahub.io/gateway-access=true" in words


def test_what_a_gateway_selects_by_and_nobody_can_set_is_told():
    only = {"matchExpressions": [{"key": "team", "operator": "In", "values": ["a"]}]}
    seen = replace(GOOD, gateway=gateway({"from": "Selector", "selector": only}))
    states, words = of(seen, "admission")
    assert states == ["failed"] and "team in (a)" in words and "allowedRoutes" in words


@pytest.mark.parametrize(
    ("scope", "name", "found", "state"),
    [
        ("all", "llm", None, "passed"),
        ("project", "llm", None, "failed"),
        ("all", "models-as-a-service", None, "failed"),
        ("all", "llm", FORBIDDEN, "skipped"),
        ("all", "llm", namespace("llm", deletionTimestamp="2026-01-01T00:00:00Z"), "failed"),
    ],
)
def test_namespaces(scope, name, found, state):
    assert of(replace(GOOD, given=given(scope=scope), namespaces={name: found}), "namespace")[0] == [state]


# Pods

QUOTA = {
    "metadata": {"name": "small", "namespace": "llm"},
    "spec": {},
    "status": {"hard": {"limits.cpu": "2"}, "used": {"limits.cpu": "1500m"}},
}
RANGE = {
    "metadata": {"name": "small", "namespace": "llm"},
    "spec": {"limits": [{"type": "Container", "max": {"cpu": "500m"}}]},
}


def test_a_quota_that_is_used_up_fails_unless_the_pods_are_there_already():
    states, words = of(replace(GOOD, quotas=[QUOTA]), "quota")
    assert states == ["failed"] and "limits.cpu" in words and "Raise the ResourceQuota" in words
    there = {"metadata": {"labels": {"app.kubernetes.io/name": "openai"}}, "spec": {"containers": [CONTAINER]}}
    others = {**there, "metadata": {"labels": {}}}
    assert of(replace(GOOD, quotas=[QUOTA], pods=[there]), "quota")[0] == ["passed"]
    assert of(replace(GOOD, quotas=[QUOTA], pods=[others]), "quota")[0] == ["failed"]


def test_a_limit_range_that_refuses_the_pods_fails():
    states, words = of(replace(GOOD, limit_ranges=[RANGE]), "limit_range")
    assert states == ["failed"] and "over the maximum 500m of LimitRange small" in words


def test_what_may_not_be_read_of_the_namespace_is_skipped():
    seen = replace(GOOD, quotas=[QUOTA], pods=FORBIDDEN, limit_ranges=FORBIDDEN)
    for check in ("quota", "limit_range"):
        states, words = of(seen, check)
        assert states == ["skipped"] and "403" in words


# MaaS


@pytest.mark.parametrize("status", [200, 401, 403])
def test_a_refusal_is_an_answer(status):
    assert of(replace(GOOD, answers=[Answer("GET", URL, status)]), "maas")[0] == ["passed"]


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        (Answer("GET", URL, 404), "no Models-as-a-Service"),
        (Answer("GET", URL, 503), "maas-api"),
        (Answer("GET", URL, 302), "llamastack_maas_url"),
        (Answer("GET", URL, 0, failure="tls", message="x"), "llamastack_maas_ca_file"),
        (Answer("GET", URL, 0, failure="name", message="x"), "DNS"),
        (Answer("GET", URL, 0, failure="timeout", message="x"), "firewalls"),
    ],
)
def test_what_is_no_maas_fails_with_what_to_do(answer, remedy):
    states, words = of(replace(GOOD, answers=[answer]), "maas")
    assert states == ["failed"] and remedy in words


def test_a_certificate_that_was_not_verified_is_a_warning():
    assert of(replace(GOOD, validate_certs=False), "maas")[0] == ["warning"]


def test_a_url_that_cannot_be_found_must_be_given():
    states, words = of(replace(GOOD, url=None), "maas")
    assert states == ["failed"] and "llamastack_maas_url" in words


def test_the_platform_half_needs_neither_maas_nor_a_caller():
    seen = replace(GOOD, given=given(scope="platform"), url=None, has_token=False)
    assert of(seen, "maas")[0] == ["skipped"] and of(seen, "caller")[0] == []


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"has_token": False}, "failed"),
        ({"has_token": False, "token_given": True}, "passed"),
        ({"has_token": False, "given": given(prober=True)}, "passed"),
        ({}, "passed"),
    ],
)
def test_who_would_call_maas(changed, state):
    assert of(replace(GOOD, **changed), "caller")[0] == [state]


# For the reader


def test_lines_fit_the_terminal_and_end_with_the_counts():
    lines = preflight_report.as_lines(preflight.results(replace(GOOD, gateway=None, has_token=False)))
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("gateway ") and "FAILED" in line for line in lines)
    assert any("-> Correct llamastack_maas_gateway" in line for line in lines)
    assert lines[-1].endswith(" 1 skipped, 2 failed")


def test_an_image_whose_name_tells_nothing_is_not_passed():
    unnamed = given()
    unnamed["instances"][0]["image"] = "registry.example.com/ours:latest"
    assert of(replace(GOOD, given=unnamed), "image")[0] == ["skipped"]
