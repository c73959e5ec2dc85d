# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership


def test_owner_is_read_back_from_the_labels() -> None:
    obj = {"metadata": {"labels": ownership.labels("openai-prod", "llm", "workshop")}}
    assert ownership.owner_of(obj) == ("llm", "openai-prod", "workshop")


def test_what_all_instances_share_has_no_instance() -> None:
    labels = ownership.labels(None, "llm", "default")
    assert ownership.LABEL_INSTANCE not in labels
    assert ownership.owner_of({"metadata": {"labels": labels}}) == ownership.Owner("llm", None, "default")


@pytest.mark.parametrize(
    "obj",
    [
        {},
        {"metadata": {}},
        {"metadata": {"labels": None}},
        {
            "metadata": {
                "labels": {ownership.LABEL_INSTANCE: "a", ownership.LABEL_NAMESPACE: "b", ownership.LABEL_SET: "c"}
            }
        },
        {"metadata": {"labels": {**ownership.labels("a", "b", "c"), ownership.LABEL_MANAGED_BY: "argo"}}},
        {"metadata": {"labels": {ownership.LABEL_MANAGED_BY: ownership.MANAGED_BY, ownership.LABEL_INSTANCE: "a"}}},
    ],
)
def test_an_object_of_others_has_no_owner(obj: dict) -> None:
    assert ownership.owner_of(obj) is None


def test_selector_names_the_set_and_not_the_instance() -> None:
    assert ownership.selector("llm", "default") == (
        "app.kubernetes.io/managed-by=llamastack.maas,llamastack.maas/namespace=llm,llamastack.maas/set=default"
    )


def test_names_of_the_objects() -> None:
    assert ownership.secret_name("a") == "a-credentials"
    assert ownership.config_name("a") == "a-config"
    assert ownership.deployment_name("a") == "a-kserve"
    assert ownership.shared_name("llm", "a") == "llm-a"
    assert ownership.published_path_id("llm", "a") == "publishers/llm/models/a"


@pytest.mark.parametrize("name", ["a", "openai-prod", "a1", "a" * 63])
def test_names_that_a_service_can_have(name: str) -> None:
    assert ownership.is_dns_1035(name)


@pytest.mark.parametrize("name", ["", "1a", "A", "a.b", "a_b", "a-", "-a", "a\n", "a" * 64])
def test_names_that_no_service_can_have(name: str) -> None:
    assert not ownership.is_dns_1035(name)


def test_a_namespace_may_start_with_a_digit() -> None:
    assert ownership.is_dns_1123("1a")
    assert not ownership.is_dns_1123("a\n")
    assert not ownership.is_dns_1123("a" * 64)
