#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litellm_content
short_description: Bring models, routes, teams, users and keys to a LiteLLM, all in one call
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Reads everything by lists, compares, writes what differs in order, side by side within a kind, and reads back what
    it wrote.
  - All names that the lists use, and everything that must not be touched, are checked before the first write, and
    reported at once.
  - A field that was given in an earlier run and is given no more is taken away; one that was never given is left to
    whoever has set it.
  - Nothing is restarted. A public name that stays in the lists is there at every moment.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.litellm
  - llamastack.maas.litellm.objects
  - kubernetes.core.k8s_auth_options
options:
  models:
    description: The models of the gateway.
    type: list
    elements: dict
    default: []
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
  routes:
    description: Several models behind one name.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The public name of the route. No model may have it.
        type: str
        required: true
      order:
        description:
          - The models that answer, by their public names. The next one is called where a call to the one before fails -
            no
            connection, an error of the server or of the key, too many requests, a timeout.
          - The first one is left alone for O(routes[].cooldown) seconds after failures. A route of one model never
            leaves it.
        type: list
        elements: str
        required: true
      on_context:
        description: The models that answer where the context is too long for the route, which is no failure for
          O(routes[].order). Callers must be allowed to call them, too, or LiteLLM skips them.
        type: list
        elements: str
      cooldown:
        description: For how many seconds a model that failed is left alone.
        type: float
      timeout:
        description: For how many seconds to wait for one model.
        type: float
  teams:
    description: The teams.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: The id of the team. LiteLLM's alias is not unique.
        type: str
        required: true
      alias:
        description: The name of the team for people.
        type: str
      models:
        description: The public names of models and routes that may be called. Left out, all may be; an empty list
          allows none.
        type: list
        elements: str
      model_tpm:
        description: How many tokens a minute of each model, by its public name.
        type: dict
      budget:
        description: How many US dollars may be spent.
        type: float
      budget_duration:
        description: The period of the budget, such as V(30d).
        type: str
      tpm:
        description: How many tokens a minute.
        type: int
      rpm:
        description: How many requests a minute.
        type: int
  users:
    description: The users.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: The id of the user.
        type: str
        required: true
      team:
        description: The team that the user is a member of. The limits hold for the membership, too, for LiteLLM counts
          those of
          the user for keys without a team only.
        type: str
      models:
        description: The public names of models and routes that may be called. Left out, all may be; an empty list
          allows none but what the user's team may call.
        type: list
        elements: str
      budget:
        description: How many US dollars may be spent.
        type: float
      budget_duration:
        description: The period of the budget, such as V(30d).
        type: str
      tpm:
        description: How many tokens a minute.
        type: int
      rpm:
        description: How many requests a minute.
        type: int
  keys:
    description: The virtual keys.
    type: list
    elements: dict
    default: []
    suboptions:
      alias:
        description: The alias of the key. A name that does not exist is refused in every list of models, teams and
          users.
        type: str
        required: true
      team:
        description: The team whose limits and models hold, too.
        type: str
      user:
        description: The user whose limits and models hold, too.
        type: str
      models:
        description: The public names of models and routes that may be called. Left out, all may be; an empty list
          allows none.
        type: list
        elements: str
      duration:
        description: How long the key lives from the time when this was asked for first, such as V(30d).
        type: str
      secret:
        description:
          - The Secret in which the value of the key lives. It is made once and stands nowhere else.
          - A Secret that was made for it goes before the key does.
          - A Secret of others is used as it is where it holds a key in that field, and refused where it does not.
        type: dict
        suboptions:
          name:
            description: The name of the Secret.
            type: str
            required: true
          namespace:
            description: The namespace of the Secret. It must exist.
            type: str
            required: true
          key:
            description: The field of the Secret.
            type: str
            default: LITELLM_API_KEY
      budget:
        description: How many US dollars may be spent.
        type: float
      budget_duration:
        description: The period of the budget, such as V(30d).
        type: str
      tpm:
        description: How many tokens a minute.
        type: int
      rpm:
        description: How many requests a minute.
        type: int
  credentials:
    description: The parameters of models that nobody is to see, such as C(api_key), by the name that
      O(models[].credential) gives.
      They are kept in LiteLLM only; a salted hash beside the model says whether they are still the same.
    type: dict
    default: {}
  credential_secrets:
    description:
      - The same for values that are in Secrets of the cluster, by the name that O(models[].credential) gives. They are
        read by the module and leave it for LiteLLM only.
      - Each has the C(namespace) and the C(name) of the Secret, and C(keys), which says for every parameter of LiteLLM in
        which key of the Secret it is.
    type: dict
    default: {}
  key_values:
    description: The values of keys that are kept elsewhere than in a Secret, by the alias. Each begins with C(sk-) and
      has at least 16 characters.
    type: dict
    default: {}
  prune:
    description: Whether what belongs to O(set) and is in none of the lists is deleted. What others need is refused, and
      nothing is written.
    type: bool
    default: false
  namespace:
    description: The namespace of the gateway. Secrets of keys are labelled with it.
    type: str
    default: litemaas
seealso:
  - module: llamastack.maas.litellm_model
  - module: llamastack.maas.litellm_route
  - module: llamastack.maas.litellm_team
  - module: llamastack.maas.litellm_user
  - module: llamastack.maas.litellm_key
  - module: llamastack.maas.litellm_info
"""

EXAMPLES = r"""
- name: Bring the content to the gateway
  llamastack.maas.litellm_content:
    url: https://litellm.apps.example.com
    token_secret: {name: litellm-secret, namespace: litemaas}
    credentials:
      openai: {api_key: "{{ lookup('ansible.builtin.env', 'OPENAI_API_KEY') }}"}
    models:
      - {name: openai-prod/gpt-4o-mini, model: openai/gpt-4o-mini, mode: chat, credential: openai}
      - name: granite-8b
        model: hosted_vllm/granite-8b
        mode: chat
        params: {api_base: "https://granite.example.com/v1"}
    routes:
      - {name: ops-assistant, order: [granite-8b, openai-prod/gpt-4o-mini], cooldown: 60, timeout: 30}
      - {name: ops-private, order: [granite-8b]}
    teams:
      - {id: data-science, models: [openai-prod/gpt-4o-mini, ops-assistant], budget: 100, budget_duration: 30d}
    keys:
      - alias: notebook
        team: data-science
        models: [openai-prod/gpt-4o-mini]
        budget: 5
        duration: 30d
        secret: {name: notebook-key, namespace: team-a}
  register: content

- name: Show what is ours and in none of the lists
  ansible.builtin.debug:
    var: content.leftovers
"""

RETURN = r"""
objects:
  description: What became of each object.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: V(model), V(route), V(budget), V(team), V(user) or V(key).
      type: str
    name:
      description: The public name, the id or the alias.
      type: str
    action:
      description: V(created), V(updated), V(adopted), V(replaced), V(deleted) or V(unchanged). After an error,
        V(failed) or V(not attempted).
      type: str
    changed:
      description: Whether it was changed, or would be.
      type: bool
    fields:
      description: What changed of it.
      type: list
      elements: str
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
secrets:
  description: The Secrets into which new values were written, as C(<namespace>/<name>); in check mode those that would
    be.
  returned: always
  type: list
  elements: str
  sample: [team-a/notebook-key]
cleared_secrets:
  description: The Secrets of ours out of which the values of keys were taken that are deleted or have another value now; in check
    mode those out of which they would be. One that holds nothing else is deleted.
  returned: always
  type: list
  elements: str
  sample: [team-a/old-key]
leftovers:
  description: What belongs to O(set) and is in none of the lists. With O(prune) it is deleted.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: As in RV(objects[].kind).
      type: str
    name:
      description: As in RV(objects[].name).
      type: str
  sample:
    - kind: team
      name: old-team
"""

from ansible_collections.llamastack.maas.plugins.module_utils.litellm.connection import LitellmModule
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.running import (
    COMMON,
    CREDENTIALS,
    KEY,
    LABELS,
    MODEL,
    ROUTE,
    TEAM,
    USER,
    asked_of,
    credentials,
    entries_of,
    only_given,
    run,
)

SECRETS = {"type": "dict", "default": {}, "no_log": False}

LISTS = {"models": MODEL, "routes": ROUTE, "teams": TEAM, "users": USER, "keys": KEY}


def _from_secrets(module: LitellmModule) -> dict[str, dict[str, str]]:
    """The credentials that are in Secrets; ends the module where one is not there."""
    return {
        name: {
            param: module.secret_value(
                f"credential_secrets.{name}",
                {"namespace": secret["namespace"], "name": secret["name"], "key": key},
            )
            for param, key in secret["keys"].items()
        }
        for name, secret in module.params["credential_secrets"].items()
    }


def main() -> None:
    lists = {name: {**entries_of(spec), "default": [], "no_log": False} for name, spec in LISTS.items()}
    module = LitellmModule(
        {
            **COMMON,
            **LABELS,
            **lists,
            "credentials": CREDENTIALS,
            "credential_secrets": SECRETS,
            "key_values": CREDENTIALS,
            "prune": {"type": "bool", "default": False},
        }
    )
    given = {**credentials(module, "credentials"), **_from_secrets(module)}
    values = credentials(module, "key_values")
    entries = {name: [only_given(entry) for entry in module.params[name]] for name in LISTS}
    entries["keys"] = [{**key, "value": values.get(key["alias"])} for key in entries["keys"]]
    asked = asked_of(module.params, prune=module.params["prune"], is_whole=True, credentials=given, **entries)
    run(module, asked, is_batch=True)


if __name__ == "__main__":
    main()
