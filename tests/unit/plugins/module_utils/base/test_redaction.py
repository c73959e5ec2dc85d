# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import html
import json
import time
from urllib.parse import quote, quote_plus, urlencode

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import (
    MASK,
    can_be_hidden,
    hide,
    hide_shapes,
    is_telling,
    parts,
    redact,
    without_known,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import registry as provider_registry

# In no provider's shape, and with what base64 and URLs have to spell otherwise.
KEY = "q7/Zt+u==R~k2%41v&W"
LONG = "corp/9f+Kq2Lx==7Tb-Vw0Yp"


@pytest.mark.parametrize(
    "text",
    [
        "key sk-proj-abcdef0123456789 was refused",
        "Incorrect API key provided: sk-proj-****9999.",
        "Illegal header value b'Bearer abcdef0123456789\\n'",
        "AIzaSyA1234567890abcdef",
        "AQ.Ab81234567890abcdef",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
        "sha256~abcdef0123456789",
        "API key provided: abcdef0123456789",
        "Invalid API Key: corp-abcdef0123456789",
        '{"error": "bad token", "api_key": "abcdef0123456789"}',
        "key corp-ab*****9999 is unknown",
        "Proxy-Authorization: Basic YWJjZGVmMDEyMzQ1Njc4OTpwdw==",
        "cannot connect to http://user:abcdef0123456789@proxy.corp:3128",
    ],
)
def test_what_looks_like_a_credential_is_masked(text):
    masked = redact(text)
    assert MASK in masked
    assert not any(part in masked for part in ("abcdef0123456789", "9999", "1234567890abcdef", "c2lnbmF0dXJl"))
    assert "YWJj" not in masked
    assert redact(masked) == masked


def base64_of(text, before="", after=""):
    return base64.b64encode(f"{before}{text}{after}".encode()).decode()


SPELLINGS = {
    "plain": str,
    "in a sentence": lambda key: f"Invalid API Key: {key}.",
    "in a password": lambda key: f"http://someone:{key}@proxy",
    "quoted": quote,
    "quoted, small letters": lambda key: quote(key, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
    "quoted, all of it": lambda key: quote(key, safe=""),
    "quoted plus": quote_plus,
    "a query": lambda key: urlencode({"key": key, "x": "1"}),
    "quoted twice": lambda key: quote(quote(key, safe=""), safe=""),
    "JSON": json.dumps,
    "JSON of JavaScript": lambda key: json.dumps(key).replace("/", "\\/"),
    "JSON of Go and Java": lambda key: json.dumps(key).replace("&", "\\u0026").replace("=", "\\u003D"),
    "JSON in JSON": lambda key: json.dumps(json.dumps({"key": key}).replace("/", "\\/")),
    "a header's error": lambda key: f"Invalid header value {f'Bearer {key}'.encode()!r}",
    "HTML": lambda key: html.escape(f"<{key}>"),
    "HTML by numbers": lambda key: "".join(f"&#{ord(char)};" for char in key),
    "base64": base64_of,
    "base64 without padding": lambda key: base64_of(key).rstrip("="),
    "base64 for URLs": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
    "base64, quoted": lambda key: quote(base64_of(key), safe=""),
    "Basic": lambda key: f"Authorization: Basic {base64_of(key, ':')}",
    **{
        f"base64, {before} before and {after} after": lambda key, b=before, a=after: base64_of(key, "u" * b, "v" * a)
        for before in range(4)
        for after in range(4)
    },
    "URL base64 in a document": lambda key: base64.urlsafe_b64encode(f'{{"k":"{key}"}}'.encode()).decode().rstrip("="),
}


@pytest.mark.parametrize("key", [KEY, LONG, "ab+/ab+/ab+/", "päß/wörd=+", "pa ss'wo\"rd\\1/+="])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_known_credential_is_masked_in_every_spelling(spelling, key, forget):
    hide([key])
    said = SPELLINGS[spelling](key)
    shown = without_known(f"before 12 {said} after 34")
    assert MASK in shown and shown.startswith("before 12 ") and shown.endswith(" after 34")
    # What is left of base64 comes of what stood beside the key, and is the same for another one of its length.
    forget()
    other = key[::-1]
    hide([other])
    assert shown == without_known(f"before 12 {SPELLINGS[spelling](other)} after 34")


def test_the_ends_of_a_known_credential_are_masked_where_its_middle_was_left_out():
    hide([LONG])
    for said in (
        "corp/9f***Yp",
        "corp/9f...",
        "…w0Yp",
        "(corp/9f+••••••••Vw0Yp)",
        "cor......Yp.",
        "corp/9f+KxxxxxxxxxxVw0Yp",
    ):
        shown = redact(f"key {said} is wrong")
        assert MASK in shown and "corp/" not in shown and "0Yp" not in shown and "Yp." not in shown, shown
        assert shown.endswith("is wrong")


@pytest.mark.parametrize("key", ["corp/9Xk+2Lq7Zt==Vw0Yp8Rb=", "tk_live-4Hq9vB2mXe7s", "9f8e7d6c5b4a39281706"])
def test_a_part_of_a_known_credential_is_masked_however_it_was_cut(key):
    hide([key])
    for part in (key[:10], key[3:13], key[-10:], key[:-1], key[:-3], key[1:], key.translate(str.maketrans("+/", "-_"))):
        for said in (
            "{}[redacted]",
            "{}<redacted>",
            "[cut]{}",
            "{}(hidden)",
            "{}[...]",
            "{}___",
            "{}*",
            "{}~",
            "starting with {}",
            "'{}' (shortened)",
            "key={}&x=1",
        ):
            for spelled in (part, quote(part, safe=""), json.dumps(part)[1:-1].replace("/", "\\/"), html.escape(part)):
                shown = redact(f"Wrong: {said.format(spelled)}, he said")
                assert MASK in shown and part[:6] not in shown and part[-6:] not in shown, shown
                assert shown.startswith("Wrong: ") and shown.endswith(" he said")


def test_a_part_of_it_in_base64_is_masked():
    hide([LONG])
    assert redact(f"Basic realm {base64_of(LONG)[:16]}[cut]") == f"Basic realm {MASK}[cut]"


@pytest.mark.parametrize("cut", ["[redacted]", "<hidden>", "(masked)", "[...]", "[***]", "___", "*", "{REMOVED}"])
def test_short_ends_are_masked_beside_any_mark(cut):
    hide([LONG])
    assert redact(f"the key corp/{cut} is wrong") == f"the key {MASK} is wrong"
    assert redact(f"the key {cut}w0Yp is wrong") == f"the key {MASK} is wrong"


@pytest.mark.parametrize(
    "text",
    [
        "LLMInferenceService openai-prod serves openai-prod-credentials",
        "model gpt-4o-mini of https://openai-prod.example.com/v1/chat/completions",
        "service_account of the namespace llamastack in inference",
        "2026-11-30T20:46:20Z took 12345678 ms",
    ],
)
def test_words_that_a_credential_is_made_of_stay(text):
    hide(["openai-prod-service_account-9f8e7d6c", "inference-namespace-Password-x9", "completions-9aF+"])
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Bearer token is missing",
        "no Bearer credentials in request",
        'www-authenticate: Bearer realm="maas", error="invalid_token"',
        "Bearer error=invalid_token",
        "expected Bearer authentication, found none",
        "Bearer: not given. Bearer <token> is needed",
        "needs a Bearer token.",
    ],
)
def test_words_after_bearer_stay(text):
    assert redact(text) == text


@pytest.mark.parametrize("token", ["a1", "abcdefghijklmnopqrstuvwxyz", "ab_c9", "YWJjZGVm=", "x.y.z"])
def test_a_token_after_bearer_does_not(token):
    assert redact(f"'Authorization: Bearer {token}'") == f"'Authorization: Bearer {MASK}'"


def test_an_ellipsis_is_no_credential():
    hide([LONG])
    for text in ("waiting ... 3 of 4", "see above...", "*** done ***", "and so on… then"):
        assert redact(text) == text


@pytest.mark.parametrize(
    "value", ["test", "ollama", "EMPTY", "password", "kubernetes", "12345678", "gpt-4o", "", "llm"]
)
def test_a_value_that_is_part_of_ordinary_text_is_masked_where_it_is_called_a_key_only(value):
    assert not can_be_hidden(value)
    hide([value])
    text = "a test of the ollama model gpt-4o: password 12345678 of kubernetes in llm is EMPTY"
    assert redact(text) == text
    if value:
        assert redact(f"Invalid API key: {value}") == f"Invalid API key: {MASK}"
        assert redact(f"Invalid API key: {value}2") != f"Invalid API key: {MASK}2"


@pytest.mark.parametrize("value", ["sk-12345", "hunter22", "Passwords", "corp-1234567890abcdef", "aaaaaaaaaaaaaaaa"])
def test_what_is_long_enough_is_masked(value):
    assert can_be_hidden(value)
    hide([value])
    assert redact(f"so {value} it is") == f"so {MASK} it is"


def test_a_line_break_at_the_end_is_no_part_of_the_credential():
    hide([f"{LONG}\n"])
    assert redact(f"it was {LONG}") == f"it was {MASK}"


def test_of_a_file_its_secrets_are_masked():
    lines = ["MIIEvQIBADANBgkqhkiG9w0BAQEF", "AASCBKcwggSjAgEAAoIBAQC7VJTU"]
    key = "\n".join(["-----BEGIN PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----", ""])
    account = {
        "type": "service_account",
        "project_id": "my-project-1",
        "private_key": key,
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    hide([json.dumps(account, indent=2)])
    text = f"my-project-1 at https://oauth2.googleapis.com/token -----BEGIN PRIVATE KEY----- {lines[0]}\\n{lines[1]}"
    shown = redact(text)
    assert shown == text.replace(lines[0], MASK).replace(lines[1], MASK)
    assert set(lines) < set(parts(key)) and not any(part.startswith("-----END") for part in parts(key))


def test_every_shape_of_the_registry_is_known():
    registry, _findings = provider_registry.load()
    examples = {"anthropic": "sk-ant-" + "a1" * 10, "gemini": "AQ." + "b2" * 10, "openai": "sk-proj-" + "c3" * 10}
    patterns = [
        spec["pattern"] for entry in registry.values() for spec in entry["credentials"].values() if "pattern" in spec
    ]
    assert len(patterns) == len(examples) and all(map(is_telling, patterns))
    for example in examples.values():
        assert redact(f"the key {example}, he said") == f"the key {MASK}, he said"


@pytest.mark.parametrize(
    ("pattern", "key"),
    [
        ("corp-[0-9a-f]{16}", "corp-1234567890abcdef"),
        ("^(gsk|xai)_[A-Za-z0-9]{8,}$", "gsk_a1b2c3d4e5"),
        ("(?i)CORP[0-9]{8}", "corp12345678"),
        ("corp-.+", "corp-12345678"),
    ],
)
def test_shapes_of_further_providers(pattern, key):
    hide_shapes([pattern])
    assert redact(f"no such key {key} here, '{key}'") == f"no such key {MASK} here, '{MASK}'"


@pytest.mark.parametrize("pattern", [".+", r"\S{8,}", "[A-Za-z0-9_-]+", "", "[a-z-]{6,}", "(unclosed", "[0-9a-f-]{36}"])
def test_a_shape_that_ordinary_text_has_is_not_used(pattern):
    assert not is_telling(pattern)
    hide_shapes([pattern])
    text = "LLMInferenceService openai-prod is Unauthorized"
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        'pods "gem-kserve-54784dbcb9" is forbidden: exceeded quota: small (task-runner, risk-free)',
        'MountVolume.SetUp failed for volume "x" : references non-existent secret key: openai_key2.pem',
        "couldn't find key api_key in Secret llm/openai-prod-credentials-2",
        "the token: https://maas1.apps.example.com/v1/models answered 401",
        "Basic authentication is needed",
        "https://maas.example.com:8443/llm/gem@v1",
        "limit of tokens: 160000",
    ],
)
def test_ordinary_text_stays(text):
    hide([KEY, LONG])
    assert redact(text) == text


def test_much_text_and_many_credentials_take_no_time():
    hide(f"corp/{number:04}+Kq2Lx==7Tb-Vw0Yp" for number in range(300))
    text = '{"data":"' + "Ab3/+" * 20_000 + '"}'
    before = time.monotonic()
    assert redact(text) == text
    assert time.monotonic() - before < 2
