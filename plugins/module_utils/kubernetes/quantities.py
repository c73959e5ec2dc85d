# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Amounts of resources as Kubernetes writes them."""

from __future__ import annotations

import re
import typing as t
from decimal import Decimal

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:([eE][+-]?[0-9]{1,2})|([numkMGTPE]|[KMGTPE]i))?\Z")
_FACTORS = {
    **{suffix: Decimal(1000) ** power for suffix, power in zip("num", (-3, -2, -1))},
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("kMGTPE", start=1)},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", start=1)},
}


def parse(value: t.Any) -> Decimal:
    """An amount that is not negative, such as ``100m``, ``1.5Gi`` or ``1e3``, as a number. Raises ValueError."""
    match = _QUANTITY.match(str(value))
    if not match:
        raise ValueError(f"{value!r} is no quantity")
    number, exponent, suffix = match.groups()
    return Decimal(number + (exponent or "")) * _FACTORS.get(suffix, Decimal(1))


def is_quantity(value: t.Any) -> bool:
    """Whether a value is an amount; a truth value is none."""
    return bool(_QUANTITY.match(str(value)))


def same(one: t.Any, other: t.Any) -> bool:
    """Whether two values are the same amount, however each is written."""
    return is_quantity(one) and is_quantity(other) and parse(one) == parse(other)
