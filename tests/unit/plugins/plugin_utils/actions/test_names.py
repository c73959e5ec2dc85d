# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of lists whose values are not there, as Ansible templates them."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import format_problems
from ansible_collections.llamastack.maas.plugins.plugin_utils.actions import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import instances

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
    # What is not there stands in the expression itself.
    "base": [{"name": "openai", "provider": "openai"}, {"name": "test-gemini", "provider": "gemini"}],
    "defaults": {"provider": "openai", "api_key": UNDEFINED},
    "as_literals": (
        "{{ [{'name': 'openai', 'api_key': vault_key}, {'name': stage ~ '-gemini', 'models': vault.models[0]}] }}"
    ),
    "as_a_call": (
        "{{ [dict(name='openai', api_key=vault_key | mandatory), dict(api_key=vault.a, name='test-gemini')] }}"
    ),
    "as_combined": "{{ base | map('combine', {'api_key': vault_key, 'credentials': {'a': [vault.b, 'c']}}) }}",
    "as_a_failing_lookup": (
        "{{ base | map('combine', {'api_key': lookup('ansible.builtin.file', '/no/such/file')}) | list }}"
    ),
    "as_a_default": "{{ nobody_has_this | default([]) + [{'name': 'openai', 'api_key': vault_key}] + base[1:] }}",
    "by_literals": [
        "{{ {'name': 'openai', 'api_key': vault_key} }}",
        "{{ {'name': stage ~ '-gemini', 'display_name': url} }}",
    ],
    "by_combining": [
        "{{ defaults | combine({'name': 'openai'}) }}",
        "{{ defaults | combine({'name': 'test-gemini', 'api_key': vault_key}) }}",
    ],
    "text_without_quotes": (
        "- name: openai\n  api_key: {{ vault_key }}\n- name: test-gemini\n  api_key: {{ vault.b.c }}\n"
    ),
    "text_with_a_name": (
        "- name: openai\n  api_key: '{{ vault_key }}'\n- name: '{{ stage }}-gemini'\n  display_name: {{ u }}\n"
    ),
    "text_with_nested": (
        "- name: openai\n  credentials:\n    api_key: {{ k }}-{{ l }}\n"
        "- {name: test-gemini, api_key: {{ k }}, image: {{ i }}}\n"
    ),
    "text_with_a_lookup": (
        "- name: openai\n  api_key: {{ lookup('ansible.builtin.file', '/no/such', errors='strict') }}\n"
        "- name: test-gemini\n"
    ),
    "text_of_a_loop": (
        "{% for each in base %}\n- name: {{ each.name }}\n  api_key: {{ vault[each.name] }}\n{% endfor %}\n"
    ),
    "text_as_json": '[{"name": "openai", "api_key": "{{ k }}"}, {"name": "{{ stage }}-gemini", "api_key": "{{ k }}"}]',
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


UNKNOWABLE = {
    "a choice": "{{ base if stage_is_set else [] }}",
    "a selection": "{{ base | selectattr('provider', 'eq', wanted) | map('combine', {'api_key': vault_key}) | list }}",
    "a part of a name": "{{ [{'name': 'openai' ~ stage_is_unset, 'api_key': vault_key}] }}",
    "a part of a name in a text": "- name: openai{{ stage_is_unset }}\n  api_key: {{ vault_key }}\n",
    "the list": "{{ nobody_defines_this }}",
}


def read(variables, name):
    """What is made of the names in a variable, of variables as a play has them."""
    given = json.loads(json.dumps(variables), object_hook=_templates)
    return instances.names_only(names.read(Templar(DataLoader(), variables=given), given, name))


def _templates(mapping):
    return {key: _template(value) for key, value in mapping.items()}


def _template(value):
    if isinstance(value, list):
        return [_template(each) for each in value]
    return names.trusted(value) if isinstance(value, str) else value


@pytest.mark.parametrize("variable", GOOD)
def test_the_names_are_read_whatever_else_cannot_be_templated(variable):
    found = read(VARIABLES, variable)
    assert found.problems == []
    assert [each["name"] for each in found.instances] == NAMES


@pytest.mark.parametrize("variable", BAD)
def test_a_list_whose_names_cannot_be_read_names_nothing(variable):
    given, told = BAD[variable]
    found = read({"given": given}, "given")
    assert told in format_problems(found.problems) and found.instances == []


@pytest.mark.parametrize("given", UNKNOWABLE.values(), ids=UNKNOWABLE)
def test_what_decides_about_the_names_is_not_guessed(given):
    try:
        found = read({"base": VARIABLES["base"], "given": given}, "given")
    except AnsibleError:
        return
    assert found.problems and not found.instances


def test_an_empty_list_is_none_and_what_is_not_given_is_a_problem():
    found = read({"empty": []}, "empty")
    assert (found.instances, found.problems) == ([], [])
    for given in ({"given": ""}, {}):
        found = read(given, "given")
        assert found.problems and not found.instances
