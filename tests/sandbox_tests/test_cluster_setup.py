# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a cluster from the start."""

from __future__ import annotations

import pytest
from sandbox import cluster_setup


@pytest.mark.parametrize("role", ["admin", "edit"])
def test_who_administers_a_namespace_may_have_routes_there(role):
    """As on OpenShift, which adds that to the role of Kubernetes."""
    objects = cluster_setup.objects({"generation": "none", "namespaces": ["litemaas", "llm"]})
    (binding,) = [each for each in objects if each["metadata"]["name"] == "project-admin"]
    assert (binding["roleRef"]["name"], binding["metadata"]["namespace"]) == ("admin", "litemaas")
    label = f"rbac.authorization.k8s.io/aggregate-to-{role}"
    rules = [
        rule for each in objects if each["metadata"].get("labels", {}).get(label) == "true" for rule in each["rules"]
    ]
    held = {
        (resource, verb)
        for rule in rules
        if "route.openshift.io" in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    assert {("routes", "*"), ("routes/custom-host", "create"), ("routes/status", "get")} <= held
