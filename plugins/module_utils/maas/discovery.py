# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What callers see of the instances, and whether their providers answer.

An instance is *visible* when MaaS lists it to the caller. It is *proven* when a small answer of its provider came back
through the gateway. A wrong key leaves the pod healthy and the published id listed, and some providers list models
to anybody, so neither of these proves anything. *Listed* is all that is found out where no token may be spent: the
instance lists models, and whether its provider reported any. At the end of the caller's own limit is neither proof nor refusal: *limit reached*.

One C(look) is one attempt. It takes the memory of the one before and returns its own, so that attempts may run in
different processes. C(wait) makes as many as it takes.
"""

from __future__ import annotations

import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.base.polling import Attempt, PollResult, poll
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import (
    FAILURE_CONNECTION,
    FAILURE_NAME,
    FAILURE_TLS,
    FAILURE_URL,
    Answer,
    shown,
)
from ansible_collections.llamastack.maas.plugins.module_utils.maas.credentials import (
    Caller,
    Connect,
    Lender,
    MintingRefused,
)
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import (
    Generation,
    Instance,
    Listed,
    UnexpectedAnswer,
    Visibility,
)
from ansible_collections.llamastack.maas.plugins.module_utils.openai import calls, model_names

PENDING = "pending"
VISIBLE = "visible"
PROVEN = "proven"
LISTED = "listed"
ADMITTED = "admitted"
LIMIT_REACHED = "limit_reached"
NOT_ENTITLED = "not_entitled"
FAILED = "failed"

# What is looked for, each with the state that ends it.
BY_CALL = "call"
BY_LIST = "list"
ACCESS = "access"
VISIBILITY = "none"
PROOFS = (BY_CALL, BY_LIST, ACCESS, VISIBILITY)

# For so long after a registration the gateway's caches may still refuse whom it is going to admit.
REFUSALS_MEAN_NOT_YET = 120.0
# Whether the caller may call is asked of what runs already: nothing has to come up first.
NO_ANSWER_MEANS_NOT_YET = 15.0
# A provider that has come back is seen soon, and one that is out of order is not called at every attempt.
ASK_PROVIDER_EVERY = 30.0
# For so long limits of the platform, whose windows are not known, are waited out.
LIMITS_MEAN_NOT_YET = 130.0
_LONGEST_BACKOFF = 30.0
_AT_ONCE = 8
_PAUSE_AT_LIMIT = 15.0
_CREDENTIAL_LIFETIME = 120

# A line of progress shows the whole reason of a few, the first words for some more, and counts the rest.
_TOLD_WHOLE_IN_PROGRESS = 2
_NAMED_IN_PROGRESS = 5


@dataclass(frozen=True)
class Expectations:
    """What is looked for, as whom, and how.

    An instance needs C(name), C(namespace) and C(url) (its own URL at the gateway). It may have C(model_prefix)
    (default: its name), C(published_model), C(models), C(listed_ids) and C(access), all as in a normalised instance.
    """

    generation: Generation
    maas_url: str
    caller: Caller
    instances: t.Sequence[Instance]
    proof: str = BY_CALL
    """What ends the wait: an answer, what the provider lists, that the caller may call it, or that MaaS lists it."""
    chat_timeout: float = 30.0
    awaits_platform: bool = True
    """Whether what the platform registers was seen to already. Where not, nobody waits for it."""


@dataclass
class Discovered:
    """What is known of one instance."""

    namespace: str
    url: str
    client_base_url: str
    state: str = PENDING
    ids: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    not_ready: list[str] = field(default_factory=list)
    provider_ids: list[str] = field(default_factory=list)
    not_offered: list[str] = field(default_factory=list)
    reason: str = ""
    remedy: str = ""
    last_error: str = ""
    cause: str = ""
    """What the refused call was about, as a kind of C(inference.Verdict)."""
    doubtful: bool = False
    """Whether that is a guess: the refusal came without words, or may not be the provider's."""
    subscription: str | None = None
    """The subscription through which the caller may call it."""
    provider_asked_at: float | None = None
    partial: bool = False
    """Whether MaaS lists it, but not all of it; only its own list shows whether there is more."""

    def set(self, state: str, reason: str = "", *, remedy: str = "", last_error: str = "", cause: str = "") -> None:
        self.state, self.reason, self.remedy, self.last_error, self.cause = state, reason, remedy, last_error, cause
        self.doubtful = False

    def set_by(self, verdict: calls.Verdict, elapsed: float, *, own_limit: bool = False) -> None:
        """Go by a request that did not succeed: fail if waiting cannot help, else wait.

        The window of an entry's own limit may be long, so it is not waited for.
        """
        reason, state = verdict.reason, PENDING
        if verdict.kind == calls.TOKEN_LIMIT and (own_limit or elapsed > LIMITS_MEAN_NOT_YET):
            state, reason = LIMIT_REACHED, f"neither proven nor refused: {verdict.reason}"
        elif verdict.kind not in calls.TRANSIENT or (
            verdict.kind in _TRANSIENT_FOR_A_WHILE and elapsed > REFUSALS_MEAN_NOT_YET
        ):
            state = FAILED
        self.set(state, reason, remedy=verdict.remedy, last_error=verdict.detail, cause=verdict.kind)
        self.doubtful = verdict.wordless or not verdict.by_provider


_TRANSIENT_FOR_A_WHILE = (calls.CALLER_UNKNOWN, calls.CALLER_REFUSED, calls.PROVIDER_LIMIT)


@dataclass
class Look:
    """The outcome of one attempt."""

    findings: dict[str, Discovered]
    """By the name of the instance, in the order of the expectations."""
    failures_in_a_row: int = 0
    """How often in a row MaaS did not show its list."""
    retry_after: float | None = None
    throttled: bool = False
    """Whether an instance or its gateway asked to be left alone for a while."""

    def names(self, *states: str) -> list[str]:
        return [name for name, finding in self.findings.items() if finding.state in states]

    @property
    def last_error(self) -> str:
        return next((finding.last_error for finding in self.findings.values() if finding.last_error), "")

    def progress(self) -> str:
        """One line for a person, without the time."""
        waiting = self.names(PENDING)
        if not waiting:
            return ""
        whole = len(waiting) <= _TOLD_WHOLE_IN_PROGRESS
        parts = []
        for name in waiting[:_NAMED_IN_PROGRESS]:
            reason = self.findings[name].reason
            parts.append(f"{name} ({shown(reason) if whole else reason.split(': ')[0]})")
        if len(waiting) > len(parts):
            parts.append(f"{len(waiting) - len(parts)} more")
        return f"{len(waiting)} of {len(self.findings)} still to be proven: {', '.join(parts)}"

    def message(self) -> str:
        """What is wrong with each instance that failed or is still awaited, one line each, with what to do."""
        lines = []
        for name in self.names(PENDING, FAILED):
            finding = self.findings[name]
            lines.append(f"{name}: {finding.reason}" + (f" -- {finding.remedy}" if finding.remedy else ""))
        return "\n".join(lines)

    def results(self) -> dict[str, dict[str, t.Any]]:
        """The findings as plain data, each also with C(proven)."""
        results = {}
        for name, finding in self.findings.items():
            results[name] = {**vars(finding), "proven": finding.state == PROVEN}
            del results[name]["provider_asked_at"], results[name]["partial"]
        return results

    def memory(self) -> dict[str, t.Any]:
        """What the next attempt has to know, as plain data."""
        return {
            "failures_in_a_row": self.failures_in_a_row,
            "throttled": self.throttled,
            "findings": {name: dict(vars(finding)) for name, finding in self.findings.items()},
        }


def look(expected: Expectations, connect: Connect, elapsed: float, memory: t.Mapping[str, t.Any] | None = None) -> Look:
    """Look once, C(elapsed) seconds after the first attempt, for what C(memory) (see C(Look.memory)) leaves open."""
    outcome = _recall(expected, memory or {})
    todo = [instance for instance in expected.instances if outcome.findings[instance["name"]].state == PENDING]
    if not todo:
        return outcome
    generation = expected.generation
    # Where MaaS makes its list by calling the instances, asking for it uses up the limit that was met.
    if generation.list_is_complete or not outcome.throttled:
        client = connect(generation.caller_headers(expected.caller.token))
        answer = client.request(generation.list_request())
        trouble = _list_trouble(answer, elapsed)
        try:
            entries = [] if trouble else generation.read_list(answer.json())
        except UnexpectedAnswer as error:
            trouble = _Trouble(True, f"{error}: {answer.describe()}", _WRONG_URL)
        if trouble:
            return _without_list(outcome, todo, trouble, answer)
        outcome.failures_in_a_row = 0
        _look_at_list(expected, connect, outcome, todo, entries, elapsed)

    outcome.throttled = False
    if expected.proof != VISIBILITY:
        to_prove = [each for each in todo if _can_be_proven(expected, outcome.findings[each["name"]])]
        with Lender(generation, connect, expected.caller.token, _CREDENTIAL_LIFETIME) as lender:

            def prove(instance: Instance) -> float | None:
                return _prove(expected, lender, instance, outcome.findings[instance["name"]], elapsed)

            with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
                outcome.retry_after = max((wait for wait in pool.map(prove, to_prove) if wait), default=None)
        outcome.throttled = outcome.retry_after is not None
    if expected.proof == ACCESS:
        for finding in outcome.findings.values():
            finding.state = FAILED if finding.state == NOT_ENTITLED else finding.state
    return outcome


def wait(
    expected: Expectations, connect: Connect, earlier: t.Mapping[str, t.Any], timeout: float
) -> tuple[PollResult, dict[str, t.Any]]:
    """Look until nothing is pending or the time is over. Returns that, and what was found, as the module returns it.

    C(earlier): the C(continuation) of an attempt that came before, be it in another process.
    """
    # Not the monotonic clock, for the same reason.
    started = earlier.get("started") or time.time()
    memory = earlier.get("memory")

    def attempt() -> Attempt:
        nonlocal memory
        found = look(expected, connect, time.time() - started, memory)
        memory = found.memory()
        pending, failed = found.names(PENDING), found.names(FAILED)
        return Attempt(
            done=not pending and not failed,
            failed=bool(failed) and not pending,
            progress=found.progress(),
            retry_after=found.retry_after,
            value=found,
        )

    outcome = poll(attempt, clock=time.monotonic, sleep=time.sleep, timeout=timeout)
    last: Look = outcome.last.value
    return outcome, {
        "instances": last.results(),
        "last_error": last.last_error,
        "progress": last.progress(),
        "retry_after": last.retry_after,
        "continuation": {"started": started, "memory": memory},
    }


def _look_at_list(
    expected: Expectations,
    connect: Connect,
    outcome: Look,
    todo: t.Iterable[Instance],
    entries: t.Sequence[Listed],
    elapsed: float,
) -> None:
    """Note what the list shows of each instance, and where it shows less than it should, why."""
    generation = expected.generation
    seen = [(instance, generation.visibility(entries, instance)) for instance in todo]
    complete = all(visibility.complete for _instance, visibility in seen)
    subscriptions = None if complete else _own_subscriptions(expected, connect)
    unguarded = subscriptions == [] and _asks_nobody(generation, connect)
    for instance, visibility in seen:
        finding = outcome.findings[instance["name"]]
        finding.subscription = usable_subscription(generation, visibility, instance)
        _note_visibility(expected, instance, finding, visibility, subscriptions, elapsed, unguarded)
        if expected.proof == VISIBILITY and (visibility.complete or (visibility.partial and visibility.ids)):
            finding.set(VISIBLE)


def _recall(expected: Expectations, memory: t.Mapping[str, t.Any]) -> Look:
    remembered = memory.get("findings", {})
    findings = {}
    for instance in expected.instances:
        known = remembered.get(instance["name"])
        findings[instance["name"]] = (
            Discovered(**known)
            if known
            else Discovered(
                namespace=instance["namespace"],
                url=instance["url"],
                client_base_url=expected.generation.client_base_url(expected.maas_url, instance["url"]),
            )
        )
    return Look(
        findings,
        failures_in_a_row=int(memory.get("failures_in_a_row", 0)),
        throttled=bool(memory.get("throttled")),
    )


_WRONG_URL = (
    "Check llamastack_maas_url: it must be the address of the MaaS gateway, such as https://maas.apps.example.com."
)


_NO_POLICY = (
    "Look at the status of the MaaSAuthPolicies in the platform's namespace: one that Failed keeps the gateway's policy "
    "from being written."
)


@dataclass(frozen=True)
class _Trouble:
    """Why MaaS did not show its list."""

    final: bool
    """Whether waiting cannot help."""
    reason: str
    remedy: str = ""


def _list_trouble(answer: Answer, elapsed: float) -> _Trouble | None:
    if answer.failure == FAILURE_TLS:
        return _Trouble(
            True,
            f"the certificate of MaaS is not trusted: {answer.describe()}",
            "Give the CA that signed it as llamastack_maas_ca_file, and use the name that the certificate is for.",
        )
    if answer.failure in (FAILURE_NAME, FAILURE_URL):
        return _Trouble(True, f"MaaS is not at this URL: {answer.describe()}", _WRONG_URL)
    if answer.failure:
        return _Trouble(False, f"MaaS does not answer: {answer.describe()}")
    if 200 <= answer.status < 300:
        return None
    if answer.status in (401, 403):
        return _Trouble(
            elapsed > REFUSALS_MEAN_NOT_YET,
            f"MaaS refuses the caller: {answer.describe()}",
            "Check that the token is valid for this cluster and not expired.",
        )
    if answer.status in (408, 429) or answer.status >= 500:
        return _Trouble(False, f"MaaS cannot show its list: {answer.describe()}")
    return _Trouble(True, f"there is no model list at this URL: {answer.describe()}", _WRONG_URL)


def _without_list(outcome: Look, todo: t.Iterable[Instance], trouble: _Trouble, answer: Answer) -> Look:
    for instance in todo:
        outcome.findings[instance["name"]].set(
            FAILED if trouble.final else PENDING, trouble.reason, remedy=trouble.remedy, last_error=answer.describe()
        )
    outcome.failures_in_a_row += 1
    if answer.status == 429 or answer.status >= 500:
        backoff = min(2.0**outcome.failures_in_a_row, _LONGEST_BACKOFF)
        outcome.retry_after = answer.retry_after or backoff
    return outcome


def _own_subscriptions(expected: Expectations, connect: Connect) -> list[str] | None:
    """The caller's subscriptions, or None where MaaS does not show them."""
    generation = expected.generation
    request = generation.entitlements_request()
    if request is None:
        return None
    answer = connect(generation.caller_headers(expected.caller.token)).request(request)
    try:
        return generation.read_entitlements(answer.json()) if answer.status == 200 else None
    except UnexpectedAnswer:
        return None


def _asks_nobody(generation: Generation, connect: Connect) -> bool:
    """Whether MaaS answers without a credential: then it takes everybody for nobody, and its lists are empty."""
    return connect({}).request(generation.list_request()).status == 200


def usable_subscription(generation: Generation, visibility: Visibility, instance: Instance) -> str | None:
    """The subscription to call the instance with: its own, or another through which MaaS lists it to the caller."""
    own = generation.subscription(instance)
    through = visibility.subscriptions
    return own if own in through or not through else through[0]


def _call_decides(generation: Generation, finding: Discovered) -> bool:
    """Whether a call shows more of an instance than a list that does not show all of it."""
    return finding.partial or not generation.list_is_complete


def _can_be_proven(expected: Expectations, finding: Discovered) -> bool:
    listed = bool(finding.ids) and not finding.missing and not finding.not_ready
    decided = expected.proof == ACCESS or listed or _call_decides(expected.generation, finding)
    return finding.state == PENDING and decided


def _note_visibility(
    expected: Expectations,
    instance: Instance,
    finding: Discovered,
    visibility: Visibility,
    subscriptions: list[str] | None,
    elapsed: float,
    unguarded: bool,
) -> None:
    finding.ids, finding.missing, finding.not_ready = visibility.ids, visibility.missing, visibility.not_ready
    finding.partial = visibility.partial
    asked_before = finding.provider_asked_at is not None and _call_decides(expected.generation, finding)
    if visibility.complete or asked_before:
        return
    if visibility.not_ready:
        finding.set(PENDING, f"MaaS lists it as not ready: {', '.join(visibility.not_ready)}")
        return
    what = ", ".join(visibility.missing)
    if visibility.note:
        finding.set(PENDING, f"MaaS does not list it yet: {what or 'any of its models'} ({visibility.note})")
        return
    if visibility.partial:
        finding.set(PENDING, f"MaaS does not list all of it: {what} is missing")
        return
    what = what or "any of its models"
    own = expected.generation.subscription(instance)
    if subscriptions is None or own is None:
        finding.set(PENDING, f"MaaS does not list it: {what} is not in the list of {expected.caller.user}")
        return
    if not expected.awaits_platform and (own not in subscriptions or elapsed > REFUSALS_MEAN_NOT_YET):
        finding.set(
            NOT_ENTITLED,
            f"registered, not proven: scope platform does not admit {expected.caller.user} yet",
            remedy="Have scope platform deployed with the same list, then validate.",
        )
        return
    if unguarded:
        finding.set(
            PENDING,
            f"MaaS does not list it: {what}; no MaaSAuthPolicy is in force yet, so it asks nobody who they are",
            remedy=_NO_POLICY,
        )
        return
    if own in subscriptions:
        finding.set(
            PENDING,
            f"MaaS does not list it: {what}, though {expected.caller.user} has the subscription {own}",
            remedy="MaaS lists a model once its MaaSModelRef is Ready and a MaaSAuthPolicy admits the caller.",
        )
        return
    if _is_closed_to(expected, instance):
        _note_not_admitted(expected, instance, finding)
        return
    finding.set(PENDING, f"MaaS does not list it: {expected.caller.user} does not have the subscription {own} yet")


def _note_not_admitted(expected: Expectations, instance: Instance, finding: Discovered) -> None:
    finding.set(
        NOT_ENTITLED,
        f"registered, not proven: {not_admitted(expected.generation, instance, expected.caller.user)}",
        remedy=expected.generation.not_admitted_remedy,
    )


def not_admitted(generation: Generation, instance: Instance, user: str) -> str:
    """That the access of the instance leaves C(user) out, in words."""
    return f"{user} is in none of {generation.describe_access(instance['access'])}"


def _is_closed_to(expected: Expectations, instance: Instance) -> bool:
    """Whether the instance's access leaves the caller out, as far as it and the caller's groups are known."""
    access, caller = instance.get("access"), expected.caller
    if not access or expected.generation.open_to_everybody(access):
        return False
    return caller.groups is None or not expected.generation.admits(access, caller.user, caller.groups)


def _prove(
    expected: Expectations, lender: Lender, instance: Instance, finding: Discovered, elapsed: float
) -> float | None:
    """Read the instance's own list, then have its provider answer. Returns seconds to wait, or None."""
    generation = expected.generation
    try:
        # Who may call has what a chat needs; the list may be had with less.
        credential = lender.lend(finding.subscription, _CHAT if expected.proof == ACCESS else "/v1/models")
    except MintingRefused as refusal:
        return _note_no_credential(finding, refusal)
    if instance.get("access") and generation.admits_holder(instance["access"], credential) is False:
        _note_not_admitted(expected, instance, finding)
        return None
    client = lender.client(credential, finding.subscription)
    listing = client.request(calls.models_request(f"{instance['url']}/v1"))
    verdict = calls.judge(listing)
    if expected.proof == ACCESS and (verdict.kind not in _CALLER_STOPPED or _is_in_json(listing)):
        _note_access(finding, listing, verdict, elapsed)
        return None if finding.state == ADMITTED else _pause_after(listing)
    if not verdict.ok:
        finding.set_by(verdict, elapsed)
        return _pause_after(listing)
    ids = calls.model_ids(listing)
    if ids is None:
        finding.set(FAILED, f"the instance's URL leads to something else: {listing.describe()}", remedy=_WRONG_URL)
        return None

    finding.provider_ids = model_names.offered(instance, ids)
    finding.not_offered = sorted(set(instance.get("listed_ids") or []) - set(ids)) if finding.provider_ids else []
    if finding.provider_ids and generation.list_is_complete:
        # MaaS cannot list what the provider does not report.
        finding.missing = [each for each in finding.missing if each in ids]
        if not finding.ids or finding.missing:
            open_ids = ", ".join(finding.missing or finding.provider_ids)
            finding.set(PENDING, f"MaaS does not list all of it yet: {open_ids}")
            return None
    if expected.proof == BY_LIST:
        _note_listed(finding, bool(model_names.reported_by_provider(instance, ids)))
        return None
    return _ask_provider(expected, lender, instance, finding, listing, elapsed)


_CHAT = "/v1/chat/completions"
# What stops the caller, and not the instance or its provider.
_CALLER_STOPPED = (calls.CALLER_UNKNOWN, calls.CALLER_REFUSED, calls.TLS, calls.UNSAFE_URL)
_BEFORE_THE_INSTANCE = (calls.UNREACHABLE, calls.NO_ROUTE, calls.INSTANCE_DOWN, calls.TOKEN_LIMIT)
# Statuses with which a gateway or proxy also answers by itself, in JSON, too.
_ALSO_OF_GATEWAYS = (401, 403, 404, 405, 407, 429, 502, 503, 504)


def _note_access(finding: Discovered, listing: Answer, verdict: calls.Verdict, elapsed: float) -> None:
    """Nobody stopped the caller; but only the instance, or its provider, can show that its answers arrive."""
    if _is_of_instance(listing, verdict):
        finding.set(ADMITTED)
        return
    if verdict.kind in _BEFORE_THE_INSTANCE:
        reason, remedy = verdict.reason, verdict.remedy
    else:
        reason = f"what answers at its URL is not the instance: {listing.describe()}"
        remedy = "Check that the URL leads to the instance, with no login page or proxy between; diagnose shows more."
    state = PENDING if elapsed < NO_ANSWER_MEANS_NOT_YET else FAILED
    finding.set(state, reason, remedy=remedy, last_error=verdict.detail, cause="" if verdict.ok else verdict.kind)


def _is_of_instance(answer: Answer, verdict: calls.Verdict) -> bool:
    if verdict.ok:
        return calls.model_ids(answer) is not None
    document = answer.json()
    if not isinstance(document, dict) or "x-ext-auth-reason" in answer.headers:
        return False
    by_server = isinstance(document.get("error"), dict) and answer.status not in _ALSO_OF_GATEWAYS
    return verdict.by_provider or by_server


def _is_in_json(answer: Answer) -> bool:
    """Whether what refuses the caller is another server before the gateway: MaaS refuses in plain text."""
    return isinstance(answer.json(), dict) and "x-ext-auth-reason" not in answer.headers


def _note_listed(finding: Discovered, reported: bool) -> None:
    if finding.provider_ids:
        why = "its models are listed, and its provider was not asked for an answer"
        if not reported:
            why = "it lists the models that the input names whatever its provider says, so its list proves no key"
        finding.set(LISTED, f"not proven: {why}")
        return
    finding.set(
        PENDING,
        "its provider reports no model: the key may be wrong, or the provider out of reach",
        remedy="With llamastack_maas_proof=call one call shows it; or read the log of the instance's pod.",
    )


def _ask_provider(
    expected: Expectations, lender: Lender, instance: Instance, finding: Discovered, listing: Answer, elapsed: float
) -> float | None:
    """Decide by one small call, but not at every attempt."""
    if finding.provider_asked_at is not None and elapsed - finding.provider_asked_at < ASK_PROVIDER_EVERY:
        return None
    try:
        client = lender.client(lender.lend(finding.subscription, _CHAT), finding.subscription)
    except MintingRefused as refusal:
        return _note_no_credential(finding, refusal)
    called = calls.call(
        lambda request: client.request(request, timeout=expected.chat_timeout),
        instance,
        f"{instance['url']}/v1",
        listing,
    )
    if called is None:
        finding.set(
            PENDING,
            "its provider reports no model: the key may be wrong, or the provider out of reach",
            remedy="Give published_model, so that one call shows it, or read the log of the instance's pod.",
        )
        return None
    verdict = called.verdict
    # An answer that was lost on the way says nothing of the provider.
    finding.provider_asked_at = None if called.answer.failure == FAILURE_CONNECTION else elapsed
    if verdict.ok:
        finding.set(PROVEN, _note_of_proof(expected.generation, finding))
        return None
    own_limit = bool(instance.get("access") and expected.generation.token_limits(instance["access"]))
    finding.set_by(verdict, elapsed, own_limit=own_limit)
    finding.remedy = " ".join(filter(None, [finding.remedy, _whereabouts(verdict, instance)]))
    return _pause_after(called.answer) if finding.state == PENDING else None


def _note_of_proof(generation: Generation, finding: Discovered) -> str:
    """What is worth saying of an instance whose provider answers."""
    if not finding.provider_ids:
        return "its provider answers, but reports none of its models under the ids of the input"
    if finding.missing and not generation.list_is_complete:
        return f"MaaS does not list it, but it answers to {', '.join(finding.missing)}"
    return ""


_ABOUT_THE_WAY = (calls.PROVIDER_DOWN, calls.PROVIDER_UNCLEAR)


def _whereabouts(verdict: calls.Verdict, instance: Instance) -> str:
    """Which key, or which server, the verdict is about."""
    origin = (instance.get("credentials") or {}).get("origin")
    if verdict.kind == calls.KEY_REFUSED and origin:
        return f"The key comes from {origin}."
    if verdict.kind == calls.PATH_UNKNOWN:
        urls = {name: value for name, value in (instance.get("settings") or {}).items() if "://" in str(value)}
        return " ".join(f"Its {name} is {value}." for name, value in urls.items())
    if verdict.kind in _ABOUT_THE_WAY and instance.get("egress"):
        return f"It calls {', '.join(instance['egress'])}."
    return ""


def _pause_after(answer: Answer) -> float | None:
    """Seconds for which to leave MaaS alone: a limit that is used up comes back by being left alone."""
    return answer.retry_after or (_PAUSE_AT_LIMIT if answer.status == 429 else None)


def _note_no_credential(finding: Discovered, refusal: MintingRefused) -> float | None:
    finding.set(PENDING, f"MaaS issues no credential for it: {refusal}", last_error=str(refusal))
    return refusal.answer.retry_after
