# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs by their names."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import (
    deploy,
    diagnose,
    litemaas_backup,
    litemaas_content,
    litemaas_deploy,
    litemaas_diagnose,
    litemaas_export,
    litemaas_preflight,
    litemaas_remove,
    litemaas_render,
    litemaas_restore,
    litemaas_rotate,
    litemaas_status,
    litemaas_validate,
    preflight,
    remove,
    render,
    rotate,
    status,
    validate,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Verb

# One a line, as each comes by itself.
_ALL = (
    deploy,
    diagnose,
    litemaas_backup,
    litemaas_content,
    litemaas_deploy,
    litemaas_diagnose,
    litemaas_export,
    litemaas_preflight,
    litemaas_remove,
    litemaas_render,
    litemaas_restore,
    litemaas_rotate,
    litemaas_status,
    litemaas_validate,
    preflight,
    remove,
    render,
    rotate,
    status,
    validate,
)

VERBS: dict[str, Verb] = {each.VERB.name: each.VERB for each in _ALL}
