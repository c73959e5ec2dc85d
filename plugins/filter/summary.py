# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: summary
short_description: Sum up what became of instances
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description: Puts together what was applied, awaited and seen of each instance. The outcome holds no secrets.
positional: _input
options:
  _input:
    description: The complete instances, the list C(instances) of what P(llamastack.maas.instances#filter) returns.
    type: list
    elements: dict
    required: true
  ready:
    description: The RV(llamastack.maas.maas_wait_ready#module:instances) of M(llamastack.maas.maas_wait_ready).
    type: dict
    default: {}
  discovered:
    description:
      - The RV(llamastack.maas.model_discovery#module:instances) of M(llamastack.maas.model_discovery), where callers were looked after.
    type: dict
    default: {}
  objects:
    description: The RV(llamastack.maas.kube_apply#module:objects) of M(llamastack.maas.kube_apply), of all its calls.
    type: list
    elements: dict
    default: []
  planned:
    description: Whether nothing was written, as in check mode. What is not there yet is V(planned) then.
    type: bool
    default: false
seealso:
  - plugin: llamastack.maas.summary_report
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Tell what became of the instances
  llamastack.maas.display:
    lines: "{{ checked.instances | llamastack.maas.summary(ready=waited.instances, objects=applied.objects) | llamastack.maas.summary_report }}"
"""

RETURN = r"""
_value:
  description: By the name of the instance, a dictionary of C(state), C(reason), C(remedy), C(url), C(client_base_url), C(ids) and C(changed).
  type: dict
"""

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.summary import summarise


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"summary": summarise}
