# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the collection is, next to other ways to do the same: ``make bench``.

A measure is a module with ``run(rounds) -> list[Table]``, named in ``__main__.MEASURES``.
"""
