# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox that the scenarios share."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from sandbox import lifecycle, reset
from scenarios import rights
from scenarios.harness import Sandbox

# pytest takes down what its fixtures made when it is interrupted, not when it is terminated, as a cancelled job is.
signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(config, items):
    """``make test`` leaves to ``make test-long`` what takes long, and on older generations what differs by none."""
    if os.environ.get("LONG"):
        return
    marks = ["long"] if os.environ.get("GENERATION", "b2") == "b2" else ["long", "once"]
    left = [item for item in items if any(item.get_closest_marker(mark) for mark in marks)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory):
    """The sandbox of SANDBOX_DIR, or one of our own for the session."""
    given = os.environ.get("SANDBOX_DIR")
    folder = Path(given) if given else tmp_path_factory.mktemp("sandbox")
    already = (folder / "state.json").exists()
    state = lifecycle.up(folder, os.environ.get("GENERATION", "b2"))
    yield folder, state
    if not already:
        lifecycle.down(folder)


def fresh(running_sandbox, scratch: Path) -> Sandbox:
    """The sandbox as it was when it started."""
    folder, state = running_sandbox
    reset.run(folder)
    return Sandbox(folder, state, scratch)


@pytest.fixture
def sandbox(running_sandbox, tmp_path):
    """A sandbox as it was when it started, for one test."""
    return fresh(running_sandbox, tmp_path)


@pytest.fixture(scope="module")
def shared_sandbox(running_sandbox, tmp_path_factory):
    """A sandbox as it was when it started, for what the tests of a file deploy once and look at from several sides."""
    return fresh(running_sandbox, tmp_path_factory.mktemp("shared"))


@pytest.fixture
def people(sandbox):
    """People with the rights that docs/security.md says, in a sandbox as it was when it started."""
    with rights.people(sandbox) as found:
        yield found
