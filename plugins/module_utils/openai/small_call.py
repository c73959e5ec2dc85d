# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One small call to a model, in the form that its server takes.

Servers differ in how an answer is limited (C(max_tokens), C(max_completion_tokens), not at all, not so low), and not
every model can chat. So a refusal that is about the form of the call, and not about the key, the account or the model's
name, is answered by a call in the form that it points to: C(next_form) decides, C(ask) asks. The network is passed in.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, Request, server_sent_events
from ansible_collections.llamastack.maas.plugins.module_utils.openai import errors, model_names

CHAT = "chat/completions"
COMPLETIONS = "completions"
EMBEDDINGS = "embeddings"

PROMPT = "Answer with one word: ready"

# Enough for a word and for the least that reasoning models accept; an answer cut off here is an answer.
MAX_TOKENS = 16
# What is tried where that is too small and the refusal names no number, and the most that is ever asked for.
_MORE_TOKENS = 2048
_MOST_TOKENS = 32768

# How many forms of one call are tried.
MOST_CALLS = 6

_SPELLINGS = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True)
class Form:
    """How a call is made: its last path, how its answer is limited, and what else it says."""

    path: str = CHAT
    limit: str | None = _SPELLINGS[0]
    """The name of the field that limits the answer; None leaves it to the server."""
    tokens: int = MAX_TOKENS
    stream_usage: bool = True
    """Whether a stream is asked to report usage. Without that its tokens are not counted."""
    extra: tuple[tuple[str, str], ...] = ()
    streamed: bool = False
    """Whether the answer is streamed though its whole is wanted: some models answer in no other way."""

    @property
    def in_words(self) -> str:
        return {CHAT: "chat completions", COMPLETIONS: "completions", EMBEDDINGS: "embeddings"}[self.path]


@dataclass(frozen=True)
class Asked:
    """The answer that says most, and the form of the call that it answers."""

    answer: Answer
    form: Form


def first_form(model: str, model_type: str | None = None) -> Form:
    """How to call C(model) first: by what its server says that it is (V(llm), V(embedding)), else by its id."""
    embeds = model_type == "embedding" if model_type else model_names.looks_like_embeddings(model)
    return Form(EMBEDDINGS) if embeds else Form()


def request(base_url: str, model: str, form: Form, *, stream: bool = False, prompt: str = PROMPT) -> Request:
    """The call in C(form) at an OpenAI base URL (one that ends in C(/v1))."""
    document: dict[str, t.Any] = {"model": model}
    if form.path == EMBEDDINGS:
        document["input"] = [prompt]
    else:
        document.update(
            {"messages": [{"role": "user", "content": prompt}]} if form.path == CHAT else {"prompt": prompt}
        )
        if form.limit:
            document[form.limit] = form.tokens
        if stream or form.streamed:
            document["stream"] = True
            if form.stream_usage:
                document["stream_options"] = {"include_usage": True}
    document.update(form.extra)
    return Request("POST", f"{base_url}/{form.path}", document)


def ask(
    send: t.Callable[[Request], Answer],
    base_url: str,
    model: str,
    form: Form | None = None,
    *,
    stream: bool = False,
    prompt: str = PROMPT,
) -> Asked:
    """Call C(model) in C(form), and where that is refused in the form that the refusal points to."""
    tried: list[Asked] = []
    form = form or first_form(model)
    while form:
        tried.append(Asked(send(request(base_url, model, form, stream=stream, prompt=prompt)), form))
        form = next_form(tried)
    return _most_telling(tried)


def document_of(answer: Answer) -> t.Any:
    """The body as JSON, or the chunks of a stream joined to the document that a plain call gets; None for all else."""
    document = answer.json()
    if document is not None:
        return document
    chunks = [Answer("", "", 0, body=each.encode()).json() for each in server_sent_events(answer.text)]
    chunks = [each for each in chunks if isinstance(each, dict)]
    choices = [each["choices"][0] for each in chunks if isinstance(each.get("choices"), list) and each["choices"]]
    choices = [each for each in choices if isinstance(each, dict)]
    if not choices:
        return None
    deltas = [each["delta"] for each in choices if isinstance(each.get("delta"), dict)]
    whole: dict[str, t.Any] = {"index": 0}
    if deltas:
        whole["message"] = {"role": "assistant", "content": _joined(each.get("content") for each in deltas)}
    else:
        whole["text"] = _joined(each.get("text") for each in choices)
    usage = [each["usage"] for each in chunks if isinstance(each.get("usage"), dict)]
    return {"model": chunks[0].get("model"), "choices": [whole], **({"usage": usage[-1]} if usage else {})}


def _joined(parts: t.Iterable[t.Any]) -> str:
    return "".join(each for each in parts if isinstance(each, str))


def next_form(tried: t.Sequence[Asked]) -> Form | None:
    """The form in which to call next after C(tried), none of which was good; None where nothing else is left to try."""
    last = tried[-1]
    if len(tried) >= MOST_CALLS or not _is_refused_in_words(last.answer):
        return None
    before = {each.form for each in tried}
    return next((form for form in _candidates(last) if form not in before), None)


def _is_refused_in_words(answer: Answer) -> bool:
    """Whether the instance or its provider refused what was asked for; the gateway refuses without JSON."""
    if answer.failure or answer.status < 400 or answer.status in _NOT_ABOUT_THE_FORM:
        return False
    return "x-ext-auth-reason" not in answer.headers and isinstance(answer.json(), dict)


# The key, the money, time, and limits.
_NOT_ABOUT_THE_FORM = (401, 402, 407, 408, 429, 502, 503, 504)


def _candidates(last: Asked) -> list[Form]:
    text = last.answer.text.replace("\\", "").lower()
    form = last.form
    pointed = _pointed_to(form, text)
    if pointed:
        return [Form(path) for path in dict.fromkeys([*pointed, *_paths(last, text)])]
    if form.path != EMBEDDINGS and not form.streamed and _STREAM_ONLY.search(text) and "stream_options" not in text:
        return [replace(form, streamed=True)]
    if form.path != EMBEDDINGS and (_LIMIT.search(text) or _is_about_the_number(last, text)):
        found = _limited_otherwise(form, text)
        if found:
            return found
    if "stream_options" in text or "include_usage" in text:
        return [replace(form, stream_usage=False)]
    if form.path == EMBEDDINGS:
        extra = [pair for pair in _EXTRA_OF_EMBEDDINGS if pair[0] in text and pair not in form.extra]
        if extra:
            return [replace(form, extra=(*form.extra, *extra))]
    if _is_another_kind(last, text):
        return [Form(path) for path in _paths(last, text)]
    if form.limit and form.path != EMBEDDINGS and last.answer.status in (400, 422):
        if _UNNAMED.search(text) or _is_wordless(last.answer):
            return _other_spellings(form)
    return []


def _is_wordless(answer: Answer) -> bool:
    """Whether the refusal says no more than its status: clients do not look into every shape of an error."""
    return bool(_WITHOUT_WORDS.fullmatch(answer.error_text().lower()))


def _limited_otherwise(form: Form, text: str) -> list[Form]:
    """Other ways to limit the answer, after a refusal that names the limit."""
    if _REQUIRED.search(text):
        named = [spelling for spelling in _SPELLINGS if re.search(rf"\b{spelling}\b", text) and spelling != form.limit]
        if named:
            return [replace(form, limit=named[0])]
    if form.limit is None:
        return []
    tokens = _tokens_wanted(text, form.tokens)
    others = _other_spellings(form)
    return [replace(form, tokens=tokens), *others] if tokens else others


def _tokens_wanted(text: str, tokens: int) -> int | None:
    """The number of tokens that a refusal of C(tokens) asks for; None where it is not about the number."""
    for pattern in _RANGES:
        found = pattern.search(text)
        if found and int(found[1]) <= int(found[2]):
            wanted = min(max(tokens, int(found[1])), int(found[2]))
            if wanted != tokens and 0 < wanted <= _MOST_TOKENS:
                return wanted
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    least = [int(found["number"]) + (found["how"] in _STRICTLY) for found in _AT_LEAST.finditer(text)]
    for number in least:
        if tokens < number <= _MOST_TOKENS:
            return number
    for found in _AT_MOST.finditer(text):
        if 0 < int(found["number"]) < tokens:
            return int(found["number"])
    if not least and _TOO_SMALL.search(text) and tokens < _MORE_TOKENS:
        return _MORE_TOKENS
    return None


def _is_about_the_number(last: Asked, text: str) -> bool:
    """Whether a refusal that does not name the limit names its number, and another that it wants."""
    form = last.form
    if form.limit is None or last.answer.status not in (400, 422) or not re.search(rf"\b{form.tokens}\b", text):
        return False
    return _tokens_wanted(text, form.tokens) is not None


def _other_spellings(form: Form) -> list[Form]:
    """Limited by the other name, then not at all; only a chat knows the other name."""
    others = [name for name in _SPELLINGS if name != form.limit] if form.path == CHAT else []
    return [*(replace(form, limit=name) for name in others), replace(form, limit=None)]


def _is_another_kind(last: Asked, text: str) -> bool:
    """Whether the refusal says that the model, or its server, does not take this kind of call."""
    if last.answer.status in (404, 405, 501) and (_NO_SUCH_PATH.search(text) or _is_wordless(last.answer)):
        return True
    if _OF_ANOTHER_TYPE.search(text):
        return True
    if "allowed models" in text:
        return False
    unquoted = _QUOTED.sub("", text)  # the name of a model may hold any word
    kinds = _EMBEDDING_CALL if last.form.path == EMBEDDINGS else _CHAT_CALL
    return any(re.search(form.replace("KIND", kinds), unquoted) for form in _KIND_REFUSED)


def _pointed_to(form: Form, text: str) -> list[str]:
    """The other kinds of call that a refusal names as the right ones, or by the field that they need."""
    if "allowed models" in text:
        return []
    unquoted = text.replace("`", "").replace("'", "").replace('"', "")
    found = [_PATH_OF_NAME[each[1][:4]] for each in _USE.finditer(unquoted)]
    found += [_PATH_OF_FIELD[each["field"]] for pattern in _FIELD_MISSING for each in pattern.finditer(unquoted)]
    if form.path != EMBEDDINGS and _EMBEDDING_FOUND.search(unquoted):
        found.append(EMBEDDINGS)
    if form.path == EMBEDDINGS and _CHAT_FOUND.search(unquoted):
        found.append(CHAT)
    return [] if form.path in found else list(dict.fromkeys(found))


def _paths(last: Asked, text: str) -> list[str]:
    """Which other calls to try, the likelier first."""
    if last.form.path == EMBEDDINGS:
        return [CHAT, COMPLETIONS]
    if _NO_CALL_OF_OURS.search(text):
        return []
    others = [EMBEDDINGS, COMPLETIONS] if last.form.path == CHAT else [CHAT, EMBEDDINGS]
    if last.form.path == CHAT and _POINTS_TO_COMPLETIONS.search(text) and not _EMBEDDING_WORDS.search(text):
        others.reverse()
    return others


def _most_telling(tried: t.Sequence[Asked]) -> Asked:
    """The last answer, unless it only refuses another kind of call: then the last one to the kind asked for first."""
    last, first = tried[-1], tried[0]
    if last.form.path == first.form.path or last.answer.status in (0, 402, 429) or 200 <= last.answer.status < 300:
        return last
    # A route that is closed to the key has the status of a key that is refused.
    refusal = errors.passed_on(last.answer.error_words())
    if refusal and errors.names_the_key(refusal):
        return last
    return [each for each in tried if each.form.path == first.form.path][-1]


# All of these search in lower case.
_LIMIT = re.compile(
    r"max(?:imum)?[ _-]?(?:completion|output|new)?[ _-]?tokens?\b|maxtokens|maxoutputtokens|token limit|max_length|"
    r"(?:completion|output|response|generation) (?:length|size|tokens?)|(?:requested|number of|completion|"
    r"output) tokens?|"
    r"token count|num_predict|(?:at least|minimum(?: of)?) \d+ (?:output |completion )?tokens"
)
_NUMBER = r"[`'\":= ]*(?:value|of|is|be|to|tokens)?[`'\":= ]*(?P<number>\d{1,6})\b"
_AT_LEAST = re.compile(
    r"(?P<how>>=|≥|at least|at minimum|greater than or equal(?: to)?|no less than|not be less than|less than|"
    r"or more than|minimum(?: value| allowed| is)*|\bmin\b|\bge\b|below|greater than|more than|larger than|higher than|"
    r"exceed|\bgt\b|>)" + _NUMBER
)
_STRICTLY = ("greater than", "more than", "larger than", "higher than", "exceed", "gt", ">")
_AT_MOST = re.compile(
    r"(?P<how><=|≤|at most|less than or equal(?: to)?|no more than|not be more than|not exceed|up to|"
    r"maximum(?: value| allowed| is)*|\ble\b)" + _NUMBER
)
_RANGES = (
    re.compile(r"between (\d{1,6}) and (\d{1,6})"),
    re.compile(r"from (\d{1,6}) to (\d{1,6})"),
    re.compile(r"[\[(](\d{1,6}), ?(\d{1,6})[\])]"),
)
_TOO_SMALL = re.compile(
    r"too (?:small|low|short|few)|below|minimum|at least|(?:greater|larger|higher|more) than|higher|increase|raise|"
    r"larger|limit was reached|insufficient|>="
)
_REQUIRED = re.compile(r"required|missing|must (?:be )?(?:provide|specif|set|include|present|given)|mandatory")

# A refusal without a word, and one of a field without its name.
_WITHOUT_WORDS = re.compile(r"\W*(?:error code: )?(?:\d{3})?[\s-]*(?:bad request|unprocessable entity|not found)?\W*")
_UNNAMED = re.compile(
    r"param(?!\W+(?:none|null))|argument|\bfields?\b|propert|extra inputs|extra_forbidden|schema|validation|"
    r"(?:bad|invalid|malformed) (?:request|body|payload|json)"
)
_EXTRA_OF_EMBEDDINGS = (("encoding_format", "float"), ("input_type", "query"))

_CHAT_CALL = (
    r"(?:chat(?:[ _]?completions?)?|conversation(?:al)?|converse|generate_?content|sampl(?:e|ing)|"
    r"text[- _]generation|generat(?:e|ion) task|"
    r"messages api|completions?)"
)
_EMBEDDING_CALL = r"(?:embed(?:ding|dings|content)?|feature[- _]extraction)"
_QUOTED = re.compile(r"""[`'"][\w./:@-]*[`'"]""")
_NOT = r"(?:\bnot\b|n't\b|cannot|unsupported|\bonly\b|\bno\b|unable|disabled|incompatible|rather than|without)"
_KIND_REFUSED = (rf"{_NOT}.{{0,90}}\bKIND\b", rf"\bKIND\b.{{0,90}}{_NOT}", r"chat[- _]template")
_OF_ANOTHER_TYPE = re.compile(r"is of type '?\w+'? rather than the expected type|supported task: ?\W*[\w-]+")
# Quotation marks are taken out before these.
_USE = re.compile(
    r"\b(?:use|using|try|call|mean|via|through|switch to)\s+(?:the\s+|this\s+|our\s+|to\s+|/|v1\b|post\s+)*"
    r"(chat[/ _-]?completions?|embed(?:dings?)?|completions?)\b(?! (?:model|tokens?))"
)
_PATH_OF_NAME = {"chat": CHAT, "embe": EMBEDDINGS, "comp": COMPLETIONS}
_FIELD = r"(?P<field>input|prompt|messages)\b"
_FIELD_MISSING = (
    re.compile(rf"missing.{{0,40}}\bbody\W+{_FIELD}"),
    re.compile(rf"\bbody\W+{_FIELD}\W{{0,4}}(?:\w+\W+){{0,2}}(?:missing|field required|required)"),
    re.compile(rf"(?:missing|required) (?:required )?(?:field|parameter|property|key|argument)s?\W+{_FIELD}"),
    re.compile(rf"(?<![.\w]){_FIELD}\W{{1,3}}(?:field |is |a |must be )*(?:required|missing|provided)\b"),
)
_PATH_OF_FIELD = {"input": EMBEDDINGS, "prompt": COMPLETIONS, "messages": CHAT}
_EMBEDDING_FOUND = re.compile(
    r"(?:expected|must be|requires?|needs?)\W+(?:\w+\W+){0,3}(?:chat|llm|text[-_ ]generation)\b.{0,60}\bembed|"
    r"\b(?:model|type|task)(?: is| type)?(?: an?)?\W{1,3}embeddings?\b|\bis an? embeddings?\b"
)
_CHAT_FOUND = re.compile(
    r"(?:expected|must be|requires?|needs?)\W+(?:\w+\W+){0,3}embed\w*\b.{0,60}\b(?:chat|llm|text[-_ ]generation)\b"
)
_STREAM_ONLY = re.compile(
    r"only (?:supports?|works (?:in|with)|accepts?|allows?|answers? (?:in|with)) (?:\w+ )?stream|only streaming|"
    r"requires? (?:\w+ )?stream(?:ing|ed)?\b|with stream(?:ing)? enabled|"
    r"only (?:available|supported) (?:in|with|via|for) (?:\w+ )?stream|"
    r"stream(?:ing)?(?: mode| parameter)?\W{0,3}(?:is |are )?(?:required|mandatory|only\b)|"
    r"stream\W{0,3}(?:must|should|has to|needs to) be (?:set to )?(?:true|enabled|on)|(?:set|with|"
    r"use) \W?stream\W{1,4}(?:to )?\W?true|"
    r"enable (?:the )?stream|"
    r"(?:not support|n't support|unsupported|not supported)\W+(?:\w+ )?non[- ]?stream|"
    r"non[- ]?stream(?:ing|ed)?\b.{0,40}\b(?:not|n't|un)\s?(?:supported|allowed|available)|for non[- ]?streaming"
)
_NO_SUCH_PATH = re.compile(
    r"invalid url|unknown (?:request )?(?:url|path|endpoint|route)|page not found|cannot post|"
    r"no (?:such )?(?:path|endpoint|route)|(?:route|endpoint|path|url|resource).{0,60}not (?:found|supported|exist)|"
    r"detail\W+not found|method not allowed"
)
_POINTS_TO_COMPLETIONS = re.compile(r"v1/completions|[^t]/completions|chat[- _]template|base model|text completion")
_EMBEDDING_WORDS = re.compile(r"embed|pooling|feature[- _]extraction|sentence[- _]similarity|encoder[- ]only")
# What there is no small call for: the instance serves none of these.
_NO_CALL_OF_OURS = re.compile(r"v1/(?:responses|audio|images|realtime|moderations|videos)|responses api")
