#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litellm_team
short_description: Bring one team to a LiteLLM
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - A team is known by its id. One that has keys of others is not deleted, for LiteLLM would delete these with it.
  - The same code as M(llamastack.maas.litellm_content), for one object.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.litellm
  - llamastack.maas.litellm.objects
  - llamastack.maas.litellm.state
  - llamastack.maas.litellm.limits
  - kubernetes.core.k8s_auth_options
options:
  id:
    description: The id of the team. LiteLLM's alias is not unique.
    type: str
    required: true
  alias:
    description: The name of the team for people.
    type: str
  models:
    description: The public names of models and routes that may be called. Left out, all may be; an empty list allows
      none.
    type: list
    elements: str
  model_tpm:
    description: How many tokens a minute of each model, by its public name.
    type: dict
seealso:
  - module: llamastack.maas.litellm_content
  - module: llamastack.maas.litellm_info
"""

EXAMPLES = r"""
- name: Have a team
  llamastack.maas.litellm_team:
    url: https://litellm.apps.example.com
    token: "{{ litellm_master_key }}"
    id: data-science
    models: [openai-prod/gpt-4o-mini]
    budget: 100
    budget_duration: 30d
"""

RETURN = r"""
objects:
  description: What became of the object, as RV(llamastack.maas.litellm_content#module:objects).
  returned: always
  type: list
  elements: dict
  sample:
    - kind: team
      name: data-science
      action: updated
      changed: true
      fields: [budget]
counts:
  description: How many objects of each kind came to what.
  returned: always
  type: dict
  sample:
    teams:
      updated: 1
"""

from ansible_collections.llamastack.maas.plugins.module_utils.litellm.running import TEAM, one_object


def main() -> None:
    one_object("team", TEAM)


if __name__ == "__main__":
    main()
