# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping credentials out of what is quoted: logs, answers, messages of others.

Servers and providers do quote them: a refusal repeats the key, whole or its ends, and an HTTP library that is handed a
key with a line break prints it. So whatever credential this process holds or reads is given to C(hide), and C(redact)
masks it in every spelling. What the process does not know is masked by its shape: the known ones, those of C(hide_shapes),
and what follows the words that announce a credential.
"""

from __future__ import annotations

import base64
import html
import json
import re
import string
import typing as t
from urllib.parse import parse_qsl, unquote, urlsplit

MASK = "********"

LEAST = 8
LEAST_OF_ONE_KIND = 16
_KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits)

# A word after "Bearer", or a parameter of the challenge that begins with it.
_NO_TOKEN = r"""(?:[<\[{($]*[A-Za-z]{1,15}(?:[-/_][A-Za-z]{1,15})*[>\].:;!?)]*(?:[\s'"\\,}]|\Z)|[a-z_]+=["'\w])"""

# MaaS and OpenAI-like keys (also as a provider echoes them, masked in the middle), Google keys, JSON web tokens,
# OpenShift tokens, whatever was masked in the middle, and whatever follows the words that announce a credential.
_SHAPES = re.compile(
    r"\bsk-[\w.*…-]{6,}|AIza[\w-]{10,}|\bAQ\.[\w.-]{16,}|eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|sha256~[\w-]+"
    r"|[\w-]{3,64}\*{4,}[\w-]*"
    r"|(?<=Basic )(?=\S*[\d=])[\w+/=-]{8,}"
    rf"|(?<=Bearer )(?!{_NO_TOKEN})[^\s'\"\\,}}]+|(?<=API key provided: )[^\s'\"\\,}}]+",
    flags=re.ASCII,
)
_PASSWORD_IN_URL = re.compile(r"(?<=://)([^\s/:@'\"]*:)[^\s/@'\"]+(?=@)")
# The words that announce a credential, but not Kubernetes' own "non-existent secret key: name".
_ANNOUNCING = (
    r"(?i:(?<!secret )(?<!config )\b(?:api[ _-]?keys?|access[ _-]?keys?|keys?|tokens?|password|secret|credentials?)"
    r"(?: (?:provided|given|supplied|sent|used|is|was))*[\"']?\s*[:=]\s*[\"'`<(\[]*)"
)
_ANNOUNCED = re.compile(
    rf"({_ANNOUNCING})(?=[^\s\"'`]*\d)(?=[^\s\"'`]*[A-Za-z])(?!\S*://)[^\s\"'`<>,;)\]}}]{{8,}}", flags=re.ASCII
)
# What stands in a text where the middle or the end of a credential was left out.
_CUT = re.compile(
    r"[\[<({]+(?:\.{2,}|…+|\*+|"
    r"(?i:redacted|hidden|masked|removed|filtered|truncated|omitted|elided|secret|snip|cut|private))[\])>}]+"
    r"|\*+|\.{3,}|…+|•{2,}|#{3,}|_{3,}|[xX]{4,}"
)
# Of a part of a credential, this many characters are looked for wherever they stand.
_GRAM = 8
# What distinguishes a part of a credential from the words that it may be made of.
_TELLING = re.compile(rf"[0-9]|[a-z][A-Z]|[A-Z]{{2}}[a-z]|[+=~%^&!?|$]|.{{{LEAST_OF_ONE_KIND}}}", re.DOTALL)
_UNIT = re.compile(
    r"%(?:25)*([0-9a-fA-F]{2})|\\+x([0-9a-fA-F]{2})|\\+u([0-9a-fA-F]{4})|\\+(.)|(&(?:amp;)*)(#?\w{1,8};)|(.)", re.DOTALL
)
_LONGEST_END = 200
_WORD = re.compile(r"[^\s\"'`<>]{8,}")
_SECRET_FIELD = re.compile(r"secret|token|password|private_?key|api_?key|access_?key", re.IGNORECASE)
# The last word of a field's name that says of its value that it is none.
_PLAIN_FIELD = re.compile(
    r"(?:.*[_.-])?(?:ur[il]|endpoint|host|hostname|port|region|location|zone|models?|deployment|version|namespace"
    r"|provider|type|(?:project|model|provider|organization)(?:_?(?:id|name))?)\Z"
)
_LIKE_A_KEY = re.compile(r"(?=[a-z+=]*[A-Z0-9])[A-Za-z0-9+=]{20,}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|((?:\\x[0-9a-fA-F]{2})+)|\\(.)", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ENTITIES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}

# A shape that is found in one of these means nothing.
_ORDINARY = (
    "openai-prod",
    "gpt-4o-mini-2024-07-18",
    "models/gemini-2.5-flash",
    "https://maas.apps.example.com/llm/openai-prod/v1/chat/completions",
    "llm/openai-prod-credentials-before-rotation",
    "system:serviceaccount:llm:llamastack-maas-prober",
    "LLMInferenceService openai-prod-kserve-7c9f8d6b5d-x2x4z is Unauthorized",
    "2026-11-30T20:46:20.123456Z",
    "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
)


def can_be_hidden(value: str) -> bool:
    """Whether C(value) may be masked wherever it stands: shorter or plainer ones are parts of ordinary text."""
    kinds = {next((kind for kind in _KINDS if char in kind), "") for char in value}
    return len(value) >= LEAST_OF_ONE_KIND or (len(value) >= LEAST and len(kinds) > 1)


def is_telling(pattern: str) -> bool:
    """Whether a regular expression for credentials leaves ordinary words, names and URLs alone."""
    shape = _shape(pattern)
    return shape is not None and not any(shape.search(text) for text in ("", *_ORDINARY))


class _Secret:
    """A credential, and how its spellings are found."""

    def __init__(self, value: str) -> None:
        self.value = value
        self._bare = _unescaped(value).replace("+", " ")
        self._base64 = [(start, core, core.translate(_STANDARD)) for start, core in _base64_cores(value)]

    def grams(self) -> t.Iterator[str]:
        """All that is as long as what is looked for of it; nothing of a URL or a file, whose words are no secret."""
        if "://" in self.value or "\n" in self.value or self.value.startswith(("{", "[")):
            return
        for text in (self.value, *(core for _start, core, _standard in self._base64)):
            standard = text.translate(_STANDARD)
            yield from (standard[start : start + _GRAM] for start in range(len(standard) - _GRAM + 1))

    def mask(self, text: str, bare: str, bare_base64: str) -> str:
        """C(text) without this credential; C(bare) and C(bare_base64) are the text without escapes, a quick look."""
        if self._bare in bare or self.value in text:
            text = re.sub(_escaped(self.value), MASK, text)
        for start, core, standard in self._base64:
            if standard in bare_base64:
                text = re.sub(f"{start}{_escaped(core)}{_BASE64_END}", MASK, text)
        return text

    def ends(self, before: str, after: str) -> tuple[int, int]:
        """How much of this credential is left before and after a place where the rest of it may have been."""
        longest = len(self.value)
        begun = next((n for n in range(min(len(before), longest), 1, -1) if before.endswith(self.value[:n])), 0)
        ended = next((n for n in range(min(len(after), longest), 1, -1) if after.startswith(self.value[-n:])), 0)
        return (begun, ended) if begun > 2 or ended > 3 or (begun and ended) else (0, 0)


_secrets: dict[str, _Secret] = {}
_grams: set[str] = set()
_short: dict[str, re.Pattern[str]] = {}
_shapes: dict[str, re.Pattern[str]] = {}
_left: set[str] = set()


def hide(values: t.Iterable[str]) -> None:
    """Have these credentials masked from now on; what cannot be hidden, only where a text calls it a credential."""
    for value in values:
        for part in filter(None, _parts(value)):
            if not can_be_hidden(part):
                _short[part] = re.compile(rf"({_ANNOUNCING}){re.escape(part)}(?!\w)")
                continue
            for spelled in {part, part.translate(_FOR_URLS)}.difference(_secrets):
                _secrets[spelled] = _Secret(spelled)
                _grams.update(_secrets[spelled].grams())


def leave(values: t.Iterable[str]) -> None:
    """Of what the fields of Secrets hold, this is no credential: it is shown anyway."""
    _left.update(values)


def credentials_in(name: str, value: str) -> t.Iterator[str]:
    """What is a credential of the field C(name) of a Secret: its value, but of a URL what it lets in with.

    A model, a region or a URL that stands there for convenience must not make every message that names it unreadable.
    """
    text = value.strip()
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://\S+\Z", text):
        yield from _credentials_of_url(text)
    elif text not in _left and not _is_setting(name, text):
        yield value


def _credentials_of_url(url: str) -> t.Iterator[str]:
    try:
        parts = urlsplit(url)
        user = parts.netloc.rpartition("@")[0]
        found = [user.partition(":")[2] or user, *(value for _key, value in parse_qsl(parts.query))]
    except ValueError:
        found = [url]
    for text in filter(None, found):
        yield from (text, unquote(text))


def _is_setting(name: str, text: str) -> bool:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return bool(_PLAIN_FIELD.match(words)) and not _LIKE_A_KEY.search(text) and redact(text) == text


def hide_shapes(patterns: t.Iterable[str]) -> None:
    """Have masked from now on what one of these regular expressions matches, those that mean nothing left out."""
    for pattern in patterns:
        shape = _shape(pattern)
        if shape is not None and is_telling(pattern):
            _shapes[pattern] = shape


def without_known(text: str) -> str:
    """C(text) with the known credentials masked, but not what only looks like one."""
    secrets = sorted(_secrets.copy().values(), key=lambda secret: -len(secret.value))
    if not text or not secrets:
        return text
    unescaped = _unescaped(text)
    bare, bare_base64 = unescaped.replace("+", " "), unescaped.translate(_STANDARD)
    for secret in secrets:
        text = secret.mask(text, bare, bare_base64)
    return _without_grams(_without_cut(text, secrets))


def redact(text: str) -> str:
    """C(text) with the known credentials, and all that looks like one, masked."""
    text = without_known(text)
    if _shapes:
        text = _WORD.sub(_without_shapes, text)
    text = _PASSWORD_IN_URL.sub(rf"\1{MASK}", _SHAPES.sub(MASK, text))
    for announced in (_ANNOUNCED, *_short.copy().values()):
        text = announced.sub(rf"\1{MASK}", text)
    return text


def parts(value: str) -> list[str]:
    """What of a credential is masked on its own: all of it or, of a file, the secrets in it or its lines."""
    return [part for part in dict.fromkeys(_parts(value)) if can_be_hidden(part)]


def _parts(value: str) -> t.Iterator[str]:
    yield value.strip()
    try:
        document = json.loads(value) if value.lstrip().startswith(("{", "[")) else None
    except ValueError:
        document = None
    if document is not None:
        for text in _secrets_of(document):
            yield from _parts(text)
    elif "\n" in value.strip():
        # The last line of a key in PEM may be short, those that frame it mean nothing.
        yield from (line.strip() for line in value.splitlines() if line.strip() and not line.startswith("-----"))


def _secrets_of(document: t.Any, name: str = "") -> t.Iterator[str]:
    """The texts of a JSON document whose key says that they are secret."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _secrets_of(value, str(key))
    elif isinstance(document, list):
        for value in document:
            yield from _secrets_of(value, name)
    elif isinstance(document, str) and _SECRET_FIELD.search(name) and "://" not in document:
        yield document


def _without_shapes(word: re.Match[str]) -> str:
    """A word without what has one of the shapes: a pattern such as C(corp-.+) says nothing of where a key ends."""
    text = word.group()
    for shape in _shapes.copy().values():
        text = shape.sub(lambda found: MASK if len(found.group()) >= LEAST else found.group(), text)
    return text


def _without_cut(text: str, secrets: t.Sequence[_Secret]) -> str:
    """C(text) without the ends of credentials whose middle others have left out."""
    shown, position = "", 0
    for found in _CUT.finditer(text):
        before, after = text[position : found.start()], text[found.end() :][:_LONGEST_END]
        ends = [secret.ends(before[-_LONGEST_END:], after) for secret in secrets]
        begun, ended = max(begun for begun, _ended in ends), max(ended for _begun, ended in ends)
        if begun or ended:
            shown += before[: len(before) - begun] + MASK
            position = found.end() + ended
    return shown + text[position:]


def _without_grams(text: str) -> str:
    """C(text) without the longer parts of credentials, wherever and however others have cut them."""
    if not _has_gram(_unescaped(text).translate(_STANDARD)):
        return text
    units = list(_UNIT.finditer(text))
    meant = "".join(_unit(found) for found in units).translate(_STANDARD)
    shown, position, start = "", 0, 0
    while start <= len(meant) - _GRAM:
        end = start
        while meant[end : end + _GRAM] in _grams:
            end += 1
        if end == start:
            start += 1
            continue
        end += _GRAM - 1
        if _TELLING.search("".join(_unit(found) for found in units[start:end])):
            shown += text[position : units[start].start()] + MASK
            position = units[end - 1].end()
        start = end
    return shown + text[position:]


def _has_gram(text: str) -> bool:
    return not _grams.isdisjoint(text[start : start + _GRAM] for start in range(len(text) - _GRAM + 1))


def _unit(found: re.Match[str]) -> str:
    """The one character that stands here, whatever its escape."""
    url, octet, code, char, amp, entity, plain = found.groups()
    if plain:
        return plain
    if amp:
        meant = html.unescape(f"&{entity}")
        return meant if len(meant) == 1 else "&"
    return chr(int(url or octet or code, 16)) if not char else _CONTROLS.get(char, char)


def _shape(pattern: str) -> re.Pattern[str] | None:
    """What finds in a text that C(pattern) matches as a whole, None where that is no regular expression."""
    flags = re.match(r"\(\?([aiLmsux]+)\)", pattern)
    bare = pattern[flags.end() :] if flags else pattern
    bare = re.sub(r"\A(?:\^|\\A)|(?:(?<!\\)\$|\\Z)\Z", "", bare)
    try:
        return re.compile(rf"(?<![A-Za-z0-9])(?{flags[1] if flags else ''}:{bare})(?![A-Za-z0-9])")
    except re.error:
        return None


# Spellings


_STANDARD = str.maketrans("-_", "+/")
_FOR_URLS = str.maketrans("+/", "-_")
_BASE64_ONE = r"(?:[A-Za-z0-9+/_-]|%(?:25)*2[BFbf])"
_BASE64_END = rf"{_BASE64_ONE}?(?:=|%(?:25)*3[Dd]|\\+u003[Dd]){{0,2}}"


def _base64_cores(value: str) -> t.Iterator[tuple[str, str]]:
    """By what it is preceded, and what of C(value) in base64 is the same, whatever stands before and after it there."""
    raw = value.encode(errors="surrogateescape")
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).decode()
        core = text[(0, 2, 3)[before] : (before + len(raw)) * 8 // 6]
        yield (_BASE64_ONE if before else ""), core
        if "+" in core or "/" in core:
            yield (_BASE64_ONE if before else ""), core.replace("+", "-").replace("/", "_")


def _escaped(text: str) -> str:
    """A regular expression for C(text), however its characters are escaped: URL, JSON, a string of Python, HTML."""
    return "".join(map(_spellings, text))


def _spellings(char: str) -> str:
    octets = char.encode(errors="surrogateescape")
    code = ord(char)
    units = char.encode("utf-16-be", "surrogatepass")
    forms = [
        re.escape(char),
        "(?i:" + "".join(f"%(?:25)*{octet:02x}" for octet in octets) + ")",
        "(?i:" + "".join(rf"\\+u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2)) + ")",
        "(?i:" + "".join(rf"\\+x{octet:02x}" for octet in octets) + ")",
        f"(?i:&(?:amp;)*#(?:0*{code}|x0*{code:x});)",
    ]
    control = next((letter for letter, meant in _CONTROLS.items() if meant == char), None)
    if control:
        forms.append(rf"\\+{control}")
    elif not char.isalnum():
        forms.append(rf"\\+{re.escape(char)}")
    if char == " ":
        forms.append(r"\+")
    if char in _ENTITIES:
        forms.append(f"&(?:amp;)*{_ENTITIES[char]};")
    return f"(?:{'|'.join(forms)})"


def _unescaped(text: str) -> str:
    """C(text) without the escapes of URLs, JSON and HTML, also where they are escaped once more."""
    for _depth in range(4):
        before = text
        text = html.unescape(unquote(_ESCAPE.sub(_meant, text)))
        if text == before:
            break
    return text


def _meant(found: re.Match[str]) -> str:
    code, octets, char = found.groups()
    if code:
        return chr(int(code, 16))
    return bytes.fromhex(octets.replace("\\x", "")).decode(errors="replace") if octets else _CONTROLS.get(char, char)
