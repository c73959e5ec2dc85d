#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: set_info
short_description: Tell which instances of a set are in the cluster
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Finds, by their labels, the objects of all instances that belong to one set and one model namespace, whatever list
    they came from. What all instances share is not among them.
  - Needs the right to list, and nothing more. Only the metadata of objects is read, so no value of a Secret is.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - kubernetes.core.k8s_auth_options
options:
  namespace:
    description:
      - The model namespace.
    type: str
    required: true
  set:
    description:
      - The name of the set.
    type: str
    default: default
  kinds:
    description:
      - What to look for, and where. A kind that the cluster does not serve is passed over.
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
seealso:
  - module: llamastack.maas.kube_delete
"""

EXAMPLES = r"""
- name: Look for the instances of a set
  llamastack.maas.set_info:
    namespace: llm
    kinds:
      - api_version: serving.kserve.io/v1alpha1
        kind: LLMInferenceService
        namespace: llm
      - api_version: v1
        kind: Secret
        namespace: llm
  register: found

- name: Delete one of them with all that was found of it
  llamastack.maas.kube_delete:
    objects: "{{ found.instances['gemini-old'] }}"
"""

RETURN = r"""
instances:
  description:
    - The objects by the name of their instance, each with C(apiVersion), C(kind) and the C(name), C(namespace) and
      C(labels) of its metadata, as M(llamastack.maas.kube_delete) takes them.
  returned: success
  type: dict
  sample:
    gemini-old:
      - apiVersion: v1
        kind: Secret
        metadata:
          name: gemini-old-credentials
          namespace: llm
          labels:
            app.kubernetes.io/managed-by: llamastack.maas
            llamastack.maas/instance: gemini-old
            llamastack.maas/namespace: llm
            llamastack.maas/set: default
unreadable:
  description: The kinds that may not be listed, each with what the API server said. Instances may be missing then.
  returned: success
  type: list
  elements: str
  sample: []
"""

import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import SET_ARGUMENTS, Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import owner_of

Object = t.Dict[str, t.Any]


def find(cluster: Cluster, params: dict[str, t.Any]) -> tuple[list[Object], list[str]]:
    """The objects of the set in the order of the kinds, and what may not be listed."""
    found: list[Object] = []
    unreadable = []
    for kind, answer in cluster.list_set(params).items():
        if not isinstance(answer, ApiError):
            found += answer
        elif answer.status == 403:
            unreadable.append(f"{kind[1]} in namespace {kind[2]}: {answer}")
        else:
            raise answer
    return found, unreadable


def by_instance(objects: t.Iterable[Object]) -> dict[str, list[Object]]:
    """The objects without what only the API server needs, by the name of their instance, in the order of the names."""
    found: dict[str, list[Object]] = {}
    for obj in objects:
        owner = owner_of(obj)
        if owner and owner.instance:
            metadata = {key: obj["metadata"][key] for key in ("name", "namespace", "labels")}
            short = {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": metadata}
            found.setdefault(owner.instance, []).append(short)
    return dict(sorted(found.items()))


def main() -> None:
    module = AnsibleK8SModule(argument_spec={**AUTH_ARG_SPEC, **SET_ARGUMENTS}, supports_check_mode=True)
    try:
        objects, unreadable = find(Cluster(module), module.params)
    except ApiError as exc:
        module.fail_json(msg=f"Could not look for the instances of set {module.params['set']}: {exc}")
    module.exit_json(changed=False, instances=by_instance(objects), unreadable=unreadable)


if __name__ == "__main__":
    main()
