# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import TransportError
from ansible_collections.llamastack.maas.plugins.module_utils.maas import checks
from ansible_collections.llamastack.maas.plugins.module_utils.maas.checks import (
    Outsider,
    ValidationPlan,
    World,
    check_all,
)
from ansible_collections.llamastack.maas.plugins.module_utils.maas.credentials import Caller
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.b2 import GenerationB2

MAAS = "https://maas.example.com"
KEYS = "/maas-api/v1/api-keys"
CHAT = "/llm/openai-prod/v1/chat/completions"
OWN_LIST = "/llm/openai-prod/v1/models"
MODEL = "openai-prod/gpt-4o-mini"
KEY = "sk-oai-key_1"

ALICE = Caller("alice-token", "alice", ("data-science", "system:authenticated"))
NOBODY = Caller("nobody-token", "nobody", ("system:authenticated",))


class Gateway:
    """What stands before the chat of an instance in good order; tests replace single decisions."""

    def __init__(self, maas):
        self.maas = maas
        self.admitted = {KEY}
        self.models = {"openai-prod/gpt-4o-mini"}
        self.instead = {}
        self.completion = maas.routes["POST", CHAT][0]

    def __call__(self, request):
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token:
            return self.instead.get("anonymous", (401, "Authentication required"))
        if token not in self.admitted:
            return self.instead.get("outsider", (403, "Access denied"))
        model = request.document["model"]
        if model not in self.models:
            message = f"Model '{model}' is not in the allowed models list. Allowed models: []"
            return self.instead.get("closed", (400, {"error": {"message": message}}))
        kind = "stream" if request.document.get("stream") else "chat"
        return self.instead.get(kind) or self.completion(request)


@pytest.fixture
def good(maas):
    maas.lists("openai-prod")
    maas.serves("openai-prod", "gpt-4o-mini")
    maas.on("POST", "/v1/chat/completions", maas.routes["POST", CHAT][0])
    maas.on("POST", KEYS, (201, {"key": KEY, "id": "k1"}))
    maas.on("DELETE", f"{KEYS}/k1", {"status": "revoked"})
    maas.gateway = Gateway(maas)
    maas.on("POST", CHAT, maas.gateway)
    return maas


@pytest.fixture
def run(maas, b2):
    def run(*instances, observations=None, **changes):
        plan = ValidationPlan(
            **{"generation": b2, "maas_url": MAAS, "caller": ALICE, "outsider": Outsider(NOBODY), **changes}
        )
        results = check_all(plan, instances, World(maas.connect, maas.clock, maas.sleep), observations)
        return {result["check"]: result for result in results} if len(instances) == 1 else results

    return run


def states(results):
    return {name: result["state"] for name, result in results.items()}


ALL_GOOD = {
    "objects": "skipped",
    "pods": "skipped",
    "listed": "passed",
    "credential": "passed",
    "health": "passed",
    "chat": "passed",
    "models": "passed",
    "stream": "passed",
    "usage": "passed",
    "published_id": "passed",
    "closed_models": "passed",
    "no_credentials": "passed",
    "outsider": "passed",
    "credential_revoked": "passed",
}


def test_an_instance_in_good_order_passes(good, run, instance):
    results = run(instance)
    assert states(results) == ALL_GOOD
    assert list(results) == list(ALL_GOOD)
    assert good.slept == []
    assert results["chat"]["detail"] == f"{MODEL} answered at {MAAS}/llm/openai-prod"
    keys = {"instance", "namespace", "check", "state", "detail", "remedy", "seconds"}
    assert {name: set(result) - keys for name, result in results.items() if set(result) - keys} == {
        "chat": {"measures"},
        "stream": {"measures"},
    }


def test_what_a_call_took_is_measured_without_what_was_waited_for_before_it(good, run, instance):
    answers = [(503, "no healthy upstream"), good.gateway.completion]
    good.on("POST", CHAT, lambda request: answers.pop(0) if len(answers) > 1 else good.gateway(request))
    results = run(instance)
    assert results["chat"]["seconds"] >= 2
    assert results["chat"]["measures"] == {"total_time": 0.25}
    assert results["stream"]["measures"] == {"time_to_first_token": 0.25, "total_time": 0.75}


def test_what_failed_is_not_measured(good, run, instance):
    good.gateway.instead["chat"] = (400, {"error": {"message": "Error code: 401 - Incorrect API key"}})
    assert all("measures" not in result for result in run(instance).values())


def test_only_what_was_asked_for_is_called_and_what_it_needs(good, run, instance):
    assert list(run(instance, only=frozenset({"chat"}))) == ["credential", "health", "chat", "credential_revoked"]
    assert "stream" in run(instance, only=frozenset({"stream"}))


def test_every_call_carries_the_credential_of_its_own_subscription(good, run, instance):
    run(instance)
    (minted,) = good.requests("POST", KEYS)
    assert minted.headers["Authorization"] == "Bearer alice-token"
    assert minted.document["subscription"] == "llm-openai-prod"
    assert minted.document["ephemeral"] is True
    for path in ("/llm/openai-prod/v1/health", OWN_LIST):
        assert {each.headers["Authorization"] for each in good.requests("GET", path)} == {f"Bearer {KEY}"}
    (published,) = good.requests("POST", "/v1/chat/completions")
    assert published.headers["Authorization"] == f"Bearer {KEY}"
    assert published.document["model"] == "publishers/llm/models/openai-prod"


def test_an_instance_whose_url_is_not_safe_is_not_called(good, run, instances):
    results = run(instances(url="http://maas.example.com/llm/openai-prod"))
    assert results["health"]["state"] == "failed" and "it is not HTTPS" in results["health"]["detail"]
    assert {state for name, state in states(results).items() if name not in ("health", "listed")} == {"skipped"}
    assert {request.path for request in good.sent} == {"/v1/models"}


def test_no_result_shows_a_credential(good, run, instance):
    good.on("GET", "/v1/models", (500, "you are alice-token"))
    good.on("GET", "/llm/openai-prod/v1/health", (500, {"error": f"you are {KEY}"}))
    good.gateway.instead["outsider"] = (500, "you are nobody-token")
    text = str(run(instance))
    assert text.count("you are ********") == 3
    assert "nobody-token" not in text
    assert KEY not in text
    assert "alice-token" not in text


class TestRevoking:
    def test_happens_though_a_check_blew_up(self, good, run, instance):
        good.on("GET", "/llm/openai-prod/v1/health", lambda request: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(instance)
        assert len(good.requests("DELETE", f"{KEYS}/k1")) == 1

    @pytest.mark.parametrize(
        ("answer", "state"), [((404, {"error": "API key not found"}), "passed"), ((500, "x"), "failed")]
    )
    def test_what_is_gone_is_gone(self, good, run, instance, answer, state):
        good.on("DELETE", f"{KEYS}/k1", answer)
        assert run(instance)["credential_revoked"]["state"] == state

    def test_nothing_is_revoked_in_bulk(self, good, run, instance):
        run(instance)
        assert [request.path for request in good.sent if request.method == "DELETE"] == [f"{KEYS}/k1"]


class TestCredential:
    def test_a_subscription_that_is_not_ready_yet_is_waited_for(self, good, run, instance):
        not_ready = (400, {"code": "subscription_not_ready", "error": "subscription is unreconciled"})
        good.on("POST", KEYS, not_ready, not_ready, (201, {"key": KEY, "id": "k1"}))
        assert states(run(instance)) == ALL_GOOD
        assert good.slept == [2, 2]

    def test_without_one_nothing_that_needs_it_is_tried(self, good, run, instance):
        good.on("POST", KEYS, (403, {"error": "subscription is in Failed phase"}))
        results = run(instance)
        assert results["credential"]["state"] == "failed"
        assert "subscription is in Failed phase" in results["credential"]["detail"]
        for name in ("health", "chat", "models", "stream", "usage", "published_id", "closed_models"):
            assert (name, results[name]["state"]) == (name, "skipped")
            assert "not tried" in results[name]["detail"]
        assert results["no_credentials"]["state"] == results["outsider"]["state"] == "passed"
        assert results["credential_revoked"]["detail"] == "none was issued"

    def test_an_answer_that_cannot_be_read_does_not_show_the_key(self, good, run, instance):
        good.on("POST", KEYS, (201, {"key": "plain-looking-key"}))
        result = run(instance, settle_timeout=0)["credential"]
        assert result["state"] == "failed"
        assert "plain-looking-key" not in result["detail"]

    def test_a_given_key_is_used_as_it_is(self, good, run, instance):
        results = run(instance, caller=Caller(KEY, "the holder of the given token"))
        assert results["chat"]["state"] == "passed"
        assert not good.requests("POST", KEYS)
        assert results["credential_revoked"]["state"] == "skipped"


class TestListed:
    def test_an_outsider_as_the_caller_fails_at_once(self, good, run, instance):
        good.lists()
        good.on("GET", "/maas-api/v1/subscriptions", [])
        results = run(instance, caller=NOBODY)
        assert results["listed"]["detail"] == "registered, not proven: nobody is in none of group data-science"
        assert results["listed"]["remedy"]
        assert results["credential"]["state"] == "skipped"
        assert good.slept == []

    def test_what_waiting_cannot_cure_is_not_waited_for(self, good, run, instance):
        for method, path in list(good.routes):
            good.on(method, path, TransportError("tls", "self-signed certificate"))
        results = run(instance)
        assert results["listed"]["detail"].startswith("the certificate of MaaS is not trusted")
        assert results["credential"]["state"] == "skipped"
        assert results["no_credentials"]["state"] == results["outsider"]["state"] == "failed"
        assert good.slept == []

    def test_is_given_time_to_settle(self, good, run, instance):
        listed = good.routes["GET", "/v1/models"][0]
        good.on("GET", "/v1/models", (403, "Access denied"), (503, ""), listed)
        assert states(run(instance)) == ALL_GOOD

    def test_of_several_instances_each_is_told_by_itself(self, good, run, instances):
        good.on("GET", "/maas-api/v1/subscriptions", [{"subscription_id_header": "llm-two"}])
        results = run(instances(), instances("two"), settle_timeout=5)
        listed = {result["instance"]: result["state"] for result in results if result["check"] == "listed"}
        assert listed == {"openai-prod": "passed", "two": "failed"}
        assert [result["instance"] for result in results] == ["openai-prod"] * 14 + ["two"] * 14


class TestChat:
    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            ((401, {"error": {"message": "Error code: 401 - Invalid bearer token"}}), "the provider refused the key"),
            (
                (500, {"error": {"message": "Internal server error: x"}}),
                "the instance got no usable answer from its provider",
            ),
            ((500, {"error": {"message": "Error code: 500 - x"}}), "the provider is out of order"),
            ((404, {"error": {"message": "Error code: 404 - x"}}), "the provider does not know the model"),
            (TransportError("timeout", "timed out"), "the instance does not reach its provider"),
            ((200, "<html>"), "the answer does not hold what was asked for"),
        ],
    )
    def test_a_failure_says_whose_it_is_and_what_hangs_on_it_is_not_tried(self, good, run, instance, answer, reason):
        good.gateway.instead["chat"] = answer
        results = run(instance)
        assert results["chat"]["state"] == "failed"
        assert results["chat"]["detail"].startswith(reason)
        assert results["chat"]["remedy"]
        assert {results[name]["state"] for name in ("stream", "usage", "published_id")} == {"skipped"}
        assert results["closed_models"]["state"] == results["outsider"]["state"] == "passed"
        assert good.slept == []

    def test_an_answer_of_another_instance_fails(self, good, run, instance):
        good.gateway.instead["chat"] = {"model": "gemini/x", "choices": [{"message": {"content": ""}}]}
        result = run(instance)["chat"]
        assert result["state"] == "failed"
        assert f"was asked for {MODEL} and answered as 'gemini/x'" in result["detail"]

    def test_a_google_refusal_without_words_is_about_the_key(self, good, run, instance):
        good.serves("openai-prod")
        good.on("POST", CHAT, (400, {"error": {"message": "Error code: 400"}}))
        results = run(instance)
        assert results["chat"]["detail"].startswith("the provider refused the key")
        assert results["models"]["state"] == "failed"

    def test_without_a_named_model_a_reported_one_is_asked(self, good, run, instances):
        results = run(instances(models=None, published_model=None, listed_ids=[]))
        assert results["chat"]["detail"].startswith(MODEL)
        assert results["closed_models"]["state"] == "skipped"

    def test_refusals_and_missing_routes_are_given_time_in_all(self, good, run, instance):
        health = "/llm/openai-prod/v1/health"
        good.on("GET", health, (403, ""), (404, ""), (503, ""), TransportError("refused", "x"), {"status": "OK"})
        assert states(run(instance)) == ALL_GOOD
        assert good.slept == [2, 2, 2, 2]

    def test_but_not_for_ever(self, good, run, instance):
        good.on("GET", "/llm/openai-prod/v1/health", (503, "no healthy upstream"))
        good.on("GET", OWN_LIST, (503, "no healthy upstream"))
        good.on("POST", CHAT, (503, "no healthy upstream"))
        results = run(instance, settle_timeout=10)
        assert sum(good.slept) == 10
        assert results["health"]["detail"].startswith("the gateway does not reach the instance's pod")
        assert results["no_credentials"]["state"] == results["outsider"]["state"] == "failed"
        assert "neither answered nor refused" in results["outsider"]["detail"]


class TestForms:
    """Servers that take a call in another form than the first."""

    def refuse(self, good, message, *, unless):
        completion = good.gateway.completion
        refusal = (400, {"error": {"message": f"Error code: 400 - {message}"}})
        good.gateway.completion = lambda request: completion(request) if unless(request.document) else refusal

    @pytest.mark.parametrize(
        ("message", "unless"),
        [
            ("Use 'max_completion_tokens' instead of 'max_tokens'", lambda document: "max_tokens" not in document),
            ("Extra inputs are not permitted", lambda document: not any("max" in key for key in document)),
            ("max_tokens must be at least 400", lambda document: document.get("max_tokens", 0) >= 400),
        ],
    )
    def test_a_refused_limit_fails_no_check(self, good, run, instance, message, unless):
        self.refuse(good, message, unless=unless)
        good.on("POST", "/v1/chat/completions", good.gateway.completion)
        assert states(run(instance)) == ALL_GOOD

    def test_what_was_found_is_not_tried_again(self, good, run, instance):
        self.refuse(good, "max_tokens: unknown field", unless=lambda document: "max_tokens" not in document)
        run(instance)
        streams = [each for each in good.requests("POST", CHAT) if each.document.get("stream")]
        assert len(streams) == 1

    def test_a_model_that_makes_embeddings_passes(self, good, run, instances):
        embed = {"model": MODEL, "data": [{"embedding": [0.1]}], "usage": {"prompt_tokens": 5, "total_tokens": 5}}
        refusal = (404, {"error": {"message": "Error code: 404 - this is not a chat model"}})
        good.gateway.completion = lambda request: embed if "input" in request.document else refusal
        good.on("POST", "/llm/openai-prod/v1/embeddings", good.gateway)
        good.on("POST", "/v1/embeddings", {**embed, "model": "publishers/llm/models/openai-prod"})
        results = run(instances())
        assert states(results) == {**ALL_GOOD, "stream": "skipped"}
        assert results["chat"]["detail"] == f"{MODEL} answered a call for embeddings at {MAAS}/llm/openai-prod"
        assert results["usage"]["detail"] == "5 tokens in the answer"

    def test_where_the_server_says_what_the_model_is_nothing_else_is_tried(self, good, run, instances):
        told = [{"id": MODEL, "custom_metadata": {"model_type": "embedding"}}]
        good.on("GET", OWN_LIST, {"data": told})
        good.on("POST", "/llm/openai-prod/v1/embeddings", {"model": MODEL, "data": [{"embedding": [0.1]}]})
        assert run(instances(), only=frozenset({"chat"}))["chat"]["state"] == "passed"
        assert not good.requests("POST", CHAT)


class TestLimitOutsideTheLimitCheck:
    def test_is_waited_out(self, good, run, instance):
        answers = iter([(429, "Too Many Requests"), (429, "Too Many Requests", {"retry-after": "30"})])
        completion = good.gateway.completion
        good.gateway.completion = lambda request: next(answers, None) or completion(request)
        assert states(run(instance)) == ALL_GOOD
        assert good.slept == [5, 30]

    def test_then_it_is_reported_as_the_limit(self, good, run, instance):
        good.gateway.instead["chat"] = (429, "Too Many Requests")
        result = run(instance, limit_timeout=20)["chat"]
        assert result["detail"].startswith("the caller's token limit is used up")
        assert "token_limits" in result["remedy"]
        assert sum(good.slept) == 20


class TestModels:
    def test_a_list_that_flickers_is_read_again(self, good, run, instance):
        whole = good.routes["GET", OWN_LIST][0]
        good.on("GET", OWN_LIST, {"data": [{"id": "publishers/llm/models/openai-prod"}]}, whole)
        assert run(instance)["models"]["state"] == "passed"
        assert good.slept == [1]

    def test_an_unreported_model_that_answers_is_only_mentioned(self, good, run, instances):
        dated = "openai-prod/claude-haiku-4-5"
        good.gateway.models.add(dated)
        result = run(instances(models=["gpt-4o-mini", "claude-haiku-4-5"], listed_ids=[MODEL, dated]))["models"]
        assert result["state"] == "passed"
        assert result["detail"] == f"1 listed; not listed: {dated}"

    def test_an_unreported_model_that_the_provider_does_not_know_fails(self, good, run, instances):
        good.gateway.instead["closed"] = (404, {"error": {"message": "Error code: 404 - no such model"}})
        result = run(instances(listed_ids=[MODEL, "openai-prod/gpt-typo"]))["models"]
        assert result["state"] == "failed"
        assert result["detail"].startswith("openai-prod/gpt-typo: the provider does not know the model")

    def test_what_is_registered_is_called_for_it_is_listed_whatever_the_provider_has(self, good, run, instances):
        latest, typo = "openai-prod/gpt-4o-latest", "openai-prod/gpt-typo"
        named = {"models": ["gpt-4o-mini", "gpt-4o-latest"], "listed_ids": [MODEL, latest]}
        good.gateway.models.update((latest, typo))
        good.serves("openai-prod", "gpt-4o-mini", "gpt-4o-latest", "gpt-typo")
        result = run(instances(**named, registered_ids=[MODEL, latest]))["models"]
        assert (result["state"], result["detail"]) == ("passed", "3 listed")
        asked = [request.document["model"] for request in good.requests("POST", CHAT)]
        assert latest in asked and typo not in asked

    @pytest.mark.parametrize(
        ("message", "told"),
        [
            ("Error code: 404 - The model `gpt-typo` does not exist", "the provider does not know the model"),
            ("Error code: 404 - The model `gpt-typo` has been deprecated", "the provider has retired the model"),
            ("Error code: 403 - You do not have access to this model", "does not give this key or account the model"),
        ],
    )
    def test_what_is_registered_and_not_there_fails(self, good, run, instances, message, told):
        ids = [MODEL, "openai-prod/gpt-typo"]
        good.on("GET", OWN_LIST, {"data": [{"id": each} for each in ids]})
        good.gateway.instead["closed"] = (int(message[12:15]), {"error": {"message": message}})
        result = run(instances(models=["gpt-4o-mini", "gpt-typo"], listed_ids=ids, registered_ids=ids))["models"]
        assert result["state"] == "failed"
        assert result["detail"].startswith("openai-prod/gpt-typo: ") and told in result["detail"]


class TestStreamAndUsage:
    def test_a_stream_that_breaks_off_fails(self, good, run, instance):
        good.gateway.instead["stream"] = (200, 'data: {"error": {"message": "gone"}}\n\n')
        results = run(instance)
        assert "the stream broke off: gone" in results["stream"]["detail"]
        assert results["stream"]["remedy"]
        assert results["usage"]["detail"] == "12 tokens in the answer"

    @pytest.mark.parametrize(
        ("kind", "answer", "where"),
        [
            ("chat", {"model": MODEL, "choices": [{"message": {"content": ""}}]}, "no usage in the answer"),
            ("stream", (200, 'data: {"choices": [{"delta": {}}]}\n\n'), "no usage in the stream"),
        ],
    )
    def test_tokens_that_are_not_told_are_not_counted(self, good, run, instance, kind, answer, where):
        good.gateway.instead[kind] = answer
        result = run(instance)["usage"]
        assert (result["state"], result["detail"]) == ("failed", where)
        assert "Token limits" in result["remedy"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("who", "check", "detail"),
        [
            ("anonymous", "no_credentials", "answers without credentials"),
            ("outsider", "outsider", "nobody got an answer"),
            ("closed", "closed_models", "reached the provider"),
        ],
    )
    def test_an_answer_where_there_should_be_none_fails(self, good, run, instance, who, check, detail):
        good.gateway.instead[who] = {"model": "x", "choices": [{"message": {"content": "hello"}}]}
        result = run(instance)[check]
        assert result["state"] == "failed"
        assert detail in result["detail"]
        assert result["remedy"]

    def test_the_outsider_names_the_subscription_and_nobody_sends_nothing(self, good, run, instance):
        run(instance)
        by_bearer = {each.headers.get("Authorization"): each for each in good.requests("POST", CHAT)}
        assert by_bearer["Bearer nobody-token"].headers["X-MaaS-Subscription"] == "llm-openai-prod"
        assert None in by_bearer

    def test_a_closed_model_that_the_provider_refused_went_too_far(self, good, run, instance):
        good.gateway.instead["closed"] = (404, {"error": {"message": "Error code: 404 - no such model"}})
        assert run(instance)["closed_models"]["state"] == "failed"

    def test_a_closed_model_that_an_older_server_does_not_know_is_refused(self, good, run, instance):
        good.gateway.instead["closed"] = (404, {"error": {"message": "Model 'x' not found."}})
        assert run(instance)["closed_models"]["state"] == "passed"

    @pytest.mark.parametrize(
        ("access", "outsider", "why"),
        [
            ({"groups": ["system:authenticated"]}, Outsider(NOBODY), "access is open to every authenticated caller"),
            ({}, Outsider(None, "no permission to make one"), "no permission to make one"),
            ({"users": ["nobody"]}, Outsider(NOBODY), "access admits nobody"),
        ],
    )
    def test_the_outsider_is_skipped_with_the_reason(self, good, run, instances, access, outsider, why):
        instance = instances()
        instance["access"].update(access)
        result = run(instance, outsider=outsider)["outsider"]
        assert result["state"] == "skipped"
        assert result["detail"].startswith(why)

    def test_needs_an_outsider_unless_all_are_open(self, b2, instances):
        closed, is_open = instances(), instances(access=b2.default_access())
        assert checks.needs_outsider(b2, [is_open, closed])
        assert not checks.needs_outsider(b2, [is_open])


class CredentialsOnly(GenerationB2):
    list_is_complete = False

    def accepts_user_token(self, path):
        return False


class TestWhereOnlyCredentialsOfMaasCount:
    def test_an_outsider_who_gets_no_credential_is_refused(self, good, run, instance):
        def mint(request):
            if request.headers["Authorization"] == "Bearer alice-token":
                return 201, {"key": KEY, "id": "k1"}
            return 400, {"code": "invalid_subscription", "error": "Unable to resolve a subscription"}

        good.on("POST", KEYS, mint)
        result = run(instance, generation=CredentialsOnly())["outsider"]
        assert (result["state"], result["detail"]) == ("passed", "nobody gets no credential: 400")

    def test_an_outsider_with_a_credential_must_be_refused_with_it(self, good, run, instance):
        def mint(request):
            who = "k1" if request.headers["Authorization"] == "Bearer alice-token" else "k2"
            return 201, {"key": KEY if who == "k1" else "sk-oai-other_2", "id": who}

        good.on("POST", KEYS, mint)
        good.on("DELETE", f"{KEYS}/k2", {})
        result = run(instance, generation=CredentialsOnly())["outsider"]
        assert (result["state"], result["detail"]) == ("passed", "403 to nobody")
        assert len(good.requests("DELETE", f"{KEYS}/k2")) == 1

    def test_not_being_listed_decides_nothing(self, good, run, instance):
        good.lists()
        good.on("GET", "/maas-api/v1/subscriptions", [{"subscription_id_header": "llm-openai-prod"}])
        results = run(instance, generation=CredentialsOnly())
        assert results["listed"]["state"] == "skipped"
        assert results["chat"]["state"] == "passed"
        assert good.slept == []


class TestWhereTokensTellTheTier:
    """Generation A."""

    TOKENS = "/maas-api/v1/tokens"

    @pytest.fixture
    def token(self, jwt):
        return lambda tier, who: jwt({"sub": f"system:serviceaccount:maas-default-gateway-tier-{tier}:{who}"})

    @pytest.fixture
    def check(self, good, run, a, instances, token):
        """The checks of an instance whose access is C(tiers), as a caller and an outsider in these tiers."""

        def check(*tiers, caller="premium", outsider="free", **changes):
            tokens = {"Bearer alice-token": token(caller, "alice"), "Bearer nobody-token": token(outsider, "nobody")}

            def mint(request):
                issued = tokens[request.headers["Authorization"]]
                return issued if isinstance(issued, tuple) else (201, {"token": issued})

            good.lists()
            good.on("POST", self.TOKENS, mint)
            good.gateway.admitted = {token(tier, "alice") for tier in tiers or ("free", "premium")}
            good.gateway.models.add("openai-prod")
            instance = instances(published_id="openai-prod", access=a.normalise_access({"tiers": list(tiers)}))
            return run(instance, generation=a, **changes)

        return check

    def test_all_good_though_it_is_not_listed(self, good, check):
        results = check("premium")
        skipped = {"objects", "pods", "listed", "credential_revoked"}
        assert {name for name, state in states(results).items() if state != "passed"} == skipped
        assert results["published_id"]["detail"] == f"openai-prod answered at {MAAS}/llm/openai-prod/v1"
        assert results["credential_revoked"]["detail"] == "it only expires by itself"
        assert not [request for request in good.sent if request.method == "DELETE"]

    def test_an_outsider_in_another_tier_must_be_refused(self, check):
        result = check("premium")["outsider"]
        assert (result["state"], result["detail"]) == ("passed", "403 to nobody")

    def test_whoever_is_in_the_tier_is_no_outsider(self, check):
        result = check("premium", "free")["outsider"]
        assert (result["state"], result["detail"]) == ("skipped", "access admits nobody, who was to be the outsider")

    def test_a_caller_in_another_tier_is_told(self, check):
        results = check("enterprise")
        assert (results["credential"]["state"], results["credential"]["detail"]) == (
            "failed",
            "alice is in none of tier enterprise",
        )
        assert results["chat"]["state"] == "skipped"

    def test_a_limit_that_the_platform_sets_need_not_be_reached(self, check):
        assert check("premium", rate_limit=True)["rate_limit"]["state"] == "skipped"


class TestWhereTheListIsMadeByAskingTheInstances:
    """Generation B1."""

    def listed(self, good, *ids):
        good.on("GET", "/v1/models", {"data": [{"id": each, "owned_by": "llm/openai-prod"} for each in ids]})

    def check(self, good, run, b1, instances, *ids, **changes):
        self.listed(good, *ids)
        good.on("GET", OWN_LIST, {"data": [{"id": each} for each in ids if "/" in each]})
        return run(instances(published_id=None, **changes), generation=b1)

    def test_all_good(self, good, run, b1, instances):
        results = self.check(good, run, b1, instances, MODEL)
        assert results["listed"]["detail"] == f"{MODEL} to alice"
        assert results["published_id"]["detail"] == "MaaS lists the instance's own ids"
        skipped = {"objects", "pods", "published_id"}
        expected = {name: "skipped" if name in skipped else "passed" for name in ALL_GOOD}
        assert {**states(results), "outsider": "passed"} == expected

    def test_what_is_not_listed_is_told(self, good, run, b1, instances):
        listed = self.check(good, run, b1, instances, MODEL, listed_ids=[MODEL, "openai-prod/o9"])["listed"]
        assert (listed["state"], listed["detail"]) == ("passed", f"{MODEL} to alice; not listed: openai-prod/o9")

    def test_one_that_lists_nothing_is_looked_at_twice_and_not_waited_for(self, good, run, b1, instances):
        good.gateway.instead["chat"] = (401, {"error": {"message": "Error code: 401 - Incorrect API key"}})
        results = self.check(good, run, b1, instances, "openai-prod")
        assert results["listed"]["state"] == results["chat"]["state"] == "failed"
        assert "listed as openai-prod: it lists no model of its own" in results["listed"]["detail"]
        assert len(good.requests("GET", "/v1/models")) == 2
        assert sum(good.slept) < 5

    @pytest.mark.parametrize(
        ("answer", "state"),
        [
            ((400, {"code": "invalid_subscription", "error": "Unable to resolve a subscription"}), "passed"),
            ((403, "Access denied"), "passed"),
            ((500, {"error": "database"}), "failed"),
            ((400, {"code": "subscription_not_ready", "error": "unreconciled"}), "failed"),
            (TransportError("refused", "Connection refused"), "failed"),
        ],
    )
    def test_only_a_refusal_refuses_the_outsider(self, good, run, b1, instances, answer, state):
        def mint(request):
            return (201, {"key": KEY, "id": "k1"}) if "alice" in request.headers["Authorization"] else answer

        good.on("POST", KEYS, mint)
        assert self.check(good, run, b1, instances, MODEL)["outsider"]["state"] == state


class TestRateLimit:
    def limited(self, good, after):
        completion = good.gateway.completion
        good.calls = 0

        def answer(request):
            if len(request.document["messages"][0]["content"]) < 200:
                return completion(request)
            good.calls += 1
            return completion(request) if good.calls <= after else (429, "Too Many Requests")

        good.gateway.completion = answer

    def test_passes_at_429(self, good, run, instance):
        self.limited(good, 9)
        result = run(instance, rate_limit=True)["rate_limit"]
        assert result["state"] == "passed"
        assert result["detail"] == "429 after 108 tokens in 9 calls (limit: 1000 tokens per 1m)"

    def test_fails_if_429_never_comes(self, good, run, instance):
        self.limited(good, 99)
        result = run(instance, rate_limit=True)["rate_limit"]
        assert result["state"] == "failed"
        assert good.calls == 20

    @pytest.mark.parametrize(
        ("limits", "reason"),
        [
            ([{"limit": 1_000_000, "window": "1m"}], "1000000 tokens per 1m are more than 20 calls"),
            ([{"limit": 1000, "window": "1s"}], "the window passed"),
        ],
    )
    def test_what_cannot_be_reached_is_skipped(self, good, run, instances, limits, reason):
        def slow(request):
            good.now += 0.5
            return Gateway.__call__(good.gateway, request)

        good.on("POST", CHAT, slow)
        instance = instances()
        instance["access"]["token_limits"] = limits
        result = run(instance, rate_limit=True)["rate_limit"]
        assert result["state"] == "skipped"
        assert result["detail"].startswith(reason)

    def test_the_lowest_limit_counts(self, good, run, instances):
        self.limited(good, 3)
        instance = instances()
        instance["access"]["token_limits"] = [{"limit": 90000, "window": "1h"}, {"limit": 1000, "window": "1m"}]
        assert "limit: 1000 tokens per 1m" in run(instance, rate_limit=True)["rate_limit"]["detail"]

    def test_the_providers_own_limit_proves_nothing(self, good, run, instance):
        def answer(request):
            return 429, {"error": {"message": "Error code: 429 - Rate limit reached"}}

        completion = good.gateway.completion
        good.gateway.completion = lambda request: (
            answer(request) if len(request.document["messages"][0]["content"]) > 200 else completion(request)
        )
        result = run(instance, rate_limit=True)["rate_limit"]
        assert result["state"] == "skipped"
        assert "provider's own limit" in result["detail"]

    def test_is_not_tried_unasked(self, good, run, instance):
        assert "rate_limit" not in run(instance)


class TestObservations:
    @pytest.mark.parametrize(
        ("observed", "objects", "pods"),
        [
            ({"ready": True}, "passed", "passed"),
            (
                {"ready": False, "what": "Deployment", "reason": "RollingOut", "message": "0 of 1"},
                "skipped",
                "failed",
            ),
            (
                {"ready": False, "what": "MaaSModelRef", "reason": "Pending", "message": "x"},
                "failed",
                "skipped",
            ),
        ],
    )
    def test_become_checks(self, good, run, instance, observed, objects, pods):
        results = run(instance, observations={"openai-prod": observed})
        assert (results["objects"]["state"], results["pods"]["state"]) == (objects, pods)

    def test_a_failure_tells_what_was_seen(self, good, run, instance):
        known = {"cause": "no policy names it", "evidence": "e", "remedy": "Run the platform half."}
        observed = {"ready": False, "what": "MaaSModelRef", "reason": "Pending", "message": "Awaiting pairing"}
        observed["explanations"] = [known, {"cause": "another", "remedy": "x"}]
        result = run(instance, observations={"openai-prod": observed})["objects"]
        assert result["detail"] == "MaaSModelRef: Pending: Awaiting pairing: no policy names it"
        assert result["remedy"] == "Run the platform half."


@pytest.mark.parametrize("state", ["scaled to 0", "waiting"])
def test_what_is_scaled_to_0_is_said_once_and_not_called(run, instance, state):
    observed = {
        "ready": False,
        "state": state,
        "what": "Deployment",
        "reason": "ScaledToZero",
        "message": "it has 0 replicas, so nothing answers",
    }
    results = run(instance, observations={"openai-prod": observed})
    assert (results["objects"]["state"], results["pods"]["state"]) == ("passed", "failed")
    assert results["pods"]["detail"] == "scaled to 0: it has 0 replicas, so nothing answers"
    assert results["pods"]["remedy"]
    assert {results[name]["detail"] for name in ("health", "chat", "stream")} == {
        "not tried: the instance is scaled to 0"
    }
    assert [name for name, result in results.items() if result["state"] == "failed" and name != "listed"] == ["pods"]
