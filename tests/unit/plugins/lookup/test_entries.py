# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of lists whose values are not there, by Ansible itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import yaml

UNDEFINED = "{{ nobody_defines_this }}"
ENTRY = {"name": "openai", "provider": "openai", "api_key": UNDEFINED, "models": [UNDEFINED]}
OTHER = {"name": "{{ stage }}-gemini", "provider": "gemini", "credentials": {"api_key": UNDEFINED}}
NAMES = ["openai", "test-gemini"]
VARIABLES = {
    "stage": "test",
    "as_list": [ENTRY, OTHER],
    "by_reference": "{{ as_list }}",
    "by_way_of_a_default": "{{ by_reference | default([], true) }}",
    "one": [ENTRY],
    "more": {"gemini": [OTHER]},
    "as_a_sum": "{{ one + more.gemini }}",
    "as_a_choice": "{{ as_list | selectattr('provider', 'in', ['openai', 'gemini']) | list }}",
    "an_entry": OTHER,
    "by_entries": [ENTRY, "{{ an_entry }}"],
    "with_a_lookup": [{**ENTRY, "api_key": "{{ lookup('ansible.builtin.file', '/no/such/file') }}"}, OTHER],
    "as_text": yaml.safe_dump([{**ENTRY}, {**OTHER, "name": "test-gemini"}]),
    "as_json": json.dumps([ENTRY, {**OTHER, "name": "test-gemini"}]),
    "text_by_reference": "{{ as_text }}",
}
GOOD = [name for name in VARIABLES if name.startswith(("as_", "by_", "with_", "text_"))]
BAD = {
    "no_name": ([{"provider": "openai"}], "[0].name: is missing"),
    "bad_name": ([{"name": UNDEFINED}], "[0].name: must be up to"),
    "bad_key": ([{"nmae": "openai"}], "[0].nmae: unknown key; did you mean name or image?"),
    "no_mapping": (["openai"], "[0]: must be a mapping"),
    "bad_text": ("- name: a\n  name: b\n", "name"),
    "no_list": ({"name": "openai"}, "must be a list"),
}


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Of each variable what the filter makes of what the lookup read, from one play."""
    folder = tmp_path_factory.mktemp("entries")
    variables = {**VARIABLES, **{name: given for name, (given, _told) in BAD.items()}, "empty": [], "blank": ""}
    expression = "lookup('llamastack.maas.entries', '{0}') | llamastack.maas.instances(names_only=true)"
    results = {name: f"{{{{ {expression.format(name)} }}}}" for name in [*variables, "not_there"]}
    copy = {"content": "{{ results | to_json }}", "dest": str(folder / "results.json"), "mode": "0600"}
    task = {"ansible.builtin.copy": copy, "vars": {"results": results}}
    play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [task]}
    (folder / "play.yml").write_text(yaml.safe_dump([play]))
    command = [os.path.join(os.path.dirname(sys.executable), "ansible-playbook"), "-i", "localhost,", "-c", "local"]
    command += ["-e", f"ansible_python_interpreter={sys.executable}", str(folder / "play.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "results.json").read_text())


@pytest.mark.parametrize("variable", GOOD)
def test_the_names_are_read_whatever_else_cannot_be_templated(read, variable):
    assert read[variable]["problems"] == []
    assert [each["name"] for each in read[variable]["instances"]] == NAMES


@pytest.mark.parametrize("variable", BAD)
def test_a_list_whose_names_cannot_be_read_names_nothing(read, variable):
    assert BAD[variable][1] in read[variable]["message"] and read[variable]["instances"] == []


def test_an_empty_list_is_none(read):
    assert read["empty"]["instances"] == read["empty"]["problems"] == []
