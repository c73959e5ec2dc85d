# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.module_utils.providers import values
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import credentials, registry

KEY = "sk-proj-0123456789abcdefghij"
AWS = {
    "aws": {
        "type": "remote::bedrock",
        "credentials": {
            "access_key_id": {"env": "AWS_ACCESS_KEY_ID"},
            "secret_access_key": {"env": "AWS_SECRET_ACCESS_KEY"},
            "session_token": {"env": "AWS_SESSION_TOKEN", "required": False},
        },
    },
    "vertexai": {
        "type": "remote::vertexai",
        "credentials": {"service_account": {"file": "account.json", "env": "GOOGLE_APPLICATION_CREDENTIALS"}},
    },
}
REGISTRY = registry.load(AWS)[0]


def normalise(entry: dict, provider: str = "openai", secrets: dict | None = None) -> tuple[dict, dict[str, str]]:
    findings = Findings()
    result = credentials.normalise(entry, "team-a", REGISTRY[provider], findings, secrets)
    return result, {problem["path"]: problem["message"] for problem in findings.errors}


def checked(entry: dict, provider: str = "openai", **environment: str) -> Findings:
    findings = Findings()
    credentials.check_values(entry, REGISTRY[provider], findings, environment)
    return findings


def test_a_key_from_the_environment_goes_into_our_own_secret() -> None:
    result, problems = normalise({"api_key_env": "OPENAI_API_KEY"})
    assert not problems
    assert result == {
        "source": "env",
        "origin": "environment variable OPENAI_API_KEY",
        "secret": {"name": "team-a-credentials", "managed": True},
        "fields": [{"field": "api_key", "key": "api_key", "env": "OPENAI_API_KEY", "file": None}],
    }


def test_a_given_key_is_not_part_of_the_result() -> None:
    result, problems = normalise({"api_key": KEY})
    assert not problems
    assert result["source"] == "value"
    assert KEY not in repr(result)


def test_several_fields_come_sorted_and_optional_ones_only_where_given() -> None:
    entry = {"credentials_env": {"secret_access_key": "B", "access_key_id": "A"}}
    result, problems = normalise(entry, "aws")
    assert not problems
    assert [field["env"] for field in result["fields"]] == ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]


def test_a_credential_can_be_a_file() -> None:
    result = normalise({"credentials": {"service_account": "{}"}}, "vertexai")[0]
    assert result["fields"] == [
        {
            "field": "service_account",
            "key": "service_account",
            "env": "GOOGLE_APPLICATION_CREDENTIALS",
            "file": "/var/run/secrets/llamastack.maas/account.json",
        }
    ]


def test_a_secret_of_somebody_else_keeps_its_name_and_keys() -> None:
    result, problems = normalise({"credentials_secret": {"name": "corp", "keys": {"api_key": "token"}}})
    assert not problems
    assert result["secret"] == {"name": "corp", "managed": False}
    assert result["fields"][0]["key"] == "token"


def test_of_a_secret_the_required_fields_are_used_and_the_named_ones() -> None:
    result = normalise({"credentials_secret": {"name": "corp", "keys": {"session_token": "s"}}}, "aws")[0]
    assert [(field["field"], field["key"]) for field in result["fields"]] == [
        ("access_key_id", "access_key_id"),
        ("secret_access_key", "secret_access_key"),
        ("session_token", "s"),
    ]


def test_naming_a_secret_means_its_key_even_where_none_is_required() -> None:
    result = normalise({"credentials_secret": {"name": "corp"}}, "openai_compatible")[0]
    assert [field["field"] for field in result["fields"]] == ["api_key"]


def test_a_provider_that_needs_no_key_gets_none() -> None:
    result, problems = normalise({}, "openai_compatible")
    assert not problems
    assert result == {"source": "none", "origin": "", "secret": None, "fields": []}


@pytest.mark.parametrize(
    ("provider", "entry", "path", "message"),
    [
        ("openai", {}, "", "needs a key: give api_key_env"),
        ("aws", {}, "", "needs access_key_id, secret_access_key: give credentials_env"),
        ("openai", {"api_key": KEY, "api_key_env": "X"}, "api_key", "more than one source"),
        ("openai", {"credentials": {}, "credentials_secret": {}}, "credentials_secret", "more than one source"),
        ("openai", {"api_key": 123456}, "api_key", "digits needs quotes"),
        ("openai", {"api_key_env": "sk-proj-0123"}, "api_key_env", "take it out"),
        ("aws", {"api_key": "x"}, "api_key", "has no field api_key; give credentials with access_key_id"),
        ("aws", {"api_key_env": "X"}, "api_key_env", "has no field api_key; give credentials_env with"),
        ("aws", {"credentials": "x"}, "credentials", "must be a mapping with the fields"),
        ("aws", {"credentials": {"access_key_id": "AKIA"}}, "credentials", "also needs secret_access_key"),
        ("openai", {"credentials": {"apikey": "x", "api_key": "y"}}, "credentials.apikey", "did you mean api_key"),
        ("openai", {"credentials_secret": "corp"}, "credentials_secret", "must be a mapping"),
        ("openai", {"credentials_secret": {"keys": {}}}, "credentials_secret.name", "name of an object"),
        ("openai", {"credentials_secret": {"name": "c", "keys": "token"}}, "credentials_secret.keys", "mapping"),
        (
            "openai",
            {"credentials_secret": {"name": "c", "key": "token"}},
            "credentials_secret.key",
            "did you mean keys",
        ),
        (
            "openai",
            {"credentials_secret": {"name": "c", "keys": {"k": "t"}}},
            "credentials_secret.keys.k",
            "unknown field",
        ),
    ],
)
def test_a_source_that_cannot_work_is_reported(provider: str, entry: dict, path: str, message: str) -> None:
    problems = normalise(entry, provider)[1]
    assert list(problems) == [path]
    assert message in problems[path]


def test_a_secret_that_does_not_exist_is_reported() -> None:
    problems = normalise({"credentials_secret": {"name": "corp"}}, secrets={"corp": {"exists": False, "fields": []}})[1]
    assert list(problems) == ["credentials_secret.name"]


def test_a_secret_without_the_field_is_reported_with_those_that_it_has() -> None:
    problems = normalise(
        {"credentials_secret": {"name": "corp"}}, secrets={"corp": {"exists": True, "fields": ["token"]}}
    )[1]
    assert problems == {"credentials_secret.keys.api_key": "the Secret corp has no key api_key; it has: token"}


def test_a_secret_with_an_empty_field_is_reported() -> None:
    corp = {"exists": True, "fields": ["api_key"], "empty_fields": ["api_key"]}
    problems = normalise({"credentials_secret": {"name": "corp"}}, secrets={"corp": corp})[1]
    assert problems == {"credentials_secret.keys.api_key": "the key api_key of the Secret corp is empty"}


@pytest.mark.parametrize("secrets", [{}, {"other": {"exists": True}}, {"corp": {"exists": None}}])
def test_a_secret_of_which_nothing_is_known_is_not_checked(secrets: dict) -> None:
    assert not normalise({"credentials_secret": {"name": "corp"}}, secrets=secrets)[1]


def test_a_good_key_is_neither_problem_nor_warning() -> None:
    findings = checked({"api_key_env": "OPENAI_API_KEY"}, OPENAI_API_KEY=KEY)
    assert not findings.errors and not findings.warnings


def test_a_variable_that_is_not_set_is_named() -> None:
    problem = checked({"api_key_env": "OPENAI_API_KEY"}).errors[0]
    assert problem["path"] == "api_key_env"
    assert problem["message"].startswith("environment variable OPENAI_API_KEY is not set")


@pytest.mark.parametrize("name", ["AIzaSyA0123456789abcdef", "AKIAIOSFODNN7EXAMPLE", "abcdef0123456789"])
def test_a_key_in_the_place_of_a_variable_is_not_repeated(name: str) -> None:
    problem = checked({"api_key_env": name}).errors[0]
    assert "is not set" in problem["message"]
    assert name not in problem["message"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("changeme", "placeholder"),
        ("CHANGE_ME", "placeholder"),
        ("your-api-key", "placeholder"),
        ("sk-your-key-here", "placeholder"),
        ("<your key>", "placeholder"),
        ("sk-...", "placeholder"),
        ("sk-proj-abc...", "placeholder"),
        ("xxxxxxxx", "placeholder"),
        ("****", "placeholder"),
        ("sk-xxxxxxxx", "placeholder"),
        ("$OPENAI_API_KEY", "placeholder"),
        ("${OPENAI_API_KEY}", "placeholder"),
        ("insert-your-token-here", "placeholder"),
        ("TODO", "placeholder"),
        ("None", "placeholder"),
        ("api-key", "placeholder"),
        ("{{ vault_openai_key }}", "template"),
        (KEY + "\n", "newline"),
        (KEY + "\r\n", "newline"),
        (" " + KEY, "starts or ends with white space"),
        ("sk-proj 0123", "holds white space"),
        ("sk-prój-0123456789", "cannot be sent"),
        ("sk-proj-0123\x07", "cannot be sent"),
        ("0123456789", "digits"),
        ("1_000", "digits"),
        ("1e5", "digits"),
        ("nan", "digits"),
        ("True", "digits"),
    ],
)
def test_a_value_that_cannot_work_is_reported_and_never_repeated(value: str, message: str) -> None:
    problem = values.value_problem(value) or ""
    assert message in problem
    assert len(value.strip()) < 5 or value.strip() not in problem


@pytest.mark.parametrize(
    "value", [KEY, "AIzaSyA0123456789abcdef", "sk-ant-api03-xyz", "0123abc", "a.b.c", "sk-my0123", "tok-test-1"]
)
def test_a_value_that_may_work_is_accepted(value: str) -> None:
    assert values.value_problem(value) is None


def test_a_file_may_hold_white_space_and_end_with_a_newline() -> None:
    assert values.value_problem('{\n  "type": "service_account"\n}\n', is_file=True) is None
    assert values.value_problem("\n", is_file=True) == "is empty"


@pytest.mark.parametrize("is_file", [True, False])
def test_bytes_of_another_encoding_are_named_and_not_repeated(is_file: bool) -> None:
    """As the environment hands them over."""
    problem = values.value_problem(b'{"name": "J\xfcrgen"}'.decode("utf-8", "surrogateescape"), is_file)
    assert problem and problem.startswith("is not UTF-8 text") and "rgen" not in problem
    assert values.value_problem('{"name": "J\xfcrgen \U0001f680"}', is_file=True) is None


def test_a_foreign_shape_is_a_warning_that_repeats_nothing_of_the_key() -> None:
    findings = checked({"api_key": "AIzaSyA0123456789abcdef"})
    assert not findings.errors
    assert findings.warnings[0]["path"] == "api_key"
    assert '"sk-"' in findings.warnings[0]["message"]
    assert "AIza" not in findings.warnings[0]["message"]


def test_each_field_has_a_path_of_its_own() -> None:
    entry = {"credentials": {"access_key_id": "changeme", "secret_access_key": "0123"}}
    assert [problem["path"] for problem in checked(entry, "aws").errors] == [
        "credentials.access_key_id",
        "credentials.secret_access_key",
    ]


def test_values_of_our_own_secrets() -> None:
    entries: list[dict[str, Any]] = [
        {"name": "a", "api_key_env": "KEY_A"},
        {"name": "b", "api_key": KEY},
        {"name": "c", "credentials": {"access_key_id": "x", "secret_access_key": "y"}},
        {"name": "d", "credentials_env": {"access_key_id": "KEY_A", "secret_access_key": "MISSING"}},
        {"name": "e", "credentials_secret": {"name": "corp"}},
        {"name": "f", "api_key_env": "MISSING"},
        {"name": "g"},
    ]
    assert credentials.secret_data(entries, "llm", {"KEY_A": "value-a"}) == {
        "llm/a-credentials": {"api_key": "value-a"},
        "llm/b-credentials": {"api_key": KEY},
        "llm/c-credentials": {"access_key_id": "x", "secret_access_key": "y"},
        "llm/d-credentials": {"access_key_id": "value-a"},
    }
