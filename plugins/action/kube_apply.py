# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module of this collection as the user would.

C(meta/runtime.yml) names it for all modules that connect to the cluster and have no action plugin of their own.
"""

from __future__ import annotations

from ansible.plugins.action.normal import ActionModule as NormalAction

from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.local import LocalActionBase


class ActionModule(LocalActionBase, NormalAction):
    """As for a module without an action plugin, but for what `LocalActionBase` adds."""
