# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Secret holds, without showing it."""

from __future__ import annotations

import base64
import hashlib
import json
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership

_REVISION_DIGITS = 16

# They are part of what is stored in clusters.
_FINGERPRINT_SALT, _FINGERPRINT_ROUNDS = b"llamastack.maas/fingerprint", 300_000


def encode(values: t.Mapping[str, str]) -> dict[str, str]:
    """Plain values as they stand in the ``data`` of a Secret."""
    return {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}


def decode(value: str) -> str:
    """A value of the C(data) of a Secret as text; what is no text comes out with marks in place of its bytes."""
    return base64.b64decode(value).decode(errors="replace")


def revision(namespace: str, name: str, data: t.Mapping[str, str]) -> str:
    """16 hexadecimal digits that change whenever a Secret's ``data`` (base64) does, and show nothing of it.

    Namespace and name are part of it, so that the same key in two Secrets does not show as such.
    """
    content = json.dumps([namespace, name, dict(data)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()[:_REVISION_DIGITS]


def revision_of(secret: t.Mapping[str, t.Any]) -> str:
    """What changes with the values of a Secret of the cluster: the revision of one of ours, else its resourceVersion.

    Its labels decide, whatever uses it: an instance may read the Secret of another one.
    """
    metadata = secret["metadata"]
    if ownership.owner_of(secret) is None:
        return metadata["resourceVersion"]
    return revision(metadata["namespace"], metadata["name"], secret.get("data") or {})


def secret_object(instance: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The Secret of a normalised instance that is ours, without data: values travel apart from the objects."""
    labels, name = ownership.instance_labels(instance), instance["credentials"]["secret"]["name"]
    metadata = {"name": name, "namespace": instance["namespace"], "labels": labels}
    return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata}


def fingerprint(value: str) -> str:
    """32 hexadecimal digits that are the same for the same value, and from which it is not guessed, even a weak one."""
    return hashlib.pbkdf2_hmac("sha256", value.encode(), _FINGERPRINT_SALT, _FINGERPRINT_ROUNDS).hex()[:32]
