# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.action.model_discovery import ActionModule
from ansible_collections.llamastack.maas.plugins.modules import model_discovery
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.polling import PollingActionBase


def test_waits_as_long_as_the_module_says_it_does():
    options = yaml.safe_load(model_discovery.DOCUMENTATION)["options"]
    assert ActionModule.DEFAULT_TIMEOUT == options["wait_timeout"]["default"]


@pytest.fixture
def action(monkeypatch):
    calls = []
    answers = iter([{"failed": True, "continuation": {"started": 1}}, {"failed": True}, {"changed": False}])

    def execute(self, *, module_args, **kwargs):
        calls.append(module_args)
        return next(answers)

    monkeypatch.setattr(PollingActionBase, "_execute_module", execute)
    action = ActionModule.__new__(ActionModule)
    action.calls = calls
    return action


def test_what_one_attempt_learned_is_handed_to_the_next(action):
    for _attempt in range(3):
        action._execute_module(module_name="m", module_args={"url": "u"}, task_vars={})
    assert action.calls == [{"url": "u"}, {"url": "u", "continuation": {"started": 1}}, {"url": "u"}]


def test_a_given_continuation_is_where_it_starts(action):
    action._execute_module(module_args={"continuation": {"started": 0}})
    action._execute_module(module_args={"continuation": {"started": 0}})
    assert action.calls == [{"continuation": {"started": 0}}, {"continuation": {"started": 1}}]
