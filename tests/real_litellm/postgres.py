# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine's own PostgreSQL as a server of a test: a data directory, a port, a password, and databases in it."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

_FIND = Path(__file__).parents[1] / "tools" / "find-postgres"
ADMIN = "postgres"


def programs() -> Path:
    """The folder of ``postgres``, ``initdb``, ``psql`` and the rest of the same release; SystemExit where none is."""
    found = subprocess.run([_FIND], capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        raise SystemExit("This machine has no PostgreSQL: apt-get install postgresql, or POSTGRES_BIN=/path/to/bin")
    return Path(found)


def version() -> str:
    """Such as ``15.18``."""
    printed = subprocess.run([programs() / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return printed.split()[2]


def user() -> pwd.struct_passwd | None:
    """As whom the programs of the server run, which refuse root; None: as whoever runs this."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def run_as() -> dict[str, Any]:
    """What ``subprocess`` needs to run a program of the server."""
    account = user()
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def hand_over(folder: Path) -> None:
    """Give a folder and all in it to that user."""
    if account := user():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def scratch() -> Path:
    """A new folder that the user of the server can get to, among the temporary files."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    folder.chmod(0o711)
    return folder


class Postgres:
    """A server in ``folder``: ``data``, ``log`` and ``password`` (of its superuser, mode 0600) lie there.

    It listens on 127.0.0.1 only, and asks everybody for a password.
    """

    def __init__(self, folder: Path, port: int):
        self.folder, self.port = folder, port
        self.data = folder / "data"
        self._programs = programs()

    @property
    def password(self) -> str:
        return (self.folder / "password").read_text().strip()

    def create(self) -> None:
        """Make the data directory."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "password"
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
        hand_over(self.folder)
        options = [f"--pgdata={self.data}", f"--username={ADMIN}", f"--pwfile={file}", "--auth=scram-sha-256"]
        self._run("initdb", *options, "--encoding=UTF8", "--locale=C", "--no-sync")

    def copy_of(self, other: Path) -> None:
        """Make this server's folder a copy of that of a server that does not run."""
        shutil.copytree(other, self.folder, symlinks=True, dirs_exist_ok=True)
        hand_over(self.folder)

    def start(self) -> None:
        """Start it and wait until it can be used; what it said is the message where it does not come up."""
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        log = self.folder / "log"
        try:
            self._run(
                "pg_ctl", "start", "-w", "-s", "-D", self.data, "-l", log, "-o", f"{settings} -c max_connections=200"
            )
        except SystemExit as error:
            said = log.read_text(errors="replace")[-3000:] if log.exists() else "(no log)"
            raise SystemExit(f"{error}\nthe end of {log}:\n{said}") from None

    def stop(self) -> None:
        """End it, and every session in it."""
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-w", "-s", "-D", self.data, "-m", "fast")

    def sql(self, statements: str, database: str = "postgres", login: tuple[str, str] | None = None) -> str:
        """Run statements, all or nothing of each; returns rows as lines with fields between ``|``."""
        name, password = login or (ADMIN, self.password)
        command = [self._programs / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        command += ["-p", str(self.port), "-U", name, "-d", database]
        environment = {"PATH": os.environ["PATH"], "PGPASSWORD": password}
        result = subprocess.run(command, input=statements, env=environment, capture_output=True, text=True, check=False)
        if result.returncode:
            raise SystemExit(f"psql on {database} failed:\n{result.stderr[-3000:]}")
        return result.stdout.strip()

    def url(self, database: str, login: tuple[str, str]) -> str:
        return f"postgresql://{login[0]}:{login[1]}@127.0.0.1:{self.port}/{database}"

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        # The server keeps what it was started with: its output goes to a file, or whoever reads ours waits for its end.
        log = self.folder / f"{program}.log"
        with log.open("wb") as written:
            result = subprocess.run(
                command,
                cwd="/",
                env={"PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                check=False,
                **run_as(),
            )
        if result.returncode:
            raise SystemExit(f"{program} failed:\n{log.read_text(errors='replace')[-3000:]}")
