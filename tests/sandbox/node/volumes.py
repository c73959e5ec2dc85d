# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the files of a volume as a kubelet does: all of them change at one moment."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .podspec import File

_CURRENT = "..data"


def write(folder: Path, files: Mapping[str, File]) -> None:
    """Make ``folder`` hold exactly ``files`` (relative path -> file).

    The files lie in a hidden folder that ``..data`` points to; every visible name is a link through it, so that
    replacing that one link replaces all files at once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    current = folder / _CURRENT
    old = folder / os.readlink(current) if current.is_symlink() else None
    if old and _read(old) == dict(files):
        return
    new = Path(tempfile.mkdtemp(prefix="..", dir=folder))
    new.chmod(0o755)
    for path, file in files.items():
        target = new / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
        target.chmod(file.mode)
    link = folder / "..data_tmp"
    link.symlink_to(new.name)
    link.rename(current)
    names = {Path(path).parts[0] for path in files}
    for name in names:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"{_CURRENT}/{name}")
    for entry in folder.iterdir():
        if not entry.name.startswith("..") and entry.name not in names:
            entry.unlink()
    if old:
        shutil.rmtree(old)


def _read(folder: Path) -> dict[str, File]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): File(path.read_bytes(), path.stat().st_mode & 0o777) for path in paths}
