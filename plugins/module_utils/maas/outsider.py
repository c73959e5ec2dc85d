# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody to be refused: a ServiceAccount that exists for the time of a check and that nobody has given anything."""

from __future__ import annotations

import contextlib
import secrets
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.json_web_token import subject
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.maas.caller import service_account_caller
from ansible_collections.llamastack.maas.plugins.module_utils.maas.checks import Outsider, needs_outsider
from ansible_collections.llamastack.maas.plugins.module_utils.maas.connection import CallingModule
from ansible_collections.llamastack.maas.plugins.module_utils.maas.credentials import Caller


@contextlib.contextmanager
def throwaway_outsider(open_cluster: t.Callable[[], Cluster], namespace: str, set_name: str) -> t.Iterator[Outsider]:
    """An outsider for the time of a C(with) block; one without a caller where the permissions for it are missing.

    The ServiceAccount carries our labels, so that one that a killed run left behind goes with the rest of its set.
    """
    name = f"llamastack-maas-outsider-{secrets.token_hex(3)}"
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": namespace, "labels": labels(None, namespace, set_name)},
        "automountServiceAccountToken": False,
    }
    cluster = None
    try:
        cluster = open_cluster()
        cluster.apply(account)
        outsider = Outsider(service_account_caller(cluster, namespace, name))
    except ApiError as error:
        outsider = Outsider(
            None, f"no ServiceAccount to play the outsider could be had; give llamastack_maas_outsider_token ({error})"
        )
    try:
        yield outsider
    finally:
        if cluster is not None:
            with contextlib.suppress(ApiError):
                cluster.delete("v1", "ServiceAccount", name, namespace)


def outsider_for(module: CallingModule) -> t.ContextManager[Outsider]:
    """Whoever has to be refused, for the time of a C(with) block."""
    params = module.params
    token = params["outsider_token"]
    if token:
        return contextlib.nullcontext(Outsider(Caller(token, subject(token) or "the holder of the outsider's token")))
    if params["checks"] and "outsider" not in params["checks"]:
        return contextlib.nullcontext(Outsider(None, "not asked for"))
    if not needs_outsider(module.generation, params["instances"]):
        return contextlib.nullcontext(Outsider(None, "access is open to every authenticated caller"))
    return throwaway_outsider(module.cluster, params["namespace"], params["set"])
