# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: manifests
short_description: Build the Kubernetes objects of instances
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Returns the objects of one phase of a deployment, ready to be applied. The same input gives the same objects.
positional: _input, phase
options:
  _input:
    description: The complete instances, the list C(instances) of what P(llamastack.maas.instances#filter) returns.
    type: list
    elements: dict
    required: true
  phase:
    description:
      - V(namespace) is the Namespace of the instances, which needs no instance.
      - V(secrets) are the Secrets of the instances that do not use one of somebody else, without data. Their values
        come from P(llamastack.maas.credential_data#filter).
      - V(instances) are the ConfigMaps and LLMInferenceServices.
    type: str
    choices: [namespace, secrets, instances]
    required: true
  settings:
    description:
      - The settings of the run, keys as the variables of the collection without C(llamastack_maas_). What is missing
        has the default of its variable.
      - V(storage_initializer) says whether the kind LLMInferenceService of the cluster has the field of that name;
        where it has not, KServe loads V(model_uri).
      - V(namespace_labels) are labels for the Namespace beyond our own.
    type: dict
    default: {}
  revisions:
    description: A text for each Secret, named C(<namespace>/<Secret>), that changes with its content, as
      M(llamastack.maas.kube_apply) and M(llamastack.maas.kube_secret_info) return it. A changed one rolls the pods that
      use the Secret.
    type: dict
    default: {}
seealso:
  - plugin: llamastack.maas.instances
    plugin_type: filter
  - plugin: llamastack.maas.provider_env_patches
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Write the objects of all instances to a file instead of applying them
  vars:
    checked: "{{ llamastack_maas_instances | llamastack.maas.instances(check_credentials=false) }}"
  ansible.builtin.copy:
    dest: instances.yml
    content: |
      {% for object in checked.instances | llamastack.maas.manifests('instances', settings=checked.settings) %}
      ---
      {{ object | to_nice_yaml }}
      {%- endfor %}
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The objects, in the order of the instances.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests import instances as objects
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.build import build

PHASES = ("namespace", "secrets", "instances")


def manifests(
    instances: list[dict[str, t.Any]],
    phase: str,
    settings: t.Mapping[str, t.Any] | None = None,
    revisions: t.Mapping[str, str] | None = None,
) -> list[dict[str, t.Any]]:
    """The objects of one phase."""
    if phase not in PHASES:
        raise AnsibleFilterError(
            f"llamastack.maas.manifests: there is no phase {phase!r}; it must be one of {', '.join(PHASES)}"
        )
    with_what = build("manifests", settings, revisions)
    if phase == "namespace":
        return [objects.namespace_object(with_what.settings)]
    if phase == "secrets":
        return objects.secret_objects(instances)
    try:
        return [item for instance in instances for item in objects.instance_objects(instance, with_what)]
    except ImportError as error:
        raise AnsibleFilterError(f"llamastack.maas.manifests: {error}") from error


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"manifests": manifests}
