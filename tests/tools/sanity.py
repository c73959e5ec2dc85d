# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make sanity``: ansible-test's sanity tests on a copy of the working tree, laid out as ansible-test wants it."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.dev_venv import CHECKOUT
from tools.kubernetes_core import ensure_kubernetes_core

# Fewer tests than ansible-test has means that it found nothing to test, which it reports as success.
MINIMUM = 20


def copy_tree(target: Path) -> None:
    """Copy the files of the working tree that git has or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listing.split("\0")):
        source = CHECKOUT / name
        if source.exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name, follow_symlinks=False)


def stage(root: Path) -> Path:
    """Lay the working tree out below ``root`` with kubernetes.core beside it, and return its folder."""
    collections = root / "ansible_collections"
    copy = collections / "llamastack" / "maas"
    copy_tree(copy)
    # Without a repository of its own, ansible-test would ask an enclosing one, and find nothing.
    subprocess.run(["git", "init", "--quiet", copy], check=True)
    (collections / "kubernetes").mkdir()
    (collections / "kubernetes" / "core").symlink_to(ensure_kubernetes_core())
    return copy


def provide_get_pip() -> None:
    """Put the stand-in where ansible-test looks before it downloads the one thing it needs that is not on PyPI."""
    package = Path(importlib.util.find_spec("ansible_test").origin or "").parent
    source = (package / "_internal" / "python_requirements.py").read_text()
    version = re.search(r"\bpip='([\d.]+)'", source)[1]
    cached = Path.home() / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    if not cached.exists():
        cached.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(__file__).with_name("get_pip.py"), cached)


def run(copy: Path) -> tuple[int, int]:
    """Run the tests in ``copy``, showing their output; returns the exit code and how many tests ran."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = [Path(sys.executable).with_name("ansible-test"), "sanity", "--local", "--python", python, *sys.argv[1:]]
    started = 0
    with subprocess.Popen(command, cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            started += line.startswith("Running sanity test")
    return process.returncode, started


def main() -> None:
    """Arguments are handed to ``ansible-test sanity``, for example ``--test pylint``."""
    provide_get_pip()
    with tempfile.TemporaryDirectory() as root:
        code, started = run(stage(Path(root)))
    print(f"{started} sanity tests ran")
    if code or (started < MINIMUM and not sys.argv[1:]):
        raise SystemExit(code or f"ansible-test found only {started} tests to run, at least {MINIMUM} are expected.")


if __name__ == "__main__":
    main()
