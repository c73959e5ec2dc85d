# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live lines for a module that waits.

A module is silent until it returns. An action plugin of the same name that runs the module once per attempt can
print between the attempts, and the module still runs where the play says.

The module's side of the bargain: with ``wait_timeout: 0`` it looks once. When it does not find what was awaited it
fails with ``pending: true`` if waiting longer can help, with ``progress`` (one line without the time, see
:class:`~.polling.Attempt`), and with ``retry_after`` (seconds) if it was asked not to ask again before then.
"""

from __future__ import annotations

import time
import typing as t

from ansible.module_utils.common.validation import check_type_float

from ansible_collections.llamastack.maas.plugins.module_utils.base.polling import Attempt, gave_up_after, poll
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.display import show
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.local import LocalActionBase


class PollingActionBase(LocalActionBase):
    """Runs the module of the task's name until it succeeds, fails for good, or ``wait_timeout`` seconds are over."""

    TRANSFERS_FILES = False
    DEFAULT_TIMEOUT: t.ClassVar[float]
    """The default of the module's ``wait_timeout``."""

    ARGS_WHILE_WAITING: t.ClassVar[dict[str, t.Any]] = {}
    """Arguments for all attempts but the last: what spares a look that is not the last one some work.

    When they are given, a wait that ends without success is followed by one more look without them.
    """

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        args = dict(self._task.args)
        timeout = check_type_float(args.get("wait_timeout", self.DEFAULT_TIMEOUT))
        host = (task_vars or {}).get("inventory_hostname", "localhost")

        warnings: list[t.Any] = []

        def look(**changed_args: t.Any) -> dict[str, t.Any]:
            returned = self._execute_module(
                module_name=self._task.action,
                module_args={**args, **changed_args, "wait_timeout": 0},
                task_vars=task_vars,
            )
            warnings.extend(each for each in returned.pop("warnings", ()) if each not in warnings)
            return returned

        def attempt() -> Attempt:
            returned = look(**self.ARGS_WHILE_WAITING)
            failed = bool(returned.get("failed") or returned.get("unreachable"))
            return Attempt(
                done=not failed,
                failed=failed and not returned.get("pending"),
                progress=returned.get("progress") or "",
                retry_after=returned.get("retry_after"),
                value=returned,
            )

        def report(progress: str, elapsed: float) -> None:
            show([f"  [{host}] {elapsed:.0f}s of {timeout:.0f}s: {progress}"])

        outcome = poll(attempt, clock=time.monotonic, sleep=time.sleep, timeout=timeout, report=report)
        returned = outcome.last.value
        if self.ARGS_WHILE_WAITING and not outcome.done and "progress" in returned:
            returned = look()
        if outcome.timed_out and returned.get("failed"):
            returned["msg"] = f"{gave_up_after(outcome)} {returned.get('msg', '')}"
            # ansible-core 2.19 and later would show the module's own words in place of the message.
            returned.pop("exception", None)
        if "attempts" in returned:
            returned.update(elapsed=round(outcome.elapsed, 1), attempts=outcome.attempts)
        self._remove_tmp_path(self._connection._shell.tmpdir)
        result.update(returned)
        if warnings:
            result["warnings"] = warnings
        return result
