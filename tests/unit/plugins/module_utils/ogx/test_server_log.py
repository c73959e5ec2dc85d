# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

from ansible_collections.llamastack.maas.plugins.module_utils.ogx.server_log import telling_lines


def test_a_traceback_shrinks_to_its_last_line():
    log = [
        "Traceback (most recent call last):",
        '  File "a.py", line 1, in f',
        "    g()",
        "openai.AuthenticationError: no",
    ]
    assert telling_lines(log, 20) == ["openai.AuthenticationError: no"]


def test_a_json_line_shrinks_to_what_it_tells():
    entry = {
        "category": "x",
        "provider_id": "gem",
        "error": "Connection error.",
        "event": "Model refresh failed",
        "level": "warning",
    }
    assert telling_lines([json.dumps(entry)], 20) == ["warning: gem: Model refresh failed: Connection error."]


def test_an_exception_in_a_json_line_is_told():
    entry = {
        "event": "Exception in ASGI application\n",
        "exc_info": ["<class 'X'>", "X('why')", "<traceback>"],
        "level": "error",
    }
    assert telling_lines([json.dumps(entry)], 20) == ["error: Exception in ASGI application: X('why')"]


def test_an_event_that_is_a_whole_file_is_cut():
    assert telling_lines([json.dumps({"event": "Stack Configuration:\nversion: 2\n"})], 20) == [
        "info: Stack Configuration:"
    ]


def test_repetitions_and_empty_lines_are_left_out_and_the_last_lines_stay():
    assert telling_lines(["a", "a", "", "b", "c"], 2) == ["b", "c"]


def test_a_line_that_only_looks_like_json_stays():
    assert telling_lines(["{not json"], 20) == ["{not json"]
