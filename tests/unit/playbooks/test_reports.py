# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen is told although its report cannot be written any more: the last tasks of the playbooks, by Ansible."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

PLAYBOOKS = Path(__file__).parents[3] / "playbooks"
CHECK = {
    "instance": "gem",
    "namespace": "llm",
    "check": "chat",
    "state": "passed",
    "detail": "",
    "remedy": "",
    "seconds": 1.0,
}
STATUS = {
    "in_list": True,
    "state": "ready",
    "reason": "",
    "since": None,
    "replicas": None,
    "restarts": 0,
    "url": "https://maas.example.com/llm/gem",
    "ids": ["gem"],
    "ids_note": "",
    "registered": [],
    "credential": {"source": None, "secret": None, "written": None, "age": None, "note": "it has none"},
    "image": None,
    "config_revision": None,
    "drift": {"missing": [], "changed": [], "extra": []},
}


def play(tmp_path, tasks, **variables):
    tasks = json.loads(json.dumps(tasks).replace("tasks/", f"{PLAYBOOKS}/tasks/"))
    file = tmp_path / "play.yml"
    file.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}]))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    run = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), file],
        env={**environment, "ANSIBLE_NOCOLOR": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return run.returncode, run.stdout + run.stderr


def tasks_of(verb):
    (found,) = yaml.safe_load((PLAYBOOKS / f"{verb}.yml").read_text())
    return found["tasks"]


def test_validate_prints_its_table_and_fails(tmp_path):
    (tmp_path / "report").touch()
    validate = tasks_of("validate")[-1]
    # Of the role, the last step: what it has seen is given.
    (role,) = validate["block"]
    role["ansible.builtin.include_role"] = {**role.pop("ansible.builtin.import_role"), "tasks_from": "report"}
    code, output = play(
        tmp_path,
        [validate],
        maas_validation_report_dir="report",
        __maas_validation_called={"checks": [CHECK], "failed_checks": [], "caller": "alice"},
        __maas_validation_known={"url": "https://maas.example.com", "generation": "b2", "settings": {}},
    )
    assert code != 0 and "failed=1" in output, output
    assert "1 instance: 1 passed" in output and "validation.html\n" not in output, output


def test_status_prints_its_table_and_fails(tmp_path):
    (tmp_path / "status").mkdir()
    code, output = play(
        tmp_path,
        tasks_of("status")[-1:],
        llamastack_maas_output_file="none/status.html",
        maas_status_result={"instances": {"gem": STATUS}, "unread": []},
    )
    assert code != 0 and "failed=1" in output, output
    assert "gem" in output.partition("Write the status")[0], output
