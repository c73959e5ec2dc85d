# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: masking
short_description: Tell modules what to mask in texts of others
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Returns the credentials that this run holds, for the option C(masking) of the modules that quote servers and providers,
    and for nothing else. Ansible does not log that option.
  - Environment variables are read when the filter runs, where Ansible runs. Those that are not set are left out.
positional: _input
options:
  _input:
    description:
      - The instances as the user gave them, a list of dictionaries or text that holds such a list as YAML.
      - What P(llamastack.maas.instances#filter) returns does not hold credentials and cannot be used here.
    type: raw
    required: true
  settings:
    description: The settings of the run, of which V(egress) and V(providers) count here.
    type: dict
    default: {}
  kept:
    description: Names of further Secrets of the namespace whose values are masked, too.
    type: list
    elements: str
    default: []
seealso:
  - plugin: llamastack.maas.credential_data
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Wait until all instances are ready
  llamastack.maas.maas_wait_ready:
    namespace: llm
    instances: [openai-prod]
    masking: "{{ llamastack_maas_instances | llamastack.maas.masking }}"
"""

RETURN = r"""
_value:
  description: C(values), the credentials of the instances and the password of the proxy, as far as they are known here
    and can be masked; C(patterns), what the providers' credentials look like; C(secrets), the names of the Secrets that
    the instances use.
  type: dict
"""

import os
import typing as t
from urllib.parse import unquote, urlsplit

from ansible.errors import AnsibleFilterError

from ansible_collections.llamastack.maas.plugins.module_utils.base import redaction
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, format_problems
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import (
    credentials,
    instances,
    registry as provider_registry,
    variables,
)


def masking(
    given: t.Any, settings: t.Mapping[str, t.Any] | None = None, kept: t.Sequence[str] = ()
) -> dict[str, list[str]]:
    """What the modules have to mask; list and settings are checked elsewhere."""
    findings = Findings(instances.PATH)
    entries = [entry for entry in instances.parse(given, findings) or [] if isinstance(entry, dict)]
    if findings.errors:
        raise AnsibleFilterError(f"llamastack.maas.masking: {format_problems(findings.errors)}")
    run = variables.run_settings(settings or {})[0]
    registry, _findings = provider_registry.load(run["providers"])
    patterns = [
        spec["pattern"] for each in registry.values() for spec in each["credentials"].values() if "pattern" in spec
    ]
    values = [value for entry in entries for value in credentials.values(entry, os.environ).values()]
    values += _passwords(run["egress"])
    return {
        "values": list(dict.fromkeys(part for value in values for part in redaction.parts(value))),
        "patterns": sorted(set(filter(redaction.is_telling, patterns))),
        "secrets": sorted({*map(credentials.secret_of, entries), *kept} - {""}),
    }


def _passwords(egress: t.Any) -> list[str]:
    """The password in the URL of the proxy, as it stands there and as it is meant."""
    try:
        password = urlsplit(str((egress or {}).get("proxy") or "")).password or ""
    except (AttributeError, ValueError):
        return []
    return [password, unquote(password)]


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"masking": masking}
