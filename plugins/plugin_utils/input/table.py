# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How public variables are listed: a table for each area, by which they are read, checked and documented."""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import conversion


class Variable(t.NamedTuple):
    """A public variable. C(setting): the objects that are built depend on it, so it is part of the run settings."""

    name: str
    type: str
    default: t.Any
    description: str
    setting: bool = False


@dataclasses.dataclass(frozen=True)
class Table:
    """The variables of an area.

    C(prefix): what the public names begin with; C(lists): those that hold what a run is about, entry by entry, and are
    converted with their entries; C(published): what playbooks publish for workflows, which comes back as a variable of
    the next node, whatever its shape, and is no input; C(secret): those that hold credentials, which no plan keeps;
    C(shapes): the parts of variables that are no text.
    """

    prefix: str
    variables: tuple[Variable, ...]
    lists: tuple[str, ...]
    published: tuple[str, ...]
    secret: tuple[str, ...]
    shapes: t.Mapping[str, conversion.Shape]

    @property
    def names(self) -> tuple[str, ...]:
        """Of all variables that have one value, which are not the lists."""
        return tuple(variable.name for variable in self.variables if variable.name not in self.lists)

    def public(self) -> list[str]:
        """The names of all variables as users write them."""
        return [self.prefix + variable.name for variable in self.variables]

    def values(self, given: t.Mapping[str, t.Any], findings: Findings) -> dict[str, t.Any]:
        """The values of all variables but the lists, with their defaults. C(given) is by the names without the prefix.

        Values that came as text (a survey, C(-e name=value)) are turned into their type.
        """
        return {
            variable.name: self.value(variable, given.get(variable.name), findings)
            for variable in self.variables
            if variable.name not in self.lists
        }

    def value(self, variable: Variable, given: t.Any, findings: Findings) -> t.Any:
        """The value of one variable; what is wrong with it is found at its public name."""
        findings = findings.at(self.prefix + variable.name)
        if conversion.is_blank(given):
            if given:
                # Jinja's default() takes it for a value, so it would be a path, a name or a URL of blanks elsewhere.
                findings.error("holds nothing but white space; give a value, or an empty text for the default")
            return copy.deepcopy(variable.default)
        try:
            converted = conversion.convert(variable.type, given)
        except ValueError as error:
            findings.error(str(error))
            return copy.deepcopy(variable.default)
        if variable.type != "path":  # the name of a file is bytes
            findings.refuse_broken_text(converted)
        return conversion.shaped(self.shapes.get(variable.name, variable.type), converted, findings)
