#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litellm_export
short_description: What a LiteLLM holds, as the lists of this collection
version_added: 0.2.0
author: llamastack.maas contributors (@llamastack)
description:
  - Reads the models, routes, teams, users and keys of a LiteLLM, whoever made them, and returns the variables with which
    playbooks C(litemaas_content) and C(litemaas_deploy) would make the same; with those of instances, C(deploy) brings
    them to MaaS.
  - Models of the providers in O(providers) become instances. Those of any other server that speaks OpenAI's protocol
    become entries of C(litemaas_models).
  - No credential of a provider and no value of a key is returned, for LiteLLM gives none away. Nothing is granted to
    anybody that is not granted in LiteLLM; what cannot be said in the lists is left out, and noted.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.info_module
  - llamastack.maas.litellm
  - kubernetes.core.k8s_auth_options
options:
  providers:
    description:
      - What there is to know of the providers, by name. The playbook gives those of the collection and of
        C(llamastack_maas_providers).
      - Of each entry it reads C(litellm), C(settings), C(credentials) and C(model_ids).
    type: dict
    default: {}
  secret_namespace:
    description: The namespace of the Secrets that keys name for their values.
    type: str
    default: litemaas
seealso:
  - module: llamastack.maas.litellm_content
"""

EXAMPLES = r"""
- name: Read what a LiteLLM holds
  llamastack.maas.litellm_export:
    url: https://litellm.apps.example.com
    token: "{{ lookup('ansible.builtin.env', 'LITELLM_MASTER_KEY') }}"
    providers:
      openai:
        credentials: {api_key: {}}
        litellm: {model: "openai/{id}", params: {api_key: api_key}}
  register: found

- name: Keep it as a file of variables
  ansible.builtin.copy:
    content: "{{ found.text }}"
    dest: exported.yml
    mode: "0600"
"""

RETURN = r"""
lists:
  description: The entries, by the name of the variable that takes them.
  returned: success
  type: dict
  sample:
    llamastack_maas_instances:
      - {name: openai-prod, provider: openai, api_key_env: OPENAI_PROD_API_KEY, models: [gpt-4o-mini]}
    litemaas_models: []
    litemaas_routes: []
    litemaas_teams: []
    litemaas_users: []
    litemaas_keys:
      - {alias: notebook, models: [openai-prod/gpt-4o-mini], secret: {name: notebook-key, namespace: litemaas}}
notes:
  description: What of LiteLLM has no counterpart in the lists, or another one than might be thought.
  returned: success
  type: list
  elements: dict
  contains:
    object:
      description: What it is about, as its kind and its name.
      type: str
      returned: always
      sample: model azure-gpt
    what:
      description: What is left out or differs, as the rest of a sentence.
      type: str
      returned: always
      sample: "is left out: it is of LiteLLM's provider azure, and no provider of the registry is that"
variables:
  description: The environment variables that are to hold credentials of providers, each with the name of its entry.
  returned: success
  type: dict
  sample: {OPENAI_PROD_API_KEY: openai-prod}
text:
  description: The lists as YAML, with what is to be done to them as comments.
  returned: success
  type: str
  sample: "---\nllamastack_maas_instances: []\n"
summary:
  description: How many entries there are, and the notes, a line each.
  returned: success
  type: list
  elements: str
  sample: ["1 instance, 1 key"]
"""

import time

from ansible_collections.llamastack.maas.plugins.module_utils.litellm.answers import told
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import LitellmError
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.connection import LitellmModule
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.export import (
    Unreadable,
    export,
    read,
    summary,
    text,
)


def main() -> None:
    module = LitellmModule(
        {
            "providers": {"type": "dict", "default": {}},
            "secret_namespace": {"type": "str", "default": "litemaas", "no_log": False},
        }
    )
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        reading = read(module.litellm(), now)
    except (LitellmError, Unreadable) as error:
        module.fail(f"The content of LiteLLM could not be read: {told(error)}")
    found = export(reading, module.params["providers"], module.params["secret_namespace"])
    module.exit(
        changed=False,
        lists=found.lists,
        notes=found.notes,
        variables=found.variables,
        text=text(found, module.url, now),
        summary=summary(found),
    )


if __name__ == "__main__":
    main()
