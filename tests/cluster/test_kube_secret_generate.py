# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import fingerprint


@pytest.fixture
def wanted(namespace):
    return {
        "name": "litellm-secret",
        "namespace": namespace,
        "labels": labels("gateway", namespace, "litemaas.default"),
        "fields": {
            "MASTER": {"prefix": "sk-", "length": 40},
            "SALT": {"fingerprint": True},
            "USER": {"value": "admin"},
        },
    }


def values(kubectl, namespace, name="litellm-secret"):
    found = kubectl("get", "secret", name, "-n", namespace)
    return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}, found["metadata"]


def test_values_are_made_once_and_leave_the_module_never(run, kubectl, namespace, wanted):
    name = f"{namespace}/litellm-secret"
    first = run("kube_secret_generate", secrets=[wanted], diff=True)
    made, metadata = values(kubectl, namespace)
    assert first["changed"] and first["secrets"][name]["action"] == "created"
    assert sorted(first["secrets"][name]["made"]) == ["MASTER", "SALT", "USER"]
    assert first["secrets"][name]["fingerprints"] == {"SALT": fingerprint(made["SALT"])}
    assert made["MASTER"].startswith("sk-") and len(made["MASTER"]) == 43 and made["USER"] == "admin"
    assert made["MASTER"] not in str(first) and made["SALT"] not in str(first)
    for _time in range(5):
        again = run("kube_secret_generate", secrets=[wanted])
        assert not again["changed"] and again["secrets"][name]["action"] == "unchanged"
        assert again["revisions"] == first["revisions"]
    assert values(kubectl, namespace)[1]["resourceVersion"] == metadata["resourceVersion"]


def test_only_a_field_that_is_missing_is_added(run, kubectl, namespace, wanted):
    run("kube_secret_generate", secrets=[wanted])
    before = values(kubectl, namespace)[0]
    wanted["fields"]["LATER"] = {}
    result = run("kube_secret_generate", secrets=[wanted])
    after = values(kubectl, namespace)[0]
    assert result["secrets"][f"{namespace}/litellm-secret"]["made"] == ["LATER"]
    assert {key: after[key] for key in before} == before and len(after["LATER"]) == 32


def test_check_mode_writes_nothing(run, kubectl, namespace, wanted):
    result = run("kube_secret_generate", secrets=[wanted], check=True)
    assert result["changed"] and result["secrets"][f"{namespace}/litellm-secret"]["action"] == "created"
    assert kubectl("get", "secrets", "-n", namespace)["items"] == []


def test_a_secret_of_others_is_refused_before_anything_is_written(failure, kubectl, namespace, wanted):
    kubectl("create", "secret", "generic", "corp", "-n", namespace, "--from-literal=A=b")
    other = {**wanted, "name": "corp"}
    result = failure("kube_secret_generate", secrets=[wanted, other])
    assert f"Secret {namespace}/corp exists and is not managed by this set" in result["msg"]
    assert [each["metadata"]["name"] for each in kubectl("get", "secrets", "-n", namespace)["items"]] == ["corp"]


def test_one_of_the_users_is_read_only(run, failure, kubectl, namespace, wanted):
    kubectl("create", "secret", "generic", "corp", "-n", namespace, "--from-literal=MASTER=sk-corporate-key")
    given = {"name": "corp", "namespace": namespace, "existing": True, "fields": {"MASTER": {}}}
    result = run("kube_secret_generate", secrets=[given])
    assert not result["changed"] and result["secrets"][f"{namespace}/corp"]["action"] == "used"
    assert "sk-corporate-key" not in str(result)
    lacking = failure("kube_secret_generate", secrets=[{**given, "fields": {"MASTER": {}, "SALT": {}}}])
    assert "lacks SALT" in lacking["msg"]


def test_the_values_of_a_run_that_was_faster_count(run, kubectl, namespace, wanted, monkeypatch):
    """Two runs see no Secret; the second one to write finds that of the first."""
    from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster

    write = Cluster.put_seen

    def late(cluster, secret, *, dry_run):
        monkeypatch.setattr(Cluster, "put_seen", write)
        run("kube_secret_generate", secrets=[wanted])
        late.first = values(kubectl, namespace)[0]
        return write(cluster, secret, dry_run=dry_run)

    monkeypatch.setattr(Cluster, "put_seen", late)
    result = run("kube_secret_generate", secrets=[wanted])
    assert result["secrets"][f"{namespace}/litellm-secret"]["action"] == "unchanged"
    assert values(kubectl, namespace)[0] == late.first


def test_of_a_namespace_that_is_to_come_check_mode_says_what_is_made(run, wanted):
    result = run("kube_secret_generate", secrets=[{**wanted, "namespace": "not-yet-there"}], check=True)
    assert result["secrets"]["not-yet-there/litellm-secret"]["action"] == "created"
