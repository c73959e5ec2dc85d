# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime
import json

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text


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


# One of each kind that some reader or writer treats apart: beyond the first plane and joined, what ends a line, what is
# no character to YAML, and text that looks as if it were escaped.
ODD = "\U0001f680 \U0001f469\u200d\U0001f4bb \U0010ffff \u4e2d\u00fc \x00\x07\x7f\x85\x9f\u2028\ufeff\ufffe \\ud83d \\\\ \"'\n"


def test_json_is_the_same_to_readers_of_yaml_and_of_json() -> None:
    data = {"a": [ODD, {ODD: 1.5, "b": None, "c": True}]}
    sent = yaml_text.as_json(data)
    assert json.loads(sent) == data
    assert yaml.safe_load(sent.decode("utf-8")) == data
    assert yaml.load(sent, Loader=yaml.CSafeLoader) == data
    # The API server's own reader takes no character in two parts for one.
    assert "\U0001f680" in sent.decode("utf-8") and b"\\ud83d\\ude80" not in sent


def test_a_character_in_two_parts_is_one() -> None:
    assert yaml_text.load('- {"\\ud83d\\ude80": "\\ud83d\\ude80"}\n- 2027-01-01') == [
        {"\U0001f680": "\U0001f680"},
        datetime.date(2027, 1, 1),
    ]
    assert yaml_text.plain("\ude00 \ud83d\ude80 \ud83d") == "\ude00 \U0001f680 \ud83d"


def test_yaml_is_the_same_to_another_reader() -> None:
    data = {"a": [ODD, {ODD: 1.5}], "lines": "\U0001f680\n\u4e2d\n"}
    written = yaml_text.dump(data)
    assert yaml.load(written, Loader=yaml.CSafeLoader) == data
    assert "\\u" not in yaml_text.dump(["\U0001f680 \u4e2d"]) and "|" in yaml_text.dump("\U0001f680\n\u4e2d\n")


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


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (
            "- name: one\n  provider: gemini\n  name: two\n",
            "the key name is given twice, in line 1 and line 3, column 3",
        ),
        ("a:\n  b:\n    c: 1\n    d: 1\n    c: 2\n", "the key c is given twice, in line 3 and line 5, column 5"),
        (
            '[{"limit": 1,\n "window": "1m",\n "limit": 2}]',
            "the key limit is given twice, in line 1 and line 3, column 2",
        ),
        ("{b: {x: 1, x: 1}}", "the key x is given twice, in line 1 and line 1, column 12"),
        ("yes: 1\ntrue: 2\n", "the key true is given twice, in line 1 and line 2, column 1"),
        ("x: &a {p: 1}\ny: {<<: *a, q: 1, q: 2}\n", "the key q is given twice, in line 2 and line 2, column 19"),
        ("a: 1\nb: 1\na: 2\nb: 2\n", "line 1 and line 3, column 1; the key b is given twice, in line 2 and line 4"),
        ("sk-a1b2c3d4e5: 1\nsk-a1b2c3d4e5: 2\n", "a key is given twice, in line 1 and line 2, column 1"),
        (f"{'k' * 41}: 1\n{'k' * 41}: 2\n", "a key is given twice, in line 1 and line 2, column 1"),
        ("- &a [*a]\n", "the anchor in line 1 is used within itself"),
    ],
)
def test_what_a_parser_would_take_in_silence_is_an_error(text: str, where: str) -> None:
    with pytest.raises(ValueError) as raised:
        yaml_text.load(text)
    assert where in str(raised.value)


def test_a_lost_hyphen_is_offered_only_where_there_could_be_one() -> None:
    def said(text: str) -> str:
        with pytest.raises(ValueError) as raised:
            yaml_text.load(text)
        return str(raised.value)

    assert "hyphen is missing" in said("- a: 1\n  a: 2\n")
    assert "hyphen" not in said("a: 1\na: 2\n") + said("[{a: 1, a: 2}]")


def test_a_key_beside_a_merge_overrides_it_and_an_anchor_may_be_used_twice() -> None:
    text = "one: &a {p: 1, q: {r: 1}}\ntwo: {<<: *a, p: 2}\nthree: [*a, *a]\n"
    first = {"p": 1, "q": {"r": 1}}
    assert yaml_text.load(text) == {"one": first, "two": {**first, "p": 2}, "three": [first, first]}


def test_json_is_read_as_json() -> None:
    """YAML takes 1e3 for text, refuses tabs and makes two characters of one beyond the first plane."""
    assert yaml_text.load('{"a":\t"\\ud83d\\ude80", "b": [1e3, null]}') == {"a": "\U0001f680", "b": [1000.0, None]}


@pytest.mark.parametrize("text", ["a: 2027-13-45", "a: !!int secret"])
def test_a_number_or_date_that_is_none_is_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="^not valid YAML: it holds a number or a date that is none$"):
        yaml_text.load(text)


@pytest.mark.parametrize(
    "value", ["!unsafe 'a {{ b }}'", "!unsafe a {{ b }}", '!unsafe "a {{ b }}"', "!unsafe |-\n    a {{ b }}"]
)
def test_what_ansible_calls_unsafe_is_text(value):
    assert yaml_text.load(f"- api_key: {value}\n") == [{"api_key": "a {{ b }}"}]
    assert yaml_text.load("[!unsafe 012345]") == ["012345"] and yaml_text.load("!unsafe a: 1") == {"a": 1}


@pytest.mark.parametrize("tag", ["!vault", "!vault-encrypted"])
def test_what_is_encrypted_for_ansible_is_named_with_what_to_do(tag):
    text = f"- name: a\n  api_key: {tag} |\n    $ANSIBLE_VAULT;1.1;AES256\n    6162\n- {{name: b, name: c}}\n"
    with pytest.raises(ValueError) as refused:
        yaml_text.load(text)
    assert str(refused.value).startswith("the value in line 2 is encrypted with Ansible Vault")
    assert "-e @file" in str(refused.value) and "api_key_env" in str(refused.value)
    assert "the key name is given twice" in str(refused.value) and "6162" not in str(refused.value)


def test_any_other_tag_is_not_read():
    for text in ("a: !!python/object/apply:os.getcwd []", "a: !reference [b]", "a: !unsafe [b]"):
        with pytest.raises(ValueError, match="not valid YAML in line 1"):
            yaml_text.load(text)
