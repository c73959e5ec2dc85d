#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litemaas_preflight
short_description: Find everything that would stop a deployment of LiteMaaS
version_added: 0.2.0
author: llamastack.maas contributors (@llamastack)
description:
  - Checks at once whether the input is sound on this cluster, the API server answers and serves what is needed, the user may
    write all objects, nobody else owns one of the same name, and admission takes the objects.
  - Nothing is written. The API server is asked to try one object of each kind in a dry run, Secrets with a placeholder in
    place of each value; where that cannot be, the check is skipped and says why.
  - Returns the results only. A failed check does not fail the module, so that all can be reported.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - kubernetes.core.k8s_auth_options
options:
  problems:
    description: What is wrong with the input, each with C(path) and C(message).
    type: list
    elements: dict
    default: []
  warnings:
    description: The same, of what need not stop a deployment.
    type: list
    elements: dict
    default: []
  cluster:
    description:
      - What M(llamastack.maas.litemaas_info) returned with O(llamastack.maas.litemaas_info#module:fail_unusable=false).
    type: dict
    required: true
  namespace:
    description: The namespace of LiteMaaS.
    type: str
    required: true
  objects:
    description: The objects that would be applied.
    type: list
    elements: dict
    default: []
  secrets:
    description: The Secrets that would be made once, without data.
    type: list
    elements: dict
    default: []
  force_conflicts:
    description: Whether the deployment may take over objects of ours that only others have applied.
    type: bool
    default: false
seealso:
  - module: llamastack.maas.litemaas_info
"""

EXAMPLES = r"""
- name: Look at the cluster
  llamastack.maas.litemaas_info:
    namespace: litemaas
    fail_unusable: false
  register: cluster

- name: Check everything
  llamastack.maas.litemaas_preflight:
    namespace: litemaas
    cluster: "{{ cluster }}"
    objects: "{{ my_objects }}"
  register: preflight
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

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.base.preflight_report import as_lines, failures
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas.preflight import look, results


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "problems": {"type": "list", "elements": "dict", "default": []},
            "warnings": {"type": "list", "elements": "dict", "default": []},
            "cluster": {"type": "dict", "required": True},
            "namespace": {"type": "str", "required": True},
            "objects": {"type": "list", "elements": "dict", "default": []},
            "secrets": {"type": "list", "elements": "dict", "default": [], "no_log": False},
            "force_conflicts": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    checks = results(look(lambda: Cluster(module), module.params))
    module.exit_json(changed=False, checks=checks, failures=failures(checks), lines=as_lines(checks))


if __name__ == "__main__":
    main()
