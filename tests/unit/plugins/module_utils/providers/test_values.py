# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import secrets
import time

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.providers import values


@pytest.mark.parametrize(
    "text",
    """<your-key> <OPENAI_API_KEY> changeme CHANGE-ME change_this sk-... sk-proj-abc... sk-…abcd YOUR_API_KEY your-key
    yourkey my-api-key sk-your-key-here insert-your-token-here REPLACE_ME replace-with-your-key put-key-here TODO tbd fixme
    None null undefined dummy fake test example secret password key token api-key apikey xxx XXXXXXXX sk-xxxxxxxx **** ----
    sk-****abcd [REDACTED] sk-proj-REDACTED $OPENAI_API_KEY ${api_key} $(KEY) %OPENAI_API_KEY% YOUR_OPENAI_API_KEY
    placeholder-token your-deepseek-api-key sk-your-openrouter-key your_company_token my-company-key your-key-123
    changeme123 CHANGEME!1 placeholder1 PLACEHOLDER_KEY_2 paste-deepseek-key-here put-xai-key-here replace-me-later
    gsk_xxxxxxxxxxxx
    sk-ant-api03-xxxxxxxxxxxx AIzaSyXXXXXXXXXXXX hf_your_token nvapi-your-key sk-ant-api03-your-key-here xai-XXXX
    YOUR_TOGETHER_TOKEN_HERE my_fireworks_api_key enter-vllm-token-here deepseek-placeholder replace_this_12
    placeholder42 sk-or-v1-xxxxxxxx xxxx-xxxx-xxxx ab**** sk-...abcd
    insert_perplexity_credentials sk-or-v1-your-key""".split(),
)
def test_what_stands_for_a_key_is_a_placeholder(text: str) -> None:
    assert values.is_placeholder(text)
    assert values.problem(text) == "is a placeholder, not a credential"


@pytest.mark.parametrize(
    "text",
    """corp-key-8f3a91 my-team-key-9a8b7c sk-test-51Hx0aT key1 xxx-9f8e7d-xxx token-for-team-7 your.name@example.com-4Zq9
    replaceme-2f7c insert-4a2b-key changeme-a81d sk-or-v1-0a9f AIzaTESTkey0123 none-of-9your-business
    k3y todoist-4f2a secretive-lemur examples3 a=b+c/d== $ecr3t-9 nulls-5e
    EMPTY empty dev-token prod-key maas-token maas-demo-key llm-secret sk-test test-token-for-llm ab***cd k...9
    demo-key test_key team-secret vllm-key local-token not-needed token-abc123 ollama sk-local
    lm-studio dev_api_key openai-test-key
    myteam yourself-7a meta-key placement-key exchange-me8f sk-1234 no-key""".split(),
)
def test_a_key_that_only_contains_such_words_is_none(text: str) -> None:
    assert not values.is_placeholder(text)
    assert values.problem(text) is None


def test_keys_drawn_at_random_are_none() -> None:
    for size in (8, 16, 32):
        for __ in range(200):
            key = f"x{secrets.token_urlsafe(size)}7"
            assert values.problem(key) is None, key


def test_it_takes_no_time_however_long_the_text_is() -> None:
    start = time.process_time()
    for text in (
        "x" * 20_000 + "9",
        "key" * 7_000 + "9",
        "-" * 20_000 + "9",
        "your-" * 5_000 + "9",
        "x-" * 9_000 + "9",
        "ab-" * 32 + "9a",
        "put-" * 24 + "9a",
        "your-" * 19 + "9a",
        "xxx" * 9_000 + "9",
        "xxx-" * 9_000 + "9",
        "api0-" * 6000 + "9",
    ):
        assert not values.is_placeholder(text)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x-api-key: abc123", "name of an HTTP header"),
        ("Bearer\tabc123", "word Bearer"),
        ("`abc123`", "in quotes"),
        ("\n", "is empty"),
    ],
)
def test_what_was_copied_with_it_is_named(text: str, message: str) -> None:
    assert message in str(values.problem(text))


def test_a_file_may_hold_white_space_and_quotes() -> None:
    assert values.problem('{"type": "service_account"}\n', is_file=True) is None
    assert values.problem("<key>", is_file=True) == "is a placeholder, not a credential"
