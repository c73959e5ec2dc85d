# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Definitions of the kinds of MaaS: what they refuse of what the collection sends."""

from __future__ import annotations

import re

import pytest

from sandbox.maas.crds import crds

KINDS = {each["spec"]["names"]["kind"]: each for each in crds("b2")}


def field(kind: str, path: str) -> dict:
    """The schema of a field; ``[]`` steps into the items of a list."""
    schema = KINDS[kind]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    for step in path.split("."):
        schema = schema["items"] if step == "[]" else schema["properties"][step]
    return schema


def test_the_kinds_of_the_generations():
    """Release map: v0.0.2 installs none, v0.1.1 these five, v0.2.1 three more."""
    assert crds("a") == []
    b1 = {each["spec"]["names"]["kind"] for each in crds("b1")}
    assert b1 == {"MaaSModelRef", "MaaSAuthPolicy", "MaaSSubscription", "Tenant", "ExternalModel"}
    assert set(KINDS) == {
        "MaaSModelRef",
        "MaaSAuthPolicy",
        "MaaSSubscription",
        "MaasTenantConfig",
        "AITenant",
        "Config",
        "Tenant",
        "ExternalModel",
    }
    assert KINDS["MaaSAuthPolicy"]["metadata"]["name"] == "maasauthpolicies.maas.opendatahub.io"
    assert KINDS["Config"]["spec"]["scope"] == "Cluster"


def test_a_reference_of_b1_knows_neither_tenants_nor_aliases():
    (model_ref,) = (each for each in crds("b1") if each["spec"]["names"]["kind"] == "MaaSModelRef")
    schema = model_ref["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    assert set(schema["spec"]["properties"]) == {"modelRef", "endpointOverride"}
    assert not {"resolvedTenantRef", "resolvedModelAlias"} & set(schema["status"]["properties"])
    assert (
        "tenantRef"
        in KINDS["MaaSModelRef"]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    )


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_has_a_status_subresource(kind):
    assert KINDS[kind]["spec"]["versions"][0]["subresources"] == {"status": {}}


@pytest.mark.parametrize(
    ("kind", "path", "required"),
    [
        ("MaaSModelRef", "spec", ["modelRef"]),
        ("MaaSModelRef", "spec.modelRef", ["kind", "name"]),
        ("MaaSAuthPolicy", "spec", ["modelRefs", "subjects"]),
        ("MaaSAuthPolicy", "spec.modelRefs.[]", ["name", "namespace"]),
        ("MaaSSubscription", "spec", ["owner", "modelRefs"]),
        ("MaaSSubscription", "spec.modelRefs.[]", ["name", "namespace", "tokenRateLimits"]),
        ("MaaSSubscription", "spec.modelRefs.[].tokenRateLimits.[]", ["limit", "window"]),
    ],
)
def test_required_fields(kind, path, required):
    assert field(kind, path)["required"] == required


@pytest.mark.parametrize(
    ("window", "taken"), [("1m", True), ("9999h", True), ("1d", False), ("0m", False), ("10000s", False)]
)
def test_windows_of_limits(window, taken):
    schema = field("MaaSSubscription", "spec.modelRefs.[].tokenRateLimits.[].window")
    fits = re.search(schema["pattern"], window) and schema["minLength"] <= len(window) <= schema["maxLength"]
    assert bool(fits) is taken


def test_bounds_and_enumerations():
    limit = field("MaaSSubscription", "spec.modelRefs.[].tokenRateLimits.[].limit")
    assert (limit["minimum"], limit["maximum"]) == (1, 1_000_000_000)
    assert field("MaaSModelRef", "spec.modelRef.kind")["enum"] == ["LLMInferenceService", "ExternalModel"]
    for kind in ("MaaSAuthPolicy", "MaaSSubscription"):
        assert field(kind, "spec.modelRefs")["minItems"] == 1
    (rule,) = field("MaaSAuthPolicy", "spec.subjects")["x-kubernetes-validations"]
    assert rule["rule"] == "size(self.groups) > 0 || size(self.users) > 0"
    assert "x-kubernetes-validations" not in field("MaaSSubscription", "spec.owner")
