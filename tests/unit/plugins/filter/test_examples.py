# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the filters' documentation, run as they stand by ansible-playbook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonpatch
import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.filter import (
    credential_data,
    instances,
    manifests,
    provider_env_patches,
)

KEY = "sk-example-0123456789abcdef"
VARIABLES = {
    "llamastack_maas_instances": [
        {"name": "openai-prod", "provider": "openai", "api_key_env": "OPENAI_API_KEY", "models": ["gpt-4o-mini"]}
    ]
}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the examples ran; `output` in it is what ansible-playbook printed."""
    directory = tmp_path_factory.mktemp("examples")
    tasks = [task for module in MODULES for task in yaml.safe_load(module.EXAMPLES)]
    play = {"hosts": "localhost", "gather_facts": False, "vars": VARIABLES, "tasks": [without_cluster(t) for t in tasks]}
    (directory / "playbook.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    run = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "playbook.yml"],
        cwd=directory,
        env={**os.environ, "OPENAI_API_KEY": KEY, "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_NOCOLOR": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    (directory / "output").write_text(run.stdout + run.stderr, encoding="utf-8")
    return directory


MODULES = (instances, credential_data, manifests, provider_env_patches)


def without_cluster(task: dict) -> dict:
    """A task with its own arguments, which are templated, but nothing to talk to."""
    own = {key: value for key, value in task.items() if not key.startswith("llamastack.maas.")}
    arguments = next((task[key] for key in task if key.startswith("llamastack.maas.")), None)
    return own if arguments is None else {**own, "ansible.builtin.debug": {"msg": arguments}}


def test_the_model_ids_are_those_in_the_comment(directory: Path) -> None:
    assert "openai-prod/gpt-4o-mini" in (directory / "output").read_text(encoding="utf-8")


def test_the_reference_to_the_key_is_that_in_the_comment(directory: Path) -> None:
    assert '"name": "openai-prod-credentials"' in (directory / "output").read_text(encoding="utf-8")


def test_the_key_is_not_shown(directory: Path) -> None:
    assert KEY not in (directory / "output").read_text(encoding="utf-8")


def test_the_file_of_objects_holds_them(directory: Path) -> None:
    objects = list(yaml.safe_load_all((directory / "instances.yml").read_text(encoding="utf-8")))
    assert [item["kind"] for item in objects if item] == ["ConfigMap", "LLMInferenceService"]


def test_the_overlay_makes_an_instance_out_of_the_base(directory: Path) -> None:
    base = yaml.safe_load((directory / "base" / "instance.yml").read_text(encoding="utf-8"))
    overlay = yaml.safe_load((directory / "overlays" / "openai-prod" / "kustomization.yml").read_text(encoding="utf-8"))
    patched = jsonpatch.apply_patch(base, json.loads(overlay["patches"][0]["patch"]))
    environment = {item["name"]: item for item in patched["spec"]["template"]["containers"][0]["env"]}
    assert patched["metadata"]["name"] == "openai-prod"
    assert environment["OPENAI_API_KEY"]["valueFrom"]["secretKeyRef"] == {"name": "corp-openai", "key": "token"}
