# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A user of an instance who never stops asking."""

from __future__ import annotations

import threading
import time
from types import TracebackType

import openai
from scenarios.users import HELLO, User

PAUSE = 0.1


class Traffic:
    """For the time of a ``with`` block, asks by the official client, alternately whole and as a stream, and counts.

    ``answered``: how many requests succeeded; ``failures``: what the others ended with, and after how many seconds.
    """

    def __init__(self, caller: User, instance: str, own_id: str) -> None:
        self.answered = 0
        self.failures: list[str] = []
        self._client = caller.client(instance)
        self._model = caller.model(instance, own_id)
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(stream,)) for stream in (False, True)]

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, stream: bool) -> None:
        started = time.monotonic()
        while not self._ended.wait(PAUSE):
            try:
                answer = self._client.chat.completions.create(model=self._model, messages=HELLO, stream=stream)
                assert not stream or any(chunk.choices for chunk in answer)
                self.answered += 1
            except (openai.OpenAIError, AssertionError) as error:
                self.failures.append(f"after {time.monotonic() - started:.1f} s: {type(error).__name__}: {error}")
