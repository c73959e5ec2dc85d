# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from bench import instances


def test_the_objects_are_those_of_a_deployment():
    found = instances.objects(2)
    assert [obj["kind"] for obj in found[:2]] == ["Secret", "Secret"]
    assert len(found) == 12
    assert list(instances.secret_data(found)) == ["llm/bench-000-credentials", "llm/bench-001-credentials"]
