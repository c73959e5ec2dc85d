# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the plan of a run lies: in a file of the controller that goes with the run, one for each host.

It is no variable of Ansible's: each task would log it, and each worker would template it anew. Ansible makes the folder
for every run, readable by nobody else, and removes it at the end. No plan holds the value of a key.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import typing as t
from pathlib import Path

from ansible import constants as C

from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Plan, PlanError


def save(host: str, plan: Plan) -> None:
    """Keep the plan of a host in place of the one before."""
    path = _path(host)
    new = path.with_suffix(".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(dataclasses.asdict(plan), file)
    new.replace(path)


def load(host: str) -> Plan:
    """The plan of a host. Raises PlanError where it has none."""
    try:
        return Plan(**json.loads(_path(host).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise PlanError(
            f"There is no plan for host {host} yet: a task with llamastack.maas.plan has to come before this one. With"
            " --start-at-task, start no later than there."
        ) from None


def _path(host: str) -> Path:
    name = hashlib.sha256(host.encode()).hexdigest()[:16]
    return Path(t.cast(str, C.DEFAULT_LOCAL_TMP)) / f"llamastack.maas-{name}.json"
