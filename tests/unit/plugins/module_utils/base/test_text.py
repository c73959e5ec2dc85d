# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base import text as terminal


def marked(line):
    return terminal.painted(line, lambda text, tone: f"<{tone}:{text}>")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("openai  proven  nothing", "openai  <good:proven>  nothing"),
        ("a  not entitled  nothing", "a  <open:not entitled>  nothing"),
        ("  FAILED   chat: it failed", "  <bad:FAILED>   chat: it failed"),
        ("  passed   chat, skipped", "  <good:passed>   chat, skipped"),
        ("the check failed  twice", "the check failed  twice"),
        ("llm/a: 3 passed, 0 failed, 1 skipped", "llm/a: <good:3 passed>, 0 failed, <left out:1 skipped>"),
        ("2 failed calls", "2 failed calls"),
        ("", ""),
    ],
)
def test_states_have_a_colour_where_they_are_columns_or_counted(line, shown):
    assert marked(line) == shown


def test_texts_of_others_cannot_steer_the_terminal():
    assert marked("  passed   \x1b[2Jcleared\r\x07") == "  <good:passed>    [2Jcleared  "


def test_long_words_stay_whole_to_be_copied():
    url = "https://" + "x" * 120
    assert terminal.wrapped("  URL  ", f"{url} and more", 7) == [f"  URL  {url}", "       and more"]
