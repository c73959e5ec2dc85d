# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform makes for itself in generation A, its limits, and the names of its resources.

Imitated: the ConfigMap of tiers in namespace ``maas-api``, and limits of requests and tokens for each tier and user,
which every request through the gateway counts for, those included that MaaS itself sends to make its list.

Deviations: ``premium`` is group data-science (it is premium-users in what MaaS ships); the limits are generous unless
the fault ``shipped_limits`` is set, and there are no RateLimitPolicy objects; the ConfigMap is written at the start and
at a reset only.
"""

from __future__ import annotations

from typing import Any

import yaml

from ..kube import Kube

NAMESPACE = "maas-api"
CONFIG_MAP = "tier-to-group-mapping"
SERVICES = "serving.kserve.io/v1alpha1/llminferenceservices"
RESOURCES = [SERVICES]

#: Tier -> (requests, seconds), (tokens, seconds).
SHIPPED_LIMITS = {
    "free": ((5, 120), (100, 60)),
    "premium": ((20, 120), (50_000, 60)),
    "enterprise": ((50, 120), (100_000, 60)),
}
GENEROUS_LIMITS = dict.fromkeys(SHIPPED_LIMITS, ((10_000, 120), (1_000_000, 60)))


async def bootstrap(kube: Kube) -> None:
    """Put the platform's own objects in place."""
    metadata = {"name": CONFIG_MAP, "namespace": NAMESPACE, "labels": {"app.kubernetes.io/part-of": "maas-api"}}
    data = {"tiers": yaml.safe_dump(_tiers(), sort_keys=False)}
    await kube.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}, manager="maas-api")


def _tiers() -> list[dict[str, Any]]:
    groups = {"free": "system:authenticated", "premium": "data-science", "enterprise": "enterprise-users"}
    return [
        {"name": name, "displayName": f"{name.title()} Tier", "description": "", "level": level * 10, "groups": [group]}
        for level, (name, group) in enumerate(groups.items())
    ]
