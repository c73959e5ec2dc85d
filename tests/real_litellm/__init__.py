# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real LiteLLM on a real PostgreSQL, as test equipment: releases from PyPI, prisma's engine or a stand-in for it."""
