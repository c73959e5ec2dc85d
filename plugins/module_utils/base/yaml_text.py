# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML in and out, the same text for the same data on every run."""

from __future__ import annotations

import json
import re
import typing as t

try:
    import yaml
except ImportError:  # every ansible-core has it; only ansible-test's import check does not
    yaml = None

from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact

# Text that readers in Go take for a number or a truth value where PyYAML sees none: 12e3, 0o17, y.
_READ_OTHERWISE = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|[yYnN]")

# What readers of YAML refuse, skip, or take for the end of a line, and all else up to the characters that JSON can only
# escape in two parts: those two are no character in YAML.
_ESCAPED = re.compile("[\x7f-\uffff]")

_SURROGATE = re.compile("[\ud800-\udfff]")

_MERGE = "tag:yaml.org,2002:merge"

# What Ansible knows in its own files, beside YAML.
_UNSAFE = "!unsafe"
_VAULTS = ("!vault", "!vault-encrypted")
_TEXT = "tag:yaml.org,2002:str"

# What is quoted of a key: a word. Longer ones may be anything.
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]{0,39}\Z")


def load(text: str) -> t.Any:
    """Parse one document of YAML or JSON; raises ValueError that names line and column but quotes nothing of the text.

    The text may hold keys, and PyYAML's own message quotes the line that it could not read. A mapping that has a key
    twice is an error: every parser would take the last of them without a word.
    """
    text = plain(text)
    if text.lstrip()[:1] in ("{", "["):
        try:
            # YAML would make two characters of a surrogate pair, and refuses tabs.
            return json.loads(text, object_pairs_hook=_once)
        except ValueError:
            pass  # YAML in flow style, or wrong: YAML says where
    try:
        try:
            # In C, where PyYAML was built with it: each use of a filter reads the registry of providers.
            return _read(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.YAMLError:
            # It puts some errors a line too far.
            return _read(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(f"not valid YAML{where}") from None
    except yaml.YAMLError:
        raise ValueError("not valid YAML") from None


def _once(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


def _read(text: str, loader_class: t.Any) -> t.Any:
    loader = loader_class(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        faults = list(_faults(node, loader, (), set()))
        if not faults:
            return _joined(loader.construct_document(node)) if "\\u" in text else loader.construct_document(node)
    except ValueError:  # of a number or a date; it may quote it
        faults = ["not valid YAML: it holds a number or a date that is none"]
    finally:
        loader.dispose()
    raise ValueError("; ".join(faults))


def _faults(node: t.Any, loader: t.Any, above: tuple[t.Any, ...], seen: set[int]) -> t.Iterator[str]:
    """What YAML allows to write below C(node) and cannot be meant: a key twice, an anchor within itself.

    A key may stand beside a merge (C(<<)) that brings it, too: it overrides. C(above): the nodes around this one.
    """
    if node in above:
        yield f"the anchor in line {node.start_mark.line + 1} is used within itself"
    if id(node) in seen:
        return
    seen.add(id(node))
    if node.tag in _VAULTS:
        yield (
            f"the value in line {node.start_mark.line + 1} is encrypted with Ansible Vault, which is decrypted in"
            " files of Ansible only, not within a text; give the list with -e @file, or the key with api_key_env"
        )
    _make_plain(node)
    if isinstance(node, yaml.MappingNode):
        is_item = isinstance(above[-1] if above else None, yaml.SequenceNode) and not node.flow_style
        yield from _repeated(node, loader, is_item)
        below = [each for pair in node.value for each in pair]
    else:
        below = node.value if isinstance(node, yaml.SequenceNode) else []
    for each in below:
        yield from _faults(each, loader, (*above, node), seen)


def _make_plain(node: t.Any) -> None:
    """Text that Ansible is to leave alone is plain text: nothing is templated here."""
    if node.tag == _UNSAFE and isinstance(node, yaml.ScalarNode):
        node.tag = _TEXT


def _repeated(node: t.Any, loader: t.Any, is_item: bool) -> t.Iterator[str]:
    first: dict[t.Any, t.Any] = {}
    for key, __ in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
            continue
        _make_plain(key)
        name = loader.construct_object(key)
        if name in first:
            shown = f"the key {key.value}" if _WORD.match(key.value) and redact(key.value) == key.value else "a key"
            here = key.start_mark
            hint = ": where the next entry of the list begins, its hyphen is missing" if is_item else ""
            yield f"{shown} is given twice, in line {first[name].line + 1} and line {here.line + 1}, column {here.column + 1}{hint}"
        first.setdefault(name, key.start_mark)


def dump(data: t.Any, sort_keys: bool = False) -> str:
    """Write data as block-style YAML, keys in the order given, which readers in Python and in Go take for the same."""
    return yaml.dump(
        plain(data), Dumper=_dumper(), sort_keys=sort_keys, default_flow_style=False, width=10_000, allow_unicode=True
    )


def as_json(data: t.Any) -> bytes:
    """JSON in UTF-8 that readers of YAML take for the same as readers of JSON."""
    text = json.dumps(data, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", text).encode()


def plain(value: t.Any) -> t.Any:
    """Copy data into plain Python types.

    Ansible hands over subclasses of str, int and float that carry trust or taint and, up to 2.18, vaulted values that
    are no str at all; YAML and JSON writers know none of them. A character that was written in two parts, as JSON
    escapes it and readers of YAML leave it, is one.
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
    return _whole(str.__str__(value)) if isinstance(value, str) else plain(str(value))


def _joined(value: t.Any) -> t.Any:
    """What was read of YAML, with the characters whole that were escaped in two parts, as JSON does it."""
    if isinstance(value, dict):
        return {_joined(key): _joined(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_joined(item) for item in value]
    return _whole(value) if isinstance(value, str) else value


def _whole(text: str) -> str:
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


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
