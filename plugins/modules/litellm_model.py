#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litellm_model
short_description: Bring one model to a LiteLLM
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - A model is one deployment of a public name. It is known by a mark of ours, so its id may change.
  - The same code as M(llamastack.maas.litellm_content), for one object.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.litellm
  - llamastack.maas.litellm.objects
  - llamastack.maas.litellm.state
  - kubernetes.core.k8s_auth_options
options:
  name:
    description: The public name, by which callers and lists of models name it.
    type: str
    required: true
  model:
    description: What LiteLLM calls, its provider first, such as V(openai/gpt-4o-mini) or V(hosted_vllm/llama-32-3b).
      Required where O(state) is V(present).
    type: str
  mode:
    description: What the model does, such as V(chat), V(completion) or V(embedding).
    type: str
  max_output_tokens:
    description: The most tokens of an answer. For every call that names no limit of its own, a key with a budget sets
      aside
      the price of so many tokens, of 16384 where this is not given.
    type: int
  params:
    description:
      - Further parameters of LiteLLM, such as C(api_base), C(tpm) or C(input_cost_per_token). Those that are not named
        stay as they are.
      - One that was named before and is named no more has the deployment replaced, for LiteLLM cannot take it away. The
        new one is there before the old one goes.
      - A price above 0.001 US dollars for one token is refused.
    type: dict
  info:
    description: Further fields of C(model_info).
    type: dict
  credentials:
    description: The parameters that nobody is to see, such as C(api_key). A salted hash beside the model says whether
      they are still
      the same.
    type: dict
    default: {}
seealso:
  - module: llamastack.maas.litellm_content
  - module: llamastack.maas.litellm_info
"""

EXAMPLES = r"""
- name: Have a model of OpenAI
  llamastack.maas.litellm_model:
    url: https://litellm.apps.example.com
    token: "{{ litellm_master_key }}"
    name: openai-prod/gpt-4o-mini
    model: openai/gpt-4o-mini
    mode: chat
    max_output_tokens: 4096
    credentials:
      api_key: "{{ openai_api_key }}"

- name: Remove it
  llamastack.maas.litellm_model:
    url: https://litellm.apps.example.com
    token: "{{ litellm_master_key }}"
    name: openai-prod/gpt-4o-mini
    state: absent
"""

RETURN = r"""
objects:
  description: What became of the object, as RV(llamastack.maas.litellm_content#module:objects).
  returned: always
  type: list
  elements: dict
  sample:
    - kind: model
      name: openai-prod/gpt-4o-mini
      action: updated
      changed: true
      fields: [litellm_params.tpm]
counts:
  description: How many objects of each kind came to what.
  returned: always
  type: dict
  sample:
    models:
      updated: 1
"""

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.litellm.connection import LitellmModule
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.running import (
    CREDENTIALS,
    MODEL,
    credentials,
    one_object,
)


def with_credentials(module: LitellmModule, model: dict[str, t.Any]) -> dict[str, t.Any]:
    """Have the model name its credentials, as an entry of a list does."""
    given = credentials(module, "credentials")
    if given:
        model["credential"] = model["name"]
    return {"credentials": {model["name"]: given}}


def main() -> None:
    spec = {name: each for name, each in MODEL.items() if name != "credential"}
    one_object(
        "model",
        spec,
        more={"credentials": CREDENTIALS},
        extra=with_credentials,
        required_if=[("state", "present", ("model",))],
    )


if __name__ == "__main__":
    main()
