# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.summary import next_step, summarise

INSTANCES = [{"name": "one"}]
ABSENT = {"one": {"ready": False, "state": "failed", "message": "it does not exist"}}
READY = {"one": {"ready": True, "state": "ready", "note": "", "url": "https://x"}}


@pytest.mark.parametrize(
    ("ready", "planned", "state"),
    [(ABSENT, True, "planned"), ({}, True, "planned"), (ABSENT, False, "failed"), (READY, True, "registered")],
)
def test_in_check_mode_what_is_not_there_is_planned(ready, planned, state):
    assert summarise(INSTANCES, ready=ready, planned=planned)["one"]["state"] == state


@pytest.mark.parametrize(("state", "words"), [("listed", "llamastack_maas_proof=call"), ("proven", "same variables")])
def test_what_is_only_listed_is_proven_by_a_call(state, words):
    assert words in next_step({"one": {"state": "proven"}, "two": {"state": state}}, "all")


@pytest.mark.parametrize(
    ("scope", "state", "words"),
    [
        ("all", "proven", "llamastack.maas.validate with the same variables"),
        ("platform", "registered", "(llamastack_maas_scope=project), ansible-playbook llamastack.maas.validate"),
        ("project", "registered", "(llamastack_maas_scope=platform), ansible-playbook llamastack.maas.validate"),
        ("project", "proven", "llamastack.maas.validate with the same variables"),
        ("all", "planned", "nothing was written"),
    ],
)
def test_the_next_step_is_that_of_the_scope(scope, state, words):
    assert words in next_step({"one": {"state": state}}, scope)


def test_what_is_scaled_to_0_is_neither_registered_nor_proven():
    scaled = {"one": {"ready": False, "state": "scaled to 0", "message": "it has 0 replicas", "url": "https://x"}}
    found = summarise(INSTANCES, ready=scaled)["one"]
    assert (found["state"], found["reason"]) == ("scaled to 0", "it has 0 replicas")


def test_what_callers_saw_decides():
    discovered = {"one": {"state": "not_entitled", "reason": "why", "remedy": "do", "ids": ["a"]}}
    objects = [
        {"instance": "one", "changed": True, "kind": "Secret", "action": "created"},
        {"instance": "one", "changed": False, "kind": "ConfigMap", "action": "unchanged"},
        {"instance": None, "changed": True, "kind": "Namespace", "action": "created"},
    ]
    assert summarise(INSTANCES, ready=READY, discovered=discovered, objects=objects)["one"] == {
        "state": "not_entitled",
        "reason": "why",
        "remedy": "do",
        "url": "https://x",
        "client_base_url": "",
        "ids": ["a"],
        "changed": ["Secret created"],
    }
