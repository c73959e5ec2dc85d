# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply, presence
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels

INSTANCE = {"name": "gem", "namespace": "llm", "set": "default"}


def found(kind="Secret", **metadata):
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "gem-credentials", "namespace": "llm", **metadata}}


EXTERNAL = found(
    ownerReferences=[{"kind": "ExternalSecret", "name": "gem"}],
    labels={"reconcile.external-secrets.io/managed": "true"},
)
OTHER_SET = found(labels=labels("gem", "llm", "other"))
OTHER_INSTANCE = found(labels=labels("opus", "llm", "default"))
RENDERED = found(
    labels=labels("gem", "llm", "default"),
    managedFields=[
        {
            "manager": "argocd-controller",
            "operation": "Apply",
            "fieldsV1": {"f:metadata": {"f:labels": {"f:app.kubernetes.io/managed-by": {}}}},
        }
    ],
)


@pytest.mark.parametrize(
    ("answer", "state", "why"),
    [
        (None, presence.ABSENT, "does not exist"),
        (ApiError("GET", "/x", 403, "no"), presence.UNKNOWN, "403 Forbidden"),
        (found(labels=labels("gem", "llm", "default")), presence.OURS, ""),
        (RENDERED, presence.OURS, ""),
        (EXTERNAL, presence.UNMANAGED, "is not managed by this collection (owned by ExternalSecret gem)"),
        (OTHER_SET, presence.UNMANAGED, "belongs to instance gem of instance set other of namespace llm"),
        (OTHER_INSTANCE, presence.UNMANAGED, "belongs to instance opus of instance set default of namespace llm"),
    ],
)
def test_whose_an_object_is(answer, state, why):
    whose = presence.of(presence.identity("Secret", "gem-credentials", INSTANCE), answer)
    assert whose.state == state and why in whose.why


def test_a_secret_of_others_is_known_by_credentials_secret():
    remedy = presence.of(presence.identity("Secret", "gem-credentials", INSTANCE), EXTERNAL).remedy
    assert remedy.startswith("To use it as it is, name it in credentials_secret.")


@pytest.mark.parametrize("answer", [EXTERNAL, OTHER_SET, OTHER_INSTANCE])
def test_what_is_unmanaged_is_what_deploy_refuses(answer):
    desired = presence.identity("Secret", "gem-credentials", INSTANCE)
    assert apply.foreign(desired, answer).startswith(presence.of(desired, answer).why)
