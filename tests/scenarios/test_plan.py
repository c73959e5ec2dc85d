# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run is planned once: what it costs, and what it logs. Roles plan for themselves where they are run alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from scenarios.harness import GEMINI, OPENAI

CALLBACKS = Path(__file__).parent / "callbacks"
LONGEST_EVENT = 64 * 1024


@pytest.fixture
def counted(sandbox, tmp_path):
    """``counted(verb, instances, *options, **variables)``: the run, and the lines of the callback."""

    def play(verb, instances, *options, **variables):
        file = tmp_path / "counted"
        file.unlink(missing_ok=True)
        env = {
            "COUNTED": str(file),
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "counted",
        }
        run = sandbox.play(verb, instances, *options, env=env, **variables)
        assert run.code == 0, run.output
        return run, [json.loads(line) for line in file.read_text().splitlines()]

    return play


def create_namespace(sandbox):
    """The namespace of the instances, as a platform team makes it."""
    metadata = {"name": "llm", "labels": {"maas.opendatahub.io/gateway-access": "true"}}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    sandbox.kubectl("apply", "-f", "-", given=json.dumps(namespace))


def of(lines: list[dict], what: str) -> list:
    return [line[what] for line in lines if what in line]


def test_an_unchanged_deploy_costs_four_modules_and_one_look_at_the_list(sandbox, counted):
    create_namespace(sandbox)
    sandbox.kubectl(
        "create", "secret", "generic", "corp", "-n", "llm", f"--from-literal=api_key={sandbox.keys['GEMINI_API_KEY']}"
    )
    theirs = {key: value for key, value in GEMINI.items() if key != "api_key_env"} | {
        "credentials_secret": {"name": "corp"}
    }
    assert sandbox.play("deploy", [OPENAI, theirs]).code == 0
    for instances, modules in (([OPENAI], 4), ([OPENAI, theirs], 5)):
        run, lines = counted("deploy", instances)
        assert run.recap("changed") == 0 and run.recap("skipped") == 0 and "skipping" not in run.output
        assert len(of(lines, "module")) <= modules, of(lines, "module")
        assert len(of(lines, "task")) <= 18, of(lines, "task")
        assert of(lines, "normalised") == [True]


def test_no_event_of_fifty_instances_is_long(counted):
    many = [OPENAI | {"name": f"openai-{number}", "models": ["gpt-4o-mini", "gpt-4o"]} for number in range(50)]
    run, lines = counted("deploy", many, "--check", "-vvv")
    assert "openai-49" in run.output and 0 < max(of(lines, "event")) <= LONGEST_EVENT
    assert of(lines, "normalised") == [True]


def of_roles(path: Path, *steps: tuple[str, str, dict]) -> str:
    """A playbook that runs roles alone: (role, entry point, the variables that it is given)."""
    tasks = [
        {
            "name": f"{role} {number}",
            "ansible.builtin.import_role": {"name": f"llamastack.maas.{role}", "tasks_from": entry},
            "vars": given,
        }
        for number, (role, entry, given) in enumerate(steps)
    ]
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    return str(path)


def test_each_role_runs_alone(sandbox, tmp_path):
    create_namespace(sandbox)
    roles = ("provider_secrets", "llamastack_instances", "maas_registration")
    play = of_roles(tmp_path / "roles.yml", *((role, "main", {}) for role in roles))
    first = sandbox.play(play, [OPENAI])
    assert first.code == 0 and "openai proven" in first.text, first.output
    assert first.recap("changed") == len(roles)
    readers = (
        ("maas_status", "main"),
        ("maas_status", "diagnose"),
        ("maas_validation", "main"),
        ("key_rotation", "main"),
    )
    every = [(role, "main", {}) for role in roles] + [(role, entry, {}) for role, entry in readers]
    second = sandbox.play(of_roles(tmp_path / "every.yml", *every), [OPENAI])
    assert (second.code, second.recap("changed")) == (0, 0), second.output
    for words in ("openai ready", "openai healthy", "llm/openai: ", "there is nothing to rotate"):
        assert words in second.text, words
    removal = of_roles(tmp_path / "removal.yml", *((role, "remove", {}) for role in reversed(roles)))
    # It is what the playbook would have made.
    run = sandbox.play("deploy", [OPENAI], "--check")
    assert run.code == 0 and run.recap("changed") == 0, run.output
    gone = sandbox.play(removal, [OPENAI])
    assert (gone.code, gone.recap("changed")) == (0, len(roles)), gone.output
    assert sandbox.names("llmisvc") == [] and sandbox.names("maasmodelrefs") == []


def revisions(sandbox, namespace: str) -> dict[str, str]:
    service = sandbox.get("llmisvc", "openai", "-n", namespace)
    env = service["spec"]["template"]["containers"][0]["env"]
    return {each["name"]: each.get("value") for each in env if each["name"].endswith("_REVISION")}


def test_a_role_knows_nothing_of_the_namespace_before(sandbox, tmp_path):
    """The revisions of one namespace are not those of another: the pods of the second would roll, and then never again."""
    for namespace in ("llm", "llm-b"):
        assert sandbox.play("deploy", [OPENAI], namespace=namespace).code == 0
    before = {namespace: revisions(sandbox, namespace) for namespace in ("llm", "llm-b")}
    assert all("LLAMASTACK_MAAS_CREDENTIALS_REVISION" in found for found in before.values())
    one, other = ({"llamastack_maas_namespace": namespace} for namespace in ("llm", "llm-b"))
    play = of_roles(
        tmp_path / "roles.yml",
        ("provider_secrets", "main", one),
        ("llamastack_instances", "main", one),
        ("maas_registration", "main", one),
        ("llamastack_instances", "main", other),
        ("maas_registration", "main", other),
    )
    run = sandbox.play(play, [OPENAI])
    assert run.code == 0 and run.recap("changed") == 0, run.output
    assert {namespace: revisions(sandbox, namespace) for namespace in before} == before
    # What changed in one is not said of the other.
    changed = {**one, "llamastack_maas_instances": [OPENAI | {"display_name": "Changed"}]}
    unchanged = {**other, "llamastack_maas_instances": [OPENAI]}
    play = of_roles(
        tmp_path / "one_changed.yml",
        ("llamastack_instances", "main", changed),
        ("maas_registration", "main", changed),
        ("maas_registration", "main", unchanged),
    )
    run = sandbox.play(play)
    assert (run.code, run.text.count("openai proven nothing")) == (0, 1) and run.recap("changed") > 0, run.output


def test_variables_of_roles_are_refused_before_anything_is_written(sandbox):
    names = ("llamastack_instances_namespace", "maas_registration_scope", "key_rotation_rotate")
    ours = sandbox.versions()
    run = sandbox.play("deploy", [OPENAI], *(option for name in names for option in ("-e", f"{name}=foo")))
    assert run.code != 0
    for name in names:
        assert f"{name}: " in run.text and f"llamastack_maas_{name.split('_', 2)[2]}" in run.text, run.output
    assert sandbox.versions() == ours
