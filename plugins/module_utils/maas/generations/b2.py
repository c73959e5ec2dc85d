# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MaaS v0.2.1 and later (RHOAI 3.5): API keys, subscriptions, published ids.

A MaaSModelRef becomes Ready once a MaaSAuthPolicy and a MaaSSubscription both name it. The model is then listed once,
as C(publishers/<namespace>/models/<name>), to every caller whom both admit.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.b import GenerationB
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Instance, Listed, Visibility


class GenerationB2(GenerationB):
    name = "b2"
    releases = ("3.5",)
    list_asks_models = False
    why_unlisted = (
        "MaaS does not list it to the caller",
        "MaaS lists it once its MaaSModelRef is Ready, and a MaaSAuthPolicy and a MaaSSubscription admit the caller.",
    )

    def published_id(self, namespace: str, name: str) -> str | None:
        return ownership.published_path_id(namespace, name)

    def accepts_user_token(self, path: str) -> bool:
        return True

    def visibility(self, entries: t.Iterable[Listed], instance: Instance) -> Visibility:
        owner = f"{instance['namespace']}/{instance['name']}"
        own = [entry for entry in entries if entry.owner == owner]
        expected = self.published_id(instance["namespace"], instance["name"])
        others = sorted(entry.id for entry in own if entry.id != expected)
        found = next((entry for entry in own if entry.id == expected), None)
        if found is None:
            # The reference's own name is the id until the service's alias is known.
            note = f"listed as {', '.join(others)}, its published id is not known to MaaS yet" if others else ""
            return Visibility(missing=[expected], note=note)
        if not found.ready:
            return Visibility(not_ready=[expected])
        return Visibility(ids=[expected], subscriptions=found.subscriptions)

    def client_base_url(self, maas_url: str, instance_url: str) -> str:
        return f"{maas_url.rstrip('/')}/v1"
