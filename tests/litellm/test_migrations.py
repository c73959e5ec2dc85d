# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in for the command ``prisma``: migrations of LiteLLM on a real PostgreSQL, and the codes that LiteLLM reads."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_litellm import releases
from real_litellm.gateway import Gateway
from real_litellm.releases import OWNER

PRISMA = Path(releases.__file__).with_name("bridge") / "bin" / "prisma"


class Database:
    """An empty database, and prisma on it in a folder of two migrations."""

    def __init__(self, gateway: Gateway, folder: Path) -> None:
        self._gateway, self.folder = gateway, folder
        self.url = gateway.postgres.url("migrations", (OWNER, gateway.postgres.password))
        self.write("1_first", "CREATE TABLE first (id int);")
        # An index that no transaction can hold, as LiteLLM makes some.
        self.write("2_second", "CREATE INDEX CONCURRENTLY second ON first (id);")

    def write(self, name: str, statements: str) -> None:
        folder = self.folder / "migrations" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "migration.sql").write_text(statements)

    def prisma(self, *arguments: str, url: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        given = {"DATABASE_URL": url or f"{self.url}?connection_limit=10&pool_timeout=60", **environment}
        given |= {"PATH": os.environ["PATH"], **self._gateway.release.environment}
        return subprocess.run(
            [PRISMA, *arguments], cwd=self.folder, env=given, capture_output=True, text=True, check=False
        )

    def sql(self, statements: str) -> str:
        return self._gateway.postgres.sql(statements, "migrations")


@pytest.fixture
def database(gateway: Gateway, tmp_path: Path) -> Iterator[Database]:
    gateway.postgres.sql(f"CREATE DATABASE migrations OWNER {OWNER}")
    yield Database(gateway, tmp_path)
    gateway.postgres.sql("DROP DATABASE migrations WITH (FORCE)")


def test_pending_migrations_are_applied_once(database):
    done = database.prisma("migrate", "deploy")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Applying migration `1_first`\nApplying migration `2_second`" in done.stdout
    assert "No pending migrations to apply." in database.prisma("migrate", "deploy").stdout
    database.write("3_third", "ALTER TABLE first ADD COLUMN name text;")
    assert "Applying migration `3_third`" in database.prisma("migrate", "deploy").stdout
    ledger = database.sql("SELECT migration_name, finished_at IS NOT NULL, applied_steps_count FROM _prisma_migrations")
    assert ledger.splitlines() == ["1_first|t|1", "2_second|t|1", "3_third|t|1"]


def test_a_migration_that_fails_stops_all_until_it_is_resolved(database):
    database.write("3_third", "ALTER TABLE nowhere ADD COLUMN name text;")
    failed = database.prisma("migrate", "deploy")
    assert failed.returncode == 1 and "P3018" in failed.stderr and 'relation "nowhere" does not exist' in failed.stderr
    again = database.prisma("migrate", "deploy")
    assert again.returncode == 1 and "P3009" in again.stderr and "The `3_third` migration started at " in again.stderr
    assert database.prisma("migrate", "resolve", "--rolled-back", "3_third").returncode == 0
    database.write("3_third", "ALTER TABLE first ADD COLUMN name text;")
    assert "Applying migration `3_third`" in database.prisma("migrate", "deploy").stdout


def test_a_database_with_tables_of_others_is_left_alone(database):
    database.sql("CREATE TABLE others (id int)")
    refused = database.prisma("migrate", "deploy")
    assert refused.returncode == 1 and "P3005" in refused.stderr
    assert database.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == "others"


@pytest.mark.parametrize(
    ("pattern", "other", "code"),
    [(r"/migrations$", "/nothing", "P1003"), (r":\d+/", ":1/", "P1001"), (r"//litellm:", "//litellm:wrong", "P1000")],
)
def test_a_database_that_cannot_be_used_is_named_by_its_code(database, pattern, other, code):
    refused = database.prisma("migrate", "deploy", url=re.sub(pattern, other, database.url))
    assert refused.returncode == 1 and refused.stderr.startswith(f"Error: {code}")


def test_what_is_not_imitated_is_said(database):
    refused = database.prisma("db", "push")
    assert refused.returncode == 1 and "does not know: prisma db push" in refused.stderr
    assert database.prisma("migrate", "diff").stdout == ""
