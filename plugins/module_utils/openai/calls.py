# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a model, and who is behind them: the gateway, the instance, or the provider.

The instance's server (OGX) answers errors as JSON and passes the provider's status on, with a text that begins with
C(Error code:). The gateway answers in plain text or with nothing, and names its reason in a header. So a 401
with that text is the provider refusing its key, and any other 401 is a gateway refusing the caller.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.llamastack.maas.plugins.module_utils.base import service_url
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import (
    FAILURE_TIMEOUT,
    FAILURE_TLS,
    FAILURE_UNSAFE,
    Answer,
    Request,
    server_sent_events,
    shown,
)
from ansible_collections.llamastack.maas.plugins.module_utils.openai import errors, small_call
from ansible_collections.llamastack.maas.plugins.module_utils.openai.errors import (
    KEY_REFUSED,
    MODEL_UNKNOWN,
    PATH_UNKNOWN,
    PROVIDER_LIMIT,
)
from ansible_collections.llamastack.maas.plugins.module_utils.openai.model_names import (
    models_to_ask,
    reported_by_provider,
)
from ansible_collections.llamastack.maas.plugins.module_utils.openai.small_call import CHAT, EMBEDDINGS

OK = "ok"
CALLER_UNKNOWN = "caller_unknown"
CALLER_REFUSED = "caller_refused"
TOKEN_LIMIT = "token_limit"
NO_ROUTE = "no_route"
INSTANCE_DOWN = "instance_down"
UNREACHABLE = "unreachable"
TLS = "tls"
UNSAFE_URL = "unsafe_url"
MODEL_CLOSED = "model_closed"
PROVIDER_DOWN = "provider_down"
PROVIDER_UNCLEAR = "provider_unclear"
UNUSABLE = "unusable"

# What can pass by itself while an instance and its registration come up.
TRANSIENT = frozenset(
    {
        CALLER_UNKNOWN,
        CALLER_REFUSED,
        TOKEN_LIMIT,
        NO_ROUTE,
        INSTANCE_DOWN,
        UNREACHABLE,
        PROVIDER_DOWN,
        PROVIDER_UNCLEAR,
        *errors.PASSING,
    }
)

# That one model cannot be called at all, whatever the call.
NO_SUCH_MODEL = (errors.MODEL_UNKNOWN, errors.MODEL_RETIRED, errors.MODEL_FORBIDDEN)

# Refusals that are about the model that was asked for, and not about the key.
ABOUT_A_MODEL = frozenset({*errors.ABOUT_THE_MODEL, MODEL_CLOSED})

_MEANING = {
    CALLER_UNKNOWN: "the gateway does not know the caller",
    CALLER_REFUSED: "the gateway refuses the caller",
    TOKEN_LIMIT: "the caller's token limit is used up",
    NO_ROUTE: "the gateway has no route to the instance",
    INSTANCE_DOWN: "the gateway does not reach the instance's pod",
    UNREACHABLE: "no answer came",
    UNSAFE_URL: "no credential is sent to this URL",
    TLS: "the certificate is not trusted",
    MODEL_CLOSED: "the instance does not offer this model",
    PROVIDER_DOWN: "the instance does not reach its provider",
    PROVIDER_UNCLEAR: "the instance got no usable answer from its provider",
    UNUSABLE: "the answer does not hold what was asked for",
    **{kind: meaning for kind, (meaning, _remedy) in errors.CAUSES.items()},
}

_REMEDY = {
    CALLER_UNKNOWN: "Check that the token is valid for this cluster and not expired.",
    CALLER_REFUSED: "Check that the access of the instance admits the caller, and that the platform has reconciled it.",
    TOKEN_LIMIT: "Wait for the window to pass, or have the limit raised: access.token_limits, or that of the caller's tier.",
    NO_ROUTE: "Check that the gateway admits the model namespace and that the HTTPRoute of the instance is accepted.",
    INSTANCE_DOWN: "Look at the pod of the instance: its conditions, events and log.",
    UNSAFE_URL: service_url.REMEDY,
    UNREACHABLE: "Check that the URL is right and that a proxy or firewall lets the connection through.",
    TLS: "Give the CA that signed the gateway's certificate as llamastack_maas_ca_file.",
    MODEL_CLOSED: "Add the model to the instance's models and deploy again.",
    PROVIDER_DOWN: "Check that the pods may reach the provider: llamastack_maas_egress, network policies, base_url.",
    PROVIDER_UNCLEAR: "Run llamastack.maas.diagnose, which reads the pod's log: either the pods do not reach the "
    "provider (llamastack_maas_egress, network policies, base_url), or it answered with something else than was asked "
    "for.",
    UNUSABLE: "Check that the URL leads to the instance.",
    **{kind: remedy for kind, (_meaning, remedy) in errors.CAUSES.items()},
}

# Of Google's errors nothing but the status comes through: a wrong key and an unsupported place look alike.
_WITHOUT_WORDS = {
    KEY_REFUSED: "the provider refused the key, or the place or the project that it is used from",
    PATH_UNKNOWN: "there is no such path, or no such model, at the provider",
}

_NAMES_A_PATH = re.compile(r"\b(url|path|route|endpoint|method not allowed|cannot post)\b", flags=re.IGNORECASE)
_NOT_ALLOWED = re.compile(r"allowed models", flags=re.IGNORECASE)


@dataclass(frozen=True)
class Verdict:
    """What an answer to a call means. C(kind) is one of this module's constants."""

    kind: str
    detail: str = ""
    """What was asked and what came, on one line."""
    by_provider: bool = False
    """Whether the call reached the provider."""
    wordless: bool = False
    """Whether of the provider's refusal nothing came through but its status."""

    @property
    def ok(self) -> bool:
        return self.kind == OK

    @property
    def reason(self) -> str:
        """The meaning, then what was asked and what came."""
        return f"{self.meaning}: {self.detail}"

    @property
    def meaning(self) -> str:
        return _WITHOUT_WORDS.get(self.kind, _MEANING[self.kind]) if self.wordless else _MEANING[self.kind]

    @property
    def remedy(self) -> str:
        return _REMEDY.get(self.kind, "")


@dataclass(frozen=True)
class Called:
    """What came of calling an instance's model."""

    model: str
    form: small_call.Form
    answer: Answer
    verdict: Verdict


def call(
    send: t.Callable[[Request], Answer], instance: t.Mapping[str, t.Any], base_url: str, listing: Answer
) -> Called | None:
    """Get one small answer of an instance, whose own model list is C(listing); None where no model of it is known."""
    ids, types = model_ids(listing) or [], model_types(listing)
    silent = not reported_by_provider(instance, ids)
    called = None
    for model in models_to_ask(instance, ids):
        asked = small_call.ask(send, base_url, model, small_call.first_form(model, types.get(model)))
        called = Called(
            model, asked.form, asked.answer, judge_chat(asked.answer, instance, provider_listed_nothing=silent)
        )
        if called.verdict.kind not in ABOUT_A_MODEL:
            break
    return called


def models_request(base_url: str) -> Request:
    """The list of the instance's own models at an OpenAI base URL."""
    return Request("GET", f"{base_url}/models")


def judge(answer: Answer) -> Verdict:
    """What a refused or failed request means; C(ok) for any 2xx, whose content the caller has to read."""
    refusal = errors.passed_on(answer.error_words())
    return Verdict(_kind_of(answer, refusal), answer.describe(), refusal is not None)


def judge_chat(
    answer: Answer, instance: t.Mapping[str, t.Any] | None = None, *, provider_listed_nothing: bool = False
) -> Verdict:
    """What the answer to a small call means, be it a chat completion, a completion or an embedding.

    C(provider_listed_nothing) says that the instance lists no model of its provider: then a refusal without words is
    about the key, for a list request has nothing else that could be wrong. No answer in time is laid to the provider:
    the instance itself answers within milliseconds. Where the URL of the provider is not C(instance)'s to choose, a
    path that is not there is the model's.
    """
    verdict = judge(answer)
    if verdict.ok:
        return _judge_success(answer, verdict)
    if answer.failure == FAILURE_TIMEOUT:
        return Verdict(PROVIDER_DOWN, verdict.detail)
    refusal = errors.passed_on(answer.error_words())
    if verdict.kind == PATH_UNKNOWN:
        path_can_be_wrong = provider_listed_nothing or _NAMES_A_PATH.search(refusal.text if refusal else "")
        if _has_fixed_url(instance) or not path_can_be_wrong:
            return Verdict(MODEL_UNKNOWN, verdict.detail, True)
        return Verdict(PATH_UNKNOWN, verdict.detail, True, bool(refusal and not refusal.text))
    if provider_listed_nothing and refusal and refusal.status == 400 and not refusal.text:
        # A list that failed is not seen where models are registered; only Google refuses a key in this way.
        if _has_fixed_url(instance) or not (instance or {}).get("registered_ids"):
            return Verdict(KEY_REFUSED, verdict.detail, True, True)
    return verdict


def _judge_success(answer: Answer, verdict: Verdict) -> Verdict:
    refusal = _refusal_inside(answer)
    if refusal:
        return _judge_inside(
            refusal,
            f"{answer.method} {answer.url} answered {answer.status}, with an error in it: {shown(refusal.text)}",
        )
    return Verdict(OK, verdict.detail, True) if completion(answer) else Verdict(UNUSABLE, verdict.detail)


def _refusal_inside(answer: Answer) -> errors.Refusal | None:
    """The error in an answer of success, be it a document or, though nothing like that was asked for, a stream."""
    document = answer.json()
    if document is not None:
        return errors.in_success(document)
    inside = (errors.in_success(each) for each in _events(answer))
    return next((each for each in inside if each), None)


def _events(answer: Answer) -> t.Iterator[t.Any]:
    for event in server_sent_events(answer.text):
        if event != "[DONE]":
            yield Answer(answer.method, answer.url, answer.status, body=event.encode()).json()


def _judge_inside(refusal: errors.Refusal, detail: str) -> Verdict:
    if _UNEXPECTED.search(refusal.text):
        return Verdict(PROVIDER_UNCLEAR, detail)
    return Verdict(errors.kind_of(refusal), detail, True)


# What the instance's server says where it does not say what happened.
_UNEXPECTED = re.compile(r"Internal server error: An unexpected error occurred")


def _has_fixed_url(instance: t.Mapping[str, t.Any] | None) -> bool:
    """Whether none of the settings says where the provider is."""
    settings = (instance or {}).get("settings")
    return settings is not None and not any("://" in str(value) for value in settings.values())


def completion(answer: Answer) -> dict[str, t.Any] | None:
    """The document of an answer that holds what its path promises, or None where it does not.

    A message without content counts: a reasoning model may spend all of its tokens before it says a word.
    """
    document = small_call.document_of(answer)
    try:
        if answer.url.endswith(f"/{EMBEDDINGS}"):
            good = bool(document["data"][0]["embedding"])
        elif answer.url.endswith(f"/{CHAT}"):
            message = document["choices"][0]["message"]
            good = isinstance(message, dict) and bool(message)
        else:
            good = isinstance(document["choices"][0]["text"], str)
    except (TypeError, KeyError, IndexError):
        return None
    return document if good else None


def total_tokens(document: t.Any) -> int:
    """C(usage.total_tokens), or 0 where it is not reported."""
    usage = document.get("usage") if isinstance(document, dict) else None
    total = usage.get("total_tokens") if isinstance(usage, dict) else None
    return total if isinstance(total, int) else 0


@dataclass(frozen=True)
class Stream:
    """A streamed chat completion. A final C([DONE]) is not required: OGX ends a stream without one."""

    chunks: int
    tokens: int
    error: str
    verdict: Verdict | None = None
    """What an error in it means; None where there is none, or nothing but what came is known."""


def read_stream(answer: Answer) -> Stream:
    """What a C(text/event-stream) answer holds; C(error) says why it is no good."""
    chunks = 0
    tokens = 0
    error = ""
    verdict = None
    refusal = errors.in_success(answer.json())
    for event in server_sent_events(answer.text):
        if event == "[DONE]":
            continue
        document = Answer(answer.method, answer.url, answer.status, body=event.encode())
        chunk = document.json()
        if not isinstance(chunk, dict):
            error = error or f"an event is not JSON: {document.error_text()}"
            continue
        inside = errors.in_success(chunk)
        refusal = refusal or inside
        if not inside:
            chunks += bool(chunk.get("choices"))
            tokens = max(tokens, total_tokens(chunk))
    if refusal:
        broke_off = f"the stream broke off: {shown(refusal.text)}"
        verdict = _judge_inside(refusal, f"{answer.method} {answer.url}: {broke_off}")
        error = error or broke_off
    if not chunks and not error:
        error = f"no chunk came ({answer.content_type or 'no content type'})"
    return Stream(chunks, tokens, error, verdict)


def measures(answer: Answer) -> dict[str, float]:
    """The seconds from the call until the whole answer had come and, of a stream, its first token."""
    arrivals, first, last = answer.arrivals, 0, len(answer.arrivals)
    while first < last:
        middle = (first + last) // 2
        begun = any(_has_token(event) for event in _events(replace(answer, body=answer.body[: arrivals[middle][1]])))
        first, last = (first, middle) if begun else (middle + 1, last)
    found = {"time_to_first_token": arrivals[first : first + 1], "total_time": arrivals[-1:]}
    return {name: round(arrival[0][0], 3) for name, arrival in found.items() if arrival}


def _has_token(event: t.Any) -> bool:
    """Whether a chunk holds a part of the answer, be it reasoning; the first one often only says who speaks."""
    choices = event.get("choices") if isinstance(event, dict) else None
    for choice in choices if isinstance(choices, list) else []:
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if isinstance(delta, dict) and any(value for name, value in delta.items() if name != "role"):
            return True
        if isinstance(choice, dict) and choice.get("text"):
            return True
    return False


def model_ids(answer: Answer) -> list[str] | None:
    """The sorted ids in an instance's own model list, or None where the answer is not one."""
    document = answer.json()
    entries = document.get("data") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        return None
    return sorted(entry["id"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str))


def model_types(answer: Answer) -> dict[str, str]:
    """By id what the instance's server takes each model of its own list for, such as V(llm) or V(embedding)."""
    document = answer.json()
    entries = document.get("data") if isinstance(document, dict) else None
    types = {}
    for entry in entries if isinstance(entries, list) else []:
        told = entry.get("custom_metadata") if isinstance(entry, dict) else None
        if isinstance(told, dict) and isinstance(told.get("model_type"), str):
            types[entry.get("id")] = told["model_type"]
    return types


def _kind_of(answer: Answer, refusal: errors.Refusal | None) -> str:
    if answer.failure:
        return {FAILURE_TLS: TLS, FAILURE_UNSAFE: UNSAFE_URL}.get(answer.failure, UNREACHABLE)
    if 200 <= answer.status < 300:
        return OK
    if "x-ext-auth-reason" in answer.headers or not isinstance(answer.json(), dict):
        return _GATEWAY_KINDS.get(answer.status, UNUSABLE if answer.status < 500 else INSTANCE_DOWN)
    if refusal and refusal.status != 408:
        return errors.kind_of(refusal)
    if not refusal and answer.status in (401, 403):
        # The instance's server asks nobody who it is.
        return _GATEWAY_KINDS[answer.status]
    text = answer.error_words()
    if answer.status == 400 and _NOT_ALLOWED.search(text):
        return MODEL_CLOSED
    if answer.status in _SERVER_KINDS:
        return _SERVER_KINDS[answer.status]
    return errors.kind_of(errors.Refusal(answer.status, frozenset(), text))


_GATEWAY_KINDS = {
    401: CALLER_UNKNOWN,
    403: CALLER_REFUSED,
    404: NO_ROUTE,
    429: TOKEN_LIMIT,
}
# What the instance's server says of itself.
_SERVER_KINDS = {
    404: MODEL_UNKNOWN,
    408: PROVIDER_DOWN,
    429: PROVIDER_LIMIT,
    500: PROVIDER_UNCLEAR,
    502: PROVIDER_DOWN,
    503: PROVIDER_DOWN,
    504: PROVIDER_DOWN,
}
