# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every plan of LiteMaaS has, and what is refused for one."""

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import PlanError, Readers, RunInput, RunOutcome
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas import LitemaasVerb, gateway_arguments

VERB = LitemaasVerb("some", "thing", {}, lambda plan: RunOutcome({}, []))
READING = LitemaasVerb("some", "thing", {}, lambda plan: RunOutcome({}, []), cluster=lambda request, values: {"a": 1})


def refuse(given):
    raise AssertionError(given)


def planned(verb=VERB, settings=None, area=None, read=refuse, **more):
    request = RunInput([], settings or {}, more.pop("names", []), {}, area=area or {}, **more)
    return verb.plan(request, Readers(refuse, refuse, read))[0], request


def test_a_file_for_maas_serves_too():
    names = ["llamastack_maas_instances", "llamastack_maas_namespace", "llamastack_maas_scope"]
    plan, _request = planned(settings={"namespace": "llm", "scope": "no such", "set": "team"}, names=names)
    assert plan.settings == {"namespace": "litemaas", "set": "team"}
    assert "scope" not in plan.values


@pytest.mark.parametrize(
    ("area", "names", "path"),
    [
        ({"namespace": "Not_A_Name"}, [], "litemaas_namespace"),
        ({"url": "litellm"}, [], "litemaas_url"),
        ({"token_secret": {"name": "s", "kye": "k"}}, [], "litemaas_token_secret"),
        ({"token_secret": {"name": "s", "namespace": ""}}, [], "litemaas_token_secret.namespace"),
        ({"token_secret": {"name": "s", "key": None}}, [], "litemaas_token_secret.key"),
        ({}, ["litemaas_namespce"], "did you mean litemaas_namespace"),
        ({}, ["litmaas_namespace"], "did you mean litemaas_namespace"),
        ({}, ["llamastack_maas_instnces"], "did you mean llamastack_maas_instances"),
    ],
)
def test_bad_input_is_refused_before_the_cluster_is_asked(area, names, path):
    with pytest.raises(PlanError, match=path):
        planned(area=area, names=names)


def test_the_cluster_is_not_asked_with_a_namespace_that_is_none():
    with pytest.raises(PlanError, match="litemaas_namespace"):
        planned(READING, area={"namespace": "Not_A_Name"})
    assert planned(READING, read=lambda given: {"seen": given})[0].cluster == {"seen": {"a": 1}}


def test_the_token_is_in_no_plan():
    plan, request = planned(area={"url": "https://x.example.com", "token": "sk-0123456789abcdef"})
    assert "sk-0123456789abcdef" not in str(plan)
    arguments = gateway_arguments(plan, base.held(request, VERB.table))
    assert arguments == {"url": "https://x.example.com", "token": "sk-0123456789abcdef", "validate_litellm_certs": True}


def test_without_a_token_it_is_that_of_the_namespace():
    plan, request = planned(area={"namespace": "gate"})
    assert gateway_arguments(plan, base.held(request, VERB.table))["token_secret"] == {
        "name": "litellm-secret",
        "namespace": "gate",
        "key": "LITELLM_MASTER_KEY",
    }
