#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litellm_budget
short_description: Bring one shared budget to a LiteLLM
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - A budget that several keys or customers share, known by its id. LiteLLM keeps no mark of ours with it, so any budget
    of that id is changed, and what is not given is taken away.
  - One that keys name is not deleted, as far as LiteLLM shows what they name; 1.81 does not.
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
    description: The id of the budget.
    type: str
    required: true
seealso:
  - module: llamastack.maas.litellm_content
  - module: llamastack.maas.litellm_info
"""

EXAMPLES = r"""
- name: Have a budget for guests
  llamastack.maas.litellm_budget:
    url: https://litellm.apps.example.com
    token: "{{ litellm_master_key }}"
    id: guests
    budget: 10
    budget_duration: 7d
"""

RETURN = r"""
objects:
  description: What became of the object, as RV(llamastack.maas.litellm_content#module:objects).
  returned: always
  type: list
  elements: dict
  sample:
    - kind: budget
      name: guests
      action: updated
      changed: true
      fields: [budget]
counts:
  description: How many objects of each kind came to what.
  returned: always
  type: dict
  sample:
    budgets:
      updated: 1
"""

from ansible_collections.llamastack.maas.plugins.module_utils.litellm.running import BUDGET, one_object


def main() -> None:
    one_object("budget", BUDGET)


if __name__ == "__main__":
    main()
