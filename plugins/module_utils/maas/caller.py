# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls MaaS: the given token, the prober, or whoever calls the Kubernetes API."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import resend
from ansible_collections.llamastack.maas.plugins.module_utils.base.json_web_token import subject
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.maas.credentials import Caller
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import PROBER_ACCOUNT

# The least that the API server grants.
_TOKEN_SECONDS = 600
_EXPIRES = "A token that it may have issued is in nobody's hands and expires in 10 minutes; another was asked for."


class NoCaller(Exception):
    """Nobody can call MaaS; the message says why and what to give."""


def find_caller(open_cluster: t.Callable[[], Cluster], *, token: str | None, prober: bool, namespace: str) -> Caller:
    """The caller, by C(token) if given, else as the prober of C(namespace) if asked for, else as the Kubernetes user.

    The cluster is not opened for a token. Raises C(NoCaller).
    """
    if token:
        return Caller(token=token, user=subject(token) or "the holder of the given token")
    try:
        cluster = open_cluster()
        if prober:
            return service_account_caller(cluster, namespace, PROBER_ACCOUNT)
        token = cluster.own_token()
    except ApiError as error:
        hint = " The registration makes this ServiceAccount where llamastack_maas_prober is set." if prober else ""
        raise NoCaller(f"No credential to call MaaS with could be had: {error}.{hint}") from error
    if not token:
        raise NoCaller(
            "MaaS takes a bearer token, and the Kubernetes credential in use has none to lend (a client certificate, a "
            "password or an impersonated user). Give a token as llamastack_maas_token, or set llamastack_maas_prober "
            "to call as a ServiceAccount of the model namespace."
        )
    user, groups = _who_am_i(cluster)
    return Caller(token=token, user=user or subject(token) or "the Kubernetes user", groups=groups)


def service_account_caller(cluster: Cluster, namespace: str, name: str) -> Caller:
    """A ServiceAccount as the caller, with a token that lives as short as the API allows. Raises ApiError."""
    try:
        token = cluster.token(namespace, name, seconds=_TOKEN_SECONDS)
    except ApiError as error:
        if error.delivery != resend.LOST:
            raise
        resend.note(f"{error.method} {error.url}: {error.outcome}. {_EXPIRES}")
        token = cluster.token(namespace, name, seconds=_TOKEN_SECONDS)
    return Caller(
        token=token,
        user=f"system:serviceaccount:{namespace}:{name}",
        groups=service_account_groups(namespace),
    )


def service_account_groups(namespace: str) -> tuple[str, ...]:
    """The groups in which Kubernetes puts every ServiceAccount of C(namespace)."""
    return "system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"


def _who_am_i(cluster: Cluster) -> tuple[str | None, tuple[str, ...] | None]:
    """The user and groups that the API server sees in the credential; an older API server does not report them."""
    try:
        user = cluster.user()
    except ApiError:
        return None, None
    return user.get("username"), tuple(user["groups"]) if "groups" in user else None
