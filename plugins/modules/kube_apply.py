#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kube_apply
short_description: Apply a batch of objects to the cluster
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Brings any number of objects that carry the labels of this collection to the cluster in one task, by server-side
    apply with field manager C(llamastack.maas).
  - Requests run in parallel; an object waits only for the kinds that it needs, such as a Deployment for its Secret.
  - Objects of the same name that this collection did not make, or that belong to another instance set or model
    namespace, are unmanaged. If there is one among those to be applied, nothing at all is written.
  - An object counts as changed by its content. Its status and what the API server keeps about it do not matter.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details:
      - Uses the dry run of the API server, so that admission is asked too.
      - What belongs into a namespace, or is of a kind, that does not exist yet is reported as it would be created.
  diff_mode:
    support: full
    details:
      - Of a Secret, only the keys are shown, and which of their values would change.
  idempotent:
    support: full
options:
  objects:
    description:
      - The objects, whole. Each must carry the labels
        C(app.kubernetes.io/managed-by), C(llamastack.maas/namespace) and C(llamastack.maas/set).
      - An unmanaged C(Namespace) is used as it is. Only those of its labels here that do not mark it as
        ours are put on it.
      - A C(Secret) carries no values here, see O(secret_data).
    type: list
    elements: dict
    required: true
  secret_data:
    description:
      - The values of every C(Secret) among O(objects). Maps C(<namespace>/<name>) to a dictionary of key and text.
      - They are encoded within the module, and appear neither in its result nor in its difference.
    type: dict
    default: {}
  force_conflicts:
    description:
      - Take over fields that another field manager owns, and objects of ours that only others have applied, instead of
        failing with its name.
    type: bool
    default: false
  objects_to_come:
    description:
      - Objects that later tasks apply. They are refused now where they are unmanaged, before anything is written; and when
        O(objects) are applied, RV(to_apply) says which of them there is anything to do for. Given, also as an empty list,
        this is the first task that writes.
    type: list
    elements: dict
  leftovers_of:
    description:
      - An instance set, to find out what is left of it in the cluster beside the instances that are to be there.
    type: dict
    suboptions:
      namespace:
        description:
          - The namespace of the instances.
        type: str
        required: true
      set:
        description:
          - The instance set.
        type: str
        default: default
      kinds:
        description:
          - What it is made of, and where.
        type: list
        elements: dict
        required: true
        suboptions:
          api_version:
            description:
              - The API version.
            type: str
            required: true
          kind:
            description:
              - The kind.
            type: str
            required: true
          namespace:
            description:
              - Where to look.
            type: str
            required: true
      instances:
        description:
          - The names of the instances that are to be there.
        type: list
        elements: str
        default: []
requirements:
  - PyYAML >= 3.11
seealso:
  - module: llamastack.maas.plan
  - module: llamastack.maas.kube_delete
  - module: llamastack.maas.maas_wait_ready
"""

EXAMPLES = r"""
- name: Apply a Secret
  llamastack.maas.kube_apply:
    objects:
      - apiVersion: v1
        kind: Secret
        metadata:
          name: openai-prod-credentials
          namespace: llm
          labels:
            app.kubernetes.io/managed-by: llamastack.maas
            llamastack.maas/instance: openai-prod
            llamastack.maas/namespace: llm
            llamastack.maas/set: default
    secret_data:
      llm/openai-prod-credentials:
        api_key: "{{ lookup('ansible.builtin.env', 'OPENAI_API_KEY') }}"
  no_log: true

- name: Apply one object
  llamastack.maas.kube_apply:
    objects:
      - apiVersion: v1
        kind: ConfigMap
        metadata:
          name: openai-prod-config
          namespace: llm
          labels:
            app.kubernetes.io/managed-by: llamastack.maas
            llamastack.maas/instance: openai-prod
            llamastack.maas/namespace: llm
            llamastack.maas/set: default
        data:
          greeting: hello
"""

RETURN = r"""
objects:
  description: One entry for each of O(objects), in their order. When the module fails, it shows how far it came.
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
      description: The namespace of the object, or V(null).
      type: str
    instance:
      description: The instance that the object belongs to, or V(null).
      type: str
    changed:
      description: Whether its content was changed, or would be in check mode.
      type: bool
    action:
      description:
        - V(created), V(updated) or V(unchanged); V(used) for what was left as it is, an unmanaged Namespace
          or a ServiceAccount that another set of the same namespace uses, too.
        - V(failed) or V(not attempted) when the module fails.
      type: str
  sample:
    - kind: Secret
      name: openai-prod-credentials
      namespace: llm
      changed: true
      action: created
to_apply:
  description:
    - Those of O(objects_to_come) that are not there as they are given. Each was tried by the dry run of the API server; where
      that was refused, the task that applies the object will say why.
  returned: with O(objects_to_come), when the module succeeds
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
      description: The namespace of the object, or V(null).
      type: str
leftovers:
  description:
    - By the name of an instance that is not to be there, its objects, with no more than their names and labels. By that
      of one that is, the Secret of its key before a rotation.
  returned: with O(leftovers_of)
  type: dict
unreadable:
  description: What may not be listed, so that nothing is known of it, with the refusal.
  returned: with O(leftovers_of)
  type: list
  elements: str
revisions:
  description:
    - For each Secret of O(secret_data), 16 hexadecimal digits that change whenever its values do. Put into a pod
      template, they roll the pod when a key changes.
  returned: always
  type: dict
  sample:
    llm/openai-prod-credentials: 2b7e151628aed2a6
"""

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.batch import (
    NOTHING_BY_THIS_TASK,
    Batch,
    leftovers,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import SET_ARGUMENTS, Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.masking import take
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode, revision


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "objects": {"type": "list", "elements": "dict", "required": True},
            "secret_data": {"type": "dict", "default": {}, "no_log": True},
            "force_conflicts": {"type": "bool", "default": False},
            "objects_to_come": {"type": "list", "elements": "dict"},
            "leftovers_of": {
                "type": "dict",
                "options": {**SET_ARGUMENTS, "instances": {"type": "list", "elements": "str", "default": []}},
            },
        },
        supports_check_mode=True,
    )
    objects = module.params["objects"]
    secret_data = {key: values or {} for key, values in take(module, "secret_data").items()}
    problems = apply.input_problems(objects, secret_data)
    if problems:
        module.fail_json(msg=apply.listing(f"{NOTHING_BY_THIS_TASK}: what was handed in cannot be applied:", problems))

    encoded = {key: encode(values) for key, values in secret_data.items()}
    try:
        cluster = Cluster(module)
    except ApiError as exc:
        module.fail_json(msg=str(exc))

    batch = Batch(
        cluster,
        apply.with_secret_data(objects, secret_data),
        to_come=module.params["objects_to_come"],
        check_mode=module.check_mode,
        force=module.params["force_conflicts"],
        show_diffs=module._diff,
    )
    error, found, wanted = None, {}, module.params["leftovers_of"]
    if wanted:
        try:
            found = leftovers(cluster, wanted)
        except ApiError as exc:
            error = f"{batch.nothing}: could not see what is left of instance set {wanted['set']}: {exc}"
    error = error or batch.run()
    for warning in batch.warnings:
        module.warn(warning)
    results = batch.results()
    outcome = {
        "changed": any(entry["changed"] for entry in results),
        "objects": results,
        **found,
        "revisions": {key: revision(*key.split("/", 1), data) for key, data in encoded.items()},
    }
    if module._diff:
        outcome["diff"] = batch.diffs
    if error:
        module.fail_json(msg=error, **outcome)
    if module.params["objects_to_come"] is not None:
        outcome["to_apply"] = batch.to_apply()
    module.exit_json(**outcome)


if __name__ == "__main__":
    main()
