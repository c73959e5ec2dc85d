# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a status is made of: one LIST for each kind of object, and the list of MaaS as the caller at hand sees it."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, HttpClient
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.cluster_view import ClusterView, Listing, workloads
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import INFERENCE_SERVICE
from ansible_collections.llamastack.maas.plugins.module_utils.maas import status
from ansible_collections.llamastack.maas.plugins.module_utils.maas.connection import MaasModule
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import (
    Generation,
    Listed,
    UnexpectedAnswer,
)

_TIMEOUT = 30.0


def listings(cluster: Cluster, generation: Generation, params: dict[str, t.Any]) -> list[Listing]:
    """What is to be read: what is ours, and of what registers models also what others have made."""
    namespace = params["namespace"]
    return [
        *workloads(cluster, namespace),
        Listing(("v1", "ConfigMap", namespace)),
        Listing(("v1", "Secret", namespace), metadata_only=True),
        *(Listing(group, labels=None) for group in generation.registration_kinds(params)),
    ]


class ModelList:
    """MaaS's own list, as the caller at hand sees it."""

    def __init__(self, module: MaasModule, generation: Generation, token: str | None) -> None:
        self._generation = generation
        self._client: HttpClient | None = None
        self.note = ""
        if not module.url:
            self.note = "the URL of MaaS is not known: set llamastack_maas_url"
        elif not token:
            self.note = "there is no token to ask MaaS with: set llamastack_maas_token"
        elif not generation.lists_without_minting(token):
            self.note = "not asked, for MaaS would mint a credential: give one of its own as llamastack_maas_token"
        else:
            self._client = module.connect(_TIMEOUT)(generation.caller_headers(token))

    def calls(self) -> list[t.Callable[[], Answer]]:
        client = self._client
        return [lambda: client.request(self._generation.list_request())] if client else []

    def read(self, answers: t.Sequence[Answer]) -> list[Listed] | None:
        """The entries in the answer to C(calls), None where there are none to know."""
        for answer in answers:
            try:
                if answer.status == 200:
                    return self._generation.read_list(answer.json())
                self.note = answer.describe()
            except UnexpectedAnswer as error:
                self.note = f"{error}: {answer.describe()}"
        return None


def read(module: MaasModule) -> dict[str, t.Any]:
    """How things stand, as module C(maas_instance_info) returns it.

    Raises ApiError where not even services are shown, and ValueError for a generation that is not known.
    """
    params = module.params
    generation = known.get(params["generation"])
    cluster = module.cluster()
    models = ModelList(module, generation, params["token"] or cluster.own_token())
    view = ClusterView(cluster, listings(cluster, generation, params), models.calls())
    for (_version, kind, _namespace), refusal in view.refused.items():
        if kind == INFERENCE_SERVICE:
            raise refusal
    sources = status.Sources(
        namespace=params["namespace"],
        set=params["set"],
        generation=generation,
        instances=params["instances"],
        view=view,
        objects=params["objects"],
        registering=[kind for _version, kind, _namespace in generation.registration_kinds(params)],
        listed=models.read(view.further),
        list_note=models.note,
        by_name=cluster.read(
            status.unseen(view, params["namespace"], params["instances"], params["objects"]), metadata_only=True
        ),
    )
    return {"instances": status.of_all(sources), "unread": status.unread(view)}
