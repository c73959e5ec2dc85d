# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make artifact``: what users install, built, installed, and imported as Galaxy and Automation Hub would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.dev_venv import CHECKOUT
from tools.kubernetes_core import ensure_kubernetes_core
from tools.sanity import copy_tree
from tools.venvs import ensure_venv

_REQUIREMENTS = CHECKOUT / "tests" / "requirements"


def build(scratch: Path, programs: Path) -> Path:
    """Build from a copy of what git would commit, so that nothing else of the checkout can get in."""
    source = scratch / "source"
    copy_tree(source)
    _run([programs / "ansible-galaxy", "collection", "build", source, "--output-path", scratch])
    (artifact,) = scratch.glob("*.tar.gz")
    return artifact


def install(artifact: Path, scratch: Path, programs: Path) -> None:
    """Install into an empty folder and let ansible find every playbook there by its name."""
    collections = scratch / "installed"
    (collections / "ansible_collections" / "kubernetes").mkdir(parents=True)
    shutil.copytree(ensure_kubernetes_core(), collections / "ansible_collections" / "kubernetes" / "core")
    _run([programs / "ansible-galaxy", "collection", "install", artifact, "--offline", "-p", collections])
    environment = os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(collections)}
    playbooks = sorted((CHECKOUT / "playbooks").glob("*.yml"))
    names = [f"llamastack.maas.{playbook.stem}" for playbook in playbooks]
    _run([programs / "ansible-playbook", "--syntax-check", *names], env=environment)


def import_check(artifact: Path, scratch: Path) -> None:
    """Run galaxy-importer; SystemExit where it says anything but that all is well."""
    environment = ensure_venv(_REQUIREMENTS / "galaxy-importer.txt")
    # The importer shows ansible-doc only the artifact; doc fragments of kubernetes.core are found on the Python path.
    root = ensure_kubernetes_core().parents[2]
    variables = os.environ | {"PATH": f"{environment / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(root)}
    command = [environment / "bin" / "python", "-m", "galaxy_importer.main", artifact]
    result = subprocess.run(
        command, cwd=scratch, env=variables, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    complaints = re.findall(r"^(?:ERROR|WARNING): .*$", result.stdout, re.MULTILINE)
    if result.returncode or complaints:
        raise SystemExit("\n".join(["galaxy-importer:", *(complaints or [result.stdout])]))


def _run(command: list[str | Path], **options) -> None:
    result = subprocess.run(
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    if result.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{result.stdout}")


def main() -> None:
    """Fails at the first thing that a user, or Galaxy, would refuse."""
    # The environment behind .venv, which does not see the working tree as .venv does.
    programs = ensure_venv(_REQUIREMENTS / "dev.txt") / "bin"
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        artifact = build(scratch, programs)
        print(f"built {artifact.name}, {artifact.stat().st_size // 1024} KiB")
        install(artifact, scratch, programs)
        print("installed it; every playbook is found by its name")
        import_check(artifact, scratch)
        print("galaxy-importer has nothing to say against it")


if __name__ == "__main__":
    main()
