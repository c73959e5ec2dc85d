# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module that tells the generation, run as Ansible runs it, for somebody who may read nothing of the platform."""

from __future__ import annotations

import functools

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import TransportError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.maas import connection
from ansible_collections.llamastack.maas.plugins.modules import maas_info

MAAS = "https://maas.example.com"


class NamespaceOnly:
    """A cluster of generation A, or of none, that lets its caller look at nothing but API discovery."""

    bearer_token: str | None = "kube-token"
    is_verified = True
    url = "https://api:6443"

    def __init__(self, module):
        pass

    def discovery(self):
        kinds = {
            "serving.kserve.io": ("v1alpha1", ["LLMInferenceService"]),
            "gateway.networking.k8s.io": ("v1", ["Gateway", "HTTPRoute"]),
        }
        groups = [
            {
                "metadata": {"name": group},
                "versions": [{"version": version, "resources": [{"responseKind": {"kind": kind}} for kind in names]}],
            }
            for group, (version, names) in kinds.items()
        ]
        return {"items": []}, {"items": groups}

    def own_token(self):
        return self.bearer_token

    def get(self, api_version, kind, name, namespace=None):
        raise ApiError("GET", f"/{kind}/{name}", 403, "forbidden")

    def request(self, method, path):
        return {}


@pytest.fixture
def run(maas, monkeypatch, run_module):
    monkeypatch.setattr(connection, "Cluster", NamespaceOnly)
    monkeypatch.setattr(connection, "sender", lambda **options: maas.send)

    return functools.partial(run_module, maas_info)


@pytest.fixture
def generation_a(maas):
    maas.on("GET", "/maas-api/v1/subscriptions", (404, "404 page not found"))
    maas.on("GET", "/maas-api/health", {"status": "healthy"})
    return maas


def test_maas_itself_tells(run, generation_a):
    result = run(url=MAAS)
    assert result["generation"] == result["settings"]["generation"] == "a"
    assert (result["url"], result["url_source"]) == (MAAS, "given")
    assert {request.headers["Authorization"] for request in generation_a.sent} == {"Bearer kube-token"}
    assert {request.method for request in generation_a.sent} == {"GET"}


def test_what_was_written_for_older_clusters_is_written_there(run, generation_a):
    settings = run(url=MAAS)["settings"]
    assert settings["service_version"] == "serving.kserve.io/v1alpha1"
    assert not settings["storage_initializer"]


def test_a_given_token_asks(run, generation_a):
    run(url=MAAS, token="alice-token")
    assert {request.headers["Authorization"] for request in generation_a.sent} == {"Bearer alice-token"}


@pytest.mark.parametrize("given", [{}, {"url": MAAS, "ask_maas": False}])
def test_where_it_may_not_be_asked_the_error_says_what_to_give(run, generation_a, given):
    result = run(**given)
    assert result["failed"] is True
    assert "Set llamastack_maas_generation: a if it is" in result["msg"]
    assert generation_a.sent == []


def test_a_client_certificate_cannot_ask(run, generation_a, monkeypatch):
    monkeypatch.setattr(NamespaceOnly, "bearer_token", None)
    assert "is not known" in run(url=MAAS)["msg"]
    assert generation_a.sent == []


@pytest.mark.parametrize("given", ["a", "A", "3.2", 3.3])
def test_a_given_generation_is_not_looked_for(run, generation_a, given):
    result = run(url=MAAS, generation=given)
    assert (result["generation"], result["evidence"]) == ("a", "given, not detected")
    assert result["settings"]["generation"] == "a"
    assert generation_a.sent == []


def test_a_generation_that_nobody_knows_is_refused(run, generation_a):
    message = run(generation="z9")["msg"]
    assert message.startswith("generation: z9 is no generation of MaaS and no release of OpenShift AI")


def test_an_answer_that_decides_nothing_is_shown_without_the_token(run, maas):
    maas.on("GET", "/maas-api/v1/subscriptions", (401, "who is kube-token"))
    message = run(url=MAAS)["msg"]
    assert "/maas-api/v1/subscriptions answered 401: who is ********" in message


def test_a_certificate_that_is_not_trusted_is_named(run, maas):
    maas.on("GET", "/maas-api/v1/subscriptions", TransportError("tls", "self-signed certificate"))
    assert "self-signed certificate" in run(url=MAAS)["msg"]


@pytest.mark.parametrize(
    ("verified", "options", "warnings"), [(False, {}, 1), (True, {}, 0), (False, {"fail_unusable": False}, 0)]
)
def test_an_api_server_that_is_not_verified_is_told_once(run, generation_a, monkeypatch, verified, options, warnings):
    monkeypatch.setattr(NamespaceOnly, "is_verified", verified)
    found = []
    monkeypatch.setattr(connection.AnsibleK8SModule, "warn", lambda self, text: found.append(text))
    run(url=MAAS, **options)
    assert len(found) == warnings
    assert all("https://api:6443 is not verified" in each and "K8S_AUTH_SSL_CA_CERT" in each for each in found)


def test_a_wrong_url_is_refused(run):
    assert "is not a URL like" in run(url="maas.example.com")["msg"]
