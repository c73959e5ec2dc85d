# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generations of MaaS by name. The interface is in C(generation_base.py), each generation in a file of its own."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.a import GenerationA
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.b1 import GenerationB1
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.b2 import GenerationB2
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Generation

_ALL: dict[str, Generation] = {
    generation.name: generation for generation in (GenerationA(), GenerationB1(), GenerationB2())
}

NAMES = tuple(_ALL)


def get(name: str) -> Generation:
    """The generation of this name, one of C(NAMES). Raises ValueError."""
    try:
        return _ALL[name]
    except KeyError:
        known = ", ".join(NAMES)
        raise ValueError(f"{name!r} is not a generation of MaaS that this collection knows ({known})") from None
