# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils import yaml_text


class Tagged(str):
    """Stands for the subclasses of str in which Ansible hands over text."""


class TaggedInt(int):
    """The same for numbers."""


class Vaulted:
    """Stands for a vaulted value of ansible-core 2.16 to 2.18, which is no str."""

    def __str__(self) -> str:
        return "decrypted"


def test_what_was_written_is_read_back() -> None:
    data = {"b": ["true", "123", None, True, 1.5], "a": {"text": "two\nlines: #\n"}}
    assert yaml_text.load(yaml_text.dump(data)) == data


def test_keys_keep_their_order_and_repeated_parts_are_written_out() -> None:
    shared = {"x": 1}
    assert yaml_text.dump({"b": [shared], "a": shared}) == "b:\n  - x: 1\na:\n  x: 1\n"


def test_text_as_ansible_hands_it_over_is_read_and_written_like_any_other() -> None:
    assert yaml_text.load(Tagged("- a")) == ["a"]
    assert yaml_text.dump({Tagged("name"): Tagged("openai")}) == "name: openai\n"


@pytest.mark.parametrize("text", ["12e3", "1234567890123e45", "0o17", "1.", "+.5E-3", "y", "N", "007", "on", "null"])
def test_text_that_some_reader_takes_for_something_else_is_quoted(text: str) -> None:
    assert yaml_text.dump([text]) == f"- '{text}'\n"


def test_lines_of_a_text_stay_lines() -> None:
    assert yaml_text.dump({"a": "one\ntwo\n"}) == "a: |\n  one\n  two\n"


def test_bad_yaml_is_reported_by_its_place_and_never_quoted() -> None:
    with pytest.raises(ValueError, match="^not valid YAML in line 2, column") as raised:
        yaml_text.load("- name: a\n- api_key: 'sk-very-secret")
    assert "secret" not in str(raised.value)


def test_a_character_that_yaml_forbids_is_reported() -> None:
    with pytest.raises(ValueError, match="^not valid YAML$"):
        yaml_text.load("a: \x00")


def test_plain_leaves_no_special_type() -> None:
    plain = yaml_text.plain({Tagged("key"): (Tagged("text"), Vaulted(), None, True, TaggedInt(3), 1.5)})
    assert plain == {"key": ["text", "decrypted", None, True, 3, 1.5]}
    assert {type(item) for item in [*plain, *plain["key"]]} == {str, type(None), bool, int, float}


def test_texts_whose_str_is_themselves_are_made_plain() -> None:
    """So it is up to ansible-core 2.18."""
    itself = type("Itself", (Tagged,), {"__str__": lambda self: self})
    assert {type(yaml_text.plain(itself("x")))} == {str}
