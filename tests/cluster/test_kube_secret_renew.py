# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels


@pytest.fixture
def given(namespace):
    owned = labels("gateway", namespace, "litemaas.default")
    secret = {"name": "litellm-secret", "namespace": namespace, "labels": owned}
    return {
        "keep": {"name": "kept", "namespace": namespace, "labels": owned},
        "secrets": [{**secret, "fields": {"MASTER": {"prefix": "sk-", "length": 40}}}],
    }


@pytest.fixture
def made(run, given):
    """The Secret, with another field that stays as it is."""
    secret = given["secrets"][0]
    run("kube_secret_generate", secrets=[{**secret, "fields": {**secret["fields"], "SALT": {}}}])
    return given


def values(kubectl, namespace, name="litellm-secret"):
    data = kubectl("get", "secret", name, "-n", namespace)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def test_new_values_come_in_steps_and_old_ones_can_come_back(run, kubectl, namespace, made):
    old = values(kubectl, namespace)
    first = run("kube_secret_renew", state="begun", **made)
    assert (first["changed"], first["resumed"]) == (True, False)
    assert values(kubectl, namespace) == old
    # Whoever goes on with a run that was killed makes no other values.
    kept = values(kubectl, namespace, "kept")
    again = run("kube_secret_renew", state="begun", **made)
    assert (again["changed"], again["resumed"]) == (False, True)
    assert values(kubectl, namespace, "kept") == kept

    brought = run("kube_secret_renew", state="new", **made)
    new = values(kubectl, namespace)
    assert brought["changed"] and new["MASTER"] != old["MASTER"] and new["SALT"] == old["SALT"]
    assert len(new["MASTER"]) == 43 and new["MASTER"].startswith("sk-")
    assert brought["revisions"] != first["revisions"]
    assert not run("kube_secret_renew", state="new", **made)["changed"]

    assert run("kube_secret_renew", state="old", **made)["changed"]
    assert values(kubectl, namespace) == old
    assert run("kube_secret_renew", state="ended", **made)["changed"]
    assert not run("kube_secret_renew", state="ended", **made)["changed"]
    for returned in (first, again, brought):
        assert old["MASTER"] not in str(returned) and new["MASTER"] not in str(returned)


def test_check_mode_writes_nothing(run, kubectl, namespace, made):
    old = values(kubectl, namespace)
    assert run("kube_secret_renew", state="begun", check=True, **made)["changed"]
    assert run("kube_secret_renew", state="new", check=True, **made)["changed"]
    assert values(kubectl, namespace) == old


def test_what_cannot_get_new_values_is_refused_before_anything_is_written(failure, made):
    existing = {**made, "secrets": [{**made["secrets"][0], "existing": True}]}
    refused = failure("kube_secret_renew", state="begun", **existing)
    assert "is one of yours, and is never changed" in refused["msg"]
    early = failure("kube_secret_renew", state="new", **made)
    assert "does not hold new and old values" in early["msg"]
