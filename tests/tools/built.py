# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan checks and builds, by itself: for tests and measures that need instances and their objects."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check as whole_input, registry, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.instances import Build
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import deploy
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Plan


def check(
    given: Any,
    settings: Mapping[str, Any] | None = None,
    names: Iterable[str] = (),
    secrets: Mapping[str, Any] | None = None,
    **needs: Any,
) -> whole_input.CheckedInput:
    """The checked input; C(needs) are those of the input, as far as they are not those of C(deploy)."""
    return whole_input.check(given, settings or {}, os.environ, whole_input.Needs(**needs), names, secrets)


def build(settings: Mapping[str, Any] | None = None, revisions: Mapping[str, str] | None = None) -> Build:
    """What the objects of instances are built with."""
    completed = variables.run_settings(settings or {})[0]
    generation = completed["generation"]
    providers = registry.load(completed["providers"])[0]
    return Build(completed, providers, known.get(generation) if generation else None, revisions or {})


def objects(
    instances: list[dict],
    phase: str,
    settings: Mapping[str, Any] | None = None,
    revisions: Mapping[str, str] | None = None,
) -> list[dict]:
    """The objects of a phase of C(deploy)."""
    built = build(settings, revisions)
    checked = check([], settings)._replace(registry=built.registry, generation=built.generation)
    plan = Plan("deploy", [phase], True, False, {}, dict(built.settings), instances)
    return deploy.objects_of(phase, plan, checked, built.revisions)
