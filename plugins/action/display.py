# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints, in the place where the run is. The documentation is that of the module of the same name."""

from __future__ import annotations

import dataclasses
import os
import time
import typing as t
from pathlib import Path

from ansible.plugins.action import ActionBase

from ansible_collections.llamastack.maas.plugins.plugin_utils.actions import store
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.display import read_by_people, show
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import PlanError, RunOutcome
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.verbs import VERBS


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _VALID_ARGS = frozenset(("lines", "outcome"))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        lines = _lines(self._task.args.get("lines"))
        result["changed"] = False
        if self._task.args.get("outcome"):
            try:
                outcome, published = self._outcome(task_vars)
            except PlanError as error:
                return {**result, "failed": True, "msg": str(error)}
            lines += outcome.lines
            result.update(outcome.returned, problem=outcome.problem, ansible_stats=published)
        if lines and len(task_vars.get("ansible_play_hosts_all") or ()) > 1:
            lines = [f"[{task_vars['inventory_hostname']}]", *lines]
        show(lines)
        # Whoever reads standard output as one document finds the lines there.
        if not read_by_people():
            result["lines"] = lines
        return result

    def _outcome(self, task_vars: dict[str, t.Any]) -> tuple[RunOutcome, dict[str, t.Any]]:
        """What the run comes to, with its files written, and what the next node of a workflow gets of it.

        A controller hands on the statistics of the run, and none of a host: several hosts publish below their names, and
        what they publish is merged.
        """
        host = task_vars["inventory_hostname"]
        plan = dataclasses.replace(store.load(host), time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        verb = VERBS[plan.verb]
        outcome = verb.outcome(plan)
        if outcome.files and not plan.check_mode:
            outcome = _written(outcome)
        alone = len(task_vars.get("ansible_play_hosts_all") or ()) <= 1
        data = {verb.prefix + verb.published: outcome.published if alone else {host: outcome.published}}
        return outcome, {"data": data, "aggregate": not alone, "per_host": False}


def _written(outcome: RunOutcome) -> RunOutcome:
    """Write the files, each whole or not at all; what cannot be written is the problem of the run."""
    for name, text in outcome.files.items():
        path = Path(os.path.realpath(os.path.expanduser(name)))
        new = path.with_name(f".{path.name}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(text, encoding="utf-8")
            new.replace(path)
        except OSError as error:
            problem = f"{path} could not be written: {error.strerror}. Give another path."
            return outcome._replace(problem="\n".join(filter(None, [outcome.problem, problem])))
    return outcome._replace(lines=[*outcome.lines, *outcome.written])


def _lines(given: t.Any) -> list[str]:
    """Whatever is given, as lines: a report must not fail a run that did not."""
    if given is None:
        return []
    if isinstance(given, (list, tuple)):
        return [line for each in given for line in _lines(each) or [""]]
    # Not splitlines(): within JSON, what else ends a line there is a character like any other.
    return str(given).removesuffix("\n").split("\n") if str(given) else []
