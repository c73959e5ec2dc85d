#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ownership
short_description: Refuse names that are taken by objects of somebody else
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Looks whether objects that are about to be applied exist already and belong to somebody else, and fails with all of
    them in one message.
  - M(llamastack.maas.kube_apply) refuses them as well, but only those that it is given itself. This module is for the
    beginning of a play that calls it several times, so that nothing is written when one of the calls would refuse.
  - An object that the caller may not read is passed over.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - kubernetes.core.k8s_auth_options
options:
  objects:
    description:
      - The objects that would be applied, as P(llamastack.maas.manifests#filter) and
        P(llamastack.maas.registration#filter) build them. Only their names and labels count.
    type: list
    elements: dict
    required: true
  force_conflicts:
    description:
      - The same option of M(llamastack.maas.kube_apply). Objects of ours that only others have applied may be taken over then.
    type: bool
    default: false
seealso:
  - module: llamastack.maas.kube_apply
  - module: llamastack.maas.preflight
"""

EXAMPLES = r"""
- name: Refuse what belongs to somebody else before the first write
  llamastack.maas.ownership:
    objects: "{{ secrets + servers }}"
  vars:
    secrets: "{{ checked.instances | llamastack.maas.manifests('secrets', settings=checked.settings) }}"
    servers: "{{ checked.instances | llamastack.maas.manifests('instances', settings=checked.settings) }}"
"""

RETURN = r"""
foreign:
  description: The objects that belong to somebody else.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of the object.
      type: str
    name:
      description: The name of the object.
      type: str
    namespace:
      description: The namespace of the object.
      type: str
    why:
      description: Whose it is, and what to do.
      type: str
"""

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "objects": {"type": "list", "elements": "dict", "required": True},
            "force_conflicts": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    objects = module.params["objects"]
    try:
        cluster = Cluster(module)
        missing = cluster.unserved(objects)
        served = [obj for obj in objects if (obj["apiVersion"], obj["kind"]) not in missing]
        existing = cluster.read(apply.refusable(served), metadata_only=True)
    except ApiError as exc:
        module.fail_json(msg=f"Nothing was written: {exc}")
    foreign = apply.foreign_objects(served, existing, take_over=module.params["force_conflicts"])
    outcome = {"changed": False, "foreign": [{**ref.as_result(), "why": why} for ref, why in foreign]}
    if foreign:
        module.fail_json(msg=f"Nothing was written: {apply.refusal(foreign)}", **outcome)
    module.exit_json(**outcome)


if __name__ == "__main__":
    main()
