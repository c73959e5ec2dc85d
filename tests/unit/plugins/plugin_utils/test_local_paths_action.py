# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relative paths as a playbook hands them to modules that connect to a cluster."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

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
        command = [Path(sys.executable).with_name("ansible-playbook"), str(elsewhere / "play.yml")]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("K8S_AUTH_")}
        ran = subprocess.run(
            command, cwd=user, env=kept | environment, check=False, capture_output=True, text=True, timeout=120
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return json.loads((tmp_path / "told.json").read_text())

    run.user = user
    return run


def look(**options):
    return {"llamastack.maas.secret_info": {"namespace": "llm", "names": ["x"], "context": "nope", **options}}


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
                "llamastack.maas.delete": {
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
