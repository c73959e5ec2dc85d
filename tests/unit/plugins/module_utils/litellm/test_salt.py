# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import salt


def report(scanned, legacy, already=0):
    table = {"scanned": scanned, "legacy": legacy, "already_v2": already}
    return {"report": {"locations": {"model_table": table, "credentials": {}}}}


@pytest.mark.parametrize(
    "document, state",
    [
        (report(16, 15), salt.RIGHT),
        (report(16, 0, 15), salt.RIGHT),
        (report(16, 0), salt.WRONG),
        # Models that were added after the salt key was changed can be read.
        (report(16, 3), salt.MIXED),
        (report(0, 0), salt.EMPTY),
        ({"status": "success"}, salt.UNKNOWN),
        ("no document", salt.UNKNOWN),
    ],
)
def test_what_litellm_reports_of_its_encryption(document, state):
    assert salt.judge(document).state == state
