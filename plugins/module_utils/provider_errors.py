# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a provider's refusal is about: the key, money, the place, the account, the model, the request, or the path.

A refusal is judged by the identifiers in it (C(code), C(type), C(status), C(reason)), then by its words, then by its
HTTP status. The server of an instance passes on the status and, with recent client libraries, nothing but the message;
of a refusal that does not have OpenAI's shape not even that. So words have to do for what identifiers say elsewhere,
and C(Error code: 400) alone is what is left of every error of Google's.
"""

from __future__ import annotations

import ast
import json
import re
import typing as t

KEY_REFUSED = "key_refused"
NO_MONEY = "no_money"
NOT_FROM_HERE = "not_from_here"
ACCOUNT_CLOSED = "account_closed"
PROVIDER_REFUSES = "provider_refuses"
MODEL_FORBIDDEN = "model_forbidden"
MODEL_RETIRED = "model_retired"
MODEL_UNKNOWN = "model_unknown"
MODEL_OTHER_CALL = "model_other_call"
PATH_UNKNOWN = "path_unknown"
CONTENT_REFUSED = "content_refused"
TOO_LONG = "too_long"
PARAMETER_REFUSED = "parameter_refused"
REQUEST_REFUSED = "request_refused"
PROVIDER_LIMIT = "provider_limit"
PROVIDER_BUSY = "provider_busy"
PROVIDER_ERROR = "provider_error"

_CHECK_THE_LIST = "Compare the ids in models and published_model with the provider's own list, for this account."

# What each of them means, in words, and what to do.
CAUSES: dict[str, tuple[str, str]] = {
    KEY_REFUSED: (
        "the provider refused the key",
        "Put a valid key of this provider in and deploy again; the pod restarts by itself.",
    ),
    NO_MONEY: (
        "the provider's account has no credit or budget left",
        "Check balance, billing and spending limit of the provider's account; the key is not what is wrong.",
    ),
    NOT_FROM_HERE: (
        "the provider does not serve callers from this place",
        "Check which countries, regions and addresses the provider serves and from which one the pods call: "
        "llamastack_maas_egress, the account's network rules, or a base_url of another region.",
    ),
    ACCOUNT_CLOSED: (
        "the provider's organisation or project does not admit the call",
        "Check at the provider that the organisation and the project of the key are active and verified, and that the "
        "key's owner is a member of them.",
    ),
    PROVIDER_REFUSES: (
        "the provider does not give this key or account the right to call",
        "Check the permissions of the key, and the project and the role that it belongs to.",
    ),
    MODEL_FORBIDDEN: (
        "the provider does not give this key or account the model",
        "Have access to the model granted, or its terms accepted, at the provider; or name one that this key may call.",
    ),
    MODEL_RETIRED: (
        "the provider has retired the model",
        "Name its successor in models and published_model and deploy again.",
    ),
    MODEL_UNKNOWN: ("the provider does not know the model", _CHECK_THE_LIST),
    MODEL_OTHER_CALL: (
        "the model is not for this kind of call",
        "Check that the model can chat; published_model must be a chat model.",
    ),
    PATH_UNKNOWN: (
        "there is no such path at the provider",
        "Check base_url: it must be where the provider's OpenAI-compatible API is, most often with /v1 at its end.",
    ),
    CONTENT_REFUSED: (
        "the provider's content policy refused the request",
        "Check the content filters of the provider's account: this call holds nothing but a few harmless words.",
    ),
    TOO_LONG: (
        "the request is larger than the provider takes",
        "Check the context length of the model and the size limits of the account: this call is as small as can be.",
    ),
    PARAMETER_REFUSED: (
        "the provider refused a parameter of the request",
        "Callers have to leave it out or to spell it as this model wants it; the key is not what is wrong.",
    ),
    REQUEST_REFUSED: (
        "the provider refused the request",
        "Check that the model can chat; published_model must be a chat model.",
    ),
    PROVIDER_LIMIT: (
        "the provider's own limit or quota is used up",
        "Check quota and rate limits of the provider's account; they come back by themselves.",
    ),
    PROVIDER_BUSY: (
        "the provider cannot take the request now",
        "It may be loading the model or handling another request: try again in a while.",
    ),
    PROVIDER_ERROR: (
        "the provider is out of order",
        "Look at the provider's status page; the instance recovers by itself.",
    ),
}

# What is about whoever calls, and so about every call. All else may be the fault of one call or of one model.
ABOUT_THE_ACCOUNT = frozenset(
    {KEY_REFUSED, NO_MONEY, NOT_FROM_HERE, ACCOUNT_CLOSED, PROVIDER_REFUSES, PROVIDER_LIMIT, PROVIDER_ERROR}
)
# What another model, or another request, would not meet.
ABOUT_THE_MODEL = frozenset({MODEL_FORBIDDEN, MODEL_RETIRED, MODEL_UNKNOWN, MODEL_OTHER_CALL, REQUEST_REFUSED})
# What can pass by itself.
PASSING = frozenset({PROVIDER_LIMIT, PROVIDER_BUSY, PROVIDER_ERROR})


class Refusal(t.NamedTuple):
    """What a provider said. C(identifiers) are in small letters and digits only."""

    status: int
    identifiers: frozenset[str]
    text: str


_IDENTIFIERS = {
    KEY_REFUSED: """
        invalid_api_key api_key_invalid expired_api_key api_key_expired api_key_not_found invalid_key token_expired
    """,
    NO_MONEY: """
        insufficient_quota insufficient_balance insufficient_credits insufficient_funds insufficient_user_quota
        billing_not_active billing_hard_limit_reached billing_error billing_disabled payment_required budget_exceeded
        exceeded_current_quota_error arrearage
    """,
    NOT_FROM_HERE: """
        unsupported_country_region_territory unsupported_location location_not_supported ip_not_authorized
        api_key_ip_address_blocked
    """,
    ACCOUNT_CLOSED: """
        mismatched_organization mismatched_project organization_not_found organization_restricted
        organization_deactivated account_deactivated account_suspended consumer_suspended service_disabled
        organization_must_be_verified
    """,
    MODEL_FORBIDDEN: """
        key_model_access_denied team_model_access_denied user_model_access_denied org_model_access_denied
        model_permission_blocked_org model_permission_blocked_project model_terms_required model_access_denied
        access_denied_unpurchased
    """,
    MODEL_RETIRED: "model_decommissioned model_deprecated model_retired model_discontinued",
    MODEL_UNKNOWN: """
        model_not_found invalid_model model_not_available unknown_model deployment_not_found model_not_exist
        model_does_not_exist invalid_model_name
    """,
    MODEL_OTHER_CALL: "operation_not_supported model_not_supported_for_operation unsupported_operation",
    CONTENT_REFUSED: """
        content_policy_violation content_filter responsible_ai_policy_violation data_inspection_failed
        prohibited_content content_filtered moderation_blocked invalid_prompt
    """,
    TOO_LONG: """
        context_length_exceeded string_above_max_length request_too_large tokens_limit_reached prompt_too_long
        context_window_exceeded max_context_length_exceeded
    """,
    PARAMETER_REFUSED: """
        unsupported_parameter unsupported_value unknown_parameter invalid_value invalid_parameter extra_forbidden
        missing_required_parameter integer_below_min_value integer_above_max_value decimal_above_max_value
        wrong_api_format invalid_type missing
    """,
    PROVIDER_LIMIT: "rate_limit_exceeded rate_limit_error too_many_requests rate_limit_reached",
    PROVIDER_BUSY: "overloaded_error model_loading model_not_ready deployment_scaling_up",
}


def _plain(identifier: str) -> str:
    return re.sub(r"[^a-z0-9]", "", identifier.lower())


_KIND_BY_IDENTIFIER = {_plain(each): kind for kind, listed in _IDENTIFIERS.items() for each in listed.split()}

_MODEL = r"(models?|deployments?|engines?)\b"

# In this order: what is said more narrowly comes first. Each has to match a part of the message.
_WORDS = tuple(
    (kind, re.compile("|".join(patterns), flags=re.IGNORECASE))
    for kind, patterns in (
        (
            CONTENT_REFUSED,
            (
                r"content (management )?polic",
                r"content[ _-]?filter",
                r"usage polic",
                r"safety (system|polic|filter|setting)",
                r"\bflagged\b",
                r"inappropriate content",
                r"\bmoderation\b",
                r"violat\w+ .*polic",
            ),
        ),
        (
            TOO_LONG,
            (
                r"context (length|window|size)",
                r"(prompt|input|request|payload|body|message)s? (is |are )?too (long|large|big)",
                r"reduce the length",
                r"entity too large",
                r"exceeds? .*(maximum|max) .*(length|size|tokens)",
                r"too many (input )?tokens",
            ),
        ),
        (
            KEY_REFUSED,
            (
                r"(invalid|incorrect|expired|revoked|malformed|wrong|unknown|unrecognized|bad|missing|disabled|deleted)"
                r"[ \w'-]{0,30}\b(api[ _-]?key|x-api-key|(access|subscription|virtual) key|token|credentials?|bearer)\b",
                r"(api[ _-]?key|x-api-key|access key|token|credentials?)\b[^.]{0,40}"
                r"(is |was |has |are |have |been )*(not valid|invalid|incorrect|expired|revoked|not provided|not found|"
                r"deactivated|disabled|deleted|leaked|required)",
                r"no (api[ _-]?key|auth credentials|credentials)",
                r"\bkeys? (is |was |has been )?(disabled|revoked|expired|deleted|invalid|inactive|blocked)",
                r"authorization failed",
            ),
        ),
        (
            MODEL_RETIRED,
            (
                rf"{_MODEL}.*(deprecated|decommissioned|retired|sunset|discontinued|end of life|end-of-life|shut down|"
                r"no longer (available|supported|served|offered))",
                rf"(deprecated|decommissioned|retired|discontinued) {_MODEL}",
            ),
        ),
        (
            MODEL_OTHER_CALL,
            (
                r"not a chat model",
                r"does not support (chat|completions?|embeddings?|generat\w+)\b",
                r"(only )?supported in v1/",
                r"chat template",
                r"(chat ?completions?|completions?|embeddings?) operation does not work",
                r"embeddings? (model )?(is |are )?(not |only )",
                r"is an? (embeddings?|rerank\w*|image|audio|speech|moderation) model",
                r"is of type '?(embedding|rerank)",
            ),
        ),
        (
            ACCOUNT_CLOSED,
            (
                r"verif(y|ied|ication)\b.*(organi[sz]ation|account|identity)",
                r"(organi[sz]ation|account|identity|phone)\b.*\b(must be|needs to be|not|not yet|not been) verified",
                r"member of (an|the|this|that|any) (organi[sz]ation|project|team|workspace)",
                r"(organi[sz]ation|project|account|team|workspace|consumer)\b[^.]{0,40}\b(suspended|disabled|"
                r"deactivated|restricted|archived|deleted|not active|inactive|does not exist|not found|denied access)"
                r"(?!.*(billing|invoice|payment|spending|balance|credit))",
                r"organi[sz]ation header",
                r"not allowed for this organi[sz]ation",
                r"has not been used in project",
                r"data polic",
            ),
        ),
        (
            NOT_FROM_HERE,
            (
                r"(country|region|territory|location|jurisdiction)[^.]{0,60}\b(not|un)[ -]?(supported|available|"
                r"allowed|permitted|served|eligible)",
                r"(not|un)[ -]?(supported|available|allowed|permitted|served|offered) (in|from|for) (your|this|the) "
                r"([\w-]+ )?(country|region|territory|location|area|ip|address|network)",
                r"unsupported (country|region|location)",
                r"\bip( address)? (\S+ )?(is |was |has been )?(not|blocked|denied|un)",
                r"unauthorized ip",
                r"virtual network|firewall rule|private endpoint|public (network )?access is disabled",
                r"check your network settings",
                r"\bgeo[ -]?(block|restrict|fenc)",
            ),
        ),
        (
            NO_MONEY,
            (
                r"credits?\b.*(balance|low|insufficient|exhausted|depleted|used up|remaining|limit|exceeded|don't|no )",
                r"(insufficient|not enough|no|out of|any|low|exhausted|depleted|exceeded|add|purchase|buy|included|"
                r"ran out of|run out of|enough) (\w+ ){0,2}(credits?|balance|funds)\b",
                r"balance\b.*\b(too low|insufficient|negative|not enough|exhausted|empty)",
                r"\bbilling\b",
                r"payment (is )?(required|method|overdue|failed)",
                r"failure to pay|past due|overdue|unpaid|invoices?\b",
                r"good standing",
                r"budget\b.*exceeded|exceeded\w* .*budget|exceeded ?budget",
                r"(spending|spend|usage|hard|cost|api usage) limits? ?(has been |was |is )?(reached|exceeded|hit)?"
                r"(?= |$|\.|,)(?<!rate limit)",
                r"exceeded your current quota",
                r"top[ -]?up|recharge your",
                r"\u4f59\u989d|\u6b20\u8d39",
            ),
        ),
        (
            MODEL_FORBIDDEN,
            (
                rf"(not|n't) (have|has|allowed|permitted|authorized|entitled)( \w+){{0,4}} (to )?(\w+ ){{0,3}}{_MODEL}",
                rf"(no|lacks?|without|denied|deny) (access|permission|entitlement)s?( \w+){{0,3}} {_MODEL}",
                rf"access to (the |this )?{_MODEL}[^.]*\b(denied|forbidden|restricted|not (allowed|permitted|granted))",
                rf"{_MODEL}[^.]*\b(requires? (terms|acceptance|approval|access|a (paid|pro))|is gated|not enabled for|"
                r"is (blocked|disabled|restricted)|is not (available|enabled|allowed) (for|to|on|in) (your|this) "
                r"(\w+ ){0,2}(account|key|plan|project|organi[sz]ation|team|tier|subscription))",
                rf"can only access {_MODEL}",
                rf"not allowed to (sample|generate)[\w ]* from this {_MODEL}",
            ),
        ),
        (
            PROVIDER_REFUSES,
            (
                r"(insufficient|missing|required|lacks?( the)?|not have|without|no) (\w+ ){0,3}(permissions?|scopes?|"
                r"rights?|roles?|privileges?)\b",
                r"permission\b.* (is )?(required|denied)",
                r"\bnot (authorized|permitted|allowed) to (perform|call|use|access)\b",
            ),
        ),
        (
            MODEL_UNKNOWN,
            (
                rf"{_MODEL}.*(does not exist|not exist|doesn't exist|not found|not available|unavailable|not supported|"
                r"not deployed|not served|is not recognized|unknown)",
                rf"(unknown|invalid|unsupported|no such|non-?existent|unable to access|not found the|"
                rf"could not find( the)?|no endpoints found for|cannot find( the)?) {_MODEL}",
                rf"not a valid {_MODEL}",
                rf"invalid {_MODEL} ?name",
                rf"{_MODEL} (identifier|id|name) is (invalid|unknown|not)",
                r"no endpoints found for",
                r"not found for api version",
                r"^model: ",
            ),
        ),
        (
            PARAMETER_REFUSED,
            (
                r"\b(parameter|argument|field|option)s?\b",
                r"max_(completion_|output_|new_)?tokens|max_length|temperature|top_p|stream_options",
                r"extra inputs|input should be|unexpected keyword|unrecognized (request )?(argument|key)",
                r"must be (less|greater|at least|at most|between|positive|an? (integer|number))",
            ),
        ),
    )
)

# What a refusal may be about where nothing is said more plainly: the HTTP status that it has to have, a word of its
# message, or a part of an identifier.
_HINTS = (
    (CONTENT_REFUSED, (400, 403), r"guard ?rail|content safety|harmful|jailbreak", r"contentfilter|moderation|safety"),
    (
        NOT_FROM_HERE,
        (400, 401, 403),
        r"\b(countr(y|ies)|regions?|territor(y|ies)|locations?|sanction\w*|embargo\w*)\b",
        r"location|country|region|territory",
    ),
    (
        NO_MONEY,
        (400, 401, 403, 412, 429),
        r"\b(credits?|balance|payments?|prepaid|wallet|spend(ing)?)\b",
        r"billing|credits|balance|payment|budget",
    ),
    (MODEL_FORBIDDEN, (401, 403), r"\bmodels?\b", r"model"),
    (
        ACCOUNT_CLOSED,
        (400, 401, 403),
        r"\b(organi[sz]ations?|workspace|membership|not verified|verification)\b",
        r"organi[sz]ation",
    ),
    (
        MODEL_RETIRED,
        (400, 404),
        r"\bdeprecated|decommissioned|no longer (available|supported)",
        r"deprecated|decommissioned",
    ),
    (TOO_LONG, (400,), r"\btoo (long|large)\b", r"contextlength|contextwindow|toolong|toolarge"),
)

# A limit that comes back soon, in words that some providers use for an empty account as well.
_COMES_BACK = re.compile(
    r"rate.?limits?|per (second|minute|hour|day)|retry (in|after)|try again|too many requests|quota metric|"
    r"quota exceeded for metric|\b[rt]p[md]\b",
    flags=re.IGNORECASE,
)

_BY_STATUS = {
    401: KEY_REFUSED,
    402: NO_MONEY,
    403: PROVIDER_REFUSES,
    404: PATH_UNKNOWN,
    405: PATH_UNKNOWN,
    409: PROVIDER_BUSY,
    410: MODEL_RETIRED,
    413: TOO_LONG,
    422: PARAMETER_REFUSED,
    423: PROVIDER_BUSY,
    425: PROVIDER_BUSY,
    429: PROVIDER_LIMIT,
    451: NOT_FROM_HERE,
}
# Words about these mean something else where the status says what it is about.
_ONLY_WITH = {
    KEY_REFUSED: (400, 401, 403),
    PROVIDER_REFUSES: (400, 401, 403),
    PARAMETER_REFUSED: (400, 404, 422),
    MODEL_UNKNOWN: (400, 401, 403, 404, 422),
    TOO_LONG: (400, 413, 422),
    CONTENT_REFUSED: (400, 403, 422, 451),
}


def kind_of(refusal: Refusal) -> str:
    """Which of this module's constants the refusal is about."""
    status, text = refusal.status, refusal.text
    if status >= 500:
        return PROVIDER_ERROR
    if status == 413:
        return TOO_LONG
    comes_back = status == 429 and bool(_COMES_BACK.search(text))
    by_words = None if comes_back else _by_words(status, text)
    # A project that may not use a model gets OpenAI's code for a model that is not there.
    if by_words in (MODEL_FORBIDDEN, MODEL_RETIRED, MODEL_OTHER_CALL):
        return by_words
    for identifier in sorted(refusal.identifiers):
        kind = _KIND_BY_IDENTIFIER.get(identifier)
        if kind and not (comes_back and kind == NO_MONEY):
            return kind
    by_words = by_words or (None if comes_back else _by_hints(refusal))
    return by_words or _BY_STATUS.get(status, REQUEST_REFUSED)


def _by_words(status: int, text: str) -> str | None:
    for kind, pattern in _WORDS:
        if status in _ONLY_WITH.get(kind, (status,)) and pattern.search(text):
            return kind
    return None


def _by_hints(refusal: Refusal) -> str | None:
    for kind, statuses, word, part in _HINTS:
        named = re.search(word, refusal.text, flags=re.IGNORECASE) or any(
            re.search(part, identifier) for identifier in refusal.identifiers
        )
        if named and refusal.status in statuses:
            return kind
    return None


# How the client library of an instance's server begins an error that came from the provider.
PASSED_ON = "Error code: "
_PASSED_ON = re.compile(r"Error code: (\d{3})(?: - (.*))?", flags=re.DOTALL)


def passed_on(text: str) -> Refusal | None:
    """The refusal that the server of an instance passed on, in an answer or in a line of its log; None in others."""
    match = _PASSED_ON.search(text)
    if not match:
        return None
    status, rest = int(match[1]), (match[2] or "").strip()
    if rest[:1] in "[{":
        # Older libraries write the whole error, as Python shows it; what stands behind it in a log is not part of it.
        for end in range(len(rest), 0, -1):
            if rest[end - 1] in "]}":
                try:
                    return read(status, ast.literal_eval(rest[:end]), rest)
                except (ValueError, SyntaxError):
                    break
    return Refusal(status, frozenset(), rest)


def read(status: int, document: t.Any, text: str = "") -> Refusal:
    """The refusal in an answer: C(document) is its body as JSON, C(text) what there is where that is none."""
    whole = document[0] if isinstance(document, list) and document else document
    error = whole.get("error", whole) if isinstance(whole, dict) else whole
    if isinstance(error, str):
        return Refusal(status, _identifiers(whole), error)
    if not isinstance(error, dict):
        return Refusal(status, frozenset(), text)
    message = next((error[key] for key in ("message", "detail", "msg") if error.get(key)), "")
    if not isinstance(message, str):
        # A list of what is wrong with each field, as FastAPI has it.
        message = json.dumps(message)
    return Refusal(status, _identifiers(error), message or text)


def in_success(document: t.Any) -> Refusal | None:
    """The refusal in an answer whose status is one of success; None where it holds none."""
    whole = document[0] if isinstance(document, list) and document else document
    if not isinstance(whole, dict):
        return None
    # Some services put it into the choice that they could not finish.
    choices = whole.get("choices")
    inside = [whole, *(choices if isinstance(choices, list) else [])]
    whole = next((each for each in inside if isinstance(each, dict) and each.get("error")), None)
    if whole is None:
        return None
    error = whole["error"]
    code = error.get("code") if isinstance(error, dict) else None
    status = int(code) if str(code).isdigit() and 400 <= int(code) < 600 else 400
    return read(status, whole)


def _identifiers(error: t.Mapping[str, t.Any]) -> frozenset[str]:
    found = []
    inner = error.get("innererror") or error.get("inner_error")
    nested = [inner, *(error.get("details") if isinstance(error.get("details"), list) else [])]
    for each in (error, *nested):
        if isinstance(each, dict):
            found += [each.get(key) for key in ("code", "type", "status", "reason")]
    return frozenset(_plain(each) for each in found if isinstance(each, str))
