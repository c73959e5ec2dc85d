# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode, fingerprint
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names, reading

OURS = names.labels(names.GATEWAY, "litemaas", "default")
FORBIDDEN = ApiError("GET", "/x", 403, "forbidden", reason="Forbidden")


def obj(kind, name, labels=None, **content):
    metadata = {"name": name, "namespace": "litemaas", "labels": labels or {}, "resourceVersion": "7"}
    return {"kind": kind, "metadata": metadata, **content}


class Cluster:
    def __init__(self, routes=False, objects=(), refused=()):
        self.routes, self.refused = routes, refused
        self.objects = {(each["kind"], each["metadata"]["name"]): each for each in objects}

    def serves(self, _api_version, _kind):
        return self.routes

    def request(self, _method, path):
        return {"issuer": "https://oauth.example.com"}

    def get(self, _api_version, kind, name, _namespace=None, **_how):
        if kind in self.refused:
            raise FORBIDDEN
        return self.objects.get((kind, name))

    def list(self, _api_version, kind, _namespace=None, **_how):
        if kind in self.refused:
            raise FORBIDDEN
        return [each for (of_kind, _name), each in self.objects.items() if of_kind == kind]


def read(cluster):
    return reading.read(cluster, "litemaas", "default", ["litellm-secret", "pg-app"], "litellm-secret")


def test_an_empty_cluster():
    found = read(Cluster())
    assert (found["namespace_state"], found["routes"], found["oauth_issuer"]) == ("absent", False, None)
    assert found["storage_classes"] == [] and found["ingress_classes"] == [] and found["jobs"] == []
    assert found["secrets"]["pg-app"]["exists"] is False and found["revisions"] == {}
    assert found["salt"] == {"stored": None, "now": None} and found["database"] == {"claim_state": "absent"}


def test_what_may_not_be_read_is_unknown_not_absent():
    kinds = ("Namespace", "StorageClass", "IngressClass", "Secret", "PersistentVolumeClaim", "StatefulSet", "ConfigMap")
    found = read(Cluster(refused=kinds))
    assert found["namespace_state"] == "unknown" and found["database"] == {"claim_state": "unknown"}
    assert found["storage_classes"] is None and found["ingress_classes"] is None
    assert found["secrets"]["litellm-secret"]["exists"] is None


def test_an_api_server_that_does_not_answer_is_an_error():
    class Silent(Cluster):
        def list(self, *_given, **_how):
            raise ApiError("GET", "/x", 503, "no")

    with pytest.raises(ApiError):
        read(Silent())


def test_secrets_show_their_fields_and_no_value():
    data = encode({"LITELLM_SALT_KEY": "sk-salt-0123", "UI_PASSWORD": "p@ss/word", "EMPTY": ""})
    found = read(Cluster(objects=[obj("Secret", "litellm-secret", OURS, data=data)]))
    assert found["secrets"]["litellm-secret"] == {
        "exists": True,
        "managed": True,
        "fields": ["EMPTY", "LITELLM_SALT_KEY", "UI_PASSWORD"],
        "empty_fields": ["EMPTY"],
        "unfit_for_url": ["EMPTY", "UI_PASSWORD"],
    }
    assert found["salt"]["now"] == fingerprint("sk-salt-0123")
    assert "p@ss" not in str(found) and "0123" not in str(found["secrets"])


@pytest.mark.parametrize(
    "labels, state",
    [(OURS, "ours"), ({}, "unmanaged"), (names.labels("gateway", "litemaas", "other"), "unmanaged")],
)
def test_whose_an_object_is(labels, state):
    claim = obj("PersistentVolumeClaim", "postgres-storage-postgres-0", labels, spec={"storageClassName": "fast"})
    found = read(Cluster(objects=[claim, obj("Namespace", "litemaas", labels)]))
    assert (found["database"]["claim_state"], found["namespace_state"]) == (state, state)
    assert found["database"]["storage_class"] == "fast"


def test_the_server_that_is_there():
    claim = {"metadata": {"name": "postgres-storage"}, "spec": {"resources": {"requests": {"storage": "5Gi"}}}}
    pod = {"spec": {"containers": [{"name": "postgres", "image": "postgres:16"}]}}
    server = obj("StatefulSet", "postgres", OURS, spec={"template": pod, "volumeClaimTemplates": [claim]})
    assert read(Cluster(objects=[server]))["database"] == {
        "claim_state": "absent",
        "image": "postgres:16",
        "storage": "5Gi",
        "storage_class": None,
    }


def test_classes_and_the_default_one():
    mark = {"storageclass.kubernetes.io/is-default-class": "true"}
    classes = [obj("StorageClass", "a"), obj("StorageClass", "b")]
    classes[1]["metadata"].update(annotations=mark, creationTimestamp="t")
    found = read(Cluster(objects=classes))["storage_classes"]
    assert [(each["name"], each["default"]) for each in found] == [("a", False), ("b", True)]


def test_where_the_gateway_is_found():
    admitted = {"ingress": [{"host": "h", "conditions": [{"type": "Admitted", "status": "True"}]}]}
    route = obj("Route", "litellm", OURS, spec={"tls": {}}, status=admitted)
    found = read(Cluster(routes=True, objects=[{**route, "spec": {"tls": {"termination": "edge"}}}]))
    assert (found["url"], found["app_url"], found["oauth_issuer"]) == ("https://h", None, "https://oauth.example.com")
    refused = {"ingress": [{"host": "h", "conditions": [{"type": "Admitted", "status": "False"}]}]}
    assert reading.url_of({**route, "status": refused}) is None


def test_an_ingress_is_found_where_there_could_be_a_route():
    ingress = obj("Ingress", "litellm", OURS, spec={"tls": [{}], "rules": [{"host": "llm.example.com"}]})
    found = read(Cluster(routes=True, objects=[ingress]))
    assert (found["url"], found["routes_readable"]) == ("https://llm.example.com", True)
    assert read(Cluster(routes=True, refused=("Route",)))["routes_readable"] is False
