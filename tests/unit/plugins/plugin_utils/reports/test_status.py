# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports.status import as_text

GEM = {
    "in_list": True,
    "state": "ready",
    "reason": "",
    "since": "2026-11-21T15:10:00Z",
    "replicas": {"ready": 1, "wanted": 2},
    "restarts": 3,
    "url": "https://maas.example.com/llm/gem",
    "ids": ["publishers/llm/models/gem"],
    "ids_note": "",
    "registered": [
        {
            "what": "MaaSSubscription platform/llm-gem",
            "phase": "Active",
            "admits": "group data-science",
            "limits": [{"limit": 50000, "window": "1m"}],
        }
    ],
    "credential": {"source": "variable KEY", "secret": "gem-credentials", "written": "then", "age": 7300.0, "note": ""},
    "image": "a:1",
    "config_revision": "abc",
    "drift": {"missing": [], "changed": [], "extra": []},
}
GONE = {
    **GEM,
    "in_list": False,
    "state": "failed",
    "reason": "LLMInferenceService: Stopped <by hand>",
    "ids": None,
    "ids_note": "there is no token",
    "drift": {"missing": [], "changed": [], "extra": ["ConfigMap llm/gone-config"]},
}


def test_the_table_has_a_line_for_each_and_the_rest_below_it():
    lines = as_text({"gem": GEM, "gone": GONE}, "table").splitlines()
    assert lines[0] == "INSTANCE  STATE   PODS  RESTARTS  KEY  LIST AND CLUSTER"
    assert lines[1] == "gem       ready   1/2   3         2 h  agree"
    assert "  registered MaaSSubscription platform/llm-gem Active; group data-science; 50000 tokens in 1m" in lines
    assert "  listed     publishers/llm/models/gem" in lines
    assert "gone      failed  1/2   3         2 h  not in the list" in lines
    assert "  extra      ConfigMap llm/gone-config" in lines and "  listed     there is no token" in lines
    assert lines[-1] == "2 instances: 1 ready, 1 failed"


def test_data_is_what_was_given():
    assert json.loads(as_text({"gem": GEM}, "json")) == {"gem": GEM}
    assert yaml.safe_load(as_text({"gem": GEM}, "yaml")) == {"gem": GEM}


def test_the_page_shows_what_is_wrong_and_quotes_it():
    page = as_text({"gem": GEM, "gone": GONE}, "html", about={"Cluster": "a & b"})
    root = ElementTree.fromstring(page.removeprefix("<!doctype html>"))
    cards = [each for each in root.iter("details") if each.get("class").startswith("card")]
    assert [(each.get("class"), each.get("open"), each.find("summary/h3/span[2]").text) for each in cards] == [
        ("card failed", "open", "gone"),
        ("card passed", None, "gem"),
    ]
    assert "Stopped &lt;by hand&gt;" in page and "a &amp; b" in page


@pytest.mark.parametrize(
    ("changes", "verb"),
    [
        ({"state": "failed", "reason": "it crashes"}, "diagnose"),
        ({"drift": {"missing": [], "changed": ["ConfigMap llm/gem-config: data"], "extra": []}}, "deploy,"),
        ({"drift": {"missing": ["ConfigMap llm/gem-config"], "changed": [], "extra": []}}, "deploy,"),
        ({"in_list": False, "drift": GONE["drift"]}, "llamastack_maas_prune=true"),
        ({"state": "waiting", "reason": "it starts"}, None),
        ({}, None),
    ],
)
def test_the_page_says_what_to_do_about_an_instance(changes, verb):
    root = ElementTree.fromstring(as_text({"gem": {**GEM, **changes}}, "html").removeprefix("<!doctype html>"))
    remedy = root.find(".//p[@class='remedy']")
    assert remedy is None if verb is None else verb in remedy.find("b").tail


def test_without_an_instance():
    assert as_text({}, "table").endswith("0 instances\n")
