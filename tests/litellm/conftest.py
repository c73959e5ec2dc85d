# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The LiteLLM that tests of its content share: a start takes 20 s of processor, and eight are all that `make test` has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from real_litellm import gateway as equipment
from real_litellm.gateway import Gateway, LiteLLM


@pytest.fixture(scope="session")
def gateway() -> Iterator[Gateway]:
    """PostgreSQL and the far providers, on which a test starts what it cannot share: ``gateway.litellm(...)``."""
    with equipment.gateway() as started:
        yield started


@pytest.fixture(scope="session")
def litellm(gateway: Gateway) -> LiteLLM:
    """The newest release that can be had, for all tests: each makes names of its own, and leaves those of others alone."""
    return gateway.litellm()


@pytest.fixture(scope="session")
def old_gateway() -> Iterator[Gateway]:
    """The same for the release that LiteMaaS ships."""
    with equipment.gateway(equipment.releases.OLD) as started:
        yield started


@pytest.fixture(scope="session")
def old_litellm(old_gateway: Gateway) -> LiteLLM:
    return old_gateway.litellm()
