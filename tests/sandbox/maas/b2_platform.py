# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform makes for itself in generation B2, and the names of its resources.

Imitated: the default objects that the MaaS controller bootstraps (Config, AITenant, MaasTenantConfig with their
status, the labels of the tenant's namespace); webhooks that refuse a policy or subscription in a namespace without a
MaasTenantConfig, and a reference whose tenant there is not (``admission``).

Deviation: the objects are written at the start and at a reset only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..kube import Kube
from .admission import Webhook
from .informers import Informers
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
    ]


def _platform(kind: str, name: str, namespace: str | None = None) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"app.kubernetes.io/managed-by": MANAGER}}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": _MAAS, "kind": kind, "metadata": metadata, "spec": {}}


def webhooks(informers: Informers) -> tuple[Webhook, ...]:
    """What refuses objects before they are stored."""

    def outside_a_tenant(obj: dict[str, Any]) -> str | None:
        namespace = obj["metadata"]["namespace"]
        if informers.list(TENANT_CONFIGS, namespace):
            return None
        return (
            f'namespace "{namespace}" is not enabled for MaaS tenant resources. '
            "Create a MaasTenantConfig CR in this namespace to enable it."
        )

    def of_no_tenant(obj: dict[str, Any]) -> str | None:
        tenant = obj["spec"].get("tenantRef")
        if not tenant or informers.get(TENANTS, tenant, AI_TENANTS):
            return None
        return f'spec.tenantRef "{tenant}" references AITenant that does not exist in namespace {AI_TENANTS}'

    return (
        Webhook("vmaasauthpolicy.kb.io", "maasauthpolicies", ("CREATE",), outside_a_tenant),
        Webhook("vmaassubscription.kb.io", "maassubscriptions", ("CREATE",), outside_a_tenant),
        Webhook("vmaasmodelref.kb.io", "maasmodelrefs", ("CREATE", "UPDATE"), of_no_tenant),
    )


def _condition(type_: str, status: bool, now: str) -> dict[str, Any]:
    return {
        "type": type_,
        "status": str(status),
        "reason": "Reconciled",
        "message": "",
        "lastTransitionTime": now,
    }
