# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no linter checks: the places that state the same thing state it alike, and the house rules hold."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.verbs import VERBS
from tools import tables

ROOT = Path(__file__).parents[2]
ROLES = sorted((ROOT / "roles").iterdir())
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))

each_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)


def load(path: Path):
    return yaml.safe_load(path.read_text())


def committed(*patterns: str) -> list[Path]:
    """The files that git has or would take, of these path patterns."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [ROOT / name for name in sorted(filter(None, names)) if (ROOT / name).is_file()]


def lines_with(pattern: str, files: list[Path]) -> list[str]:
    expression = re.compile(pattern)
    return [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if expression.search(line)
    ]


# Roles: entry points, argument specification, README


def entry_points(role: Path) -> dict[str, dict]:
    specs = load(role / "meta" / "argument_specs.yml")["argument_specs"]
    return {name: spec.get("options", {}) for name, spec in specs.items()}


@each_role
def test_variables_of_roles_are_those_of_the_collection(role):
    """What one is, and what it defaults to, is said once: in the table."""
    assert [folder for folder in ("defaults", "vars") if (role / folder).exists()] == []
    for name, options in entry_points(role).items():
        assert options and set(options) <= {public for public, _row in tables.rows()}, name


@each_role
def test_every_task_file_is_an_entry_point_or_a_part_of_one(role):
    files = {file.stem for file in (role / "tasks").glob("*.yml")}
    texts = [file.read_text() for file in (role / "tasks").glob("*.yml")]
    parts = {name for text in texts for name in re.findall(r"import_tasks: (\w+)\.yml", text)}
    assert set(entry_points(role)) == files - parts
    # Each plans for itself, so that it can be run alone.
    for name in entry_points(role):
        assert "llamastack.maas.plan:" in (role / "tasks" / f"{name}.yml").read_text(), name


@each_role
def test_every_option_is_typed_and_described(role):
    def check(path: str, options: dict) -> Iterator[str]:
        for name, option in options.items():
            here = f"{path}.{name}"
            yield from (f"{here} has no {key}" for key in ("type", "description") if not option.get(key))
            if option.get("type") == "list" and not option.get("elements"):
                yield f"{here} has no elements"
            yield from check(here, option.get("options", {}))

    assert [problem for point, options in entry_points(role).items() for problem in check(point, options)] == []


@each_role
def test_variables_carry_the_prefix_of_their_role(role):
    prefixes = (f"{role.name}_", f"__{role.name}_")
    names = set()
    for file in (role / "tasks").glob("*.yml"):
        for task in all_tasks(load(file)):
            names |= variables_set_by(task)
    assert [name for name in sorted(names) if not name.startswith(prefixes)] == []


def all_tasks(tasks: list[dict]) -> Iterator[dict]:
    for task in tasks:
        yield task
        for section in ("block", "rescue", "always"):
            yield from all_tasks(task.get(section, []))


def variables_set_by(task: dict) -> set[str]:
    """The names that a task binds; those given to a role that it includes are that role's."""
    names = {task["register"]} if "register" in task else set()
    names |= set(task.get("ansible.builtin.set_fact", {})) - {"cacheable"}
    names |= {task["loop_control"]["loop_var"]} if "loop_var" in task.get("loop_control", {}) else set()
    if not {"ansible.builtin.import_role", "ansible.builtin.include_role"} & set(task):
        names |= set(task.get("vars", {}))
    return names


def test_no_role_name_begins_the_variables_of_another():
    names = [role.name for role in ROLES]
    assert [(one, other) for one in names for other in names if one != other and other.startswith(one)] == []


@pytest.mark.parametrize("page", tables.pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_tables_are_up_to_date(page):
    assert tables.up_to_date(page) == page.read_text(), "run: make tables"


# Pages that list what there is


def test_architecture_page_says_what_every_room_decides():
    page = (ROOT / "docs" / "architecture.md").read_text()
    rooms = {
        str(file.parent.relative_to(ROOT / "plugins"))
        for folder in ("module_utils", "plugin_utils")
        for file in (ROOT / "plugins" / folder).rglob("*.py")
    }
    assert [room for room in sorted(rooms) if f"`{room}`" not in page and not room.endswith("/generations")] == []


def test_readme_lists_every_role_playbook_and_plugin():
    page = (ROOT / "README.md").read_text()
    rows = [f"[{role.name}](roles/{role.name}/README.md)" for role in ROLES]
    rows += [f"`ansible-playbook llamastack.maas.{playbook.stem} " for playbook in PLAYBOOKS]
    for kind, folder in (("module", "modules"), ("filter", "filter")):
        rows += [f"| {kind} `{file.stem}` |" for file in (ROOT / "plugins" / folder).glob("[!_]*.py")]
    assert [row for row in rows if row not in page] == []


# The collection's variables


def all_plays() -> str:
    return "\n".join(file.read_text() for file in committed("roles/*.yml", "playbooks/*.yml"))


@pytest.mark.parametrize("table", tables.TABLES, ids=lambda table: table.prefix)
def test_every_variable_is_read(table):
    files = [*committed("plugins/plugin_utils/*.py", "plugins/module_utils/*.py"), *committed("playbooks/*.yml")]
    text = "\n".join(file.read_text() for file in files if not file.name.endswith("variables.py"))
    read = re.compile(r"""(?:values|settings|given)(?:\[|\.get\()"(\w+)"|(?:llamastack_maas|litemaas)_(\w+) \|""")
    found = {name for names in read.findall(text) for name in names}
    elsewhere = {"instances", "kubernetes", "render_secrets", "render_revisions", "render_argocd", "render_cluster"}
    assert {*table.names} - elsewhere - found == set()


def test_what_verbs_publish_is_known_to_the_check_of_the_input():
    """It comes back as a variable in the next node of a workflow."""
    for table in tables.TABLES:
        assert {verb.published for verb in VERBS.values() if verb.prefix == table.prefix} == set(table.published)
    assert lines_with(r"set_stats:", committed("playbooks/*.yml", "roles/*.yml")) == []


def test_verbs_and_steps_are_documented():
    documented = {name: load_documentation(name) for name in ("plan", "step")}
    assert documented["plan"]["options"]["verb"]["choices"] == list(VERBS)
    steps = {step for verb in VERBS.values() for step in verb.steps}
    text = " ".join(documented["step"]["options"]["name"]["description"])
    assert [step for step in sorted(steps) if f"V({step})" not in text] == []


def load_documentation(module: str) -> dict:
    text = (ROOT / "plugins" / "modules" / f"{module}.py").read_text()
    return yaml.safe_load(re.search(r'DOCUMENTATION = r"""(.*?)"""', text, re.DOTALL)[1])


# Plugins, playbooks, metadata


def action_group(name: str) -> list[str]:
    """Modules that are members of an action group of the collection."""
    members = load(ROOT / "meta" / "runtime.yml")["action_groups"][name]
    return [entry for entry in members if isinstance(entry, str)]


@pytest.mark.parametrize(("group", "fragment"), [("maas", r"attributes\.cluster"), ("litellm", "litellm")])
def test_action_group_lists_every_module_that_connects(group, fragment):
    connecting = lines_with(rf"^  - llamastack\.maas\.{fragment}$", committed("plugins/modules/*.py"))
    assert action_group(group) == sorted(Path(line.split(":")[0]).stem for line in connecting)


def test_every_module_that_connects_runs_locally_as_the_user_would():
    runtime = load(ROOT / "meta" / "runtime.yml")
    routed = {name: entry["action_plugin"] for name, entry in runtime["plugin_routing"]["modules"].items()}
    own = {file.stem for file in (ROOT / "plugins" / "action").glob("[!_]*.py")}
    members = {name for group in runtime["action_groups"] for name in action_group(group)}
    assert set(routed) == {*members, "rendered_dir"} - own and set(routed.values()) == {"llamastack.maas.kube_apply"}
    # plan reads by such modules, and step runs them as their own action plugins do.
    for name in members & own - {"plan", "step"}:
        text = (ROOT / "plugins" / "action" / f"{name}.py").read_text()
        # The latter builds upon the former.
        assert re.search(r"class ActionModule\((LocalActionBase, NormalAction|PollingActionBase)\)", text), name


def test_action_plugins_have_a_module_that_documents_them():
    actions = {file.stem for file in (ROOT / "plugins" / "action").glob("[!_]*.py")}
    assert actions <= {file.stem for file in (ROOT / "plugins" / "modules").glob("*.py")}


def test_playbooks_are_found_by_their_names():
    command = [Path(sys.executable).with_name("ansible-playbook"), "--syntax-check", "-i", "localhost,"]
    names = [f"llamastack.maas.{playbook.stem}" for playbook in PLAYBOOKS]
    result = subprocess.run([*command, *names], cwd="/", check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert names


def test_galaxy_metadata_admits_the_kubernetes_core_that_is_tested():
    (manifest,) = Path(sys.prefix).glob("lib/python3*/site-packages/ansible_collections/kubernetes/core/MANIFEST.json")
    major = int(load(manifest)["collection_info"]["version"].split(".")[0])
    minimum, limit = re.fullmatch(
        r">=(\d+)\.\d+\.\d+,<(\d+)\.0\.0", load(ROOT / "galaxy.yml")["dependencies"]["kubernetes.core"]
    ).groups()
    assert int(minimum) <= major < int(limit)


def test_the_client_that_sends_no_token_is_excluded_wherever_the_client_is_asked_for():
    files = [*committed("*.md", "meta/*", "docs/examples/*", "plugins/*.py")]
    asked = lines_with(r"\bkubernetes`? ?(>=|\d)", files)
    assert any("doc_fragments" in line for line in asked) and any("README" in line for line in asked)
    assert [line for line in asked if not re.search(r"!= ?36\.0\.0|not 36\.0\.0", line)] == []


def test_every_lock_of_a_client_holds_the_client_that_it_is_called_after():
    locks = committed("tests/requirements/client-*.txt")
    assert locks
    for lock in locks:
        version = lock.stem.partition("-")[2]
        assert re.findall(r"^kubernetes==(\S+)", lock.read_text(), re.MULTILINE) == [version]


# House rules


def test_tasks_run_no_shell_and_ignore_no_errors():
    files = committed("roles/*.yml", "playbooks/*.yml")
    assert lines_with(r"^\s*(-\s+)?((ansible\.builtin\.)?(shell|command|raw|script)|ignore_errors):", files) == []


def test_playbooks_and_roles_need_no_command_line_client():
    files = committed("roles/*.yml", "playbooks/*.yml", "plugins/*.py")
    assert lines_with(r"\b(run_command|subprocess|os\.system)\b", files) == []


def test_files_state_their_licence():
    files = committed("*.py", "*.yml", "*.yaml", "*.j2", "*.toml", "*.sh", "Makefile", ".ci/run", "tests/tools/*")
    exempt = re.compile(r"changelogs/|docs/examples/")
    named = [file for file in files if not exempt.match(str(file.relative_to(ROOT)))]
    missing = [
        str(file.relative_to(ROOT))
        for file in named
        if not re.search(r"SPDX-License-Identifier: GPL-3\.0-or-later$", file.read_text()[:600], re.MULTILINE)
    ]
    assert missing == []


def test_files_name_no_machine():
    files = [file for file in committed() if file.suffix not in (".sum", ".png") and file != Path(__file__)]
    assert (
        lines_with(rf"(?<![\w.}}~-])/(root|work|Users|opt/wheels)/|{re.escape(os.path.expanduser('~'))}/", files) == []
    )


def test_locks_leave_the_choice_of_registry_to_the_machine():
    files = committed("tests/requirements/*")
    assert lines_with(r"://|--(index-url|extra-index-url|find-links|trusted-host)", files) == []


def test_everything_installed_for_development_is_checked_by_hash():
    for lock in committed("tests/requirements/*.txt"):
        requirements = re.findall(r"^[A-Za-z0-9].*(?:\n +.*)*", lock.read_text(), re.MULTILINE)
        assert [requirement for requirement in requirements if "--hash=sha256:" not in requirement] == [], lock.name
