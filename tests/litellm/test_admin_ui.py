# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What administrators see of our content: LiteLLM's own pages in a browser."""

from __future__ import annotations

import pytest
from real_litellm.admin_pages import PICTURES, admin_pages, program

MODEL, ALIAS, TEAM = "admin-ui/gpt-4o-mini", "admin-ui-notebook", "admin-ui-team"


@pytest.fixture(autouse=True)
def needs_a_browser() -> None:
    if program() is None:
        pytest.skip("this machine has no Chromium or a browser made of it, in which LiteLLM's pages could be looked at")


def test_models_and_keys_are_on_the_pages(litellm):
    params = {"model": "openai/gpt-4o-mini", "api_key": "sk-of-nobody"}
    for path, body in (
        ("/model/new", {"model_name": MODEL, "litellm_params": params}),
        ("/team/new", {"team_id": TEAM, "team_alias": TEAM}),
        ("/key/generate", {"key_alias": ALIAS, "team_id": TEAM, "models": [MODEL], "max_budget": 5}),
    ):
        status, answer = litellm.call("POST", path, body)
        assert status == 200, answer
    value = answer["key"]
    with admin_pages(litellm.url) as pages:
        pages.log_in("admin", litellm.key)
        assert MODEL in pages.models(MODEL)
        keys = pages.keys(ALIAS)
    assert TEAM in keys and "of $5" in keys and MODEL in keys
    assert value not in keys
    assert {file.name for file in PICTURES.glob("*.png")} >= {"models.png", "keys.png"}


def test_another_password_does_not_open_them(litellm):
    with admin_pages(litellm.url) as pages, pytest.raises(TimeoutError, match="the log-in was not taken"):
        pages.log_in("admin", "sk-of-nobody")
