# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: variable
short_description: Convert what a variable of the collection was given
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - A survey and C(-e name=value) give text. Returns the value in the type of the variable, its default where it is
    undefined or blank.
  - Fails where the value is wrong. Only that of V(kubernetes) is no failure here, for C(module_defaults) are templated
    for all tasks, also those that report the problem. In place of wrong connection options come some that every module
    refuses, with the problem as their value, so that no module connects to another cluster than the one that was meant.
positional: _input, name
options:
  _input:
    description: What was given, text or data.
    type: raw
    required: true
  name:
    description: The name of the variable without C(llamastack_maas_).
    type: str
    required: true
seealso:
  - plugin: llamastack.maas.instances
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: See which MaaS the cluster has that the variables of the collection name
  llamastack.maas.maas_info:
    gateway: "{{ llamastack_maas_gateway | default('') | llamastack.maas.variable('gateway') }}"
  module_defaults:
    group/llamastack.maas.maas: "{{ llamastack_maas_kubernetes | default('') | llamastack.maas.variable('kubernetes') }}"
"""

RETURN = r"""
_value:
  description: The value.
  type: raw
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import format_problems
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import variables


def variable(given: t.Any, name: str) -> t.Any:
    """The value of the variable of that name."""
    if name not in variables.NAMES:
        raise AnsibleFilterError(f"llamastack.maas.variable: there is no variable {variables.PREFIX}{name}")
    value, findings = variables.value(name, given)
    if not findings.errors:
        return value
    message = format_problems(findings.errors)
    if name == "kubernetes":
        return {f"{variables.PREFIX}{name}": message}
    raise AnsibleFilterError(f"llamastack.maas.variable: {message}")


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"variable": variable}
