#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rendered_dir
short_description: Keep a directory of rendered files
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Writes the files of a rendering, as playbook C(render) makes them, into a directory, and removes those of an earlier
    run that are no longer among them.
  - A file belongs to the rendering when its first line is O(header). All others are left alone; where one has the path
    of a file to be written, nothing at all is written.
  - Only the places that a rendering has are looked at, so that the directory may be the top of a repository.
extends_documentation_fragment:
  - llamastack.maas.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  path:
    description: The directory. It is made if it does not exist.
    type: path
    required: true
  header:
    description: The first line of each of O(files).
    type: str
    required: true
  files:
    description: The text of each file by its path within O(path).
    type: dict
    required: true
  seeds:
    description: The same, for files that are written where there is none, for somebody to fill in. They are never
      changed and never removed.
    type: dict
    default: {}
requirements:
  - python >= 3.9
"""

EXAMPLES = r"""
- name: Keep the files of a kustomization
  llamastack.maas.rendered_dir:
    path: gitops
    header: "# Rendered by llamastack.maas for set default of namespace llm; what is changed here is lost."
    files:
      kustomization.yaml: |
        # Rendered by llamastack.maas for set default of namespace llm; what is changed here is lost.
        resources: [base]
"""

RETURN = r"""
written:
  description: Paths of the files that were written, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [overlays/openai/patch.yaml]
removed:
  description: Paths of the files that were removed, or would be.
  returned: success
  type: list
  elements: str
  sample: []
left:
  description: Paths of files of others in directories from which files were removed.
  returned: success
  type: list
  elements: str
  sample: []
"""

import os
import tempfile
import typing as t
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.llamastack.maas.plugins.module_utils.base import rendered_dir

# What we write is smaller by far; whatever is larger is not ours, and not read.
_LARGEST = 1_000_000


def read(path: Path) -> str | None:
    """The text of a file; None for what is not a file of text."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def look(top: Path) -> dict[str, str | None]:
    """Every file in the places of a rendering."""
    return {path.relative_to(top).as_posix(): read(path) for place in rendered_dir.PLACES for path in top.glob(place)}


def write(module: AnsibleModule, path: Path, text: str) -> None:
    """Put a whole file in its place at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=module.tmpdir)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    module.atomic_move(scratch, str(path))


def remove(top: Path, path: Path) -> None:
    """Remove a file, and the directories below ``top`` that it leaves empty."""
    path.unlink()
    for directory in path.parents:
        if directory == top or any(directory.iterdir()):
            return
        directory.rmdir()


def diffs(plan: rendered_dir.DirectoryChanges, found: t.Mapping[str, str | None]) -> list[dict[str, str]]:
    changes = {**plan.write, **dict.fromkeys(plan.remove, "")}
    return [
        {"before_header": path, "after_header": path, "before": found.get(path) or "", "after": changes[path]}
        for path in sorted(changes)
    ]


def unsafe(paths: t.Iterable[str]) -> list[str]:
    """Paths that would lead out of the directory."""
    return sorted(path for path in paths if path.startswith("/") or ".." in path.split("/"))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "header": {"type": "str", "required": True},
            "files": {"type": "dict", "required": True},
            "seeds": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    top, files, seeds = Path(module.params["path"]), module.params["files"], module.params["seeds"]
    outside = unsafe([*files, *seeds])
    if outside:
        module.fail_json(msg=f"Nothing was written: not within {top}: {', '.join(outside)}")
    try:
        found = look(top)
        plan = rendered_dir.plan(found, module.params["header"], files, seeds)
        if plan.problems:
            listing = "\n- ".join([f"Nothing was written in {top.resolve()}:", *plan.problems])
            module.fail_json(msg=listing)
        if not module.check_mode:
            for path, text in plan.write.items():
                write(module, top / path, text)
            for path in plan.remove:
                remove(top, top / path)
    except OSError as exc:
        module.fail_json(msg=f"{top.resolve()} could not be brought up to date: {exc}")
    outcome = {"changed": bool(plan.write or plan.remove), "written": list(plan.write), "removed": plan.remove}
    if module._diff:
        outcome["diff"] = diffs(plan, found)
    module.exit_json(left=plan.left, **outcome)


if __name__ == "__main__":
    main()
