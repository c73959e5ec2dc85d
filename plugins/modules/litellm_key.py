#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litellm_key
short_description: Bring one virtual key to a LiteLLM
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - A key is known by its alias. Its value lives in the Secret that O(secret) names, where it is made once, or is given
    by O(value). It is in no result.
  - A key whose value is not that of its Secret is replaced by one that is; what was spent is kept.
  - The same code as M(llamastack.maas.litellm_content), for one object.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.litellm
  - llamastack.maas.litellm.objects
  - llamastack.maas.litellm.state
  - llamastack.maas.litellm.limits
  - kubernetes.core.k8s_auth_options
options:
  alias:
    description: The alias of the key. A name that does not exist is refused in every list of models, teams and users.
    type: str
    required: true
  team:
    description: The team whose limits and models hold, too.
    type: str
  user:
    description: The user whose limits and models hold, too.
    type: str
  models:
    description: The public names of models and routes that may be called. Left out, all may be; an empty list allows
      none.
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
  value:
    description: The value of the key, where it is kept elsewhere than in a Secret. It begins with C(sk-) and has at
      least 16 characters.
    type: str
  namespace:
    description: The namespace of the gateway. Secrets of keys are labelled with it.
    type: str
    default: litemaas
seealso:
  - module: llamastack.maas.litellm_content
  - module: llamastack.maas.litellm_info
"""

EXAMPLES = r"""
- name: Have a key whose value is in a Secret
  llamastack.maas.litellm_key:
    url: https://litellm.apps.example.com
    token: "{{ litellm_master_key }}"
    alias: notebook
    team: data-science
    models: [openai-prod/gpt-4o-mini]
    budget: 5
    duration: 30d
    secret: {name: notebook-key, namespace: team-a}
"""

RETURN = r"""
objects:
  description: What became of the object, as RV(llamastack.maas.litellm_content#module:objects).
  returned: always
  type: list
  elements: dict
  sample:
    - kind: key
      name: notebook
      action: updated
      changed: true
      fields: [budget]
counts:
  description: How many objects of each kind came to what.
  returned: always
  type: dict
  sample:
    keys:
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
"""

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.litellm.connection import LitellmModule
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.running import (
    KEY,
    LABELS,
    credentials,
    one_object,
)


def with_value(module: LitellmModule, key: dict[str, t.Any]) -> dict[str, t.Any]:
    """Have the key carry the value that was given."""
    if module.params["value"]:
        key["value"] = credentials(module, "value")
    return {}


def main() -> None:
    one_object(
        "key",
        KEY,
        more={**LABELS, "value": {"type": "str", "no_log": True}},
        extra=with_value,
        mutually_exclusive=[("secret", "value")],
    )


if __name__ == "__main__":
    main()
