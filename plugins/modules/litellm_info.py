#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litellm_info
short_description: Read what a LiteLLM has
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Reads models, router settings, teams, users, keys and shared budgets by lists.
  - No value of a key is in the result, nor a parameter that is a credential.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.litellm
  - llamastack.maas.litellm.info
  - kubernetes.core.k8s_auth_options
options:
  gather:
    description: What to read. An empty list reads everything.
    type: list
    elements: str
    choices: [models, settings, teams, users, virtual_keys, budgets, salt]
    default: []
  compare:
    description:
      - Lists to compare with what LiteLLM has, as O(llamastack.maas.litellm_content#module:models), C(routes), C(teams),
        C(users) and C(keys) of that module, and the C(set) that they are of.
      - C(credentials) has, by the name that models give, the names of the parameters that nobody is to see. Neither their
        values nor those of keys are compared.
    type: dict
seealso:
  - module: llamastack.maas.litellm_content
"""

EXAMPLES = r"""
- name: Read keys and teams
  llamastack.maas.litellm_info:
    url: https://litellm.apps.example.com
    token: "{{ litellm_master_key }}"
    gather: [teams, virtual_keys]
  register: gateway

- name: Show which keys are close to their budget
  ansible.builtin.debug:
    msg: "{{ gateway.virtual_keys | selectattr('budget') | rejectattr('spend', 'lt', 4) | map(attribute='alias') }}"
"""

RETURN = r"""
status:
  description: The HTTP status of the request that failed, 0 where no answer came.
  returned: failure
  type: int
  sample: 401
models:
  description: The deployments, those of routes included.
  returned: where O(gather) has it
  type: list
  elements: dict
  sample:
    - name: openai-prod/gpt-4o-mini
      id: llamastack-maas-2b7e151628aed2a6abf71589
      model: openai/gpt-4o-mini
      mode: chat
      route: false
      in_database: true
      set: default
      params: {api_base: "https://api.openai.com/v1"}
settings:
  description: The settings of the router that have a value, such as C(context_window_fallbacks).
  returned: where O(gather) has it
  type: dict
  sample:
    context_window_fallbacks: [{ops-assistant: [gemini/gemini-2.5-flash]}]
teams:
  description: The teams. C(set) is null for those that are not managed by this collection.
  returned: where O(gather) has it
  type: list
  elements: dict
  sample:
    - id: data-science
      alias: data-science
      models: [openai-prod/gpt-4o-mini]
      budget: 100.0
      budget_duration: 30d
      tpm: null
      rpm: null
      spend: 12.4
      set: default
users:
  description: The users, as RV(teams), with the ids of their C(teams).
  returned: where O(gather) has it
  type: list
  elements: dict
  sample:
    - id: user1
      teams: [data-science]
      models: []
      budget: 20.0
      budget_duration: null
      tpm: null
      rpm: null
      spend: 0.0
      set: default
virtual_keys:
  description: The virtual keys, as RV(teams), without their values.
  returned: where O(gather) has it
  type: list
  elements: dict
  sample:
    - alias: notebook
      team: data-science
      user: null
      models: [openai-prod/gpt-4o-mini]
      budget: 5.0
      budget_duration: null
      tpm: 20000
      rpm: null
      spend: 0.3
      expires: "2026-12-31T04:25:08Z"
      blocked: false
      set: default
budgets:
  description: The shared budgets, and those of memberships.
  returned: where O(gather) has it
  type: list
  elements: dict
  sample:
    - id: guests
      budget: 10.0
      budget_duration: 7d
      tpm: null
      rpm: null
differences:
  description: What the lists of O(compare) ask for otherwise, of objects that are there. M(llamastack.maas.litellm_content)
    would write it.
  returned: where O(compare) is given
  type: list
  elements: dict
  contains:
    kind:
      description: V(model), V(route), V(team), V(user) or V(key).
      type: str
    name:
      description: The public name, the id or the alias.
      type: str
    fields:
      description: What would be written.
      type: list
      elements: str
  sample:
    - kind: team
      name: data-science
      fields: [budget, models]
salt:
  description: Whether LiteLLM can decrypt what it has stored. C(state) is V(right), V(wrong), V(mixed) where it can
    decrypt the smaller part of it, V(empty) where nothing is stored yet, or V(unknown), as with releases that do not report it;
    C(detail) says what was seen.
  returned: where O(gather) has it
  type: dict
  sample: {state: right, detail: "of 16 stored values, 15 can be decrypted"}
"""

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.litellm import salt
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.answers import told
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import LitellmError
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.connection import LitellmModule
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.content import (
    Content,
    Present,
    differences,
)
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.info import SHOWN, list_of
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.objects import BUDGET, KINDS
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.running import only_given
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.writing import Reader

SALT = "salt"


def asked_of(compare: dict[str, t.Any]) -> Content:
    """What the lists of the option C(compare) ask for."""
    lists = {
        f"{kind}s": [only_given(each) for each in compare.get(f"{kind}s") or []] for kind in KINDS if kind != BUDGET
    }
    credentials = {name: dict.fromkeys(params) for name, params in (compare.get("credentials") or {}).items()}
    return Content(set_name=compare.get("set") or "default", credentials=credentials, **lists)


def main() -> None:
    module = LitellmModule(
        {
            "gather": {"type": "list", "elements": "str", "choices": [*SHOWN, SALT], "default": [], "no_log": False},
            "compare": {"type": "dict", "no_log": False},
        }
    )
    wanted = module.params["gather"] or [*SHOWN, SALT]
    lists, found, more = [name for name in wanted if name != SALT], Present(), {}
    asked = asked_of(module.params["compare"] or {})
    litellm = module.litellm()
    try:
        Reader(litellm, asked).read({*map(list_of, lists), *asked.needs}, found)
        if SALT in wanted:
            more[SALT] = salt.read(litellm)._asdict()
    except LitellmError as error:
        module.fail(f"Could not read LiteLLM: {told(error)}", status=error.status)
    if module.params["compare"] is not None:
        differs = differences(asked, found).items()
        more["differences"] = [{"kind": kind, "name": name, "fields": fields} for (kind, name), fields in differs]
    module.exit(changed=False, **{name: SHOWN[name](getattr(found, list_of(name))) for name in lists}, **more)


if __name__ == "__main__":
    main()
