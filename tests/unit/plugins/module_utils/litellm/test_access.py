# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.access import Known, Lists, known, refusal

MODEL = Known("openai-prod/gpt-4o", ["openai/gpt-4o"], ["big"])


def key(*models, team=None, user=None):
    return {"key_alias": "notebook", "models": list(models), "team_id": team, "user_id": user}


def of(*models):
    return {"models": list(models)}


@pytest.mark.parametrize(
    "lists",
    [
        Lists(key()),
        Lists(key("openai-prod/gpt-4o")),
        Lists(key("all-proxy-models")),
        Lists(key("openai-prod/*")),
        Lists(key("big")),
        Lists(key("openai-prod/gpt-4o", team="t"), of("openai-prod/gpt-4o")),
        Lists(key("all-team-models", team="t"), of("openai-prod/gpt-4o")),
        Lists(key(team="t"), of()),
        # With a team, the user's list does not count.
        Lists(key(team="t", user="u"), of(), of("no-default-models")),
        Lists(key(user="u"), None, of()),
        # Without a team, the word for its models allows everything.
        Lists(key("all-team-models")),
        # A user that LiteLLM does not know limits nothing.
        Lists(key(user="u")),
    ],
)
def test_what_all_lists_allow_is_allowed(lists):
    assert refusal(MODEL, lists) is None


@pytest.mark.parametrize(
    "lists, cause, shown",
    [
        (Lists(key("other")), "the list of the key", "models of key notebook: other"),
        (Lists(key("no-default-models")), "the list of the key", "no-default-models"),
        (Lists(key("openai/gpt-4o")), "the key names the model as its provider does", "is openai-prod/gpt-4o"),
        (Lists(key("openai-prod/gpt-4?")), "the list of the key", "gpt-4?"),
        (Lists(key(team="t"), of("other")), "the list of the team", "models of team t: other"),
        (Lists(key("all-team-models", team="t"), of("no-default-models")), "the list of the team", "no-default"),
        (Lists(key(team="t")), "the key belongs to a team that does not exist", "t"),
        (Lists(key(user="u"), None, of("no-default-models")), "the user may call models through a team", "Personal"),
        # As if the name were not there.
        (
            Lists(key(user="u"), None, of("no-default-models", "openai-prod/gpt-4o")),
            "the user may call models through a team",
            "Personal Models",
        ),
        (Lists(key(user="u"), None, of("other")), "the list of the user", "models of user u: other"),
        # Both refuse: the first that LiteLLM looks at is named.
        (Lists(key("other", team="t"), of("other")), "the list of the key", "key notebook"),
    ],
)
def test_the_list_that_refuses_is_named(lists, cause, shown):
    found = refusal(MODEL, lists)
    assert found.cause.startswith(cause) and shown in found.evidence and found.remedy


def test_models_are_known_by_their_public_names():
    rows = [
        {"model_name": "a", "litellm_params": {"model": "openai/x"}, "model_info": {"access_groups": ["big"]}},
        {"model_name": "a", "litellm_params": {"model": "openai/y"}, "model_info": {}},
    ]
    assert known(rows) == {"a": Known("a", ["openai/x", "openai/y"], {"big"})}
