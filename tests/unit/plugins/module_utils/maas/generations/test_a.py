# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, Request
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import (
    Credential,
    UnexpectedAnswer,
    registration_of_all,
)

TIERS = "alpha.maas.opendatahub.io/tiers"


@pytest.fixture
def token_of(jwt):
    def token_of(tier, gateway="maas-default-gateway"):
        return jwt({"sub": f"system:serviceaccount:{gateway}-tier-{tier}:alice-example-com-1a2b3c4d"})

    return token_of


class TestAccess:
    @pytest.mark.parametrize(
        ("access", "paths"),
        [
            ({}, []),
            ({"tiers": ["premium"]}, []),
            ({"tiers": []}, []),
            ({"tiers": None}, []),
            ({"tiers": ["premium"], "groups": ["data-science"], "token_limits": [{"limit": 1, "window": "1m"}]}, []),
            ({"groups": ["data-science"]}, ["access.groups"]),
            ({"groups": []}, ["access.groups"]),
            ({"users": ["alice"], "tiers": None}, ["access.users"]),
            ({"token_limits": [{"limit": 1, "window": "1m"}]}, ["access.token_limits"]),
            ({"groups": ["x"], "users": ["y"], "priority": 1}, ["access.groups", "access.users", "access.priority"]),
            ({"tiers": "premium"}, ["access.tiers"]),
            ({"tiers": ["", "premium"]}, ["access.tiers[0]"]),
            ({"tier": ["premium"]}, ["access.tier"]),
            (
                {"tiers": ['pre"mium', "CORP\\free", " free", "two words", "Free", "a" * 64, "free", "tab\t"]},
                [f"access.tiers[{index}]" for index in (0, 1, 2, 3, 4, 5, 7)],
            ),
            ("everybody", ["access"]),
        ],
    )
    def test_problems_name_the_place(self, a, access, paths):
        findings = Findings("access")
        a.check_access(access, findings)
        assert [problem["path"] for problem in findings.errors] == paths

    @pytest.mark.parametrize("written", [None, {}, {"tiers": None}, {"tiers": []}])
    def test_without_a_word_every_tier_is_admitted(self, a, written):
        access = a.normalise_access(written)
        assert access == a.default_access()
        assert a.open_to_everybody(access)

    def test_tiers_alone_count(self, a):
        access = a.normalise_access({"tiers": ["premium", "enterprise"], "groups": ["system:authenticated"]})
        assert access == {**a.default_access(), "tiers": ["premium", "enterprise"]}
        assert not a.open_to_everybody(access)
        assert a.describe_access(access) == "tiers premium, enterprise"

    def test_groups_do_not_tell_the_tier(self, a):
        assert not a.admits(a.normalise_access({"tiers": ["premium"]}), "alice", ["system:authenticated"])

    def test_the_platform_sets_the_limits(self, a):
        assert a.token_limits(a.default_access()) is None


class TestRegistration:
    @pytest.mark.parametrize(
        ("written", "annotation"),
        [(None, "[]"), ({"tiers": ["premium"]}, '["premium"]'), ({"tiers": ["a", "b"]}, '["a","b"]')],
    )
    def test_is_an_annotation(self, a, instances, written, annotation):
        instance = instances(access=a.normalise_access(written))
        assert a.instance_annotations(instance) == {TIERS: annotation}
        assert json.loads(annotation) == instance["access"]["tiers"]

    def test_needs_no_objects_but_the_prober(self, a, instance):
        settings = {"namespace": "llm", "set": "default"}
        assert registration_of_all(a, [instance], settings) == {"project": [], "platform": []}
        (account,) = registration_of_all(a, [instance], {**settings, "prober": True})["project"]
        assert account["kind"] == "ServiceAccount"
        assert a.subscription(instance) is None


class TestCredentials:
    @pytest.mark.parametrize("lifetime", [60, 120, 3600])
    def test_live_as_short_as_can_be(self, a, lifetime):
        assert a.credential_request(None, lifetime, "n") == Request(
            "POST", "/maas-api/v1/tokens", {"expiration": "10m"}
        )

    def test_are_read_and_never_revoked(self, a, token_of):
        credential = a.read_credential({"token": token_of("free"), "expiration": "10m0s", "jti": "7"})
        assert credential.token == token_of("free")
        assert credential.id is None
        assert a.revoke_request(credential) is None

    @pytest.mark.parametrize("document", [None, [], {}, {"token": ""}, {"token": 7}])
    def test_half_an_answer_is_none(self, a, document):
        with pytest.raises(UnexpectedAnswer):
            a.read_credential(document)

    @pytest.mark.parametrize("path", ["/v1/models", "/v1/chat/completions"])
    def test_an_instance_takes_nothing_else(self, a, path):
        assert not a.accepts_user_token(path)

    def test_are_known_by_whose_they_are(self, a, jwt, token_of):
        assert a.is_credential(token_of("free"))
        assert a.is_credential(token_of("premium", gateway="another"))
        assert not a.is_credential(jwt({"sub": "system:serviceaccount:llm:llamastack-maas-prober"}))
        assert not a.is_credential("sha256~token")

    @pytest.mark.parametrize(
        ("tiers", "tier", "admitted"),
        [
            (["premium"], "premium", True),
            (["premium"], "free", False),
            (["a", "my-own"], "my-own", True),
            ([], "free", True),
        ],
    )
    def test_tell_whether_their_holder_is_admitted(self, a, token_of, tiers, tier, admitted):
        assert a.admits_holder(a.normalise_access({"tiers": tiers}), Credential(token_of(tier))) is admitted

    def test_another_token_does_not_tell(self, a):
        assert a.admits_holder(a.normalise_access({"tiers": ["premium"]}), Credential("sha256~x")) is None

    @pytest.mark.parametrize(
        ("status", "text", "refused"),
        [
            (401, "Authentication required", True),
            (403, "Access denied", True),
            (500, '{"error":"Failed to generate token"}', True),
            (500, "upstream", False),
            (503, "no healthy upstream", False),
            (0, "", False),
        ],
    )
    def test_who_gets_none(self, a, status, text, refused):
        assert a.refuses_credential(Answer("POST", "u", status, body=text.encode())) is refused


def entry(id_="openai-prod", owner="llm", **changes):
    return {"id": id_, "object": "model", "owned_by": owner, "url": "u", "ready": True, **changes}


class TestList:
    def test_shows_the_name_which_is_an_alias(self, a):
        assert a.published_id("llm", "openai-prod") == "openai-prod"
        assert a.client_base_url("https://maas.example.com", "https://maas.example.com/llm/openai-prod") == (
            "https://maas.example.com/llm/openai-prod/v1"
        )

    @pytest.mark.parametrize("data", [None, [], [entry("another")], [entry(owner="llm-b")], [entry(owner="llm/x")]])
    def test_not_listed(self, a, instance, data):
        seen = a.visibility(a.read_list({"data": data, "object": "list"}), instance)
        assert (seen.ids, seen.missing, seen.complete) == ([], ["openai-prod"], False)

    def test_listed(self, a, instance):
        assert a.visibility(a.read_list({"data": [entry()]}), instance).complete

    def test_listed_as_not_ready(self, a, instance):
        seen = a.visibility(a.read_list({"data": [entry(ready=False)]}), instance)
        assert (seen.not_ready, seen.complete) == (["openai-prod"], False)

    def test_it_may_leave_out_what_works(self, a):
        assert not a.list_is_complete
        assert a.entitlements_request() is None
