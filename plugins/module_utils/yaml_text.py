# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML in and out, the same text for the same data on every run."""

from __future__ import annotations

import re
import typing as t

try:
    import yaml
except ImportError:  # every ansible-core has it; only ansible-test's import check does not
    yaml = None


# Text that readers in Go take for a number or a truth value where PyYAML sees none: 12e3, 0o17, y.
_READ_OTHERWISE = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|[yYnN]")


def load(text: str) -> t.Any:
    """Parse one YAML document; raises ValueError that names line and column but quotes nothing of the text.

    The text may hold keys, and PyYAML's own message quotes the line that it could not read.
    """
    try:
        try:
            # In C, where PyYAML was built with it: each use of a filter reads the registry of providers.
            return yaml.load(plain(text), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.YAMLError:
            # It puts some errors a line too far.
            return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(f"not valid YAML{where}") from None
    except yaml.YAMLError:
        raise ValueError("not valid YAML") from None


def dump(data: t.Any, sort_keys: bool = False) -> str:
    """Write data as block-style YAML, keys in the order given, which readers in Python and in Go take for the same."""
    return yaml.dump(
        plain(data), Dumper=_dumper(), sort_keys=sort_keys, default_flow_style=False, width=10_000, allow_unicode=True
    )


def plain(value: t.Any) -> t.Any:
    """Copy data into plain Python types.

    Ansible hands over subclasses of str, int and float that carry trust or taint and, up to 2.18, vaulted values that
    are no str at all; YAML and JSON writers know none of them.
    """
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    # Up to 2.18, str() of a str that carries taint is that same object.
    return str.__str__(value) if isinstance(value, str) else plain(str(value))


def _dumper() -> type:
    class Dumper(yaml.SafeDumper):
        """Indents the items of a list below their key, never writes anchors, and keeps lines of text as lines."""

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            return super().increase_indent(flow, False)

        def ignore_aliases(self, data: t.Any) -> bool:
            return True

    def text(dumper: t.Any, value: str) -> t.Any:
        style = "|" if "\n" in value else "'" if _READ_OTHERWISE.fullmatch(value) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return Dumper
