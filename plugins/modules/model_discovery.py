#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: model_discovery
short_description: Wait until MaaS lists the instances and their providers answer
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Polls the model list of Models-as-a-Service until every instance is listed to the caller, then gets one small answer
    of each, all side by side, through the gateway. Prints what it waits for.
  - Only an answer proves an instance. A wrong key leaves its pod healthy and its published id listed, and some providers
    list their models to anybody.
  - The call is a chat completion, or what the kind of the model or a refusal points to, such as an embedding. A field
    that is refused is spelled otherwise or left out.
  - Of an instance, C(model_prefix) (default its name), C(published_model), C(models), C(listed_ids) and C(access) are
    used where given.
  - An instance whose own token limit is used up is returned as V(limit_reached). That is neither proof nor failure.
  - An instance that is registered but closed to the caller is not waited for. It is returned as V(not_entitled), with
    the reason, and is no failure.
  - A list that MaaS makes by probing the instances can leave out one that works. There, being listed is not awaited;
    the answer decides.
  - Answers of 401 and 403 in the first two minutes are taken for caches of the gateway that have not caught up yet.
    What waiting cannot cure ends the wait at once, such as a certificate that is not trusted, an address without
    MaaS, or a key that the provider refused.
  - Polls every second at first and every five seconds later, honours C(Retry-After), and slows down on 429 and 5xx.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.calling
  - llamastack.maas.options.masking
  - llamastack.maas.options.instances
  - llamastack.maas.options.maas
  - llamastack.maas.options.trust
  - llamastack.maas.options.wait
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    details:
      - Nothing is asked, because what a real run would have made need not be there. The task is reported as skipped.
  idempotent:
    details: Nothing is modified. With O(proof=call) each instance makes a small call, of at most 16 tokens where its
      server takes such a limit.
options:
  proof:
    description:
      - What ends the wait for an instance.
      - V(call) - its provider answers a small call.
      - V(list) - the instance lists models of its provider. No token is spent, and nothing is proven. Models that the
        input names are listed whatever the provider says; the reason says whether it reported others.
      - V(access) - the gateway lets the caller call it, and the instance or its provider answers, whatever it says. An
        instance that is closed to the caller fails, and so does one from which no answer comes within seconds.
      - V(none) - MaaS lists it.
    type: str
    choices: [call, list, access, none]
    default: call
  scope:
    description: Which scope was deployed. With V(project), an instance that scope platform does not admit
      the caller to is V(not_entitled).
    type: str
    choices: [all, project]
    default: all
  wait_timeout:
    default: 300
  continuation:
    description: What an earlier attempt learned, so that nothing is asked twice. The action plugin passes it on.
    type: dict
seealso:
  - module: llamastack.maas.maas_wait_ready
  - module: llamastack.maas.maas_check
"""

EXAMPLES = r"""
- name: Wait until the instances are listed and their keys are proven
  llamastack.maas.model_discovery:
    url: https://maas.apps.example.com
    generation: b2
    instances: "{{ my_instances }}"
    urls:
      openai-prod: https://maas.apps.example.com/llm/openai-prod
  register: discovery

- name: Look once, as a user of the model, without a Kubernetes credential
  llamastack.maas.model_discovery:
    url: https://maas.apps.example.com
    token: "{{ lookup('ansible.builtin.env', 'MAAS_TOKEN') }}"
    generation: b2
    instances:
      - name: openai-prod
        namespace: llm
        url: https://maas.apps.example.com/llm/openai-prod
        published_model: gpt-4o-mini
    wait_timeout: 0
"""

RETURN = r"""
instances:
  description: What was found, by the name of the instance.
  returned: always, except in check mode
  type: dict
  contains:
    state:
      description:
        - V(proven) when the provider answered, V(limit_reached) when the caller's own limit came first, V(not_entitled)
          when closed to the caller.
        - V(listed), V(admitted) and V(visible) when O(proof=list), O(proof=access) and O(proof=none) wanted no more.
        - V(pending) when time was up first, V(failed) when waiting cannot help.
      type: str
    proven:
      description: Whether O(ignore:state) is V(proven).
      type: bool
    ids:
      description: What callers can name as the model, as far as MaaS lists it.
      type: list
      elements: str
    missing:
      description: Ids that MaaS should list and does not.
      type: list
      elements: str
    not_ready:
      description: Ids that MaaS lists as not ready.
      type: list
      elements: str
    provider_ids:
      description:
        - The models of the provider that the instance lists, because its provider does or because the input names them.
      type: list
      elements: str
    not_offered:
      description: Those of the instance's C(listed_ids) that it does not list.
      type: list
      elements: str
    subscription:
      description: The subscription to call the instance with.
      type: str
    namespace:
      description: The namespace of the instance.
      type: str
    url:
      description: The instance's own URL.
      type: str
    client_base_url:
      description: The base URL for an OpenAI client that calls the published id.
      type: str
    reason:
      description: Why it is not proven.
      type: str
    remedy:
      description: What to do about it.
      type: str
    last_error:
      description: The last answer that was not a success.
      type: str
    cause:
      description:
        - What that answer is about in one word, such as V(key_refused), where a call of the instance was refused.
      type: str
    doubtful:
      description: Whether C(cause) is a guess, because the refusal came without words or may not be the provider's.
      type: bool
  sample:
    openai-prod:
      state: proven
      proven: true
      ids: [publishers/llm/models/openai-prod]
      missing: []
      not_ready: []
      provider_ids: [openai-prod/gpt-4o, openai-prod/gpt-4o-mini]
      not_offered: []
      subscription: llm-openai-prod
      namespace: llm
      url: https://maas.apps.example.com/llm/openai-prod
      client_base_url: https://maas.apps.example.com/v1
      reason: ""
      remedy: ""
      last_error: ""
      cause: ""
      doubtful: false
caller:
  description: As whom MaaS was called.
  returned: always, except in check mode
  type: str
  sample: system:serviceaccount:llm:llamastack-maas-prober
elapsed:
  description: Seconds that it took.
  returned: always, except in check mode
  type: float
attempts:
  description: How often it looked.
  returned: always, except in check mode
  type: int
last_error:
  description: The last answer that was not a success, of any instance.
  returned: always, except in check mode
  type: str
pending:
  description: Whether waiting longer can help.
  returned: failure
  type: bool
progress:
  description: What is awaited, in one line.
  returned: always, except in check mode
  type: str
retry_after:
  description: Seconds for which MaaS asked not to be asked again, or V(null).
  returned: always, except in check mode
  type: float
continuation:
  description: What O(continuation) of the next attempt takes.
  returned: to the action plugin
  type: dict
"""

from ansible_collections.llamastack.maas.plugins.module_utils.maas.connection import CallingModule
from ansible_collections.llamastack.maas.plugins.module_utils.maas.discovery import (
    ACCESS,
    BY_CALL,
    PROOFS,
    Expectations,
    wait,
)


def main() -> None:
    module = CallingModule(
        {
            "proof": {"type": "str", "choices": list(PROOFS), "default": BY_CALL},
            "scope": {"type": "str", "choices": ["all", "project"], "default": "all"},
            "wait_timeout": {"type": "float", "default": 300.0},
            "continuation": {"type": "dict"},
        },
        urls_needed=True,
    )
    params = module.params
    if module.ansible.check_mode:
        module.ansible.exit_json(
            skipped=True, msg="Not looked for in check mode: a real run may have to make it first."
        )

    connect = module.connect(params["request_timeout"])
    expected = Expectations(
        generation=module.generation,
        maas_url=module.url,
        caller=module.caller(),
        instances=params["instances"],
        proof=params["proof"],
        chat_timeout=params["request_timeout"],
        awaits_platform=params["scope"] == "all",
    )
    outcome, found = wait(expected, connect, params["continuation"] or {}, params["wait_timeout"])
    user = expected.caller.user
    result = {"changed": False, "caller": user, **found, **outcome.cost()}
    if outcome.done:
        module.ansible.exit_json(**result)
    what = "can be called" if params["proof"] == ACCESS else "could be proven"
    text = f"Not every instance {what} as {user}:\n{outcome.last.value.message()}"
    module.ansible.fail_json(**{**result, **outcome.failure(text, params["wait_timeout"])})


if __name__ == "__main__":
    main()
