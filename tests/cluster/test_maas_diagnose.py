# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the cluster and of the registration, each on an instance that runs as little as shows the fault."""

from __future__ import annotations

import json
import os
import time

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels

GATEWAY = {"name": "maas-default-gateway", "namespace": "openshift-ingress"}
FIELDS = [{"key": "api_key", "env": "KEY", "file": None}]


@pytest.fixture
def instance(namespace):
    """``instance(name="gem", **changes)`` as the filter makes it, without a key."""

    def make(name="gem", **changes):
        none = {"source": "none", "origin": "", "secret": None, "fields": []}
        access = {"groups": ["data-science"], "users": [], "token_limits": [], "priority": 0, "tiers": None}
        return {
            "name": name,
            "namespace": namespace,
            "provider": "openai",
            "models": ["m"],
            "credentials": none,
            "access": access,
            **changes,
        }

    return make


@pytest.fixture
def diagnose(run, namespace, instance):
    """``diagnose(name="gem", until=cause, **options) -> what is said of it``, once it tells that cause."""

    def call(name="gem", until=None, seconds=60, given=None, **options):
        options = {"gateway": GATEWAY, "generation": "b2", "namespace": namespace, **options}
        deadline = time.monotonic() + seconds
        while True:
            found = run("maas_diagnose", instances=[given or instance(name)], **options)["instances"][name]
            if until is None or until in found["cause"] or time.monotonic() > deadline:
                return found
            time.sleep(1)

    return call


def links(found, state="ok"):
    return [link["link"] for link in found["links"] if link["state"] == state]


def test_what_holds_is_told_as_far_as_it_can_be_looked_at(run, diagnose, service, registration):
    objects = [service(), *registration()]
    run("kube_apply", objects=objects)
    run("maas_wait_ready", namespace=objects[0]["metadata"]["namespace"], instances=["gem"], registration=objects[1:])
    found = diagnose(registration=objects[1:], go_on=True)
    assert links(found) == [
        "secret",
        "object",
        "service",
        "route",
        "gateway",
        "registration",
    ], found
    assert (found["link"], found["cause"]) == ("deployment", "it is scaled to 0")
    assert links(found, "skipped") == ["pod", "list", "models", "call"]
    run("kube_delete", objects=objects[1:])


def test_an_instance_that_is_not_deployed(diagnose):
    assert diagnose()["cause"] == "it is not deployed"


def test_the_secret(run, diagnose, instance, namespace):
    secret = {"name": "gem-credentials", "managed": True}
    given = instance(credentials={"source": "env", "origin": "KEY", "secret": secret, "fields": FIELDS})
    found = diagnose(given=given)
    assert (found["link"], found["cause"]) == ("secret", "the Secret with the key does not exist")

    def put(**values):
        metadata = {"name": "gem-credentials", "namespace": namespace, "labels": labels("gem", namespace, "default")}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
        run("kube_apply", objects=[secret], secret_data={f"{namespace}/gem-credentials": values})

    put(token="sk-0123456789abcdef")
    found = diagnose(given=given)
    assert (
        found["cause"] == "the Secret lacks a key that the instance reads"
        and "has token, and lacks api_key" in found["evidence"]
    )

    put(api_key="sk-0123456789abcdef\n")
    found = diagnose(given=given)
    assert found["cause"] == "the key in the Secret cannot work" and "newline" in found["evidence"]
    assert "sk-0123456789" not in json.dumps(found)


def test_a_secret_that_others_made_is_there_for_every_verb(run, diagnose, instance, kubectl, namespace, service):
    """As External Secrets makes one, under the name that ours would have."""
    secret = {"name": "gem-credentials", "managed": True}
    given = instance(credentials={"source": "env", "origin": "KEY", "secret": secret, "fields": FIELDS})
    key = "--from-literal=api_key=sk-0123456789abcdef"
    kubectl("create", "secret", "generic", "gem-credentials", key, "-n", namespace)
    told = f"Secret {namespace}/gem-credentials is not managed by this collection"
    found = diagnose(given=given)
    assert (found["link"], found["cause"]) == ("secret", "the Secret is not managed by this list")
    assert told in found["evidence"] and "name it in credentials_secret" in found["remedy"]
    run("kube_apply", objects=[service()])
    found = diagnose(given=given)
    assert found["link"] != "secret" and links(found, "hint")[0] == "secret", found

    metadata = {"name": "gem-credentials", "namespace": namespace, "labels": labels("gem", namespace, "default")}
    wanted = [{"apiVersion": "v1", "kind": "Secret", "metadata": metadata}]
    status = run("maas_instance_info", namespace=namespace, generation="b2", instances=[given], objects=wanted)
    gem = status["instances"]["gem"]
    assert "is not managed by this collection" in gem["credential"]["note"] and gem["drift"]["missing"] == []
    assert "credentials_secret" in gem["credential"]["note"]
    assert "sk-0123456789" not in json.dumps([found, status])


def test_an_image_that_does_not_exist(run, diagnose, service):
    run("kube_apply", objects=[service(replicas=1, image="docker.io/nobody/nothing:0.0.1")])
    found = diagnose(until="image")
    assert (found["link"], found["cause"]) == ("pod", "the image cannot be pulled")
    assert "docker.io/nobody/nothing:0.0.1" in found["evidence"] and "llamastack_maas_image" in found["remedy"]


def test_a_probe_on_a_wrong_path(run, diagnose, service):
    probe = {"httpGet": {"path": "/health", "port": 8000, "scheme": "HTTP"}, "periodSeconds": 1}
    # Answers every GET with 404.
    serve = "from http.server import *; SimpleHTTPRequestHandler.translate_path = lambda *_: '/none'; "
    serve += "HTTPServer(('0.0.0.0', 8000), SimpleHTTPRequestHandler).serve_forever()"
    server = {"command": ["python3"], "args": ["-c", serve]}
    run(
        "kube_apply",
        objects=[
            service(
                replicas=1,
                **server,
                startupProbe={**probe, "failureThreshold": 600},
                readinessProbe=probe,
                livenessProbe=probe,
            )
        ],
    )
    found = diagnose(until="the startup probe")
    assert (found["link"], found["cause"]) == ("pod", "the startup probe asks for a path that the server does not have")


def test_a_memory_limit(run, diagnose, service, kubectl, namespace):
    run("kube_apply", objects=[service(replicas=1)])
    pods = kubectl("get", "pods", "-n", namespace)["items"]
    deadline = time.monotonic() + 30
    while not pods and time.monotonic() < deadline:
        time.sleep(0.5)
        pods = kubectl("get", "pods", "-n", namespace)["items"]
    # What a kubelet reports; the node here has no limits to enforce.
    container = {
        "name": "main",
        "image": "a",
        "imageID": "",
        "ready": False,
        "restartCount": 2,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
        "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}},
    }
    patch = {"status": {"containerStatuses": [container]}}
    found = {}
    for _attempt in range(20):
        name = kubectl("get", "pods", "-n", namespace)["items"][0]["metadata"]["name"]
        kubectl(
            "patch",
            "pod",
            name,
            "-n",
            namespace,
            "--subresource=status",
            "--type=merge",
            "-p",
            json.dumps(patch),
            output=None,
        )
        found = diagnose()
        if "memory" in found["cause"]:
            break
    assert (found["link"], found["cause"]) == ("pod", "the container needs more memory than its limit")


@pytest.mark.parametrize(
    ("kind", "spec", "cause", "words"),
    [
        ("ResourceQuota", {"hard": {"pods": "0"}}, "the quota of the namespace is used up", "exceeded quota: small"),
        (
            "LimitRange",
            {"limits": [{"type": "Container", "max": {"memory": "64Mi"}, "default": {"memory": "64Mi"}}]},
            "the LimitRange of the namespace does not allow these resources",
            "maximum memory usage per Container is 64Mi",
        ),
    ],
)
def test_what_the_namespace_does_not_allow(run, diagnose, service, kubectl, namespace, kind, spec, cause, words):
    kubectl(
        "create",
        "-n",
        namespace,
        "-f",
        "-",
        stdin={"apiVersion": "v1", "kind": kind, "metadata": {"name": "small"}, "spec": spec},
    )
    resources = {"requests": {"memory": "128Mi"}, "limits": {"memory": "128Mi"}}
    run("kube_apply", objects=[service(replicas=1, resources=resources)])
    found = diagnose(until=cause)
    assert (found["link"], found["cause"]) == ("deployment", cause) and words in found["evidence"]


def test_two_services_of_one_model_name(run, diagnose, service):
    other = service("other")
    other["spec"]["model"]["name"] = "gem"
    run("kube_apply", objects=[service(), other])
    found = diagnose(until="spec.model.name")
    assert found["link"] == "object" and "LLMInferenceService other has spec.model.name gem, too" in found["evidence"]


def test_the_kind_of_authorisation_policies_is_missing(run, diagnose, service, kubectl, namespace):
    """As the KServe of OpenShift AI reports it; the one that runs here has no such condition."""
    run("kube_apply", objects=[service()])
    run("maas_wait_ready", namespace=namespace, instances=["gem"])
    for _attempt in range(20):  # KServe writes what it sees itself at its next look.
        status = kubectl("get", "llmisvc", "gem", "-n", namespace)["status"]
        for condition in status["conditions"]:
            if condition["type"] in ("HTTPRoutesReady", "RouterReady", "Ready"):
                condition.update(
                    status="False", reason="GatewayPreconditionNotMet", message="AuthPolicy CRD is not available"
                )
        kubectl(
            "patch",
            "llmisvc",
            "gem",
            "-n",
            namespace,
            "--subresource=status",
            "--type=merge",
            "-p",
            json.dumps({"status": status}),
            output=None,
        )
        found = diagnose()
        if "authorisation" in found["cause"]:
            break
    assert found["link"] == "route" and found["cause"].startswith("the platform lacks its authorisation service"), found
    assert "AuthPolicy" in found["remedy"]


def test_a_route_that_the_gateway_does_not_take(run, diagnose, service, kubectl, namespace):
    kubectl("label", "namespace", namespace, "maas.opendatahub.io/gateway-access-", output=None)
    run("kube_apply", objects=[service()])
    found = diagnose(until="does not take the route")
    assert (found["link"], found["cause"]) == ("route", "the Gateway does not take the route"), found
    assert "allowedRoutes" in found["remedy"]


def test_a_gateway_that_is_missing_or_not_programmed(run, diagnose, service, kubectl, namespace):
    run("kube_apply", objects=[service(gateway="no-such-gateway")])
    found = diagnose(until="Gateway", gateway={**GATEWAY, "name": "no-such-gateway"})
    assert found["cause"] == "the Gateway does not exist" and found["link"] == "route"

    # Nobody is the controller of this class.
    version = {"apiVersion": "gateway.networking.k8s.io/v1"}
    spec = {"controllerName": "example.com/nobody"}
    kubectl(
        "create", "-f", "-", stdin={**version, "kind": "GatewayClass", "metadata": {"name": namespace}, "spec": spec}
    )
    spec = {"gatewayClassName": namespace, "listeners": [{"name": "https", "port": 8443, "protocol": "HTTP"}]}
    metadata = {"name": "idle", "namespace": namespace}
    kubectl("create", "-f", "-", stdin={**version, "kind": "Gateway", "metadata": metadata, "spec": spec})
    idle = {"name": "idle", "namespace": namespace}
    other = service("other")
    other["spec"]["router"]["gateway"]["refs"] = [idle]
    run("kube_apply", objects=[other])
    found = diagnose("other", until="programmed", gateway=idle)
    kubectl("delete", "gatewayclass", namespace, output=None)
    assert found["cause"] == "the Gateway is not programmed", found


def test_what_is_wrong_with_a_registration(run, diagnose, service, registration, kubectl, namespace, instance):
    ref, policy, subscription = registration()
    wanted = [ref, policy, subscription]
    run("kube_apply", objects=[service(), ref])
    run("maas_wait_ready", namespace=namespace, instances=["gem"], registration=[ref], scope="project")
    found = diagnose(registration=wanted[:1])
    assert (found["link"], found["cause"]) == (
        "registration",
        "no MaaSAuthPolicy and MaaSSubscription together name the model",
    )

    # Another tenant's, where admission lets them in.
    elsewhere = f"{namespace}-elsewhere"
    kubectl("create", "namespace", elsewhere, output=None)
    try:
        tenant = {"apiVersion": "maas.opendatahub.io/v1alpha1", "kind": "MaasTenantConfig", "spec": {}}
        kubectl("create", "-n", elsewhere, "-f", "-", stdin={**tenant, "metadata": {"name": "default-tenant"}})
        moved = [{**obj, "metadata": {**obj["metadata"], "namespace": elsewhere}} for obj in (policy, subscription)]
        run("kube_apply", objects=moved)
        found = diagnose(registration=wanted)
        assert found["cause"] == "the MaaSAuthPolicy is in a namespace that MaaS does not look at", found
        assert f"MaaSAuthPolicy {elsewhere}/" in found["evidence"]
        run("kube_delete", objects=moved)
    finally:
        kubectl("delete", "namespace", elsewhere, "--wait=false", output=None)

    run("kube_delete", objects=[ref])
    renamed = {**ref, "metadata": {**ref["metadata"], "name": "another"}}
    run("kube_apply", objects=[renamed, policy, subscription])
    found = diagnose(registration=wanted)
    assert found["cause"].startswith("the MaaSModelRef is not named like the service")
    assert f"MaaSModelRef {namespace}/another refers to gem" in found["evidence"]
    run("kube_delete", objects=[renamed])

    run("kube_apply", objects=[ref])
    run("maas_wait_ready", namespace=namespace, instances=["gem"], registration=wanted)
    with served_groups(kubectl):
        found = diagnose(registration=wanted, go_on=True)
    (hint,) = [link for link in found["links"] if link["state"] == "hint"]
    assert hint["cause"] == "OpenShift knows no group data-science"
    run("kube_delete", objects=wanted)


class served_groups:
    """The API of OpenShift's groups, with one group that is another."""

    def __init__(self, kubectl):
        self.kubectl = kubectl

    def __enter__(self):
        names = {"kind": "Group", "plural": "groups", "singular": "group", "listKind": "GroupList"}
        schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
        version = {"name": "v1", "served": True, "storage": True, "schema": schema}
        spec = {"group": "user.openshift.io", "names": names, "scope": "Cluster", "versions": [version]}
        crd = {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "groups.user.openshift.io"},
            "spec": spec,
        }
        self.kubectl("create", "-f", "-", stdin=crd)
        self.kubectl(
            "wait", "--for=condition=Established", "crd/groups.user.openshift.io", "--timeout=30s", output=None
        )
        group = {
            "apiVersion": "user.openshift.io/v1",
            "kind": "Group",
            "metadata": {"name": "platform-team"},
            "users": [],
        }
        deadline = time.monotonic() + 30
        while True:
            try:
                self.kubectl("create", "-f", "-", stdin=group)
                return
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def __exit__(self, *_exception):
        self.kubectl("delete", "crd", "groups.user.openshift.io", output=None)


def test_the_walk_goes_on_when_asked_to(diagnose):
    found = diagnose(go_on=True)
    assert found["link"] == "object" and len(found["links"]) == 11


def test_what_the_owner_of_the_namespace_may_not_read_is_skipped(run, service, kubectl, namespace, diagnose):
    run("kube_apply", objects=[service()])
    run("maas_wait_ready", namespace=namespace, instances=["gem"])
    kubectl("create", "rolebinding", "owner", "-n", namespace, "--clusterrole=admin", "--user=owner", output=None)
    found = diagnose(impersonate_user="owner", kubeconfig=os.environ["KUBECONFIG"])
    assert "gateway" in links(found) and "registration" in [link["link"] for link in found["links"]], found
