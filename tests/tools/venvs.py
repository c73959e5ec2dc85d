# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments made from lock files and kept outside the checkout, one for each lock, interpreter and content."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_FIND_PYTHON = Path(__file__).with_name("find-python")
_COMPLETE = ".complete"


def cache_dir() -> Path:
    """The directory for what is downloaded or built: ``$XDG_CACHE_HOME/llamastack.maas``, default below ``~/.cache``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llamastack.maas"


def find_python(minimum: str, maximum: str) -> Path | None:
    """Path of an interpreter of version ``minimum`` to ``maximum`` (``"3.N"``, both included), None where none runs."""
    found = subprocess.run([_FIND_PYTHON, minimum, maximum], capture_output=True, text=True, check=False).stdout.strip()
    return Path(found) if found else None


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file ``path``; a second process waits until the first one is through."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(f"waiting for another process that prepares {path.stem}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def report(message: str) -> None:
    """Tell on standard error what is going on, so that standard output stays the result."""
    print(message, file=sys.stderr, flush=True)


def _install(environment: Path, lock: Path) -> None:
    """Install what ``lock`` names, and nothing else, with every hash checked; SystemExit after pip's own messages."""
    command = [environment / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input", "--no-deps"]
    if subprocess.run([*command, "--require-hashes", "--requirement", lock], check=False).returncode != 0:
        raise SystemExit(f"pip could not install {lock} into {environment}; its messages are above.")


def _digest(lock: Path, python: str) -> str:
    return hashlib.sha256(python.encode() + b"\0" + lock.read_bytes()).hexdigest()


def ensure_venv(lock: Path | str, python: Path | str | None = None) -> Path:
    """Return the cached environment that holds what ``lock`` names, made first where there is none yet.

    ``python`` is the interpreter to use, by default the one that runs this. Two processes may call it at once, and an
    environment whose making was killed half-way is made anew.
    """
    lock = Path(lock)
    python = os.path.realpath(python or sys.executable)
    environment = cache_dir() / "venvs" / f"{lock.stem}-{_digest(lock, python)[:12]}"
    with exclusive(environment.with_name(f"{environment.name}.lock")):
        if not (environment / _COMPLETE).exists():
            started = time.monotonic()
            report(f"making the {lock.stem} environment, which takes about half a minute: {environment}")
            shutil.rmtree(environment, ignore_errors=True)
            subprocess.run([python, "-m", "venv", environment], check=True)
            _install(environment, lock)
            (environment / _COMPLETE).touch()
            report(f"made the {lock.stem} environment in {time.monotonic() - started:.0f} s")
    return environment


def copy_venv(source: Path, environment: Path) -> None:
    """Make ``environment`` a copy of the cached environment ``source``; nothing is done where it is one."""
    marker = environment / _COMPLETE
    if marker.exists() and marker.read_text() == str(source):
        return
    report(f"copying {source} to {environment}")
    shutil.rmtree(environment, ignore_errors=True)
    subprocess.run([source / "bin" / "python", "-m", "venv", "--without-pip", environment], check=True)
    (packages,) = source.glob("lib/python3*/site-packages")
    subprocess.run(["cp", "-pR", packages, (environment / packages.relative_to(source)).parent], check=True)
    for script in (source / "bin").iterdir():
        target = environment / "bin" / script.name
        if script.is_file() and not target.exists():
            # The first line of a script names the interpreter of its own environment.
            target.write_bytes(script.read_bytes().replace(bytes(source), bytes(environment)))
            target.chmod(script.stat().st_mode)
    marker.write_text(str(source))
