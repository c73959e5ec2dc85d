# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that dump the databases to a volume, and that bring them back.

A backup is a folder with a dump of each database and a C(backup.json). It has its name, which is its time, only once it
is whole. What is needed to read it, the salt and the master key, is in it by the name of the Secret; of the salt there
are also the digits by which it is known, so that a restore beside another salt ends before it has begun.
"""

from __future__ import annotations

import json

from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import parts
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.parts import Installation, Object

BACKUPS = "/backups"
_SCRIPTS = "/etc/litemaas/backup"
_RESOURCES = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}}
# A Job that is over tells what was said for so long.
_SECONDS_KEPT = 7 * 24 * 3600

_LOGIN_SH = """\
# Has the programs log in to a database: those of $1 in capitals are the variables.
login() {
  for part in HOST PORT DATABASE USER PASSWORD; do eval "export PG$part=\\"\\${$1_PG$part:-}\\""; done
  eval "uri=\\"\\${$1_DATABASE_URI:-}\\""
}
capitals() { printf %s "$1" | tr a-z A-Z; }
backups() { ls -1 "$BACKUPS" | grep -E '^[0-9]{8}t[0-9]{6}z$' | sort; }
"""

_BACKUP_SH = """\
set -eu
# The group may read it, too: in another cluster a pod may have another user.
umask 007
. "$SCRIPTS/login.sh"
cd "$BACKUPS"
new=".$BACKUP_ID.part"
# Of runs that were killed.
rm -rf -- .*.part
mkdir -- "$new"
sizes=
for name in $DATABASES; do
  login "$(capitals "$name")"
  echo "Dumping the database of $name."
  pg_dump --no-password --format=custom --file="$new/$name.dump" --dbname="${uri:-$PGDATABASE}"
  # What cannot be read back is no backup.
  pg_restore --file=/dev/null "$new/$name.dump"
  size=$(wc -c < "$new/$name.dump")
  sizes="$sizes${sizes:+, }\\"$name\\": $((size))"
done
printf '{"id": "%s", "databases": {%s}, "salt_fingerprint": "%s", "secrets": %s, "images": %s}\\n' \\
  "$BACKUP_ID" "$sizes" "$SALT" "$SECRETS" "$IMAGES" > "$new/backup.json"
mv -- "$new" "$BACKUP_ID"
sync
if [ "$KEEP" -gt 0 ]; then
  backups | head -n "-$KEEP" | while read -r old; do
    echo "Deleting backup $old, for the newest $KEEP are kept."
    rm -rf -- "$old"
  done
fi
echo "result: {\\"backup\\": $(cat "$BACKUP_ID/backup.json"), \\"there\\": \\"$(backups | tr '\\n' ' ')\\"}"
"""

UNTOUCHED = "No database was changed."
"""The last line of a restore that failed and has changed nothing. Without it, what there is now is not known."""

_RESTORE_SH = """\
set -eu
. "$SCRIPTS/login.sh"
restored=
ended() {
  if [ "$1" -ne 0 ] && [ "$CHECK" != true ]; then
    if [ -z "$restored" ]; then echo "@UNTOUCHED@"; else echo "Restored before that:$restored."; fi
  fi
}
trap 'ended "$?"' EXIT
cd "$BACKUPS"
if [ ! -f "$BACKUP_ID/backup.json" ]; then
  there=$(backups | tr '\\n' ' ')
  echo "There is no backup $BACKUP_ID on this volume. There are: ${there:-none}"
  exit 1
fi
salt=$(sed -n 's/.*"salt_fingerprint": "\\([^"]*\\)".*/\\1/p' "$BACKUP_ID/backup.json")
if [ "$salt" != "$SALT" ]; then
  echo "The salt of Secret $SECRET is not the one of backup $BACKUP_ID: no key of a provider in it could be read." \\
    "Put the salt of then into the Secret before anything is restored."
  exit 1
fi
sql() { psql "$uri" --no-psqlrc --no-password --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$@"; }
for name in $DATABASES; do
  if [ ! -f "$BACKUP_ID/$name.dump" ]; then
    echo "Backup $BACKUP_ID has no dump of the database of $name."
    exit 1
  fi
  login "$(capitals "$name")"
  used=$(sql --file=- < "$SCRIPTS/used.sql")
  if [ -n "$used" ] && [ "$OVERWRITE" != true ]; then
    echo "The database of $name is in use: there is something in $(printf %s "$used" | tr '\\n' ' ')." \\
      "Nothing was changed. To lose it, set overwrite: true in litemaas_restore."
    exit 1
  fi
done
if [ "$CHECK" = true ]; then
  echo "Backup $BACKUP_ID can be restored."
  exit 0
fi
for name in $DATABASES; do
  login "$(capitals "$name")"
  tries=0
  while :; do
    others=$(sql --file="$SCRIPTS/others.sql")
    [ -n "$others" ] || break
    tries=$((tries + 1))
    if [ "$tries" -gt 90 ]; then
      echo "The database of $name is still worked on after three minutes, by $others. Stop that first."
      exit 1
    fi
    sleep 2
  done
done
for name in $DATABASES; do
  login "$(capitals "$name")"
  echo "Restoring the database of $name."
  # In one transaction: it is as it was in the backup, or as it was before.
  {
    echo 'BEGIN; SET LOCAL client_min_messages = warning;'
    cat "$SCRIPTS/empty.sql"
    pg_restore --no-owner --no-privileges --no-comments --file=- "$BACKUP_ID/$name.dump" \\
      && cat "$SCRIPTS/grant.sql" && echo 'COMMIT;' || echo 'The dump cannot be read.'
  } | sql --set reader="${LITEMAAS_PGUSER:-}" --file=- > /dev/null
  restored="$restored $name"
done
login LITELLM
counts=$(sql --file="$SCRIPTS/count.sql")
echo "result: {\\"id\\": \\"$BACKUP_ID\\", $counts}"
""".replace("@UNTOUCHED@", UNTOUCHED)

# Tables with a row that somebody would miss.
_USED_SQL = """\
SELECT string_agg(format('SELECT %L WHERE EXISTS (SELECT FROM public.%I)', tablename, tablename), ' UNION ALL '
    ORDER BY tablename)
  FROM pg_tables WHERE schemaname = 'public' AND tablename IN (
    'LiteLLM_ProxyModelTable', 'LiteLLM_TeamTable', 'LiteLLM_VerificationToken', 'LiteLLM_SpendLogs',
    'api_keys', 'subscriptions')
  HAVING count(*) > 0 \\gexec
"""

# Who else has a session. Programs that were stopped take a while to leave.
_OTHERS_SQL = """\
SELECT string_agg(DISTINCT format('%s from %s', usename, coalesce(host(client_addr), 'its host')), ', ')
  FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL;
"""

_EMPTY_SQL = """\
SELECT format('DROP %s IF EXISTS %s CASCADE',
    CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
    oid::regclass)
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S') \\gexec
SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure)
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole \\gexec
SELECT format('DROP TYPE IF EXISTS %s CASCADE', oid::regtype)
  FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd', 'r') \\gexec
"""

# LiteMaaS reads the models of LiteLLM, and it may do so again.
_GRANT_SQL = """\
SELECT format('GRANT SELECT ON ALL TABLES IN SCHEMA public TO %I', rolname)
  FROM pg_roles WHERE rolname = :'reader' AND rolname <> current_user \\gexec
SELECT format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO %I', rolname)
  FROM pg_roles WHERE rolname = :'reader' AND rolname <> current_user \\gexec
"""

_COUNT_SQL = """\
SELECT format('"models": %s, "keys": %s, "teams": %s',
  (SELECT count(*) FROM "LiteLLM_ProxyModelTable"), (SELECT count(*) FROM "LiteLLM_VerificationToken"),
  (SELECT count(*) FROM "LiteLLM_TeamTable"));
"""

FILES = {
    "login.sh": _LOGIN_SH,
    "backup.sh": _BACKUP_SH,
    "restore.sh": _RESTORE_SH,
    "used.sql": _USED_SQL,
    "others.sql": _OTHERS_SQL,
    "empty.sql": _EMPTY_SQL,
    "grant.sql": _GRANT_SQL,
    "count.sql": _COUNT_SQL,
}


def databases(installation: Installation) -> list[str]:
    """The databases there are, by the program whose they are."""
    return [name for name in ("litellm", "litemaas") if installation["database"]["logins"].get(name)]


def volume(installation: Installation, backup: Object) -> list[Object]:
    """The scripts, and the claim for the backups where it is one of ours."""
    found = [parts.config_map(names.DATABASE, names.BACKUP_CONFIG, installation, dict(FILES))]
    if not backup["claim"]:
        spec: Object = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": backup["storage"]}}}
        if backup["storage_class"]:
            spec["storageClassName"] = backup["storage_class"]
        meta = parts.metadata(names.DATABASE, names.BACKUPS_CLAIM, installation)
        found.append(parts.obj("v1", "PersistentVolumeClaim", meta, spec=spec))
    return found


def backup_job(installation: Installation, backup: Object, backup_id: str, salt: str) -> Object:
    """The Job that makes one backup. ``salt``: the digits by which it is known."""
    secrets = installation["secrets"]
    by_name = {
        "salt": f"{secrets['litellm']['name']}/{names.SALT_KEY}",
        "master_key": f"{secrets['litellm']['name']}/{names.MASTER_KEY}",
    }
    if installation["app"]:
        by_name["encryption_key"] = f"{secrets['backend']['name']}/{names.ENCRYPTION_KEY}"
    images = {"litellm": installation["image"], "database": installation["database"]["image"]}
    env = [
        parts.value("KEEP", str(backup["keep"])),
        parts.value("SECRETS", json.dumps(by_name)),
        parts.value("IMAGES", json.dumps(images)),
    ]
    return _job("backup", f"{names.BACKUP_JOB}{backup_id}", installation, backup, backup_id, salt, env)


def restore_job(
    installation: Installation, backup: Object, restore: Object, run_id: str, salt: str, check: bool = False
) -> Object:
    """The Job that brings the databases to what a backup holds, or with ``check`` only sees whether it can.

    ``run_id`` makes it another Job than that of another run.
    """
    env = [
        parts.value("CHECK", str(check).lower()),
        parts.value("OVERWRITE", str(restore["overwrite"]).lower()),
        parts.value("SECRET", installation["secrets"]["litellm"]["name"]),
    ]
    name = f"{names.RESTORE_JOB}{'check-' if check else ''}{run_id}"
    return _job("restore", name, installation, backup, restore["backup"], salt, env)


def _job(
    what: str, name: str, installation: Installation, backup: Object, backup_id: str, salt: str, env: list[Object]
) -> Object:
    scripts, scripts_mount = parts.config_volume(names.BACKUP_CONFIG, _SCRIPTS)
    tmp, tmp_mount = parts.writable()
    logins = {name: parts.login(installation, name) for name in databases(installation)}
    variables = [
        parts.value("BACKUPS", BACKUPS),
        parts.value("SCRIPTS", _SCRIPTS),
        parts.value("BACKUP_ID", backup_id),
        parts.value("SALT", salt),
        parts.value("DATABASES", " ".join(logins)),
        *env,
        *parts.libpq(installation["database"]["logins"]["litellm"]),
    ]
    for each in logins:
        variables += parts.login_variables(installation["database"]["logins"][each], f"{each.upper()}_")
    volume_of = {"name": "backups", "persistentVolumeClaim": {"claimName": backup["claim"] or names.BACKUPS_CLAIM}}
    container: Object = {
        "name": what,
        "image": installation["database"]["image"],
        "command": ["/bin/sh", f"{_SCRIPTS}/{what}.sh"],
        "env": variables,
        "volumeMounts": [
            {"name": "backups", "mountPath": BACKUPS},
            scripts_mount,
            tmp_mount,
            *logins["litellm"].mounts,
        ],
        "resources": _RESOURCES,
    }
    spec = {
        "restartPolicy": "Never",
        "initContainers": [logins["litellm"].wait],
        "containers": [container],
        "volumes": [volume_of, scripts, tmp, *logins["litellm"].volumes],
    }
    template = parts.pod_template(
        names.DATABASE,
        f"litemaas-{what}",
        installation,
        parts.postgres_user(installation),
        spec,
        **{names.LABEL_DATABASE_CLIENT: "true"},
    )
    return parts.obj(
        "batch/v1",
        "Job",
        parts.metadata(names.DATABASE, name, installation),
        spec={
            # It says at once why it cannot be done; whoever asked for it asks again.
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": _SECONDS_KEPT,
            "template": template,
        },
    )
