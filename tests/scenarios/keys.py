# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which key an instance of OpenAI has, and with which one OpenAI is asked."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator

from sandbox import provider_keys
from scenarios.harness import Sandbox
from scenarios.users import HELLO, user

#: The imitation of OpenAI does not know it.
WRONG = {"OPENAI_API_KEY": provider_keys.draw()}
#: Where the key before is kept as long as a rotation lasts.
KEPT = "openai-credentials-before-rotation"


@contextlib.contextmanager
def repeating(sandbox: Sandbox, spelling: str) -> Iterator[None]:
    """For the time of a ``with`` block, OpenAI repeats the key that it refuses."""
    sandbox.provider("POST", "/echo", {"provider": "openai", "as": spelling})
    try:
        yield
    finally:
        sandbox.provider("POST", "/echo", {"provider": "openai", "as": None})


def shown(sandbox: Sandbox, text: str) -> list[str]:
    """What a text shows of the providers' keys, in any spelling."""
    return provider_keys.shown(text, *sandbox.keys.values(), *WRONG.values())


def key_in_use(sandbox: Sandbox) -> str:
    """The key in the Secret of instance ``openai``."""
    return base64.b64decode(sandbox.get("secret", "openai-credentials", "-n", "llm")["data"]["api_key"]).decode()


def answers(sandbox: Sandbox, instance: str = "openai") -> str:
    """The name of the key with which the provider was asked when a user asked the instance."""
    sandbox.provider("DELETE", "/requests")
    alice = user(sandbox)
    alice.client(instance).chat.completions.create(
        model=alice.model(instance, f"{instance}/gpt-4o-mini"), messages=HELLO
    )
    (request,) = sandbox.provider("GET", "/requests?provider=openai&path=/v1/chat/completions")["requests"]
    return request["key"]
