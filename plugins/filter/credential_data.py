# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: credential_data
short_description: Read the credentials of instances for their Secrets
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Returns the values of credentials, for the option O(llamastack.maas.kube_apply#module:secret_data) of
    M(llamastack.maas.kube_apply) and nothing else. Never use it in a task without C(no_log).
  - Environment variables are read when the filter runs, where Ansible runs.
positional: _input
options:
  _input:
    description:
      - The instances as the user gave them, a list of dictionaries or text that holds such a list as YAML.
      - What P(llamastack.maas.instances#filter) returns does not hold credentials and cannot be used here.
    type: raw
    required: true
  settings:
    description: The settings of the run, of which V(namespace) counts here.
    type: dict
    default: {}
  names:
    description: The names of the only instances whose credentials are read; an empty list means all of them.
    type: list
    elements: str
    default: []
seealso:
  - plugin: llamastack.maas.instances
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Write the Secrets of all instances
  vars:
    settings:
      namespace: llm
    checked: "{{ llamastack_maas_instances | llamastack.maas.instances(settings=settings) }}"
  llamastack.maas.kube_apply:
    objects: "{{ checked.instances | llamastack.maas.manifests('secrets', settings=settings) }}"
    secret_data: "{{ llamastack_maas_instances | llamastack.maas.credential_data(settings=settings) }}"
  no_log: true
"""

RETURN = r"""
_value:
  description:
    - The values by field, for each Secret that is written by this collection, named C(<namespace>/<Secret>).
    - Instances that use a Secret of somebody else, and values that are not there, are left out.
  type: dict
"""

import os
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, format_problems
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import credentials, instances, variables


def read(
    given: t.Any, settings: t.Mapping[str, t.Any] | None = None, names: t.Collection[str] = ()
) -> dict[str, dict[str, str]]:
    """The values for the Secrets that are ours; the list itself is checked elsewhere."""
    findings = Findings(instances.PATH)
    entries = instances.parse(given, findings) or []
    if findings.errors:
        raise AnsibleFilterError(f"llamastack.maas.credential_data: {format_problems(findings.errors)}")
    namespace = variables.run_settings(settings or {})[0]["namespace"]
    return credentials.secret_data(
        [entry for entry in entries if isinstance(entry, dict) and (not names or entry.get("name") in names)],
        namespace,
        os.environ,
    )


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"credential_data": read}
