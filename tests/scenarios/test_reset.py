# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox forgets one test before the next."""

from __future__ import annotations

import time

import pytest
from sandbox import reset

KINDS = "secrets,configmaps,serviceaccounts,services,deployments,roles,rolebindings,resourcequotas"
MADE = [
    ("secret", "generic", "theirs", "--from-literal=key=value"),
    ("configmap", "theirs", "--from-literal=key=value"),
    ("serviceaccount", "theirs"),
    ("service", "externalname", "theirs", "--external-name=example.com"),
    ("deployment", "theirs", "--image=none", "--replicas=0"),
    ("role", "theirs", "--verb=get", "--resource=pods"),
    ("rolebinding", "theirs", "--role=theirs", "--user=somebody"),
    ("quota", "theirs", "--hard=pods=0"),
]


@pytest.mark.parametrize("namespace", ["llm", "llm-b"])
def test_the_namespaces_of_the_models_are_as_they_were(sandbox, namespace):
    def now() -> tuple[set[tuple[str, str, str]], dict[str, str]]:
        items = sandbox.get(KINDS, "-n", namespace)["items"]
        objects = {(each["kind"], each["metadata"]["name"], each["metadata"]["uid"]) for each in items}
        return objects, sandbox.get("namespace", namespace)["metadata"]["labels"]

    before = now()
    for arguments in MADE:
        sandbox.kubectl("create", *arguments, "-n", namespace)
    sandbox.kubectl("label", "namespace", namespace, "their=label", "maas.opendatahub.io/gateway-access-")
    started = time.monotonic()
    reset.run(sandbox.folder)
    assert time.monotonic() - started < 20
    assert now() == before
