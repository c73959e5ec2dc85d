#!/bin/sh
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The image's program of this name; see ../postgres.py.
exec "$SANDBOX_PYTHON" "$(dirname "$0")/../postgres.py" "$@"
