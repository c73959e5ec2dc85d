# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import FAILURE_TLS, Answer
from ansible_collections.llamastack.maas.plugins.module_utils.providers import key_check
from ansible_collections.llamastack.maas.plugins.module_utils.providers.key_check import (
    ACCEPTED,
    UNDECIDED,
    REFUSED,
    UNKNOWN,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import registry as provider_registry

REGISTRY, _findings = provider_registry.load()
KEY = {"api_key": "k"}


@pytest.mark.parametrize(
    ("provider", "settings", "url", "headers"),
    [
        (
            "anthropic",
            {},
            "https://api.anthropic.com/v1/models",
            {"x-api-key": "k", "anthropic-version": "2023-06-01"},
        ),
        (
            "gemini",
            {},
            "https://generativelanguage.googleapis.com/v1beta/openai/models",
            {"Authorization": "Bearer k"},
        ),
        (
            "openai",
            {"base_url": "https://eu.api.openai.com/v1/"},
            "https://eu.api.openai.com/v1/models",
            {"Authorization": "Bearer k"},
        ),
    ],
)
def test_where_the_providers_list_their_models(provider, settings, url, headers) -> None:
    check = key_check.check_of(REGISTRY[provider], settings)
    assert check["url"] == url
    assert key_check.headers_of(check, KEY) == headers


def test_without_a_key_no_header_pretends_to_hold_one() -> None:
    check = key_check.check_of(REGISTRY["openai_compatible"], {"base_url": "http://vllm:8000/v1"})
    assert check["url"] == "http://vllm:8000/v1/models"
    assert key_check.headers_of(check, {}) == {}


def test_a_provider_whose_entry_says_nothing_is_not_asked() -> None:
    registry, findings = provider_registry.load({"openai": {"check": None}})
    assert not findings.errors
    assert key_check.check_of(registry["openai"], {}) is None


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ({"url": None}, "needs url"),
        ({"url": "{host}/models"}, "host is no setting"),
        ({"url": "https://x/models", "headers": {"X": "{token}"}}, "token is no credential"),
        ({"url": "https://x/models", "headers": {"X": 1}}, "must be text"),
        ({"url": "https://x/models", "header": {}}, "unknown key"),
    ],
)
def test_an_entry_that_cannot_work_is_refused(check, words) -> None:
    _registry, findings = provider_registry.load({"openai": {"check": check}})
    assert any(words in problem["message"] for problem in findings.errors), findings.errors


def answer(status, body=None, **more):
    return Answer("GET", "https://p/models", status, body=json.dumps(body or {}).encode(), **more)


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (answer(200), ACCEPTED),
        (answer(401, {"error": {"message": "Incorrect API key provided: k3y"}}), REFUSED),
        (answer(400, [{"error": {"message": "API key not valid. Please pass a valid API key."}}]), REFUSED),
        (answer(400, {"error": {"message": "Bad page size"}}), UNKNOWN),
        (answer(403, {"error": {"message": "Missing scopes: api.model.read"}}), REFUSED),
        (answer(402, {"error": {"message": "Insufficient Balance"}}), REFUSED),
        (answer(401, {"error": {"message": "You must be a member of an organization to use the API."}}), REFUSED),
        (answer(400, [{"error": {"message": "User location is not supported for the API use."}}]), REFUSED),
        (answer(200, {"error": {"message": "invalid api key", "code": 401}}), REFUSED),
        (answer(404), UNKNOWN),
        (answer(405), UNKNOWN),
        (answer(501), UNKNOWN),
        (answer(429), UNKNOWN),
        (answer(503), UNKNOWN),
        (answer(0, failure=FAILURE_TLS, message="self-signed certificate"), UNKNOWN),
    ],
)
def test_what_an_answer_means(given, state) -> None:
    verdict = key_check.judge(given)
    assert verdict.state == state
    assert "k3y" not in verdict.reason
    assert bool(verdict.remedy) == (state != ACCEPTED)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (answer(402, {"error": {"message": "x"}}), "no credit"),
        (answer(403, {"error": {"message": "This service is not available in your country."}}), "from this place"),
        (answer(404), "no list of models at this path"),
        (answer(200, {"error": {"message": "Insufficient credits", "code": 402}}), "no credit"),
    ],
)
def test_what_is_wrong_besides_the_key_is_named(given, told) -> None:
    assert told in key_check.judge(given).reason


def test_a_remedy_can_help() -> None:
    """Where the provider answers, whether this machine reaches it is not the question."""
    assert "reach" not in key_check.judge(answer(404)).remedy
    assert "llamastack_maas_rotate_check=false" in key_check.judge(answer(404)).remedy


ACCEPTANCE = key_check.judge(answer(200))


@pytest.mark.parametrize(
    ("without_key", "state"),
    [
        (answer(200, {"data": []}), UNDECIDED),
        (answer(401), ACCEPTED),
        (answer(403, {"error": {"message": "Forbidden"}}), ACCEPTED),
        (answer(400, {"error": {"message": "API key not valid"}}), ACCEPTED),
        (answer(200, {"error": {"message": "Invalid API key"}}), ACCEPTED),
        (answer(429), UNDECIDED),
        (answer(502), UNDECIDED),
        (answer(0, failure="timeout", message="timed out"), UNDECIDED),
    ],
)
def test_a_list_that_anybody_gets_says_nothing_of_a_key(without_key, state) -> None:
    verdict = key_check.compare(ACCEPTANCE, without_key)
    assert verdict.state == state
    assert ("cannot be seen" in verdict.reason) == (state == UNDECIDED)


def test_a_refusal_stays_one_and_says_what_it_is_about() -> None:
    refusal = key_check.judge(answer(401, {"error": {"message": "Incorrect API key provided"}}))
    assert key_check.compare(refusal, answer(200)) == refusal
    assert refusal.cause == "key_refused"
    assert key_check.judge(answer(403, {"error": {"message": "Missing scopes: api.model.read"}})).cause != "key_refused"
