# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How backups are called: each by its time, in UTC."""

from __future__ import annotations

import re
import time

ID = re.compile(r"[0-9]{8}t[0-9]{6}z\Z")


def new_id(now: float) -> str:
    """The id of what is made now, in seconds since the epoch. It can be part of the name of an object."""
    return time.strftime("%Y%m%dt%H%M%Sz", time.gmtime(now))
