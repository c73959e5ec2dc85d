# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment variables of a server whose change rolls its pods."""

from __future__ import annotations

CONFIG_REVISION = "LLAMASTACK_MAAS_CONFIG_REVISION"
CREDENTIALS_REVISION = "LLAMASTACK_MAAS_CREDENTIALS_REVISION"
