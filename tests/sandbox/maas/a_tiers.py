# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiers of generation A: who is in which, and which may use a service. Pure functions.

Imitated: the ConfigMap ``tier-to-group-mapping``, the highest level wins, accounts of a tier's own namespace are in it;
what the annotation of a service means, and the Role and RoleBinding that the Open Data Hub model controller makes of
it.

Deviations: a broken annotation, or one that names a tier which does not exist, brings nothing, where the real webhook
may refuse it; names of more than 63 characters are shortened in a way of their own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

Object = dict[str, Any]

GATEWAY = "maas-default-gateway"
ANNOTATION = "alpha.maas.opendatahub.io/tiers"
MANAGER = "odh-model-controller"
RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True)
class Tier:
    """A tier; of several that a caller is in, the one of the highest level counts."""

    name: str
    display_name: str
    groups: tuple[str, ...]
    level: int

    @property
    def namespace(self) -> str:
        """Where the accounts of its users are."""
        return f"{GATEWAY}-tier-{self.name}"

    @property
    def accounts(self) -> str:
        """The group of these accounts."""
        return f"system:serviceaccounts:{self.namespace}"


def parse(text: str) -> list[Tier]:
    """The tiers of the ConfigMap's key ``tiers``, the highest first."""
    tiers = [
        Tier(each["name"], each.get("displayName", ""), tuple(each.get("groups") or ()), each.get("level", 0))
        for each in yaml.safe_load(text) or []
    ]
    return sorted(tiers, key=lambda tier: -tier.level)


def tier_of(tiers: Iterable[Tier], groups: Iterable[str]) -> Tier | None:
    """The tier of somebody in these groups."""
    groups = set(groups)
    return next((tier for tier in tiers if groups & {*tier.groups, tier.accounts}), None)


def admitted(service: Object, tiers: Iterable[Tier]) -> list[Tier] | None:
    """The tiers that may use a service: all of them for ``[]``; None where its annotation is absent or broken."""
    text = (service["metadata"].get("annotations") or {}).get(ANNOTATION)
    if text is None:
        return None
    try:
        names = json.loads(text)
    except ValueError:
        return None
    by_name = {tier.name: tier for tier in tiers}
    if not isinstance(names, list) or not all(isinstance(each, str) and each in by_name for each in names):
        return None
    return [by_name[name] for name in names or by_name]


def access_objects(service: Object, tiers: Iterable[Tier]) -> list[Object]:
    """The Role and the RoleBinding through which these tiers may use a service."""
    metadata = service["metadata"]
    role, binding = access_names(metadata["name"])
    owner = {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "LLMInferenceService",
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }

    def named(kind: str, name: str, **content: Any) -> Object:
        labels = {"app.kubernetes.io/managed-by": MANAGER}
        own = {"name": name, "namespace": metadata["namespace"], "labels": labels, "ownerReferences": [owner]}
        return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": own, **content}

    rule = {
        "apiGroups": ["serving.kserve.io"],
        "resources": ["llminferenceservices"],
        "resourceNames": [metadata["name"]],
        "verbs": ["post"],
    }
    subjects = [{"apiGroup": RBAC, "kind": "Group", "name": tier.accounts} for tier in tiers]
    return [
        named("Role", role, rules=[rule]),
        named("RoleBinding", binding, roleRef={"apiGroup": RBAC, "kind": "Role", "name": role}, subjects=subjects),
    ]


def access_names(service: str) -> tuple[str, str]:
    """Names of the Role and the RoleBinding of a service."""
    return _child(service, "-model-post-access"), _child(service, "-model-post-access-tier-binding")


def _child(parent: str, suffix: str) -> str:
    name = parent + suffix
    return name if len(name) <= 63 else parent[:31] + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
