#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kube_secret_copy
short_description: Copy the values of Secrets within a namespace, without showing them
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Brings Secrets to the cluster, by server-side apply with field manager C(llamastack.maas), that hold what others of
    the same namespace hold. All are read before the first one is written.
  - No value leaves the module, nor is in its difference.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: Uses the dry run of the API server.
  diff_mode:
    support: full
    details: Only the keys are shown, and which of their values would change.
  idempotent:
    support: full
options:
  copies:
    description: What is copied.
    type: list
    elements: dict
    required: true
    suboptions:
      source:
        description: The name of the Secret whose values are copied. It must exist.
        type: str
        required: true
      target:
        description: The Secret that gets them, whole but for its data, with the labels of this collection. One of the
          same name that is not managed by this instance set is refused.
        type: dict
        required: true
  overwrite:
    description: Whether a target that exists gets the values, too. Otherwise it stays as it is.
    type: bool
    default: true
requirements:
  - PyYAML >= 3.11
seealso:
  - module: llamastack.maas.kube_apply
  - module: llamastack.maas.maas_key_rotation_info
"""

EXAMPLES = r"""
- name: Keep a Secret as it is now, unless that was done before
  llamastack.maas.kube_secret_copy:
    copies:
      - source: openai-prod-credentials
        target: "{{ rotation.kept['openai-prod'] }}"
    overwrite: false
"""

RETURN = r"""
objects:
  description: One entry for each of O(copies), in their order, as M(llamastack.maas.kube_apply) returns them.
  returned: success
  type: list
  elements: dict
  sample:
    - kind: Secret
      name: openai-prod-credentials-before-rotation
      namespace: llm
      instance: openai-prod
      changed: true
      action: created
revisions:
  description: The revision of the values of each target, by C(<namespace>/<name>).
  returned: success
  type: dict
  sample:
    llm/openai-prod-credentials-before-rotation: 2b7e151628aed2a6
"""

import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secret_copies import Copies, CopyRefused


def main() -> None:
    copy_spec = {"source": {"type": "str", "required": True}, "target": {"type": "dict", "required": True}}
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "copies": {"type": "list", "elements": "dict", "required": True, "options": copy_spec},
            "overwrite": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        copies = Copies(
            Cluster(module),
            params["copies"],
            overwrite=params["overwrite"],
            check_mode=module.check_mode,
        )
        copies.run()
    except (ApiError, CopyRefused) as exc:
        module.fail_json(msg=f"Could not copy the Secrets: {exc}")
    outcome: dict[str, t.Any] = {
        "changed": any(entry["changed"] for entry in copies.entries),
        "objects": copies.entries,
        "revisions": copies.revisions,
    }
    if module._diff:
        outcome["diff"] = copies.diffs
    module.exit_json(**outcome)


if __name__ == "__main__":
    main()
