# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: report
short_description: Turn results into a table, a page, or a file for machines
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description: Returns the results of M(llamastack.maas.maas_check) as text. The same results give the same text.
positional: _input, format
options:
  _input:
    description: The RV(llamastack.maas.maas_check#module:checks) of M(llamastack.maas.maas_check).
    type: list
    elements: dict
    required: true
  format:
    description:
      - V(table) is a text for a terminal, the failed at its end.
      - V(html) is one page for a browser, on a phone too, without anything outside of it.
      - V(junit) is the XML that CI systems read, V(json) is for everything else.
      - Each shows the response times that were measured.
    type: str
    choices: [table, html, junit, json]
    required: true
  title:
    description: What stands at the head. Not used by V(table).
    type: str
    default: 'Models-as-a-Service: validation'
  time:
    description: When the results were had, as ISO 8601. Not used by V(table).
    type: str
    default: ''
  about:
    description: Further lines for the head, by their labels. Used by V(html) and V(json).
    type: dict
    default: {}
seealso:
  - module: llamastack.maas.maas_check
"""

EXAMPLES = r"""
---
- name: Write the page
  ansible.builtin.copy:
    dest: validation.html
    content: "{{ validation.checks | llamastack.maas.report('html', about={'MaaS': 'https://maas.apps.example.com'}) }}"
    mode: "0644"
  delegate_to: localhost

- name: Print the table
  llamastack.maas.display:
    lines: "{{ validation.checks | llamastack.maas.report('table') }}"
"""

RETURN = r"""
_value:
  description: The text, ending with a line break.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import validation as reports

_FORMATS: dict[str, t.Callable[[reports.Results], str]] = {
    "table": reports.as_table,
    "html": reports.as_html,
    "junit": reports.as_junit,
    "json": reports.as_json,
}


def report(
    checks: list[dict[str, t.Any]],
    format: str,  # pylint: disable=redefined-builtin  # the word that users write
    title: str = reports.Results.title,
    time: str = "",
    about: t.Mapping[str, str] | None = None,
) -> str:
    """The results as a text of the format."""
    if format not in _FORMATS:
        known = ", ".join(_FORMATS)
        raise AnsibleFilterError(f"llamastack.maas.report: there is no format {format!r}; it must be one of {known}")
    return _FORMATS[format](reports.Results(checks, title=title, time=time, about=about or {}))


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"report": report}
