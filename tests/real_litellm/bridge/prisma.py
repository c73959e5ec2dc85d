# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the command ``prisma`` when LiteLLM runs: it applies the SQL that LiteLLM ships, with psql.

Imitated: ``migrate deploy`` with the table ``_prisma_migrations``, the lock and the error codes by which LiteLLM decides
(P1000, P1001, P1003, P3005, P3009, P3018); ``migrate resolve``; ``db execute --file``. ``migrate diff`` finds no difference.
LITELLM_PSQL names psql.

Deviates: each statement of a migration is a transaction of its own; checksums are not compared.
"""

import hashlib
import os
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

LOCK = 72707369
TABLE = """
CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
    migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);
"""
KEPT = ("sslmode", "sslrootcert", "connect_timeout")


def database():
    """The URL as psql takes it, without prisma's own parameters."""
    url = urlsplit(os.environ.get("DIRECT_URL") or os.environ["DATABASE_URL"])
    query = urlencode([(name, value) for name, value in parse_qsl(url.query) if name in KEPT])
    return url, urlunsplit(url._replace(query=query))


def psql(statements):
    """Run statements in one session; what they return, or SystemExit with prisma's code for what went wrong."""
    url, address = database()
    command = [os.environ.get("LITELLM_PSQL", "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", address]
    result = subprocess.run(command, input=statements, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return result.stdout
    said, where = result.stderr.strip(), f"`{url.hostname}`:`{url.port or 5432}`"
    if "authentication failed" in said or "no password supplied" in said:
        fail(f"P1000\n\nAuthentication failed against database server at {where}: {said}")
    if "does not exist" in said and "FATAL" in said:
        fail(f"P1003\n\nDatabase `{url.path[1:]}` does not exist on the database server at {where}.")
    if "FATAL" in said or "could not" in said or "connection to server" in said:
        fail(f"P1001\n\nCan't reach database server at {where}: {said}")
    fail(f"P3018\n\nA migration failed to apply.\n\nDatabase error:\n{said}")


def fail(text):
    print(f"Error: {text}", file=sys.stderr)
    raise SystemExit(1)


def started(name, script):
    checksum = hashlib.sha256(script.encode()).hexdigest()
    values = f"'{uuid.uuid4()}', '{checksum}', '{name}'"
    return f"INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ({values});\n"


def finished(name):
    values = "finished_at = now(), applied_steps_count = 1"
    return f"UPDATE _prisma_migrations SET {values} WHERE migration_name = '{name}' AND rolled_back_at IS NULL;\n"


def deploy():
    known = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename"
    tables, ledger = psql(f"{known} <> '_prisma_migrations'; {known} = '_prisma_migrations';").split()
    if int(tables) and not int(ledger):
        fail("P3005\n\nThe database schema is not empty.")
    entered = (
        "SELECT migration_name, started_at FROM _prisma_migrations WHERE rolled_back_at IS NULL AND finished_at IS"
    )
    failed = psql(f"{TABLE} {entered} NULL;").splitlines()
    if failed:
        name, _bar, since = failed[0].partition("|")
        fail(
            "P3009\n\nmigrate found failed migrations in the target database, new migrations will not be applied.\n"
            f"The `{name}` migration started at {since} failed"
        )
    done = [line.partition("|")[0] for line in psql(f"{entered} NOT NULL;").splitlines()]
    scripts = {file.parent.name: file.read_text() for file in sorted(Path("migrations").glob("*/migration.sql"))}
    pending = [name for name in scripts if name not in done]
    print(f"{len(scripts)} migrations found in prisma/migrations (applied by a stand-in for prisma, with psql)")
    if not pending:
        print("\nNo pending migrations to apply.")
        return
    # Whoever waited for the lock finds them applied.
    again = "SELECT count(*) > 0 AS done FROM _prisma_migrations WHERE rolled_back_at IS NULL AND migration_name"
    # LiteLLM of today holds it already, and says so.
    held = os.environ.get("PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK")
    statements = "" if held else f"SELECT pg_advisory_lock({LOCK});\n"
    for name in pending:
        statements += f"{again} = '{name}' \\gset\n\\if :done\n\\else\n{started(name, scripts[name])}"
        statements += f"{scripts[name]}\n;\n{finished(name)}\\endif\n"
    psql(statements)
    print("\n".join(f"Applying migration `{name}`" for name in pending))
    print("\nAll migrations have been successfully applied.")


def resolve(arguments):
    option, name = arguments
    if option == "--applied":
        psql(f"{TABLE} {started(name, '')} {finished(name)}")
    else:
        psql(f"{TABLE} UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = '{name}';")


def main():
    arguments = sys.argv[1:]
    if arguments[:2] == ["migrate", "deploy"]:
        deploy()
    elif arguments[:2] == ["migrate", "resolve"]:
        resolve(arguments[2:4])
    elif arguments[:3] == ["db", "execute", "--file"]:
        psql(Path(arguments[3]).read_text())
    elif arguments[:2] != ["migrate", "diff"] and "--version" not in arguments:
        fail(f"a stand-in for prisma runs here, which does not know: prisma {' '.join(arguments)}")


if __name__ == "__main__":
    main()
