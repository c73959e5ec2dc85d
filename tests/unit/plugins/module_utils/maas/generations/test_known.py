# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, HttpClient, Request
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import (
    Credential,
    UnexpectedAnswer,
    registration_of_all,
)

SETTINGS = {"namespace": "llm", "set": "default", "subscription_namespace": "models-as-a-service"}


def test_an_unknown_generation_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"^c is .*a, b1, b2"):
        known.get("c")


@pytest.mark.parametrize("name", known.NAMES)
def test_every_generation_is_found_by_its_own_name(name):
    assert known.get(name).name == name


def test_every_release_has_one_generation():
    assert len(set(known.RELEASES)) == len(known.RELEASES)
    assert {known.get(release).name for release in known.RELEASES} == set(known.NAMES)


def checked(generation, access):
    """The findings of a generation about an access."""
    findings = Findings("access")
    generation.check_access(access, findings)
    return findings


@pytest.fixture(params=["b1", "b2"])
def b(request):
    """Each of the generations with API keys and subscriptions."""
    return known.get(request.param)


class TestAccess:
    @pytest.mark.parametrize(
        ("access", "paths"),
        [
            ({}, []),
            ({"groups": ["a"]}, []),
            ({"users": ["u"], "tiers": ["premium"]}, []),
            ({"priority": 2**31 - 1, "token_limits": [{"limit": 1, "window": "8784h"}]}, []),
            ({"token_limits": [{"limit": 10**9, "window": "9999m"}, {"limit": 1, "window": "9999s"}]}, []),
            ("everybody", ["access"]),
            ({"grups": ["a"], "groups": ["a"]}, ["access.grups"]),
            ({"groups": []}, ["access"]),
            ({"groups": [], "users": []}, ["access"]),
            ({"groups": ["", 1, "ok"]}, ["access.groups[0]", "access.groups[1]"]),
            ({"users": "alice"}, ["access.users"]),
            ({"tiers": ["premium"]}, ["access.tiers"]),
            ({"tiers": []}, ["access.tiers"]),
            ({"token_limits": []}, ["access.token_limits"]),
            ({"token_limits": [{"limit": 5}]}, ["access.token_limits[0]"]),
            ({"token_limits": [{"limit": 0, "window": "1m"}]}, ["access.token_limits[0].limit"]),
            ({"token_limits": [{"limit": 1_000_000_001, "window": "1m"}]}, ["access.token_limits[0].limit"]),
            ({"token_limits": [{"limit": True, "window": "1m"}]}, ["access.token_limits[0].limit"]),
            ({"token_limits": [{"limit": 5, "window": "1d"}]}, ["access.token_limits[0].window"]),
            ({"token_limits": [{"limit": 5, "window": "0m"}]}, ["access.token_limits[0].window"]),
            ({"token_limits": [{"limit": 5, "window": "1m\n"}]}, ["access.token_limits[0].window"]),
            ({"token_limits": [{"limit": -1, "window": "1m"}]}, ["access.token_limits[0].limit"]),
            ({"token_limits": [{"limit": 2**64, "window": "1m"}]}, ["access.token_limits[0].limit"]),
            ({"token_limits": [{"limit": 5.5, "window": "1m"}]}, ["access.token_limits[0].limit"]),
            ({"token_limits": [{"limit": 5, "window": "8785h"}]}, ["access.token_limits[0].window"]),
            (
                {"token_limits": [{"limit": 5, "window": window} for window in ("1h", "9999h", "99999m", "1h30m")]},
                [f"access.token_limits[{index}].window" for index in (1, 2, 3)],
            ),
            ({"priority": -1}, ["access.priority"]),
            ({"priority": "-1"}, ["access.priority"]),
            ({"priority": -(2**40)}, ["access.priority"]),
            ({"priority": True}, ["access.priority"]),
            ({"priority": "high"}, ["access.priority"]),
            ({"priority": 2**31}, ["access.priority"]),
        ],
    )
    def test_problems_name_the_place(self, b, access, paths):
        assert [problem["path"] for problem in checked(b, access).errors] == paths

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ('the "best"', "a double quote"),
            ("CORP\\jdoe", "a backslash"),
            ("\\", "a backslash"),
            ("tab\tbed", "a control character"),
            ("line\nbreak", "a control character"),
            ("bell\x07", "a control character"),
            ("escape\x9b", "a control character"),
            ("no\u00a0break", "white space that is no plain space"),
            ("line\u2028end", "white space that is no plain space"),
            (" led", "begins or ends with white space"),
            ("trailed ", "begins or ends with white space"),
        ],
    )
    @pytest.mark.parametrize("key", ["groups", "users"])
    def test_a_name_that_no_policy_can_hold_is_refused(self, b, key, name, words):
        (problem,) = checked(b, {key: ["fine", name]}).errors
        assert problem["path"] == f"access.{key}[1]"
        assert words in problem["message"]
        assert problem["message"].isprintable()

    def test_all_that_is_wrong_with_a_name_is_reported(self, b):
        assert len(checked(b, {"users": ['\t"\\']}).errors) == 3

    @pytest.mark.parametrize("name", ["system:authenticated", "cn=Ünïts,ou=x", "a.b@corp.example", "O'Neil", "部門"])
    def test_names_of_every_day_are_taken(self, b, name):
        findings = checked(b, {"groups": [name], "users": [name]})
        assert (findings.errors, findings.warnings) == ([], [])

    def test_a_space_in_the_name_of_a_group_is_a_warning(self, b):
        findings = checked(b, {"groups": ["ok", "Data Science"], "users": ["Jane Doe"]})
        assert findings.errors == []
        assert [problem["path"] for problem in findings.warnings] == ["access.groups[1]"]

    def test_without_a_word_everybody_is_admitted(self, b):
        access = b.normalise_access(None)
        assert access == b.default_access()
        assert b.open_to_everybody(access)

    @pytest.mark.parametrize("written", [{"users": ["alice"]}, {"groups": ["a"]}])
    def test_naming_somebody_never_admits_everybody(self, b, written):
        access = b.normalise_access(written)
        assert not b.open_to_everybody(access)
        assert access["groups"] + access["users"] == [*written.get("groups", []), *written.get("users", [])]

    def test_a_limit_alone_changes_only_the_limit(self, b):
        limits = [{"limit": 5, "window": "1h"}]
        assert b.normalise_access({"token_limits": limits}) == {**b.default_access(), "token_limits": limits}

    @pytest.mark.parametrize(
        ("user", "groups", "admitted"), [("alice", [], True), ("bob", ["x", "science"], True), ("bob", ["x"], False)]
    )
    def test_admits(self, b, user, groups, admitted):
        access = b.normalise_access({"users": ["alice"], "groups": ["science"]})
        assert b.admits(access, user, groups) is admitted

    def test_describes_whom_it_admits(self, b):
        access = b.normalise_access({"users": ["alice"], "groups": ["science", "sales"]})
        assert b.describe_access(access) == "groups science, sales, user alice"


LIMIT = {"limit": 5, "window": "1h"}


def empty_in(value, path=""):
    """Paths of everything below C(value) that holds nothing."""
    if value in ("", [], {}, None):
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from empty_in(item, f"{path}.{key}")


class TestRegistration:
    def test_the_three_objects_name_the_same_model(self, b, instance):
        halves = b.registration(instance, SETTINGS)
        (ref,), (policy, subscription) = halves["project"], halves["platform"]

        assert (ref["kind"], ref["metadata"]["namespace"], ref["metadata"]["name"]) == (
            "MaaSModelRef",
            "llm",
            "openai-prod",
        )
        assert ref["spec"] == {"modelRef": {"kind": "LLMInferenceService", "name": "openai-prod"}}
        for shared in (policy, subscription):
            assert shared["metadata"]["namespace"] == "models-as-a-service"
            assert shared["metadata"]["name"] == b.subscription(instance) == "llm-openai-prod"
        assert policy["spec"] == {
            "modelRefs": [{"name": "openai-prod", "namespace": "llm"}],
            "subjects": {"groups": [{"name": "data-science"}]},
        }
        assert subscription["spec"] == {
            "owner": {"groups": [{"name": "data-science"}]},
            "modelRefs": [
                {
                    "name": "openai-prod",
                    "namespace": "llm",
                    "tokenRateLimits": [{"limit": 1000, "window": "1m"}],
                }
            ],
            "priority": 0,
        }

    @pytest.mark.parametrize("access", [{"groups": ["a"]}, {"users": ["u"]}, {"token_limits": [LIMIT]}, {}])
    @pytest.mark.parametrize("settings", [{}, {"prober": True, "tenant": "blue"}])
    def test_nothing_that_is_empty_is_sent(self, b, instances, access, settings):
        """The controllers write the whole object for their finalizer, and what is empty is gone then."""
        instance = instances(access=b.normalise_access(access), description="")
        halves = registration_of_all(b, [instance], {**SETTINGS, **settings})
        for item in halves["project"] + halves["platform"]:
            assert list(empty_in(item)) == []

    def test_every_object_carries_our_labels(self, b, instances):
        halves = b.registration(instances(set="team-a"), SETTINGS)
        for item in halves["project"] + halves["platform"]:
            assert item["metadata"]["labels"] == {
                "app.kubernetes.io/managed-by": "llamastack.maas",
                "llamastack.maas/instance": "openai-prod",
                "llamastack.maas/namespace": "llm",
                "llamastack.maas/provider": "openai",
                "llamastack.maas/set": "team-a",
            }

    def test_display_texts_and_tenant(self, b, instances):
        instance = instances(display_name="OpenAI", description="for all")
        ref = b.registration(instance, {**SETTINGS, "tenant": "blue"})["project"][0]
        assert ref["metadata"]["annotations"] == {
            "openshift.io/display-name": "OpenAI",
            "openshift.io/description": "for all",
        }
        assert ref["spec"]["tenantRef"] == "blue"

    def test_the_prober_is_admitted_and_made_once(self, b, instances):
        both = [instances("one"), instances("two")]
        halves = registration_of_all(b, both, {**SETTINGS, "prober": True})
        assert [item["kind"] for item in halves["project"]] == ["ServiceAccount", "MaaSModelRef", "MaaSModelRef"]
        account = halves["project"][0]
        assert "llamastack.maas/instance" not in account["metadata"]["labels"]
        prober = f"system:serviceaccount:llm:{account['metadata']['name']}"
        for item in halves["platform"]:
            people = item["spec"].get("subjects") or item["spec"]["owner"]
            assert people["users"] == [prober]

    def test_the_access_of_the_instance_is_not_changed_by_the_prober(self, b, instance):
        b.registration(instance, {**SETTINGS, "prober": True})
        assert instance["access"]["users"] == []


class TestCredentials:
    def test_names_the_subscription_and_is_ephemeral(self, b):
        document = {"ephemeral": True, "name": "n", "subscription": "llm-x", "expiresIn": "900s"}
        assert b.credential_request("llm-x", 900, "n") == Request("POST", "/maas-api/v1/api-keys", document)

    @pytest.mark.parametrize(("wanted", "asked"), [(1, "60s"), (86400, "3600s")])
    def test_keeps_to_what_the_platform_allows(self, b, wanted, asked):
        assert b.credential_request("s", wanted, "n").document["expiresIn"] == asked

    def test_is_read_and_revoked_by_its_id(self, b):
        credential = b.read_credential({"key": "sk-oai-secret_x", "id": "7-8-9", "name": "ephemeral-1"})
        assert "secret" not in repr(credential)
        assert b.revoke_request(credential) == Request("DELETE", "/maas-api/v1/api-keys/7-8-9")

    @pytest.mark.parametrize("document", [None, [], {}, {"key": "sk-oai-x"}, {"id": "1"}])
    def test_half_an_answer_is_none(self, b, document):
        with pytest.raises(UnexpectedAnswer):
            b.read_credential(document)

    def test_a_user_names_the_subscription_and_a_key_does_not(self, b):
        assert b.caller_headers("sha256~token", "s") == {
            "Authorization": "Bearer sha256~token",
            "X-MaaS-Subscription": "s",
        }
        assert b.caller_headers("sha256~token") == {"Authorization": "Bearer sha256~token"}
        assert b.caller_headers("sk-oai-key_1", "s") == {"Authorization": "Bearer sk-oai-key_1"}

    @pytest.mark.parametrize(
        ("answer", "refused"),
        [
            ((400, {"error": "Unable to resolve", "code": "invalid_subscription"}), True),
            ((401, "Authentication required"), True),
            ((403, "Access denied"), True),
            ((403, {"error": "in Failed phase", "code": "subscription_not_ready"}), False),
            ((400, {"error": "no status.phase set", "code": "subscription_not_ready"}), False),
            ((429, "Too Many Requests"), False),
            ((500, {"error": "database"}), False),
            ((0, ""), False),
        ],
    )
    def test_who_is_refused_and_what_is_only_not_ready(self, b, answer, refused):
        status, document = answer
        body = document if isinstance(document, str) else json.dumps(document)
        assert b.refuses_credential(Answer("POST", "u", status, body=body.encode())) is refused

    def test_an_answer_to_nobody_is_explained(self, b):
        failure = {"error": "Exception thrown while generating token", "exceptionCode": "AUTH_FAILURE", "refId": "001"}
        answer = Answer("POST", "u", 500, body=json.dumps(failure).encode())
        assert "no MaaSAuthPolicy is in force" in b.why_no_credential(answer)
        assert not b.refuses_credential(answer)
        assert b.why_no_credential(Answer("POST", "u", 500, body=b"x")) == ""

    def test_a_key_does_not_tell_whom_it_is_for(self, b, instance):
        assert b.admits_holder(instance["access"], Credential("sk-oai-key_1")) is None

    def test_a_credential_is_known_as_one(self, b):
        assert b.is_credential(Credential("sk-oai-key_1").token)
        assert not b.is_credential("sha256~token")


def entry(id_, owner="llm/openai-prod", **changes):
    return {"id": id_, "object": "model", "owned_by": owner, "url": "u", "ready": True, **changes}


PUBLISHED = "publishers/llm/models/openai-prod"


class TestList:
    def test_is_sorted_with_its_subscriptions(self, b2):
        entries = b2.read_list(
            {"data": [entry("b", subscriptions=[{"name": "z"}, {"name": "a"}]), entry("a", subscriptions=None)]}
        )
        assert [(each.id, each.subscriptions) for each in entries] == [("a", ()), ("b", ("a", "z"))]

    def test_null_is_empty(self, b2):
        assert b2.read_list({"data": None, "object": "list"}) == []

    @pytest.mark.parametrize(
        "document", [None, [], "x", {"error": "x"}, {"data": "x"}, {"data": [{}]}, {"data": ["x"]}]
    )
    def test_something_else_is_not_a_list(self, b2, document):
        with pytest.raises(UnexpectedAnswer):
            b2.read_list(document)

    @pytest.mark.parametrize(
        ("listed", "ids", "missing", "not_ready", "complete"),
        [
            ([], [], [PUBLISHED], [], False),
            ([entry(PUBLISHED)], [PUBLISHED], [], [], True),
            ([entry(PUBLISHED, ready=False)], [], [], [PUBLISHED], False),
            ([entry(PUBLISHED, owner="other/openai-prod")], [], [PUBLISHED], [], False),
            ([entry("publishers/llm/models/other", owner="llm/other")], [], [PUBLISHED], [], False),
        ],
    )
    def test_visible_is_the_published_id_of_this_reference(
        self, b2, instance, listed, ids, missing, not_ready, complete
    ):
        seen = b2.visibility(b2.read_list({"data": listed}), instance)
        assert (seen.ids, seen.missing, seen.not_ready, seen.complete) == (ids, missing, not_ready, complete)

    def test_tells_that_the_alias_is_still_to_come(self, b2, instance):
        seen = b2.visibility(b2.read_list({"data": [entry("openai-prod")]}), instance)
        assert seen.missing == [PUBLISHED]
        assert "listed as openai-prod" in seen.note

    def test_asking_for_it_takes_as_long_as_the_slowest_model_may_hold_it_up(self, maas, b2):
        maas.lists()
        client = HttpClient(maas.send, "https://maas.example.com", timeout=5)
        client.request(b2.list_request())
        assert maas.sent[-1].timeout >= 20
        client.request(Request("GET", "/v1/models"))
        assert maas.sent[-1].timeout == 5

    def test_goes_through_its_subscriptions(self, b2, instance):
        listed = [entry(PUBLISHED, subscriptions=[{"name": "z"}, {"name": "a"}])]
        assert b2.visibility(b2.read_list({"data": listed}), instance).subscriptions == ("a", "z")

    def test_entitlements(self, b2):
        document = [{"subscription_id_header": "z"}, {"subscription_id_header": "a", "model_refs": []}]
        assert b2.read_entitlements(document) == ["a", "z"]
        for other in ({"error": "x"}, ["x"], None):
            with pytest.raises(UnexpectedAnswer):
                b2.read_entitlements(other)

    def test_users_call_the_gateway_itself(self, b2):
        assert b2.client_base_url("https://maas.example.com/", "https://maas.example.com/llm/x") == (
            "https://maas.example.com/v1"
        )
