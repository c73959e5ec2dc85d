# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: instances
short_description: Check and complete a list of instances
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Checks everything that can be checked without a cluster and returns all that is wrong at once, each problem with
    the path of the place that is meant.
  - No result holds the value of a credential, nor any part of it.
positional: _input
options:
  _input:
    description: The instances, as a list of dictionaries or as text that holds such a list as YAML.
    type: raw
    required: true
  settings:
    description:
      - The settings of the run, keys as the variables of the collection without C(llamastack_maas_). What is missing
        has the default of its variable.
      - With V(generation) the rules of that generation of MaaS are checked too; without, they are not.
    type: dict
    default: {}
  secrets:
    description: What is known of Secrets in the namespace, as M(llamastack.maas.kube_secret_info) returns it. A Secret
      that is not among them is not checked.
    type: dict
    default: {}
  check_credentials:
    description: Whether the values of credentials are looked at, those in environment variables among them. Who only
      removes instances need not have them.
    type: bool
    default: true
seealso:
  - plugin: llamastack.maas.provider_env_patches
    plugin_type: filter
  - module: llamastack.maas.plan
"""

EXAMPLES = r"""
---
- name: Refuse a list that cannot work
  vars:
    checked: "{{ llamastack_maas_instances | llamastack.maas.instances(settings={'namespace': 'llm'}) }}"
  ansible.builtin.assert:
    that: checked.problems | length == 0
    fail_msg: "{{ checked.message }}"

- name: Show which models callers of a one-entry list may name
  vars:
    entries:
      - name: openai-prod
        provider: openai
        api_key_env: OPENAI_API_KEY
        models: [gpt-4o-mini, gpt-4o]
    checked: "{{ entries | llamastack.maas.instances(check_credentials=false) }}"
  ansible.builtin.debug:
    msg: "{{ checked.instances[0].listed_ids }}" # ['openai-prod/gpt-4o-mini', 'openai-prod/gpt-4o']
"""

RETURN = r"""
_value:
  description: What was found.
  type: dict
  contains:
    instances:
      description: The complete instances; empty where there is any problem.
      type: list
      elements: dict
    settings:
      description: The complete settings of the run.
      type: dict
    problems:
      description: What is wrong, as dictionaries with C(path) and C(message).
      type: list
      elements: dict
    warnings:
      description: What is only suspicious, in the same shape.
      type: list
      elements: dict
    message:
      description: All problems as one text, a line each.
      type: str
"""

import os
import typing as t

from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check as whole_input


def check(
    given: t.Any,
    settings: t.Mapping[str, t.Any] | None = None,
    secrets: t.Mapping[str, t.Any] | None = None,
    check_credentials: bool = True,
) -> dict[str, t.Any]:
    """The checked input."""
    needs = whole_input.Needs(credentials=check_credentials, list_needed=False)
    checked = whole_input.check(given, settings or {}, os.environ, needs, secrets=secrets)
    return {
        "instances": checked.instances,
        "settings": checked.settings,
        "problems": checked.problems,
        "warnings": checked.warnings,
        "message": checked.message,
    }


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"instances": check}
