#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litellm_route
short_description: Bring one route to a LiteLLM, several models behind one name
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - A route is a deployment for each of its models, in an order, and what is to answer where the context is too long.
  - Its deployments need the parameters and credentials of the models that they stand for, which LiteLLM does not give
    back. So O(models) and O(credentials) are those of M(llamastack.maas.litellm_content); the models themselves are not
    changed.
  - The same code as M(llamastack.maas.litellm_content), for one object.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.litellm
  - llamastack.maas.litellm.objects
  - llamastack.maas.litellm.state
  - kubernetes.core.k8s_auth_options
options:
  name:
    description: The public name of the route. No model may have it.
    type: str
    required: true
  order:
    description:
      - The models that answer, by their public names. The next one is called where a call to the one before fails - no
        connection, an error of the server or of the key, too many requests, a timeout.
      - The first one is left alone for O(cooldown) seconds after failures. A route of one model never leaves it.
    type: list
    elements: str
  on_context:
    description: The models that answer where the context is too long for the route, which is no failure for O(order).
      Callers must be allowed to call them, too, or LiteLLM skips them.
    type: list
    elements: str
  cooldown:
    description: For how many seconds a model that failed is left alone.
    type: float
  timeout:
    description: For how many seconds to wait for one model.
    type: float
  models:
    description: The models that O(order) names. Required where O(state) is V(present).
    type: list
    elements: dict
    suboptions:
      name:
        description: The public name, by which callers and lists of models name it.
        type: str
        required: true
      model:
        description: What LiteLLM calls, its provider first, such as V(openai/gpt-4o-mini) or
          V(hosted_vllm/llama-32-3b).
        type: str
        required: true
      mode:
        description: What the model does, such as V(chat), V(completion) or V(embedding).
        type: str
      max_output_tokens:
        description: The most tokens of an answer. For every call that names no limit of its own, a key with a budget
          sets aside
          the price of so many tokens, of 16384 where this is not given.
        type: int
      params:
        description:
          - Further parameters of LiteLLM, such as C(api_base), C(tpm) or C(input_cost_per_token). Those that are not
            named stay as they are.
          - One that was named before and is named no more has the deployment replaced, for LiteLLM cannot take it away.
            The new one is there before the old one goes.
          - A price above 0.001 US dollars for one token is refused.
        type: dict
      info:
        description: Further fields of C(model_info).
        type: dict
      credential:
        description: The name of an entry of O(credentials), with the parameters that nobody is to see.
        type: str
  credentials:
    description: The parameters of the models that nobody is to see, by the name that O(models[].credential) gives.
    type: dict
    default: {}
seealso:
  - module: llamastack.maas.litellm_content
  - module: llamastack.maas.litellm_info
"""

EXAMPLES = r"""
- name: Have the models within the cluster answer first
  llamastack.maas.litellm_route:
    url: https://litellm.apps.example.com
    token: "{{ litellm_master_key }}"
    name: ops-assistant
    order: [granite-8b, gemini/gemini-2.5-flash]
    on_context: [gemini/gemini-2.5-flash]
    cooldown: 60
    timeout: 30
    models: "{{ my_models }}"
    credentials: "{{ my_credentials }}"
"""

RETURN = r"""
objects:
  description: What became of the object, as RV(llamastack.maas.litellm_content#module:objects).
  returned: always
  type: list
  elements: dict
  sample:
    - kind: route
      name: ops-assistant
      action: updated
      changed: true
      fields: [order.granite-8b]
counts:
  description: How many objects of each kind came to what.
  returned: always
  type: dict
  sample:
    routes:
      updated: 1
"""

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.litellm.connection import LitellmModule
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.running import (
    CREDENTIALS,
    MODEL,
    ROUTE,
    credentials,
    entries_of,
    one_object,
    only_given,
)


def with_members(module: LitellmModule, _route: dict[str, t.Any]) -> dict[str, t.Any]:
    """The models that the route stands for, which are not written themselves."""
    members = [only_given(entry) for entry in module.params["models"] or []]
    return {"members": members, "credentials": credentials(module, "credentials")}


def main() -> None:
    one_object(
        "route",
        ROUTE,
        more={"models": entries_of(MODEL), "credentials": CREDENTIALS},
        extra=with_members,
        required_if=[("state", "present", ("order", "models"))],
    )


if __name__ == "__main__":
    main()
