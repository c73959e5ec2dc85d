# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One name, one thing: a type of the plugins is called as no other one is."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: As Ansible looks for them.
OF_ANSIBLE = {"ActionModule", "FilterModule", "LookupModule", "ModuleDocFragment"}


def test_every_type_has_a_name_of_its_own():
    places = defaultdict(list)
    for file in sorted((ROOT / "plugins").rglob("*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.ClassDef) and node.name not in OF_ANSIBLE:
                places[node.name].append(str(file.relative_to(ROOT)))
    assert places
    assert {name: files for name, files in places.items() if len(files) > 1} == {}
