# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules on the controller's own machine: which files they find, and which Python runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible.plugins.action import ActionBase
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions import local
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions.local import LocalActionBase

ANSIBLE_PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")

#: What is said of a kubeconfig that was found, for there is no such context in it.
FOUND = "Expected object with name nope in"


@pytest.fixture
def play(tmp_path):
    """``play(tasks, **environment)``: the messages of tasks that fail, of a playbook in another folder than the user's."""
    user, elsewhere = tmp_path / "user", tmp_path / "collection"
    user.mkdir()
    elsewhere.mkdir()
    cluster = {"name": "c", "cluster": {"server": "https://127.0.0.1:9"}}
    context = {"name": "x", "context": {"cluster": "c", "user": "u"}}
    config = {
        "clusters": [cluster],
        "contexts": [context],
        "current-context": "x",
        "users": [{"name": "u", "user": {}}],
    }
    (user / "dev.yml").write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **config}))

    def run(tasks, **environment):
        steps = [{**task, "register": f"result_{index}", "ignore_errors": True} for index, task in enumerate(tasks)]
        told = {"content": "{{ [%s] | to_json }}" % ", ".join(f"result_{i}.msg" for i in range(len(tasks)))}
        steps.append({"ansible.builtin.copy": {**told, "dest": str(tmp_path / "told.json"), "mode": "0644"}})
        book = [{"hosts": "localhost", "gather_facts": False, "tasks": steps}]
        (elsewhere / "play.yml").write_text(yaml.safe_dump(book))
        command = [ANSIBLE_PLAYBOOK, str(elsewhere / "play.yml")]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("K8S_AUTH_")}
        ran = subprocess.run(
            command, cwd=user, env=kept | environment, check=False, capture_output=True, text=True, timeout=120
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return json.loads((tmp_path / "told.json").read_text())

    run.user = user
    return run


def look(**options):
    return {"llamastack.maas.kube_secret_info": {"namespace": "llm", "names": ["x"], "context": "nope", **options}}


def test_they_count_from_the_folder_of_the_user(play):
    token = {"host": "https://127.0.0.1:9", "api_key": "x"}
    path = play.user
    cases = [
        (look(), FOUND),
        (look(kubeconfig="sub/none.yml:./dev.yml"), FOUND),
        (look(ca_cert="none.pem", **token), f"ca_cert: there is no file {path}/none.pem"),
        ({**look(), "environment": {"K8S_AUTH_KUBECONFIG": "e"}}, f"K8S_AUTH_KUBECONFIG: there is no file {path}/e"),
        # Those that wait, and print while they do, have an action of their own.
        (
            {
                "llamastack.maas.kube_delete": {
                    "all_of": {
                        "namespace": "llm",
                        "kinds": [{"api_version": "v1", "kind": "Secret", "namespace": "llm"}],
                    },
                    "kubeconfig": "../none.yml",
                    "wait_timeout": 0,
                }
            },
            f"kubeconfig: there is no file {path.parent}/none.yml",
        ),
        (
            {
                "llamastack.maas.maas_check": {
                    "url": "https://maas.example.com",
                    "ca_file": "corp/ca.pem",
                    "token": "x",
                    "generation": "b2",
                    "instances": [],
                }
            },
            f"The file of CA certificates {path}/corp/ca.pem cannot be used",
        ),
    ]
    told = play([task for task, _words in cases], KUBECONFIG="dev.yml")
    for message, (_task, words) in zip(told, cases, strict=True):
        assert words in message, told


@pytest.fixture
def interpreter(monkeypatch):
    """``interpreter(task_vars, transport, delegate_to, configured)``: the variable as the module's task has it then."""

    def call(task_vars, transport="local", delegate_to=None, configured="auto"):
        class Action(LocalActionBase):
            pass

        monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})
        config = SimpleNamespace(get_config_value={"INTERPRETER_PYTHON": configured}.get)
        monkeypatch.setattr(local.C, "config", config)
        action = Action.__new__(Action)
        action._task = SimpleNamespace(args={}, delegate_to=delegate_to)
        action._connection = SimpleNamespace(transport=transport)
        action.run(task_vars=task_vars)
        return task_vars.get("ansible_python_interpreter")

    return call


@pytest.mark.parametrize("configured", ["auto", "auto_silent", "auto_legacy"])
def test_an_interpreter_that_nothing_names_is_that_of_ansible(interpreter, configured):
    assert interpreter({}, configured=configured) == sys.executable
    for way in ("", "auto", "auto_silent", "auto_legacy", "auto_legacy_silent"):
        assert interpreter({"ansible_python_interpreter": way}, configured=configured) == sys.executable
        assert interpreter({"ansible_python_interpreter": way or "auto"}, configured="/opt/python") == sys.executable


def test_one_that_is_named_stays(interpreter):
    assert interpreter({"ansible_python_interpreter": "/opt/python"}) == "/opt/python"
    assert interpreter({"ansible_python_interpreter": "/opt/auto/python"}) == "/opt/auto/python"
    assert interpreter({"ansible_python_interpreter": "autopython"}) == "autopython"
    assert interpreter({}, configured="/usr/bin/python3") is None


def test_another_machine_has_its_own(interpreter):
    assert interpreter({}, transport="ssh") is None


def test_a_delegated_task_runs_with_that_of_the_other_host(interpreter):
    task_vars = {"ansible_python_interpreter": "/far", "ansible_delegated_vars": {"localhost": {}}}
    assert interpreter(task_vars, delegate_to="localhost") == "/far"
    assert task_vars["ansible_delegated_vars"] == {"localhost": {"ansible_python_interpreter": sys.executable}}


@pytest.mark.parametrize(
    ("inventory", "wanted"),
    [
        (None, sys.executable),
        ("localhost ansible_connection=local\n", sys.executable),
        (
            "local:\n  hosts: {localhost: }\n  vars:\n    ansible_connection: local\n"
            "    ansible_python_interpreter: '{{ tools }}/python'\n    tools: TOOLS\n",
            "TOOLS/python",
        ),
    ],
    ids=["implicit", "explicit", "explicit_with_its_own"],
)
def test_playbooks_run_with_the_python_that_runs_them_unless_another_is_named(tmp_path, inventory, wanted):
    tools, other = tmp_path / "tools", tmp_path / "other"
    for folder, name in ((tools, "python"), (other, f"python3.{sys.version_info.minor}")):
        folder.mkdir()
        (folder / name).write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (folder / name).chmod(0o755)
    options = []
    if inventory:
        (tmp_path / "inventory").write_text(inventory.replace("TOOLS", str(tools)))
        options = ["-i", str(tmp_path / "inventory")]
    command = [ANSIBLE_PLAYBOOK, "llamastack.maas.status", "-vvv", "-e", "llamastack_maas_instances=[]", *options]
    ran = subprocess.run(
        command,
        cwd=tmp_path,
        # What Ansible would discover.
        env=os.environ | {"KUBECONFIG": "none", "PATH": f"{other}:{os.environ['PATH']}"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 2 and f"KUBECONFIG: there is no file {tmp_path}/none" in ran.stdout + ran.stderr
    assert set(re.findall(r"(\S*/python\S*) \S+/AnsiballZ_\w+\.py", ran.stdout)) == {
        wanted.replace("TOOLS", str(tools))
    }
