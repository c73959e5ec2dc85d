# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release of LiteLLM needs before it can be started, made once and kept outside the checkout.

An environment with LiteLLM and its database client from PyPI, an engine for that client, and a data directory of
PostgreSQL with a migrated database, which is copied for each server and cloned in it.

prisma's own engine is used where its registry can be reached, else the stand-in in ``bridge``; what was chosen is printed
and stays with the environment. ``LITELLM_ENGINE=prisma`` or ``bridge`` chooses for an environment that has none yet.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from sandbox.processes import free_ports
from sandbox.toolchain import announced
from tools.venvs import cache_dir, ensure_venv, exclusive, find_python, report

from . import postgres
from .postgres import Postgres

CURRENT = "1.108.6"
#: The release that LiteMaaS 0.4.0 ships.
OLD = "1.81.0"
RELEASES = (CURRENT, OLD)

TEMPLATE = "litellm_template"
OWNER = "litellm"
_REQUIREMENTS = Path(__file__).parents[1] / "requirements"
_BRIDGE = Path(__file__).with_name("bridge")
_ENGINES = "https://binaries.prisma.sh/all_commits/ac9d7041ed77bcc8a8dbd2ab6616b39013829574"


@dataclass(frozen=True)
class Release:
    """A release that can be started. ``engine``: ``prisma`` or ``bridge``; ``data``: folder of a stopped server."""

    version: str
    venv: Path
    engine: str
    data: Path

    @property
    def packages(self) -> Path:
        return _packages(self.venv)

    @property
    def path(self) -> list[Path]:
        """The folders of its programs, among them ``prisma``, which LiteLLM calls for its migrations."""
        node = Path(shutil.which("node") or "/usr/bin/node").parent
        stand_in = [_ensure_bridge() / "bin"] if self.engine == "bridge" else []
        return [*stand_in, self.venv / "bin", node]

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this release has to find in its environment besides its programs on PATH."""
        return {"LITELLM_PSQL": str(postgres.programs() / "psql"), **_engine_environment(self.engine)}


def ensure(version: str) -> Release:
    """The release, made first where it is not there yet."""
    lock = _REQUIREMENTS / f"litellm-{version}.txt"
    python = find_python("3.12", "3.13")
    if python is None:
        raise SystemExit(f"LiteLLM {version} needs Python 3.12 or 3.13, and none of them starts on this machine")
    venv = ensure_venv(lock, python)
    engine = _ensure_client(version, venv)
    return Release(version, venv, engine, _ensure_template(version, venv))


def migrations(packages: Path) -> str:
    """The SQL that makes all tables of a release in an empty database."""
    files = sorted((packages / "litellm_proxy_extras" / "migrations").glob("*/migration.sql"))
    return "\n".join(file.read_text() for file in files)


def _packages(venv: Path) -> Path:
    (packages,) = venv.glob("lib/python3*/site-packages")
    return packages


def _ensure_client(version: str, venv: Path) -> str:
    """Generate the database client of an environment for an engine; returns the engine's name."""
    chosen = venv / ".engine"
    with exclusive(venv.with_name(f"{venv.name}.engine.lock")):
        if not chosen.exists():
            engine = os.environ.get("LITELLM_ENGINE") or ("prisma" if _has_own_engine() else "bridge")
            with announced(f"making the database client of LiteLLM {version}"):
                _generate(venv, engine)
            chosen.write_text(engine)
    engine = chosen.read_text()
    if engine == "bridge":
        _ensure_bridge()
    said = {"prisma": "prisma's own engine", "bridge": "a stand-in for prisma's engine, tests/real_litellm/bridge"}
    report(f"LiteLLM {version} reads its database through {said[engine]}")
    return engine


def _has_own_engine() -> bool:
    request = urllib.request.Request(f"{_ENGINES}/debian-openssl-3.0.x/query-engine.gz.sha256", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=10):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _generate(venv: Path, engine: str) -> None:
    environment = os.environ | _engine_environment(engine)
    environment["PATH"] = f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
    schema = _packages(venv) / "litellm" / "proxy" / "schema.prisma"
    _run([venv / "bin" / "prisma", "generate", "--schema", schema], environment, venv)


def _engine_environment(engine: str) -> dict[str, str]:
    environment = {"PRISMA_BINARY_CACHE_DIR": str(cache_dir() / "prisma")}
    if engine == "bridge":
        bridge = _ensure_bridge()
        environment["PRISMA_QUERY_ENGINE_BINARY"] = str(bridge / "query-engine")
        environment["PRISMA_SCHEMA_ENGINE_BINARY"] = str(bridge / "schema-engine")
    return environment


def _ensure_bridge() -> Path:
    """The stand-in with the packages that it needs."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(_BRIDGE.rglob("*")) if file.is_file()))
    folder = cache_dir() / "litellm" / f"bridge-{digest.hexdigest()[:12]}"
    with exclusive(folder.with_name(f"{folder.name}.lock")):
        if not (folder / ".complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(_BRIDGE, folder, ignore=shutil.ignore_patterns("node_modules"))
            with announced("installing what the stand-in for prisma's engine needs from npm"):
                _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], dict(os.environ), folder)
            (folder / ".complete").touch()
    return folder


def _ensure_template(version: str, venv: Path) -> Path:
    """The folder of a stopped server with the database ``TEMPLATE``, all of it owned by the role ``OWNER``."""
    digest = venv.name.rpartition("-")[2]
    folder = cache_dir() / "litellm" / f"database-{version}-{digest}-postgres-{postgres.version()}"
    with exclusive(folder.with_name(f"{folder.name}.lock")):
        if (folder / ".complete").exists():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        scratch = postgres.scratch()
        try:
            with announced(f"making the database of LiteLLM {version}"):
                server = Postgres(scratch / "server", *free_ports(1))
                server.create()
                server.start()
                try:
                    server.sql(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{server.password}'")
                    server.sql(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}")
                    server.sql(migrations(_packages(venv)), TEMPLATE, (OWNER, server.password))
                finally:
                    server.stop()
                shutil.copytree(server.folder, folder, symlinks=True)
            (folder / ".complete").touch()
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _run(command: list[str | Path], environment: dict[str, str], folder: Path) -> None:
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{(result.stdout + result.stderr)[-4000:]}")
