# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to hold of an instance in use, checked by real calls: that it answers, and whom and what it refuses.

Each check ends as passed, failed, or skipped with the reason why it does not apply; a check that could not be made
because another failed is skipped too, and names that one. The calls carry a credential that MaaS issues for the
instance's subscription, and that is revoked by its id at the end.
"""

from __future__ import annotations

import functools
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ansible_collections.llamastack.maas.plugins.module_utils.base import service_url
from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import (
    FAILED,
    PASSED,
    Outcome,
    failed,
    passed,
    skipped,
)
from ansible_collections.llamastack.maas.plugins.module_utils.base.polling import Attempt, poll
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, HttpClient, Request
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import SCALED, SCALED_REASON
from ansible_collections.llamastack.maas.plugins.module_utils.maas import discovery
from ansible_collections.llamastack.maas.plugins.module_utils.maas.credentials import (
    Caller,
    Connect,
    MintingRefused,
    borrowed,
    mint,
    revoke,
)
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import (
    Credential,
    Generation,
    Instance,
)
from ansible_collections.llamastack.maas.plugins.module_utils.openai import calls as inference, model_names, small_call

_AT_ONCE = 8
_OUTSIDER_LIFETIME = 60
_PAUSE_WHILE_SETTLING = 2.0
_PAUSE_AT_LIMIT = 5.0
_PAUSE_FOR_REFRESH = 1.0

# How many models that the provider does not report are called to see whether it has them.
_UNREPORTED_CALLS = 5

# The limit check may cost this much and no more.
_LIMIT_CALLS = 20
_LIMIT_PROMPT_TOKENS = 8000
_CALLS_TO_REACH_LIMIT = 10
_SECONDS = {"s": 1, "m": 60, "h": 3600}

# A name that no provider has, so that only the instance's own filter can refuse it in the filter's words.
_CLOSED_MODEL = "llamastack-maas-closed-model"

_SETTLING = frozenset(
    {
        inference.CALLER_UNKNOWN,
        inference.CALLER_REFUSED,
        inference.NO_ROUTE,
        inference.INSTANCE_DOWN,
        inference.UNREACHABLE,
    }
)
# What an observation begins with that stands for the pods; all others stand for the service and its registration.
_ABOUT_PODS = ("Deployment", "pod")

_SCALE_UP = (
    "Deploy again, which gives it the replicas of the list; where another manager, such as kubectl scale, has set them,"
    " with llamastack_maas_force_conflicts."
)

_NO_CREDENTIAL = "Check that the caller's subscription is Active and its own, or that the platform has a tier for it."

# What can be asked for by its name.
SELECTABLE = (
    "chat",
    "models",
    "stream",
    "usage",
    "published_id",
    "closed_models",
    "no_credentials",
    "outsider",
    "rate_limit",
)

# A call needs a credential, and all but the first ones need a model that answers.
_NEEDED_BY_CALLS = frozenset({"credential", "health", "chat"})

_REFUSED = frozenset({inference.CALLER_UNKNOWN, inference.CALLER_REFUSED})
_AT_LIMIT = frozenset({inference.TOKEN_LIMIT, inference.PROVIDER_LIMIT})


@dataclass(frozen=True)
class Outsider:
    """Somebody whom the instances must refuse."""

    caller: Caller | None
    absent_because: str = ""
    """Why there is nobody, where there is not."""


@dataclass(frozen=True)
class ValidationPlan:
    """How to check. Times are in seconds."""

    generation: Generation
    maas_url: str
    caller: Caller
    outsider: Outsider
    rate_limit: bool = False
    """Whether to use up each token limit."""
    spend: bool = True
    """Whether to make calls that cost tokens."""
    only: frozenset[str] = frozenset()
    """The calls to make; what they need is done, too. Empty: all checks."""
    chat_timeout: float = 60.0
    """For one answer of a provider."""
    settle_timeout: float = 60.0
    """For how long, per instance, refusals and missing routes are taken for not being there yet."""
    limit_timeout: float = 130.0
    """For how long, per instance, a used up limit is waited out."""
    credential_lifetime: int = 900


@dataclass(frozen=True)
class World:
    """The network and the clock."""

    connect: Connect
    clock: t.Callable[[], float]
    sleep: t.Callable[[float], None]


def needs_outsider(generation: Generation, instances: t.Iterable[Instance]) -> bool:
    """Whether somebody has to be refused by one of the instances."""
    return any(
        not instance.get("access") or not generation.open_to_everybody(instance["access"]) for instance in instances
    )


def check_all(
    plan: ValidationPlan,
    instances: t.Sequence[Instance],
    world: World,
    observations: t.Mapping[str, t.Mapping[str, t.Any]] | None = None,
) -> list[dict[str, t.Any]]:
    """Check all instances side by side.

    An instance needs what C(Expectations) of C(discovery.py) says; one whose C(url) is empty is not called.
    C(observations) are those of the cluster by the instance's name: C(ready), C(what), C(reason), C(message),
    C(explanations).
    Returns dicts of C(instance), C(namespace), C(check), C(state), C(detail), C(remedy), C(seconds) and, where something
    was measured, C(measures), in the order of the instances.
    """
    started = world.clock()
    findings = _what_is_listed(plan, instances, world)
    seconds = world.clock() - started

    def check(instance: Instance) -> list[dict[str, t.Any]]:
        name = instance["name"]
        return _Checks(plan, instance, world, findings[name], seconds, (observations or {}).get(name)).run()

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return [result for results in pool.map(check, instances) for result in results]


def _what_is_listed(
    plan: ValidationPlan, instances: t.Sequence[Instance], world: World
) -> dict[str, discovery.Finding]:
    """What the caller sees in MaaS's list, once it has settled."""
    expected = discovery.Expectations(plan.generation, plan.maas_url, plan.caller, instances, discovery.VISIBILITY)
    memory: dict[str, t.Any] = {}
    started = world.clock()

    def attempt() -> Attempt:
        nonlocal memory
        again = bool(memory)
        found = discovery.look(expected, world.connect, world.clock() - started, memory)
        memory = found.memory()
        pending = [found.findings[name] for name in found.names(discovery.PENDING)]
        # What an instance itself does not list may be missing while it is refreshed, but not the second time.
        done = all(again and finding.partial for finding in pending)
        return Attempt(done=done, retry_after=found.retry_after, value=found)

    timeout = plan.settle_timeout if plan.generation.list_is_complete else 0
    return poll(attempt, clock=world.clock, sleep=world.sleep, timeout=timeout).last.value.findings


class _Checks:
    """All checks of one instance, in order. A check may look at the outcomes of those before it."""

    def __init__(
        self,
        plan: ValidationPlan,
        instance: Instance,
        world: World,
        finding: discovery.Finding,
        seconds_to_list: float,
        observation: t.Mapping[str, t.Any] | None,
    ) -> None:
        self._plan = plan
        self._generation = plan.generation
        self._instance = instance
        self._world = world
        self._finding = finding
        self._seconds_to_list = seconds_to_list
        self._observation = observation
        self._settle_left = plan.settle_timeout - seconds_to_list
        self._limit_left = plan.limit_timeout
        self._base_url = f"{instance['url']}/v1"
        self._url_problem = service_url.problem(instance["url"] or "")
        self._closed_model = f"{model_names.model_prefix(instance)}{_CLOSED_MODEL}"
        self._as_caller = world.connect(self._generation.caller_headers(plan.caller.token))
        self._credential: Credential | None = None
        self._listing: Answer | None = None
        self._model = ""
        self._form = small_call.Form()
        self._tokens: dict[str, int] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._results: list[dict[str, t.Any]] = []

    def run(self) -> list[dict[str, t.Any]]:
        if not self._plan.only:
            self._record("objects", self._objects)
            self._record("pods", self._pods)
            self._record("listed", self._listed, self._seconds_to_list)
        calls: dict[str, t.Callable[[], Outcome]] = {
            "credential": self._mint,
            "health": self._health,
            "chat": self._chat,
            "models": self._models,
            "stream": self._stream,
            "usage": self._usage,
            "published_id": self._published_id,
            "closed_models": self._closed_models,
            "no_credentials": self._no_credentials,
            "outsider": self._outsider,
        }
        if self._plan.rate_limit:
            calls["rate_limit"] = self._rate_limit
        try:
            for name, call in calls.items():
                if self._plan.only and name not in self._plan.only | _NEEDED_BY_CALLS:
                    continue
                can_be_called = self._url_problem is None or name == "health"
                self._record(name, _not_running if self._is_scaled_to_0() else call if can_be_called else _no_url)
        finally:
            self._record("credential_revoked", self._revoke)
        return self._results

    def _record(self, name: str, check: t.Callable[[], Outcome], seconds: float = 0.0) -> None:
        started = self._world.clock()
        outcome = check()
        self._outcomes[name] = outcome
        seconds += self._world.clock() - started
        self._results.append(
            outcome.as_result(name, seconds, instance=self._instance["name"], namespace=self._instance["namespace"])
        )

    def _is_scaled_to_0(self) -> bool:
        observed = self._observation or {}
        return observed.get("state") == SCALED or observed.get("reason") == SCALED_REASON

    def _objects(self) -> Outcome:
        return self._observed("every object is ready", about_pods=False)

    def _pods(self) -> Outcome:
        return self._observed("the rollout is complete", about_pods=True)

    def _observed(self, good: str, *, about_pods: bool) -> Outcome:
        observed = self._observation
        if observed is None:
            return skipped("the cluster was not looked at")
        if observed.get("ready"):
            return passed(good)
        if self._is_scaled_to_0():
            if not about_pods:
                return passed(good)
            return failed(f"{SCALED}: {observed.get('message')}", _SCALE_UP)
        what = str(observed.get("what") or "the instance")
        if what.startswith(_ABOUT_PODS) is not about_pods:
            return skipped(f"not decided: {what} is not ready")
        known = next(iter(observed.get("explanations") or []), {})
        parts = [what, observed.get("reason"), observed.get("message"), known.get("cause")]
        return failed(": ".join(part for part in parts if part), known.get("remedy") or "")

    def _listed(self) -> Outcome:
        finding = self._finding
        if finding.state == discovery.VISIBLE:
            unlisted = f"; not listed: {', '.join(finding.missing)}" if finding.missing else ""
            return passed(f"{', '.join(finding.ids)} to {self._plan.caller.user}{unlisted}")
        if finding.state == discovery.PENDING and not self._generation.list_is_complete:
            return skipped(f"{finding.reason}; this generation's list can leave out what works, so the chat decides")
        return failed(finding.reason, finding.remedy)

    def _mint(self) -> Outcome:
        token = self._plan.caller.token
        if self._finding.state in (discovery.NOT_ENTITLED, discovery.FAILED):
            return skipped(f"not asked for: {self._finding.reason}")
        if self._generation.is_credential(token):
            self._credential = Credential(token)
            return passed("the given token is a credential of MaaS itself")
        subscription = self._finding.subscription or self._generation.subscription(self._instance)
        while True:
            try:
                credential = mint(self._generation, self._as_caller, subscription, self._plan.credential_lifetime)
            except MintingRefused as refusal:
                if self._wait_to_settle(refusal.answer):
                    continue
                return failed(f"MaaS issues no credential to {self._plan.caller.user}: {refusal}", _NO_CREDENTIAL)
            access = self._instance.get("access")
            if access and self._generation.admits_holder(access, credential) is False:
                reason = discovery.not_admitted(self._generation, self._instance, self._plan.caller.user)
                return failed(reason, self._generation.not_admitted_remedy)
            self._credential = credential
            return passed(f"for the subscription {subscription}" if subscription else "issued")

    def _revoke(self) -> Outcome:
        if self._credential is None:
            return skipped("none was issued")
        if self._credential.id is None:
            return skipped("it only expires by itself")
        problem = revoke(self._generation, self._as_caller, self._credential)
        if problem:
            return failed(f"it is left to expire: {problem}", f"Revoke the API key {self._credential.id}.")
        return passed("by its id")

    def _health(self) -> Outcome:
        if not self._instance["url"]:
            return failed(
                "it has no URL at the gateway", "Deploy the instance; its LLMInferenceService shows what is not ready."
            )
        if self._url_problem:
            return failed(f"its URL {self._instance['url']} is not called: {self._url_problem}", service_url.REMEDY)
        why = self._no_credential()
        if why:
            return why
        answer, verdict = self._ask(Request("GET", f"{self._base_url}/health"), inference.judge)
        return passed(answer.describe()) if verdict.ok else _failed_by(verdict)

    def _own_list(self) -> Answer:
        """The instance's own model list; read twice where an id is missing, for it flickers while it is refreshed."""
        if self._listing is None:
            expected = set(self._instance.get("listed_ids") or [])
            for attempt in (1, 2):
                answer, verdict = self._ask(inference.models_request(self._base_url), inference.judge)
                ids = inference.model_ids(answer) or []
                if (
                    not verdict.ok
                    or attempt == 2
                    or (model_names.offered(self._instance, ids) and expected <= set(ids))
                ):
                    break
                self._world.sleep(_PAUSE_FOR_REFRESH)
            self._listing = answer
        return self._listing

    def _reported(self, ids: t.Iterable[str]) -> list[str]:
        return model_names.reported_by_provider(self._instance, ids)

    def _chat(self) -> Outcome:
        why = self._no_answer() or self._no_spending()
        if why:
            return why
        listing = self._own_list()
        silent = not self._reported(inference.model_ids(listing) or [])

        def send(request: Request) -> Answer:
            judge = functools.partial(self._judge, provider_listed_nothing=silent)
            return self._ask(request, judge)[0]

        called = inference.call(send, self._instance, self._base_url, listing)
        if called is None:
            return failed(
                "the instance lists no model of its provider, and none is named to chat with",
                "Name a published_model, so that a call distinguishes a refused key from a provider out of reach.",
            )
        if not called.verdict.ok:
            return _failed_by(called.verdict)
        document = inference.completion(called.answer) or {}
        if document.get("model") != called.model:
            return failed(
                f"{called.answer.url} was asked for {called.model} and answered as {document.get('model')!r}",
                "The URL leads to another instance: compare the HTTPRoutes of the model namespace.",
            )
        self._model, self._form = called.model, called.form
        self._tokens["answer"] = inference.total_tokens(document)
        what = "" if called.form.path == small_call.CHAT else f" a call for {called.form.in_words}"
        return passed(f"{called.model} answered{what} at {self._instance['url']}", inference.measures(called.answer))

    def _models(self) -> Outcome:
        why = self._no_answer()
        if why:
            return why
        listing = self._own_list()
        verdict = inference.judge(listing)
        if not verdict.ok:
            return _failed_by(verdict)
        ids = inference.model_ids(listing) or []
        offered = model_names.offered(self._instance, ids)
        if not offered and self._outcomes["chat"].state != PASSED:
            return failed(
                "the instance lists no model of its provider",
                "The provider refused the key, or is out of reach: the chat check shows which.",
            )
        unlisted = sorted(set(self._instance.get("listed_ids") or []) - set(ids))
        to_ask = unlisted[:_UNREPORTED_CALLS] or model_names.others_to_ask(self._instance)
        for model in to_ask if self._plan.spend else []:
            # A model that is registered is listed whatever its provider has; one that is not listed may be callable.
            _asked, verdict = self._call(model, small_call.first_form(model, inference.model_types(listing).get(model)))
            if verdict.kind in inference.NO_SUCH_MODEL:
                return failed(f"{model}: {verdict.reason}", verdict.remedy)
        told = f"{len(offered)} listed"
        return passed(f"{told}; not listed: {', '.join(unlisted)}" if unlisted else told)

    def _stream(self) -> Outcome:
        why = self._no_spending() or self._no_chat()
        if why:
            return why
        if self._form.path == small_call.EMBEDDINGS:
            return skipped("an embedding is not streamed")
        asked, verdict = self._call(self._model, self._form, stream=True, judge=inference.judge)
        if not verdict.ok:
            return _failed_by(verdict)
        answer = asked.answer
        stream = inference.read_stream(answer)
        if stream.verdict:
            return _failed_by(stream.verdict)
        if stream.error:
            return failed(f"{answer.method} {answer.url}: {stream.error}")
        self._tokens["stream"] = stream.tokens
        return passed(f"{stream.chunks} chunks", inference.measures(answer))

    def _usage(self) -> Outcome:
        why = self._no_spending() or self._no_chat()
        if why:
            return why
        silent = [what for what, tokens in self._tokens.items() if not tokens]
        if silent:
            return failed(
                f"no usage in the {' and in the '.join(silent)}",
                "Token limits do not count such calls. Ask the provider for an endpoint that reports usage.",
            )
        return passed(", ".join(f"{tokens} tokens in the {what}" for what, tokens in self._tokens.items()))

    def _published_id(self) -> Outcome:
        published = self._generation.published_id(self._instance["namespace"], self._instance["name"])
        if published is None:
            return skipped("MaaS lists the instance's own ids")
        why = self._no_spending() or self._no_chat()
        if why:
            return why
        base_url = self._generation.client_base_url(self._plan.maas_url, self._instance["url"])
        _asked, verdict = self._call(published, self._form, base_url=base_url)
        if not verdict.ok:
            return _failed_by(verdict)
        return passed(f"{published} answered at {base_url}")

    def _closed_models(self) -> Outcome:
        if not self._instance.get("models"):
            return skipped("all models of the provider are open")
        why = self._no_answer()
        if why:
            return why
        model = self._closed_model
        answer, verdict = self._ask(small_call.request(self._base_url, model, small_call.Form()), inference.judge_chat)
        if verdict.kind in (inference.MODEL_CLOSED, inference.MODEL_UNKNOWN) and not verdict.by_provider:
            return passed(f"{answer.status} for {model}")
        if verdict.by_provider:
            return failed(
                f"a model that is not in models reached the provider: {answer.describe()}",
                "Check allowed_models in the ConfigMap of the instance, and that its pod runs with it.",
            )
        return _failed_by(verdict)

    def _no_credentials(self) -> Outcome:
        client = self._world.connect({})
        answer, verdict = self._ask(self._small_request(), inference.judge_chat, client=client, refusal_expected=True)
        if verdict.kind in _REFUSED:
            return passed(f"{answer.status} without credentials")
        if verdict.ok:
            return failed(
                f"{answer.url} answers without credentials",
                "The gateway does not authenticate: check its AuthPolicy and that Kuadrant enforces it.",
            )
        return _undecided(verdict)

    def _outsider(self) -> Outcome:
        access = self._instance.get("access")
        if access and self._generation.open_to_everybody(access):
            return skipped("access is open to every authenticated caller")
        outsider = self._plan.outsider.caller
        if outsider is None:
            return skipped(self._plan.outsider.absent_because)
        if access and outsider.groups is not None:
            if self._generation.admits(access, outsider.user, outsider.groups):
                return skipped(f"access admits {outsider.user}, who was to be the outsider")
        subscription = self._generation.subscription(self._instance)
        headers = self._generation.caller_headers(outsider.token, subscription)
        if self._generation.accepts_user_token("/v1/chat/completions"):
            return self._refusal_of(outsider, self._world.connect(headers))
        try:
            with borrowed(self._generation, self._world.connect(headers), subscription, _OUTSIDER_LIFETIME) as issued:
                if access and self._generation.admits_holder(access, issued):
                    return skipped(f"access admits {outsider.user}, who was to be the outsider")
                as_issued = self._world.connect(self._generation.caller_headers(issued.token))
                return self._refusal_of(outsider, as_issued)
        except MintingRefused as refusal:
            if self._generation.refuses_credential(refusal.answer):
                return passed(f"{outsider.user} gets no credential: {refusal.answer.status}")
            return failed(f"neither issued nor refused a credential to {outsider.user}: {refusal}")

    def _refusal_of(self, outsider: Caller, client: HttpClient) -> Outcome:
        answer, verdict = self._ask(self._small_request(), inference.judge_chat, client=client, refusal_expected=True)
        if verdict.kind in _REFUSED:
            return passed(f"{answer.status} to {outsider.user}")
        if verdict.ok:
            return failed(
                f"{outsider.user} got an answer from {answer.url}",
                "Another policy and subscription admit this caller: look for those that name this model.",
            )
        return _undecided(verdict)

    def _rate_limit(self) -> Outcome:
        why = self._no_spending() or self._no_chat()
        if why:
            return why
        access = self._instance.get("access")
        limits = self._generation.token_limits(access) if access else None
        if limits:
            lowest = min(limits, key=lambda each: each["limit"])
            tokens, window = lowest["limit"], lowest["window"]
            words = min(tokens // _CALLS_TO_REACH_LIMIT, _LIMIT_PROMPT_TOKENS)
            if words * _LIMIT_CALLS < tokens:
                return skipped(f"{tokens} tokens per {window} are more than {_LIMIT_CALLS} calls of this check use up")
            return self._reach_limit(words, f"{tokens} tokens per {window}", _seconds(window))
        return self._reach_limit(0, "set by the platform", None)

    def _reach_limit(self, words: int, limit: str, window: float | None) -> Outcome:
        prompt = small_call.PROMPT + " word" * words
        request = small_call.request(self._base_url, self._model, self._form, prompt=prompt)
        started = self._world.clock()
        used = 0
        for call in range(1, _LIMIT_CALLS + 1):
            answer = self._client().request(request, timeout=self._plan.chat_timeout)
            verdict = inference.judge_chat(answer)
            if verdict.kind == inference.TOKEN_LIMIT:
                return passed(f"429 after {used} tokens in {call - 1} calls (limit: {limit})")
            if verdict.kind == inference.PROVIDER_LIMIT:
                return skipped(f"the provider's own limit came first: {answer.describe()}")
            if not verdict.ok:
                return _failed_by(verdict)
            used += inference.total_tokens(small_call.document_of(answer))
            if window is not None and self._world.clock() - started > window:
                return skipped(f"the window passed before its tokens were used up: {used} in {call} calls ({limit})")
        if window is None:
            return skipped(f"the limit is the platform's, and {used} tokens in {_LIMIT_CALLS} calls did not reach it")
        return failed(
            f"no 429 after {used} tokens in {_LIMIT_CALLS} calls (limit: {limit})",
            "Check that the TokenRateLimitPolicy of the model is accepted and enforced.",
        )

    def _small_request(self) -> Request:
        return small_call.request(self._base_url, self._model or self._closed_model, self._form)

    def _client(self) -> HttpClient:
        return self._world.connect(self._generation.caller_headers(self._credential.token))

    def _no_credential(self) -> Outcome | None:
        return None if self._credential else skipped("not tried: there is no credential to call it with")

    def _no_answer(self) -> Outcome | None:
        if self._outcomes["health"].state == FAILED:
            return skipped("not tried: the health check did not pass")
        return self._no_credential()

    def _no_spending(self) -> Outcome | None:
        return None if self._plan.spend else skipped("llamastack_maas_proof is list: no token is spent")

    def _no_chat(self) -> Outcome | None:
        return None if self._outcomes["chat"].state == PASSED else skipped("not tried: the chat check did not pass")

    def _judge(self, answer: Answer, *, provider_listed_nothing: bool = False) -> inference.Verdict:
        return inference.judge_chat(answer, self._instance, provider_listed_nothing=provider_listed_nothing)

    def _call(
        self,
        model: str,
        form: small_call.Form,
        *,
        base_url: str = "",
        stream: bool = False,
        judge: t.Callable[[Answer], inference.Verdict] = inference.judge_chat,
    ) -> tuple[small_call.Asked, inference.Verdict]:
        """Call a model in whatever form it takes."""
        asked = small_call.ask(
            lambda request: self._ask(request, judge)[0], base_url or self._base_url, model, form, stream=stream
        )
        return asked, judge(asked.answer)

    def _ask(
        self,
        request: Request,
        judge: t.Callable[[Answer], inference.Verdict],
        *,
        client: HttpClient | None = None,
        refusal_expected: bool = False,
    ) -> tuple[Answer, inference.Verdict]:
        """Ask, and wait out what may pass by itself as long as the instance's time for that lasts."""
        client = client or self._client()
        while True:
            answer = client.request(request, timeout=self._plan.chat_timeout)
            verdict = judge(answer)
            if refusal_expected and verdict.kind in _REFUSED:
                return answer, verdict
            if verdict.kind in _AT_LIMIT:
                if not self._wait_at_limit(answer):
                    return answer, verdict
            elif verdict.kind not in _SETTLING or not self._wait_to_settle(answer):
                return answer, verdict

    def _wait_to_settle(self, answer: Answer) -> bool:
        pause = answer.retry_after or _PAUSE_WHILE_SETTLING
        if pause > self._settle_left:
            return False
        self._settle_left -= pause
        self._world.sleep(pause)
        return True

    def _wait_at_limit(self, answer: Answer) -> bool:
        pause = answer.retry_after or _PAUSE_AT_LIMIT
        if pause > self._limit_left:
            return False
        self._limit_left -= pause
        self._world.sleep(pause)
        return True


def _not_running() -> Outcome:
    return skipped(f"not tried: the instance is {SCALED}")


def _no_url() -> Outcome:
    return skipped("not tried: the instance has no URL that can be used")


def _failed_by(verdict: inference.Verdict) -> Outcome:
    return failed(verdict.reason, verdict.remedy)


def _undecided(verdict: inference.Verdict) -> Outcome:
    return failed(f"neither answered nor refused: {verdict.reason}", verdict.remedy)


def _seconds(window: str) -> int:
    return int(window[:-1]) * _SECONDS[window[-1]]
