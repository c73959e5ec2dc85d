# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform makes for itself in generation B2, and the names of its resources.

Imitated: the default objects that the MaaS controller bootstraps (Config, AITenant, MaasTenantConfig with their
status, the labels of the tenant's namespace) and the refusal of policies and subscriptions in a namespace that is no
tenant's.

Deviations: the refusal is a ValidatingAdmissionPolicy on the namespace's label, where the real webhook looks for the
MaasTenantConfig and is also there for MaaSModelRefs; a webhook that does not answer is not imitated; the objects are
written at the start and at a reset only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..kube import Kube
from .resources import GATEWAY, MANAGER, POLICIES, REFS, SERVICES, SUBSCRIPTIONS, TENANT

AI_TENANTS = "ai-tenants"
TENANT_CONFIG = "default-tenant"
TENANT_LABEL = "ai-gateway.opendatahub.io/tenant"

_MAAS = "maas.opendatahub.io/v1alpha1"
TENANT_CONFIGS = f"{_MAAS}/maastenantconfigs"
TENANTS = f"{_MAAS}/aitenants"

RESOURCES = [REFS, POLICIES, SUBSCRIPTIONS, TENANT_CONFIGS, TENANTS, SERVICES]


async def bootstrap(kube: Kube) -> None:
    """Put the platform's own objects in place."""
    for obj in _objects():
        await kube.apply(obj, manager=MANAGER)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    gateway = {"name": GATEWAY[0], "namespace": GATEWAY[1]}
    tenant_status = {
        "phase": "Active",
        "tenantNamespace": TENANT,
        "gatewayRef": gateway,
        "conditions": [_condition("Ready", True, now)],
    }
    await kube.patch_status(TENANTS, TENANT, tenant_status, AI_TENANTS)
    types = ("Ready", "DependenciesAvailable", "MaaSPrerequisitesAvailable", "DeploymentsAvailable")
    config_status = {
        "phase": "Active",
        "infraNamespace": "redhat-ai-gateway-infra",
        "conditions": [*(_condition(each, True, now) for each in types), _condition("Degraded", False, now)],
    }
    await kube.patch_status(TENANT_CONFIGS, TENANT_CONFIG, config_status, TENANT)


def _objects() -> list[dict[str, Any]]:
    labels = {"maas.opendatahub.io/gateway-access": "true", TENANT_LABEL: TENANT}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": TENANT, "labels": labels}},
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": AI_TENANTS}},
        _platform("Config", "default"),
        {**_platform("AITenant", TENANT, AI_TENANTS), "spec": {"gateway": {"name": GATEWAY[0]}}},
        _platform("MaasTenantConfig", TENANT_CONFIG, TENANT),
        *_admission(),
    ]


def _platform(kind: str, name: str, namespace: str | None = None) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"app.kubernetes.io/managed-by": MANAGER}}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": _MAAS, "kind": kind, "metadata": metadata, "spec": {}}


def _admission() -> list[dict[str, Any]]:
    name = "maas-tenant-namespaces"
    rule = {
        "apiGroups": ["maas.opendatahub.io"],
        "apiVersions": ["*"],
        "operations": ["CREATE"],
        "resources": ["maasauthpolicies", "maassubscriptions"],
    }
    message = (
        "'namespace \"' + namespaceObject.metadata.name + '\" is not enabled for MaaS tenant resources. "
        "Create a MaasTenantConfig CR in this namespace to enable it.'"
    )
    labels = "namespaceObject.metadata.labels"
    policy = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [rule]},
        "validations": [
            {
                "expression": f"has({labels}) && '{TENANT_LABEL}' in {labels}",
                "messageExpression": message,
                "reason": "Forbidden",
            }
        ],
    }
    version = "admissionregistration.k8s.io/v1"
    binding = {"policyName": name, "validationActions": ["Deny"]}
    return [
        {"apiVersion": version, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name}, "spec": policy},
        {
            "apiVersion": version,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": name},
            "spec": binding,
        },
    ]


def _condition(type_: str, status: bool, now: str) -> dict[str, Any]:
    return {
        "type": type_,
        "status": str(status),
        "reason": "Reconciled",
        "message": "",
        "lastTransitionTime": now,
    }
