# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MaaS v0.1.0 to v0.2.0 (RHOAI 3.4): API keys, subscriptions, the instances' own ids.

A MaaSModelRef is Ready as soon as its model is. MaaS makes its list by asking every model for its own, as the caller:
each id is an entry of its own, and a model that lists nothing appears under the name of its reference. One that hangs
holds the whole list up for 15 seconds.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.b import GenerationB
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Instance, Listed, Visibility
from ansible_collections.llamastack.maas.plugins.module_utils.openai import model_names


class GenerationB1(GenerationB):
    name = "b1"
    releases = ("3.4",)
    list_asks_models = True
    why_unlisted = (
        "MaaS got no list from the model when it asked in the caller's name",
        "Check that a MaaSAuthPolicy admits the caller; one that was made just now takes some minutes.",
    )

    def published_id(self, namespace: str, name: str) -> str | None:
        return None

    def accepts_user_token(self, path: str) -> bool:
        return path.endswith("/v1/models")

    def visibility(self, entries: t.Iterable[Listed], instance: Instance) -> Visibility:
        owner = f"{instance['namespace']}/{instance['name']}"
        own = [entry for entry in entries if entry.owner == owner]
        # The same id comes once for every subscription.
        ids = sorted(set(model_names.offered(instance, (entry.id for entry in own if entry.ready))))
        not_ready = sorted({entry.id for entry in own if not entry.ready})
        missing = sorted({*(instance.get("listed_ids") or [])} - {*ids, *not_ready})
        listed_as = sorted({entry.id for entry in own})
        return Visibility(
            ids=ids,
            missing=missing,
            not_ready=not_ready,
            note="" if ids or not own else f"listed as {', '.join(listed_as)}: it lists no model of its own",
            partial=any(entry.ready for entry in own) and not (ids and not missing),
            subscriptions=tuple(sorted({name for entry in own for name in entry.subscriptions})),
        )

    def client_base_url(self, maas_url: str, instance_url: str) -> str:
        return f"{instance_url.rstrip('/')}/v1"
