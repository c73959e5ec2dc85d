# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module as the user would, and spares the tasks after it from compiling the filters of this collection.

C(meta/runtime.yml) names it for all modules that do the work of a playbook and have no action plugin of their own.

Ansible forks a worker for each task, and what a worker loads is gone with it: 0.1 s of processor time in each task that
uses a filter. Action plugins are imported before the fork, so what is loaded here is there in all workers that follow.
This is the first module that every playbook runs.
"""

from __future__ import annotations

from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.plugins.loader import filter_loader

from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.local import LocalActionBase

# Loads the other filters of the collection, too, as the first use of one does.
filter_loader.get("llamastack.maas.instances")


class ActionModule(LocalActionBase, NormalAction):
    """As for a module without an action plugin, but for what `LocalActionBase` adds."""
