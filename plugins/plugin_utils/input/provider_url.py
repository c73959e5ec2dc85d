# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the URL of a provider's API, as far as the URL itself shows it.

The server puts C(/models) and C(/chat/completions) behind it as it stands. Nothing of the URL is quoted but the name of
an endpoint: a path may hold what identifies an account, a query a key.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import unquote, urlsplit

_HOST = re.compile(r"[\w.-]+\Z|[0-9a-f:.]+(%\w+)?\Z", flags=re.IGNORECASE)
_VERSION = re.compile(r"v\d+\w*\Z", flags=re.IGNORECASE)
# Google's own API names what it does behind the model: models/gemini-2.5-flash:generateContent.
_METHOD = re.compile(r":\w+\Z")

# What people leave in who copy an example: {region}, <deployment>, ${PROJECT}, $PROJECT, :id, [name], three dots.
_PLACEHOLDER = re.compile(r"[<>{}\[\]|\\^`\"\u2026]|\$\w|/:|/\.+(/|\Z)")

# Paths of single calls, as people copy them from a page or a curl command. No API is below one of these, wherever it is.
_CALLS = (
    "audio/speech",
    "audio/transcriptions",
    "audio/translations",
    "chat/completions",
    "fine_tuning/jobs",
    "images/edits",
    "images/generations",
    "images/variations",
    "messages/batches",
    "messages/count_tokens",
)
# Nor below these, where a version stands somewhere before them; without one a service may have such a name.
_CALLS_OF_A_VERSION = ("completions", "embeddings", "moderations", "rerank", "responses")
# And these are calls right behind the version, but names of a tenant, a gateway or a project elsewhere.
_RIGHT_BEHIND_A_VERSION = frozenset("""
    assistants audio batches chat classify complete completion detokenize edits embed embedding files fine_tuning
    generate health images infer messages pooling realtime score text-to-speech threads tokenize uploads videos
    """.split())
# What a path may not end in, with a version or without one.
_ENDPOINTS = (
    *_CALLS,
    *_CALLS_OF_A_VERSION,
    "api/chat",
    "api/embed",
    "api/embeddings",
    "api/generate",
    "api/tags",
    "docs",
    "health",
    "messages",
    "openapi.json",
)
_LIST = "models"


def problems(url: str) -> list[str]:
    """What keeps C(url), a URL with a host, from being where any API is."""
    parts = urlsplit(url)
    found = []
    if "@" in parts.netloc:
        found.append("must not hold a user name or a password: everybody who may read the ConfigMap reads it")
    elif not _HOST.match(parts.hostname or ""):
        found.append("must name a host; this one holds characters that no name has, such as those of a placeholder")
    if "?" in url or "#" in url:
        found.append(
            "must end with the path: the server puts /chat/completions behind it, a query or fragment included"
        )
    path = _plain(parts.path)
    if _PLACEHOLDER.search(path) or re.search(r"\s", parts.path):
        found.append("must have a path that is complete; this one holds characters such as those of a placeholder")
    steps = _steps(path)
    last, inside = _endpoint(steps), _endpoint_inside(steps)
    if not last and inside and "/".join(["", *steps]).endswith(inside):
        last = inside
    if last:
        found.append(f"ends in {last}, the path of one call: the server adds that itself, so leave it out")
    elif inside:
        found.append(f"holds {inside}, the path of one call: the server adds that itself, so end before it")
    return found


def doubts(url: str, *, with_version: bool) -> list[str]:
    """What is unusual about a C(url) without problems; C(with_version): whether it is to hold the API's version."""
    path = _plain(urlsplit(url).path)
    steps = _steps(path)
    found = []
    if "//" in path:
        found.append("holds two slashes in a row, which most servers do not take for one")
    if steps[-1:] == [_LIST]:
        found.append(f"ends in /{_LIST}: the server asks for its list at …/{_LIST}/{_LIST} then")
    repeated = [step for step, after in zip(steps, steps[1:]) if step == after and _VERSION.match(step)]
    if repeated:
        found.append(f"holds /{repeated[0]} twice")
    if with_version and not any(_VERSION.match(step) for step in steps):
        found.append(
            "holds no version, such as /v1, which most servers have: chats go to …/chat/completions right behind it"
        )
    return found


def _plain(path: str) -> str:
    """The path as the provider's server reads it; some proxies undo a quotation, too."""
    for _each in range(3):
        path = unquote(path)
    return path


def _steps(path: str) -> list[str]:
    # What stands behind a semicolon, a question mark or a number sign does not make another path of it.
    return [step for step in (re.split(r"[;?#]", each)[0].strip().lower() for each in path.split("/")) if step]


def _endpoint_inside(steps: t.Sequence[str]) -> str | None:
    """The call that the path goes through, or None where it goes through none."""
    version = next((place for place, step in enumerate(steps) if _VERSION.match(step)), len(steps))
    for place in range(len(steps)):
        for call in _CALLS:
            if list(steps[place : place + call.count("/") + 1]) == call.split("/"):
                return f"/{call}"
        behind = place > 0 and _VERSION.match(steps[place - 1])
        if (place > version and steps[place] in _CALLS_OF_A_VERSION) or (
            behind and steps[place] in _RIGHT_BEHIND_A_VERSION
        ):
            return f"/{steps[place]}"
    return None


def _endpoint(steps: t.Sequence[str]) -> str | None:
    """The call that the path ends in, or None where it may be where an API is."""
    if not steps:
        return None
    if _METHOD.search(steps[-1]):
        return _METHOD.findall(steps[-1])[0]
    for endpoint in sorted(_ENDPOINTS, key=len, reverse=True):
        if list(steps[-1 - endpoint.count("/") :]) == endpoint.split("/"):
            return f"/{endpoint}"
    # Some services have their API itself below /models; behind a version it is the list, or one model of it.
    for length in (1, 2):
        before = steps[: len(steps) - length]
        if before and _VERSION.match(before[-1]) and steps[len(before)] == _LIST and not _VERSION.match(steps[-1]):
            return f"/{_LIST}"
    return None
