#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: display
short_description: Print lines as they are
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Prints lines of text, neither quoted nor wrapped, in check mode, too. They are not part of the task's result.
  - A state that stands in a column of its own, such as V(passed), V(failed) or V(proven), has the colour that Ansible
    has for it, where Ansible uses colours.
  - Of several hosts, each names itself first.
  - Under a callback that writes JSON to standard output, nothing is printed and the result holds the lines.
extends_documentation_fragment:
  - llamastack.maas.attributes.info_module
  - llamastack.maas.attributes
attributes:
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the
      controller.
    support: full
options:
  lines:
    description:
      - The lines, or one text of several lines.
    type: raw
  outcome:
    description:
      - Displays what the run that M(llamastack.maas.plan) planned comes to, and publishes it for workflows as
        M(ansible.builtin.set_stats) does. Writes its reports where the variables of the run name a place.
      - The result has RV(problem); of a validation, a rotation and a role that is run alone also what their README says.
    type: bool
    default: false
seealso:
  - module: llamastack.maas.plan
"""

EXAMPLES = r"""
- name: Display what a deployment comes to
  llamastack.maas.display:
    outcome: true
  register: outcome

- name: Fail where not all of it went well
  ansible.builtin.assert:
    that: outcome.problem | length == 0
    fail_msg: "{{ outcome.problem }}"
"""

RETURN = r"""
problem:
  description: Why the run has failed, or empty.
  returned: with O(outcome)
  type: str
lines:
  description: The lines.
  returned: when they were not printed
  type: list
  elements: str
"""

# This is a virtual module that is entirely implemented as an action plugin and runs on the controller.
