# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What gets new values in a rotation, where these are kept until they are proven, and the Job that gives roles their new passwords."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import renewed
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_data import DATABASE, MASTER_KEY
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import installation as manifests, parts
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.parts import Installation, Object

_RESOURCES = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}
_SECONDS_KEPT = 3600

# The roles of the server, by the field of the Secret that has their password, each with a database to log in to. The one
# that may do everything is the last: where the run is killed before, the others have theirs already.
_ROLES = (
    (names.LITELLM_PASSWORD, names.LITELLM_ROLE, names.LITELLM_DATABASE),
    (names.LITEMAAS_PASSWORD, names.LITEMAAS_ROLE, names.LITEMAAS_DATABASE),
    (names.ADMIN_PASSWORD, "postgres", "postgres"),
)

# Of what can be rotated the Secret, its fields, and the Secret with their new and old values.
_FIELDS = {
    DATABASE: ("database", tuple(name for name, _role, _database in _ROLES), names.ROTATION_DATABASE),
    MASTER_KEY: ("litellm", (names.MASTER_KEY,), names.ROTATION_MASTER_KEY),
}

_PASSWORDS_SH = """\
set -eu
lets_in() {
  PGPASSWORD="$2" psql --no-psqlrc --no-password --username="$1" --dbname="$3" --command='SELECT 1' > /dev/null 2>&1
}
change() {
  if lets_in "$1" "$NEW" "$2"; then
    echo "Role $1 has its new password already."
    return
  fi
  if ! lets_in "$1" "$OLD" "$2"; then
    echo "The server lets role $1 in neither by its old password nor by its new one. Nothing of it was changed."
    exit 1
  fi
  # A role may change its own password, and no password is part of a command line or of a log.
  PGPASSWORD="$OLD" psql --no-psqlrc --no-password --quiet --username="$1" --dbname="$2" \\
    --set ON_ERROR_STOP=1 --file=- > /dev/null <<'SQL'
\\set new `printf %s "$NEW"`
ALTER ROLE CURRENT_USER PASSWORD :'new';
SQL
  if ! lets_in "$1" "$NEW" "$2"; then
    echo "The server does not let role $1 in by the new password that it was given."
    exit 1
  fi
  echo "Role $1 has its new password."
}
"""


def renewal(installation: Installation, what: str) -> Object:
    """The fields that get new values, as M(llamastack.maas.kube_secret_renew) takes them."""
    secret, fields, kept = _FIELDS[what]
    name = installation["secrets"][secret]["name"]
    generated = next(each for each in manifests.generated(installation) if each["name"] == name)
    return {
        "keep": {
            "name": kept,
            "namespace": installation["namespace"],
            "labels": names.object_labels(names.DATABASE, installation),
        },
        "secrets": [{**generated, "fields": {field: generated["fields"][field] for field in fields}}],
    }


def passwords_job(installation: Installation, run_id: str) -> Object:
    """The Job by which each role of the server gets its new password; a role that has it already is left alone."""
    secret, kept = installation["database"]["secret"], names.ROTATION_DATABASE
    tmp, tmp_mount = parts.writable()
    login = installation["database"]["logins"]["litellm"]
    env = [
        parts.value("PGHOST", str(login["host"])),
        parts.value("PGPORT", str(login["port"])),
        *parts.libpq(login),
    ]
    script = [_PASSWORDS_SH]
    for field, role, database in _ROLES:
        for which in (renewed.NEW, renewed.OLD):
            env.append(parts.from_secret(f"{which.upper()}_{field}", kept, renewed.field(secret, field, which)))
        script.append(f'export NEW="$NEW_{field}" OLD="$OLD_{field}"; change {role} {database}\n')
    container: Object = {
        "name": "passwords",
        "image": installation["database"]["image"],
        "command": ["/bin/sh", "-c", "".join(script)],
        "env": env,
        "volumeMounts": [tmp_mount],
        "resources": _RESOURCES,
    }
    template = parts.pod_template(
        names.DATABASE,
        "litemaas-passwords",
        installation,
        parts.postgres_user(installation),
        {"restartPolicy": "Never", "containers": [container], "volumes": [tmp]},
        **{names.LABEL_DATABASE_CLIENT: "true"},
    )
    return parts.obj(
        "batch/v1",
        "Job",
        parts.metadata(names.DATABASE, f"{names.PASSWORDS_JOB}{run_id}", installation),
        spec={"backoffLimit": 0, "ttlSecondsAfterFinished": _SECONDS_KEPT, "template": template},
    )
