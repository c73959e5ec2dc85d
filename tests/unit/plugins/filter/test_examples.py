# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the filters' documentation, templated as they stand by Ansible."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.filter import instances, provider_env_patches

MODULES = (instances, provider_env_patches)
KEY = "sk-example-0123456789abcdef"
VARIABLES = {
    "llamastack_maas_instances": [
        {"name": "openai-prod", "provider": "openai", "api_key_env": "OPENAI_API_KEY", "models": ["gpt-4o-mini"]}
    ]
}


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """The templated arguments of every example by the task's name, a list with one for each item of its loop."""
    directory = tmp_path_factory.mktemp("examples")
    tasks = [task for module in MODULES for task in yaml.safe_load(module.EXAMPLES)]
    (directory / "tasks.yml").write_text(yaml.safe_dump(tasks, sort_keys=False), encoding="utf-8")
    (directory / "variables.yml").write_text(yaml.safe_dump(VARIABLES), encoding="utf-8")
    script = Path(__file__).with_name("template_tasks.py")
    run = subprocess.run(
        [sys.executable, str(script), "tasks.yml", "variables.yml"],
        cwd=directory,
        env={**os.environ, "OPENAI_API_KEY": KEY},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return dict(zip((task["name"] for task in tasks), json.loads(run.stdout), strict=True))


def test_a_good_list_leaves_no_message(examples: dict[str, list[Any]]) -> None:
    assert examples["Refuse a list that cannot work"][0]["fail_msg"] == ""


def test_the_model_ids_are_those_in_the_comment(examples: dict[str, list[Any]]) -> None:
    shown = examples["Show which models callers of a one-entry list may name"][0]["msg"]
    assert shown == ["openai-prod/gpt-4o-mini", "openai-prod/gpt-4o"]
    assert repr(shown) in instances.EXAMPLES


def test_the_operation_is_the_one_in_the_comment(examples: dict[str, list[Any]]) -> None:
    comment = [line[6:] for line in provider_env_patches.EXAMPLES.splitlines() if line.startswith("    # ")]
    assert examples["Show how an instance gets its key"][0]["msg"] == yaml.safe_load("\n".join(comment))


def test_the_overlay_makes_an_instance_out_of_the_base(examples: dict[str, list[Any]]) -> None:
    files = {item["dest"]: yaml.safe_load(item["content"]) for item in examples["Write the base"]}
    overlay = yaml.safe_load(examples["Write the overlay of one instance"][0]["content"])
    assert files["base/kustomization.yml"] == {"resources": ["instance.yml"]}
    patched = jsonpatch.apply_patch(files["base/instance.yml"], json.loads(overlay["patches"][0]["patch"]))
    environment = {item["name"]: item for item in patched["spec"]["template"]["containers"][0]["env"]}
    assert patched["metadata"]["name"] == "openai-prod"
    assert environment["OPENAI_API_KEY"]["valueFrom"]["secretKeyRef"] == {"name": "corp-openai", "key": "token"}


def test_directories_are_made_before_the_files_in_them(examples: dict[str, list[Any]]) -> None:
    made = {item["path"] for item in examples["Make the directories of a kustomization"]}
    assert {"base", "overlays/openai-prod"} == made
