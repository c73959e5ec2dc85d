# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.gateway_admission import admits, selectors


def gateway(*allowed, where="openshift-ingress"):
    listeners = [{"allowedRoutes": {"namespaces": each}} for each in allowed]
    return {"metadata": {"namespace": where}, "spec": {"listeners": listeners}}


def selecting(labels=None, *expressions):
    found = [dict(zip(("key", "operator", "values"), each)) for each in expressions]
    return {"from": "Selector", "selector": {"matchLabels": labels or {}, "matchExpressions": found}}


@pytest.mark.parametrize(
    ("allowed", "has", "admitted"),
    [
        ({"from": "All"}, {}, True),
        ({"from": "Same"}, {"a": "1"}, False),
        ({}, {"a": "1"}, False),
        (selecting({"a": "1"}), {}, False),
        (selecting({"a": "1"}), {"a": "1", "b": "2"}, True),
        (selecting(None, ("a", "In", ["1", "2"])), {"a": "2"}, True),
        (selecting(None, ("a", "In", ["1", "2"])), {"a": "3"}, False),
        (selecting(None, ("a", "In", ["1", "2"])), {}, False),
        (selecting(None, ("a", "NotIn", ["1"])), {}, True),
        (selecting(None, ("a", "NotIn", ["1"])), {"a": "1"}, False),
        (selecting(None, ("a", "Exists")), {"a": ""}, True),
        (selecting(None, ("a", "Exists")), {}, False),
        (selecting(None, ("a", "DoesNotExist")), {}, True),
        (selecting(None, ("a", "DoesNotExist")), {"a": ""}, False),
        (selecting({"a": "1"}, ("b", "Exists")), {"a": "1"}, False),
    ],
)
def test_which_namespaces_are_admitted(allowed, has, admitted):
    assert admits(gateway(allowed), "llm", has) is admitted


def test_every_namespace_carries_its_name():
    allowed = selecting(None, ("kubernetes.io/metadata.name", "In", ["llm"]))
    assert admits(gateway(allowed), "llm", {}) and not admits(gateway(allowed), "other", {})


def test_the_own_namespace_is_admitted_and_one_listener_is_enough():
    assert admits(gateway({"from": "Same"}, where="llm"), "llm", {})
    assert admits(gateway({"from": "None"}, {"from": "All"}), "llm", {})


def test_selectors_are_told_as_kubectl_writes_them():
    expressions = [("b", "In", ["1", "2"]), ("c", "NotIn", ["3"]), ("d", "Exists"), ("e", "DoesNotExist")]
    found = selectors(gateway({"from": "All"}, selecting({"a": "1"}, *expressions), selecting({"z": "9"})))
    assert found == ["a=1, b in (1, 2), c notin (3), d, !e", "z=9"]
