# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a text from being a credential that works: a provider's key, or somebody's token.

No message holds any part of it.
"""

from __future__ import annotations

import re

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import BROKEN, is_broken

# A word that says of a text that it stands for a credential, where nothing but such words and those below are in it.
_SAYING = """
    your my here me this insert enter put paste fill provide replace change
    placeholder example sample redacted hidden masked removed todo tbd fixme none null nil undefined unset
"""
_OTHERS = """
    the our that in to of for with and some new old valid real actual own add set use later
    key keys token tokens secret secrets password credential credentials value string
    api access auth bearer sk pk proj prod dev demo test testing dummy fake
    openai anthropic claude gemini google azure bedrock aws mistral groq cohere watsonx vertex provider llm maas model
"""
_WORD = re.compile("|".join(sorted((_SAYING + _OTHERS).split(), key=len, reverse=True)))
_MADE_OF_WORDS = re.compile(rf"(?:[\W_]*(?:{_WORD.pattern}))+[\W_]*\Z")

# What is a credential's name, or says that there is none, when it is all there is.
_ALONE = re.compile(
    r"(?:test|dummy|fake|secret|password|credentials?|value|string|sk|(?:api|access|auth)?(?:keys?|tokens?))\Z"
)

# A sentence that asks for a credential, whatever provider or company it names: words, and no digit among them.
_NOUN = "(?:api ?)?(?:keys?|tokens?|secrets?|passwords?|credentials?|value)"
_ASKING = re.compile(
    rf"""(?:[a-z]{{2,6}}\ (?:[a-z]{{2,7}}\ )?(?:api[0-9]+\ |v[0-9]\ )?)?
    (?: (?:[a-z]+\ )*your\ [a-z\ ]+
      | my\ (?:[a-z]+\ )*{_NOUN}(?:\ here)?
      | (?:insert|enter|put|add|paste|fill|provide|replace|change|copy)
        \ (?:[a-z]+\ )*(?:{_NOUN}|here|me|this|it)(?:\ [a-z]+)*
      | (?:[a-z]+\ )*(?:placeholder|redacted|change\ ?me|replace\ ?me|replace\ this)(?:\ [a-z]+)* )\Z""",
    flags=re.VERBOSE,
)

# What stands for something: <key>, sk-..., sk-****abcd, $NAME, ${NAME}, $(NAME), %NAME%; and only x after a prefix.
_STANDS_FOR = re.compile(
    r"<[^<>]*>\Z | .*… | .*\*{4} | .*(?:\.{3}|\*{3})\Z | [A-Za-z-]+[-_](?:\.{3}|\*{3}) | [\W_]+\Z"
    r"| \$[A-Z_][A-Z0-9_]*\Z | \$\{[A-Za-z_]\w*\}\Z | \$\([A-Za-z_]\w*\)\Z | %[A-Za-z_]\w*%\Z"
    r"| (?i:(?:(?:[a-z]{2,8}|api[0-9]+|v[0-9])[-_])*x{3,}(?:[\W_]+x+)*[\W_]*)\Z | [A-Za-z]{0,8}[xX]{8,}\Z",
    flags=re.VERBOSE | re.DOTALL,
)
_LONGEST = 100


def is_placeholder(text: str) -> bool:
    """Whether a text stands for a credential, and is none. A weak one, such as C(dev-token), is one all the same."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return False
    if _STANDS_FOR.match(text):
        return True
    words = re.sub(r"[\W_]+", " ", text.lower()).strip()
    if _ALONE.match(words.replace(" ", "")):
        return True
    words = re.sub(r" ?[0-9]{1,3}\Z", "", words)
    is_saying = bool(_MADE_OF_WORDS.match(words)) and not set(_WORD.findall(words)).isdisjoint(_SAYING.split())
    return is_saying or bool(_ASKING.match(words))


def problem(text: str, is_file: bool = False) -> str | None:
    """Why a credential cannot work as it is, or None. C(is_file): it is no value of an HTTP header."""
    if not text.strip():
        return "is empty"
    if is_placeholder(text):
        return "is a placeholder, not a credential"
    if "{{" in text or "{%" in text:
        return "holds a template that was not filled in"
    if is_file:
        return None
    if text.endswith(("\n", "\r")):
        return "ends with a newline, with which every call fails; write it with printf or echo -n"
    if text != text.strip():
        return "starts or ends with white space"
    if re.match(r"(authorization\s*:\s*)?bearer\b[\s:]", text, re.IGNORECASE):
        return "begins with the word Bearer, which is added to it; give what follows"
    if re.match(r"(x-api-key|api-key|authorization)\s*:", text, re.IGNORECASE):
        return "begins with the name of an HTTP header; give its value alone"
    if len(text) > 1 and text[0] in "'\"`" and text[-1] == text[0]:
        return "is in quotes that are part of it; give it without them"
    if re.search(r"\s", text):
        return "holds white space"
    if not text.isascii() or not text.isprintable():
        return "holds characters that cannot be sent in an HTTP header"
    return None


def value_problem(value: str, is_file: bool = False) -> str | None:
    """Why C(value) cannot be a credential that reaches the provider as it is, or None.

    C(is_file): it is mounted as a file, so that white space and the server's own reading of an environment
    variable (it takes what looks like a number or a truth value for one, and does not start) do no harm.
    """
    if is_broken(value):
        return f"is {BROKEN}"
    found = problem(value, is_file)
    if found or is_file:
        return found
    if _is_guessed(value):
        return "consists of digits or reads as a number or truth value; the server would take it for one and not start"
    return None


def _is_guessed(value: str) -> bool:
    if value.lower() in ("true", "false"):
        return True
    for read in (int, float):
        try:
            read(value)
        except ValueError:
            continue
        return True
    return False
