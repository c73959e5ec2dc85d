# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a directory of rendered files.

A file is ours when its first line is the header of this rendering, which names instance set and namespace. Ours are
written and, where they are no longer wanted, removed; everything else is unmanaged and is never touched.
"""

from __future__ import annotations

import typing as t

#: Where rendered files are, as patterns.
PLACES = ("*.yaml", "base/*.yaml", "shared/*.yaml", "overlays/*/*.yaml")

#: How the first line of each begins.
HEADER = "# Rendered by llamastack.maas"


class DirectoryChanges(t.NamedTuple):
    """Paths are relative, with slashes, in order. C(problems): why nothing may be done.

    C(write): path to text. C(remove): what is ours and no longer wanted. C(left): what others have in a
    directory that something is removed from.
    """

    write: dict[str, str]
    remove: list[str]
    left: list[str]
    problems: list[str]


def plan(
    found: t.Mapping[str, str | None], header: str, files: t.Mapping[str, str], seeds: t.Mapping[str, str]
) -> DirectoryChanges:
    """What to do. C(found): the text of every file that is there, None for what is no readable text of our size."""
    ours = {path for path, text in found.items() if text is not None and _first_line(text) == header}
    in_the_way = [path for path in sorted(files) if path in found and path not in ours]
    write = {path: text for path, text in files.items() if found.get(path) != text}
    write.update((path, text) for path, text in seeds.items() if path not in found)
    remove = sorted(ours - set(files) - set(seeds))
    emptied = {_directory(path) for path in remove} - {_directory(path) for path in files}
    return DirectoryChanges(
        write=dict(sorted(write.items())),
        remove=remove,
        left=sorted(path for path in found if path not in ours and _directory(path) in emptied),
        problems=[f"{path} {_whose(found[path])}" for path in in_the_way],
    )


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]


def _directory(path: str) -> str:
    return path.rpartition("/")[0]


def _whose(text: str | None) -> str:
    if text is not None and text.startswith(HEADER):
        return f"is of another rendering ({_first_line(text).lstrip('# ').partition(';')[0]}). Give another directory"
    return "was not rendered by this collection. Move it away, or give another directory"
