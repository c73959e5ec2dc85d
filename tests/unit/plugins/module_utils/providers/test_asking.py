# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Response
from ansible_collections.llamastack.maas.plugins.module_utils.providers.key_check import NO_KEY, ask

CHECK = {"url": "https://p.example/v1/models", "headers": {"Authorization": "Bearer {api_key}"}}


class Provider:
    """Lists to those whom C(admits) names, C(None) for anybody."""

    def __init__(self, admits):
        self.admits, self.seen = admits, []

    def __call__(self, method, url, headers, body, timeout):
        key = headers.get("Authorization", "").removeprefix("Bearer ")
        self.seen.append(key)
        good = self.admits is None or key in self.admits
        return (
            Response(200, {}, b'{"data": []}') if good else Response(401, {}, b'{"error": {"message": "Invalid key"}}')
        )


@pytest.mark.parametrize(
    ("admits", "state", "asked"),
    [
        (["good"], "accepted", ["good", NO_KEY]),
        (["other"], "refused", ["good"]),
        (None, "undecided", ["good", NO_KEY]),
    ],
)
def test_a_key_is_good_only_where_another_is_not(admits, state, asked):
    provider = Provider(admits)
    verdict = ask(provider, {"provider": "p", "key_check": CHECK}, {"api_key": "good"}, 5)
    assert (verdict.state, provider.seen) == (state, asked)
    assert verdict.cause == ("key_refused" if state == "refused" else "")


def test_where_no_key_is_used_there_is_nothing_to_compare():
    provider = Provider(None)
    assert ask(provider, {"provider": "p", "key_check": CHECK}, {}, 5).state == "accepted"
    assert provider.seen == [""]
