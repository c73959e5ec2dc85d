# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import TransportError
from ansible_collections.llamastack.maas.plugins.module_utils.maas import discovery
from ansible_collections.llamastack.maas.plugins.module_utils.maas.credentials import Caller
from ansible_collections.llamastack.maas.plugins.module_utils.maas.discovery import Expectations, look
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.b2 import GenerationB2

from unit.plugins.conftest import chat

MAAS = "https://maas.example.com"
CHAT = "/llm/openai-prod/v1/chat/completions"
OWN_LIST = "/llm/openai-prod/v1/models"
SUBSCRIPTIONS = "/maas-api/v1/subscriptions"
ALIAS = "publishers/llm/models/openai-prod"

ALICE = Caller("alice-token", "alice", ("data-science", "system:authenticated"))
MALLORY = Caller("mallory-token", "mallory", ("system:authenticated",))


@pytest.fixture
def expect(b2):
    def build(*instances, caller=ALICE, generation=b2, **changes):
        return Expectations(generation, MAAS, caller, instances, **changes)

    return build


@pytest.fixture
def good(maas):
    maas.lists("openai-prod")
    maas.serves("openai-prod", "gpt-4o-mini")
    return maas


def only(outcome):
    (finding,) = outcome.findings.values()
    return finding


def test_listed_and_reported_by_its_provider_is_proven(good, expect, instance):
    outcome = look(expect(instance), good.connect, 0)
    assert outcome.results() == {
        "openai-prod": {
            "namespace": "llm",
            "url": f"{MAAS}/llm/openai-prod",
            "client_base_url": f"{MAAS}/v1",
            "state": "proven",
            "proven": True,
            "ids": [ALIAS],
            "missing": [],
            "not_ready": [],
            "provider_ids": ["openai-prod/gpt-4o-mini"],
            "not_offered": [],
            "reason": "",
            "remedy": "",
            "last_error": "",
            "cause": "",
            "doubtful": False,
            "subscription": "llm-openai-prod",
        }
    }
    assert outcome.progress() == ""
    assert len(good.requests("POST", CHAT)) == 1


@pytest.mark.parametrize(
    ("status", "said", "cause"),
    [
        (401, "Error code: 401 - Incorrect API key provided", "key_refused"),
        (403, "Error code: 403 - Country, region, or territory not supported", None),
        (402, "Error code: 402 - Insufficient credits", None),
        (404, "Error code: 404 - The model `gpt-4o-mini` does not exist", "model_unknown"),
    ],
)
def test_a_list_that_anybody_gets_proves_nothing(good, expect, instance, status, said, cause):
    good.on("POST", CHAT, (status, {"error": {"message": said}}))
    finding = only(look(expect(instance), good.connect, 0))
    assert (finding.state, finding.provider_ids) == (discovery.FAILED, ["openai-prod/gpt-4o-mini"])
    assert cause is None or finding.cause == cause


def test_each_instance_is_called_once_and_in_the_form_that_its_model_takes(maas, expect, instances):
    maas.lists("openai-prod", "vectors")
    maas.serves("openai-prod", "gpt-4o-mini")
    maas.on(
        "GET", "/llm/vectors/v1/models", {"data": [{"id": "vectors/e", "custom_metadata": {"model_type": "embedding"}}]}
    )
    maas.on("POST", "/llm/vectors/v1/embeddings", {"model": "vectors/e", "data": [{"embedding": [0.5]}]})
    vectors = instances("vectors", models=["e"], published_model="e", listed_ids=["vectors/e"])
    outcome = look(expect(instances(), vectors), maas.connect, 0)
    assert outcome.names(discovery.PROVEN) == ["openai-prod", "vectors"]
    assert len([each for each in maas.sent if each.method == "POST"]) == 2


class TestLimits:
    def test_the_limit_of_the_entry_is_neither_proof_nor_refusal(self, good, expect, instance):
        good.on("POST", CHAT, (429, "Too Many Requests"))
        outcome = look(expect(instance), good.connect, 0)
        finding = only(outcome)
        assert (finding.state, finding.cause) == (discovery.LIMIT_REACHED, "token_limit")
        assert finding.reason.startswith("neither proven nor refused: the caller's token limit is used up")
        assert outcome.retry_after is None and outcome.progress() == ""

    @pytest.mark.parametrize(("elapsed", "state"), [(0, "pending"), (131, "limit_reached")])
    def test_a_limit_of_the_platform_is_waited_out_for_a_while(self, good, expect, instances, elapsed, state):
        good.on("POST", CHAT, (429, "Too Many Requests"))
        assert only(look(expect(instances(access=None)), good.connect, elapsed)).state == state

    @pytest.mark.parametrize(("elapsed", "state"), [(0, "pending"), (121, "failed")])
    def test_a_limit_of_the_provider_is_a_refusal_in_the_end(self, good, expect, instance, elapsed, state):
        good.on("POST", CHAT, (429, {"error": {"message": "Error code: 429 - Rate limit reached"}}))
        finding = only(look(expect(instance), good.connect, elapsed))
        assert (finding.state, finding.cause) == (state, "provider_limit")


class TestByTheList:
    def test_no_token_is_spent_and_nothing_is_called_proven(self, good, expect, instance):
        finding = only(look(expect(instance, proof="list"), good.connect, 0))
        assert finding.state == discovery.LISTED and "not proven" in finding.reason
        assert not [each for each in good.sent if each.method == "POST"]

    def test_models_that_are_registered_say_nothing_of_the_provider(self, good, expect, instances):
        names = ["openai-prod/gpt-4o-mini"]
        finding = only(look(expect(instances(registered_ids=names), proof="list"), good.connect, 0))
        assert finding.state == discovery.LISTED and "its list proves no key" in finding.reason
        good.serves("openai-prod", "gpt-4o-mini", "o3")
        finding = only(look(expect(instances(registered_ids=names), proof="list"), good.connect, 0))
        assert finding.state == discovery.LISTED and "proves no key" not in finding.reason

    def test_an_empty_list_is_waited_for(self, maas, expect, instance):
        maas.lists("openai-prod")
        maas.serves("openai-prod")
        finding = only(look(expect(instance, proof="list"), maas.connect, 0))
        assert (finding.state, maas.requests("POST", CHAT)) == (discovery.PENDING, [])


class TestAccess:
    @pytest.mark.parametrize(
        ("answer", "state"),
        [
            ({"data": []}, "admitted"),
            ((401, {"error": {"message": "Error code: 401"}}), "admitted"),
            ((429, {"error": {"message": "Error code: 429 - Rate limit reached"}}), "admitted"),
            ((500, {"error": {"message": "Internal server error"}}), "admitted"),
            ((401, "Authentication required"), "pending"),
            ((403, "Access denied"), "pending"),
            (TransportError("tls", "self-signed certificate"), "failed"),
        ],
    )
    def test_an_answer_of_the_instance_or_its_provider_admits(self, good, expect, instance, answer, state):
        good.on("GET", OWN_LIST, answer)
        assert only(look(expect(instance, proof="access"), good.connect, 0)).state == state
        assert not good.requests("POST", CHAT)

    @pytest.mark.parametrize(
        ("answer", "seen"),
        [
            (TransportError("connection", "reset by peer"), "no answer came: GET"),
            (TransportError("name", "unknown host"), "no answer came: GET"),
            (TransportError("timeout", "timed out"), "no answer came: GET"),
            ((302, "", {"location": "https://sso.example"}), "what answers at its URL is not the instance: GET"),
            ((200, "<html>Log in</html>"), "what answers at its URL is not the instance: GET"),
            ((200, {"status": "ok"}), "what answers at its URL is not the instance: GET"),
            ((404, ""), "the gateway has no route to the instance: GET"),
            ((404, {"message": "no Route matched"}), "what answers at its URL is not the instance: GET"),
            ((401, {"message": "Unauthorized"}), "what answers at its URL is not the instance: GET"),
            ((429, "Too Many Requests"), "the caller's token limit is used up: GET"),
            ((429, {"message": "API rate limit exceeded"}), "what answers at its URL is not the instance: GET"),
            ((503, "no healthy upstream"), "the gateway does not reach the instance's pod: GET"),
            ((503, {"message": "failure to get a peer"}), "what answers at its URL is not the instance: GET"),
            ((500, {"error": {"message": "x"}}, {"x-ext-auth-reason": "no"}), "the gateway does not reach the"),
        ],
    )
    def test_what_says_nothing_of_the_instance_is_waited_for_and_then_told(self, good, expect, instance, answer, seen):
        good.on("GET", OWN_LIST, answer)
        first = look(expect(instance, proof="access"), good.connect, 0)
        assert only(first).state == discovery.PENDING
        outcome = look(expect(instance, proof="access"), good.connect, 16, json.loads(json.dumps(first.memory())))
        finding = only(outcome)
        assert (finding.state, finding.reason[: len(seen)]) == (discovery.FAILED, seen)
        assert f"{MAAS}{OWN_LIST}" in outcome.message() and finding.remedy

    def test_nothing_is_sent_to_a_url_that_must_not_have_it(self, good, expect, instances):
        instance = instances(url="http://openai-prod.llm.svc.cluster.local")
        assert only(look(expect(instance, proof="access"), good.connect, 0)).state == "failed"

    def test_what_maas_does_not_list_may_be_called_all_the_same(self, good, expect, instance):
        good.lists()
        good.on("GET", SUBSCRIPTIONS, [{"subscription_id_header": "llm-openai-prod"}])
        assert only(look(expect(instance, proof="access"), good.connect, 0)).state == discovery.ADMITTED

    def test_who_is_not_admitted_is_told(self, good, expect, instance):
        good.lists()
        good.on("GET", SUBSCRIPTIONS, [])
        outcome = look(expect(instance, proof="access", caller=MALLORY), good.connect, 0)
        assert only(outcome).state == discovery.FAILED
        assert "mallory is in none of group data-science" in outcome.message()

    def test_a_credential_that_chats_has_to_be_had(self, good, expect, instance, b1):
        good.on("GET", "/v1/models", {"data": []})
        good.on("GET", SUBSCRIPTIONS, [{"subscription_id_header": "llm-openai-prod"}])
        good.on("POST", KEYS, (403, {"error": "subscription is in Failed phase"}))
        finding = only(look(expect(instance, proof="access", generation=b1), good.connect, 0))
        assert finding.state == discovery.PENDING and "MaaS issues no credential" in finding.reason


def test_calls_as_the_caller_and_names_the_subscription_only_to_the_instance(good, expect, instance):
    look(expect(instance), good.connect, 0)
    (listing,) = good.requests("GET", "/v1/models")
    (own,) = good.requests("GET", OWN_LIST)
    assert listing.headers["Authorization"] == own.headers["Authorization"] == "Bearer alice-token"
    assert "X-MaaS-Subscription" not in listing.headers
    assert own.headers["X-MaaS-Subscription"] == "llm-openai-prod"


def test_goes_through_another_subscription_if_that_is_how_the_caller_sees_it(maas, expect, instance):
    maas.lists("openai-prod")
    maas.serves("openai-prod", "gpt-4o-mini")
    document = {"data": [{"id": ALIAS, "owned_by": "llm/openai-prod", "ready": True}]}
    document["data"][0]["subscriptions"] = [{"name": "platform-wide"}]
    maas.on("GET", "/v1/models", document)
    look(expect(instance), maas.connect, 0)
    assert maas.requests("GET", OWN_LIST)[0].headers["X-MaaS-Subscription"] == "platform-wide"


def test_without_proof_being_listed_is_enough(maas, expect, instance):
    maas.lists("openai-prod")
    assert only(look(expect(instance, proof="none"), maas.connect, 0)).state == discovery.VISIBLE
    assert [request.path for request in maas.sent] == ["/v1/models"]


@pytest.mark.parametrize("url", ["http://maas.example.com/llm/openai-prod", "https://openai-prod.llm.svc:8000"])
def test_an_instance_whose_url_is_not_safe_is_not_called(good, expect, instances, url):
    finding = only(look(expect(instances(url=url)), good.connect, 0))
    assert finding.state == discovery.FAILED
    assert finding.reason.startswith(f"no credential is sent to this URL: GET {url}/v1/models was not called: it")
    assert "HTTPS URL that is reached from outside" in finding.remedy
    assert {request.path for request in good.sent} <= {"/v1/models", "/maas-api/v1/api-keys"}


def test_models_that_the_provider_does_not_report_are_told(good, expect, instances):
    instance = instances(listed_ids=["openai-prod/gpt-4o", "openai-prod/gpt-4o-mini"])
    finding = only(look(expect(instance), good.connect, 0))
    assert (finding.state, finding.not_offered) == (discovery.PROVEN, ["openai-prod/gpt-4o"])


def test_the_prefix_decides_not_the_name(maas, expect, instances):
    maas.lists("openai-prod")
    maas.serves("openai-prod")
    maas.on("GET", OWN_LIST, {"data": [{"id": ALIAS}, {"id": "team-a/gpt-4o-mini"}, {"id": "openai-prod2/x"}]})
    finding = only(look(expect(instances(model_prefix="team-a", listed_ids=[])), maas.connect, 0))
    assert finding.provider_ids == ["team-a/gpt-4o-mini"]


class TestOnlyTheAliasIsThere:
    """A wrong key leaves the pod healthy and the alias listed."""

    @pytest.fixture
    def silent(self, maas):
        maas.lists("openai-prod")
        maas.serves("openai-prod")
        return maas

    @pytest.mark.parametrize(
        ("status", "message", "state", "reason"),
        [
            (401, "Error code: 401 - Incorrect API key provided: sk-x****y.", "failed", "the provider refused the key"),
            (400, "Error code: 400", "failed", "the provider refused the key, or the place or the project"),
            (400, "API key not provided.", "failed", "the provider refused the key"),
            (404, "Error code: 404 - no such model", "failed", "the provider does not know the model"),
            (500, "Internal server error: x", "pending", "the instance got no usable answer from its provider"),
            (429, "Error code: 429", "pending", "the provider's own limit or quota is used up"),
        ],
    )
    def test_one_chat_decides(self, silent, expect, instance, status, message, state, reason):
        silent.on("POST", CHAT, (status, {"error": {"message": message}}))
        finding = only(look(expect(instance), silent.connect, 0))
        assert finding.state == state
        assert finding.reason.startswith(reason)
        assert finding.remedy
        assert "answered" in finding.last_error
        assert silent.requests("POST", CHAT)[0].document["model"] == "openai-prod/gpt-4o-mini"

    @pytest.mark.parametrize(
        ("status", "document", "doubtful"),
        [
            (401, {"error": {"message": "Error code: 401 - Incorrect API key provided: sk-x****y."}}, False),
            (400, {"error": {"message": "Error code: 400"}}, True),
            (401, {"message": "Unauthorized"}, True),
        ],
    )
    def test_a_refusal_that_need_not_be_about_the_key_is_marked(
        self, silent, expect, instance, status, document, doubtful
    ):
        silent.on("POST", CHAT, (status, document))
        outcome = look(expect(instance), silent.connect, 0)
        assert outcome.results()["openai-prod"]["doubtful"] is doubtful

    def test_a_path_that_is_not_there_names_the_url(self, silent, expect, instances):
        silent.on("POST", "/llm/openai-prod/v1/embeddings", (404, {"error": {"message": "Error code: 404"}}))
        silent.on("POST", "/llm/openai-prod/v1/completions", (404, {"error": {"message": "Error code: 404"}}))
        silent.on("POST", CHAT, (404, {"error": {"message": "Error code: 404"}}))
        instance = instances(settings={"base_url": "https://llm.corp.example"})
        finding = only(look(expect(instance), silent.connect, 0))
        assert finding.state == discovery.FAILED
        assert finding.reason.startswith("there is no such path")
        assert finding.remedy.endswith("Its base_url is https://llm.corp.example.")

    def test_an_answer_proves_as_well(self, silent, expect, instance):
        finding = only(look(expect(instance), silent.connect, 0))
        assert finding.state == discovery.PROVEN
        assert "reports none of its models" in finding.reason

    def test_a_hanging_provider_is_waited_for_with_the_given_patience(self, silent, expect, instance):
        silent.on("POST", CHAT, TransportError("timeout", "The read operation timed out"))
        finding = only(look(expect(instance, chat_timeout=9), silent.connect, 0))
        assert finding.state == discovery.PENDING
        assert silent.requests("POST", CHAT)[0].timeout == 9

    def test_the_provider_is_not_asked_at_every_attempt(self, silent, expect, instance):
        silent.on("POST", CHAT, (500, {"error": {"message": "Internal server error"}}))
        memory = None
        for elapsed in (0, 5, 29, 31, 40):
            outcome = look(expect(instance), silent.connect, elapsed, memory)
            memory = json.loads(json.dumps(outcome.memory()))
            assert only(outcome).reason.startswith("the instance got no usable answer from its provider")
        assert len(silent.requests("POST", CHAT)) == 2
        assert len(silent.requests("GET", OWN_LIST)) == 5

    def test_without_a_model_to_ask_for_it_says_what_is_possible(self, silent, expect, instances):
        finding = only(look(expect(instances(models=None, published_model=None)), silent.connect, 0))
        assert finding.state == discovery.PENDING
        assert "the key may be wrong, or the provider out of reach" in finding.reason
        assert not silent.requests("POST", CHAT)


class TestNotListed:
    def empty(self, maas, *subscriptions):
        maas.on("GET", "/v1/models", {"data": None, "object": "list"})
        maas.on("GET", SUBSCRIPTIONS, [{"subscription_id_header": name} for name in subscriptions])

    def test_who_is_not_admitted_is_told_at_once(self, maas, expect, instance):
        self.empty(maas)
        outcome = look(expect(instance, caller=MALLORY), maas.connect, 0)
        finding = only(outcome)
        assert finding.state == discovery.NOT_ENTITLED
        assert finding.reason == "registered, not proven: mallory is in none of group data-science"
        assert "or deploy with llamastack_maas_prober" in finding.remedy
        assert not outcome.names(discovery.PENDING, discovery.FAILED)

    def test_an_unknown_caller_without_the_subscription_is_not_admitted(self, maas, expect, instance):
        self.empty(maas, "llm-another")
        assert only(look(expect(instance, caller=Caller("t", "X")), maas.connect, 0)).state == discovery.NOT_ENTITLED

    @pytest.mark.parametrize("caller", [MALLORY, Caller("t", "X"), ALICE])
    def test_an_empty_list_proves_nothing_while_maas_asks_nobody_who_they_are(self, maas, expect, instance, caller):
        """Without any MaaSAuthPolicy in force, v0.2.1 gives everybody 200 and an empty list."""
        self.empty(maas)
        maas.guarded = False
        finding = only(look(expect(instance, caller=caller), maas.connect, 0))
        assert finding.state == discovery.PENDING
        assert "no MaaSAuthPolicy is in force yet" in finding.reason

    @pytest.mark.parametrize(("caller", "groups"), [(ALICE, ["data-science"]), (MALLORY, ["system:authenticated"])])
    def test_who_is_admitted_waits_for_the_subscription(self, maas, expect, instances, caller, groups):
        self.empty(maas)
        instance = instances()
        instance["access"]["groups"] = groups
        finding = only(look(expect(instance, caller=caller), maas.connect, 0))
        assert finding.state == discovery.PENDING
        assert finding.missing == [ALIAS]
        assert f"{caller.user} does not have the subscription llm-openai-prod yet" in finding.reason

    def test_who_has_the_subscription_waits_for_the_reference(self, maas, expect, instance):
        self.empty(maas, "llm-openai-prod")
        finding = only(look(expect(instance), maas.connect, 0))
        assert finding.state == discovery.PENDING
        assert "though alice has the subscription" in finding.reason
        assert "MaaSModelRef" in finding.remedy

    @pytest.mark.parametrize("answer", [(404, "404 page not found"), (500, "x"), {"not": "a list"}])
    def test_where_maas_does_not_tell_it_is_waited_for(self, maas, expect, instance, answer):
        maas.on("GET", "/v1/models", {"data": []})
        maas.on("GET", SUBSCRIPTIONS, answer)
        assert only(look(expect(instance, caller=MALLORY), maas.connect, 0)).state == discovery.PENDING

    def test_of_a_minimal_instance_nobody_knows_whom_it_admits(self, maas, expect):
        self.empty(maas)
        minimal = {"name": "openai-prod", "namespace": "llm", "url": f"{MAAS}/llm/openai-prod"}
        assert only(look(expect(minimal, caller=MALLORY), maas.connect, 0)).state == discovery.PENDING

    @pytest.mark.parametrize(
        ("changes", "seen", "reason"),
        [
            ({"ready": False}, "not_ready", "MaaS lists it as not ready"),
            ({"id": "openai-prod"}, "missing", "listed as openai-prod, its published id is not known"),
        ],
    )
    def test_listed_but_not_as_it_should(self, maas, expect, instance, changes, seen, reason):
        listed = {"id": ALIAS, "owned_by": "llm/openai-prod", "ready": True, **changes}
        maas.on("GET", "/v1/models", {"data": [listed]})
        maas.on("GET", SUBSCRIPTIONS, [])
        finding = only(look(expect(instance), maas.connect, 0))
        assert finding.state == discovery.PENDING
        assert getattr(finding, seen) == [ALIAS]
        assert reason in finding.reason


class TestNoList:
    @pytest.mark.parametrize(
        ("answer", "elapsed", "final", "reason"),
        [
            (TransportError("tls", "self-signed certificate"), 0, True, "the certificate of MaaS is not trusted"),
            (TransportError("name", "Name or service not known"), 0, True, "MaaS is not at this URL"),
            (TransportError("refused", "Connection refused"), 0, False, "MaaS does not answer"),
            (TransportError("timeout", "timed out"), 0, False, "MaaS does not answer"),
            ((401, "Authentication required"), 0, False, "MaaS refuses the caller"),
            ((403, "Access denied"), 119, False, "MaaS refuses the caller"),
            ((401, "Authentication required"), 121, True, "MaaS refuses the caller"),
            ((403, "Access denied"), 121, True, "MaaS refuses the caller"),
            ((302, "", {"location": "https://sso"}), 0, True, "there is no model list at this URL"),
            ((404, "404 page not found"), 0, True, "there is no model list at this URL"),
            ((200, "<html>Sign in</html>"), 0, True, "the answer is not a model list"),
            ((429, "Too Many Requests"), 0, False, "MaaS cannot show its list"),
            ((500, {"error": {"message": "Failed to select subscription"}}), 500, False, "MaaS cannot show"),
            ((503, "no healthy upstream"), 500, False, "MaaS cannot show"),
        ],
    )
    def test_what_waiting_can_cure(self, maas, expect, instance, answer, elapsed, final, reason):
        maas.on("GET", "/v1/models", answer)
        outcome = look(expect(instance), maas.connect, elapsed)
        finding = only(outcome)
        assert finding.state == (discovery.FAILED if final else discovery.PENDING)
        assert finding.reason.startswith(reason)
        assert f"GET {MAAS}/v1/models" in outcome.message()
        assert "alice-token" not in outcome.message()

    def test_backs_off_while_it_cannot_tell(self, maas, expect, instance):
        maas.on("GET", "/v1/models", (503, ""))
        memory, waits = None, []
        for _attempt in range(6):
            outcome = look(expect(instance), maas.connect, 0, memory)
            memory = outcome.memory()
            waits.append(outcome.retry_after)
        assert waits == [2, 4, 8, 16, 30, 30]

    def test_honours_what_it_asks_for(self, maas, expect, instance):
        maas.on("GET", "/v1/models", (429, "", {"retry-after": "17"}))
        assert look(expect(instance), maas.connect, 0).retry_after == 17

    def test_a_refused_connection_is_tried_again_soon(self, maas, expect, instance):
        maas.on("GET", "/v1/models", TransportError("refused", "x"))
        assert look(expect(instance), maas.connect, 0).retry_after is None


class TestTheInstanceDoesNotAnswer:
    @pytest.mark.parametrize(
        ("answer", "elapsed", "state"),
        [
            ((401, "Authentication required"), 60, "pending"),
            ((403, "Access denied"), 60, "pending"),
            ((403, "Access denied"), 130, "failed"),
            ((404, ""), 130, "pending"),
            ((503, "no healthy upstream"), 130, "pending"),
            ((429, "Too Many Requests"), 130, "pending"),
            (TransportError("tls", "x"), 0, "failed"),
            ((200, "<html>"), 0, "failed"),
        ],
    )
    def test_what_waiting_can_cure(self, good, expect, instance, answer, elapsed, state):
        good.on("GET", OWN_LIST, answer)
        finding = only(look(expect(instance), good.connect, elapsed))
        assert finding.state == state
        assert finding.reason

    def test_the_longest_wait_that_was_asked_for_counts(self, good, expect, instances):
        good.lists("openai-prod", "two", "three")
        good.serves("three", "gpt-4o-mini")
        good.on("GET", OWN_LIST, (429, "", {"retry-after": "7"}))
        good.on("GET", "/llm/two/v1/models", (503, "", {"retry-after": "9"}))
        outcome = look(expect(instances(), instances("two"), instances("three")), good.connect, 0)
        assert outcome.retry_after == 9
        assert outcome.names(discovery.PROVEN) == ["three"]


class TestFromAttemptToAttempt:
    def test_an_answer_that_was_lost_is_asked_for_at_the_next_attempt(self, good, expect, instance):
        good.on("POST", CHAT, TransportError("connection", "Connection reset by peer"), chat)
        first = look(expect(instance), good.connect, 0)
        assert only(first).state == discovery.PENDING
        assert only(look(expect(instance), good.connect, 1, first.memory())).state == discovery.PROVEN

    def test_what_is_settled_is_not_asked_again(self, good, expect, instances):
        good.on("GET", SUBSCRIPTIONS, [{"subscription_id_header": "llm-late"}])
        expected = expect(instances(), instances("late"))
        first = look(expected, good.connect, 0)
        assert first.names(discovery.PROVEN) == ["openai-prod"]
        assert first.progress().startswith("1 of 2 still to be proven: late (MaaS does not list it")

        good.lists("openai-prod", "late")
        good.serves("late", "gpt-4o-mini")
        second = look(expected, good.connect, 5, json.loads(json.dumps(first.memory())))
        assert second.names(discovery.PROVEN) == ["openai-prod", "late"]
        assert len(good.requests("GET", OWN_LIST)) == 1

        third = look(expected, good.connect, 9, second.memory())
        assert third.results() == second.results()
        assert len(good.requests("GET", "/v1/models")) == 2

    def test_progress_stays_short_and_timeless(self, maas, expect, instances):
        maas.lists()
        maas.on("GET", SUBSCRIPTIONS, [])
        outcome = look(expect(*(instances(f"m{n}") for n in range(9))), maas.connect, 0)
        assert outcome.progress().startswith("9 of 9 still to be proven: m0 (MaaS does not list it), m1 (")
        assert outcome.progress().endswith(", 4 more")

    def test_progress_tells_the_whole_reason_of_a_few(self, good, expect, instance):
        good.on("GET", OWN_LIST, (503, "no healthy upstream"))
        assert look(expect(instance), good.connect, 0).progress().endswith("answered 503: no healthy upstream)")

    def test_the_message_names_every_instance(self, maas, expect, instances):
        maas.on("GET", "/v1/models", TransportError("tls", "x"))
        message = look(expect(instances("one"), instances("two")), maas.connect, 0).message()
        assert [line.split(":")[0] for line in message.splitlines()] == ["one", "two"]
        assert "llamastack_maas_ca_file" in message


class Narrow(GenerationB2):
    """A generation whose list can leave out what works, and whose instances take only credentials of MaaS."""

    list_is_complete = False

    def accepts_user_token(self, path):
        return False

    def entitlements_request(self):
        return None


KEYS = "/maas-api/v1/api-keys"


class TestWithBorrowedCredentials:
    def test_an_unlisted_instance_is_proven_by_its_answer_and_the_credential_revoked(self, maas, expect, instance):
        maas.lists()
        maas.serves("openai-prod", "gpt-4o-mini")
        maas.on("POST", KEYS, (201, {"key": "sk-oai-key_1", "id": "k1"}))
        maas.on("DELETE", f"{KEYS}/k1", {"status": "revoked"})
        finding = only(look(expect(instance, generation=Narrow()), maas.connect, 0))
        assert (finding.state, finding.missing) == (discovery.PROVEN, [ALIAS])
        assert maas.requests("GET", OWN_LIST)[0].headers["Authorization"] == "Bearer sk-oai-key_1"
        assert maas.requests("POST", KEYS)[0].document["subscription"] == "llm-openai-prod"
        assert len(maas.requests("DELETE", f"{KEYS}/k1")) == 1

    def test_a_refused_credential_is_waited_for(self, maas, expect, instance):
        maas.lists("openai-prod")
        maas.on("POST", KEYS, (400, {"error": "subscription is unreconciled", "code": "subscription_not_ready"}))
        finding = only(look(expect(instance, generation=Narrow()), maas.connect, 0))
        assert finding.state == discovery.PENDING
        assert "subscription is unreconciled" in finding.reason


class TestWhereTheListIsMadeByAskingTheInstances:
    """Generation B1: the ids are the instance's own, and one that lists nothing appears under its reference's name."""

    MINI, BIG = "openai-prod/gpt-4o-mini", "openai-prod/gpt-4o"

    @pytest.fixture
    def look_at(self, maas, expect, instances, b1):
        def look_at(*listed, caller=ALICE, elapsed=0, memory=None, **changes):
            data = [{"id": each, "owned_by": "llm/openai-prod", "ready": True} for each in listed]
            maas.on("GET", "/v1/models", {"data": data, "object": "list"})
            proof, half = changes.pop("proof", "call"), changes.pop("awaits_platform", True)
            instance = instances(**{"published_id": None, "listed_ids": [self.BIG, self.MINI], **changes})
            expected = expect(instance, generation=b1, caller=caller, proof=proof, awaits_platform=half)
            return look(expected, maas.connect, elapsed, memory)

        return look_at

    def own(self, maas, *ids):
        maas.on("GET", OWN_LIST, {"data": [{"id": each} for each in ids]})
        maas.on("POST", KEYS, (201, {"key": "sk-oai-key_1", "id": "k1"}))
        maas.on("DELETE", f"{KEYS}/k1", {"status": "revoked"})
        maas.on("POST", CHAT, chat)

    def test_all_its_ids_are_what_callers_see(self, maas, look_at):
        self.own(maas, self.MINI, self.BIG)
        finding = only(look_at(self.MINI, self.BIG))
        assert (finding.state, finding.ids) == (discovery.PROVEN, [self.BIG, self.MINI])
        assert finding.client_base_url == f"{MAAS}/llm/openai-prod/v1"
        assert maas.requests("GET", OWN_LIST)[0].headers["Authorization"] == "Bearer alice-token"

    def test_what_the_provider_does_not_report_cannot_be_listed(self, maas, look_at):
        self.own(maas, self.MINI)
        finding = only(look_at(self.MINI))
        assert (finding.state, finding.missing, finding.not_offered) == (discovery.PROVEN, [], [self.BIG])

    def test_what_it_reports_and_maas_does_not_list_is_waited_for(self, maas, look_at):
        self.own(maas, self.MINI, self.BIG)
        finding = only(look_at(self.MINI))
        assert (finding.state, finding.missing) == (discovery.PENDING, [self.BIG])
        assert finding.reason == f"MaaS does not list all of it yet: {self.BIG}"

    def test_an_instance_that_comes_back_is_waited_for_until_maas_lists_it(self, maas, look_at):
        self.own(maas, self.MINI)
        finding = only(look_at("openai-prod", listed_ids=[]))
        assert (finding.state, finding.ids) == (discovery.PENDING, [])

    def test_a_wrong_key_is_told_at_once_and_the_key_revoked(self, maas, look_at):
        self.own(maas)
        maas.on("POST", KEYS, (201, {"key": "sk-oai-key_1", "id": "k1"}))
        maas.on("DELETE", f"{KEYS}/k1", (404, {"error": "API key not found"}))
        maas.on("POST", CHAT, (401, {"error": {"message": "Error code: 401 - Incorrect API key provided: x"}}))
        finding = only(look_at("openai-prod"))
        assert finding.state == discovery.FAILED
        assert finding.reason.startswith("the provider refused the key")
        assert maas.requests("POST", CHAT)[0].headers["Authorization"] == "Bearer sk-oai-key_1"
        assert len(maas.requests("DELETE", f"{KEYS}/k1")) == 1

    def test_between_two_calls_the_reason_of_the_first_stands(self, maas, look_at):
        self.own(maas)
        maas.on("POST", KEYS, (201, {"key": "sk-oai-key_1", "id": "k1"}))
        maas.on("POST", CHAT, (500, {"error": {"message": "Internal server error"}}))
        first = look_at("openai-prod")
        second = look_at("openai-prod", elapsed=5, memory=first.memory())
        assert only(second).reason == only(first).reason
        assert only(second).reason.startswith("the instance got no usable answer from its provider")
        assert len(maas.requests("POST", CHAT)) == 1

    @pytest.mark.parametrize(
        ("listed", "state"),
        [(["MINI", "BIG"], "visible"), (["MINI"], "visible"), (["openai-prod"], "pending"), ([], "pending")],
    )
    def test_without_proof_one_of_its_ids_is_enough(self, maas, look_at, listed, state):
        maas.on("GET", SUBSCRIPTIONS, [{"subscription_id_header": "llm-openai-prod"}])
        assert only(look_at(*(getattr(self, each, each) for each in listed), proof="none")).state == state

    def test_nobody_waits_for_what_others_register(self, maas, look_at):
        maas.on("GET", SUBSCRIPTIONS, [])
        finding = only(look_at(awaits_platform=False))
        assert finding.state == discovery.NOT_ENTITLED
        assert finding.reason == "registered, not proven: scope platform does not admit alice yet"

    @pytest.mark.parametrize(("elapsed", "state"), [(0, "pending"), (119, "pending"), (121, "not_entitled")])
    def test_what_others_have_registered_gets_the_time_of_the_caches(self, maas, look_at, elapsed, state):
        maas.on("GET", SUBSCRIPTIONS, [{"subscription_id_header": "llm-openai-prod"}])
        assert only(look_at(awaits_platform=False, elapsed=elapsed)).state == state


class TestWhereTokensTellTheTier:
    """Generation A: no subscriptions, tokens that expire by themselves, a list that can hide what works."""

    TOKENS = "/maas-api/v1/tokens"

    @pytest.fixture
    def look_at(self, maas, expect, a, jwt):
        def look_at(*instances, tier="free", own_list=None):
            token = jwt({"sub": f"system:serviceaccount:maas-default-gateway-tier-{tier}:alice-1a2b"})
            maas.on("POST", self.TOKENS, (201, {"token": token, "expiration": "10m0s"}))
            maas.on("GET", "/v1/models", {"data": None, "object": "list"})
            for instance in instances:
                answer = own_list or {"data": [{"id": f"{instance['name']}/gpt-4o"}]}
                maas.on("GET", f"/llm/{instance['name']}/v1/models", answer)
                maas.on("POST", f"/llm/{instance['name']}/v1/chat/completions", chat)
            return look(expect(*instances, generation=a), maas.connect, 0)

        return look_at

    @pytest.fixture
    def make(self, a, instances):
        return lambda name="openai-prod", **access: instances(name, access=a.normalise_access(access))

    def test_one_that_the_list_hides_is_proven_by_its_own(self, maas, look_at, make):
        finding = only(look_at(make()))
        assert (finding.state, finding.missing) == (discovery.PROVEN, ["openai-prod"])
        assert finding.reason == "MaaS does not list it, but it answers to openai-prod"
        assert finding.client_base_url == f"{MAAS}/llm/openai-prod/v1"

    def test_one_token_serves_all_and_none_is_ever_revoked(self, maas, look_at, make):
        outcome = look_at(make("one"), make("two"), make("three"))
        assert outcome.names(discovery.PROVEN) == ["one", "two", "three"]
        assert [request.document for request in maas.requests("POST", self.TOKENS)] == [{"expiration": "10m"}]
        assert not [request for request in maas.sent if request.method == "DELETE"]

    def test_who_is_in_no_admitted_tier_is_told_at_once(self, maas, look_at, make):
        finding = only(look_at(make(tiers=["premium", "enterprise"])))
        assert finding.state == discovery.NOT_ENTITLED
        assert finding.reason == "registered, not proven: alice is in none of tiers premium, enterprise"
        assert "llamastack_maas_token" in finding.remedy
        assert "prober" not in finding.remedy, "it is in the tier that the platform gives it"
        assert not maas.requests("GET", OWN_LIST)

    def test_who_is_in_one_of_them_is_not(self, look_at, make):
        assert only(look_at(make(tiers=["premium"]), tier="premium")).state == discovery.PROVEN

    def test_a_used_up_limit_is_left_alone(self, look_at, make):
        outcome = look_at(make(), own_list=(429, "Too Many Requests"))
        assert only(outcome).state == discovery.PENDING
        assert outcome.retry_after == 15

    def test_a_list_that_uses_up_the_limit_is_not_asked_for_again(self, maas, expect, a, look_at, make):
        one, two = make("one"), make("two")
        met = look_at(one, two, own_list=(429, "Too Many Requests"))
        maas.on("GET", "/llm/one/v1/models", {"data": [{"id": "one/gpt-4o"}]})
        second = look(expect(one, two, generation=a), maas.connect, 15, json.loads(json.dumps(met.memory())))
        assert second.names(discovery.PROVEN) == ["one"]
        maas.on("GET", "/llm/two/v1/models", {"data": [{"id": "two/gpt-4o"}]})
        third = look(expect(one, two, generation=a), maas.connect, 30, second.memory())
        assert third.names(discovery.PROVEN) == ["one", "two"]
        assert len(maas.requests("GET", "/v1/models")) == 1
