# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import time

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http import transport
from ansible_collections.llamastack.maas.plugins.module_utils.maas import connection
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.variables import run_settings

URL = {"url": os.environ.get("SANDBOX_MAAS_URL"), "ca_file": os.environ.get("SANDBOX_CA")}


@pytest.fixture
def checks(run, namespace, service, ours, registration):
    """``checks(**options) -> {check: set of states}``, or the ``whole`` results, with an instance that would be written into a namespace."""

    def call(auth=None, objects=None, settings=None, whole=False, **options):
        auth = auth or {}
        settings, _findings = run_settings({"namespace": namespace, **(settings or {})})
        given = {"instances": [], "problems": [], "warnings": [], "settings": settings}
        cluster = run("maas_info", ask_maas=False, **auth)
        objects = objects or [ours("Secret", "gem-credentials"), service(), *registration()]
        result = run("maas_preflight", input=given, cluster=cluster, objects=objects, **{**URL, **options}, **auth)
        assert result["changed"] is False
        if whole:
            return result["checks"]
        found = {}
        for check in result["checks"]:
            found.setdefault(check["check"], set()).add(check["state"])
        return found

    return call


def test_the_administrator_may_do_everything(checks):
    states = checks()
    assert set().union(*states.values()) == {"passed"}


def test_reviews_and_dry_runs_are_all_that_is_sent(checks, requests_made):
    checks()
    posted = {path.rpartition("/")[2] for method, path, _query in requests_made if method not in ("GET", "PATCH")}
    assert posted == {"selfsubjectaccessreviews", "selfsubjectreviews"}
    patched = [dict(query) for method, _path, query in requests_made if method == "PATCH"]
    assert patched and all(query["dryRun"] == "All" for query in patched)


def test_a_quota_of_objects_and_a_policy_of_admission_are_seen_before_anything_is_written(
    checks, failure, kubectl, namespace, ours
):
    hard = {"count/secrets": "0"}
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none"}, "spec": {"hard": hard}}
    kubectl("create", "-n", namespace, "-f", "-", stdin=quota)
    kubectl("wait", "-n", namespace, "resourcequota/none", "--for=jsonpath={.status.hard}", "--timeout=20s")
    rules = [{"apiGroups": [""], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["configmaps"]}]
    selected = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    admission = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": namespace}}
    policy = {
        "matchConstraints": {"resourceRules": rules},
        "validations": [{"expression": "false", "message": "label cost-centre is missing", "reason": "Forbidden"}],
    }
    binding = {
        "policyName": namespace,
        "validationActions": ["Deny"],
        "matchResources": {"namespaceSelector": selected},
    }
    objects = [ours("Secret", "gem-credentials"), ours("ConfigMap", "gem-config")]
    try:
        kubectl("create", "-f", "-", stdin={**admission, "kind": "ValidatingAdmissionPolicy", "spec": policy})
        kubectl("create", "-f", "-", stdin={**admission, "kind": "ValidatingAdmissionPolicyBinding", "spec": binding})
        deadline = time.monotonic() + 20
        while True:
            failed = [each for each in checks(objects=objects, whole=True) if each["state"] == "failed"]
            if len(failed) > 1 or time.monotonic() > deadline:
                break
        refused = failure("kube_apply", objects=objects[1:])["msg"]
    finally:
        for kind in ("binding", ""):
            kubectl("delete", f"validatingadmissionpolicy{kind}", namespace, output=None)
    told = {each["check"]: [] for each in failed}
    for each in failed:
        told[each["check"]].append(each["detail"] + each["remedy"])
    assert set(told) == {"dry_run"} and len(failed) == 2, failed
    by_quota, by_policy = sorted(told["dry_run"], key=lambda text: "AdmissionPolicy" in text)
    assert "exceeded quota: none" in by_quota and "Raise the ResourceQuota" in by_quota
    assert "label cost-centre is missing" in by_policy and "no missing permission" in by_policy
    assert "label cost-centre is missing" in refused and "no missing permission" in refused
    assert kubectl("get", "secrets,configmaps", "-n", namespace, "-l", "llamastack.maas/set")["items"] == []


def test_maas_is_sent_no_credential(checks, monkeypatch):
    sent = []

    def recording(**how):
        send = transport.sender(**how)

        def call(method, url, headers, body, timeout):
            sent.append((method, dict(headers), body))
            return send(method, url, headers, body, timeout)

        return call

    monkeypatch.setattr(connection, "sender", recording)
    checks()
    assert sent and all(
        (method, body) == ("GET", None) and set(headers) == {"Accept"} for method, headers, body in sent
    )


def test_another_namespace_than_the_own_is_closed_to_a_project_user(checks):
    states = checks({"kubeconfig": os.environ["SANDBOX_PROJECT_KUBECONFIG"]}, settings={"scope": "project"})
    assert "failed" in states["permissions"]
    assert states["gateway"] == states["admission"] == states["owners"] == {"skipped"}
    assert states["quota"] == states["limit_range"] == {"skipped"}


def test_a_kind_that_is_not_served_is_named_and_stops_nothing_else(checks, ours):
    states = checks(objects=[ours("Gadget", "gem", "example.com/v1"), ours("Secret", "gem-credentials")])
    assert states["kinds"] == {"failed"} and states["permissions"] == {"passed"}


def test_a_path_without_maas_fails(checks):
    assert checks(url=f"{URL['url']}/nowhere")["maas"] == {"failed"}


def test_a_file_of_authorities_that_is_none_fails(checks, tmp_path):
    assert checks(ca_file=str(tmp_path / "missing.pem"))["maas"] == {"failed"}


@pytest.mark.parametrize(
    ("kind", "spec", "check"),
    [
        ("ResourceQuota", {"hard": {"limits.memory": "256Mi"}}, "quota"),
        ("LimitRange", {"limits": [{"type": "Container", "max": {"memory": "256Mi"}}]}, "limit_range"),
    ],
)
def test_what_would_stop_the_pods(checks, kubectl, namespace, service, kind, spec, check):
    limited = service(resources={"requests": {"memory": "128Mi"}, "limits": {"memory": "512Mi"}}, replicas=1)
    small = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "small"}, "spec": spec}
    kubectl("create", "-n", namespace, "-f", "-", stdin=small)
    if kind == "ResourceQuota":
        kubectl("wait", "-n", namespace, "resourcequota/small", "--for=jsonpath={.status.hard}", "--timeout=20s")
    states = checks(objects=[limited])
    assert {name for name, found in states.items() if found != {"passed"}} == {check}
    assert states[check] == {"failed"}


def test_who_may_mint_no_token_cannot_play_the_prober(checks, kubectl, namespace, ours):
    resources = ["serviceaccounts", "pods", "deployments"]
    rule = {"apiGroups": ["", "apps"], "resources": resources, "verbs": ["get", "list", "create", "patch"]}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "somebody"}}
    kubectl("create", "-n", namespace, "-f", "-", stdin={**role, "rules": [rule]})
    kubectl("create", "rolebinding", "somebody", "-n", namespace, "--role=somebody", "--user=somebody")
    account = [ours("ServiceAccount", "llamastack-maas-prober")]
    for prober, token_given in ((False, False), (True, True), (True, False)):
        states = checks({"impersonate_user": "somebody"}, account, {"prober": prober}, token_given=token_given)
        assert ("failed" in states["permissions"]) is (prober and not token_given)


def test_a_gateway_that_selects_by_expressions(checks, kubectl, namespace):
    def gateway(*namespaces):
        expression = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": list(namespaces)}
        allowed = {"from": "Selector", "selector": {"matchExpressions": [expression]}}
        listener = {"name": "http", "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": allowed}}
        return {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": namespace, "namespace": "openshift-ingress"},
            "spec": {"gatewayClassName": "nobodys", "listeners": [listener]},
        }

    named = {"gateway": {"name": namespace}}
    try:
        for namespaces, state in ((["other"], "failed"), (["other", namespace], "passed")):
            kubectl("apply", "-f", "-", stdin=gateway(*namespaces))
            assert checks(settings=named)["admission"] == {state}
    finally:
        kubectl("delete", "gateway", namespace, "-n", "openshift-ingress", output=None)
