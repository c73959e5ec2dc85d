# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: summary_report
short_description: Tell what became of instances
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description: Returns a text that tells a person how to call each instance, and why one is not proven. The same summary
  gives the same text.
positional: _input
options:
  _input:
    description: What P(llamastack.maas.summary#filter) returns, a dictionary by the name of the instance, or another
      such as RV(llamastack.maas.model_discovery#module:instances). Its values need C(state) and may have C(reason),
      C(remedy), C(client_base_url) or C(url), C(ids), and C(changed), a list of what was changed.
    type: dict
    required: true
  notes:
    description: Further lines, below the instances.
    type: list
    elements: str
    default: []
  scope:
    description: What was deployed. The text then ends with the next step.
    type: str
    choices: [all, project, platform]
seealso:
  - plugin: llamastack.maas.summary
    plugin_type: filter
  - plugin: llamastack.maas.report
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Tell what became of the instances
  llamastack.maas.display:
    lines: "{{ maas_registration_result.instances | llamastack.maas.summary_report(scope='all') }}"
"""

RETURN = r"""
_value:
  description: The text, ending with a line break.
  type: str
"""

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.summary import next_step
from ansible_collections.llamastack.maas.plugins.module_utils.base.summary_report import as_text


def summary_report(summary: dict[str, t.Any], notes: t.Iterable[str] = (), scope: str | None = None) -> str:
    """The summary as a text."""
    return as_text(summary, [*notes, *([f"Next: {next_step(summary, scope)}"] if scope else [])])


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"summary_report": summary_report}
