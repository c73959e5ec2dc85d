#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maas_wait_ready
short_description: Wait until instances are ready and registered
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Waits for all instances at once, with a handful of requests per look however many there are.
  - An instance is ready when KServe has observed its service as it is, says Ready, has published a URL, and the newest
    revision is rolled out. What is registered with Models-as-a-Service must be reconciled too, as far as O(scope) goes.
  - An instance that waiting cannot bring up ends its wait at once; the others are still waited for.
  - Whatever is not ready in the end is explained. The message says, per instance, the first condition that fails, the
    cause where it is a known one, the state of its pod, the last warnings, the end of its log, and what to do.
  - While it waits, a line is printed whenever something changes, and every 15 seconds.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - llamastack.maas.options.masking
  - llamastack.maas.options.wait
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    details: Looks once, and does not fail because of what is not ready.
options:
  namespace:
    description: The model namespace.
    type: str
    required: true
  instances:
    description: The names of the instances.
    type: list
    elements: str
    required: true
  registration:
    description:
      - The objects that register the instances and that are to be awaited, whole.
      - What carries no label C(llamastack.maas/instance) is not awaited.
    type: list
    elements: dict
    default: []
  scope:
    description:
      - Which scope of the work is awaited.
      - V(all) awaits everything.
      - With V(project), a model that lacks nothing but the policy and the subscription of the platform counts as ready.
      - With V(platform), services are not looked at, and a policy or subscription that lacks nothing but its model
        counts as ready.
    type: str
    choices: [all, project, platform]
    default: all
  wait_timeout:
    default: 600
  explain:
    description: Whether to read events and logs of what is not ready in the end.
    type: bool
    default: true
  fail_unready:
    description: Whether to fail because of what is not ready in the end. Otherwise RV(instances) shows it.
    type: bool
    default: true
seealso:
  - module: llamastack.maas.kube_apply
  - module: llamastack.maas.model_discovery
"""

EXAMPLES = r"""
- name: Wait for two instances
  llamastack.maas.maas_wait_ready:
    namespace: llm
    instances: [openai-prod, gemini-team-a]
    wait_timeout: 300
  register: waited

- name: Say where they are
  ansible.builtin.debug:
    msg: "{{ waited.instances | dict2items | map(attribute='value.url') }}"

- name: Wait for scope project, which ends where scope platform begins
  llamastack.maas.maas_wait_ready:
    namespace: llm
    instances: "{{ instances | map(attribute='name') }}"
    registration: "{{ my_registration }}"
    scope: project
"""

RETURN = r"""
instances:
  description: What was last seen of each of O(instances).
  returned: whenever the cluster was read
  type: dict
  contains:
    ready:
      description: Whether it is ready.
      type: bool
    state:
      description:
        - V(ready), V(waiting), or V(failed) when waiting longer cannot help.
        - V(scaled to 0) where no replica is asked for. There is no pod to wait for then, and nothing answers.
      type: str
    url:
      description: Its own URL at the gateway; V(null) as long as there is none, and with O(scope=platform).
      type: str
    note:
      description: What is still open although it counts as ready, such as scope platform with O(scope=project).
        Empty otherwise.
      type: str
    what:
      description: The object, or the part of it, that decides about the state.
      type: str
    reason:
      description: The reason of the condition that decides, as one word. Empty when ready.
      type: str
    message:
      description: The message of the condition that decides. Empty when ready.
      type: str
    explanations:
      description: The known causes that were recognised, the one nearest to the root first.
      returned: when it is not ready and O(explain=true)
      type: list
      elements: dict
      contains:
        cause:
          description: The cause in a few words.
          type: str
        evidence:
          description: What shows it.
          type: str
        remedy:
          description: What to do.
          type: str
  sample:
    openai-prod:
      ready: true
      state: ready
      url: https://maas.apps.example.com/llm/openai-prod
      note: ''
      what: LLMInferenceService
      reason: ''
      message: ''
elapsed:
  description: For how long it waited, in seconds.
  returned: whenever the cluster was read
  type: float
  sample: 31.4
attempts:
  description: How often it looked.
  returned: whenever the cluster was read
  type: int
  sample: 9
pending:
  description: Whether waiting longer could have helped.
  returned: failure
  type: bool
progress:
  description: What was awaited last, on one line.
  returned: failure
  type: str
retry_after:
  description: For how many seconds the API server asked not to be asked again.
  returned: failure, when it did
  type: float
"""

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kserve.wait import Wait
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, KindNotServed
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.masking import ARGUMENTS, Masking


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            **ARGUMENTS,
            "namespace": {"type": "str", "required": True},
            "instances": {"type": "list", "elements": "str", "required": True},
            "registration": {"type": "list", "elements": "dict", "default": []},
            "scope": {"type": "str", "choices": ["all", "project", "platform"], "default": "all"},
            "wait_timeout": {"type": "float", "default": 600},
            "explain": {"type": "bool", "default": True},
            "fail_unready": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    masking = Masking(module)
    try:
        cluster = Cluster(module)
        wait = Wait(cluster, module.params, module.check_mode)
        outcome = wait.run()
        if not outcome.done and module.params["explain"] and not module.check_mode:
            masking.read(lambda: cluster, module.params["namespace"])
            wait.explain()
    except KindNotServed as exc:
        if module.check_mode:
            module.exit_json(changed=False, instances={}, msg=f"Nothing to wait for: {exc}.")
        module.fail_json(msg=f"Cannot wait: {exc}.")
    except (ApiError, ValueError) as exc:
        module.fail_json(msg=f"Cannot wait: {exc}")

    result = {
        "changed": False,
        "instances": {name: seen.as_result() for name, seen in wait.seen.items()},
        **outcome.cost(),
    }
    if outcome.done or module.check_mode or not module.params["fail_unready"]:
        module.exit_json(**result)
    module.fail_json(**outcome.failure(wait.message(outcome), wait.timeout), **result)


if __name__ == "__main__":
    main()
