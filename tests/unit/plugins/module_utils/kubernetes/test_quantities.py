# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from decimal import Decimal

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import quantities


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("100m", "0.1"),
        ("1", 1),
        (1, 1),
        (0.5, "0.5"),
        ("1.5", "1.5"),
        ("512Mi", 512 * 2**20),
        ("2G", 2 * 10**9),
        ("1e3", 1000),
        ("0", 0),
    ],
)
def test_an_amount_is_a_number(value, number):
    assert quantities.is_quantity(value)
    assert quantities.parse(value) == Decimal(number)


@pytest.mark.parametrize("value", ["1 GB", "1.2.3", "-1", "", True, None, "12e345678901234567", "1KB"])
def test_what_is_no_amount_is_refused(value):
    assert not quantities.is_quantity(value)
    assert not quantities.same(value, value)
    with pytest.raises(ValueError, match="no quantity"):
        quantities.parse(value)


def test_the_same_amount_in_two_spellings():
    assert quantities.same("0.5", "500m")
    assert quantities.same("1Gi", "1024Mi")
    assert not quantities.same("1G", "1Gi")
