# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: counted
type: aggregate
short_description: Write what a run costs and what it logs
description:
  - Writes lines of JSON to the file that the environment variable E(COUNTED) names. One for each task with C(task), one for
    each module that is started with C(module), one for each time that the list is normalised with C(normalised), and one
    for each event with C(event), the length of its result and arguments as JSON, as a controller keeps them.
  - Ansible loads a callback before it forks its workers, so that they count, too.
"""

import json
import os

from ansible.plugins.action import ActionBase
from ansible.plugins.callback import CallbackBase
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import instances


def note(**what):
    with open(os.environ["COUNTED"], "a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


def counting(function, describe):
    def counted(*args, **kwargs):
        note(**describe(*args, **kwargs))
        return function(*args, **kwargs)

    return counted


ActionBase._execute_module = counting(
    ActionBase._execute_module, lambda self, module_name=None, **kwargs: {"module": module_name or self._task.action}
)
instances.normalise = counting(instances.normalise, lambda *args, **kwargs: {"normalised": True})


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "counted"

    def v2_playbook_on_task_start(self, task, is_conditional):
        note(task=task.get_name(), event=len(json.dumps(task.args, default=str)))

    def v2_runner_on_ok(self, result):
        note(event=len(json.dumps(result._result, default=str)))

    def v2_runner_on_failed(self, result, ignore_errors=False):
        note(event=len(json.dumps(result._result, default=str)))

    def v2_runner_on_skipped(self, result):
        note(skipped=True)
