# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How objects of generation B are described in the answers of its API."""

from __future__ import annotations

from datetime import datetime

from . import selection
from .selection import Object

#: Field of an answer -> annotation it comes from.
DISPLAY = {"display_name": "openshift.io/display-name", "description": "openshift.io/description"}
DETAILS = {
    "displayName": "openshift.io/display-name",
    "description": "openshift.io/description",
    "genaiUseCase": "opendatahub.io/genai-use-case",
    "contextWindow": "opendatahub.io/context-window",
}


def created(obj: Object) -> int:
    """When an object was made, in seconds since 1970."""
    return int(datetime.fromisoformat(obj["metadata"]["creationTimestamp"]).timestamp())


def subscription_of_entry(subscription: Object) -> Object:
    """A subscription inside an entry of /v1/models."""
    names = {"displayName": DISPLAY["display_name"], "description": DISPLAY["description"]}
    return {"name": subscription["metadata"]["name"], **selection.described(subscription, names)}


def subscription_entry(subscription: Object, model_refs: list[Object], undescribed: str = "") -> Object:
    """An item of /v1/subscriptions, around what a release tells of its models.

    :arg undescribed: the description of a subscription that has none.
    """
    display = selection.described(subscription, DISPLAY)
    entry = {
        "subscription_id_header": subscription["metadata"]["name"],
        "subscription_description": display.pop("description", undescribed),
        **display,
        "priority": selection.priority_of(subscription),
        "model_refs": model_refs,
    }
    metadata = subscription["spec"].get("tokenMetadata") or {}
    fields = {"organization_id": "organizationId", "cost_center": "costCenter", "labels": "labels"}
    return {**entry, **{field: metadata[name] for field, name in fields.items() if metadata.get(name)}}


def limits_of_model(named: Object) -> Object:
    """Limits and price that a subscription sets for a model."""
    entry: Object = {"token_rate_limits": named["tokenRateLimits"]}
    if "billingRate" in named:
        entry["billing_rate"] = {"per_token": named["billingRate"]["perToken"]}
    return entry
