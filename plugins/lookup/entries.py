# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: entries
short_description: The names in a list of instances, whatever else of it cannot be templated
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Reads a variable that holds a list of instances for somebody who needs nothing but their names, such as to remove
    them. No other value need be there, the variables that hold keys least of all.
  - Of every entry, the name is templated. All other keys are kept without their values.
  - Where the variable is an expression, what cannot be templated of the lists that it names is V(null). So are, within
    the expression and within a text that holds the list, the values of credentials and those that name a variable that
    is not there. What decides which entries there are, and their names, has to be there.
options:
  _terms:
    description: The name of the variable.
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
  description: The list, or the text that holds it as YAML, for P(llamastack.maas.instances#filter) with
    O(llamastack.maas.instances#filter:names_only). V(null) where there is no such variable.
  type: list
  elements: raw
"""

import contextlib
import re
import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible.utils.unsafe_proxy import wrap_var
from jinja2 import Environment, TemplateError, nodes
from jinja2.defaults import DEFAULT_NAMESPACE

from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import credentials

try:
    from ansible.template import trust_as_template
except ImportError:  # before ansible-core 2.19
    trust_as_template = None

_GLOBALS = {*DEFAULT_NAMESPACE, "lookup", "query", "q", "now", "undef", "omit", "finalize"}

# api_key: {{ key }}, with or without quotes, in a text that holds entries as YAML or JSON.
_PAIR_IN_YAML = re.compile(
    r"""(?P<start>\b(?P<key>\w+)["']?[ \t]*:[ \t]+)"""
    r"""(?P<value>"[^"\n]*\{\{[^"\n]*"|'[^'\n]*\{\{[^'\n]*'|(?:[^\n,}\]{"']*\{\{.*?\}\})+[^\n,}\]]*)"""
)


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
        try:
            return _whole(templar.template(text))
        except AnsibleError:
            reduced = _without_values(text, self._is_unknown)
            if reduced == text:
                raise
        return _whole(templar.template(_trusted(reduced)))

    def _is_unknown(self, value: str) -> bool:
        """Whether a part of an expression names what is not there."""
        return bool(_variables_in(value) - set(self._variables) - _GLOBALS)

    def _reduced(self, value: t.Any, on_the_way: tuple[str, ...]) -> t.Any:
        if isinstance(value, str):
            return value if _holds_a_list(value) else self._expression(value, on_the_way)
        if isinstance(value, t.Mapping):
            is_entry = "name" in value
            return {
                key: None if is_entry and key in credentials.SOURCES else self._or_none(each, on_the_way)
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


def _without_values(text: str, is_unknown: t.Callable[[str], bool]) -> str:
    """A template without the values of its entries that are not needed: those of keys, and what is not there.

    What decides which entries there are, and their names, stays: whoever lacks that must not remove something else.
    """

    def unneeded(key: str, value: str) -> bool:
        return key != "name" and (key in credentials.SOURCES or is_unknown(value))

    def in_yaml(pair: re.Match[str]) -> str:
        whole, start, key, value = pair[0], pair["start"], pair["key"], pair["value"]
        return f"{start}null" if unneeded(key, value) else whole

    return _without_literals(_PAIR_IN_YAML.sub(in_yaml, text), unneeded)


def _without_literals(text: str, unneeded: t.Callable[[str, str], bool]) -> str:
    """The same of the mappings within expressions: C({'api_key': key}) and C(dict(api_key=key))."""
    try:
        tokens = [(kind, value) for _line, kind, value in Environment(autoescape=True).lex(text)]
    except TemplateError:
        return text
    out: list[str] = []
    at = 0
    while at < len(tokens):
        kind, token = tokens[at]
        out.append(token)
        at += 1
        sign = {"string": ":", "name": "="}.get(kind)
        start = next((i for i in range(at, len(tokens)) if tokens[i][0] != "whitespace"), at)
        if not sign or tokens[start : start + 1] != [("operator", sign)]:
            continue
        end = _end_of_value(tokens, start + 1)
        key, value = token.strip("'\""), "".join(each for _kind, each in tokens[start + 1 : end])
        if unneeded(key, f"{{{{ {value} }}}}") and (sign == ":" or key in credentials.SOURCES):
            out.append(f"{sign} none")
            at = end
    return "".join(out)


def _end_of_value(tokens: list[tuple[str, str]], at: int) -> int:
    depth = 0
    while at < len(tokens):
        kind, token = tokens[at]
        if kind in ("variable_end", "block_end") or (depth == 0 and token in (",", "}", "]", ")")):
            break
        if kind == "operator":
            depth += (token in ("{", "[", "(")) - (token in ("}", "]", ")"))
        at += 1
    return at


def _trusted(text: str) -> str:
    """What was a template stays one: Ansible 2.19 and later know by a tag, which what is derived does not have."""
    return trust_as_template(text) if trust_as_template else text


def _variables_in(text: str) -> set[str]:
    try:
        # Not jinja2.meta, which refuses the filters that only Ansible has.
        found = Environment(autoescape=True).parse(text).find_all(nodes.Name)
        return {name.name for name in found if name.ctx == "load"}
    except TemplateError:
        return set()
