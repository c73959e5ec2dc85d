# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import deletion, namespace_content
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import Owner, labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref

OURS = Owner("llm", "gem", "default")
SERVICE = Ref("serving.kserve.io/v1alpha1", "LLMInferenceService", "llm", "gem")


def obj(kind, name, api_version="v1", **metadata):
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "llm", **metadata}}


def test_only_ours_is_deleted():
    assert deletion.foreign(OURS, obj("Secret", "a", labels=labels("gem", "llm", "default"))) is None
    assert deletion.foreign(OURS, obj("Secret", "a")) == "is not managed by this collection"
    other = obj("Secret", "a", labels=labels("gem", "llm", "other"))
    assert deletion.foreign(OURS, other) == "belongs to instance set other of namespace llm"
    assert deletion.foreign(None, obj("Secret", "a", labels=labels("gem", "llm", "default")))


def test_what_only_others_have_applied_is_left_to_them():
    fields = {"f:metadata": {"f:labels": {"f:app.kubernetes.io/managed-by": {}}}}
    theirs = {"manager": "argocd-controller", "operation": "Apply", "fieldsV1": fields}
    current = obj("ConfigMap", "a", labels=labels("gem", "llm", "default"), managedFields=[theirs])
    assert deletion.foreign(OURS, current) == (
        "is applied by argocd-controller, not by this collection: take it out there"
    )
    current["metadata"]["managedFields"].append({**theirs, "manager": "llamastack.maas"})
    assert deletion.foreign(OURS, current) is None


def test_a_model_is_taken_out_of_maas_before_it_goes():
    kinds = ["Secret", "LLMInferenceService", "MaaSModelRef", "MaaSSubscription", "ConfigMap"]
    waves = deletion.waves(Ref("v1", kind, "llm", "x") for kind in kinds)
    order = [[ref.kind for ref in wave] for wave in waves]
    assert order == [["MaaSSubscription"], ["MaaSModelRef"], ["LLMInferenceService"], ["Secret", "ConfigMap"]]


@pytest.mark.parametrize(
    "current, told",
    [
        (
            obj("MaaSModelRef", "a", finalizers=["maas.opendatahub.io/model-cleanup"]),
            "the MaaS controller has to answer",
        ),
        (obj("LLMInferenceService", "a", finalizers=["serving.kserve.io/llmisvc-finalizer"]), "the KServe controller"),
        (obj("ConfigMap", "a", finalizers=["example.com/mine"]), "finalizer example.com/mine, which whoever set it"),
        (
            {
                **obj("Namespace", "llm"),
                "spec": {"finalizers": ["kubernetes"]},
                "status": {
                    "conditions": [{"type": "NamespaceFinalizersRemaining", "status": "True", "message": "1 x remains"}]
                },
            },
            "1 x remains",
        ),
    ],
)
def test_who_holds_it_up(current, told):
    assert told in deletion.held_up_by(current)


def test_what_kubernetes_answers_itself_is_not_to_be_taken_off():
    assert "by hand" not in deletion.held_up(obj("Pod", "a", finalizers=["foregroundDeletion"])).remedy
    assert "by hand" not in deletion.held_up(obj("Secret", "a")).remedy
    held = deletion.held_up(obj("MaaSModelRef", "a", finalizers=["foregroundDeletion", "maas.opendatahub.io/x"]))
    assert held.remedy.startswith("Have the MaaS controller run") and "by hand" in held.remedy


DEFAULTS = [
    obj("ConfigMap", "kube-root-ca.crt"),
    obj("ConfigMap", "openshift-service-ca.crt"),
    obj("ServiceAccount", "default"),
    obj("Secret", "builder-dockercfg-x7k2p"),
    obj("RoleBinding", "system:deployers", "rbac.authorization.k8s.io/v1"),
    obj(
        "ClusterServiceVersion", "op", "operators.coreos.com/v1alpha1", labels={"olm.copiedFrom": "openshift-operators"}
    ),
    obj("Pod", "gem-1", ownerReferences=[{"kind": "ReplicaSet"}]),
]


def test_what_the_platform_puts_everywhere_holds_no_namespace():
    assert namespace_content.of_others(DEFAULTS, doomed=[]) == []


def test_what_others_put_there_holds_it():
    (found,) = namespace_content.of_others([*DEFAULTS, obj("ConfigMap", "mine")], doomed=[])
    assert str(found) == "ConfigMap llm/mine"


def test_what_goes_anyway_holds_nothing_in_whatever_version_it_is_read():
    assert (
        namespace_content.of_others([obj("LLMInferenceService", "gem", "serving.kserve.io/v1alpha2")], doomed=[SERVICE])
        == []
    )


def test_kinds_that_a_namespace_can_hold():
    def resource(kind, scope="Namespaced", verbs=("list", "get")):
        return {"responseKind": {"kind": kind}, "scope": scope, "verbs": list(verbs)}

    core = {
        "items": [
            {
                "metadata": {},
                "versions": [
                    {
                        "version": "v1",
                        "resources": [
                            resource("Pod"),
                            resource("Node", "Cluster"),
                            resource("Binding", verbs=["create"]),
                            resource("Event"),
                        ],
                    }
                ],
            }
        ]
    }
    apps = {
        "items": [
            {
                "metadata": {"name": "apps"},
                "versions": [
                    {"version": "v2", "resources": [resource("Deployment")]},
                    {"version": "v1", "resources": [resource("Deployment"), resource("StatefulSet")]},
                ],
            }
        ]
    }
    assert namespace_content.listable_kinds([core, apps]) == [
        ("v1", "Pod"),
        ("apps/v2", "Deployment"),
        ("apps/v1", "StatefulSet"),
    ]
