# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML in and out, the same text for the same data on every run."""

from __future__ import annotations

import typing as t

try:
    import yaml
except ImportError:  # every ansible-core has it; only ansible-test's import check does not
    yaml = None


def load(text: str) -> t.Any:
    """Parse one YAML document; raises ValueError that names line and column but quotes nothing of the text.

    The text may hold keys, and PyYAML's own message quotes the line that it could not read.
    """
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(f"not valid YAML{where}") from None
    except yaml.YAMLError:
        raise ValueError("not valid YAML") from None


def dump(data: t.Any) -> str:
    """Write data as block-style YAML, keys in the order given."""
    return yaml.dump(plain(data), Dumper=_dumper(), sort_keys=False, default_flow_style=False, width=1000, allow_unicode=True)


def plain(value: t.Any) -> t.Any:
    """Copy data into plain Python types.

    Ansible hands over subclasses of str that carry trust or taint and, up to 2.18, vaulted values that are no str
    at all; YAML and JSON writers know none of them.
    """
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    # Up to 2.18, str() of a str that carries taint is that same object.
    return str.__str__(value) if isinstance(value, str) else plain(str(value))


def _dumper() -> type:
    class Dumper(yaml.SafeDumper):
        """Indents the items of a list below their key and never writes anchors."""

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            return super().increase_indent(flow, False)

        def ignore_aliases(self, data: t.Any) -> bool:
            return True

    return Dumper
