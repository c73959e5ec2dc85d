# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verifies the pods of an LLMInferenceService.

KServe writes a new certificate as soon as a pod or Service has an address that the present one does not cover: always
once, shortly after the first pod was made. A server that does not reload its files goes on with the certificate that it
started with. On OpenShift AI both are signed by the cluster's service authority, so the gateway accepts either. Upstream
KServe, which runs here, signs each certificate with itself.

Deviation that follows: the gateway trusts every certificate that it has seen KServe write for a service, until its
Secret is deleted.
"""

from __future__ import annotations

import base64
import ssl
from typing import Any

from .informers import Informers

SECRETS = "v1/secrets"
SUFFIX = "-kserve-self-signed-certs"

Key = tuple[str, str]  # namespace and name of the Secret


class PodTrust:
    """Remembers the certificates of KServe's Secrets."""

    def __init__(self, informers: Informers) -> None:
        self._informers = informers
        self._certificates: dict[Key, list[str]] = {}
        self._contexts: dict[Key, ssl.SSLContext] = {}
        informers.on_change(self._on_change)

    def of(self, namespace: str, service: str) -> ssl.SSLContext | None:
        """The context for the pods of a service, or None where KServe has written no certificate for it."""
        key = (namespace, service + SUFFIX)
        present = self._informers.get(SECRETS, key[1], namespace)
        if present is not None:
            self._remember(present)
        if key not in self._contexts and key in self._certificates:
            self._contexts[key] = ssl.create_default_context(cadata="\n".join(self._certificates[key]))
        return self._contexts.get(key)

    def _on_change(self, resource: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        if resource != SECRETS:
            return
        if after is not None:
            self._remember(after)
        elif before is not None:
            for known in (self._certificates, self._contexts):
                known.pop(_key(before), None)

    def _remember(self, secret: dict[str, Any]) -> None:
        # It is its own authority; KServe v0.17 writes no ca.crt beside it.
        encoded = (secret.get("data") or {}).get("tls.crt")
        if not encoded or not secret["metadata"]["name"].endswith(SUFFIX):
            return
        certificate = base64.b64decode(encoded).decode()
        known = self._certificates.setdefault(_key(secret), [])
        if certificate not in known:
            known.append(certificate)
            self._contexts.pop(_key(secret), None)


def _key(secret: dict[str, Any]) -> Key:
    return secret["metadata"]["namespace"], secret["metadata"]["name"]
