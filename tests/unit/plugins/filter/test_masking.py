# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.llamastack.maas.plugins.filter.masking import masking

KEY = "q7/Zt+u==R~k2w"
ENTRIES = [
    {"name": "a", "api_key_env": "UNIT_TEST_KEY"},
    {"name": "b", "credentials": {"user": "me", "password": "hunter22hunter22\n"}},
    {"name": "c", "credentials_secret": {"name": "corp"}},
    {"name": "d", "api_key": "ollama"},
    "text",
]


def test_what_the_run_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNIT_TEST_KEY", raising=False)
    assert masking(ENTRIES)["values"] == ["hunter22hunter22"]
    monkeypatch.setenv("UNIT_TEST_KEY", KEY)
    found = masking(ENTRIES, settings={"egress": {"proxy": "http://u:pass%2Fword1@proxy.corp:3128"}}, kept=["old"])
    assert found["values"] == [KEY, "hunter22hunter22", "pass%2Fword1", "pass/word1"]
    assert found["secrets"] == ["a-credentials", "b-credentials", "corp", "d-credentials", "old"]


def test_shapes_are_those_of_the_registry_and_of_the_users_providers() -> None:
    own = {"type": "remote::vllm", "credentials": {"api_key": {"env": "CORP_API_KEY", "pattern": "corp-[0-9a-f]{16}"}}}
    vague = {"type": "remote::vllm", "credentials": {"api_key": {"env": "X_API_KEY", "pattern": r"\S+"}}}
    patterns = masking([], settings={"providers": {"corp": own, "vague": vague}})["patterns"]
    assert "corp-[0-9a-f]{16}" in patterns and r"\S+" not in patterns
    assert any(pattern.startswith("sk-ant-") for pattern in patterns)


def test_bad_text_is_an_error_that_does_not_quote_it() -> None:
    with pytest.raises(AnsibleFilterError, match="llamastack.maas.masking: .*not valid YAML") as raised:
        masking(f"- api_key: '{KEY}")
    assert KEY not in str(raised.value)
