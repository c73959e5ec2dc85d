# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kubernetes.core from PyPI: the collection is taken out of the wheel of the ``ansible`` package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tools.venvs import cache_dir, exclusive, report

_REQUIREMENTS = Path(__file__).parents[1] / "requirements"
NEWEST = _REQUIREMENTS / "kubernetes-core.txt"
OLDEST = _REQUIREMENTS / "kubernetes-core-oldest.txt"
_FOLDER = "ansible_collections/kubernetes/core/"


def ensure_kubernetes_core(lock: Path = NEWEST) -> Path:
    """Return the cached folder of the collection, fetched first (50 MB, hash checked) where there is none yet."""
    wheel_version = re.search(r"^ansible==(\S+)", lock.read_text(), re.MULTILINE)[1]
    root = cache_dir() / f"kubernetes.core-ansible-{wheel_version}"
    with exclusive(root.with_name(f"{root.name}.lock")):
        if not root.exists():
            report("fetching kubernetes.core (50 MB)")
            with tempfile.TemporaryDirectory(dir=root.parent) as scratch:
                _fetch(lock, Path(scratch)).rename(root)
    return root / _FOLDER


def _fetch(lock: Path, scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps", "--require-hashes"]
    if subprocess.run([*command, "--requirement", lock, "--dest", scratch], check=False).returncode != 0:
        raise SystemExit(f"pip could not download what {lock} names; its messages are above.")
    (wheel,) = scratch.glob("*.whl")
    unpacked = scratch / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked, [name for name in archive.namelist() if name.startswith(_FOLDER)])
    return unpacked


def add_collections(environment: Path, checkout: Path, lock: Path = NEWEST) -> None:
    """Let the ansible-core of ``environment`` see kubernetes.core and, as llamastack.maas, the working tree."""
    (site_packages,) = environment.glob("lib/python3*/site-packages")
    collections = site_packages / "ansible_collections"
    dependency = collections / "kubernetes" / "core"
    if not dependency.exists():
        shutil.copytree(ensure_kubernetes_core(lock), dependency)
    link = collections / "llamastack" / "maas"
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(f"maas.{os.getpid()}")
    fresh.symlink_to(checkout)
    fresh.replace(link)
