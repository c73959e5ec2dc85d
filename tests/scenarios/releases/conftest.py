# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sandboxes of other releases of KServe than the one that the other scenarios share."""

from __future__ import annotations

import pytest
from sandbox import lifecycle
from scenarios.harness import Sandbox


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """``platform(generation, **environment)``: a sandbox that is started with these variables and stopped in the end."""
    started = []

    def start(generation: str, **environment: str) -> Sandbox:
        started.append(tmp_path_factory.mktemp("sandbox"))
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            state = lifecycle.up(started[-1], generation)
        return Sandbox(started[-1], state, tmp_path_factory.mktemp("run"))

    yield start
    for folder in started:
        lifecycle.down(folder)
