#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kserve_model_info
short_description: Where models that KServe serves are called, and whether they answer now
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Looks for an C(InferenceService) or an C(LLMInferenceService) by its name or by labels, and reads from it the URL
    within the cluster, the id of the model and whether it is ready.
  - A model that is scaled to 0, or not ready, is returned as it is. Of one that cannot be called at all, it says why.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - kubernetes.core.k8s_auth_options
options:
  models:
    description: The models to look for, each by a name or by labels that only one of its namespace has.
    type: list
    elements: dict
    required: true
    suboptions:
      namespace:
        description: The namespace of the model.
        type: str
        required: true
      name:
        description: The name of its object.
        type: str
      labels:
        description: Labels of its object.
        type: dict
seealso:
  - module: llamastack.maas.litellm_content
"""

EXAMPLES = r"""
- name: Look for a model
  llamastack.maas.kserve_model_info:
    models:
      - {namespace: private-ai, name: granite-8b}
  register: found

- name: Call it
  ansible.builtin.uri:
    url: "{{ found.models['private-ai/granite-8b'].url }}/models"
"""

RETURN = r"""
models:
  description: What was found, by C(<namespace>/<name>) or, with labels, C(<namespace>/{<label>=<value>,...}).
  returned: success
  type: dict
  contains:
    problem:
      description: Why there is no such model, or none that can be called; everything else is empty then.
      type: str
    kind:
      description: C(InferenceService) or C(LLMInferenceService).
      type: str
    namespace:
      description: Its namespace.
      type: str
    name:
      description: The name of its object.
      type: str
    url:
      description: The base URL of its OpenAI API.
      type: str
    model:
      description: The id of the model in a call. A server under whose object's name it is not served has it in its
        arguments; else it is that name.
      type: str
    state:
      description: V(ready), V(scaled to 0) or V(not ready).
      type: str
    reason:
      description: Why it is not ready.
      type: str
  sample:
    private-ai/granite-8b:
      problem: ""
      kind: InferenceService
      namespace: private-ai
      name: granite-8b
      url: http://granite-8b-predictor.private-ai.svc.cluster.local/v1
      model: granite-8b
      state: ready
      reason: ""
"""

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kserve import served_models, served_reading
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError

OPTIONS = {
    "namespace": {"type": "str", "required": True},
    "name": {"type": "str"},
    "labels": {"type": "dict"},
}


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "models": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": OPTIONS,
                "mutually_exclusive": [("name", "labels")],
                "required_one_of": [("name", "labels")],
            },
        },
        supports_check_mode=True,
    )
    wanted = module.params["models"]
    try:
        found = served_reading.read(Cluster(module), wanted)
    except ApiError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(
        changed=False, models={served_models.key_of(each): one._asdict() for each, one in zip(wanted, found)}
    )


if __name__ == "__main__":
    main()
