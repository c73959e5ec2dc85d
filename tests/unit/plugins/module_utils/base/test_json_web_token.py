# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.json_web_token import claims, subject


@pytest.mark.parametrize(
    ("said", "user"),
    [({"sub": "alice", "aud": ["x"]}, "alice"), ({"sub": 7}, None), ({}, None), (["list"], None)],
)
def test_who_a_token_says_it_is(jwt, said, user):
    assert subject(jwt(said)) == user


def test_what_else_it_says(jwt):
    assert claims(jwt({"aud": ["x"]})) == {"aud": ["x"]}


@pytest.mark.parametrize("token", ["sha256~opaque", "a.b.c", "a.ÿ.c", "a.e30", ""])
def test_an_opaque_token_says_nothing(token):
    assert claims(token) == {}
    assert subject(token) is None
