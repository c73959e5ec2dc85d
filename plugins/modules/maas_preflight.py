#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maas_preflight
short_description: Find everything that would stop a deployment
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Checks at once whether the input is sound, the API server answers, the platform serves what is needed, the gateway
    is at work and admits the namespace, the user may write all objects, nobody else owns one of the same name, the
    namespace's quota and limits leave room for the pods, admission takes the objects, and Models-as-a-Service answers with a trusted certificate.
  - Nothing is written. The API server is asked to try one object of each kind in a dry run, Secrets with a placeholder in
    place of each value; where that cannot be, such as in a namespace that is not there yet, the check is skipped and says
    why. Models-as-a-Service is sent no credential; that it asks for one is an answer.
  - Returns the results only. A failed check does not fail the module, so that all can be reported.
extends_documentation_fragment:
  - llamastack.maas.options.trust
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - kubernetes.core.k8s_auth_options
options:
  input:
    description: What P(llamastack.maas.instances#filter) returned, whether or not it found problems.
    type: dict
    required: true
  cluster:
    description:
      - What M(llamastack.maas.maas_info) returned with O(llamastack.maas.maas_info#module:fail_unusable=false).
    type: dict
    required: true
  objects:
    description:
      - The objects that would be applied. The permissions that are asked for follow from them.
      - One without a name stands for its kind, where bad input keeps the objects from being known.
    type: list
    elements: dict
    default: []
  url:
    description:
      - The address of the MaaS gateway, where it is given. Without it, the one of O(cluster) is called.
    type: str
  token_given:
    description: Whether there is a token of its own to call MaaS with. The token itself is not needed here.
    type: bool
    default: false
  force_conflicts:
    description: Whether the deployment may take over objects of ours that only others have applied.
    type: bool
    default: false
seealso:
  - module: llamastack.maas.maas_info
  - plugin: llamastack.maas.instances
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look at the cluster
  llamastack.maas.maas_info:
    ask_maas: false
  register: cluster

- name: Check everything
  vars:
    checked: "{{ my_instances | llamastack.maas.instances(settings=cluster.settings) }}"
  llamastack.maas.maas_preflight:
    input: "{{ checked }}"
    cluster: "{{ cluster }}"
    objects: "{{ my_objects }}"
  register: preflight

- name: Fail with all that is wrong
  ansible.builtin.assert:
    that: preflight.failures | length == 0
    fail_msg: "{{ preflight.failures }}"
"""

RETURN = r"""
checks:
  description: The results, in the order in which a deployment would meet them.
  returned: always
  type: list
  elements: dict
  contains:
    check:
      description: What was checked. A check can have several results.
      type: str
      sample: permissions
    state:
      description: V(passed), V(failed), V(warning) for what need not stop a deployment, or V(skipped) for what could
        not be seen.
      type: str
      sample: failed
    detail:
      description: What was seen.
      type: str
      sample: "MaaSSubscription in namespace models-as-a-service: no permission to create, patch"
    remedy:
      description: What to do; may be empty.
      type: str
failures:
  description: A line for each failed check, with what to do.
  returned: always
  type: list
  elements: str
lines:
  description: All results as lines of at most 100 columns.
  returned: always
  type: list
  elements: str
"""

from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.maas.connection import ARGUMENTS
from ansible_collections.llamastack.maas.plugins.module_utils.maas.preflight import results
from ansible_collections.llamastack.maas.plugins.module_utils.maas.preflight_reading import read
from ansible_collections.llamastack.maas.plugins.module_utils.base.preflight_report import as_lines, failures


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **ARGUMENTS,
            "input": {"type": "dict", "required": True},
            "cluster": {"type": "dict", "required": True},
            "objects": {"type": "list", "elements": "dict", "default": []},
            "token_given": {"type": "bool", "default": False, "no_log": False},
            "force_conflicts": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    checks = results(read(lambda: Cluster(module), module.params))
    module.exit_json(
        changed=False,
        checks=checks,
        failures=failures(checks),
        lines=as_lines(checks),
    )


if __name__ == "__main__":
    main()
