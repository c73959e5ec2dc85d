# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster without KServe, MaaS and Gateway API, with Routes of OpenShift, for all that is deployed there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sandbox import lifecycle


@pytest.fixture(scope="session")
def plain_cluster(tmp_path_factory):
    """Folder and state of the sandbox of SANDBOX_DIR, where that is one of generation none, or of one of our own."""
    given = os.environ.get("SANDBOX_DIR")
    folder = Path(given) if given else tmp_path_factory.mktemp("sandbox")
    already = (folder / "state.json").exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANDBOX_ROUTES", "1")
        state = lifecycle.up(folder, "none")
    yield folder, state
    if not already:
        lifecycle.down(folder)
