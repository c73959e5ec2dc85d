# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: registration
short_description: Build the objects that register instances with MaaS
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Returns the objects that make MaaS list the instances and admit their callers, ready to be applied. The same input
    gives the same objects.
  - They come in two halves that may be applied by different people. The project half lives in the namespace of the
    instances, the platform half in the namespace of the platform's policies and subscriptions.
positional: _input, settings
options:
  _input:
    description: The complete instances, the list C(instances) of what P(llamastack.maas.instances#filter) returns for
      the same generation of MaaS.
    type: list
    elements: dict
    required: true
  settings:
    description:
      - The settings of the run, keys as the variables of the collection without C(llamastack_maas_). What is missing
        has the default of its variable.
      - V(generation) must be there. V(scope) says which half is returned; V(all) returns both. V(prober) adds the
        prober's ServiceAccount, and admits it.
    type: dict
    required: true
seealso:
  - plugin: llamastack.maas.instances
    plugin_type: filter
  - plugin: llamastack.maas.manifests
    plugin_type: filter
  - module: llamastack.maas.kube_apply
"""

EXAMPLES = r"""
---
- name: Register the instances
  vars:
    settings:
      namespace: llm
      generation: b2
    checked: "{{ llamastack_maas_instances | llamastack.maas.instances(settings=settings, check_credentials=false) }}"
  llamastack.maas.kube_apply:
    objects: "{{ checked.instances | llamastack.maas.registration(settings) }}"
"""

RETURN = r"""
_value:
  description: The objects, the project half before the platform half, each in the order of the instances.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.llamastack.maas.plugins.module_utils.base import problems
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import registration_of_all
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import variables

_HALVES = {"all": ("project", "platform"), "project": ("project",), "platform": ("platform",)}


def registration(instances: list[dict[str, t.Any]], settings: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """The objects of the halves that the scope names."""
    completed, findings = variables.run_settings(settings)
    if findings.errors:
        raise AnsibleFilterError(f"llamastack.maas.registration: {problems.format_problems(findings.errors)}")
    try:
        generation = known.get(completed["generation"])
    except ValueError as error:
        raise AnsibleFilterError(f"llamastack.maas.registration: settings.generation: {error}") from error
    halves = registration_of_all(generation, instances, completed)
    return [item for half in _HALVES[completed["scope"]] for item in halves[half]]


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"registration": registration}
