# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.stored import Stored

from .fake_litellm import deployment

OPS = [deployment("ops", member="b", number=2, order=2), deployment("ops", member="a", order=1)]
CONTEXT = {"context_window_fallbacks": [{"ops": ["b"]}]}
ROUTE = {"name": "ops", "order": ["a", "b"], "on_context": ["b"]}


def test_a_model_that_leads_where_the_list_says():
    stored = Stored([deployment("a", "openai/x")])
    assert stored.model({"name": "a", "model": "openai/x"}).state == "passed"
    assert stored.has("a") and not stored.has("b")


@pytest.mark.parametrize(
    "rows, told",
    [
        ([], "LiteLLM has no model of this name"),
        ([deployment("a", "openai/y")], "it leads to openai/y, not to openai/x"),
        (
            [deployment("a", "openai/x"), deployment("a", "openai/y", 2)],
            "2 deployments have this name: openai/x, openai/y",
        ),
    ],
)
def test_a_model_that_is_not_as_the_list_has_it(rows, told):
    found = Stored(rows).model({"name": "a", "model": "openai/x"})
    assert (found.state, found.detail) == ("failed", told) and found.remedy


def test_a_route_is_read_in_the_order_in_which_it_is_asked():
    found = Stored(OPS, CONTEXT).route(ROUTE)
    assert (found.state, found.detail) == ("passed", "a, then b; a context that is too long goes to b")


def test_a_route_with_one_model_has_no_other_way():
    private = {"name": "private", "order": ["a"]}
    row = deployment("private", member="a", order=1)
    assert Stored([row], {}).route(private).detail == "a only"
    for settings in ({"fallbacks": [{"private": ["b"]}]}, {"fallbacks": [{"*": ["b"]}]}, {"default_fallbacks": ["b"]}):
        found = Stored([row], settings).route(private)
        assert (found.state, found.detail) == ("failed", "after a failure LiteLLM also asks b")


@pytest.mark.parametrize(
    "rows, settings, told",
    [
        ([], CONTEXT, "LiteLLM has no route of this name"),
        (OPS[:1], CONTEXT, "its order is b, not a, b"),
        ([*OPS, deployment("ops", "openai/y", 3)], CONTEXT, "not of this route have its name: openai/y"),
        (OPS, {}, "on_context is none, not b"),
        (OPS, {"context_window_fallbacks": [{"ops": ["a"]}]}, "on_context is a, not b"),
    ],
)
def test_a_route_that_is_not_as_the_list_has_it(rows, settings, told):
    found = Stored(rows, settings).route(ROUTE)
    assert found.state == "failed" and told in found.detail and found.remedy


def test_what_could_not_be_read_is_unknown_and_never_absent():
    stored = Stored.unread("503")
    assert stored.model({"name": "a"}).state == stored.route(ROUTE).state == "skipped"
    assert stored.has("a")


def test_which_model_has_answered_for_a_route():
    stored = Stored([*OPS, deployment("a")])
    assert (stored.member("ops-1"), stored.member("a-1"), stored.member("gone")) == ("a", "a", "")
