# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.polling import Attempt, gave_up_after, poll


class World:
    """A clock that only sleeping moves, attempts that each cost ``cost`` seconds, and what was reported."""

    def __init__(self, attempts, cost=0.0):
        self.now = 1000.0
        self.cost = cost
        self.attempts = iter(attempts)
        self.sleeps = []
        self.lines = []

    def attempt(self):
        self.now += self.cost
        return next(self.attempts)

    def sleep(self, seconds):
        self.sleeps.append(seconds)
        self.now += seconds

    def poll(self, timeout, **kwargs):
        return poll(
            self.attempt,
            clock=lambda: self.now,
            sleep=self.sleep,
            timeout=timeout,
            report=lambda text, elapsed: self.lines.append((round(elapsed), text)),
            **kwargs,
        )


def forever(progress="nothing yet"):
    return itertools.repeat(Attempt(progress=progress))


def test_done_at_first_look_neither_sleeps_nor_reports():
    world = World([Attempt(done=True, value=42)])
    result = world.poll(300)
    assert (result.done, result.timed_out, result.attempts, result.last.value) == (True, False, 1, 42)
    assert not world.sleeps and not world.lines


def test_the_pause_grows_up_to_the_maximum():
    world = World(forever())
    world.poll(100, growth=2)
    assert world.sleeps[:5] == [1, 2, 4, 5, 5]


def test_the_last_look_is_at_the_very_end_of_the_time():
    world = World(forever())
    result = world.poll(10, growth=2)
    assert sum(world.sleeps) == 10
    assert (result.timed_out, result.elapsed) == (True, 10)


def test_timeout_zero_looks_once():
    world = World(forever())
    result = world.poll(0)
    assert (result.attempts, result.timed_out, world.sleeps, world.lines) == (1, True, [], [])


def test_a_failure_that_waiting_cannot_cure_ends_the_wait():
    world = World([Attempt(progress="a"), Attempt(failed=True)])
    result = world.poll(300)
    assert (result.done, result.timed_out, result.attempts) == (False, False, 2)


def test_retry_after_is_honoured_when_it_is_longer_than_the_pause():
    world = World([Attempt(retry_after=30), Attempt(retry_after=0.1), Attempt(done=True)])
    world.poll(300)
    assert world.sleeps == [30, 1.25]


def test_retry_after_beyond_the_end_gives_up_without_sleeping():
    world = World([Attempt(retry_after=60)])
    result = world.poll(30)
    assert result.timed_out and not world.sleeps


def test_lines_only_when_the_text_changes_or_every_15_seconds():
    world = World([Attempt(progress=text) for text in "aab" + "c" * 8] + [Attempt(done=True, progress="c")])
    world.poll(300, min_interval=5)
    assert world.lines == [(0, "a"), (10, "b"), (15, "c"), (30, "c"), (45, "c")]


def test_slow_attempts_count_as_time():
    world = World(forever(), cost=20)
    assert world.poll(30).attempts == 2


@pytest.mark.parametrize(
    "timeout, text", [(0, "Gave up after 0 s and 1 attempt."), (1, "Gave up after 1 s and 2 attempts.")]
)
def test_gave_up_after(timeout, text):
    assert gave_up_after(World(forever()).poll(timeout)) == text


@pytest.mark.parametrize(
    ("attempts", "timeout", "told", "pending"),
    [
        ([Attempt(progress="x", retry_after=2.0)] * 99, 20.0, "Gave up after 20 s and 9 attempts. Not gone.", True),
        ([Attempt(progress="x", retry_after=2.0)], 0.0, "Not gone.", True),
        ([Attempt(failed=True, progress="x", retry_after=2.0)], 20.0, "Not gone.", False),
    ],
)
def test_a_module_fails_with_what_its_action_plugin_goes_on_with(attempts, timeout, told, pending):
    result = World(attempts).poll(timeout)
    failure = result.failure("Not gone.", timeout)
    assert failure == {"msg": told, "pending": pending, "progress": "x", "retry_after": 2.0}
    assert result.cost() == {"elapsed": round(result.elapsed, 1), "attempts": result.attempts}
