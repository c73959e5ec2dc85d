# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL: one server with two databases, each with a role of its own.

Databases, roles and passwords are made as they are to be at every start of the server, so they heal, and a password that
was changed in the Secret is that of the role as soon as the pod is started anew.
"""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import images, names
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import parts
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.parts import (
    Blueprint,
    Object,
)

SCRIPTS = "/etc/litemaas/databases"
_SCRIPT, _SQL = "databases.sh", "databases.sql"
# Of a second each: a server may read its log for long after a crash.
_TRIES = 600
_HERE = "--host=127.0.0.1"

_DATABASES_SH = f"""\
#!/bin/sh
# Brings the databases and roles of LiteLLM and LiteMaaS to what they are to be. Changes nothing that is so already.
# The arguments say where the server is.
set -u
export PGUSER=postgres PGDATABASE=postgres PGCONNECT_TIMEOUT=5 PGPASSWORD="$ADMIN_PASSWORD"
tries=0
# While an image makes a new database, it starts its server and stops it again.
until said=$(psql "$@" --no-psqlrc --no-password --quiet --set ON_ERROR_STOP=1 --file "{SCRIPTS}/{_SQL}" 2>&1); do
  tries=$((tries + 1))
  if [ "$tries" -ge {_TRIES} ]; then
    echo "$said" >&2
    exit 1
  fi
  sleep 1
done
"""

_DATABASES_SQL = f"""\
-- No password goes to the log of the server.
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
\\set litellm_password `printf %s "$LITELLM_PASSWORD"`
\\set litemaas_password `printf %s "$LITEMAAS_PASSWORD"`
\\set admin_password `printf %s "$ADMIN_PASSWORD"`
ALTER ROLE postgres PASSWORD :'admin_password';

SELECT 'CREATE ROLE {names.LITELLM_ROLE}'
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{names.LITELLM_ROLE}') \\gexec
ALTER ROLE {names.LITELLM_ROLE} LOGIN PASSWORD :'litellm_password';
SELECT 'CREATE ROLE {names.LITEMAAS_ROLE}'
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{names.LITEMAAS_ROLE}') \\gexec
ALTER ROLE {names.LITEMAAS_ROLE} LOGIN PASSWORD :'litemaas_password';

SELECT 'CREATE DATABASE {names.LITELLM_DATABASE} OWNER {names.LITELLM_ROLE}'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{names.LITELLM_DATABASE}') \\gexec
SELECT 'CREATE DATABASE {names.LITEMAAS_DATABASE} OWNER {names.LITEMAAS_ROLE}'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{names.LITEMAAS_DATABASE}') \\gexec
REVOKE CONNECT ON DATABASE {names.LITELLM_DATABASE}, {names.LITEMAAS_DATABASE} FROM PUBLIC;

-- LiteMaaS compares its models with those of LiteLLM, and only reads them.
GRANT CONNECT ON DATABASE {names.LITELLM_DATABASE} TO {names.LITEMAAS_ROLE};
\\connect {names.LITELLM_DATABASE}
GRANT SELECT ON ALL TABLES IN SCHEMA public TO {names.LITEMAAS_ROLE};
ALTER DEFAULT PRIVILEGES FOR ROLE {names.LITELLM_ROLE} IN SCHEMA public
  GRANT SELECT ON TABLES TO {names.LITEMAAS_ROLE};
"""


def objects(plan: Blueprint) -> list[Object]:
    """The server that is ours, none where the database is an external one."""
    installation = plan.installation
    if installation["database"]["external"]:
        return []
    scripts = parts.config_map(
        names.DATABASE, names.DATABASES_CONFIG, installation, {_SCRIPT: _DATABASES_SH, _SQL: _DATABASES_SQL}
    )
    server = parts.service(names.DATABASE, names.POSTGRES, installation, names.POSTGRES_PORT)
    budget = parts.disruption_budget(names.DATABASE, names.POSTGRES, installation)
    return [scripts, server, _stateful_set(plan, scripts), budget]


def _stateful_set(plan: Blueprint, scripts: Object) -> Object:
    installation = plan.installation
    database = installation["database"]
    claim: Object = {
        "metadata": {
            "name": names.POSTGRES_CLAIM,
            "labels": names.object_labels(names.DATABASE, installation),
        },
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": database["storage"]}},
        },
    }
    if database["storage_class"]:
        claim["spec"]["storageClassName"] = database["storage_class"]
    return parts.obj(
        "apps/v1",
        "StatefulSet",
        parts.metadata(names.DATABASE, names.POSTGRES, installation),
        spec={
            "serviceName": names.POSTGRES,
            "replicas": 1,
            "selector": {"matchLabels": names.pod_selector(names.POSTGRES, installation["set"])},
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
            "template": parts.pod_template(
                names.DATABASE,
                names.POSTGRES,
                installation,
                parts.postgres_user(installation),
                _pod(plan, parts.revision(scripts["data"], plan.revisions.get(database["secret"]))),
            ),
            "volumeClaimTemplates": [claim],
        },
    )


def _pod(plan: Blueprint, revision: str) -> Object:
    database = plan.installation["database"]
    family = images.postgres(database["image"])
    is_sclorg = family is not None and family.family == images.SCLORG
    secret, connections = database["secret"], str(database["max_connections"])
    scripts, scripts_mount = parts.config_volume(names.DATABASES_CONFIG, SCRIPTS)
    tmp, tmp_mount = parts.writable()
    socket, socket_mount = parts.writable("socket", "/var/run/postgresql")
    env = [
        parts.from_secret("ADMIN_PASSWORD", secret, names.ADMIN_PASSWORD),
        parts.from_secret("LITELLM_PASSWORD", secret, names.LITELLM_PASSWORD),
        parts.from_secret("LITEMAAS_PASSWORD", secret, names.LITEMAAS_PASSWORD),
    ]
    container: Object = {
        "name": "postgres",
        "image": database["image"],
        "env": env,
        "ports": [{"name": "postgresql", "containerPort": names.POSTGRES_PORT, "protocol": "TCP"}],
        "lifecycle": {"postStart": {"exec": {"command": ["/bin/sh", f"{SCRIPTS}/{_SCRIPT}", _HERE]}}},
        "volumeMounts": [
            {"name": names.POSTGRES_CLAIM, "mountPath": _data_directory(family)},
            scripts_mount,
            tmp_mount,
            socket_mount,
        ],
        "resources": database["resources"],
        **_probes(),
    }
    if is_sclorg:
        env += [
            parts.from_secret("POSTGRESQL_ADMIN_PASSWORD", secret, names.ADMIN_PASSWORD),
            parts.value("POSTGRESQL_MAX_CONNECTIONS", connections),
        ]
    else:
        env.append(parts.from_secret("POSTGRES_PASSWORD", secret, names.ADMIN_PASSWORD))
        if family is None or family.major < 18:
            # A volume is seldom empty: it may hold a folder lost+found, which the image refuses.
            env.append(parts.value("PGDATA", f"{_data_directory(family)}/pgdata"))
        container["args"] = ["postgres", "-c", f"max_connections={connections}"]
    env.append(parts.value(parts.REVISION, revision))
    return {
        "terminationGracePeriodSeconds": 60,
        "containers": [container],
        "volumes": [scripts, tmp, socket],
    }


def _data_directory(family: images.Postgres | None) -> str:
    if family and family.family == images.SCLORG:
        return "/var/lib/pgsql/data"
    return "/var/lib/postgresql/data" if family is None or family.major < 18 else "/var/lib/postgresql"


def _probes() -> Object:
    """A server that makes its database, or reads its log after a crash, may take long; one that is busy answers late."""
    ready = {"exec": {"command": ["pg_isready", _HERE, f"--port={names.POSTGRES_PORT}", "--timeout=5"]}}
    return {
        "startupProbe": parts.probe(period=5, timeout=10, failures=120, **ready),
        "readinessProbe": parts.probe(period=10, timeout=10, failures=3, **ready),
        "livenessProbe": parts.probe(period=20, timeout=10, failures=6, **ready),
    }
