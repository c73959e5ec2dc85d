# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules mask in the texts of others: the part that a plan keeps, and the part that a step adds."""

from __future__ import annotations

from typing import Any

from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base

KEY = "q7/Zt+u==R~k2w"
ENTRIES = [
    {"name": "a", "api_key_env": "UNIT_TEST_KEY"},
    {"name": "b", "credentials": {"user": "me", "password": "hunter22hunter22\n"}},
    {"name": "c", "credentials_secret": {"name": "corp"}},
    {"name": "d", "api_key": "ollama"},
    "text",
]


def masking(environment: dict[str, str], kept: tuple[str, ...] = (), **settings: Any) -> dict[str, list[str]]:
    held = base.held(base.RunInput(ENTRIES, settings, [], environment))
    checked = check.check(ENTRIES, settings, environment)
    plan = base.Plan("deploy", [], True, False, {}, checked.settings, masking=base.masked(checked, held.entries))
    assert KEY not in str(plan) and "hunter22" not in str(plan)
    return base.masking(plan, held, kept)


def test_what_the_run_holds() -> None:
    assert masking({})["values"] == ["hunter22hunter22"]
    found = masking({"UNIT_TEST_KEY": KEY}, ("old",), egress={"proxy": "http://u:pass%2Fword1@proxy.corp:3128"})
    assert found["values"] == [KEY, "hunter22hunter22", "pass%2Fword1", "pass/word1"]
    assert found["secrets"] == ["a-credentials", "b-credentials", "corp", "d-credentials", "old"]


def test_shapes_are_those_of_the_registry_and_of_the_users_providers() -> None:
    own = {"type": "remote::vllm", "credentials": {"api_key": {"env": "CORP_API_KEY", "pattern": "corp-[0-9a-f]{16}"}}}
    vague = {"type": "remote::vllm", "credentials": {"api_key": {"env": "X_API_KEY", "pattern": r"\S+"}}}
    patterns = masking({}, providers={"corp": own, "vague": vague})["patterns"]
    assert "corp-[0-9a-f]{16}" in patterns and r"\S+" not in patterns
    assert any(pattern.startswith("sk-ant-") for pattern in patterns)
