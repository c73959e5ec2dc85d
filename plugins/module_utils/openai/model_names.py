# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ids of models say: whose models they are, which to call, what they are for. By names alone."""

from __future__ import annotations

import re
import typing as t

# How many models that may not be there are called to see whether they are.
_OTHERS_TO_ASK = 5

# Of models that nobody named, how many are called, and what the ids of those hold that are likely not to chat.
_MODELS_TO_ASK = 3
_NO_CHAT = re.compile(
    r"embed|rerank|whisper|tts|audio|speech|voice|transcri|realtime|live|dall-e|image|imagen|veo|video|sora|moderation|"
    r"guard|babbage|davinci|codex|deep-research|search|computer-use|aqa",
    flags=re.IGNORECASE,
)

_EMBEDDING_ID = re.compile(
    r"embed|(?:^|[/_.:-])(?:bge|gte|e5|minilm|sbert|m2-bert|voyage)(?:[-_.:/\d]|$)", flags=re.IGNORECASE
)


def model_prefix(instance: t.Mapping[str, t.Any]) -> str:
    """How an instance's own list begins the ids of its provider's models; an alias begins otherwise."""
    return f"{instance.get('model_prefix') or instance['name']}/"


def offered(instance: t.Mapping[str, t.Any], ids: t.Iterable[str]) -> list[str]:
    """Of the ids in an instance's own list, those of its provider's models."""
    return [each for each in ids if each.startswith(model_prefix(instance))]


def reported_by_provider(instance: t.Mapping[str, t.Any], ids: t.Iterable[str]) -> list[str]:
    """Of the ids in an instance's own list, the models that only its provider can have reported."""
    registered = instance.get("registered_ids") or ()
    return [each for each in offered(instance, ids) if each not in registered]


def models_to_ask(instance: t.Mapping[str, t.Any], ids: t.Iterable[str] = ()) -> list[str]:
    """The ids to call, one of which has to answer: the published model, else the first that the instance names and that
    is likely to chat, else some of those reported, the likeliest first.

    C(ids) are those in the instance's own list. Empty where no model is known.
    """
    named = [instance["published_model"]] if instance.get("published_model") else instance.get("models")
    if named:
        return [model_prefix(instance) + min(named, key=_calls_behind)]
    reported = reported_by_provider(instance, ids)
    return sorted(reported, key=lambda each: (_calls_behind(each), each))[:_MODELS_TO_ASK]


def _calls_behind(model: str) -> int:
    """By its name, how far a model is from one that can be called: it chats, it embeds, it does something else."""
    if looks_like_embeddings(model):
        return 1
    return 2 if _NO_CHAT.search(model) else 0


def others_to_ask(instance: t.Mapping[str, t.Any]) -> list[str]:
    """The ids of the models that C(models_to_ask) leaves out, as far as the input names them and they are registered."""
    if not instance.get("registered_ids"):
        return []
    asked = models_to_ask(instance)
    named = [model_prefix(instance) + each for each in instance.get("models") or []]
    return [each for each in named if each not in asked][:_OTHERS_TO_ASK]


def looks_like_embeddings(model: str) -> bool:
    """Whether a model's id says that it makes embeddings."""
    return bool(_EMBEDDING_ID.search(model)) and "rerank" not in model.lower()
