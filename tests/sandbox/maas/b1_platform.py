# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform makes for itself in generation B1, and the names of its resources.

Imitated: the namespace of subscriptions and the Tenant ``default-tenant`` in it, Active.

Deviations: the objects are written at the start and at a reset only. Nothing of v0.1.1 that would refuse an object
beyond its schema was observed, so nothing does: a policy or subscription in another namespace is accepted and never
reconciled.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ..kube import Kube
from .resources import MANAGER, POLICIES, REFS, SERVICES, SUBSCRIPTIONS, TENANT

_MAAS = "maas.opendatahub.io/v1alpha1"
TENANTS = f"{_MAAS}/tenants"
DEFAULT_TENANT = "default-tenant"

RESOURCES = [REFS, POLICIES, SUBSCRIPTIONS, TENANTS, SERVICES]


async def bootstrap(kube: Kube) -> None:
    """Put the platform's own objects in place."""
    labels = {"app.kubernetes.io/managed-by": MANAGER}
    await kube.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": TENANT, "labels": labels}}, manager=MANAGER
    )
    metadata = {"name": DEFAULT_TENANT, "namespace": TENANT, "labels": labels}
    await kube.apply({"apiVersion": _MAAS, "kind": "Tenant", "metadata": metadata, "spec": {}}, manager=MANAGER)
    condition = {
        "type": "Ready",
        "status": "True",
        "reason": "Reconciled",
        "message": "",
        "lastTransitionTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    await kube.patch_status(TENANTS, DEFAULT_TENANT, {"phase": "Active", "conditions": [condition]}, TENANT)
