# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: entries
short_description: The names in a list of instances, whatever else of it cannot be templated
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Reads a variable that holds a list of instances for somebody who needs nothing but their names, such as to remove
    them. No other value need be there, the variables that hold keys least of all.
  - Of every entry, the name is templated. All other keys are kept without their values.
  - Where the variable is an expression, what cannot be templated of the lists that it names is V(null).
options:
  _terms:
    description:
      - The name of the variable.
    type: str
    required: true
seealso:
  - plugin: llamastack.maas.instances
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Show the names in a list whose keys are not at hand
  ansible.builtin.debug:
    msg: "{{ (lookup('llamastack.maas.entries', 'llamastack_maas_instances') | llamastack.maas.instances(names_only=true)).instances }}"
"""

RETURN = r"""
_raw:
  description:
    - The list, or the text that holds it as YAML, for P(llamastack.maas.instances#filter) with O(llamastack.maas.instances#filter:names_only).
      V(null) where there is no such variable.
  type: list
  elements: raw
"""

import contextlib
import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible.utils.unsafe_proxy import wrap_var
from jinja2 import Environment, TemplateError, meta

from ansible_collections.llamastack.maas.plugins.module_utils import provider_credentials, yaml_text


class LookupModule(LookupBase):
    """Ansible's way to find the lookup."""

    def run(self, terms: list[str], variables: t.Mapping[str, t.Any] | None = None, **kwargs: t.Any) -> list[t.Any]:
        self.set_options(var_options=variables, direct=kwargs)
        reader = _Reader(self._templar, variables or {})
        return [reader.names(term) for term in terms]


class _Reader:
    """Reads variables as they were written, before anything is templated."""

    def __init__(self, templar: t.Any, variables: t.Mapping[str, t.Any]) -> None:
        self._templar = templar
        self._variables = variables

    def names(self, variable: str) -> t.Any:
        found = self._variables.get(variable)
        if isinstance(found, str) and not _holds_a_list(found):
            found = self._expression(found, (variable,))
        return [self._named(entry) for entry in found] if isinstance(found, (list, tuple)) else found

    def _named(self, entry: t.Any) -> t.Any:
        if isinstance(entry, str):
            try:
                entry = self._expression(entry, ())
            except AnsibleError:
                return entry
        if not isinstance(entry, t.Mapping):
            return entry
        name = entry.get("name")
        return {key: self._or(name, name) if key == "name" else None for key in entry}

    def _expression(self, text: str, on_the_way: tuple[str, ...]) -> t.Any:
        """What an expression comes to, without what cannot be templated of the variables that it names."""
        known = {}
        for name in _variables_in(text) - set(on_the_way):
            value = self._variables.get(name)
            # Neither hostvars nor the like, which are no plain data.
            if isinstance(value, (str, list, dict)) and name != "vars":
                with contextlib.suppress(AnsibleError):
                    known[name] = wrap_var(self._reduced(value, (*on_the_way, name)))
        templar = self._templar.copy_with_new_env(available_variables={**self._variables, **known})
        return _whole(templar.template(text))

    def _reduced(self, value: t.Any, on_the_way: tuple[str, ...]) -> t.Any:
        if isinstance(value, str):
            return value if _holds_a_list(value) else self._expression(value, on_the_way)
        if isinstance(value, t.Mapping):
            is_entry = "name" in value
            return {
                key: None if is_entry and key in provider_credentials.SOURCES else self._or_none(each, on_the_way)
                for key, each in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._or_none(each, on_the_way) for each in value]
        return value

    def _or_none(self, value: t.Any, on_the_way: tuple[str, ...]) -> t.Any:
        try:
            return self._reduced(value, on_the_way)
        except AnsibleError:
            return None

    def _or(self, value: t.Any, otherwise: t.Any) -> t.Any:
        """The value as it is templated, or ``otherwise`` where it cannot be."""
        try:
            return _whole(self._templar.template(value))
        except AnsibleError:
            return otherwise


def _whole(value: t.Any) -> t.Any:
    """A result whose parts may be templated only when they are looked at, looked at."""
    if isinstance(value, t.Mapping):
        return {key: _whole(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(each) for each in value]
    return value


def _holds_a_list(text: str) -> bool:
    """Whether a text is the list itself as YAML, with names that hold no expression, rather than an expression for it."""
    try:
        found = yaml_text.load(text)
    except ValueError:
        return False
    return isinstance(found, list) and all(
        isinstance(entry, dict) and "{" not in str(entry.get("name")) for entry in found
    )


def _variables_in(text: str) -> set[str]:
    try:
        return meta.find_undeclared_variables(Environment(autoescape=True).parse(text))
    except TemplateError:
        return set()
