# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a text from being a credential that works: a provider's key, or somebody's token.

No message holds any part of it.
"""

from __future__ import annotations

import re

# The words that placeholders are made of. A text is one where nothing else is in it: a key may well contain some of them.
_WORDS = """
    the my your our this that here me in to of for with and real actual own some new old valid
    insert enter put add paste fill set provide replace change use
    key keys token tokens secret secrets password credential credentials value string
    api access auth bearer sk pk proj prod dev demo test testing example sample dummy fake
    placeholder redacted hidden masked removed todo tbd fixme none null nil undefined empty unset
    openai anthropic claude gemini google azure bedrock aws mistral groq cohere watsonx vertex
    provider llm maas model x
"""
_MADE_OF_WORDS = re.compile(rf"(?:[\W_]*(?:{'|'.join(sorted(_WORDS.split(), key=len, reverse=True))}))+[\W_]*\Z")

# What stands for something: <key>, sk-..., ****, $NAME, ${NAME}, $(NAME), %NAME%.
_STANDS_FOR = re.compile(
    r"<[^<>]*>\Z | .*\.{3} | .*… | .*\*{3} | [\W_]+\Z"
    r"| \$[A-Z_][A-Z0-9_]*\Z | \$\{[A-Za-z_]\w*\}\Z | \$\([A-Za-z_]\w*\)\Z | %[A-Za-z_]\w*%\Z",
    flags=re.VERBOSE | re.DOTALL,
)


def is_placeholder(text: str) -> bool:
    """Whether a text stands for a credential, and is none."""
    text = text.strip()
    # One letter for many, so that no text is read in more than one way.
    words = re.sub(r"x{2,}", "x", text.lower())
    return bool(text) and bool(_STANDS_FOR.match(text) or _MADE_OF_WORDS.match(words))


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
