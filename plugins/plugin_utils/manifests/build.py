# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filters that build objects have in common: turning their arguments into what the pure functions take."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import format_problems
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import registry as provider_registry, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests import instances


def build(
    filter_name: str, settings: t.Mapping[str, t.Any] | None, revisions: t.Mapping[str, str] | None
) -> instances.Build:
    """What the filter C(filter_name) builds with. Raises AnsibleFilterError where the settings cannot be used."""
    completed, findings = variables.run_settings(settings or {})
    registry, provider_findings = provider_registry.load(completed["providers"])
    problems = findings.errors + provider_findings.errors
    if problems:
        raise AnsibleFilterError(f"llamastack.maas.{filter_name}: {format_problems(problems)}")
    generation = completed["generation"]
    return instances.Build(
        settings=completed,
        registry=registry,
        generation=known.get(generation) if generation else None,
        revisions=revisions or {},
    )
