# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints live lines for the module of the same name, and lets it gather evidence only at the end."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.polling import PollingActionBase


class ActionModule(PollingActionBase):
    DEFAULT_TIMEOUT = 600.0
    # Whether what is not ready is a failure is decided by the last look; before that it is what is waited for.
    ARGS_WHILE_WAITING = {"explain": False, "fail_unready": True}
