# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make tables``: the tables of variables and providers in README files and docs, from where these are defined.

A table stands between two lines of its page, such as ``<!-- variables -->`` and ``<!-- /variables -->``. A role's
variables come from its argument specification, those of ``docs/inputs.md`` from ``plugins/plugin_utils/input/variables.py``, the
providers from ``plugins/plugin_utils/input/registry.yml``. A unit test compares.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import yaml
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import registry as provider_registry, variables

from tools.dev_venv import CHECKOUT

VARIABLES, PROVIDERS = "variables", "providers"
INPUTS_PAGE = CHECKOUT / "docs" / "inputs.md"


def table(rows: Iterable[tuple[str, str, object, str]]) -> str:
    """A Markdown table of (variable, type, default or None, description)."""
    lines = ["| variable | type | default | description |", "|---|---|---|---|"]
    for name, kind, default, description in rows:
        shown = (
            "" if default is None else f"`{default if isinstance(default, str) and default else json.dumps(default)}`"
        )
        lines.append(f"| `{name}` | {kind} | {shown} | {description} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def role_table(role: Path) -> str:
    """The variables of a role's entry point ``main``."""
    options = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    return table((name, _type(option), option.get("default"), _description(option)) for name, option in options.items())


def inputs_table() -> str:
    """The variables of a run."""
    return table((variables.PREFIX + row.name, row.type, row.default, row.description) for row in variables.VARIABLES)


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
    """Every page that has tables."""
    return [*(role / "README.md" for role in sorted((CHECKOUT / "roles").iterdir())), INPUTS_PAGE]


def up_to_date(page: Path) -> str:
    """The text of the page as it should be."""
    if page == INPUTS_PAGE:
        tables = {VARIABLES: inputs_table(), PROVIDERS: providers_table()}
    else:
        tables = {VARIABLES: role_table(page.parent)}
    text = page.read_text()
    for name, new in tables.items():
        text = with_table(text, new, name)
    return text


def _type(option: dict) -> str:
    kind = f"list of {option['elements']}" if option["type"] == "list" else option["type"]
    return f"{kind}, required" if option.get("required") else kind


def _description(option: dict) -> str:
    given = option["description"]
    text = given if isinstance(given, str) else " ".join(given)
    # Ansible's markup, such as V(value), means nothing to Markdown.
    return re.sub(r"\b[A-Z]{1,2}\(([^)]*)\)", r"`\1`", text)


def main() -> None:
    """Write the tables."""
    for page in pages():
        page.write_text(up_to_date(page))


if __name__ == "__main__":
    main()
