# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A LiteLLM that runs: its own PostgreSQL, the far providers, and one or more processes of LiteLLM on one database.

``with running() as litellm`` gives ``litellm.url`` and ``litellm.key`` (the master key). A start takes 20 s of processor.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
from sandbox.processes import Processes, free_ports

from . import far_providers, postgres, releases
from .postgres import Postgres
from .releases import OWNER, TEMPLATE, Release

SECONDS_TO_READY = 180
_numbers = itertools.count(1)


class LiteLLM:
    """A process of LiteLLM that answers at ``url``, with the master key ``key``, on the database at ``database_url``."""

    def __init__(self, name: str, url: str, key: str, database_url: str, processes: Processes):
        self.name, self.url, self.key, self.database_url = name, url, key, database_url
        self._processes = processes
        self._http = requests.Session()
        self._http.trust_env = False

    def call(self, method: str, path: str, body: Any = None, key: str | None = "") -> tuple[int, Any]:
        """Status and parsed JSON of a request; ``key`` is by default the master key, None: none is sent."""
        key = self.key if key == "" else key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        answer = self._http.request(method, self.url + path, json=body, headers=headers, timeout=60)
        try:
            return answer.status_code, answer.json()
        except ValueError:
            return answer.status_code, answer.text

    def is_ready(self) -> bool:
        """Whether it answers and its database does."""
        try:
            status, body = self.call("GET", "/health/readiness", key=None)
        except requests.RequestException:
            return False
        return status == 200 and isinstance(body, dict) and body.get("db") == "connected"

    def log(self) -> str:
        return (self._processes.log / f"{self.name}.log").read_text(errors="replace")

    def stop(self) -> None:
        self._processes.stop(self.name)


class Gateway:
    """A server of PostgreSQL and the far providers, in ``folder``, and what is started on them with one release."""

    def __init__(self, folder: Path, version: str = releases.CURRENT):
        self.folder = folder
        self.release: Release = releases.ensure(version)
        self.processes = Processes(folder)
        self.postgres = Postgres(postgres.scratch(), *free_ports(1))
        self.salt = f"sk-{secrets.token_hex(24)}"
        self._egress: dict[str, str] = {}

    @property
    def provider_keys(self) -> dict[str, list[str]]:
        """The keys that each far provider accepts."""
        return far_providers.keys(self.folder)

    @property
    def provider_admin(self) -> str:
        return far_providers.admin_url(self.folder)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.postgres.copy_of(self.release.data)
        self.postgres.start()
        self._egress = far_providers.start(self.folder, self.processes)

    def stop(self) -> None:
        """End everything that was started, and remove the database."""
        for name in self.processes.names():
            self.processes.stop(name)
        self.postgres.stop()
        shutil.rmtree(self.postgres.folder, ignore_errors=True)

    def new_database(self) -> str:
        """URL of a database with the tables of the release and nothing in them."""
        name = f"litellm_{next(_numbers)}"
        self.postgres.sql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {OWNER}")
        return self.postgres.url(name, (OWNER, self.postgres.password))

    def litellm(
        self,
        database_url: str | None = None,
        key: str | None = None,
        environment: Mapping[str, str] | None = None,
        config: Mapping[str, Any] | None = None,
        port: int | None = None,
    ) -> LiteLLM:
        """Start a process and return once it is ready; SystemExit with the end of its log where it does not get there.

        On a database of its own unless ``database_url`` is given, such as that of another one: two on one database are
        two replicas. ``config`` is the content of its configuration file.
        """
        (port,) = [port] if port else free_ports(1)
        name = f"litellm-{port}"
        key = key or f"sk-{secrets.token_hex(24)}"
        database_url = database_url or self.new_database()
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        command = [self.release.venv / "bin" / "litellm", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--telemetry", "False"]
        if config is not None:
            file = self.folder / f"{name}.json"
            file.touch(mode=0o600)
            file.write_text(json.dumps(config))
            command += ["--config", file]
        given = {
            "HOME": str(home),
            "DATABASE_URL": database_url,
            "LITELLM_MASTER_KEY": key,
            "LITELLM_SALT_KEY": self.salt,
            "UI_USERNAME": "admin",
            "UI_PASSWORD": key,
            "STORE_MODEL_IN_DB": "True",
            "DISABLE_SCHEMA_UPDATE": "true",
            "HF_HUB_OFFLINE": "1",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }
        path = {"PATH": os.pathsep.join([*map(str, self.release.path), os.environ["PATH"]])}
        environment = path | self.release.environment | self._egress | given | dict(environment or {})
        self.processes.start(name, command, environment)
        started = LiteLLM(name, f"http://127.0.0.1:{port}", key, database_url, self.processes)
        self.processes.wait_until(name, started.is_ready, SECONDS_TO_READY)
        return started


@contextlib.contextmanager
def gateway(version: str = releases.CURRENT) -> Iterator[Gateway]:
    """A started ``Gateway`` in a folder of its own, on which LiteLLM is started as often as a test needs it."""
    folder = Path(tempfile.mkdtemp(prefix="litellm-"))
    made = Gateway(folder, version)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(version: str = releases.CURRENT, **more: Any) -> Iterator[LiteLLM]:
    """One LiteLLM on a database of its own; ``more`` is for ``Gateway.litellm``."""
    with gateway(version) as made:
        yield made.litellm(**more)
