# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step does with its module, and what the plan keeps of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.llamastack.maas.plugins.action import step
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Plan, PlanError, Step, Verb


@pytest.fixture
def run(monkeypatch):
    """``run(Step, returned) -> (result, what the plan keeps, the task that ran the module)``."""
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})

    def call(planned, returned=None, done=None):
        tasks = []

        def get(name, task, **_others):
            tasks.append(task)
            return SimpleNamespace(run=lambda tmp, task_vars: returned() if callable(returned) else dict(returned))

        plan = Plan("some", [], True, False, {}, {})
        done = plan.done if done is None else done
        monkeypatch.setattr(step, "VERBS", {"some": Verb("some", "", {"it": planned}, lambda plan: None)})
        monkeypatch.setattr(step.store, "load", lambda host: plan)
        monkeypatch.setattr(step.store, "save", lambda host, plan: done.update(plan.done))
        action = step.ActionModule.__new__(step.ActionModule)
        copy = SimpleNamespace(check_mode=False, diff=True)
        action._task = SimpleNamespace(args={"name": "it"}, copy=lambda: copy)
        action._templar = action._loader = action._connection = action._play_context = None
        loader = SimpleNamespace(has_plugin=lambda name: False, get=get)
        action._shared_loader_obj = SimpleNamespace(action_loader=loader)
        return action.run(task_vars={"inventory_hostname": "a"}), done, tasks

    return call


def arguments(plan, held):
    return {"objects": [1]}


def test_what_has_nothing_to_do_starts_no_module(run):
    assert run(Step("kube_apply", lambda plan, held: None)) == ({"changed": False}, {}, [])


@pytest.mark.parametrize(
    ("check_mode", "changed", "as_run"),
    [(None, True, (False, True)), (True, False, (True, False)), (False, True, (False, True))],
)
def test_a_step_that_always_runs_in_check_mode_changes_and_shows_nothing(run, check_mode, changed, as_run):
    result, done, (task,) = run(Step("kube_apply", arguments, check_mode=check_mode), {"changed": True, "objects": []})
    assert (result["changed"], task.check_mode, task.diff) == (changed, *as_run)
    assert (task.action, task.args) == ("llamastack.maas.kube_apply", {"objects": [1]})
    assert done == {"it": {"changed": changed, "objects": []}}


@pytest.mark.parametrize("error", [AnsibleError("no URL"), AnsibleConnectionFailure("no URL")])
def test_why_a_step_failed_is_kept_for_whoever_rescues_it(run, error):
    def fail():
        raise error

    done = {}
    with pytest.raises(type(error), match="no URL"):
        run(Step("kube_apply", arguments), fail, done)
    assert done == {"it": {"failed": True, "msg": "no URL"}}


def test_a_step_that_cannot_be_taken_fails_without_a_traceback(run):
    def fail(plan, held):
        raise PlanError("no URL")

    result, done, tasks = run(Step("kube_apply", fail))
    assert (result, done, tasks) == ({"failed": True, "msg": "no URL"}, {"it": result}, [])
