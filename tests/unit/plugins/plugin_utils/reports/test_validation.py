# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import validation

NASTY = "<script>alert(\"1\")</script> & 'x' \x1b[31m\x00 ]]> {{ braces }} {0}"


def check(name, state="passed", instance="openai-prod", detail="it answered", remedy="", seconds=0.5, **further):
    return {
        **further,
        "instance": instance,
        "namespace": "llm",
        "check": name,
        "state": state,
        "detail": detail,
        "remedy": remedy,
        "seconds": seconds,
    }


STREAMED = {"time_to_first_token": 0.25, "total_time": 0.75}
CHECKS = [
    check("chat", measures={"total_time": 1.5}),
    check("stream", measures=STREAMED),
    check("outsider", "skipped", detail="access is open to every authenticated caller", seconds=0.0),
    check("chat", "failed", "gemini", detail=NASTY, remedy="Put a valid key in. " * 12, seconds=12.345),
]


@pytest.fixture
def results():
    return validation.Results(CHECKS, title="A <title>", time="2026-11-21T15:00:00Z", about={"MaaS": "https://maas.x"})


@pytest.mark.parametrize("render", [validation.as_json, validation.as_table, validation.as_junit, validation.as_html])
def test_the_same_results_give_the_same_text(results, render):
    assert render(results) == render(validation.Results(list(CHECKS), results.title, results.time, dict(results.about)))
    assert render(results).endswith("\n")


@pytest.mark.parametrize("render", [validation.as_json, validation.as_table, validation.as_junit, validation.as_html])
def test_nothing_to_report_is_no_error(render):
    assert render(validation.Results([]))


@pytest.mark.parametrize(
    ("states", "verdict"),
    [(["passed", "failed"], "failed"), (["passed", "skipped"], "passed"), (["skipped"], "skipped"), ([], "skipped")],
)
def test_verdict(states, verdict):
    assert validation.verdict([check("x", state) for state in states]) == verdict


def test_json_holds_everything(results):
    document = json.loads(validation.as_json(results))
    assert document["checks"] == CHECKS
    assert document["state"] == "failed"
    assert document["counts"] == {"passed": 2, "failed": 1, "skipped": 1}
    assert document["instances"]["llm/openai-prod"] == {
        "state": "passed",
        "counts": {"passed": 2, "failed": 0, "skipped": 1},
        "measures": {"chat.total_time": 1.5, "stream.time_to_first_token": 0.25, "stream.total_time": 0.75},
    }
    assert document["instances"]["llm/gemini"]["measures"] == {}
    assert document["about"] == {"MaaS": "https://maas.x"}


class TestTable:
    def test_fits_a_terminal_and_holds_no_control_characters(self, results):
        table = validation.as_table(results)
        assert max(len(line) for line in table.splitlines()) <= 100
        assert all(char.isprintable() or char == "\n" for char in table)

    def test_reads_from_top_to_bottom(self, results):
        lines = validation.as_table(results).splitlines()
        assert lines[:5] == [
            "llm/openai-prod: 2 passed, 1 skipped",
            "  passed   chat, stream",
            "  skipped  outsider: access is open to every authenticated caller",
            "  times    chat: total 1.50 s; stream: first token 0.25 s, total 0.75 s",
            "",
        ]
        assert lines[5] == "llm/gemini: 1 failed"
        assert lines[6].startswith("  FAILED   chat: <script>")
        assert lines[7].startswith("           -> Put a valid key in.")
        assert lines[-1] == "2 instances: 2 passed, 1 failed, 1 skipped"

    def test_the_slowest_has_room_whatever_it_is_called(self):
        checks = [check("stream", instance=name * 38, measures=STREAMED) for name in "ab"]
        checks = [{**each, "namespace": "n" * 20} for each in checks]
        assert max(map(len, validation.as_table(validation.Results(checks)).splitlines())) <= 100

    def test_ends_with_the_response_times_of_all_and_the_slowest(self):
        checks = [
            check("stream", "passed", name, measures={"time_to_first_token": first, "total_time": first + 1})
            for name, first in (("a", 0.25), ("b", 2.5), ("c", 0.5))
        ]
        lines = validation.as_table(validation.Results(checks)).splitlines()
        assert lines[-3:-1] == [
            "Stream, first token: median 0.50 s, slowest 2.50 s (llm/b)",
            "Stream, total: median 1.50 s, slowest 3.50 s (llm/b)",
        ]
        assert not any("median" in line for line in validation.as_table(validation.Results(checks[:1])).splitlines())

    def test_what_was_skipped_for_the_same_reason_is_told_together(self):
        checks = [check(name, "skipped", detail="there is no URL to call") for name in ("chat", "stream")]
        assert "  skipped  chat, stream: there is no URL to call\n" in validation.as_table(validation.Results(checks))

    def test_what_failed_is_told_last(self):
        checks = [check("chat", state, name) for name, state in (("a", "failed"), ("b", "skipped"), ("c", "passed"))]
        heads = [
            line for line in validation.as_table(validation.Results(checks)).splitlines() if line.startswith("llm/")
        ]
        assert heads == ["llm/c: 1 passed", "llm/b: 1 skipped", "llm/a: 1 failed"]


class TestJunit:
    def test_is_what_ci_systems_read(self, results):
        root = ElementTree.fromstring(validation.as_junit(results))
        assert root.tag == "testsuites"
        assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("4", "1", "1")
        suites = {suite.get("name"): suite for suite in root}
        assert list(suites) == ["llm/openai-prod", "llm/gemini"]
        assert suites["llm/gemini"].get("time") == "12.35"
        failure = suites["llm/gemini"].find("testcase[@name='chat']/failure")
        assert "<script>" in failure.text
        assert "Put a valid key in." in failure.text
        skipped = suites["llm/openai-prod"].find("testcase[@name='outsider']/skipped")
        assert skipped.get("message").startswith("access is open")

    def test_what_was_measured_are_properties_before_the_cases(self, results):
        measured, unmeasured = ElementTree.fromstring(validation.as_junit(results))
        assert measured[0].tag == "properties" and unmeasured.find("properties") is None
        assert {each.get("name"): float(each.get("value")) for each in measured[0]} == {
            "chat.total_time": 1.5,
            "stream.time_to_first_token": 0.25,
            "stream.total_time": 0.75,
        }

    def test_nothing_of_a_result_becomes_markup(self):
        nasty = check(NASTY, "failed", NASTY, NASTY, NASTY)
        text = validation.as_junit(validation.Results([nasty], title=NASTY, time=NASTY))
        cleaned = NASTY.replace("\x1b", "\ufffd").replace("\x00", "\ufffd")
        (suite,) = ElementTree.fromstring(text)
        case = suite.find("testcase")
        assert (suite.get("name"), suite.get("timestamp"), case.get("name")) == (f"llm/{cleaned}", cleaned, cleaned)
        assert case.find("failure").text == f"{cleaned}\n{cleaned}"


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.attributes = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)


def contrast(one, other):
    """The ratio of WCAG 2 between two colours such as #fff or #b91c1c."""

    def luminance(colour):
        digits = colour.lstrip("#")
        digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def parsed(results):
    return ElementTree.fromstring(validation.as_html(results).removeprefix("<!doctype html>"))


def cards(page):
    return [each for each in page.iter("details") if each.get("class").startswith("card")]


def many(failed, passed):
    names = [f"bad-{at}" for at in range(failed)]
    checks = [check("chat", "failed", name, f"{name} has no key", "Give a key.") for name in names]
    checks += [check("models", instance=name) for name in names]
    return validation.Results([*(check("chat", instance=f"good-{at}") for at in range(passed)), *checks])


class TestPage:
    def test_nothing_of_a_result_becomes_markup(self, results):
        page = Page(validation.as_html(results))
        assert "script" not in page.tags
        assert any("<script>alert" in words for words in page.words)

    def test_needs_nothing_else(self, results):
        text = validation.as_html(results)
        page = Page(text)
        assert not {"link", "script", "img", "iframe", "object"} & set(page.tags)
        assert not [name for name, _value in page.attributes if name == "src" or name.startswith("on")]
        links = {value for name, value in page.attributes if name == "href"}
        assert links and links <= {f"#{value}" for name, value in page.attributes if name == "id"}
        assert "@import" not in text and "url(" not in text
        assert "default-src 'none'" in text

    def test_is_well_formed_and_shows_every_check_of_every_instance(self, results):
        page = parsed(results)
        shown = {
            card.find("summary/h3/span[2]").text: [
                (row.find("th").text, row.find("td[@class='state']/span").tail, row.find("td[3]/p").text)
                for row in card.iterfind("table/tbody/tr")
            ]
            for card in cards(page)
        }
        cleaned = NASTY.replace("\x1b", "\ufffd").replace("\x00", "\ufffd")
        assert shown == {
            "llm/gemini": [("chat", "failed", cleaned)],
            "llm/openai-prod": [
                ("outsider", "skipped", "access is open to every authenticated caller"),
                ("chat", "passed", "it answered"),
                ("stream", "passed", "it answered"),
            ],
        }
        assert [cell.text for cell in page.find(".//thead/tr")] == ["Check", "State", "Time", "What was seen"]

    def test_the_failed_come_first_and_stand_open(self, results):
        page = parsed(results)
        assert [(each.get("class"), each.get("open")) for each in cards(page)] == [
            ("card failed", "open"),
            ("card passed", None),
        ]
        assert page.find(".//p[@class='remedy']/b").tail.strip().startswith("Put a valid key in.")

    @pytest.mark.parametrize(
        ("states", "told"),
        [
            ([], "Nothing was checked"),
            (["passed"], "1 instance passed"),
            (["passed", "passed"], "2 instances passed"),
            (["passed", "failed"], "1 of 2 instances failed"),
            (["passed", "skipped"], "1 of 2 instances passed, none failed"),
        ],
    )
    def test_begins_with_the_verdict(self, states, told):
        text = validation.as_html(validation.Results([check("x", state, f"i{at}") for at, state in enumerate(states)]))
        assert f">{told}</p>" in text and f"<title>{told} " in text

    def test_what_passed_beside_a_failure_is_folded_away(self):
        card, _good = cards(parsed(many(failed=1, passed=1)))
        assert [row.find("th").text for row in card.iterfind("table/tbody/tr")] == ["chat"]
        assert card.find("details/summary").text == "1 passed: models"
        assert [row.find("th").text for row in card.iterfind("details/table/tbody/tr")] == ["models"]

    def test_of_many_failures_the_first_stand_open_and_the_others_say_what_is_wrong(self):
        page = parsed(many(failed=9, passed=91))
        failed = [each for each in cards(page) if each.get("class") == "card failed"]
        assert [each.get("open") for each in failed] == ["open"] * 5 + [None] * 4
        assert failed[-1].find("summary/span[@class='lead']").text == "chat: bad-8 has no key"

    @pytest.mark.parametrize(
        ("failed", "passed", "opened"),
        [(1, 99, ["open", None]), (1, 2, ["open", "open"]), (0, 100, ["open"])],
    )
    def test_many_that_passed_are_folded_below_those_that_failed(self, failed, passed, opened):
        groups = [each for each in parsed(many(failed, passed)).iter("details") if each.get("class") == "group"]
        assert [each.get("open") for each in groups] == opened

    def test_what_is_to_be_done_for_several_is_said_once_at_the_head(self):
        (step,) = parsed(many(failed=9, passed=1)).find(".//section[@class='steps']/ol")
        assert step.find("p").text == "Give a key."
        assert [link.text for link in step.iter("a")] == [f"llm/bad-{at}" for at in range(8)]
        assert "".join(step.find("p[2]").itertext()).startswith("chat: llm/bad-0, llm/bad-1, ")
        assert "".join(step.find("p[2]").itertext()).endswith(" and 1 more")
        assert parsed(many(failed=1, passed=1)).find(".//section[@class='steps']") is None

    def test_response_times_are_bars_of_one_scale(self, results):
        (card,) = [each for each in cards(parsed(results)) if each.get("class") == "card passed"]
        shown = {
            row.find("th").text: (
                {rect.get("class"): float(rect.get("width")) for rect in row.iter("rect")},
                row.find(".//span[@class='bar']/span").text,
            )
            for row in card.iter("tr")
            if row.find(".//svg") is not None
        }
        assert shown == {
            "chat": ({"track": 100, "total": 100, "begin": 0}, "total 1.50 s"),
            "stream": ({"track": 100, "total": 50, "begin": 16.67}, "first token 0.25 s, total 0.75 s"),
        }
        assert card.find("summary/span[@class='bar']/span").text == "first token 0.25 s, total 0.75 s"

    def test_where_nothing_was_measured_nothing_is_said_of_times(self):
        assert parsed(many(failed=1, passed=1)).find(".//section[@class='figures']") is None

    def test_is_made_for_a_phone(self, results):
        assert 'name="viewport" content="width=device-width' in validation.as_html(results)

    def test_words_stand_out_from_what_is_behind_them_by_day_and_by_night(self, results):
        text = validation.as_html(results)
        day, night, paper = (dict(re.findall(r"--(\w+): (#\w+)", part)) for part in text.split(":root {")[1:])
        for colours in (day, night, paper):
            for word in ("text", "soft", "passed", "failed", "skipped"):
                for behind in ("page", "card"):
                    assert contrast(colours[word], colours[behind]) >= 4.5, (word, behind, colours)
            assert contrast(colours["failed"], colours["alarm"]) >= 4.5
            assert contrast(colours["text"], colours["alarm"]) >= 4.5
            assert contrast(colours["total"], colours["card"]) >= 3
            assert contrast(colours["begin"], colours["total"]) >= 2


@pytest.mark.parametrize("render", [validation.as_json, validation.as_table, validation.as_junit, validation.as_html])
def test_whatever_is_checked_has_its_own_name(render):
    checks = [{**check("chat"), "target": target} for target in ("model a/b", "route ops")]
    text = render(validation.Results(checks, noun="target"))
    assert "model a/b" in text and "route ops" in text
    assert "openai-prod" not in re.sub('"instance": "[^"]*"', "", text) and "2 instances" not in text
