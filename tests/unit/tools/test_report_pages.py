# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of which there are pictures are pages that people get."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from tools.report_pages import PAGES


def test_each_report_is_shown_with_few_and_with_many_instances():
    assert set(PAGES) == {"validation-3", "validation-100", "status-3", "status-100"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_card_for_each_instance_and_its_links_lead_somewhere(name):
    root = ElementTree.fromstring(PAGES[name].removeprefix("<!doctype html>"))
    cards = [each for each in root.iter("details") if each.get("class").startswith("card ")]
    assert len(cards) == int(name.partition("-")[2])
    assert {"card failed", "card passed"} <= {each.get("class") for each in cards}
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    links = {each.get("href") for each in root.iter("a")}
    assert links and links <= {f"#{each}" for each in ids}
    assert (root.find(".//rect[@class='begin']") is not None) is name.startswith("validation")
