# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that call MaaS, run as Ansible runs them, with the network and the cluster replaced."""

from __future__ import annotations

import functools
import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.maas import connection
from ansible_collections.llamastack.maas.plugins.modules import maas_check, model_discovery

KEYS = "/maas-api/v1/api-keys"


@pytest.fixture
def run(maas, monkeypatch, run_module):
    def no_cluster(module):
        raise AssertionError("the cluster was asked though a token was given")

    monkeypatch.setattr(connection, "sender", lambda **options: maas.send)
    monkeypatch.setattr(connection, "Cluster", no_cluster)
    monkeypatch.setattr("time.sleep", maas.sleep)
    monkeypatch.setattr("time.monotonic", maas.clock)
    monkeypatch.setattr("time.time", lambda: 1000 + maas.now)

    return functools.partial(run_module, url="https://maas.example.com", generation="b2", token="a-users-token")


@pytest.fixture
def good(maas):
    maas.lists("openai-prod")
    maas.serves("openai-prod", "gpt-4o-mini")
    return maas


@pytest.mark.parametrize("module", [model_discovery, maas_check])
class TestBoth:
    def test_check_mode_asks_nothing_and_says_so(self, run, maas, module):
        result = run(module, instances=[{"name": "x"}], url="", _ansible_check_mode=True)
        assert result["skipped"] is True
        assert not result.get("failed")
        assert maas.sent == []

    def test_a_wrong_url_is_refused(self, run, instance, module):
        assert "is not a URL like" in run(module, url="maas.example.com", instances=[instance])["msg"]

    def test_the_release_of_the_platform_names_the_generation(self, run, good, instance, module):
        more = {"outsider_token": "x"} if module is maas_check else {}
        assert not run(module, instances=[instance], **{**more, "generation": 3.5}).get("failed")
        assert "did you mean 3.5" in run(module, instances=[instance], generation="3.7")["msg"]

    def test_an_instance_without_a_name_is_refused(self, run, instance, module):
        del instance["name"], instance["namespace"]
        assert run(module, instances=[instance])["msg"] == "instances[0] has no name and no namespace"

    def test_urls_may_be_given_apart(self, run, good, instance, module):
        url = instance.pop("url")
        more = {"outsider_token": "x"} if module is maas_check else {}
        result = run(module, instances=[instance], urls={"openai-prod": url + "/"}, **more)
        assert not result.get("failed")
        assert {request.url for request in good.sent if "openai-prod" in request.url}

    def test_a_bad_file_of_authorities_is_refused(self, run, instance, module, monkeypatch):
        def refuse(**options):
            raise ValueError("no such file")

        monkeypatch.setattr(connection, "sender", refuse)
        assert run(module, instances=[instance])["msg"] == "ca_file: no such file"


class TestModelDiscovery:
    def test_proves(self, run, good, instance):
        result = run(model_discovery, instances=[instance])
        assert result["instances"]["openai-prod"]["state"] == "proven"
        assert (result["changed"], result["attempts"], result["caller"]) == (
            False,
            1,
            "the holder of the given token",
        )
        assert "a-users-token" not in json.dumps({**result, "invocation": None})

    def test_the_project_half_does_not_wait_for_the_platforms(self, run, maas, instance):
        maas.lists()
        maas.on("GET", "/maas-api/v1/subscriptions", [])
        result = run(model_discovery, instances=[instance], scope="project")
        assert not result.get("failed")
        assert result["instances"]["openai-prod"]["state"] == "not_entitled"

    def test_an_instance_without_a_url_is_refused(self, run, instance):
        del instance["url"]
        assert run(model_discovery, instances=[instance])["msg"] == "openai-prod has no url"

    def test_gives_up_with_a_reason_for_every_instance(self, run, maas, instances):
        maas.lists()
        maas.on("GET", "/maas-api/v1/subscriptions", (500, "x"))
        result = run(model_discovery, instances=[instances("one"), instances("two")], wait_timeout=60)
        assert result["failed"] is True
        assert result["pending"] is True
        assert result["msg"].startswith("Gave up after 60 s")
        assert "\none: MaaS does not list it" in result["msg"]
        assert "\ntwo: MaaS does not list it" in result["msg"]
        assert result["elapsed"] == 60

    def test_gives_up_at_once_on_what_waiting_cannot_cure(self, run, maas, instance):
        maas.on("GET", "/v1/models", (404, "404 page not found"))
        result = run(model_discovery, instances=[instance], wait_timeout=600)
        assert (result["pending"], result["attempts"]) == (False, 1)
        assert not result["msg"].startswith("Gave up")

    def test_one_failure_does_not_end_the_wait_for_the_others(self, run, good, instances):
        good.lists("openai-prod", "wrong")
        good.serves("wrong")
        good.on("POST", "/llm/wrong/v1/chat/completions", (401, {"error": {"message": "Error code: 401"}}))
        good.on(
            "GET",
            "/llm/openai-prod/v1/models",
            (503, ""),
            (503, ""),
            good.routes["GET", "/llm/openai-prod/v1/models"][0],
        )
        result = run(model_discovery, instances=[instances(), instances("wrong")])
        assert result["failed"] is True
        assert result["instances"]["openai-prod"]["state"] == "proven"
        assert result["instances"]["wrong"]["state"] == "failed"
        assert result["pending"] is False

    def test_goes_on_where_an_earlier_call_ended(self, run, good, instances):
        good.on("GET", "/maas-api/v1/subscriptions", [{"subscription_id_header": "llm-late"}])
        both = [instances(), instances("late")]
        first = run(model_discovery, instances=both, wait_timeout=0)
        assert first["pending"] is True
        assert first["progress"].startswith("1 of 2 still to be proven: late")

        good.now = 130.0
        good.on("GET", "/v1/models", (403, "Access denied"))
        second = run(model_discovery, instances=both, wait_timeout=0, continuation=first["continuation"])
        assert second["instances"]["openai-prod"]["state"] == "proven"
        assert second["instances"]["late"]["state"] == "failed"
        assert second["pending"] is False

    def test_a_client_certificate_is_told_what_to_give(self, run, instance, monkeypatch):
        class Cluster:
            def __init__(self, module):
                pass

            def own_token(self):
                return None

        monkeypatch.setattr(connection, "Cluster", Cluster)
        result = run(model_discovery, instances=[instance], token=None)
        assert "llamastack_maas_token" in result["msg"]


class TestMaasCheck:
    @pytest.fixture
    def checked(self, good):
        good.on("POST", KEYS, (201, {"key": "sk-oai-key_1", "id": "k1"}))
        good.on("DELETE", f"{KEYS}/k1", {})
        return good

    def test_returns_all_results_and_names_the_failed(self, run, checked, instance):
        result = run(maas_check, instances=[instance], outsider_token="mallorys-token")
        assert not result.get("failed")  # a word of Ansible's: it would fail the task
        states = {check["check"]: check["state"] for check in result["checks"]}
        assert states["chat"] == "passed"
        assert states["no_credentials"] == states["outsider"] == "failed"
        assert "openai-prod/no_credentials" in result["failed_checks"]

    def test_an_instance_without_a_url_does_not_keep_the_others_from_being_checked(self, run, checked, instances):
        both = [instances(), instances("two")]
        result = run(maas_check, instances=[{**both[1], "url": None}, both[0]], outsider_token="x", urls={"two": None})
        states = {(check["instance"], check["check"]): check["state"] for check in result["checks"]}
        assert states["openai-prod", "chat"] == "passed"
        assert states["two", "chat"] == states["two", "no_credentials"] == states["two", "credential"] == "skipped"
        assert states["two", "health"] == "failed"
        assert len(checked.requests("POST", KEYS)) == 1

    def test_needs_no_outsider_where_all_is_open(self, run, checked, instances, b2):
        result = run(maas_check, instances=[instances(access=b2.default_access())])
        (outsider,) = [check for check in result["checks"] if check["check"] == "outsider"]
        assert outsider["state"] == "skipped"

    def test_what_the_cluster_shows_becomes_checks(self, run, checked, instance):
        seen = {"openai-prod": {"ready": True}}
        result = run(maas_check, instances=[instance], outsider_token="x", observations=seen)
        assert [check["state"] for check in result["checks"][:2]] == ["passed", "passed"]
