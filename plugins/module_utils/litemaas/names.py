# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, labels and fields of everything that an installation of LiteMaaS is made of. They are public.

The names are those that people's commands use already, so they do not depend on anything but the namespace. The set's
label has a prefix, so that an instance set of MaaS with the same name, in the same namespace, never takes an object of
LiteMaaS for one of its own.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership

# The parts of an installation. As instance label, each object carries the part that it belongs to.
SHARED, DATABASE, GATEWAY, APP = "shared", "database", "gateway", "app"

POSTGRES = "postgres"
POSTGRES_CLAIM = "postgres-storage"
POSTGRES_PORT = 5432
DATABASES_CONFIG = "postgres-databases"

BACKUPS_CLAIM, BACKUP_CONFIG = "litemaas-backups", "litemaas-backup"
BACKUP_JOB, RESTORE_JOB, PASSWORDS_JOB = DATA_JOBS = ("litemaas-backup-", "litemaas-restore-", "litemaas-passwords-")
"""What the names of Jobs begin with that work on the data, each for one run."""
ROTATION_DATABASE, ROTATION_MASTER_KEY = "litemaas-rotation-database", "litemaas-rotation-master-key"

LITELLM = "litellm"
LITELLM_CONFIG = "litellm-config"
LITELLM_PORT = 4000
LITELLM_SALT = "litellm-salt"
MIGRATION = "litellm-migration"

BACKEND = "litemaas-backend"
FRONTEND = "litemaas-frontend"
APP_ROUTE = "litemaas"
APP_PORT = 8080
OAUTH_TOKEN = "litemaas-backend-token"

LITELLM_SECRET = "litellm-secret"
DATABASE_SECRET = "postgres-secret"
BACKEND_SECRET = "backend-secret"
OIDC_SECRET = "backend-oidc-secret"

# None of them is a place for anything else.
SECRETS = (LITELLM_SECRET, DATABASE_SECRET, BACKEND_SECRET, OIDC_SECRET, LITELLM_SALT, OAUTH_TOKEN)

MASTER_KEY, SALT_KEY = "LITELLM_MASTER_KEY", "LITELLM_SALT_KEY"
UI_USERNAME, UI_PASSWORD = "UI_USERNAME", "UI_PASSWORD"
ADMIN_PASSWORD, LITELLM_PASSWORD, LITEMAAS_PASSWORD = "POSTGRES_PASSWORD", "LITELLM_PASSWORD", "LITEMAAS_PASSWORD"
JWT_SECRET, ADMIN_API_KEY, ENCRYPTION_KEY = "JWT_SECRET", "ADMIN_API_KEY", "ENCRYPTION_KEY"
OAUTH_CLIENT_SECRET = "OAUTH_CLIENT_SECRET"
FINGERPRINT = "fingerprint"

# The databases of the server that we deploy, and the role that owns each.
LITELLM_ROLE, LITELLM_DATABASE = "litellm", "litellm_db"
LITEMAAS_ROLE, LITEMAAS_DATABASE = "litemaas", "litemaas_db"

# What a pod is selected by, and what a NetworkPolicy knows it by.
LABEL_APP = "app"
LABEL_DATABASE_CLIENT = "llamastack.maas/database-client"

_SET_PREFIX = "litemaas."
SET_MAX = 63 - len(_SET_PREFIX)


def set_label(name: str) -> str:
    """The value of the label by which everything of a set is known."""
    return f"{_SET_PREFIX}{name}"


def labels(part: str, namespace: str, set_name: str) -> dict[str, str]:
    """The labels of an object of one part of an installation."""
    return ownership.labels(part, namespace, set_label(set_name))


def object_labels(part: str, installation: t.Mapping[str, t.Any]) -> dict[str, str]:
    return labels(part, installation["namespace"], installation["set"])


def namespace_labels(installation: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Those of the namespace, which belongs to no part."""
    return ownership.labels(None, installation["namespace"], set_label(installation["set"]))


def pod_selector(app: str, set_name: str) -> dict[str, str]:
    """The labels that select the pods of one workload."""
    return {LABEL_APP: app, ownership.LABEL_SET: set_label(set_name)}


def claim_of(pod_number: int = 0) -> str:
    """The PersistentVolumeClaim that the StatefulSet's controller makes."""
    return f"{POSTGRES_CLAIM}-{POSTGRES}-{pod_number}"
