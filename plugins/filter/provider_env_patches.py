# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: provider_env_patches
short_description: Build the RFC 6902 operations that make an instance out of the base object
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - All instances of a run start from one LLMInferenceService. This filter returns what differs for each of them, the
    environment variables of the provider taken from its Secret above all, as operations of a JSON patch (RFC 6902).
  - M(llamastack.maas.kube_apply) is given objects to which the same operations were applied; the operations by themselves
    are of use where another tool does that, such as kustomize.
  - The same instance gives the same operations in the same order. None holds the value of a credential.
  - The operations apply to the object that the filter returns with O(base=true) and the same settings.
positional: _input
options:
  _input:
    description: A complete instance, or the list C(instances) of what P(llamastack.maas.instances#filter) returns.
    type: raw
    required: true
  settings:
    description: The settings of the run, as for P(llamastack.maas.instances#filter).
    type: dict
    default: {}
  revisions:
    description: A text for each Secret, named C(<namespace>/<Secret>), that changes with its content. A changed one
      rolls the pods that use the Secret.
    type: dict
    default: {}
  base:
    description: Return the base object instead of operations.
    type: bool
    default: false
seealso:
  - plugin: llamastack.maas.instances
    plugin_type: filter
  - name: JavaScript Object Notation (JSON) Patch
    description: The operations.
    link: https://www.rfc-editor.org/rfc/rfc6902
"""

EXAMPLES = r"""
---
- name: Show how an instance gets its key
  vars:
    entries:
      - name: openai-prod
        provider: openai
        api_key_env: OPENAI_API_KEY
        models: [gpt-4o-mini]
    checked: "{{ entries | llamastack.maas.instances(check_credentials=false) }}"
    operations: "{{ checked.instances[0] | llamastack.maas.provider_env_patches }}"
  ansible.builtin.debug:
    msg: "{{ operations | selectattr('value.valueFrom', 'defined') }}"
    # - op: add
    #   path: /spec/template/containers/0/env/-
    #   value:
    #     name: OPENAI_API_KEY
    #     valueFrom:
    #       secretKeyRef:
    #         key: api_key
    #         name: openai-prod-credentials

- name: Make the directories of a kustomization
  ansible.builtin.file:
    path: "{{ item }}"
    state: directory
    mode: "0755"
  loop:
    - base
    - overlays/openai-prod

- name: Write the base
  ansible.builtin.copy:
    dest: "base/{{ item.key }}"
    content: "{{ item.value | to_nice_yaml }}"
    mode: "0644"
  loop: "{{ files | dict2items }}"
  loop_control:
    label: "{{ item.key }}"
  vars:
    files:
      instance.yml: "{{ [] | llamastack.maas.provider_env_patches(base=true) }}"
      kustomization.yml:
        resources:
          - instance.yml

- name: Write the overlay of one instance
  vars:
    entries:
      - name: openai-prod
        provider: openai
        credentials_secret:
          name: corp-openai
          keys:
            api_key: token
        models: [gpt-4o-mini]
    checked: "{{ entries | llamastack.maas.instances }}"
    kustomization:
      resources:
        - ../../base
      patches:
        - target:
            kind: LLMInferenceService
          options:
            allowNameChange: true
          patch: "{{ checked.instances[0] | llamastack.maas.provider_env_patches | to_json }}"
  ansible.builtin.copy:
    dest: overlays/openai-prod/kustomization.yml
    content: "{{ kustomization | to_nice_yaml }}"
    mode: "0644"
"""

RETURN = r"""
_value:
  description:
    - For one instance, its operations as a list; for a list of instances, a dictionary of such lists by name.
    - With O(base=true), the base object.
  type: raw
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import format_problems
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import registry, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests import instances


def patches(
    given: t.Any,
    settings: t.Mapping[str, t.Any] | None = None,
    revisions: t.Mapping[str, str] | None = None,
    base: bool = False,
) -> t.Any:
    """The operations of one or of all instances, or the object that they apply to."""
    completed, findings = variables.run_settings(settings or {})
    providers, provider_findings = registry.load(completed["providers"])
    problems = findings.errors + provider_findings.errors
    if problems:
        raise AnsibleFilterError(f"llamastack.maas.provider_env_patches: {format_problems(problems)}")
    generation = known.get(completed["generation"]) if completed["generation"] else None
    with_what = instances.Build(completed, providers, generation, revisions or {})
    if base:
        return instances.base_object(with_what.settings)
    if isinstance(given, dict):
        return instances.instance_patches(given, with_what)
    if isinstance(given, list):
        return {instance["name"]: instances.instance_patches(instance, with_what) for instance in given}
    raise AnsibleFilterError(
        "llamastack.maas.provider_env_patches: takes an instance or a list of instances, as llamastack.maas.instances "
        f"returns them, not {type(given).__name__}"
    )


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"provider_env_patches": patches}
