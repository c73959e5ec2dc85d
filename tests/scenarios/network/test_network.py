# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bad network, and runs that are killed. ``make test-long`` has more rounds and more kills: ``LONG=1``."""

from __future__ import annotations

import os
import re

import pytest
from sandbox import reset
from scenarios.harness import OPENAI
from scenarios.network.kills import killed
from scenarios.network.proxy import AT_ONCE, EVERY, WITHIN, Shaky
from scenarios.users import user

ROUNDS, KILLS = (10, 20) if os.environ.get("LONG") else (2, 4)
KEYS = "/maas-api/v1/api-keys"


@pytest.fixture(scope="module")
def deployed(shared_sandbox, networks):
    """An instance, and the requests to the API server that deploying it took."""
    run = shared_sandbox.play("deploy", [OPENAI], env=networks.environment)
    assert run.code == 0, run.output
    return networks.api.seen


def test_a_key_whose_answer_is_lost_is_not_left_over(shared_sandbox, deployed, network):
    losses = [WITHIN]
    network.maas.rule = lambda seen: losses.pop() if losses and (seen.method, seen.path) == ("POST", KEYS) else None
    run = shared_sandbox.play("validate", [OPENAI], env=network.environment)
    assert run.code == 0 and "and revoked: 1; another was asked for." in run.text, run.output
    made = [each for each in network.maas.seen if (each.method, each.path) == ("POST", KEYS)]
    assert [each.reset for each in made] == [WITHIN, None]
    assert user(shared_sandbox, "admin").active_keys() == []


def test_whatever_a_killed_run_leaves_the_next_one_completes(shared_sandbox, deployed, network):
    writes = [number for number, each in enumerate(deployed, 1) if each.method == "PATCH"]
    first, last = writes[0], writes[-1]
    for kill in range(KILLS):
        reset.run(shared_sandbox.folder)
        number = first + (last - first) * kill // (KILLS - 1)
        killed(
            network.api,
            lambda _seen, number=number: len(network.api.seen) == number,
            shared_sandbox.command("deploy", [OPENAI]),
            shared_sandbox.environment() | network.environment,
            shared_sandbox.scratch,
        )
        network.api.begin()
        run = shared_sandbox.play("deploy", [OPENAI], env=network.environment)
        assert run.code == 0, run.output
        run = shared_sandbox.play("deploy", [OPENAI], env=network.environment)
        assert (run.code, run.recap("changed")) == (0, 0), run.output


def test_rounds_through_a_bad_network_end_well(sandbox, network):
    network.api.rule, network.maas.rule = Shaky(), Shaky()
    other_key = {"OPENAI_API_KEY": sandbox.keys["OPENAI_API_KEY_2"]}
    said = ""
    for _round in range(ROUNDS):
        for verb, environment in (("deploy", {}), ("validate", {}), ("rotate", other_key), ("remove", {})):
            run = sandbox.play(verb, [OPENAI], env=network.environment | environment)
            assert (run.code, run.recap("failed")) == (0, 0), run.output
            said += run.text
        assert sandbox.ours() == {}
    seen = network.api.seen + network.maas.seen
    resets = [each for each in seen if each.reset]
    assert abs(len(resets) - len(seen) / EVERY) <= 3
    halves = [sum(each.reset == kind for each in resets) for kind in (AT_ONCE, WITHIN)]
    assert abs(halves[0] - halves[1]) <= 3
    assert sum(each.reset == WITHIN and each.writes for each in resets) >= 3
    assert any(each.reset for each in network.maas.seen)
    assert user(sandbox, "admin").active_keys() == []
    # Chats are asked for anew by whoever waits for them, so that nothing of MaaS has to be told.
    told = sum(
        int(number) for counts in re.findall(r"sent again: ([^.]+)\.", said) for number in re.findall(r"\d+", counts)
    )
    assert told >= 0.8 * sum(bool(each.reset) for each in network.api.seen)
