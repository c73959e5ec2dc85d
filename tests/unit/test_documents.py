# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages say is so: their commands, variables, plugins, links and examples are those of the collection."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known as generations
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import litemaas, registry, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.verbs import VERBS
from tools import tables
from tools.built import check

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "roles").glob("*/*.md")])
PLAYBOOKS = {file.stem for file in (ROOT / "playbooks").glob("*.yml")}
COMMANDS = re.compile(r"^(\$ )?(make|ansible\S*|export|curl|python3|\.|cd|mkdir|git|\.venv/\S+) ")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


class Block(NamedTuple):
    """A fenced block, without the indentation that it has in a list."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    found = re.findall(r"^( *)```(\w*)\n(.*?)^ *```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return [Block(language, re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)) for indent, language, text in found]


def code(page: Path) -> str:
    """All that is set as code, in blocks and in sentences."""
    text = page.read_text()
    return "\n".join([*(block.text for block in blocks(page)), *re.findall(r"`([^`\n]+)`", text)])


def names_of_plugins() -> set[str]:
    files = [file for kind in ("modules", "filter", "lookup") for file in (ROOT / "plugins" / kind).glob("[!_]*.py")]
    return {file.stem for file in files} | {role.name for role in (ROOT / "roles").iterdir()} | PLAYBOOKS


def slug(heading: str) -> str:
    """The anchor that GitHub and GitLab give a heading."""
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


@each_page
def test_links_lead_somewhere(page):
    missing = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _hash, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            missing.append(target)
        elif anchor and anchor not in map(slug, re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)):
            missing.append(target)
    assert missing == []


@each_page
def test_variables_are_those_of_the_collection(page):
    # One page quotes what is said of a misspelt one.
    known = {public for public, _row in tables.rows()} | {f"{variables.PREFIX}namespce"}
    known |= {table.prefix + name for table in tables.TABLES for name in table.published}
    known |= names_of_plugins() | {f"{role.name}_result" for role in (ROOT / "roles").iterdir()}
    known |= {f"{role.name}_diagnosis" for role in (ROOT / "roles").iterdir()}
    assert sorted(set(re.findall(rf"\b(?:{variables.PREFIX}|litemaas_)[a-z_]*[a-z]\b", page.read_text())) - known) == []


@each_page
def test_playbooks_roles_and_plugins_exist(page):
    named = set(re.findall(r"\bllamastack\.maas\.(\w+)", page.read_text())) - {"maas", "git"}
    assert sorted(named - names_of_plugins()) == []


@each_page
def test_make_has_the_targets_that_are_named(page):
    targets = set(re.findall(r"^([a-z0-9 -]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    known = {name for line in targets for name in line.split()}
    assert sorted(set(re.findall(r"\bmake ([a-z][\w-]*)", code(page))) - known) == []


@each_page
def test_commands_can_be_parsed(page):
    for block in blocks(page):
        if not block.language and COMMANDS.match(block.text):
            done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, ""), block.text


@each_page
def test_examples_in_python_compile(page):
    for block in blocks(page):
        if block.language == "python":
            compile(block.text, page.name, "exec")


@each_page
def test_lists_of_instances_are_accepted(page):
    for block in blocks(page):
        if block.language == "yaml":
            document = yaml.safe_load(block.text)
            assert document, block.text
            if isinstance(document, dict) and f"{variables.PREFIX}instances" in document:
                assert problems(document) == [], block.text


def test_lists_of_litemaas_are_accepted():
    documents = [yaml.safe_load((ROOT / "docs" / "examples" / "litemaas.yml").read_text())]
    documents += [yaml.safe_load(block.text) for page in PAGES for block in blocks(page) if block.language == "yaml"]
    lists = [
        {name: document.get(litemaas.variable(name)) for name in litemaas.LISTS}
        for document in documents
        if isinstance(document, dict) and any(key.startswith(litemaas.PREFIX) for key in document)
    ]
    assert len(lists) > 1
    for given in lists:
        context = litemaas.GatewayContext("litemaas", registry.load()[0])
        assert litemaas.normalise(given, context).problems == []


def test_readme_leads_to_every_page():
    readme = (ROOT / "README.md").read_text()
    others = [
        str(page.relative_to(ROOT))
        for page in PAGES
        if page.name != "README.md" or page.parent.parent == ROOT / "roles"
    ]
    assert [page for page in others if f"({page})" not in readme] == []


def test_plays_are_understood_by_ansible(tmp_path):
    files = []
    for page in PAGES:
        for number, block in enumerate(blocks(page)):
            document = yaml.safe_load(block.text) if block.language == "yaml" else None
            if isinstance(document, list) and "hosts" in document[0]:
                files.append(tmp_path / f"{page.parent.name}-{number}.yml")
                files[-1].write_text(block.text)
    assert len(files) >= len(list((ROOT / "roles").iterdir())), "every role's page has a play"
    command = [Path(sys.executable).with_name("ansible-playbook"), "--syntax-check", "-i", "localhost,", *files]
    result = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def rows(page: Path) -> list[list[str]]:
    """The cells of all tables of a page."""
    lines = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_readme_says_of_each_release_what_its_callers_need():
    maas, releases = "https://maas.apps.example.com", {"a": "3.2, 3.3", "b1": "3.4", "b2": "3.5"}
    told = {cells[0]: cells[1:] for cells in rows(ROOT / "README.md") if len(cells) == 4}
    for name, release in releases.items():
        generation = generations.get(name)
        request = generation.credential_request("llm-openai", 600, "n")
        base = generation.client_base_url(maas, f"{maas}/llm/openai")
        model = generation.published_id("llm", "openai") or "openai/gpt-4o-mini"
        assert told[release] == [f"`{request.method} {request.path}`", f"`{base}`", f"`{model}`"], release
        assert f"curl {maas}{request.path} " in code(ROOT / "README.md"), release


def test_readme_has_the_tags_of_every_playbook():
    told = {
        cells[0].strip("`"): set(re.findall(r"`(\w+)`", cells[1]))
        for cells in rows(ROOT / "README.md")
        if len(cells) == 2
    }
    for playbook in (ROOT / "playbooks").glob("*.yml"):
        tags = {
            tag
            for play in yaml.safe_load(playbook.read_text())
            for task in play["tasks"]
            for tag in task.get("tags", [])
        }
        assert tags - {"always"} == told.get(playbook.stem, set()), playbook.stem


def test_readme_renders_as_it_says(tmp_path):
    """With the list of the quick start, from the folder of the clone."""
    (line,) = re.findall(r"`(ansible-playbook llamastack\.maas\.render [^`]*)`", (ROOT / "README.md").read_text())
    (instances,) = [block.text for block in blocks(ROOT / "README.md") if f"{variables.PREFIX}instances:" in block.text]
    (tmp_path / "instances.yml").write_text(instances)
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    command = [Path(sys.executable).with_name("ansible-playbook"), *line.split()[1:]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "gitops" / "kustomization.yaml").exists()


@pytest.mark.parametrize(
    "example", sorted((ROOT / "docs" / "examples").glob("instances*.yml")), ids=lambda file: file.name
)
def test_files_of_examples_are_accepted(example):
    assert problems(yaml.safe_load(example.read_text())) == []


def problems(document: dict) -> list[str]:
    """What the collection says about variables that are given so."""
    given = {name.removeprefix(variables.PREFIX): value for name, value in document.items()}
    instances = yaml.safe_load(re.sub(r"\{\{.*?\}\}", "sk-0123456789abcdef", yaml.safe_dump(given.pop("instances"))))
    return check(instances, {**given, "generation": "b2"}, names=list(document), credentials=False).problems


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_what_a_playbook_publishes_is_documented(verb):
    section = (ROOT / "docs/inputs.md").read_text().partition("\n## In a workflow\n")[2]
    rows = [line for line in section.splitlines() if line.startswith(f"| `{verb.name}` |")]
    assert [row.split("|")[2].strip() for row in rows] == [f"`{verb.prefix}{verb.published}`"]
