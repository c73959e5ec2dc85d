# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.llamastack.maas.plugins.filter.report import FilterModule

report = FilterModule().filters()["report"]

CHECKS = [
    {
        "instance": "openai-prod",
        "namespace": "llm",
        "check": "chat",
        "state": "passed",
        "detail": "it answered",
        "remedy": "",
        "seconds": 0.5,
    }
]


@pytest.mark.parametrize(
    ("format_", "start"),
    [("table", "llm/openai-prod: 1 passed"), ("html", "<!doctype html>"), ("junit", "<?xml"), ("json", "{")],
)
def test_formats(format_, start):
    assert report(CHECKS, format_).startswith(start)


def test_what_is_known_of_the_run_stands_at_the_head():
    document = json.loads(report(CHECKS, "json", title="T", time="2026-11-21T15:00:00Z", about={"MaaS": "u"}))
    assert (document["title"], document["time"], document["about"]) == ("T", "2026-11-21T15:00:00Z", {"MaaS": "u"})


def test_an_unknown_format_is_refused_with_the_known_ones():
    with pytest.raises(AnsibleFilterError, match="'pdf'.*table, html, junit, json"):
        report(CHECKS, "pdf")
