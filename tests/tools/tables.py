# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make tables``: the roles' argument specifications and the tables in README files and docs, from where all is defined.

Variables come from ``plugins/plugin_utils/input/*variables.py``, providers from ``plugins/plugin_utils/input/registry.yml``. An
argument specification says which variables an entry point reads; what they are is filled in. A table stands between two
lines of its page, such as ``<!-- variables -->`` and ``<!-- /variables -->``. A unit test compares.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import yaml
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import (
    litemaas_variables,
    registry as provider_registry,
    variables,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.table import Table, Variable

from tools.dev_venv import CHECKOUT

VARIABLES, LITEMAAS, PROVIDERS = "variables", "variables of LiteMaaS", "providers"
TABLES: tuple[Table, ...] = (variables.TABLE, litemaas_variables.TABLE)
INPUTS_PAGE = CHECKOUT / "docs" / "inputs.md"


def table(cells: Iterable[tuple[str, str, object, str]]) -> str:
    """A Markdown table of (variable, type, default or None, description)."""
    lines = ["| variable | type | default | description |", "|---|---|---|---|"]
    for name, kind, default, description in cells:
        shown = (
            "" if default is None else f"`{default if isinstance(default, str) and default else json.dumps(default)}`"
        )
        lines.append(f"| `{name}` | {kind} | {shown} | {description} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def specification(role: Path) -> str:
    """The text of a role's argument specification, with what its variables are.

    Only text has a type: everything else may come as text, too, from a survey, and is converted and checked by ``plan``.
    """
    file = role / "meta" / "argument_specs.yml"
    head, _marker, body = file.read_text().partition("argument_specs:\n")
    points = yaml.safe_load(body)
    for point in points.values():
        named = point["options"]
        point["options"] = {
            name: {
                "description": row.description,
                "type": "str" if row.type in ("str", "path") else "raw",
                **({} if row.default is None else {"default": row.default}),
            }
            for name, row in rows()
            if name in named
        }
        unknown = set(named) - set(point["options"])
        if unknown:
            raise ValueError(f"{file}: there are no variables {sorted(unknown)}")
    return f"{head}argument_specs:\n{_yaml(points)}"


class _Dumper(yaml.SafeDumper):
    """Indents lists, as yamllint has it, and repeats what is there twice."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True


def _yaml(data: object) -> str:
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=118, allow_unicode=True)
    return "".join(f"  {line}" for line in text.splitlines(keepends=True))


def role_table(role: Path) -> str:
    """The variables that the entry points of a role read."""
    points = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    named = {name for point in points.values() for name in point["options"]}
    return _variables((name, row) for name, row in rows() if name in named)


def inputs_table(of: Table) -> str:
    """The variables of an area."""
    return _variables(rows([of]))


def rows(tables: Iterable[Table] = TABLES) -> Iterable[tuple[str, Variable]]:
    """All variables by their public names."""
    return [(each.prefix + row.name, row) for each in tables for row in each.variables]


def _variables(found: Iterable[tuple[str, Variable]]) -> str:
    return table((name, row.type, row.default, row.description) for name, row in found)


def providers_table() -> str:
    """The providers of the collection: what each needs, takes and calls."""
    lines = [
        "| provider | what it is | credentials | settings | calls | Python packages beyond OGX's own |",
        "|---|---|---|---|---|---|",
    ]
    registry, findings = provider_registry.load()
    if findings.errors:
        raise ValueError(findings.errors)
    for name, provider in registry.items():
        cells = [
            f"`{name}`",
            provider["title"],
            _fields(provider["credentials"]),
            _fields(provider["settings"]),
            ", ".join(map(_target, provider["egress"])),
            ", ".join(f"`{package}`" for package in provider["packages"]),
        ]
        lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def _fields(specs: dict[str, dict]) -> str:
    return ", ".join(f"`{field}`{_need(spec)}" for field, spec in specs.items())


def _target(egress: str) -> str:
    return f"the host of `{egress[1:-1]}`" if egress.startswith("{") else f"`{egress}`"


def _need(spec: dict) -> str:
    """What stands behind the name of a field: its default, that it is optional, or nothing where it is required."""
    if spec.get("default") is not None:
        return f" (`{spec['default']}`)"
    return "" if spec["required"] else " (optional)"


def with_table(page: str, new: str, name: str = VARIABLES) -> str:
    """The text ``page`` with ``new`` as the table of that name; ValueError where it has no place for it."""
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not marked.search(page):
        raise ValueError(f"there is no table between <!-- {name} --> and <!-- /{name} -->")
    return marked.sub(lambda match: f"{match[1]}\n{new}\n{match[2]}", page)


def pages() -> list[Path]:
    """Every file of which something is generated."""
    roles = sorted((CHECKOUT / "roles").iterdir())
    return [role / file for role in roles for file in ("meta/argument_specs.yml", "README.md")] + [INPUTS_PAGE]


def up_to_date(page: Path) -> str:
    """The text of the file as it should be."""
    if page.suffix == ".yml":
        return specification(page.parents[1])
    if page == INPUTS_PAGE:
        tables = {
            VARIABLES: inputs_table(variables.TABLE),
            LITEMAAS: inputs_table(litemaas_variables.TABLE),
            PROVIDERS: providers_table(),
        }
    else:
        tables = {VARIABLES: role_table(page.parent)}
    text = page.read_text()
    for name, new in tables.items():
        text = with_table(text, new, name)
    return text


def main() -> None:
    """Write them. Specifications come first, as the tables are made from them."""
    for page in pages():
        page.write_text(up_to_date(page))


if __name__ == "__main__":
    main()
