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
        "the provider does not give this key or account the permission to call",
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
        api_key_ip_address_blocked incorrect_hostname ip_not_allowed
    """,
    ACCOUNT_CLOSED: """
        mismatched_organization mismatched_project organization_not_found organization_restricted
        organization_deactivated account_deactivated account_suspended consumer_suspended service_disabled
        organization_must_be_verified invalid_organization project_not_found
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
    PROVIDER_BUSY: "insufficient_system_resource overloaded_error model_loading model_not_ready deployment_scaling_up",
}


def _plain(identifier: str) -> str:
    return re.sub(r"[^a-z0-9]", "", identifier.lower())


_KIND_BY_IDENTIFIER = {_plain(each): kind for kind, listed in _IDENTIFIERS.items() for each in listed.split()}

_MODEL = r"(models?|deployments?|engines?)\b"
# A model that a refusal calls by nothing but its name.
_MODEL_NAME = re.compile(
    r"[\w./:-]*\b(?:gpt|chatgpt|claude|gemini|gemma|(?:code)?llama|mi[sx]tral|codestral|qwen|deepseek|grok|phi|kimi|"
    r"glm|"
    r"command|granite|nemotron|doubao|nova|titan|falcon|whisper|dall|text-embedding)(?=[\w./:-]*[-\d])[\w./:-]*\w|"
    r"\bo[134](?:-\w+)?\b|[\w./:-]+-\d+b\b[\w./:-]*",
    flags=re.IGNORECASE,
)
_URL = re.compile(r"https?://\S+", flags=re.IGNORECASE)

# What is called a key. A token is one only where it says so: models speak in tokens, and parsers stumble over them.
_CREDENTIAL = (
    r"(api[ _-]?key|x-api-key|(access|subscription|virtual|secret) key|"
    r"(access|auth|authenti[cz]ation|authori[sz]ation|bearer|api|security|identity|id|proxy|server|oauth|"
    r"session) token|credentials?|bearer|jwt)\b"
)
_BAD = (
    r"\b(invalid|incorrect|expired|revoked|malformed|wrong|unknown|unrecognized|bad|missing|disabled|deleted|"
    r"inactive)\b"
)
# From that word to the key: what is wrong B(for) a key, or B(with) one, is something else.
_STEP = r"(?:(?!\b(for|in|of|to|by|with|on|at|from|because)\b)[ \w'-])"

# In this order: what is said more narrowly comes first. Each has to match a part of the message. They are compiled where
# a refusal is met: every module that may meet one would spend more on that than on all else it imports of ours.
_WORDS = tuple(
    (kind, "|".join(patterns))
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
                r"\b(content|prompt|output)s? (was |is |has been )?(blocked|rejected|filtered)",
                r"\b(pii|sensitive (data|content)|malware|virus)\b.*\bdetected",
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
                r"\b(prompt|input) tokens? limit exceeded",
            ),
        ),
        (
            KEY_REFUSED,
            (
                rf"{_BAD}{_STEP}{{0,30}}\b{_CREDENTIAL}",
                rf"\b{_CREDENTIAL}\b(?:(?!\b(count|budget|limit)\b)[^.]){{0,40}}"
                r"(is |was |has |are |have |been )*(not valid|invalid|incorrect|malformed|expired|revoked|"
                r"not provided|not found|"
                r"deactivated|disabled|suspended|blocked|inactive|missing|deleted|leaked|required)",
                r"^\W*(the |your |this )?token (is |was |has )?(been )?(expired|revoked)",
                rf"no (auth\w* )?{_CREDENTIAL}(?! (with|for|of))",
                r"\bkeys? (is |was |has been )?(disabled|revoked|expired|deleted|invalid|inactive|blocked)",
                r"(authorization|authentication) failed",
            ),
        ),
        (
            MODEL_RETIRED,
            (
                rf"{_MODEL}.*(deprecated|decommissioned|retired|sunset|discontinued|as legacy|end of life|end-of-life|"
                rf"shut down|"
                r"(?<!not )(?<!not been )\bremoved\b|no longer (available|supported|served|offered))",
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
                r"(cannot|can't|can only|may only) be used for (chat|completions?|embeddings?|images?|audio|speech)\b",
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
                r"(organi[sz]ation|project|account|team|workspace|consumer|tenant)\b[^.]{0,60}\b(suspended|disabled|"
                r"banned|locked|closed|terminated|deactivated|restricted|archived|deleted|not registered|not active|"
                r"inactive|does not exist|not found|denied access)"
                r"(?!.*(billing|invoice|payment|spending|balance|credit))",
                rf"(unknown|no such|{_BAD[2:]}|another) (organi[sz]ation|project|account|team|workspace|tenant)\b"
                rf"(?!{_STEP}{{0,20}}\b(key|token|credential))",
                r"\b(not|n't)( \w+){0,2} (part|member|valid|enabled)( \w+){0,2} "
                r"(organi[sz]ation|project|team|workspace|tenant)\b",
                r"\buser( account)? (is |was |has been )(disabled|deactivated|suspended|banned|blocked|locked)",
                r"organi[sz]ation header",
                r"not allowed for this organi[sz]ation",
                r"has not been used in project",
                r"data polic",
            ),
        ),
        (
            NOT_FROM_HERE,
            (
                r"(country|region|territory|location|jurisdiction)[^.]{0,60}\b((not|un)[ -]?(supported|available|"
                r"allowed|permitted|served|eligible)|denied|blocked|forbidden)",
                r"(not|un)[ -]?(valid|supported|available|allowed|permitted|served|offered) (in|from|for) (your|this|"
                r"the) "
                r"([\w-]+ )?(country|region|territory|location|area|ip|address|network)",
                r"(unsupported|incorrect|wrong|invalid|another|different) (countr(y|ies)|region|location|regional)\b",
                r"\bregional (hostname|host|domain)",
                r"\bip( address)?( \S+)?( is| was)? not\b|\bips?\b.*\b(allow|white)[ -]?list",
                r"\bip address restriction",
                r"from (this|your|the) (network|country|region|location|ip|address)\b[^.]{0,40}\b(blocked|denied|not|"
                r"forbidden)",
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
                r"\bexpired credits?\b|credits?\b.*(run out|ran out|balance|low|insufficient|exhausted|depleted|"
                r"used up|remaining|limit|exceeded|don't|no )",
                r"(insufficient|not enough|no|out of|any|low|exhausted|depleted|exceeded|add|purchase|buy|included|"
                r"ran out of|run out of|enough) (\w+ ){0,2}(credits?|balance|funds)\b",
                r"balance\b.*\b(too low|insufficient|negative|not enough|exhausted|empty)",
                r"\bbilling\b",
                r"payment (is )?(required|method|overdue|failed)",
                r"failure to pay|past due|overdue|unpaid|invoices?\b",
                r"good standing",
                r"budget\b.*(exceeded|exhausted|used up|reached)|exceeded\w* .*budget|exceeded ?budget",
                r"(spending|spend|usage|hard|cost|api usage) limits? ?(has been |was |is )?(reached|exceeded|hit)?"
                r"(?= |$|\.|,)(?<!rate limit)",
                r"exceeded your current quota|insufficient (\w+ )?quota|quota is not enough",
                r"\bkey limit (exceeded|reached)",
                r"\b(trial|subscription|plan|licen[cs]e|free tier)\b(?! key)[^.]{0,40}\b(has |is |was )(been )?"
                r"(expired|ended|over|cancell?ed|lapsed|exhausted|inactive|used up)",
                r"\b(trial|subscription|plan|licen[cs]e) (expired|ended|inactive|(period )?over\b|(does not|"
                r"doesn't) include(?! (this |the |that )?model))",
                r"\bupgrade (your|to an?|the) ((\w+ )?(plan|subscription|account|tier))",
                r"\bno (active|valid|paid) (subscription|plan|licen[cs]e)\b(?! key)",
                r"arrears",
                r"top[ -]?up|recharge your",
                r"\u4f59\u989d|\u6b20\u8d39|\u989d\u5ea6",
            ),
        ),
        (
            PROVIDER_LIMIT,
            (
                r"rate.?limit",
                r"too many (\w+ ){0,2}(requests|calls)",
                r"(?<!token )(?<!tokens )(?<!length )(?<!size )\blimits? (has been |have been |was |were |"
                r"is )?(exceeded|reached|hit)",
                r"(reached|exceeded|hit|over) (your|the|its) (\w+ ){0,3}(limit|quota)",
                r"quotas?\b.*\b(exceeded|reached|exhausted|used up)|(exceeded|exhausted|out of) (\w+ ){0,3}quota",
                r"(requests|tokens|calls) per (second|minute|hour|day)\b.*\bexceeded",
                r"\bcaps? (has been |is )?(reached|exceeded|hit)|(run|ran) out of tokens",
                r"used up [^.]*quota|too (quickly|fast|often)|slow down",
                r"\bthrottl",
            ),
        ),
        (
            MODEL_FORBIDDEN,
            (
                rf"(not|n't) (have|has|allowed|permitted|authorized|entitled)( \w+){{0,4}} (to )?(\w+ ){{0,3}}{_MODEL}",
                rf"(no|lacks?|without|denied|deny) (access|permission|entitlement)s?( \w+){{0,3}} {_MODEL}",
                rf"{_MODEL}[^.]{{0,20}}\b(access )?(is |are )?(not (allowed|permitted|granted)|denied|forbidden)",
                rf"{_MODEL}[^.]{{0,60}}\bnot (been )?activated",
                rf"not (been )?(activated|enabled|subscribed to|purchased)( \w+){{0,3}} {_MODEL}",
                rf"{_MODEL}[^.]{{0,40}}\bnot in your (plan|subscription|tier)",
                rf"access to (the |this )?{_MODEL}[^.]*\b(denied|forbidden|restricted|not (allowed|permitted|granted))",
                rf"{_MODEL}[^.]*\b(requires? (terms|acceptance|approval|access|a (paid|pro|subscription))|is gated|"
                rf"not enabled for|"
                r"is (blocked|disabled|restricted)|is not (available|enabled|allowed) (for|to|on|in) (your|this) "
                r"(\w+ ){0,2}(account|key|plan|project|organi[sz]ation|team|tier|subscription))",
                rf"can only access {_MODEL}",
                rf"{_MODEL} (use case|terms)[^.]*not been (submitted|accepted)",
                r"\u65e0\u6743.*\u6a21\u578b",
                rf"not allowed to (sample|generate)[\w ]* from this {_MODEL}",
            ),
        ),
        (
            PROVIDER_REFUSES,
            (
                r"(insufficient|missing|required|lacks?( the)?|not have|without|no) (\w+ ){0,3}(permissions?|scopes?|"
                r"rights?|roles?|privileges?)\b",
                r"permission\b.* (is )?(required|denied)",
                r"\bscopes?\b.*\b(missing|required)",
                r"\bkeys?\b[^.]*\b((can|may) only|only be used|restricted to)\b",
                r"\bkey is valid,? (but|however)|authentication succeeded",
                r"access to (this|that|the) (resource|endpoint|service|operation|api)\b[^.]*\b(denied|forbidden)",
                r"\bnot (authorized|permitted|allowed) to (perform|call|use|access)\b",
            ),
        ),
        (
            MODEL_UNKNOWN,
            (
                rf"{_MODEL}.*(does not exist|not exist|doesn't exist|not found|not available|unavailable|"
                rf"not supported|isn't supported|"
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
                r"max[_ ](completion[_ ]|output[_ ]|new[_ ])?tokens?\b|max_length|temperature|top_p|stream_options",
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
        r"\b(countr(y|ies)|regions?|territor(y|ies)|locations?|residency|sanction\w*|embargo\w*)\b",
        r"(?<!al)location|country|region|territory",
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
        r"\b(organi[sz]ations?|workspace|membership|not verified|(?<!signature )verification|terms of)\b",
        r"organi[sz]ation",
    ),
    (
        MODEL_RETIRED,
        (400, 404),
        r"\bdeprecated|decommissioned|no longer (available|supported)",
        r"deprecated|decommissioned",
    ),
    (PROVIDER_LIMIT, (401, 403), r"\b(limits?|quotas?)\b", r"ratelimit"),
    (
        PROVIDER_REFUSES,
        (401,),
        r"\bnot (allowed|permitted|entitled|enabled|granted)\b|\b(not|n't) have (\w+ )?access|\bno access\b|\blacks?\b|"
        r"\b(may|must|can) ?not (call|use|access)\b|\b(permissions?|privileges?|scopes?|roles?|routes?|admin|"
        r"client certificate)\b|\brequired (data )?action\b",
        r"permission",
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
    CONTENT_REFUSED: (400, 401, 403, 422, 451),
    PROVIDER_LIMIT: (400, 401, 403, 409),
}
# What a key is refused for, or along with: a key that is disabled for want of money is in order.
_NOT_THE_KEY = frozenset(
    {
        NO_MONEY,
        NOT_FROM_HERE,
        ACCOUNT_CLOSED,
        PROVIDER_LIMIT,
        MODEL_FORBIDDEN,
        MODEL_RETIRED,
        MODEL_UNKNOWN,
        PROVIDER_REFUSES,
    }
)
# A 401 in words without any of these does not say that the key is wrong, and to say so rolls a new key back.
_WHO_CALLS = re.compile(
    r"auth|\bkeys?\b|api-?key|token|credential|log[ -]?in|sign|\busers?\b|password|secret|jwt|session|identity|"
    r"access denied|"
    r"\u4ee4\u724c|\u5bc6\u94a5|\u8ba4\u8bc1|\u9274\u6743|\u8eab\u4efd",
    flags=re.IGNORECASE,
)
# Where nothing but the caller can be meant.
_BARE_KEY = re.compile(
    r"\b(invalid|expired|revoked|missing|wrong|no|unknown) (key|token)\b(?! \w)", flags=re.IGNORECASE
)


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
    says_who = _WHO_CALLS.search(text) or any("authenticat" in each for each in refusal.identifiers)
    if not by_words and status == 401 and text and not says_who:
        return PROVIDER_REFUSES
    return by_words or _BY_STATUS.get(status, REQUEST_REFUSED)


def _by_words(status: int, text: str) -> str | None:
    text = _without_names(text)
    found = [
        kind
        for kind, pattern in _WORDS
        if status in _ONLY_WITH.get(kind, (status,)) and re.search(pattern, text, flags=re.IGNORECASE)
    ]
    if KEY_REFUSED in found and not _NOT_THE_KEY.isdisjoint(found):
        found.remove(KEY_REFUSED)
    if not found and status in (401, 403) and _BARE_KEY.search(text):
        return KEY_REFUSED
    return found[0] if found else None


def _without_names(text: str) -> str:
    """C(text) without the words of a URL, and with nothing but that word for a model."""
    return _MODEL_NAME.sub("model", _URL.sub("", text))


def _by_hints(refusal: Refusal) -> str | None:
    text = _without_names(refusal.text)
    for kind, statuses, word, part in _HINTS:
        named = re.search(word, text, flags=re.IGNORECASE) or any(
            re.search(part, identifier) for identifier in refusal.identifiers
        )
        if named and refusal.status in statuses:
            return kind
    return None


# How the client library of an instance's server begins an error that came from the provider.
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


def names_the_key(refusal: Refusal) -> bool:
    """Whether a refusal says that it is about the key, and does not only have the status of one."""
    by_words = _by_words(refusal.status, refusal.text)
    said = {_KIND_BY_IDENTIFIER.get(each) for each in refusal.identifiers}
    return kind_of(refusal) == KEY_REFUSED and (by_words == KEY_REFUSED or KEY_REFUSED in said)


def in_success(document: t.Any) -> Refusal | None:
    """The refusal in an answer, or in one event of a stream, of a status of success; None where it holds none."""
    whole = document[0] if isinstance(document, list) and document else document
    if not isinstance(whole, dict):
        return None
    error = _error_inside(whole)
    if error is None:
        return None
    told = read(400, error)
    passed = passed_on(told.text)
    return passed or told._replace(status=_status_inside(error, told))


def _error_inside(whole: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any] | None:
    choices = whole.get("choices")
    # Some services put it into the choice that they could not finish, or into its message.
    inside = [whole]
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, dict):
            inside += [choice, *(choice[key] for key in ("message", "delta") if isinstance(choice.get(key), dict))]
    for each in inside:
        error = each.get("error")
        if isinstance(error, dict) and any(error.values()) or isinstance(error, str) and error:
            return each
    base = whole.get("base_resp")
    if isinstance(base, dict) and base.get("status_code"):
        return {"message": base.get("status_msg") or f"status_code {base['status_code']}"}
    for choice in inside[1:]:
        if choice.get("finish_reason") in _BROKEN_OFF and not _says_anything(choice):
            return {
                "code": _BROKEN_OFF[choice["finish_reason"]],
                "message": f"finish_reason: {choice['finish_reason']}",
            }
    if any(whole.get(key) is not None for key in _CONTENT) and whole.get("object") != "error":
        return None
    errors = whole.get("errors")
    if isinstance(errors, list) and errors:
        return errors[0] if isinstance(errors[0], dict) else {"message": str(errors[0])}
    told = [whole[key] for key in ("message", "detail", "msg") if whole.get(key)]
    if told and isinstance(told[0], (str, list)):
        return {key: value for key, value in whole.items() if key != "error"}
    return None


# Where these are, an answer holds something.
_CONTENT = ("choices", "data", "models", "embedding", "embeddings", "output", "result", "response", "content")
_BROKEN_OFF = {"error": 500, "insufficient_system_resource": "insufficient_system_resource"}


def _says_anything(choice: t.Mapping[str, t.Any]) -> bool:
    message = choice.get("message") or choice.get("delta") or {}
    said = (message.get(key) for key in ("content", "reasoning_content", "reasoning", "tool_calls"))
    return any(said) or bool(choice.get("text"))


def _status_inside(document: t.Mapping[str, t.Any], told: Refusal) -> int:
    """The HTTP status that an error in a success would have had: its number, or what its words mean."""
    error = document.get("error") if isinstance(document.get("error"), dict) else document
    for key in ("code", "status", "status_code", "statusCode"):
        number = re.fullmatch(r"([45]\d\d)(\.0)?", str(error.get(key)))
        if number:
            return int(number[1])
    for status, part, words in _STATUS_MEANT:
        if any(re.search(part, each) for each in told.identifiers) or re.search(words, told.text, flags=re.IGNORECASE):
            return status
    return 400


# By a part of an identifier, or by words.
_STATUS_MEANT = (
    (402, r"^paymentrequired", r"\bpayment required"),
    (429, r"ratelimit|toomanyrequests|resourceexhausted|throttl", r"too many requests|rate.?limit"),
    (
        401,
        r"^auth(entication)?error|unauthorized|unauthenticated",
        r"\bunauthori[sz]ed\b|\bunauthenticated\b|authentication",
    ),
    (403, r"permission(error|denied)|forbidden", r"\bforbidden\b|\bpermission denied"),
    (503, r"overloaded|unavailable", r"service unavailable|\boverloaded"),
    (
        500,
        r"^(internal|api|server|internalserver)error$|badgateway|timeout",
        r"internal (server )?error|bad gateway|gateway time-?out",
    ),
    (404, r"notfounderror", r"^\W*not found\W*$"),
)


def _identifiers(error: t.Mapping[str, t.Any]) -> frozenset[str]:
    found = []
    inner = error.get("innererror") or error.get("inner_error")
    nested = [inner, *(error.get("details") if isinstance(error.get("details"), list) else [])]
    for each in (error, *nested):
        if isinstance(each, dict):
            found += [each.get(key) for key in ("code", "type", "status", "reason")]
    return frozenset(_plain(each) for each in found if isinstance(each, str))
