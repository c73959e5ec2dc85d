# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When it does not come up: what the user reads, for each cause that is recognised."""

from __future__ import annotations

from scenarios.harness import ANTHROPIC, OPENAI


def test_dead_provider_is_named(sandbox):
    sandbox.provider("POST", "/faults", {"provider": "anthropic", "fault": "refuse"})
    run = sandbox.play("deploy", [ANTHROPIC, OPENAI], wait_timeout=60)
    assert run.code != 0
    assert (
        "anthropic" in run.text and "no usable answer from its provider" in run.text and "api.anthropic.com" in run.text
    )


def test_hanging_provider_is_named(sandbox):
    sandbox.provider("POST", "/faults", {"provider": "openai", "fault": "hang"})
    run = sandbox.play("deploy", [OPENAI], wait_timeout=60)
    assert run.code != 0
    assert "openai" in run.text and "the server waits for its provider" in run.text


def test_image_that_cannot_be_pulled_is_named_at_once(sandbox):
    run = sandbox.play(
        "deploy", [{**OPENAI, "image": "docker.io/llamastack/distribution-starter:1.3.0"}], wait_timeout=120
    )
    assert run.code != 0
    assert "ImagePullBackOff" in run.text or "ErrImagePull" in run.text
    assert "docker.io/llamastack/distribution-starter:1.3.0" in run.text
