# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that an installation consists of, by phase, and the Secrets that are made once."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import (
    app,
    database,
    gateway,
    network,
    parts,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.parts import (
    Blueprint,
    Installation,
    Object,
)

NAMESPACE, SECRETS, DATABASE, MIGRATION, GATEWAY, APP = (
    "namespace",
    "secrets",
    "database",
    "migration",
    "gateway",
    "app",
)
PHASES = (NAMESPACE, SECRETS, DATABASE, MIGRATION, GATEWAY, APP)


def objects(phase: str, plan: Blueprint) -> list[Object]:
    """The objects of one phase. The phase of the Secrets has none: they are made by a module of their own."""
    if phase == NAMESPACE:
        return [parts.namespace_object(plan.installation)] if plan.installation["makes_namespace"] else []
    if phase == DATABASE:
        return [*network.objects(plan), *database.objects(plan)]
    if phase == MIGRATION:
        return gateway.migration(plan)
    if phase == GATEWAY:
        return gateway.objects(plan)
    if phase == APP:
        return [*app.exposed(plan), *app.objects(plan)]
    return []


def generated(installation: Installation) -> list[Object]:
    """The Secrets that are made once, as M(llamastack.maas.kube_secret_generate) takes them."""
    secrets = installation["secrets"]
    found = [
        _secret(
            names.GATEWAY,
            secrets["litellm"],
            installation,
            {
                names.MASTER_KEY: {"prefix": "sk-", "length": 48, "refuse": ["sk-1234"]},
                names.SALT_KEY: {"prefix": "sk-salt-", "length": 48, "fingerprint": True},
                names.UI_USERNAME: {"value": "admin"},
                names.UI_PASSWORD: {"length": 24},
            },
        )
    ]
    if not installation["database"]["external"]:
        passwords = (names.ADMIN_PASSWORD, names.LITELLM_PASSWORD, names.LITEMAAS_PASSWORD)
        fields = {name: {"length": 32} for name in passwords}
        found.append(_secret(names.DATABASE, secrets["database"], installation, fields))
    if installation["app"]:
        fields = {
            names.JWT_SECRET: {"length": 64},
            names.ADMIN_API_KEY: {"prefix": "ltm_admin_", "length": 40, "must_begin_with": "ltm_admin_"},
            names.ENCRYPTION_KEY: {"prefix": "sk-", "length": 48},
        }
        found.append(_secret(names.APP, secrets["backend"], installation, fields))
    return found


def _secret(part: str, given: t.Mapping[str, t.Any], installation: Installation, fields: Object) -> Object:
    return {
        "name": given["name"],
        "namespace": installation["namespace"],
        "labels": names.object_labels(part, installation),
        "existing": not given["managed"],
        "fields": fields,
    }


def salt_object(installation: Installation, fingerprint: str) -> Object:
    """What remembers which salt the database was filled with, and cannot be changed."""
    made = parts.config_map(names.DATABASE, names.LITELLM_SALT, installation, {names.FINGERPRINT: fingerprint})
    return {**made, "immutable": True}


_V1, _APPS, _POLICY, _NETWORK = "v1", "apps/v1", "policy/v1", "networking.k8s.io/v1"

# What any installation may consist of, by part. What holds data, or what data can be read with, goes last and on request.
_EVERYTHING: dict[str, tuple[tuple[str, str, str], ...]] = {
    names.APP: (
        (_APPS, "Deployment", names.BACKEND),
        (_APPS, "Deployment", names.FRONTEND),
        (_V1, "Service", names.BACKEND),
        (_V1, "Service", names.FRONTEND),
        (_V1, "ServiceAccount", names.BACKEND),
        (_V1, "Secret", names.OAUTH_TOKEN),
        (_V1, "Secret", names.OIDC_SECRET),
        ("route.openshift.io/v1", "Route", names.APP_ROUTE),
        (_NETWORK, "Ingress", names.APP_ROUTE),
        (_NETWORK, "NetworkPolicy", names.BACKEND),
        (_NETWORK, "NetworkPolicy", names.FRONTEND),
        (_POLICY, "PodDisruptionBudget", names.BACKEND),
        (_POLICY, "PodDisruptionBudget", names.FRONTEND),
    ),
    names.GATEWAY: (
        (_APPS, "Deployment", names.LITELLM),
        (_V1, "Service", names.LITELLM),
        (_V1, "ConfigMap", names.LITELLM_CONFIG),
        ("route.openshift.io/v1", "Route", names.LITELLM),
        (_NETWORK, "Ingress", names.LITELLM),
        (_NETWORK, "NetworkPolicy", names.LITELLM),
        (_POLICY, "PodDisruptionBudget", names.LITELLM),
    ),
    names.DATABASE: (
        (_APPS, "StatefulSet", names.POSTGRES),
        (_V1, "Service", names.POSTGRES),
        (_V1, "ConfigMap", names.DATABASES_CONFIG),
        (_NETWORK, "NetworkPolicy", names.POSTGRES),
        (_POLICY, "PodDisruptionBudget", names.POSTGRES),
        (_V1, "ConfigMap", names.BACKUP_CONFIG),
        (_V1, "Secret", names.ROTATION_DATABASE),
        (_V1, "Secret", names.ROTATION_MASTER_KEY),
        (_V1, "ConfigMap", names.LITELLM_SALT),
        (_V1, "PersistentVolumeClaim", names.claim_of()),
    ),
    names.SHARED: (
        (_NETWORK, "NetworkPolicy", network.DEFAULT_DENY),
        (_NETWORK, "NetworkPolicy", network.DATABASE_CLIENTS),
    ),
}


def everything(part: str, namespace: str, set_name: str, secrets: t.Mapping[str, t.Any]) -> list[Object]:
    """As much of all that a part may consist of as shows what it is and whose: for its removal, by nothing but names.

    With the part of the database go the Secrets that were made once: nothing else can read the data.
    """
    found = [(part, *each) for each in _EVERYTHING[part]]
    if part == names.DATABASE:
        owners = {"litellm": names.GATEWAY, "database": names.DATABASE, "backend": names.APP}
        made = ((owners[key], each["name"]) for key, each in secrets.items() if each["managed"])
        found += [(owner, _V1, "Secret", name) for owner, name in made]
    return [
        parts.obj(
            api_version,
            kind,
            {"name": name, "namespace": namespace, "labels": names.labels(owner, namespace, set_name)},
        )
        for owner, api_version, kind, name in found
    ]
