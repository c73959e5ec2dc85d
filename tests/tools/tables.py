# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make tables``: the tables of variables in README files and docs, from where the variables are defined.

A table stands between the lines ``<!-- variables -->`` and ``<!-- /variables -->`` of its page. A role's comes from its
argument specification, that of ``docs/inputs.md`` from ``plugins/module_utils/inputs.py``. A unit test compares.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import yaml
from ansible_collections.llamastack.maas.plugins.module_utils import inputs

from tools.dev_venv import CHECKOUT

_MARKED = re.compile(r"(<!-- variables -->\n).*?(<!-- /variables -->)", re.DOTALL)
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
    return table((inputs.PREFIX + row.name, row.type, row.default, row.description) for row in inputs.VARIABLES)


def with_table(page: str, new: str) -> str:
    """The text ``page`` with the table ``new`` between its markers; ValueError where it has none."""
    if not _MARKED.search(page):
        raise ValueError("there is no table between <!-- variables --> and <!-- /variables -->")
    return _MARKED.sub(lambda match: f"{match[1]}\n{new}\n{match[2]}", page)


def pages() -> list[Path]:
    """Every page that has a table."""
    return [*(role / "README.md" for role in sorted((CHECKOUT / "roles").iterdir())), INPUTS_PAGE]


def table_of(page: Path) -> str:
    """The table that the page should have."""
    return inputs_table() if page == INPUTS_PAGE else role_table(page.parent)


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
        page.write_text(with_table(page.read_text(), table_of(page)))


if __name__ == "__main__":
    main()
