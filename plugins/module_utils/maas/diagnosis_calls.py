# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the chain from the key to an answer breaks, as far as only calls show it: MaaS's list, the instance, its provider.

The network is the caller's.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import (
    BROKEN,
    HINT,
    OK,
    SKIPPED,
    Explanation,
    Link,
)
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, Request
from ansible_collections.llamastack.maas.plugins.module_utils.kserve import causes
from ansible_collections.llamastack.maas.plugins.module_utils.maas.credentials import Caller, Lender, MintingRefused
from ansible_collections.llamastack.maas.plugins.module_utils.maas.diagnosis import (
    CALL,
    CALL_LINKS,
    LIST,
    MODELS,
    Case,
    Instance,
)
from ansible_collections.llamastack.maas.plugins.module_utils.maas.discovery import not_admitted
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Listed, prober_user
from ansible_collections.llamastack.maas.plugins.module_utils.openai import calls as inference, model_names, small_call


@dataclass(frozen=True)
class InstanceAnswers:
    """What came of calling an instance: its own list, one small call, or why there was no credential for them."""

    models: Answer | None = None
    chat: Answer | None = None
    others: t.Mapping[str, Answer] = field(default_factory=dict)
    """The answers of further models that the input names, by id."""
    refusal: MintingRefused | None = None
    note: str = ""
    """Why no answer was asked for, where that was not wanted."""


def call(
    instance: Instance, url: str, lender: Lender, subscription: str | None, timeout: float, *, spend: bool = True
) -> InstanceAnswers:
    """Ask an instance for its models and, where it is known which one to name, for one small answer.

    C(spend) says whether tokens may be spent: without, no answer is asked for.
    """
    base = f"{url.rstrip('/')}/v1"
    called = InstanceAnswers()
    try:
        credential = lender.lend(subscription, "/v1/models")
        client = lender.client(credential, subscription)
        called = replace(called, models=client.request(inference.models_request(base)))
        if spend and inference.judge(called.models).ok:
            credential = lender.lend(subscription, "/v1/chat/completions")
            client = lender.client(credential, subscription)

            def send(request: Request) -> Answer:
                return client.request(request, timeout=timeout)

            answered = inference.call(send, instance, base, called.models)
            called = replace(called, chat=answered.answer if answered else None)
            if answered and answered.verdict.ok:
                types = inference.model_types(called.models)
                others = model_names.others_to_ask(instance)
                forms = {each: small_call.first_form(each, types.get(each)) for each in others}
                answers = {each: small_call.ask(send, base, each, form).answer for each, form in forms.items()}
                called = replace(called, others=answers)
    except MintingRefused as refusal:
        called = replace(called, refusal=refusal)
    return called if spend else replace(called, note="llamastack_maas_proof is list: no token is spent")


@dataclass(frozen=True)
class Outside:
    """What MaaS shows to the caller: its list, None where it could not be read, and why."""

    caller: Caller | None
    listed: t.Sequence[Listed] | None = None
    note: str = ""


def entitled(case: Case, outside: Outside) -> bool:
    """Whether the caller is admitted to the instance, as far as that is known."""
    access, caller = case.instance.get("access"), outside.caller
    if caller is None or not access or case.generation.open_to_everybody(access) or caller.groups is None:
        return caller is not None
    # The registration admits the prober beside those whom access names.
    if caller.user == prober_user(case.evidence.namespace):
        return True
    return case.generation.admits(access, caller.user, caller.groups) or not case.generation.list_is_complete


def calls(
    case: Case, outside: Outside, called: InstanceAnswers | None, log: t.Callable[[], t.Sequence[str]]
) -> list[Link]:
    """The links that calls show. C(log) reads the log of the instance's pod, where that may show more."""
    if outside.caller is None:
        return [Link(link, SKIPPED, outside.note) for link in CALL_LINKS]
    if not entitled(case, outside):
        why = not_admitted(case.generation, case.instance, outside.caller.user)
        return [Link(link, SKIPPED, why, remedy=case.generation.not_admitted_remedy) for link in CALL_LINKS]
    visible = _list(case, outside)
    if called is None:
        return [visible]
    own = [_models(case, called, log), _call(case, called, log)]
    # A list that MaaS makes by asking the models shows what they answer: then their own answers show the cause.
    return [*own, visible] if case.generation.list_asks_models else [visible, *own]


def _list(case: Case, outside: Outside) -> Link:
    if outside.listed is None:
        return Link(LIST, SKIPPED, outside.note)
    visibility = case.generation.visibility(outside.listed, case.instance)
    if visibility.complete:
        return Link(LIST, OK, evidence=", ".join(visibility.ids))
    user = outside.caller.user if outside.caller else "nobody"
    if visibility.not_ready:
        seen = f"MaaS lists {', '.join(visibility.not_ready)} as not ready"
    elif visibility.note:
        seen = f"MaaS does not list {', '.join(visibility.missing) or 'any of its models'}: {visibility.note}"
    else:
        seen = f"{', '.join(visibility.missing) or 'no model of it'} is not in the list of {user}"
    cause, remedy = case.generation.why_unlisted
    state = BROKEN if case.generation.list_is_complete else HINT
    return Link(LIST, state, cause, seen, remedy)


def _models(case: Case, called: InstanceAnswers, log: t.Callable[[], t.Sequence[str]]) -> Link:
    if called.refusal and called.models is None:
        return _no_credential(MODELS, called.refusal)
    if called.models is None:
        return Link(MODELS, SKIPPED, "it was not asked")
    judged = inference.judge(called.models)
    if not judged.ok:
        return _by_verdict(MODELS, judged, log)
    ids = inference.model_ids(called.models)
    if ids is None:
        seen = called.models.describe()
        remedy = "Check llamastack_maas_url and the HTTPRoute of the instance."
        return Link.broken(MODELS, Explanation("the instance's URL leads to something else", seen, remedy))
    offered = model_names.offered(case.instance, ids)
    missing = sorted(set(case.instance.get("listed_ids") or []) - set(ids))
    chat = _judged_chat(case, called, provider_listed_nothing=not _reported(case, called))
    if not offered and chat and not chat.ok and chat.kind not in inference.ABOUT_A_MODEL:
        return _by_verdict(MODELS, chat, log)
    unknown = _not_there(case, called, chat)
    if unknown:
        return Link.broken(MODELS, _unknown_models(case, unknown))
    if not missing and (offered or not (chat and chat.ok)):
        return Link(MODELS, OK, evidence=f"its own list has {len(offered)} models")
    return Link.broken(MODELS, _without_models(case, missing, offered, chat))


def _not_there(case: Case, called: InstanceAnswers, chat: inference.Verdict | None) -> dict[str, inference.Verdict]:
    """Of the models that are registered, and so listed whatever the provider has, those that it refuses."""
    if not case.instance.get("registered_ids"):
        return {}
    verdicts = {model: inference.judge_chat(answer, case.instance) for model, answer in called.others.items()}
    if chat:
        verdicts.update((model, chat) for model in model_names.models_to_ask(case.instance))
    return {model: verdict for model, verdict in verdicts.items() if verdict.kind in inference.NO_SUCH_MODEL}


def _unknown_models(case: Case, unknown: t.Mapping[str, inference.Verdict]) -> Explanation:
    seen = "; ".join(f"{model}: {verdict.detail}" for model, verdict in unknown.items())
    length = len(model_names.model_prefix(case.instance))
    wrong = _in_another_form(case.instance, [model[length:] for model in unknown])
    if wrong:
        return _wrong_form(f"models has {', '.join(wrong)}; {seen}")
    kinds = {verdict.kind for verdict in unknown.values()}
    if kinds == {inference.MODEL_UNKNOWN}:
        return Explanation(_NOT_THERE, seen, _COMPARE)
    told = next(verdict for verdict in unknown.values() if verdict.kind != inference.MODEL_UNKNOWN)
    return Explanation(told.meaning, seen, told.remedy)


_NOT_THERE = "the provider does not have a model that the list names"
_COMPARE = "Compare models and published_model with the provider's own list of models, for this account."


def _wrong_form(seen: str) -> Explanation:
    return Explanation(
        "models has ids in a form that is not the provider's",
        seen,
        "Write each model as the provider's own documentation does, without a prefix, and deploy again.",
    )


def _without_models(case: Case, missing: list[str], reported: list[str], chat: inference.Verdict | None) -> Explanation:
    """Why an instance that answers does not list what it should."""
    shown = ", ".join(missing) or "any model of its provider"
    seen = f"its own list lacks {shown}" + (f"; it has {', '.join(reported)}" if reported else "")
    if chat and chat.ok and not reported:
        return Explanation(
            "the provider answers, but the server still has the empty list of a first listing that failed",
            seen,
            "It lists again every five minutes; a restart of the pod does so at once.",
        )
    listed = zip(case.instance.get("models") or [], case.instance.get("listed_ids") or [])
    wrong = _in_another_form(case.instance, [model for model, listed_id in listed if listed_id in missing])
    if wrong:
        return _wrong_form(f"{seen}; models has {', '.join(wrong)}")
    if chat and chat.kind in inference.ABOUT_A_MODEL:
        seen = f"{seen}; {chat.detail}"
    return Explanation(_NOT_THERE, seen, _COMPARE)


def _in_another_form(instance: Instance, missing: t.Iterable[str]) -> list[str]:
    """Those of C(missing), models without their prefix, whose id begins with what a server or the gateway puts there, not the provider.

    A server of another make calls a provider like the last part of its type: C(vllm) for C(remote::vllm).
    """
    own_type = instance.get("provider_type") or ""
    ours = {"publishers", "models", "all", instance["name"], instance["provider"], own_type, own_type.split("::")[-1]}
    return [model for model in missing if "/" in model and model.split("/")[0] in ours]


def _judged_chat(case: Case, called: InstanceAnswers, *, provider_listed_nothing: bool) -> inference.Verdict | None:
    if called.chat is None:
        return None
    return inference.judge_chat(called.chat, case.instance, provider_listed_nothing=provider_listed_nothing)


def _call(case: Case, called: InstanceAnswers, log: t.Callable[[], t.Sequence[str]]) -> Link:
    if called.chat is None and called.refusal:
        return _no_credential(CALL, called.refusal)
    judged = _judged_chat(case, called, provider_listed_nothing=not _reported(case, called))
    if judged is None:
        return Link(CALL, SKIPPED, called.note or "no model is known that could be asked")
    if judged.ok:
        return Link(CALL, OK, evidence=judged.detail)
    if judged.kind == inference.KEY_REFUSED and _reported(case, called):
        cause = "the provider refuses the key that it has taken before: it is revoked, or has expired"
        return Link.broken(CALL, Explanation(cause, judged.detail, judged.remedy))
    return _by_verdict(CALL, judged, log)


def _reported(case: Case, called: InstanceAnswers) -> list[str]:
    """The models that the provider has reported, as the instance lists them."""
    ids = inference.model_ids(called.models) if called.models else None
    return model_names.reported_by_provider(case.instance, ids or [])


def _by_verdict(link: str, judged: inference.Verdict, log: t.Callable[[], t.Sequence[str]]) -> Link:
    """A call that failed; where the instance did not reach its provider, its log knows more."""
    known = causes.provider_trouble(log()) if judged.kind in _LOG_TELLS_MORE else None
    if known:
        return Link.broken(link, known._replace(evidence=f"{known.evidence}; {judged.detail}"))
    remedy = _READ_THE_LOG if judged.kind == inference.PROVIDER_UNCLEAR else judged.remedy
    return Link.broken(link, Explanation(judged.meaning, judged.detail, remedy))


_LOG_TELLS_MORE = (inference.PROVIDER_DOWN, inference.PROVIDER_UNCLEAR, inference.PATH_UNKNOWN)
_READ_THE_LOG = (
    "Read the log of the instance's pod: either it does not reach its provider (llamastack_maas_egress, network "
    "policies, base_url), or the provider answered with something else than was asked for."
)


def _no_credential(link: str, refusal: MintingRefused) -> Link:
    remedy = "Look at the phase of the MaaSSubscription and at whom it admits."
    return Link.broken(link, Explanation("MaaS issues no credential for it", str(refusal), remedy))
