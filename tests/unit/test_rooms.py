# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rooms of the plugins and the doors between them: who may import whom.

What modules need is in C(plugins/module_utils), what only the controller runs in C(plugins/plugin_utils). Both are
packages by subject. An area (C(maas), later others beside it) never imports another area.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PLUGINS = Path(__file__).parents[2] / "plugins"
PACKAGE = "ansible_collections.llamastack.maas.plugins."

#: Room -> the rooms that it may import from, beside itself. What is not here, nobody has.
ALLOWED = {
    "module_utils/base": "",
    "module_utils/kubernetes": "base",
    "module_utils/http": "base",
    "module_utils/ogx": "base",
    "module_utils/openai": "http base",
    "module_utils/providers": "openai http base",
    "module_utils/kserve": "kubernetes openai ogx base",
    "module_utils/maas": "kserve kubernetes providers openai ogx http base",
    "module_utils/litellm": "kubernetes openai http base",
    "module_utils/litemaas": "kubernetes http base",
    "plugin_utils/input": "maas litemaas kserve ogx openai providers kubernetes base",
    "plugin_utils/manifests": "input kserve kubernetes maas litemaas openai base",
    "plugin_utils/gitops": "manifests input maas kubernetes base",
    "plugin_utils/reports": "base",
    "plugin_utils/plans": "gitops manifests reports input maas litellm litemaas kubernetes base",
    "plugin_utils/actions": "plans input base",
}

#: Those that have an interface of Ansible's: they use the rooms, and nobody uses them.
ENTRANCES = {
    "modules": {room for room in ALLOWED if room.startswith("module_utils/")},
    "filter": set(ALLOWED),
    "lookup": set(ALLOWED),
    "action": set(ALLOWED),
    "doc_fragments": set(),
}


def room_of(path: Path) -> str:
    """The folder of a plugin or the package of a file, as the tables call it."""
    parts = path.relative_to(PLUGINS).parts
    return "/".join(parts[:2]) if parts[0].endswith("_utils") else parts[0]


def imported(file: Path) -> Iterator[Path]:
    """The files of this collection that a file imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE):
            place = PLUGINS.joinpath(*node.module.removeprefix(PACKAGE).split("."))
            for name in node.names:
                module = place / f"{name.name}.py"
                yield module if module.exists() else place.with_suffix(".py")


def may_import(room: str) -> set[str]:
    """The rooms that a room may import from; by their short names, which are unique."""
    if room in ENTRANCES:
        return ENTRANCES[room]
    by_name = {known.rpartition("/")[2]: known for known in ALLOWED}
    return {room} | {by_name[name] for name in ALLOWED[room].split()}


def test_every_file_is_in_a_room():
    rooms = {room_of(file) for file in PLUGINS.rglob("*.py")}
    assert rooms <= set(ALLOWED) | set(ENTRANCES)


def test_rooms_import_only_what_their_table_allows():
    wrong = {
        f"{file.relative_to(PLUGINS)} imports {target.relative_to(PLUGINS)}"
        for file in PLUGINS.rglob("*.py")
        for target in imported(file)
        if room_of(target) not in may_import(room_of(file))
    }
    assert wrong == set()


def test_every_door_is_used():
    used = {(room_of(file), room_of(target)) for file in PLUGINS.rglob("*.py") for target in imported(file)}
    unused = {(room, other) for room in ALLOWED for other in may_import(room) - {room} if (room, other) not in used}
    assert unused == set()


def test_rooms_are_not_files_of_their_own():
    assert [file for file in PLUGINS.rglob("__init__.py") if file.read_text().strip()] == []
