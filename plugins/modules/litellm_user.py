#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litellm_user
short_description: Bring one user to a LiteLLM
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - A user is known by its id. None is changed that was not read before, for LiteLLM makes one of every id.
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
    description: The id of the user.
    type: str
    required: true
  team:
    description: The team that the user is a member of. The limits hold for the membership, too, for LiteLLM counts
      those of
      the user for keys without a team only.
    type: str
  models:
    description: The public names of models and routes that may be called. Left out, all may be; an empty list allows
      none but what the user's teams may call.
    type: list
    elements: str
seealso:
  - module: llamastack.maas.litellm_content
  - module: llamastack.maas.litellm_info
"""

EXAMPLES = r"""
- name: Have a member of a team
  llamastack.maas.litellm_user:
    url: https://litellm.apps.example.com
    token: "{{ litellm_master_key }}"
    id: user1
    team: data-science
    budget: 20
"""

RETURN = r"""
objects:
  description: What became of the object, as RV(llamastack.maas.litellm_content#module:objects).
  returned: always
  type: list
  elements: dict
  sample:
    - kind: user
      name: user1
      action: updated
      changed: true
      fields: [budget]
counts:
  description: How many objects of each kind came to what.
  returned: always
  type: dict
  sample:
    users:
      updated: 1
"""

from ansible_collections.llamastack.maas.plugins.module_utils.litellm.running import USER, one_object


def main() -> None:
    one_object("user", USER)


if __name__ == "__main__":
    main()
