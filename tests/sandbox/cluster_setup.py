# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster administrator has set up before anybody runs the collection: of OpenShift AI, or of a cluster without.

Namespaces, a default storage class, users and their rights; with MaaS its gateway, without it a class of ingress. The
gateway takes routes of every namespace in generations A and B1; in B2 only those of namespaces that carry its label, as
newer platforms have it.

Deviations: users are static tokens of the API server; model namespaces are made here because the two users without
cluster rights need them; every namespace gets ConfigMap ``odh-trusted-ca-bundle`` from ``trusted_ca.py``, as the Open
Data Hub operator does it.
"""

from __future__ import annotations

from . import router
from .maas.resources import GATEWAY, TENANT
from .maas.routes import CONTROLLER
from .node.claims import storage_class

ADMITTED = {"maas.opendatahub.io/gateway-access": "true"}
NAMESPACES = {
    "a": ("openshift-ingress", "maas-api"),
    "b1": ("openshift-ingress", TENANT),
    "b2": ("openshift-ingress", TENANT, "ai-tenants"),
    "none": (),
}

USERS = {
    "project": [],  # admin of the model namespace, nothing else
    "platform": [],  # the platform half of a registration, nothing else
    "alice": ["data-science"],  # a consumer of models
    "mallory": [],  # authenticated, in no group
}


def objects(state: dict) -> list[dict]:
    """Everything, in one list for server-side apply."""
    generation = state["generation"]
    admitted = ADMITTED if generation == "b2" else {}
    return [
        *(_namespace(name) for name in NAMESPACES[generation]),
        *(_namespace(name, admitted) for name in state["namespaces"]),
        *(_gateway(state) if generation != "none" else [router.ingress_class()]),
        storage_class("standard", default=True),
        *_aggregated_roles(),
        *_platform_user(),
        *(_tenant_admin() if TENANT in NAMESPACES[generation] else []),
        *_project_user(state["namespaces"][0]),
    ]


def _namespace(name: str, labels: dict | None = None) -> dict:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels or {}}}


def _gateway(state: dict) -> list[dict]:
    """The class and the gateway; who plays the gateway sets their status."""
    gateway_class = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "GatewayClass",
        "metadata": {"name": "openshift-default"},
        "spec": {"controllerName": CONTROLLER},
    }
    selector = {"from": "Selector", "selector": {"matchLabels": ADMITTED}}
    listener = {
        "name": "https",
        "hostname": state["host"],
        "port": state["ports"]["gateway"],
        "protocol": "HTTPS",
        "tls": {"mode": "Terminate", "certificateRefs": [{"name": "default-gateway-cert"}]},
        "allowedRoutes": {"namespaces": selector if state["generation"] == "b2" else {"from": "All"}},
    }
    gateway = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": dict(zip(("name", "namespace"), GATEWAY, strict=True)),
        "spec": {"gatewayClassName": "openshift-default", "listeners": [listener]},
    }
    return [gateway_class, gateway]


def _aggregated_roles() -> list[dict]:
    """What KServe, MaaS and OpenShift, with its Routes, add to the roles admin and edit."""
    labels = {f"rbac.authorization.k8s.io/aggregate-to-{role}": "true" for role in ("admin", "edit")}
    serving = [_rule("serving.kserve.io", ["llminferenceservices"]), _rule("maas.opendatahub.io", ["maasmodelrefs"])]
    routes = [
        _rule("route.openshift.io", ["routes"]),
        _rule("route.openshift.io", ["routes/custom-host"], ["create"]),
        _rule("route.openshift.io", ["routes/status"], ["get", "list", "watch"]),
    ]
    return [_cluster_role("serving-owner", serving, labels), _cluster_role("route-owner", routes, labels)]


def _platform_user() -> list[dict]:
    namespaces = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list", "create", "patch"]}
    gateways = _rule("gateway.networking.k8s.io", ["gateways"], ["get", "list"])
    return [
        _cluster_role("maas-platform", [namespaces, gateways]),
        _binding("ClusterRoleBinding", "maas-platform", "ClusterRole", "maas-platform", "platform"),
    ]


def _tenant_admin() -> list[dict]:
    tenants = [_rule("maas.opendatahub.io", ["maasauthpolicies", "maassubscriptions"])]
    metadata = {"name": "maas-tenant-admin", "namespace": TENANT}
    return [
        {**_cluster_role("maas-tenant-admin", tenants), "kind": "Role", "metadata": metadata},
        _binding("RoleBinding", "maas-tenant-admin", "Role", "maas-tenant-admin", "platform", TENANT),
    ]


def _project_user(namespace: str) -> list[dict]:
    return [_binding("RoleBinding", "project-admin", "ClusterRole", "admin", "project", namespace)]


def _rule(group: str, resources: list[str], verbs: list[str] | None = None) -> dict:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs or ["*"]}


def _cluster_role(name: str, rules: list[dict], labels: dict | None = None) -> dict:
    metadata = {"name": name, "labels": labels or {}}
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": metadata, "rules": rules}


def _binding(kind: str, name: str, role_kind: str, role: str, user: str, namespace: str | None = None) -> dict:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role_kind, "name": role},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    }
