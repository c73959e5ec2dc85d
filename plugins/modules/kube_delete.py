#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kube_delete
short_description: Delete what this collection made, and wait until it is gone
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Deletes given objects, or everything of an instance set, with all that they own, and waits until they are gone.
  - An object is deleted only if its labels say that it belongs to the instance set, the model namespace and the instance
    that it is expected to belong to. Whatever is not managed by this instance set is left alone and reported.
  - A C(Namespace) goes last, and only if it then holds nothing but what the platform puts into every namespace.
  - What is of a kind that the cluster does not serve is gone. Neither KServe nor Models-as-a-Service need be there.
  - What cannot be deleted, because of a finalizer that nobody answers or of a refusal, does not keep the rest from
    going, and is named in the end with the reason. All that is asked to go is awaited together.
  - A finalizer is never removed, because what it guards would be left behind.
  - No value of a Secret is read.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.options.wait
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: Uses the dry run of the API server.
  diff_mode:
    support: full
    details: Shows the metadata of each object that goes, of a Secret no value.
  idempotent:
    support: full
options:
  objects:
    description: The objects. Only C(apiVersion), C(kind),
      C(metadata.name), C(metadata.namespace) and C(metadata.labels) are looked at; the labels say whose each one is
      expected to be.
    type: list
    elements: dict
    default: []
  all_of:
    description:
      - An instance set of which everything is to be deleted, or all of some of its instances.
    type: dict
    suboptions:
      namespace:
        description: The model namespace.
        type: str
        required: true
      set:
        description: The name of the instance set.
        type: str
        default: default
      kinds:
        description: What to look for, and where.
        type: list
        elements: dict
        required: true
        suboptions:
          api_version:
            description: The API version of the kind.
            type: str
            required: true
          kind:
            description: The kind.
            type: str
            required: true
          namespace:
            description: The namespace to look in. The policies and subscriptions of all model namespaces share one.
            type: str
            required: true
      instances:
        description: The names of the only instances of which all is to be deleted. It is found by its names then, so the
          permission to list it is not needed. An empty list means none; without the option, all of the instance set is
          meant.
        type: list
        elements: str
  wait_timeout:
    default: 300
  fail_left:
    description: Whether to fail because of what is not gone in the end. Otherwise RV(left) names it.
    type: bool
    default: true
seealso:
  - module: llamastack.maas.kube_apply
"""

EXAMPLES = r"""
- name: Remove the instances that the list names
  llamastack.maas.kube_delete:
    objects: "{{ my_objects }}"

- name: Remove all services of an instance set
  llamastack.maas.kube_delete:
    all_of:
      namespace: llm
      set: default
      kinds:
        - api_version: serving.kserve.io/v1alpha1
          kind: LLMInferenceService
          namespace: llm

- name: Remove the keys of one instance, and say what became of it
  llamastack.maas.kube_delete:
    all_of:
      namespace: llm
      instances: [openai-prod]
      kinds:
        - api_version: v1
          kind: Secret
          namespace: llm
    fail_left: false
  register: removal
"""

RETURN = r"""
removed:
  description: What was deleted, or would be in check mode.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: LLMInferenceService
      name: openai-prod
      namespace: llm
      instance: openai-prod
unmanaged:
  description: What was left alone, each with the reason in C(why).
  returned: always
  type: list
  elements: dict
  sample:
    - kind: Secret
      name: openai-prod-credentials
      namespace: llm
      instance: openai-prod
      why: is not managed by this collection
left:
  description:
    - What is not gone, each with what it waits for, or who refuses it, in C(why), and with what to do in C(remedy).
    - C(name) is V(*) where the objects of a kind may not even be listed.
  returned: always
  type: list
  elements: dict
  sample: []
instances:
  description: The outcome by the name of the instance.
  returned: always
  type: dict
  contains:
    state:
      description: V(removed), V(not_removed) where something stays, V(unmanaged) where there are objects of others
        only, or V(nothing_there). V(planned) in check mode.
      type: str
    reason:
      description: What stays, and why.
      type: str
    remedy:
      description: What to do about it.
      type: str
    changed:
      description: What was deleted, each as C(<kind> deleted).
      type: list
      elements: str
  sample:
    openai-prod:
      state: removed
      reason: ''
      remedy: ''
      changed: [LLMInferenceService deleted]
lines:
  description: The same as a text, line by line.
  returned: always
  type: list
  elements: str
elapsed:
  description: For how long it waited, in seconds.
  returned: always
  type: float
  sample: 2.1
attempts:
  description: How often it looked.
  returned: always
  type: int
  sample: 3
pending:
  description: Whether waiting longer could have helped.
  returned: failure
  type: bool
progress:
  description: What was awaited last, on one line.
  returned: failure
  type: str
"""

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import SET_ARGUMENTS, Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError, unverified
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.removal import Removal
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.removal_report import message


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "objects": {"type": "list", "elements": "dict", "default": []},
            "all_of": {
                "type": "dict",
                "options": {**SET_ARGUMENTS, "instances": {"type": "list", "elements": "str"}},
            },
            "wait_timeout": {"type": "float", "default": 300},
            "fail_left": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    try:
        cluster = Cluster(module)
        if not cluster.is_verified:
            module.warn(". ".join(unverified(cluster.url)))
        removal = Removal(cluster, module.params, module.check_mode)
    except (ApiError, ValueError) as exc:
        module.fail_json(msg=f"Nothing was deleted: {exc}")

    outcome = removal.run()
    result = {**removal.result(), **outcome.cost()}
    for ref, why in removal.untried.items():
        module.warn(f"{ref} is planned to go without a dry run of its deletion: {why}")
    if module._diff:
        result["diff"] = removal.diffs
    if outcome.done or not module.params["fail_left"]:
        module.exit_json(**result)

    text = "\n- ".join(["Not gone:", *message(result["left"])])
    module.fail_json(**outcome.failure(text, removal.timeout), **result)


if __name__ == "__main__":
    main()
