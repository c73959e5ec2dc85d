# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name, and spares the tasks after it from compiling the filters of this collection.

Ansible forks a worker for each task, and what a worker loads is gone with it: 0.1 s of processor time in each task that
uses a filter. Action plugins are imported before the fork, so what is loaded here is there in all workers that follow.
This is the first module that every playbook runs.
"""

from __future__ import annotations

from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.plugins.loader import filter_loader

# Loads the other filters of the collection, too, as the first use of one does.
filter_loader.get("llamastack.maas.instances")


class ActionModule(NormalAction):
    """As for a module without an action plugin."""
