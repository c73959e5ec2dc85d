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
  variables:
    description: Names of variables in which to look for misspelt ones of the collection.
    type: list
    elements: str
    default: []
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
  list_needed:
    description: Whether a list that is not given at all, null or blank text, is a problem. An empty list never is.
    type: bool
    default: true
  credentials_of:
    description: The names of the only instances whose credentials are looked at; an empty list means all of them.
    type: list
    elements: str
    default: []
  names_only:
    description:
      - Whether only the names are looked at, and RV(_value.instances) holds nothing else. Whoever removes instances need
        not know more of them.
    type: bool
    default: false
  writes:
    description: Which of the settings name a file or a folder of the controller that the play writes, V(report_dir),
      V(output_file) or V(render_dir). One that cannot be written is a problem.
    type: list
    elements: str
    default: []
seealso:
  - plugin: llamastack.maas.credential_data
    plugin_type: filter
  - plugin: llamastack.maas.manifests
    plugin_type: filter
  - plugin: llamastack.maas.provider_env_patches
    plugin_type: filter
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
    named_secrets:
      description: Names of the Secrets of others that the list names, also where it is wrong elsewhere.
      type: list
      elements: str
    problems:
      description: What is wrong, as dictionaries with C(path) and C(message).
      type: list
      elements: dict
    warnings:
      description: What is only suspicious, in the same shape.
      type: list
      elements: dict
    blocked:
      description:
        - Whether the cluster is not to be asked, because a variable that says how is wrong, or there is no list.
      type: bool
    message:
      description: All problems as one text, a line each.
      type: str
"""

import os
import typing as t

from ansible.module_utils.common.validation import check_type_list

from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check as whole_input, instances


def check(
    given: t.Any,
    settings: t.Mapping[str, t.Any] | None = None,
    variables: t.Iterable[str] = (),
    secrets: t.Mapping[str, t.Any] | None = None,
    check_credentials: bool = True,
    credentials_of: t.Collection[str] | str = (),
    names_only: bool = False,
    list_needed: bool = True,
    writes: t.Collection[str] = (),
) -> dict[str, t.Any]:
    """The checked input as playbooks read it."""
    needs = whole_input.Needs(
        credentials=check_credentials,
        credentials_of=check_type_list(credentials_of) if credentials_of else (),
        list_needed=list_needed,
        names_only=names_only,
        writes=writes,
    )
    checked = whole_input.check(given, settings or {}, os.environ, needs, variables, secrets)
    return {
        "instances": checked.instances,
        "settings": checked.settings,
        "named_secrets": [] if names_only else instances.named_secrets(given),
        "problems": checked.problems,
        "warnings": checked.warnings,
        "blocked": checked.is_blocked,
        "message": checked.message,
    }


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"instances": check}
