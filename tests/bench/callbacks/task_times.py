# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: task_times
type: aggregate
short_description: Write how long each task took
description:
  - Writes a line of JSON for each task to the file that the environment variable E(BENCH_TASK_TIMES) names. C(seconds)
    are from the task's start to the start of the next one, Ansible's own part among them. C(ended) is the time of its
    result, in seconds since the epoch.
"""

import json
import os
import time

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_times"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._running = None
        self._entry = {}

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._close()
        self._entry = {"name": task.get_name(), "action": task.action}
        self._running = time.monotonic()

    def v2_runner_on_ok(self, result):
        self._entry["ended"] = time.time()

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._entry["ended"] = time.time()

    def v2_playbook_on_stats(self, stats):
        self._close()

    def _close(self):
        if self._running is None:
            return
        self._entry["seconds"] = time.monotonic() - self._running
        with open(os.environ["BENCH_TASK_TIMES"], "a", encoding="utf-8") as file:
            file.write(json.dumps(self._entry) + "\n")
        self._running = None
