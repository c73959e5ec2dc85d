# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API server refuses of the kinds of MaaS, in the words that reach the user."""

from __future__ import annotations

import pytest


def nobody(objects):
    objects[1]["spec"]["subjects"] = {}


def no_model(objects):
    objects[1]["spec"]["modelRefs"] = []


def no_limits(objects):
    del objects[2]["spec"]["modelRefs"][0]["tokenRateLimits"]


def a_day(objects):
    objects[2]["spec"]["modelRefs"][0]["tokenRateLimits"][0]["window"] = "1d"


def another_kind(objects):
    objects[0]["spec"]["modelRef"]["kind"] = "InferenceService"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (nobody, "no such key: groups"),
        (no_model, "should have at least 1 items"),
        (no_limits, "Required value"),
        (a_day, "should match '^[1-9]"),
        (another_kind, 'Unsupported value: "InferenceService"'),
    ],
)
def test_a_registration_that_breaks_a_rule(failure, registration, change, words):
    objects = registration()
    change(objects)
    assert words in failure("kube_apply", check=True, objects=objects)["msg"]


def test_an_owner_who_is_nobody_is_taken(run, registration):
    objects = registration()
    objects[2]["spec"]["owner"] = {}
    assert len(run("kube_apply", check=True, objects=objects)["objects"]) == 3


def test_a_namespace_that_is_no_tenants(failure, registration, namespace):
    objects = registration()
    for obj in objects[1:]:
        obj["metadata"]["namespace"] = namespace
    message = failure("kube_apply", check=True, objects=objects)["msg"]
    denied = 'admission webhook "vmaasauthpolicy.kb.io" denied the request: '
    assert f'{denied}namespace "{namespace}" is not enabled for MaaS tenant resources' in message
    assert "Correct llamastack_maas_subscription_namespace" in message


def test_a_tenant_that_is_not_there(failure, registration):
    objects = registration()
    objects[0]["spec"]["tenantRef"] = "nowhere"
    message = failure("kube_apply", check=True, objects=objects)["msg"]
    assert 'spec.tenantRef "nowhere" references AITenant that does not exist in namespace ai-tenants' in message
    assert "Correct llamastack_maas_tenant, or leave it out." in message


def test_an_empty_list_is_gone_once_the_controller_has_written_its_finalizer(run, registration, kubectl):
    """So whoever sends one changes the object at every run."""
    objects = registration()[1:]
    policy = objects[0]
    policy["spec"]["subjects"]["users"] = []
    run("kube_apply", objects=objects)
    name, namespace = policy["metadata"]["name"], policy["metadata"]["namespace"]
    kubectl("wait", "maasauthpolicy", name, "-n", namespace, "--for=jsonpath={.status.phase}=Failed", output=None)
    written = kubectl("get", "maasauthpolicy", name, "-n", namespace)
    assert list(written["spec"]["subjects"]) == ["groups"] and written["metadata"]["generation"] == 2
    assert run("kube_apply", objects=objects)["changed"]
    del policy["spec"]["subjects"]["users"]
    run("kube_apply", objects=objects)
    assert not run("kube_apply", objects=objects)["changed"]
    run("kube_delete", objects=objects)
