# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: key_rotation
short_description: Decide which new keys stay and which old ones come back
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description: Says of each instance whose key was rotated whether the new key is proven, from what was seen of it. Only a
  key that is in use and was itself refused, beyond doubt, gives way to the old one. With V(listed) an old key is kept
  unless the provider accepted the new one.
positional: _input
options:
  _input:
    description: What M(llamastack.maas.maas_key_rotation_info) returned.
    type: dict
    required: true
  asked:
    description: What M(llamastack.maas.provider_key_check) returned, if it came to that.
    type: dict
  waited:
    description: What M(llamastack.maas.maas_wait_ready) returned, if it came to that.
    type: dict
  discovered:
    description: What M(llamastack.maas.model_discovery) returned, if it came to that.
    type: dict
  written:
    description: Whether new keys may have been written.
    type: bool
    default: true
seealso:
  - module: llamastack.maas.maas_key_rotation_info
"""

EXAMPLES = r"""
---
- name: Say whose old key comes back
  ansible.builtin.debug:
    msg: "{{ (plan | llamastack.maas.key_rotation(waited=waited, discovered=discovered)).put_back }}"
"""

RETURN = r"""
_value:
  description: What became of the keys.
  type: dict
  contains:
    instances:
      description: By the name of the instance, C(state) and C(reason). V(proven) has answered; V(listed) was not to be
        called; V(refused) is a key that was itself refused; V(open) is all else.
      type: dict
    put_back:
      description: The names of the instances whose old key has to come back.
      type: list
      elements: str
    done:
      description: The names of the instances of which no old key has to be kept any longer.
      type: list
      elements: str
    lines:
      description: What that means for each instance, in words.
      type: list
      elements: str
"""

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.maas import rotation


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"key_rotation": rotation.outcome}
