# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The attributes that the modules of the collection declare, and what those that connect to a cluster require."""

from __future__ import annotations


class ModuleDocFragment:
    """What a module adds is only ``support`` and, where it is not full, the reason."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff
      mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled or queried by the module has not changed in a relevant way.
"""

    # For members of the collection's action group, which takes its options from C(module_defaults).
    CLUSTER = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/llamastack.maas.maas) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - llamastack.maas.maas
requirements:
  - python >= 3.9
  - kubernetes >= 24.2.0, != 36.0.0
"""

    # For modules that read and never write.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: This module does not modify anything.
  diff_mode:
    support: N/A
    details: This module does not modify anything.
  idempotent:
    support: full
    details: This module does not modify anything.
"""

    # For modules that call: what they make for that, they remove again.
    CALLING = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: Nothing that lasts is modified.
  idempotent:
    support: full
    details: Nothing that lasts is modified.
"""
