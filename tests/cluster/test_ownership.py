# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest


@pytest.fixture
def objects(ours, service, registration):
    """What an instance consists of, and something of a kind that the cluster does not have."""
    named = [ours("Secret", "gem-credentials"), ours("ConfigMap", "gem-config"), service(), *registration()]
    return [*named, ours("Gadget", "gem", "example.com/v1")]


def test_names_that_nobody_has_cost_one_request_each_and_nothing_is_written(run, objects, requests_made):
    assert run("ownership", objects=objects)["foreign"] == []
    assert [method for method, _path, _query in requests_made] == ["GET"] * (len(objects) - 1)


def test_all_that_is_foreign_is_named_at_once(run, failure, objects, kubectl, namespace, ours):
    kubectl("create", "configmap", "gem-config", "-n", namespace, "--from-literal=a=1")
    others = ours("Secret", "gem-credentials", set_name="other")
    run("kube_apply", objects=[others], secret_data={f"{namespace}/gem-credentials": {"api_key": "theirs"}})
    result = failure("ownership", objects=objects)
    assert [(each["kind"], each["name"]) for each in result["foreign"]] == [
        ("Secret", "gem-credentials"),
        ("ConfigMap", "gem-config"),
    ]
    for told in (
        f"Secret {namespace}/gem-credentials belongs to instance gem of set other",
        f"ConfigMap {namespace}/gem-config was not made by this collection (written by kubectl-create)",
    ):
        assert told in result["msg"]


def test_what_may_not_be_read_stops_nobody(run, objects):
    assert run("ownership", objects=objects, kubeconfig=os.environ["SANDBOX_PROJECT_KUBECONFIG"])["foreign"] == []
