# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the far providers say: OpenAI, Gemini, Anthropic and a vLLM-like OpenAI-compatible server, without any network.

Imitates the calls that OGX's adapters ``remote::openai``, ``remote::gemini`` and ``remote::anthropic`` (1.2 to 1.5)
make: the list of models, chat completions with and without stream, and, where the provider has them, completions and
embeddings; and of LiteLLM's, chats in Gemini's and Anthropic's own protocols. Answers, chunks and errors have the shapes
of the providers' public APIs, errors also their texts, as the providers' own clients print them in public bug reports.

Deviates: answers are deterministic and say which provider, key (by name) and model gave them; one word is one token;
few models, which every key may use; no rate limits unless a fault is set. Options that would change an answer (tools,
response formats, several choices, ...) are refused with NotImitated, never ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .anthropic import Anthropic
from .compatible import Compatible, Embeddings, OpenList, Reasoning
from .dialect import Answer, Call, NotImitated
from .gemini import Gemini
from .openai import OpenAI

__all__ = ["Answer", "Call", "NotImitated", "OpenAI", "all_providers"]


def all_providers(keys: Mapping[str, Iterable[str]]) -> dict[str, OpenAI]:
    """The providers by name, each with its keys.

    The first key of a provider is called like the provider, the next ``<provider>_2``, and so on. ``keyless`` is a
    ``compatible`` that asks for no key, and so do ``reasoning`` and ``vectors``; ``open`` lists its models to anybody.
    """
    providers = (
        OpenAI("openai", "api.openai.com", _named("openai", keys["openai"])),
        Gemini("gemini", "generativelanguage.googleapis.com", _named("gemini", keys["gemini"])),
        Anthropic("anthropic", "api.anthropic.com", _named("anthropic", keys["anthropic"])),
        Compatible("compatible", "llm.corp.example", _named("compatible", keys["compatible"])),
        Compatible("keyless", "keyless.corp.example", {}),
        OpenList("open", "open.corp.example", _named("open", keys["open"])),
        Reasoning("reasoning", "reasoning.corp.example", {}),
        Embeddings("vectors", "vectors.corp.example", {}),
    )
    return {provider.name: provider for provider in providers}


def _named(provider: str, keys: Iterable[str]) -> dict[str, str]:
    return {provider if number == 1 else f"{provider}_{number}": key for number, key in enumerate(keys, start=1)}
