# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace

import pytest
import yaml
from ansible.plugins.action import ActionBase
from ansible_collections.llamastack.maas.plugins.action import (
    kube_delete as delete_action,
    maas_wait_ready as wait_ready_action,
)
from ansible_collections.llamastack.maas.plugins.modules import kube_delete, maas_wait_ready
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions import polling

WAITING = {
    "failed": True,
    "pending": True,
    "progress": "0 of 1 ready",
    "msg": "Not ready.",
    "attempts": 1,
    "exception": "x",
}
READY = {"changed": False, "instances": {}, "attempts": 1}


@pytest.fixture
def run(monkeypatch):
    """``run(plugin, *results, **args) -> (result, arguments of each run, lines)``; the last result is given for ever."""

    def call(plugin, *results, **args):
        now, given, lines = [0.0], [], []
        results = list(results)

        def execute(self, *, module_args, **_kwargs):
            given.append(module_args)
            return dict(results.pop(0) if len(results) > 1 else results[0])

        clock = SimpleNamespace(monotonic=lambda: now[0], sleep=lambda pause: now.__setitem__(0, now[0] + pause))
        monkeypatch.setattr(polling, "time", clock)
        for module in (polling, delete_action):
            monkeypatch.setattr(module, "show", lines.extend)
        monkeypatch.setattr(ActionBase, "_execute_module", execute)
        monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})
        monkeypatch.setattr(ActionBase, "_remove_tmp_path", lambda self, path: None)
        action = plugin.ActionModule.__new__(plugin.ActionModule)
        action._task = SimpleNamespace(check_mode=False, args=args, action="llamastack.maas.x")
        action._connection = SimpleNamespace(transport="ssh", _shell=SimpleNamespace(tmpdir=None))
        return action.run(task_vars={"inventory_hostname": "cluster-a"}), given, lines

    return call


@pytest.mark.parametrize("plugin, module", [(wait_ready_action, maas_wait_ready), (delete_action, kube_delete)])
def test_waits_as_long_as_the_module_says_it_does(plugin, module):
    assert (
        plugin.ActionModule.DEFAULT_TIMEOUT
        == yaml.safe_load(module.DOCUMENTATION)["options"]["wait_timeout"]["default"]
    )


def test_the_module_looks_once_per_attempt_and_lines_are_printed_between(run):
    result, given, lines = run(wait_ready_action, WAITING, WAITING, READY, namespace="llm", wait_timeout="60")
    assert [args["wait_timeout"] for args in given] == [0, 0, 0]
    assert lines == ["  [cluster-a] 0s of 60s: 0 of 1 ready"]
    assert result == {**READY, "attempts": 3, "elapsed": 2.2}


def test_only_the_last_look_explains(run):
    result, given, _lines = run(wait_ready_action, WAITING, namespace="llm", wait_timeout=3)
    assert [args.get("explain") for args in given] == [False] * (len(given) - 1) + [None]
    assert result["failed"] and result["msg"] == f"Gave up after 3 s and {len(given) - 1} attempts. Not ready."
    # What ansible-core would show in place of the message.
    assert "exception" not in result


def test_what_may_be_unready_in_the_end_is_waited_for_all_the_same(run):
    """Without a failure at every look but the last the first one would end the wait."""
    result, given, _lines = run(wait_ready_action, WAITING, WAITING, WAITING, READY, fail_unready=False, wait_timeout=3)
    assert [args["fail_unready"] for args in given[:2]] == [True, True]
    _result, given, _lines = run(wait_ready_action, WAITING, fail_unready=False, wait_timeout=3)
    assert given[-1]["fail_unready"] is False and not result.get("failed")


def test_what_waiting_cannot_cure_is_explained_at_once(run):
    result, given, lines = run(wait_ready_action, {**WAITING, "pending": False}, namespace="llm", wait_timeout=60)
    assert [args.get("explain") for args in given] == [False, None] and not lines
    assert result["msg"] == "Not ready."


def test_a_module_that_breaks_is_not_run_again(run):
    result, given, _lines = run(wait_ready_action, {"failed": True, "msg": "MODULE FAILURE"}, namespace="llm")
    assert len(given) == 1 and result["msg"] == "MODULE FAILURE"


def test_what_the_looks_before_the_last_warned_of_is_not_lost(run):
    looks = [{**WAITING, "warnings": ["sent again", "unverified"]}, {**WAITING, "warnings": ["unverified"]}, READY]
    result, _given, _lines = run(wait_ready_action, *looks, namespace="llm", wait_timeout=60)
    assert result["warnings"] == ["sent again", "unverified"]


def deletion(*removed, left=(), foreign=(), **more):
    return {"removed": list(removed), "left": list(left), "unmanaged": list(foreign), "changed": bool(removed), **more}


def obj(kind, name, instance="gem", namespace="llm", **more):
    return {"kind": kind, "name": name, "namespace": namespace, "instance": instance, **more}


HELD = obj("MaaSModelRef", "gem", why="waits for finalizer x", remedy="Have it run.")
ASKED = {"namespace": "llm", "instances": ["gem"]}


def test_what_all_attempts_removed_is_added_up(run):
    first = {**WAITING, "progress": "still there: x", **deletion(obj("Secret", "a"), left=[HELD])}
    second = {**WAITING, "progress": "still there: x", **deletion(left=[HELD])}
    last = deletion(obj("Namespace", "llm", None, None), attempts=1)
    result, _given, _lines = run(delete_action, first, second, last, all_of=ASKED)
    assert [each["name"] for each in result["removed"]] == ["a", "llm"] and result["changed"]
    assert result["instances"]["gem"]["state"] == "removed"
    assert result["instances"]["gem"]["changed"] == ["Secret deleted"]
    assert result["lines"][-1] == "Deleted Namespace llm."


def test_whoever_takes_what_is_left_as_a_result_waits_for_it_all_the_same(run):
    held = {**WAITING, "progress": "still there: x", **deletion(left=[HELD])}
    first = {**held, **deletion(obj("Secret", "a"), left=[HELD])}
    result, given, lines = run(
        delete_action,
        first,
        *[held] * 4,
        deletion(left=[HELD], attempts=1),
        all_of=ASKED,
        wait_timeout=4,
        fail_left=False,
    )
    assert [args["fail_left"] for args in given] == [True] * (len(given) - 1) + [False]
    assert len(given) > 2 and any("still there: x" in line for line in lines)
    assert not result.get("failed") and result["instances"]["gem"] == {
        "state": "not_removed",
        "reason": "MaaSModelRef llm/gem waits for finalizer x",
        "remedy": "Have it run.",
        "changed": ["Secret deleted"],
    }


OTHERS = [
    obj("Secret", "a", why="is not managed by this collection"),
    obj("Namespace", "llm", None, None, why="still holds Pod llm/x"),
]


def test_what_stays_is_named_where_lines_are_shown(run):
    _result, _given, lines = run(delete_action, deletion(foreign=OTHERS, attempts=1))
    assert lines == [
        "  Secret llm/a stays: it is not managed by this collection.",
        "  Namespace llm stays: it still holds Pod llm/x.",
    ]


def test_what_stays_is_named_once(run):
    result, _given, lines = run(delete_action, deletion(foreign=OTHERS, attempts=1), fail_left=False)
    assert not lines
    assert result["instances"]["gem"]["state"] == "unmanaged"
    assert "  why     Secret llm/a is not managed by this collection" in result["lines"]
    assert result["lines"][-1] == "Namespace llm still holds Pod llm/x."
