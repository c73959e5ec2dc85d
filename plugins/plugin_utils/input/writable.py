# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what a playbook is to write on the controller can be written there: seen before the first call, not after it."""

from __future__ import annotations

import os
import tempfile
import typing as t
from pathlib import Path

# The variables that name what is written, and the files that come into a folder.
FOLDERS: dict[str, tuple[str, ...]] = {
    "report_dir": ("validation.html", "validation.xml", "validation.json"),
    "render_dir": (),
}

_ROOM = 65536


def problem(variable: str, given: t.Any) -> str | None:
    """Why the value of C(variable), a folder where it is in C(FOLDERS), else a file, cannot be written to, or None."""
    path = Path(os.path.realpath(os.path.expanduser(str(given))))
    try:
        return _of_folder(path, FOLDERS[variable]) if variable in FOLDERS else _of_file(path)
    except OSError as error:
        return f"{path} cannot be looked at: {error.strerror}; give another path"


def _of_folder(path: Path, files: t.Iterable[str]) -> str | None:
    above = next(folder for folder in (path, *path.parents) if _exists(folder))
    if not above.is_dir():
        return f"{above} is no folder; give another path, or take it away"
    return _of_place(above) or next(filter(None, (_of_entry(above / name) for name in files if above == path)), None)


def _of_file(path: Path) -> str | None:
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}; make it, or give another path"
    return _of_entry(path) or _of_place(path.parent)


def _of_entry(path: Path) -> str | None:
    """Files are replaced whole, so that one that is there need not be writable."""
    return f"{path} is no file; give another path, or take it away" if _exists(path) and not path.is_file() else None


def _of_place(folder: Path) -> str | None:
    """By a file without a name: what a file system is said to allow is not what it does, least of all to root."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_ROOM))
            file.flush()
    except OSError as error:
        return f"nothing can be written in {folder}: {error.strerror}; give another path, or put that right"
    return None


def _exists(path: Path) -> bool:
    """Unlike that of C(Path), it raises where a name is too long, or a folder may not be entered."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
