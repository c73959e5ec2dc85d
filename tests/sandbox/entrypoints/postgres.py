# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the entrypoints of PostgreSQL's images: sclorg's ``run-postgresql``, docker-library's ``docker-entrypoint.sh``.

Imitates, after sclorg/postgresql-container and docker-library/postgres: which variables they demand and in which words
they refuse to start without them; where data lies; roles, databases and passwords of the first start, and that sclorg's
applies passwords at every start while docker-library's never looks at them again; scripts of the first (and of every)
start; that nobody is asked for a password within the pod. All of it is done by the machine's own PostgreSQL.

Certificates that are named in its arguments are copied to where the server can read them.

Deviates: that is of another version than the image's, runs as ``postgres`` or ``nobody`` where root starts it, listens on
the pod's address only, and does not wait for the disk. Data that is not on a claim lies among the temporary files. No
replication, no upgrade (POSTGRESQL_UPGRADE ends it with 1), no pg_hba of the image's own, scripts run in a shell of theirs.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from real_litellm import postgres as server  # noqa: E402 (found where the line above says)

_SCLORG_USAGE = """\
For general container run, you must either specify the following environment
variables:
  POSTGRESQL_USER  POSTGRESQL_PASSWORD  POSTGRESQL_DATABASE
Or the following environment variable:
  POSTGRESQL_ADMIN_PASSWORD
Or both."""
_LIBRARY_USAGE = """\
Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended."""
_CERTIFICATES = ("ssl_ca_file", "ssl_cert_file", "ssl_key_file")
_PR_SET_PDEATHSIG = 1


class Refused(Exception):
    """The image would not start; the text is what it prints."""


def sclorg(environment: Mapping[str, str], first: bool) -> list[str]:
    """The SQL of a start of sclorg's image. May raise Refused."""
    names = ("POSTGRESQL_USER", "POSTGRESQL_PASSWORD", "POSTGRESQL_DATABASE")
    user, password, database = (environment.get(name, "") for name in names)
    admin = environment.get("POSTGRESQL_ADMIN_PASSWORD", "")
    given = [bool(user), bool(password), bool(database)]
    if any(given) != all(given) or not (all(given) or admin):
        raise Refused(_SCLORG_USAGE)
    if environment.get("POSTGRESQL_UPGRADE"):
        raise Refused("sandbox: POSTGRESQL_UPGRADE is not imitated")
    statements = []
    if first and user:
        statements += [f"CREATE ROLE {_name(user)} LOGIN", f"CREATE DATABASE {_name(database)} OWNER {_name(user)}"]
    if user:
        statements.append(f"ALTER ROLE {_name(user)} WITH ENCRYPTED PASSWORD {_text(password)}")
    if admin:
        statements.append(f"ALTER ROLE postgres WITH ENCRYPTED PASSWORD {_text(admin)}")
    return statements


def library(environment: Mapping[str, str], first: bool) -> list[str]:
    """The SQL of a start of docker-library's image: of the first one only. May raise Refused."""
    if not first:
        return []
    password = environment.get("POSTGRES_PASSWORD", "")
    if not password and environment.get("POSTGRES_HOST_AUTH_METHOD") != "trust":
        raise Refused(_LIBRARY_USAGE)
    user = environment.get("POSTGRES_USER") or "postgres"
    database = environment.get("POSTGRES_DB") or user
    statements = [f"ALTER ROLE {_name(user)} WITH ENCRYPTED PASSWORD {_text(password)}"] if password else []
    return statements + ([f"CREATE DATABASE {_name(database)}"] if database != "postgres" else [])


def options(environment: Mapping[str, str], family: str) -> list[str]:
    """Settings of the server that the image takes from its variables."""
    if family != "sclorg":
        return []
    known = {"POSTGRESQL_MAX_CONNECTIONS": "max_connections", "POSTGRESQL_SHARED_BUFFERS": "shared_buffers"}
    return [f"{setting}={environment[name]}" for name, setting in known.items() if environment.get(name)]


def with_files(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables, those of docker-library whose value is in a file (``…_FILE``) read from there."""
    read = {
        name.removesuffix("_FILE"): Path(file).read_text().rstrip("\n")
        for name, file in environment.items()
        if re.fullmatch(r"POSTGRES_(USER|PASSWORD|DB)_FILE", name)
    }
    return {**environment, **read}


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _say(text: str) -> None:
    print(text, flush=True)


class Start:
    """One start of the container."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.family = environment["SANDBOX_FAMILY"]
        self.programs = Path(environment["SANDBOX_POSTGRES"])
        self.socket = Path(environment["SANDBOX_SOCKET"])
        self.data = self._data()
        self.port = environment.get("PGPORT", "5432")
        self.admin = (environment.get("POSTGRES_USER") or "postgres") if self.family == "library" else "postgres"

    def run(self, arguments: list[str]) -> None:
        """Prepare the data and become the server."""
        as_whom = server.user().pw_name if server.user() else "the user of this sandbox"
        _say(
            f"sandbox: PostgreSQL {server.version()} of this machine stands in for {self.environment['SANDBOX_IMAGE']}; "
            f"it runs as {as_whom}, with data in {self.data}"
        )
        self.socket.mkdir(parents=True, exist_ok=True)
        server.hand_over(self.socket)
        first = not (self.data / "PG_VERSION").exists()
        statements = (sclorg if self.family == "sclorg" else library)(self.environment, first)
        if first:
            self._initialise()
        elif self.family == "library":
            _say("\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n")
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        scripts = self._scripts(first)
        if statements or scripts:
            self._prepare(statements, scripts)
        if first and self.family == "library":
            _say("\nPostgreSQL init process complete; ready for start up.\n")
        self._become(arguments)

    def _with_certificates(self, arguments: list[str]) -> list[str]:
        """The arguments, with copies of certificates and keys: those of a volume are not for the user of the server."""
        changed = []
        for argument in arguments:
            name, _equals, file = argument.removeprefix("--").partition("=")
            if name in _CERTIFICATES and file.startswith("/"):
                copy = self.socket / name
                copy.write_bytes(Path(file).read_bytes())
                copy.chmod(0o600)
                argument = argument.removesuffix(file) + str(copy)
            changed.append(argument)
        server.hand_over(self.socket)
        return changed

    def _data(self) -> Path:
        """On a claim it is where the pod says; elsewhere the user of the server might not get to it."""
        given = Path(self.environment["PGDATA"])
        claims = Path(self.environment["SANDBOX_VOLUMES"])
        return given if given.is_relative_to(claims) else self.socket.with_name(f"{self.socket.name}-data")

    def _initialise(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        server.hand_over(self.data)
        command = [self.programs / "initdb", f"--pgdata={self.data}", f"--username={self.admin}", "--no-sync"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=scram-sha-256"]
        self._as_server(command)
        method = "scram-sha-256"
        if self.environment.get("POSTGRES_HOST_AUTH_METHOD") == "trust":
            method = "trust"
        rules = self.data / "pg_hba.conf"
        rules.write_text(f"local all all trust\nhost all all all {method}\n")

    def _prepare(self, statements: list[str], scripts: list[Path]) -> None:
        """With the server reachable from within the pod only."""
        control = [self.programs / "pg_ctl", "-D", self.data, "-w", "-s"]
        settings = f"-p {self.port} -c listen_addresses='' -c unix_socket_directories={self.socket} -c fsync=off"
        self._as_server([*control, "-o", settings, "-l", self.socket / "start.log", "start"])
        try:
            for statement in statements:
                self._client([self.programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "postgres"], statement)
            for script in scripts:
                _say(f"sandbox: running {script.name}")
                shell = ["bash", script] if script.suffix == ".sh" else None
                self._client(shell or [self.programs / "psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", script])
        finally:
            self._as_server([*control, "-m", "fast", "stop"])

    def _scripts(self, first: bool) -> list[Path]:
        if self.family == "sclorg":
            names = ["SANDBOX_INIT_SCRIPTS"] if first else []
            names, suffixes = [*names, "SANDBOX_START_SCRIPTS"], {".sh"}
        else:
            names, suffixes = ["SANDBOX_INIT_SCRIPTS"] if first else [], {".sh", ".sql"}
        folders = [Path(self.environment[name]) for name in names]
        return [
            each
            for folder in folders
            if folder.is_dir()
            for each in sorted(folder.iterdir())
            if each.suffix in suffixes
        ]

    def _client(self, command: list[str | Path], given: str | None = None) -> None:
        database = self.environment.get("POSTGRES_DB") or self.admin
        environment = {**self.environment, "PGUSER": self.admin, "PGDATABASE": database, "PGPORT": self.port}
        environment |= {"PGHOST": str(self.socket)}
        subprocess.run(command, input=given, env=environment, text=True, check=True)

    def _as_server(self, command: list[str | Path]) -> None:
        subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, check=True, **server.run_as())

    def _become(self, arguments: list[str]) -> None:
        settings = [f"listen_addresses={self.environment['SANDBOX_ADDRESS']}", f"unix_socket_directories={self.socket}"]
        settings += [f"port={self.port}", "fsync=off", *options(self.environment, self.family)]
        command = [str(self.programs / "postgres"), "-D", str(self.data)]
        command += [word for setting in settings for word in ("-c", setting)] + self._with_certificates(arguments)
        os.chdir("/")
        if account := server.user():
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            # A process that changes its user outlives its parent unless it says again that it does not.
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.execve(command[0], command, self.environment)


def main() -> None:
    """Arguments: those of the container. A first one that is no option names what to run in place of the server."""
    arguments = sys.argv[1:]
    if arguments[:1] in (["postgres"], ["run-postgresql"], ["docker-entrypoint.sh"]):
        return Start(with_files(os.environ)).run(arguments[1:])
    if arguments and not arguments[0].startswith("-"):
        os.execvp(arguments[0], arguments)
    return Start(with_files(os.environ)).run(arguments)


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        raise SystemExit(str(refused)) from None
    except subprocess.CalledProcessError as failed:
        raise SystemExit(f"sandbox: {Path(failed.cmd[0]).name} ended with {failed.returncode}") from None
