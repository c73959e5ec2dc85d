# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the answer to a call of a model behind LiteLLM means: an answer, a refusal of LiteLLM itself, or what its provider said.

LiteLLM's own refusals are known by the C(type) of the error. What else comes with an error is the provider's, whose status
LiteLLM passes on.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.http.client import (
    FAILURE_TIMEOUT,
    FAILURE_TLS,
    Answer,
    Request,
)
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import client
from ansible_collections.llamastack.maas.plugins.module_utils.openai import calls as inference, errors, small_call

OK = "ok"
UNREACHABLE = "unreachable"
NO_GATEWAY = "no gateway"
MODEL_DOWN = "model down"
KEY_REFUSED = "key refused"
MODEL_UNKNOWN = "model unknown"
LIMIT = "limit"
REFUSED = "refused"
UNUSABLE = "unusable"

# What LiteLLM itself refuses, by the type of the error.
MODEL_DENIED = frozenset({client.KEY_MODEL_DENIED, client.TEAM_MODEL_DENIED, client.USER_MODEL_DENIED})
OF_THE_KEY = {
    client.KEY_MODEL_DENIED: "the list of models of the key does not allow this model",
    client.TEAM_MODEL_DENIED: "the list of models of the key's team does not allow this model",
    client.USER_MODEL_DENIED: "the list of models of the key's user does not allow this model",
    client.EXPIRED_KEY: "the key has expired",
    client.BLOCKED_KEY: "LiteLLM refuses the key",
    client.UNKNOWN_KEY: "LiteLLM does not know the key",
    client.BUDGET_EXCEEDED: "the budget of the key, or of its team or user, is used up",
}

MASTER_KEY_REFUSED = (
    "Where litemaas_token or litemaas_token_secret gives the master key, correct it there. Else the pods run with the value"
    " that the Secret had when they started, and any other is refused: restart them, or run llamastack.maas.litemaas_rotate."
)

_WIDEN = {
    client.KEY_MODEL_DENIED: "Name the model, by its public name, in models of the key.",
    client.TEAM_MODEL_DENIED: "Admit the team to the model: by access.groups of its entry, or in models of the team.",
    client.USER_MODEL_DENIED: "Name the model in models of the user: on the admin page they are its Personal Models.",
}
_MEANINGS = {
    UNREACHABLE: ("no answer came", "Check the URL, and that a proxy or firewall lets the connection through."),
    NO_GATEWAY: (
        "something before LiteLLM answers",
        "Check that the URL leads to LiteLLM, and that its pods are ready.",
    ),
    MODEL_DOWN: (
        "LiteLLM does not reach the model, or got no usable answer of it",
        "Check that the model runs and that the pods of LiteLLM may reach it: api_base, network policies, egress.",
    ),
    KEY_REFUSED: (
        "the provider refuses its key",
        "Put a valid key of this provider in, and run llamastack.maas.litemaas_content, which replaces it.",
    ),
    MODEL_UNKNOWN: (
        "the provider has no such model, or not for this kind of call",
        "Compare the id with the provider's list of models, and mode with what the model is for.",
    ),
    LIMIT: (
        "a limit is reached, or the model is left alone for a while after it failed",
        "Wait a minute and try again; the limits are rpm and tpm of the model and those of its provider.",
    ),
    REFUSED: ("the provider refuses the call", "What it says names the reason."),
    UNUSABLE: ("the answer does not hold what was asked for", "Check api_base and mode of the model."),
}


_FORMS = {
    "chat": small_call.Form(),
    "completion": small_call.Form(small_call.COMPLETIONS),
    "embedding": small_call.Form(small_call.EMBEDDINGS),
}


class Meaning(t.NamedTuple):
    """What an answer means. C(kind) is one of this module's constants, or the type of LiteLLM's own refusal."""

    kind: str
    meaning: str
    detail: str
    """What was asked and what came, on one line."""
    remedy: str = ""

    @property
    def ok(self) -> bool:
        return self.kind == OK

    @property
    def reason(self) -> str:
        return f"{self.meaning}: {self.detail}"


def next_step(error: client.LitellmError) -> str:
    """What to do about a request with the master key that came to nothing, where that is no matter of what was asked."""
    if error.status == 401:
        return f"LiteLLM does not take the master key. {MASTER_KEY_REFUSED}"
    found = refusal(error.answer)
    return found.remedy if found and found.kind in (UNREACHABLE, NO_GATEWAY) else ""


def told(error: Exception) -> str:
    """An error for a message, with what to do about it where that is known."""
    remedy = next_step(error) if isinstance(error, client.LitellmError) else ""
    more = "llamastack.maas.litemaas_diagnose finds out more."
    return f"{str(error).rstrip('.')}. {remedy} {more}" if remedy else str(error)


def request(name: str, mode: str, *, stream: bool = False) -> Request:
    """A small call of a model in the form that its mode says. A budgeted key has the price of its few tokens set aside."""
    return small_call.request("/v1", name, _FORMS[mode], stream=stream)


def judge(answer: Answer) -> Meaning:
    """What the answer to a small call means, be it a chat completion, a completion or an embedding."""
    found = refusal(answer)
    if found:
        return found
    inside = errors.in_success(answer.json())
    if inside:
        return _verdict(MODEL_DOWN, answer)
    if answer.url.endswith("/models") or inference.completion(answer):
        return Meaning(OK, "", answer.describe())
    return _verdict(UNUSABLE, answer)


def refusal(answer: Answer) -> Meaning | None:
    """What an answer that is no success, or no answer of LiteLLM, means; None of a success."""
    if answer.failure:
        # LiteLLM itself answers at once: what takes too long is the model.
        kind = MODEL_DOWN if answer.failure == FAILURE_TIMEOUT else UNREACHABLE
        found = _verdict(kind, answer)
        if answer.failure == FAILURE_TLS:
            return found._replace(remedy="Give the CA that signed the gateway's certificate as litemaas_ca_file.")
        return found
    if 200 <= answer.status < 300:
        # The pages of LiteMaaS come with 200 for every path.
        return _verdict(NO_GATEWAY, answer) if answer.content_type == "text/html" else None
    kind = client.error_type(answer.json())
    if kind in OF_THE_KEY:
        return Meaning(kind, OF_THE_KEY[kind], answer.describe(), _WIDEN.get(kind, ""))
    if not isinstance(answer.json(), dict):
        return _verdict(NO_GATEWAY, answer)
    return _verdict(_KINDS.get(answer.status, MODEL_DOWN if answer.status >= 500 else REFUSED), answer)


_KINDS = {
    401: KEY_REFUSED,
    403: KEY_REFUSED,
    404: MODEL_UNKNOWN,
    408: MODEL_DOWN,
    429: LIMIT,
}


def _verdict(kind: str, answer: Answer) -> Meaning:
    meaning, remedy = _MEANINGS[kind]
    return Meaning(kind, meaning, answer.describe(), remedy)
