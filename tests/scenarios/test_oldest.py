# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other end of what the collection supports: ansible-core 2.16 with kubernetes.core 5.0."""

from __future__ import annotations

import json

import pytest
import yaml
from scenarios.harness import OPENAI
from tools.oldest_venv import make_oldest_venv


def test_the_smoke_path_on_ansible_core_2_16(sandbox, tmp_path):
    if not make_oldest_venv(tmp_path / "oldest"):
        pytest.skip("this machine has no Python 3.10 to 3.12, which ansible-core 2.16 needs")
    sandbox.ansible_playbook = tmp_path / "oldest" / "bin" / "ansible-playbook"
    # A variables file for several verbs, with a date that YAML has made of a text.
    variables = tmp_path / "variables.yml"
    variables.write_text("llamastack_maas_render_revisions: {openai-credentials: 2026-11-21}")
    first = sandbox.play("deploy", [OPENAI], "-vv", "-e", f"@{variables}")
    assert first.code == 0, first.output
    assert "[core 2.16." in first.output
    # The same as text, as a survey hands it over: JSON of the list, YAML of the rest.
    text = {
        "kubernetes": f"kubeconfig: {sandbox.folder / 'admin.kubeconfig'}\nvalidate_certs: 'true'\ncontext: ''\n",
        "gateway": "{namespace: openshift-ingress}",
        "egress": json.dumps(yaml.safe_load((sandbox.folder / "vars.yml").read_text())["llamastack_maas_egress"]),
        "providers": "{}",
        "image_pull_secrets": "[]",
    }
    again = sandbox.play(
        "deploy", json.dumps([{**OPENAI, "replicas": "1"}]), env={"KUBECONFIG": "/nonexistent"}, **text
    )
    assert again.code == 0 and again.recap("changed") == 0, again.output
    assert sandbox.play("validate", [OPENAI]).code == 0
    removed = sandbox.play("remove", [{"name": "openai", "provider": "openai", "api_key": "{{ not_there }}"}])
    assert removed.code == 0 and "openai removed deleted " in removed.text, removed.output
    assert sandbox.names("llmisvc") == []
