#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maas_key_rotation_info
short_description: Find the instances that need a new key rolled out
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Compares the credentials given with those in the Secrets of the instances, and with those that their pods were
    started with.
  - Finds rotations that were broken off. Their Secret C(<name>-credentials-before-rotation) is still there.
  - Writes nothing, and no value leaves the module.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - llamastack.maas.options.credentials
  - kubernetes.core.k8s_auth_options
options:
  names:
    description:
      - The instances to rotate. Those named are due whether their key has changed or not.
      - An empty list means those of O(instances) whose key has changed.
    type: list
    elements: str
    default: []
seealso:
  - module: llamastack.maas.provider_key_check
  - module: llamastack.maas.kube_secret_copy
"""

EXAMPLES = r"""
- name: See whose key has changed
  llamastack.maas.maas_key_rotation_info:
    namespace: llm
    instances: "{{ checked.instances }}"
    secret_data: "{{ my_credentials }}"
  register: rotation
"""

RETURN = r"""
due:
  description: The names of the instances that need to be rolled out or proven.
  returned: success
  type: list
  elements: str
  sample: [openai-prod]
instances:
  description: What was found of each of O(instances), or of those in O(names).
  returned: success
  type: dict
  contains:
    due:
      description: Whether it needs to be rolled out or proven.
      type: bool
    why:
      description: The reason for that.
      type: str
    managed:
      description: Whether its Secret is written by this collection.
      type: bool
    revision:
      description: The revision of the credentials that are to be in use, as M(llamastack.maas.kube_apply) returns them.
      type: str
    rolled:
      description: The revision of the credentials that its pods were last started with.
      type: str
    before:
      description: The revision of the credentials to roll back to; V(null) where there are none.
      type: str
    unfinished:
      description: Whether an earlier rotation did not come to its end.
      type: bool
    in_use:
      description: Whether its Secret, where it is ours, holds the credentials that are to be in use already.
      type: bool
revisions:
  description: The revisions of those that are due, by C(<namespace>/<Secret>), as the pods of an instance hold them, under C(new), C(rolled) and C(before).
  returned: success
  type: dict
  sample:
    new: {llm/openai-prod-credentials: 2b7e151628aed2a6}
    rolled: {llm/openai-prod-credentials: 28aed2a6abf71588}
    before: {llm/openai-prod-credentials: 28aed2a6abf71588}
keep:
  description:
    - The copies that keep the keys before as long as the rotation lasts, as M(llamastack.maas.kube_secret_copy) takes them,
      of those that are due, whose Secret is ours, and that have a key to roll back to.
  returned: success
  type: list
  elements: dict
urls:
  description: The URLs at the gateway of those that are due and have one, by the name of the instance.
  returned: success
  type: dict
roll_back:
  description: The copies that roll back to the keys before, by the name of the instance.
  returned: success
  type: dict
"""

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.masking import take
from ansible_collections.llamastack.maas.plugins.module_utils.maas.rotation_reading import plan_all


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "namespace": {"type": "str", "required": True},
            "instances": {"type": "list", "elements": "dict", "required": True},
            "secret_data": {"type": "dict", "default": {}, "no_log": True},
            "names": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    secret_data = take(module, "secret_data")
    try:
        module.exit_json(changed=False, **plan_all(Cluster(module), module.params, secret_data))
    except ApiError as exc:
        module.fail_json(msg=f"Nothing was written: could not look at the instances and their Secrets: {exc}")
    except ValueError as exc:
        module.fail_json(msg=f"Nothing was written: {exc}")


if __name__ == "__main__":
    main()
