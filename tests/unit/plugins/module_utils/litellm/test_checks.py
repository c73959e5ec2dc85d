# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import TransportError
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.checks import ProofPlan, ProofWorld, check_all
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.proof_keys import PREFIX, Maker, ProofKeys

from .fake_litellm import MASTER, FakeLitellm, deployment

CHAT = ("POST", "/v1/chat/completions")
MODELS = [{"name": "a", "mode": "chat", "model": "openai/gpt-4o-mini"}, {"name": "b", "mode": "chat"}]
REFUSALS = ("model_not_allowed", "expired_key", "exhausted_budget", "blocked_key")


def run(litellm, models=None, routes=(), **how):
    plan = ProofPlan(
        **{"models": MODELS if models is None else models, "routes": routes, "replicas": len(litellm.replicas), **how}
    )
    keys = ProofKeys(litellm.connect(MASTER), Maker("here", 1))
    results = check_all(plan, litellm.connect(MASTER), keys, ProofWorld(litellm.connect, litellm.clock, litellm.sleep))
    return {(each["target"], each["check"]): each for each in results}


def states(results, target="gateway"):
    return {check: each["state"] for (about, check), each in results.items() if about == target}


def not_passed(results):
    return {key: each["detail"] for key, each in results.items() if each["state"] != "passed"}


@pytest.mark.parametrize("old", [False, True], ids=["1.108", "1.81"])
def test_a_gateway_in_good_order_passes_and_nothing_is_left(old):
    litellm = FakeLitellm(old=old)
    results = run(litellm)
    left_out = {("gateway", "salt"): "this version of LiteLLM does not report it"} if old else {}
    assert not_passed(results) == left_out
    assert litellm.keys == {}
    assert states(results, "model a") == {"stored": "passed", "chat": "passed", "stream": "passed"}
    assert results["model a", "stream"]["measures"] == {"time_to_first_token": 0.25, "total_time": 0.75}
    assert "4 calls with 48 tokens" in results["gateway", "usage"]["detail"]
    assert all(each["detail"].startswith(kind) for kind, each in _refusals(results).items())


def _refusals(results):
    kinds = ("key_model_access_denied", "expired_key", "budget_exceeded", "auth_error")
    return {kind: results["gateway", check] for kind, check in zip(kinds, REFUSALS)}


def test_what_a_key_may_cost_and_how_long_it_lasts_is_limited():
    litellm = FakeLitellm()
    run(litellm, budget=0.5)
    made = [document for _method, path, document in litellm.calls if path == "/key/generate"]
    assert len(made) == 5
    assert all(each["key_alias"].startswith(PREFIX) and each["duration"] in ("1s", "30m") for each in made)
    assert max(each["max_budget"] for each in made) == 0.5
    asked = [document for method, path, document in litellm.calls if path.startswith("/v1/chat")]
    assert all(each["max_tokens"] <= 16 for each in asked)


@pytest.mark.parametrize("check", ["salt", "key"])
def test_a_master_key_that_is_not_taken_is_said_with_what_to_do(check):
    litellm = FakeLitellm()
    admin = litellm.connect("sk-another")
    results = check_all(
        ProofPlan(models=MODELS, routes=()),
        admin,
        ProofKeys(admin, Maker("here", 1)),
        ProofWorld(litellm.connect, litellm.clock, litellm.sleep),
    )
    (found,) = [each for each in results if (each["target"], each["check"]) == ("gateway", check)]
    assert found["state"] == "failed" and found["remedy"].startswith("LiteLLM does not take the master key. Where ")


@pytest.mark.parametrize(
    "mode, path, streamed",
    [("completion", "/v1/completions", "passed"), ("embedding", "/v1/embeddings", "skipped")],
)
def test_a_model_is_called_as_its_mode_says_and_in_no_other_way(mode, path, streamed):
    litellm = FakeLitellm()
    results = run(litellm, [{"name": "a", "mode": mode}])
    assert states(results, "model a") == {"stored": "passed", mode: "passed", "stream": streamed}
    called = {where for _method, where, document in litellm.calls if document and document.get("model") == "a"}
    assert called == {path}


REFUSED = [
    (401, "authentication_error", "the provider refuses its key"),
    (404, "invalid_request_error", "the provider has no such model"),
    (500, "internal_server_error", "LiteLLM does not reach the model"),
    (503, None, "LiteLLM does not reach the model"),
]


@pytest.mark.parametrize("status, kind, meaning", REFUSED)
def test_what_a_provider_refuses_is_told_from_what_litellm_refuses(status, kind, meaning):
    litellm = FakeLitellm()

    def fail(value, document):
        return (status, {"error": {"message": "x", "type": kind}}) if document["model"] == "b" else None

    litellm.instead[CHAT] = fail
    results = run(litellm)
    assert states(results, "model b") == {"stored": "passed", "chat": "failed", "stream": "skipped"}
    assert results["model b", "chat"]["detail"].startswith(meaning) and results["model b", "chat"]["remedy"]
    assert states(results, "model a")["chat"] == "passed"
    assert results["gateway", "usage"]["state"] == "passed"


def test_a_refusal_of_another_type_is_no_proof():
    litellm = FakeLitellm()
    litellm.instead[CHAT] = lambda value, document: (
        (403, {"error": {"message": "no", "type": "key_vector_store_access_denied"}})
        if document["model"] not in ("a",) or document.get("stream")
        else None
    )
    results = run(litellm, [MODELS[0]])
    assert results["gateway", "model_not_allowed"]["state"] == "failed"
    assert results["gateway", "exhausted_budget"]["state"] == "failed"


def test_a_gateway_that_refuses_nothing_fails():
    litellm = FakeLitellm()
    good = {"model": "x", "choices": [{"message": {"role": "assistant", "content": "ready"}}]}
    litellm.instead[CHAT] = lambda value, document: (200, good)
    litellm.instead["GET", "/v1/models"] = (200, {"data": []})
    results = run(litellm, models=[])
    expected = {"no_credentials": "failed", **{each: "failed" for each in (*REFUSALS, "key_deleted")}}
    assert {key: state for key, state in states(results).items() if state == "failed"} == expected
    assert litellm.now < 400


def test_a_refused_key_is_waited_for_on_every_replica():
    litellm = FakeLitellm(replicas=2)
    results = run(litellm)
    assert not_passed(results) == {}
    assert "by every replica after" in results["gateway", "blocked_key"]["detail"]
    assert "for up to 60 s" in results["gateway", "blocked_key"]["detail"] and litellm.now >= 60


def test_two_replicas_are_expected_where_their_number_is_not_known():
    litellm = FakeLitellm(replicas=2)
    results = run(litellm, replicas=None)
    assert "every replica that may be behind the URL" in results["gateway", "blocked_key"]["detail"]
    assert not_passed(results) == {}


def test_usage_that_never_arrives_fails():
    litellm = FakeLitellm()
    litellm.written_after = 1000.0
    results = run(litellm)
    assert not_passed(results).keys() == {("gateway", "usage"), ("gateway", "spend")}
    assert results["gateway", "usage"]["state"] == "failed"
    assert litellm.keys == {}


def test_models_without_a_price_have_no_spend_to_look_for():
    litellm = FakeLitellm()
    litellm.cost = 0
    assert not_passed(run(litellm)) == {
        ("gateway", "spend"): "none of the models that were called has a price, so budgets do not limit them"
    }


@pytest.mark.parametrize(
    "salt, state", [((0, 0), "skipped"), ((16, 15), "passed"), ((16, 0), "failed"), ((16, 3), "failed")]
)
def test_a_wrong_salt_is_found(salt, state):
    litellm = FakeLitellm()
    litellm.salt = salt
    assert run(litellm)["gateway", "salt"]["state"] == state


@pytest.mark.parametrize(
    "answer",
    [
        (503, {"status": "healthy", "db": "disconnected"}),
        (200, {"status": "healthy", "db": "Not connected"}),
        (200, {"status": "healthy"}),
    ],
)
def test_a_database_that_is_away_is_found_whatever_the_health_is_called(answer):
    litellm = FakeLitellm()
    litellm.instead["GET", "/health/readiness"] = answer
    assert run(litellm)["gateway", "database"]["state"] == "failed"


def test_nothing_is_called_of_a_gateway_that_is_away():
    litellm = FakeLitellm()
    litellm.instead["GET", "/health/liveliness"] = TransportError("refused", "connection refused")
    results = run(litellm, routes=[{"name": "r", "order": ["a"]}])
    assert states(results)["health"] == "failed"
    assert {state for key, state in states(results).items() if key != "health"} == {"skipped"}
    assert states(results, "route r") == {"stored": "skipped", "chat": "skipped", "stream": "skipped"}
    assert {path for _method, path, _document in litellm.calls} == {"/health/liveliness"}


def test_a_model_that_is_scaled_to_0_is_not_started_by_a_call():
    litellm = FakeLitellm()
    litellm.rows += [deployment("r", member="b", order=1)]
    results = run(litellm, routes=[{"name": "r", "order": ["b"]}], scaled={"b": "scaled to 0"})
    assert states(results, "model b") == {"stored": "passed", "chat": "skipped", "stream": "skipped"}
    assert states(results, "route r") == {"stored": "passed", "chat": "skipped", "stream": "skipped"}
    called = {document["model"] for _m, path, document in litellm.calls if path.startswith("/v1/chat")}
    assert "b" not in called and "r" not in called


def test_no_token_is_spent_where_none_may_be():
    litellm = FakeLitellm()
    results = run(litellm, spend=False)
    assert states(results, "model a") == {"stored": "passed", "chat": "skipped", "stream": "skipped"}
    assert states(results)["usage"] == "skipped"
    assert litellm.logs == []


def test_keys_are_deleted_also_when_the_proof_breaks_off():
    litellm = FakeLitellm()

    def break_off(value, document):
        raise KeyboardInterrupt

    litellm.instead["GET", "/spend/logs"] = break_off
    with pytest.raises(KeyboardInterrupt):
        run(litellm)
    assert litellm.keys == {}


def test_what_limits_calls_is_waited_out():
    litellm = FakeLitellm()
    answers = [(429, {"error": {"message": "cooldown", "type": "None"}}, {"retry-after": "5"})] * 2
    litellm.instead[CHAT] = lambda value, document: answers.pop() if document["model"] == "a" and answers else None
    assert not_passed(run(litellm)) == {}
    assert litellm.now >= 10
