# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Template the tasks in a file as a play would, without running them: a play of the same costs ten times as long.

    python template_tasks.py TASKS VARIABLES

Prints, for every task, the list of its templated arguments, one for each item of its loop. It runs in a process of
its own, for Ansible's way of importing collections does not go together with that of the tests.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar

KEYWORDS = {"name", "vars", "loop", "loop_control", "no_log"}


def template(task: dict[str, Any], variables: dict[str, Any], loader: DataLoader) -> list[Any]:
    variables = {**variables, **task.get("vars", {})}
    (arguments,) = (value for key, value in task.items() if key not in KEYWORDS)
    items = Templar(loader=loader, variables=variables).template(task.get("loop", [None]))
    return [Templar(loader=loader, variables={**variables, "item": item}).template(arguments) for item in items]


def load(path: str, loader: DataLoader) -> Any:
    try:
        return loader.load_from_file(path, trusted_as_template=True)
    except TypeError:  # before ansible-core 2.19, where all text is
        return loader.load_from_file(path)


def main(tasks: str, variables: str) -> None:
    init_plugin_loader()
    loader = DataLoader()
    known = load(variables, loader)
    print(json.dumps([template(task, known, loader) for task in load(tasks, loader)], default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
