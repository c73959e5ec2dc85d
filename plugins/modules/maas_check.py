#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maas_check
short_description: Check instances behind MaaS by real calls
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Checks all instances side by side, each by calls through the gateway - that MaaS lists it, that it answers a chat
    completion, whole and as a stream, with its usage, that the published id can be called as it is, and that callers
    without a credential, outsiders and models that are not offered are refused.
  - The calls carry an ephemeral credential per instance, bound to its subscription and revoked by its id at the end.
    A few dozen tokens are used for each instance.
  - An instance without a URL is not called; its checks are skipped.
  - Returns the results only. A failed check does not fail the module, so that reports can be made of all results
    first.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.calling
  - llamastack.maas.options.masking
  - llamastack.maas.options.instances
  - llamastack.maas.options.maas
  - llamastack.maas.options.trust
  - llamastack.maas.options.proof
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    details: Nothing is called. The task is reported as skipped.
  idempotent:
    details: Nothing that lasts is modified. Credentials and a ServiceAccount are made and removed again.
options:
  checks:
    description: Which of the calls to make, by the names in RV(checks). What they need is done, too. An empty list
      means all checks.
    type: list
    elements: str
    choices: [chat, models, stream, usage, published_id, closed_models, no_credentials, outsider, rate_limit]
    default: []
  set:
    description: The instance set that a throw-away ServiceAccount is labelled with.
    type: str
    default: default
  observations:
    description: What the cluster shows of each instance, as the C(instances) that M(llamastack.maas.maas_wait_ready)
      returns. Makes the checks C(objects) and C(pods).
    type: dict
  outsider_token:
    description:
      - The bearer token of somebody whom the instances must refuse.
      - Without it, a ServiceAccount is made in O(namespace) for the time of the checks, unless access to all
        instances is open to everybody.
    type: str
  rate_limit:
    description:
      - Whether to use up the lowest token limit of each instance until it is refused with 429. That costs as many
        tokens.
      - Limits of more than 160000 tokens are skipped.
    type: bool
    default: false
  chat_timeout:
    description: For how many seconds to wait for one answer of an instance.
    type: float
    default: 60
  settle_timeout:
    description: For how many seconds, for each instance, refusals and missing routes are taken for not being there yet.
    type: float
    default: 60
  limit_timeout:
    description: For how many seconds, for each instance, an answer of 429 is waited out before it is reported.
    type: float
    default: 130
seealso:
  - module: llamastack.maas.model_discovery
  - module: llamastack.maas.display
"""

EXAMPLES = r"""
- name: Check the instances
  llamastack.maas.maas_check:
    url: https://maas.apps.example.com
    generation: b2
    instances: "{{ my_instances }}"
    urls:
      openai-prod: https://maas.apps.example.com/llm/openai-prod
  register: validation

- name: Print the results
  llamastack.maas.display:
    lines: "{{ validation.failed_checks }}"

- name: Fail if a check failed
  ansible.builtin.assert:
    that: validation.failed_checks | length == 0
"""

RETURN = r"""
checks:
  description: The results, by instance in the order of O(instances), and in the order in which they were made.
  returned: always, except in check mode
  type: list
  elements: dict
  contains:
    instance:
      description: The name of the instance.
      type: str
    namespace:
      description: The namespace of the instance.
      type: str
    check:
      description:
        - V(objects) and V(pods) when O(observations) show them ready.
        - V(listed) when the caller sees the instance in MaaS's list.
        - V(credential) when MaaS issues a credential for the instance, V(credential_revoked) when it takes it back.
        - V(health) when the instance says that it is healthy.
        - V(chat), V(stream) and V(usage) when a chat completion is answered by this instance, whole, in chunks, and
          with the tokens that it used.
        - V(models) when the provider has all models of the instance.
        - V(published_id) when the id that MaaS lists can be called at the URL that users are given.
        - V(closed_models), V(no_credentials) and V(outsider) when each of these is refused.
        - V(rate_limit), with O(rate_limit=true), when the token limit ends in 429.
      type: str
    state:
      description: V(passed), V(failed), or V(skipped) when it does not apply or could not be made.
      type: str
    detail:
      description: What was seen, or why it was skipped.
      type: str
    remedy:
      description: What to do about a failure.
      type: str
    seconds:
      description: How long it took, waiting and tries included.
      type: float
    measures:
      description:
        - Of V(chat) and V(stream), the seconds from the call until the whole answer had come (C(total_time)) and, of a
          stream, until the first chunk with a part of the answer had come (C(time_to_first_token)).
        - Of the call that was answered, its connection included, without what was waited for before.
      returned: where something was measured
      type: dict
  sample:
    - instance: openai-prod
      namespace: llm
      check: chat
      state: passed
      detail: openai-prod/gpt-4o-mini answered at https://maas.apps.example.com/llm/openai-prod
      remedy: ""
      seconds: 0.81
      measures:
        total_time: 0.62
failed_checks:
  description: The failed checks, each as C(<instance>/<check>).
  returned: always, except in check mode
  type: list
  elements: str
  sample: [gemini-team-a/chat]
caller:
  description: As whom MaaS was called.
  returned: always, except in check mode
  type: str
  sample: alice
"""

import time

from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import FAILED
from ansible_collections.llamastack.maas.plugins.module_utils.maas.checks import (
    SELECTABLE,
    ValidationPlan,
    World,
    check_all,
)
from ansible_collections.llamastack.maas.plugins.module_utils.maas.connection import CallingModule
from ansible_collections.llamastack.maas.plugins.module_utils.maas.outsider import outsider_for


def main() -> None:
    module = CallingModule(
        {
            "checks": {"type": "list", "elements": "str", "choices": list(SELECTABLE), "default": []},
            "set": {"type": "str", "default": "default"},
            "observations": {"type": "dict"},
            "outsider_token": {"type": "str", "no_log": True},
            "rate_limit": {"type": "bool", "default": False},
            "proof": {"type": "str", "choices": ["call", "list"], "default": "call"},
            "chat_timeout": {"type": "float", "default": 60.0},
            "settle_timeout": {"type": "float", "default": 60.0},
            "limit_timeout": {"type": "float", "default": 130.0},
        },
        urls_needed=False,
    )
    params = module.params
    if module.ansible.check_mode:
        module.ansible.exit_json(skipped=True, msg="Nothing is called in check mode.")

    connect = module.connect(params["request_timeout"])
    caller = module.caller()
    with outsider_for(module) as outsider:
        plan = ValidationPlan(
            generation=module.generation,
            maas_url=module.url,
            caller=caller,
            outsider=outsider,
            rate_limit=params["rate_limit"] or "rate_limit" in params["checks"],
            spend=params["proof"] == "call",
            only=frozenset(params["checks"]),
            chat_timeout=params["chat_timeout"],
            settle_timeout=params["settle_timeout"],
            limit_timeout=params["limit_timeout"],
        )
        checks = check_all(
            plan, params["instances"], World(connect, time.monotonic, time.sleep), params["observations"]
        )
    module.ansible.exit_json(
        changed=False,
        checks=checks,
        failed_checks=[f"{check['instance']}/{check['check']}" for check in checks if check["state"] == FAILED],
        caller=caller.user,
    )


if __name__ == "__main__":
    main()
