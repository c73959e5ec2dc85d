# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to hold of a LiteLLM in use, checked by real calls: that it answers, whom it refuses, and what it counts.

Each check ends as passed, failed, or skipped with the reason why it does not apply; a check that could not be made
because another failed is skipped too, and names that one. The calls carry virtual keys of small budget that are made for
them and deleted at the end. Nothing that was there before is changed: no model is touched, and none that is scaled to 0
is called, which would start it.
"""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import (
    FAILED,
    PASSED,
    Outcome,
    failed,
    passed,
    skipped,
)
from ansible_collections.llamastack.maas.plugins.module_utils.base.text import plural
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, Request
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import answers, client, salt
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.answers import Meaning
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm, LitellmError
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.proof_keys import PREFIX, ProofKey, ProofKeys
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.stored import Stored
from ansible_collections.llamastack.maas.plugins.module_utils.openai import calls as inference, small_call

GATEWAY = "gateway"
"""What is checked of the whole, beside each model and each route."""

_AT_ONCE = 8
_PAUSE_AT_LIMIT = 5.0
_PAUSE_WHILE_SETTLING = 2.0
_PAUSE_BETWEEN_REFUSALS = 2.0
_PAUSE_FOR_USAGE = 2.0

# A name that no gateway has. LiteLLM refuses it as one that the key does not allow.
_CLOSED_MODEL = "llamastack-maas-closed-model"
_SPENT = 1.0
_SHORTEST = "1s"
_CACHED_FOR = 60
"""Seconds for which a replica knows a key as it was, where replicas share no Redis."""


@dataclass(frozen=True)
class ProofPlan:
    """How to check. Times are in seconds.

    C(models) are entries of C(name), C(mode) and C(model), C(routes) entries of C(name), C(order) and C(on_context);
    C(scaled) are, by the name of a model, those that nothing answers for because nothing runs, with the reason.
    """

    models: t.Sequence[t.Mapping[str, t.Any]] = ()
    routes: t.Sequence[t.Mapping[str, t.Any]] = ()
    scaled: t.Mapping[str, str] = field(default_factory=dict)
    spend: bool = True
    """Whether to make calls that cost tokens."""
    budget: float = 1.0
    """Of the key that models are called with, in US dollars."""
    replicas: int | None = None
    """How many processes of LiteLLM answer at the URL; None where that is not known."""
    chat_timeout: float = 60.0
    limit_timeout: float = 130.0
    """For how long, per model, an answer of 429 is waited out."""
    settle_timeout: float = 30.0
    """For how long, per model, a gateway that does not answer is waited for."""
    refusal_timeout: float = 90.0
    """For how long a key that is no more valid may still be taken."""
    usage_timeout: float = 60.0
    """For how long usage and spend may take to arrive in the database."""


@dataclass(frozen=True)
class ProofWorld:
    """The network and the clock. C(connect) makes a client with a key, None: with none."""

    connect: t.Callable[[t.Optional[str]], Litellm]
    clock: t.Callable[[], float]
    sleep: t.Callable[[float], None]


@dataclass
class _Called:
    """What calls have come to: how many were answered, and what they cost as far as LiteLLM says it."""

    answered: int = 0
    tokens: int = 0
    cost: float = 0.0

    def add(self, answer: Answer, tokens: int) -> None:
        self.answered += 1
        self.tokens += tokens
        try:
            self.cost += float(answer.headers.get("x-litellm-response-cost") or 0)
        except ValueError:
            pass


def check_all(plan: ProofPlan, admin: Litellm, keys: ProofKeys, world: ProofWorld) -> list[dict[str, t.Any]]:
    """Check the gateway, then models and routes side by side, then refusals and what was counted.

    Returns dicts of C(target), C(check), C(state), C(detail), C(remedy), C(seconds) and, where something was measured,
    C(measures).
    """
    checks = _Gateway(plan, admin, keys, world)
    try:
        return checks.run()
    finally:
        # Whatever happened; where all went well there is none left.
        keys.delete()


class _Recorder:
    """Makes checks of one target, and keeps how they ended. A check may look at the outcomes of those before it."""

    def __init__(self, plan: ProofPlan, world: ProofWorld, target: str) -> None:
        self._plan = plan
        self._world = world
        self._target = target
        self._outcomes: dict[str, Outcome] = {}
        self.results: list[dict[str, t.Any]] = []

    def _record(self, name: str, check: t.Callable[[], Outcome]) -> bool:
        """Make a check; whether it passed."""
        started = self._world.clock()
        try:
            outcome = check()
        except LitellmError as error:
            outcome = failed(str(error), answers.next_step(error))
        self._outcomes[name] = outcome
        self.results.append(outcome.as_result(name, self._world.clock() - started, target=self._target))
        return outcome.state == PASSED

    def _has_failed(self, name: str) -> bool:
        return self._outcomes[name].state == FAILED


class _Gateway(_Recorder):
    def __init__(self, plan: ProofPlan, admin: Litellm, keys: ProofKeys, world: ProofWorld) -> None:
        super().__init__(plan, world, GATEWAY)
        self._admin = admin
        self._keys = keys
        self._key: ProofKey | None = None
        self._stored: Stored | None = None
        self._called: list[_Called] = []

    def run(self) -> list[dict[str, t.Any]]:
        answers_at_all = self._record("health", self._health)
        self._record("database", self._database if answers_at_all else _not_healthy)
        self._record("salt", self._salt if answers_at_all else _not_healthy)
        self._record("ui", self._ui if answers_at_all else _not_healthy)
        self._record("no_credentials", self._no_credentials if answers_at_all else _not_healthy)
        self._record("key", self._make_key if answers_at_all else _not_healthy)
        parts = self._models_and_routes()
        self._record("model_not_allowed", self._needs_key(self._model_not_allowed))
        self._record("expired_key", self._needs_key(self._expired_key))
        self._record("exhausted_budget", self._needs_key(self._exhausted_budget))
        self._record("blocked_key", self._needs_key(self._blocked_key))
        self._record("usage", self._needs_key(self._usage))
        self._record("spend", self._needs_key(self._spend))
        self._record("key_deleted", self._needs_key(self._delete))
        return [*self.results, *parts]

    def _needs_key(self, check: t.Callable[[], Outcome]) -> t.Callable[[], Outcome]:
        return check if self._key else lambda: skipped("not tried: there is no key to call with")

    def _health(self) -> Outcome:
        answer = self._admin.answer("GET", "/health/liveliness")
        waited = 0.0
        while (answer.failure or answer.status in (502, 503, 504)) and waited < self._plan.settle_timeout:
            self._world.sleep(_PAUSE_WHILE_SETTLING)
            waited += _PAUSE_WHILE_SETTLING
            answer = self._admin.answer("GET", "/health/liveliness")
        found = answers.refusal(answer)
        return failed(found.reason, found.remedy) if found else passed(f"LiteLLM answers at {self._admin.url}")

    def _database(self) -> Outcome:
        answer = self._admin.answer("GET", "/health/readiness")
        document = answer.json()
        # LiteLLM calls itself healthy without its database, and some versions answer 200 then.
        state = document.get("db") if isinstance(document, dict) else None
        if answer.status == 200 and state == "connected":
            return passed("LiteLLM is connected to its database")
        seen = f"it says of its database: {state}; {answer.describe()}" if state else answer.describe()
        return failed(
            seen,
            "Look at PostgreSQL and at the log of LiteLLM: llamastack.maas.litemaas_diagnose finds the cause.",
        )

    def _salt(self) -> Outcome:
        return salt.outcome(salt.read(self._admin))

    def _ui(self) -> Outcome:
        answer = self._admin.answer("GET", "/ui/")
        if answer.status == 200 and answer.content_type == "text/html":
            return passed(f"the admin page is at {self._admin.url}/ui/")
        return failed(
            answers.refusal(answer).reason if answers.refusal(answer) else f"no page came: {answer.describe()}",
            "Check the Route or Ingress: /ui is served by LiteLLM itself, unless DISABLE_ADMIN_UI is set.",
        )

    def _no_credentials(self) -> Outcome:
        answer = self._world.connect(None).answer("GET", "/v1/models")
        if answer.status in (400, 401, 403):
            return passed(f"{answer.status} without a key")
        if 200 <= answer.status < 300:
            return failed("LiteLLM answers without a key", "Start LiteLLM with LITELLM_MASTER_KEY.")
        return failed(f"neither answered nor refused: {answer.describe()}")

    def _make_key(self) -> Outcome:
        cleaned = self._keys.delete_leftovers()
        names = [each["name"] for each in (*self._plan.models, *self._plan.routes)]
        self._key = self._keys.make("calls", names or [_CLOSED_MODEL], self._plan.budget)
        told = f"; deleted what a proof before had left: {', '.join(cleaned)}" if cleaned else ""
        return passed(
            f"{self._key.alias}, for {plural(len(names), 'model')}, with a budget of {self._plan.budget:g}{told}"
        )

    def _models_and_routes(self) -> list[dict[str, t.Any]]:
        plan, world = self._plan, self._world
        try:
            self._stored = Stored.read(self._admin) if self._key else None
        except LitellmError as error:
            self._stored = Stored.unread(str(error))
        checks = [
            _Model(plan, world, f"{kind} {entry['name']}", entry, self._key, self._stored, kind)
            for kind, entries in (("model", plan.models), ("route", plan.routes))
            for entry in entries
        ]
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            self._called = list(pool.map(lambda each: each.run(), checks))
        return [result for each in checks for result in each.results]

    def _model_not_allowed(self) -> Outcome:
        allowed, closed = self._allowed_and_closed()
        key = self._keys.make("not-allowed", [allowed], self._plan.budget)
        answer = self._as(key).answer("POST", "/v1/chat/completions", _chat(closed))
        return _refused(answer, answers.MODEL_DENIED, f"{closed} with a key for {allowed}")

    def _allowed_and_closed(self) -> tuple[str, str]:
        """A model that a key is for, and one that it is not for."""
        names = [each["name"] for each in (*self._plan.models, *self._plan.routes)]
        running = [each["name"] for each in self._plan.models if each["name"] not in self._plan.scaled]
        if not names:
            return _CLOSED_MODEL, f"{_CLOSED_MODEL}-2"
        # Were it not refused, one that is scaled to 0 would be started.
        return names[0], next((name for name in running if name != names[0]), _CLOSED_MODEL)

    def _expired_key(self) -> Outcome:
        key = self._keys.make("expired", [_CLOSED_MODEL], self._plan.budget, _SHORTEST)
        return self._until_refused(key, client.EXPIRED_KEY, replicas=1)

    def _exhausted_budget(self) -> Outcome:
        # Made as used up: what is refused costs nothing.
        key = self._keys.make("exhausted", [_CLOSED_MODEL], _SPENT / 1000, spend=_SPENT)
        answer = self._as(key).answer("POST", "/v1/chat/completions", _chat(_CLOSED_MODEL))
        return _refused(answer, {client.BUDGET_EXCEEDED}, "a key whose budget is used up")

    def _blocked_key(self) -> Outcome:
        key = self._keys.make("blocked", [_CLOSED_MODEL], self._plan.budget)
        # Used first, so that it is known where it will be refused.
        used = answers.refusal(self._as(key).answer("GET", "/v1/models"))
        if used:
            return failed(f"the key was refused before it was blocked: {used.detail}")
        self._keys.block(key)
        return self._until_refused(key, client.BLOCKED_KEY, self._plan.replicas)

    def _until_refused(self, key: ProofKey, kind: str, replicas: int | None) -> Outcome:
        """Ask until every replica that may be behind the URL has refused the key: a replica remembers it for a while."""
        needed = 1 if replicas == 1 else 4 * (replicas or 2)
        started = self._world.clock()
        in_a_row, taken = 0, 0
        while True:
            answer = self._as(key).answer("GET", "/v1/models")
            took = self._world.clock() - started
            found = answers.refusal(answer)
            if found and found.kind == kind:
                in_a_row += 1
                if in_a_row == needed:
                    return passed(_when_refused(answer, kind, took, taken, replicas))
                continue
            if found and found.kind not in (answers.UNREACHABLE, answers.NO_GATEWAY, answers.LIMIT):
                return failed(f"refused as {found.kind}, not as {kind}: {found.detail}")
            taken, in_a_row = taken + 1, 0
            if took >= self._plan.refusal_timeout:
                return failed(
                    f"still answered after {took:.0f} s: {answer.describe()}",
                    "Replicas of LiteLLM know a key for up to 60 s; longer only with another user_api_key_cache_ttl.",
                )
            self._world.sleep(_PAUSE_BETWEEN_REFUSALS)

    def _as(self, key: ProofKey) -> Litellm:
        return self._world.connect(key.value)

    def _usage(self) -> Outcome:
        answered = sum(each.answered for each in self._called)
        if not answered:
            return skipped("no model was called with success")
        started = self._world.clock()
        while True:
            rows = self._admin.get("/spend/logs", api_key=self._key.hash) if self._key else []
            good = [row for row in rows if isinstance(row, dict) and _has_succeeded(row)]
            took = self._world.clock() - started
            if len(good) >= answered:
                tokens = sum(int(row.get("total_tokens") or 0) for row in good)
                return passed(
                    f"{plural(len(good), 'call')} with {tokens} tokens in the database, {took:.0f} s after the last"
                )
            if took >= self._plan.usage_timeout:
                return failed(
                    f"of {plural(answered, 'call')}, {len(good)} are in the database after {took:.0f} s",
                    "Look at the log of LiteLLM for failed writes; disable_spend_logs must not be set.",
                )
            self._world.sleep(_PAUSE_FOR_USAGE)

    def _spend(self) -> Outcome:
        cost = sum(each.cost for each in self._called)
        if not cost:
            answered = any(each.answered for each in self._called)
            why = "none of the models that were called has a price" if answered else "no model was called with success"
            return skipped(f"{why}, so budgets do not limit them" if answered else why)
        started = self._world.clock()
        while True:
            found = self._admin.get("/key/info", key=self._key.hash) if self._key else {}
            spent = float((found.get("info") or {}).get("spend") or 0)
            took = self._world.clock() - started
            if spent >= cost * 0.999:
                return passed(f"{spent:.6f} of {self._plan.budget:g} on the key, {took:.0f} s after the last call")
            if took >= self._plan.usage_timeout:
                return failed(
                    f"the calls cost {cost:.6f}, the key shows {spent:.6f} after {took:.0f} s",
                    "Look at the log of LiteLLM for failed writes: budgets count what is in the database.",
                )
            self._world.sleep(_PAUSE_FOR_USAGE)

    def _delete(self) -> Outcome:
        key = self._key
        problems = self._keys.delete()
        if problems or key is None:
            return failed(
                f"left to expire: {'; '.join(problems)}", f"Delete the keys whose alias begins with {PREFIX}."
            )
        return self._until_refused(key, client.UNKNOWN_KEY, self._plan.replicas)


class _Model(_Recorder):
    """One model or route."""

    def __init__(
        self,
        plan: ProofPlan,
        world: ProofWorld,
        target: str,
        entry: t.Mapping[str, t.Any],
        key: ProofKey | None,
        stored: Stored | None,
        kind: str,
    ) -> None:
        super().__init__(plan, world, target)
        self._entry = entry
        self._kind = kind
        self._key = key
        self._stored = stored
        self._mode = self._mode_of(entry)
        self._limit_left = plan.limit_timeout
        self._settle_left = plan.settle_timeout
        self._called = _Called()

    def _mode_of(self, entry: t.Mapping[str, t.Any]) -> str:
        """Of a route, that of its first model."""
        if self._kind == "model":
            return entry.get("mode") or "chat"
        modes = {each["name"]: each.get("mode") for each in self._plan.models}
        return modes.get(entry["order"][0]) or "chat"

    def run(self) -> _Called:
        self._record("stored", self._is_stored)
        self._record(self._mode, self._answers)
        self._record("stream", self._stream)
        return self._called

    def _is_stored(self) -> Outcome:
        if self._stored is None:
            return skipped("not tried: the gateway check did not pass")
        find = self._stored.model if self._kind == "model" else self._stored.route
        return find(self._entry)

    def _no_call(self) -> Outcome | None:
        if self._key is None:
            return skipped("not tried: there is no key to call with")
        if self._stored is not None and not self._stored.has(self._entry["name"]):
            return skipped("not tried: the stored check did not pass")
        first = self._entry["order"][0] if self._kind == "route" else self._entry["name"]
        if first in self._plan.scaled:
            which = f"{first} " if self._kind == "route" else "it "
            return skipped(f"{which}is {self._plan.scaled[first]}; a call would start it")
        return None if self._plan.spend else skipped("llamastack_maas_proof is list: no token is spent")

    def _answers(self) -> Outcome:
        why = self._no_call()
        if why:
            return why
        asked = self._call(stream=False)
        verdict = answers.judge(asked)
        if not verdict.ok:
            return failed(verdict.reason, verdict.remedy)
        self._called.add(asked, inference.total_tokens(small_call.document_of(asked)))
        return passed(f"answered{self._by_whom(asked)}", inference.measures(asked))

    def _stream(self) -> Outcome:
        why = self._no_call()
        if why:
            return why
        if self._mode == "embedding":
            return skipped("an embedding is not streamed")
        if self._outcomes[self._mode].state != PASSED:
            return skipped(f"not tried: the {self._mode} check did not pass")
        asked = self._call(stream=True)
        refused = answers.refusal(asked)
        if refused:
            return failed(refused.reason, refused.remedy)
        stream = inference.read_stream(asked)
        if stream.error:
            return failed(f"{asked.method} {asked.url}: {stream.error}")
        self._called.add(asked, stream.tokens)
        return passed(f"{stream.chunks} chunks{self._by_whom(asked)}", inference.measures(asked))

    def _by_whom(self, answer: Answer) -> str:
        """Which model has answered for a route."""
        if self._kind == "model" or self._stored is None:
            return ""
        member = self._stored.member(answer.headers.get("x-litellm-model-id", ""))
        return f" by {member}" if member else ""

    def _call(self, *, stream: bool) -> Answer:
        """A small call in the form that the model's mode says. No other is tried: a wrong one puts it in cooldown."""
        request = answers.request(self._entry["name"], self._mode, stream=stream)
        while True:
            answer = self._send(request)
            found = answers.refusal(answer)
            if found is None or not self._wait_for(found, answer):
                return answer

    def _send(self, request: Request) -> Answer:
        key = self._world.connect(self._key.value if self._key else None)
        return key.answer(request.method, request.path, request.document, timeout=self._plan.chat_timeout)

    def _wait_for(self, found: Meaning, answer: Answer) -> bool:
        """Wait for what passes by itself, as long as there is time for that."""
        if found.kind == answers.LIMIT:
            pause = answer.retry_after or _PAUSE_AT_LIMIT
            self._limit_left -= pause
            left = self._limit_left
        elif found.kind in (answers.UNREACHABLE, answers.NO_GATEWAY, client.BUDGET_EXCEEDED):
            # Calls that are made at the same time have a part of the budget set aside for them.
            pause = answer.retry_after or _PAUSE_WHILE_SETTLING
            self._settle_left -= pause
            left = self._settle_left
        else:
            return False
        if left < 0:
            return False
        self._world.sleep(pause)
        return True


def _not_healthy() -> Outcome:
    return skipped("not tried: LiteLLM does not answer")


def _chat(model: str) -> t.Any:
    return answers.request(model, "chat").document


def _refused(answer: Answer, kinds: t.Collection[str], what: str) -> Outcome:
    found = answers.refusal(answer)
    if found is None:
        return failed(
            f"{what}: answered, not refused", "Look at the log of LiteLLM, and whether its checks are disabled."
        )
    if found.kind in kinds:
        return passed(f"{found.kind}, {answer.status}: {what}")
    return failed(f"{what}: refused as {found.kind}, which says something else: {found.detail}", found.remedy)


def _when_refused(answer: Answer, kind: str, took: float, taken: int, replicas: int | None) -> str:
    if replicas == 1:
        waited = f" after {took:.1f} s" if taken else ""
        return f"{kind}, {answer.status}{waited}"
    by = "every replica" if replicas else "every replica that may be behind the URL"
    told = f"{kind}, {answer.status}, by {by} after {took:.1f} s"
    return f"{told}: each takes a key for up to {_CACHED_FOR} s as it was, where they share no Redis" if taken else told


def _has_succeeded(row: t.Mapping[str, t.Any]) -> bool:
    metadata = row.get("metadata")
    state = row.get("status") or (metadata.get("status") if isinstance(metadata, dict) else None)
    return state != "failure" and bool(row.get("total_tokens"))
