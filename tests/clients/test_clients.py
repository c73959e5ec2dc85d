# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our modules with each Python client of Kubernetes that machines have: they write, read and delete on a real API server.

What a client sends for the same call differs from release to release. Each has an environment of its own, and it is
that environment's interpreter that Ansible runs the modules with, as on a machine that keeps an old client.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from tools.dev_venv import CHECKOUT
from tools.venvs import ensure_venv

LOCKS = sorted((CHECKOUT / "tests" / "requirements").glob("client-*.txt"))
NEWEST = "newest"
NAMESPACE = "default"
NAME = f"{NAMESPACE}/gem"
KEY = "a+key/of=no-provider"
TEXT = "\U0001f680 \u4e2d\u6587 \x85\u2028 'quoted' \\ud83d"


def interpreter(client: str) -> Path:
    """Of an environment that holds this client; the newest is in the one that runs this."""
    if client == NEWEST:
        return Path(sys.executable)
    lock = CHECKOUT / "tests" / "requirements" / f"{client}.txt"
    return ensure_venv(lock) / "bin" / "python"


def obj(kind: str, **more) -> dict:
    metadata = {
        "name": "gem",
        "namespace": NAMESPACE,
        "labels": labels("gem", NAMESPACE, "default"),
        "annotations": {"description": TEXT},
    }
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **more}


OBJECTS = [obj("Secret"), obj("ConfigMap", data={"text": TEXT}), obj("ServiceAccount")]


def task(module: str, register: str, **options) -> dict:
    return {"name": register, f"llamastack.maas.{module}": options, "register": register}


def proof(*that: str) -> dict:
    return {"name": "Prove it", "ansible.builtin.assert": {"that": list(that)}}


APPLY = {"objects": OBJECTS, "secret_data": {NAME: {"api_key": KEY}}}
PLAY = {
    "hosts": "localhost",
    "gather_facts": False,
    "tasks": [
        task("kube_apply", "applied", **APPLY),
        task("kube_secret_info", "read", namespace=NAMESPACE, names=["gem"]),
        task("kube_apply", "again", **APPLY),
        task("kube_delete", "deleted", objects=OBJECTS),
        proof(
            "applied.objects | map(attribute='action') | unique == ['created']",
            # Of a Secret of ours, the revision is a hash of its content: here once as sent, once as read.
            "read.revisions == applied.revisions",
            "again is not changed",
            f"deleted.removed | length == {len(OBJECTS)}",
        ),
    ],
}


@pytest.mark.parametrize("client", [*(lock.stem for lock in LOCKS), NEWEST])
def test_modules_apply_read_and_delete(client, tmp_path):
    play = tmp_path / "play.json"
    play.write_text(json.dumps([PLAY]))
    command = [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", "-c", "local", play]
    done = subprocess.run(
        [*command, "-e", f"ansible_python_interpreter={interpreter(client)}"],
        # The client keeps what it discovered there.
        env=os.environ | {"TMPDIR": str(tmp_path), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
