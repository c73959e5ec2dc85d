# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether LiteLLM can read what its database holds encrypted, which takes the salt key that it was written with.

With another one everything looks healthy, and the models are gone: LiteLLM takes what it cannot decrypt for text that was
never encrypted, and leaves those models out. Its own report on encryption counts what it takes for what.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import Outcome, failed, passed, skipped
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm, LitellmError

REPORT = "/credentials/migrate-encryption/check"

RIGHT = "right"
WRONG = "wrong"
MIXED = "mixed"
EMPTY = "empty"
UNKNOWN = "unknown"

REMEDY = (
    "Give LiteLLM the salt key that the database was written with: that of the installation, or of the backup, it comes"
    " from. Where there was none, it was the master key of that time. Do not write models before: they would be stored"
    " with the wrong one."
)

# Where what is stored is encrypted whenever it is there.
_LOCATIONS = ("model_table", "credentials")
# LiteLLM before 1.108 has no such report, and answers one of these for the path.
_NOT_SERVED = (404, 405)


class Found(t.NamedTuple):
    """C(state) is one of this module's constants, C(detail) says what was seen."""

    state: str
    detail: str


def read(admin: Litellm) -> Found:
    """What LiteLLM reports. Raises LitellmError where it cannot be asked."""
    try:
        return judge(admin.get(REPORT))
    except LitellmError as error:
        if error.status in _NOT_SERVED:
            return Found(UNKNOWN, "this version of LiteLLM does not report it")
        raise


def judge(document: t.Any) -> Found:
    """What the report says: what was written with this salt key counts as encrypted, all else as plain text."""
    report = document.get("report") if isinstance(document, dict) else None
    locations = report.get("locations") if isinstance(report, dict) else None
    if not isinstance(locations, dict):
        return Found(UNKNOWN, "its report on encryption has another form than is known")
    counts = [locations.get(name) or {} for name in _LOCATIONS]
    scanned = sum(int(each.get("scanned") or 0) for each in counts)
    readable = sum(int(each.get("legacy") or 0) + int(each.get("already_v2") or 0) for each in counts)
    seen = f"of {scanned} stored values, {readable} can be decrypted"
    if not scanned:
        return Found(EMPTY, "nothing encrypted is stored yet")
    if not readable:
        return Found(WRONG, seen)
    return Found(RIGHT if readable >= scanned - readable else MIXED, seen)


def outcome(found: Found) -> Outcome:
    """As a check."""
    if found.state in (WRONG, MIXED):
        return failed(f"the salt key is not the one that the database was written with: {found.detail}", REMEDY)
    if found.state == RIGHT:
        return passed(found.detail)
    return skipped(found.detail)
