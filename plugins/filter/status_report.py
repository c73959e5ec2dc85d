# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: status_report
short_description: Tell how things stand with instances
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Returns what M(llamastack.maas.maas_instance_info) found as text. The same status gives the same text.
positional: _input, format
options:
  _input:
    description:
      - The RV(llamastack.maas.maas_instance_info#module:instances) of M(llamastack.maas.maas_instance_info).
    type: dict
    required: true
  format:
    description:
      - V(table) is a text for a terminal. V(html) is one page for a browser. V(json) and V(yaml) are for programs.
    type: str
    choices:
      - table
      - json
      - yaml
      - html
    default: table
  title:
    description:
      - What stands at the head of V(html).
    type: str
    default: 'Models-as-a-Service: status'
  time:
    description:
      - When the status was had, as ISO 8601. Used by V(html).
    type: str
    default: ''
  about:
    description:
      - Further lines for the head of V(html), by their labels.
    type: dict
    default: {}
seealso:
  - module: llamastack.maas.maas_instance_info
"""

EXAMPLES = r"""
---
- name: Write the status to a file that programs read
  ansible.builtin.copy:
    dest: status.json
    content: "{{ status.instances | llamastack.maas.status_report('json') }}"
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The text, ending with a line break.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.llamastack.maas.plugins.plugin_utils.input.variables import OUTPUTS
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import status as reports


def status_report(
    instances: dict[str, t.Any],
    format: str = "table",  # pylint: disable=redefined-builtin  # the word that users write
    title: str = reports.TITLE,
    time: str = "",
    about: t.Mapping[str, str] | None = None,
) -> str:
    """The status as a text of the format."""
    if format not in OUTPUTS:
        known = ", ".join(OUTPUTS)
        raise AnsibleFilterError(
            f"llamastack.maas.status_report: there is no format {format!r}; it must be one of {known}"
        )
    return reports.as_text(instances, format, title, time, about)


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"status_report": status_report}
